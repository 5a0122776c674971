/** Which vertices and terminals are neighbours of each vertex of a set on one side, once the others of the set are eliminated. */

import { population } from "../population.ts";
import type { Component } from "./component.ts";
import type { Side } from "./state.ts";

/** One side of a component, with room for the rows of a set. */
export class Reach {
  readonly #side: Side;
  readonly #words: number;
  readonly #setWords: number;
  readonly #lists: readonly (readonly number[])[];
  /** Neighbours by counted edges and by edges of pure structure; null if there are none of pure structure. */
  readonly #kinds: Pick<Component["sides"][Side], "counted" | "free"> | null;
  /** Neighbours as bit rows, and those by counted edges. */
  readonly #all: Int32Array;
  readonly #counted: Int32Array;
  /** For each vertex of the set what it reaches outside the set, and what by a counted path. */
  readonly #reached: Int32Array;
  readonly #reachedCounted: Int32Array;

  constructor(component: Component, side: Side) {
    const { columns, all, counted, free } = component.sides[side];
    const words = Math.ceil(columns / 32);
    const rows = (lists: readonly (readonly number[])[]) => {
      const bits = new Int32Array(component.size * words);
      lists.forEach((list, vertex) => {
        for (const other of list) {
          const word = vertex * words + (other >> 5);
          bits[word] = (bits[word] as number) | (1 << (other & 31));
        }
      });
      return bits;
    };
    this.#side = side;
    this.#words = words;
    this.#setWords = Math.ceil(component.size / 32);
    const inner = (lists: readonly (readonly number[])[]) =>
      lists.map((list) => list.filter((other) => other < component.size));
    this.#lists = inner(all);
    this.#kinds = free.some((list) => list.length > 0)
      ? { counted: inner(counted), free: inner(free) }
      : null;
    this.#all = rows(all);
    this.#counted = this.#kinds === null ? this.#all : rows(counted);
    this.#reached = new Int32Array(component.size * words);
    this.#reachedCounted = this.#kinds === null ? this.#reached : new Int32Array(component.size * words);
  }

  /**
   * Computes the rows of all vertices of a set.
   *
   * @param members the set's vertices, ascending
   * @param sets the set as bits, from `start`
   */
  compute(members: Int32Array, count: number, sets: Int32Array, start: number): void {
    for (let position = 0; position < count; position++) {
      const vertex = members[this.#side === 0 ? position : count - 1 - position] as number;
      this.#outside(this.#all, vertex, this.#reached, sets, start);
      this.#join(this.#lists[vertex] as readonly number[], vertex, this.#reached, this.#reached, sets, start);
      if (this.#kinds === null) continue;
      this.#outside(this.#counted, vertex, this.#reachedCounted, sets, start);
      this.#join(
        this.#kinds.counted[vertex] as readonly number[],
        vertex,
        this.#reachedCounted,
        this.#reached,
        sets,
        start,
      );
      this.#join(
        this.#kinds.free[vertex] as readonly number[],
        vertex,
        this.#reachedCounted,
        this.#reachedCounted,
        sets,
        start,
      );
    }
  }

  /** How many counted edges a vertex of the set has on this side once the others are eliminated. */
  degree(vertex: number): number {
    let degree = 0;
    for (let word = vertex * this.#words; word < (vertex + 1) * this.#words; word++)
      degree += population(this.#reachedCounted[word] as number);
    return degree;
  }

  /** The neighbours outside the set. */
  #outside(rows: Int32Array, vertex: number, into: Int32Array, sets: Int32Array, start: number): void {
    const row = vertex * this.#words;
    for (let word = 0; word < this.#words; word++)
      into[row + word] =
        (rows[row + word] as number) & (word < this.#setWords ? ~(sets[start + word] as number) : -1);
  }

  /** Joins the rows of the neighbours inside the set. */
  #join(
    list: readonly number[],
    vertex: number,
    into: Int32Array,
    from: Int32Array,
    sets: Int32Array,
    start: number,
  ): void {
    const words = this.#words;
    const row = vertex * words;
    for (let index = 0; index < list.length; index++) {
      const other = list[index] as number;
      if ((((sets[start + (other >> 5)] as number) >> (other & 31)) & 1) === 0) continue;
      for (let word = 0; word < words; word++)
        into[row + word] = (into[row + word] as number) | (from[other * words + word] as number);
    }
  }
}

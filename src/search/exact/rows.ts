/** One side of the graph that a set of vertices is in while all others are permanent: for each vertex its neighbours on that side, as bit rows. */

import { population } from "../population.ts";
import type { Component } from "./component.ts";
import type { Side } from "./state.ts";
import { bitOf } from "./subsets.ts";

/** The rows of one side; vertices are restored before they are used, and eliminated by `pass` on both sides. */
export class SideRows {
  /** Words of a row: columns are the vertices, then the terminals. */
  readonly words: number;
  /** For each vertex of the set its neighbours, and those by counted edges; the same rows if the component has no pure structure on this side. */
  readonly all: Int32Array;
  readonly counted: Int32Array;
  /** The vertices of the set that are not eliminated, as a set. */
  readonly #open: Int32Array;
  readonly #lists: readonly (readonly number[])[];
  readonly #allBefore: Int32Array;
  readonly #countedBefore: Int32Array;
  /** For each vertex what of its list has changed: nothing, something, or nothing since it was listed anew. */
  readonly #change: Uint8Array;
  readonly #listed: readonly number[][];
  /** For each vertex the terminals and permanent vertices that reach it once the others of the set are eliminated: all, and by a counted path. */
  readonly #reached: Int32Array;
  readonly #reachedCounted: Int32Array;

  /** @param open kept by the owner */
  constructor(component: Component, side: Side, open: Int32Array) {
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
    const isPlain = free.every((list) => list.length === 0);
    this.words = words;
    this.#open = open;
    this.#lists = all;
    this.#allBefore = rows(all);
    this.#countedBefore = isPlain ? this.#allBefore : rows(counted);
    this.all = this.#allBefore.slice();
    this.counted = isPlain ? this.all : this.#countedBefore.slice();
    this.#change = new Uint8Array(component.size);
    this.#listed = Array.from({ length: component.size }, () => []);
    this.#reached = new Int32Array(component.size * words);
    this.#reachedCounted = isPlain ? this.#reached : new Int32Array(component.size * words);
  }

  /** Makes a vertex what it is while nothing is eliminated. */
  restore(vertex: number): void {
    this.#change[vertex] = 0;
    const end = (vertex + 1) * this.words;
    for (let word = end - this.words; word < end; word++) this.all[word] = this.#allBefore[word] as number;
    if (this.counted === this.all) return;
    for (let word = end - this.words; word < end; word++)
      this.counted[word] = this.#countedBefore[word] as number;
  }

  /** How many counted edges a vertex has. */
  degree(vertex: number): number {
    return populationOf(this.counted, vertex, this.words);
  }

  /** The neighbours of a vertex. Valid until the next change. */
  list(vertex: number): readonly number[] {
    if (this.#change[vertex] === 0) return this.#lists[vertex] as readonly number[];
    const list = this.#listed[vertex] as number[];
    if (this.#change[vertex] === 1) {
      list.length = 0;
      this.pushTo(list, this.all, vertex);
      this.#change[vertex] = 2;
    }
    return list;
  }

  /** Adds the columns of a row to a list. */
  pushTo(list: number[], rows: Int32Array, vertex: number): void {
    for (let word = 0; word < this.words; word++)
      for (let bits = rows[vertex * this.words + word] as number; bits !== 0; bits &= bits - 1)
        list.push((word << 5) + bitOf(bits & -bits));
  }

  /** Gives the neighbours of a vertex that is eliminated to the one behind it. */
  pass(vertex: number, next: number, isCounted: boolean): void {
    const { words, all, counted } = this;
    this.#change[next] = 1;
    const [from, to] = [vertex * words, next * words];
    const passed = isCounted ? all : counted;
    if (counted !== all)
      for (let word = 0; word < words; word++)
        counted[to + word] = (counted[to + word] as number) | (passed[from + word] as number);
    for (let word = 0; word < words; word++)
      all[to + word] = (all[to + word] as number) | (all[from + word] as number);
    const [word, bit] = [to + (vertex >> 5), 1 << (vertex & 31)];
    all[word] = (all[word] as number) & ~bit;
    counted[word] = (counted[word] as number) & ~bit;
  }

  /** Finds what reaches a vertex once all others are eliminated, which must have been done for its neighbours. */
  reach(vertex: number): void {
    this.#collect(this.all, this.#reached, this.#reached, vertex);
    if (this.counted !== this.all) this.#collect(this.counted, this.#reachedCounted, this.#reached, vertex);
  }

  /** Of one kind: the neighbours outside the set, and what reaches those inside. */
  #collect(rows: Int32Array, into: Int32Array, from: Int32Array, vertex: number): void {
    const { words } = this;
    const open = this.#open;
    const row = vertex * words;
    for (let word = 0; word < words; word++)
      into[row + word] = (rows[row + word] as number) & ~(word < open.length ? (open[word] as number) : 0);
    for (let word = 0; word < open.length; word++) {
      const inside = (this.all[row + word] as number) & (open[word] as number);
      for (let bits = inside; bits !== 0; bits &= bits - 1) {
        const bit = bits & -bits;
        // What comes by an edge of pure structure is as it was before it.
        const source = ((rows[row + word] as number) & bit) !== 0 ? from : into;
        const other = ((word << 5) + bitOf(bit)) * words;
        for (let k = 0; k < words; k++)
          into[row + k] = (into[row + k] as number) | (source[other + k] as number);
      }
    }
  }

  /** How many counted edges a vertex has once all others are eliminated, after `reach`. */
  reachedDegree(vertex: number): number {
    return populationOf(this.#reachedCounted, vertex, this.words);
  }
}

function populationOf(rows: Int32Array, vertex: number, words: number): number {
  let count = 0;
  for (let word = vertex * words; word < (vertex + 1) * words; word++)
    count += population(rows[word] as number);
  return count;
}

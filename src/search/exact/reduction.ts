/**
 * Safe eliminations within the exact search: what a set of vertices comes down to while all others are permanent.
 *
 * Permanent vertices are inputs to those behind them and outputs to those before them, so the rule of `safe.ts` holds within the set C, and the more vertices
 * are permanent the more are safe: with six permanent, half of the others, in random programs. With E eliminated first at the cost of paid(E), the rest falls
 * into parts S without edges between them. Let E(S) be those of E that are joined to S by eliminated vertices. What is not joined changes nothing for S + E(S),
 * and E(S) is safe there too, at the same cost. So for the least costs f of sets
 *   f(C) = paid(E) + sum over the parts of f(S + E(S)) - paid(E(S)),
 * and if there is one part and E(S) is all of E, some optimal order of C eliminates one of S last.
 */

import { population } from "../population.ts";
import { add, flood, list, remove } from "./bitSets.ts";
import type { Component } from "./component.ts";
import { DisjointPaths } from "./flow.ts";
import { SideRows } from "./rows.ts";
import { opposite, SIDES, type Side } from "./state.ts";
import { bitOf } from "./subsets.ts";

/** Reduces the sets of one component, one after the other; keeps its working memory. */
export class Reduction {
  /** The vertices of the set that are left, ascending. */
  readonly left: Int32Array;
  leftCount = 0;
  /** The vertices that are eliminated, in order. */
  readonly gone: Int32Array;
  goneCount = 0;
  /** By how much the cost of the set exceeds that of the parts together. */
  excess = 0;
  readonly #words: number;
  readonly #sides: readonly [SideRows, SideRows];
  /** The vertices that are left, as a set; and for flows. */
  readonly #open: Int32Array;
  readonly #isOpen: Uint8Array;
  /** The vertices that are to be looked at. */
  readonly #due: Int32Array;
  readonly #paid: Int32Array;
  readonly #paths: DisjointPaths;
  readonly #neighbours: readonly [(node: number) => readonly number[], (node: number) => readonly number[]];
  /** Neighbours on both sides in the component as it is. */
  readonly #before: readonly [Adjacency];
  readonly #rest: Int32Array;
  readonly #stack: Int32Array;

  constructor(component: Component, before: Adjacency) {
    const { size, sides } = component;
    this.#words = before.words;
    this.#before = [before];
    this.left = new Int32Array(size);
    this.gone = new Int32Array(size);
    this.#open = new Int32Array(this.#words);
    const [incoming, outgoing] = [
      new SideRows(component, 0, this.#open),
      new SideRows(component, 1, this.#open),
    ];
    this.#sides = [incoming, outgoing];
    const columns = Math.max(sides[0].columns, sides[1].columns);
    this.#isOpen = new Uint8Array(columns);
    this.#due = new Int32Array(this.#words);
    this.#paid = new Int32Array(size);
    this.#paths = new DisjointPaths(columns);
    this.#neighbours = [(node) => incoming.list(node), (node) => outgoing.list(node)];
    this.#rest = new Int32Array(this.#words);
    this.#stack = new Int32Array(size);
  }

  /** Eliminates safely what may be eliminated safely of a set. */
  reduce(sets: Int32Array, start: number): void {
    const words = this.#words;
    this.#isOpen.fill(0);
    const count = list(sets, start, words, this.left);
    for (let position = 0; position < count; position++) {
      const vertex = this.left[position] as number;
      this.#isOpen[vertex] = 1;
      for (const side of SIDES) this.#sides[side].restore(vertex);
    }
    for (let word = 0; word < words; word++)
      this.#open[word] = this.#due[word] = sets[start + word] as number;
    this.goneCount = 0;
    this.excess = 0;
    for (let before = -1; before !== this.goneCount; ) {
      before = this.goneCount;
      for (let word = 0; word < words; word++) this.#lookAt(word);
    }
    this.leftCount = list(this.#open, 0, words, this.left);
  }

  /** Eliminates what may be eliminated of the vertices of a word that are due. */
  #lookAt(word: number): void {
    for (let bits = this.#due[word] as number; bits !== 0; bits &= bits - 1) {
      const vertex = (word << 5) + bitOf(bits & -bits);
      if (this.#isOpen[vertex] === 0) continue;
      if (this.#isReplaced(0, vertex) && this.#isReplaced(1, vertex)) {
        // If it is not tight, its cuts can grow by any elimination: it stays due.
        if (!this.#isTight(vertex)) continue;
        this.#eliminate(vertex);
      }
      remove(this.#due, 0, vertex);
    }
  }

  /** As in `safe.ts`. */
  #isReplaced(side: Side, vertex: number): boolean {
    const { words, all, counted } = this.#sides[opposite(side)];
    for (let word = 0; word < this.#words; word++) {
      const row = vertex * words + word;
      for (let bits = (all[row] as number) & (this.#open[word] as number); bits !== 0; bits &= bits - 1) {
        const bit = bits & -bits;
        const isCounted = ((counted[row] as number) & bit) !== 0;
        if (!this.#isReplacedWith(side, vertex, (word << 5) + bitOf(bit), isCounted)) return false;
      }
    }
    return true;
  }

  #isReplacedWith(side: Side, vertex: number, next: number, isCounted: boolean): boolean {
    const { words, all, counted } = this.#sides[side];
    const [from, to] = [vertex * words, next * words];
    let missing = 0;
    for (let word = 0; word < words; word++) {
      const sources = all[from + word] as number;
      const certain = counted[from + word] as number;
      const present = counted[to + word] as number;
      if (!isCounted && (certain & ~present) !== 0) return false;
      const absent = isCounted ? sources & ~present : sources & ~certain & ~(all[to + word] as number);
      if (absent === 0) continue;
      if (word < this.#words && (absent & (this.#open[word] as number)) !== 0) return false;
      missing += population(absent);
    }
    return missing <= 1;
  }

  #isTight(vertex: number): boolean {
    const [incoming, outgoing] = this.#sides;
    if (incoming.degree(vertex) === 0 || outgoing.degree(vertex) === 0) return true;
    return this.#isTightOn(0, vertex) && this.#isTightOn(1, vertex);
  }

  #isTightOn(side: Side, vertex: number): boolean {
    const rows = this.#sides[side];
    let inside = 0;
    for (let word = 0; word < this.#words; word++)
      inside |= (rows.counted[vertex * rows.words + word] as number) & (this.#open[word] as number);
    if (inside === 0) return true;
    const starts: number[] = [];
    rows.pushTo(starts, rows.counted, vertex);
    return this.#paths.count(starts, this.#neighbours[side], this.#isOpen) === starts.length;
  }

  #eliminate(vertex: number): void {
    const [incoming, outgoing] = this.#sides;
    const cost = incoming.degree(vertex) * outgoing.degree(vertex);
    this.#paid[vertex] = cost;
    this.excess += cost;
    this.gone[this.goneCount++] = vertex;
    this.#isOpen[vertex] = 0;
    remove(this.#open, 0, vertex);
    for (const side of SIDES) {
      const { words, all, counted } = this.#sides[opposite(side)];
      for (let word = 0; word < this.#words; word++) {
        const row = vertex * words + word;
        for (let bits = (all[row] as number) & (this.#open[word] as number); bits !== 0; bits &= bits - 1) {
          const bit = bits & -bits;
          this.#sides[side].pass(vertex, (word << 5) + bitOf(bit), ((counted[row] as number) & bit) !== 0);
        }
      }
    }
    for (const side of SIDES) this.#makeDue(this.#sides[side], vertex);
  }

  /** The neighbours of a vertex on a side, and theirs, are to be looked at again. */
  #makeDue({ words, all }: SideRows, vertex: number): void {
    for (let word = 0; word < this.#words; word++) {
      const near = (all[vertex * words + word] as number) & (this.#open[word] as number);
      this.#due[word] = (this.#due[word] as number) | near;
      for (let bits = near; bits !== 0; bits &= bits - 1)
        for (const rows of this.#sides) {
          const row = ((word << 5) + bitOf(bits & -bits)) * rows.words;
          for (let k = 0; k < this.#words; k++)
            this.#due[k] =
              (this.#due[k] as number) | ((rows.all[row + k] as number) & (this.#open[k] as number));
        }
    }
  }

  /**
   * Splits the set that was reduced into parts with those eliminated that are joined to them; returns how many.
   *
   * @param sets the set once more, from `start`
   * @param parts where the parts come, as sets one after the other
   */
  split(sets: Int32Array, start: number, parts: Int32Array): number {
    const words = this.#words;
    const rest = this.#rest;
    rest.set(this.#open);
    let count = 0;
    for (let index = 0; index < this.leftCount; index++) {
      const first = this.left[index] as number;
      if ((((rest[first >> 5] as number) >> (first & 31)) & 1) === 0) continue;
      const part = count++ * words;
      parts.fill(0, part, part + words);
      add(parts, part, first);
      remove(rest, 0, first);
      flood(parts, part, rest, this.#sides, this.#stack);
    }
    for (let part = 0; part < count; part++) {
      for (let word = 0; word < words; word++)
        rest[word] = (sets[start + word] as number) & ~(this.#open[word] as number);
      flood(parts, part * words, rest, this.#before, this.#stack);
      for (let index = 0; index < this.goneCount; index++) {
        const vertex = this.gone[index] as number;
        if ((((rest[vertex >> 5] as number) >> (vertex & 31)) & 1) === 0)
          this.excess -= this.#paid[vertex] as number;
      }
    }
    return count;
  }

  /** What each vertex that is left costs when it is last, at its place in `left`. */
  lastCosts(costs: Int32Array): void {
    const [incoming, outgoing] = this.#sides;
    for (let index = 0; index < this.leftCount; index++) incoming.reach(this.left[index] as number);
    for (let index = this.leftCount - 1; index >= 0; index--) outgoing.reach(this.left[index] as number);
    for (let index = 0; index < this.leftCount; index++) {
      const vertex = this.left[index] as number;
      costs[index] = incoming.reachedDegree(vertex) * outgoing.reachedDegree(vertex);
    }
  }
}

/** For each vertex of a component those that it is joined to on either side, as sets one after the other. */
export interface Adjacency {
  readonly all: Int32Array;
  /** Of a set. */
  readonly words: number;
}

export function adjacencyOf({ size, sides }: Component): Adjacency {
  const words = Math.ceil(size / 32);
  const all = new Int32Array(size * words);
  for (let vertex = 0; vertex < size; vertex++)
    for (const { all: lists } of sides)
      for (const other of lists[vertex] as readonly number[])
        if (other < size) add(all, vertex * words, other);
  return { all, words };
}

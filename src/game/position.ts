/**
 * A graph in the course of its elimination, with undo and with Menger's bounds kept up incrementally.
 *
 * The bound of a vertex on a side is the size of a smallest cut between it and the terminals (`search/exact/menger.ts`). By any elimination it can
 * only grow, and it stays what it is as long as no vertex of *some* smallest cut is eliminated. So each vertex keeps one such cut; an elimination
 * makes stale those alone that lose a vertex of theirs and where its neighbours can not take its place. Few do: most bounds are computed once.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { population } from "../search/population.ts";
import { BitGraph, type Side } from "./bitGraph.ts";
import { DisjointPaths } from "./disjointPaths.ts";

const SIDES = [0, 1] as const;

/** The position of a game; mutable, moved by `eliminate` and `undo` like a stack. */
export class Position extends BitGraph {
  /**
   * A block for each side and intermediate: the words of a smallest cut, and its size, or -1 - (a lower bound of it) where the cut is stale. Empty if bounds
   * are not kept up.
   */
  readonly #cuts: Int32Array;
  /** Whether bounds are kept up. */
  readonly bounded: boolean;
  /** For each side and intermediate how many terminals it reaches and which: no elimination changes that. Blocks, too. */
  readonly #reached: Int32Array;
  readonly #paths: DisjointPaths;
  /** For each changed block its old numbers and then its place, or -1 - place for a block of `#cuts`. */
  #log = new Int32Array(1024);
  #top = 0;
  /** The eliminated intermediates, in order, and the log's top before each. */
  readonly #eliminated: Int32Array;
  readonly #tops: Int32Array;
  /** What the eliminations up to each cost in `multiplications`, as running totals: entry d is the cost of the first d. */
  readonly #totals: Float64Array;
  #depth = 0;

  /** @param bounded whether bounds are kept up; `cut` and `bound` may be asked for only then, and only if the graph `isSupported` by them */
  constructor(graph: ComputationalGraph, bounded: boolean) {
    super(graph);
    this.bounded = bounded;
    this.#paths = new DisjointPaths(this.columns);
    this.#eliminated = new Int32Array(this.size);
    this.#tops = new Int32Array(this.size);
    this.#totals = new Float64Array(this.size + 1);
    this.#cuts = new Int32Array(bounded ? 2 * this.size * this.stride : 0);
    this.#reached = new Int32Array(this.#cuts.length);
    if (!bounded) return;
    this.#findReached();
    for (let block = 0; block < this.#cuts.length; block += this.stride) this.#cuts[block + this.words] = -1;
  }

  /** How many intermediates are eliminated. */
  get depth(): number {
    return this.#depth;
  }

  /** What the eliminations so far cost. */
  get total(): number {
    return this.#totals[this.#depth] as number;
  }

  override eliminate(index: number): number {
    const before = this.total;
    this.#tops[this.#depth] = this.#top;
    this.#eliminated[this.#depth++] = index;
    if (this.bounded) this.#lose(index);
    const cost = super.eliminate(index);
    this.#totals[this.#depth] = before + cost;
    return cost;
  }

  /** Takes back the last `count` eliminations. */
  undo(count: number): void {
    const { stride } = this;
    const log = this.#log;
    for (let left = count; left > 0; left--) {
      const depth = --this.#depth;
      this.flipOpen(this.#eliminated[depth] as number);
      const bottom = this.#tops[depth] as number;
      while (this.#top > bottom) {
        const place = log[--this.#top] as number;
        const blocks = place < 0 ? this.#cuts : this.blocks;
        const block = place < 0 ? -1 - place : place;
        this.#top -= stride;
        for (let word = 0; word < stride; word++) blocks[block + word] = log[this.#top + word] as number;
      }
    }
  }

  /** A lower bound on the counted edges of an open intermediate on a side, whenever it is eliminated: the size of a smallest cut. */
  cut(side: Side, index: number): number {
    const block = this.#cut(side, index);
    const size = this.#cuts[block + this.words] as number;
    return size >= 0 ? size : this.#renew(side, index, block, -1 - size);
  }

  /** A lower bound on the cost of an open intermediate, whenever it is eliminated. */
  bound(index: number): number {
    const incoming = this.cut(0, index);
    return incoming === 0 ? 0 : incoming * this.cut(1, index);
  }

  /** Whether an open intermediate has no more counted edges on a side than it will have whenever it is eliminated. */
  isTight(side: Side, index: number): boolean {
    const degree = this.degree(side, index);
    const size = this.#cuts[this.#cut(side, index) + this.words] as number;
    // A stale size still is a lower bound.
    return (size >= 0 ? size : -1 - size) === degree || (size < 0 && this.cut(side, index) === degree);
  }

  #cut(side: Side, index: number): number {
    return (side * this.size + index) * this.stride;
  }

  protected override changing(block: number): void {
    this.#save(this.blocks, block, block);
  }

  #save(blocks: Int32Array, block: number, place: number): void {
    const { stride } = this;
    if (this.#top + stride >= this.#log.length) {
      const longer = new Int32Array(2 * this.#log.length + stride);
      longer.set(this.#log);
      this.#log = longer;
    }
    const log = this.#log;
    let top = this.#top;
    for (let word = 0; word < stride; word++) log[top++] = blocks[block + word] as number;
    log[top++] = place;
    this.#top = top;
  }

  /** Before the root nothing is undone, so nothing is logged. */
  #saveCut(block: number): void {
    if (this.#depth > 0) this.#save(this.#cuts, block, -1 - block);
  }

  /** An intermediate is about to be eliminated: keeps up or makes stale the cuts that it belongs to. */
  #lose(index: number): void {
    const { words, stride } = this;
    const cuts = this.#cuts;
    const word = index >> 5;
    const bit = 1 << (index & 31);
    for (const side of SIDES) {
      const neighbours = this.all(side, index);
      const start = this.#cut(side, 0);
      const end = start + this.size * stride;
      for (let block = start, other = 0; block < end; block += stride, other++) {
        const size = cuts[block + words] as number;
        if (size < 0 || other === index) continue;
        if (((cuts[block + word] as number) & bit) === 0 && !this.#isNear(side, other, word, bit)) continue;
        if (!this.isOpen(other)) continue;
        this.#saveCut(block);
        if (this.structural || !this.#replace(block, word, bit, neighbours, size))
          cuts[block + words] = -1 - size;
      }
    }
  }

  /** Where edges of pure structure occur: a path that was not counted may become so by the elimination of a neighbour. */
  #isNear(side: Side, other: number, word: number, bit: number): boolean {
    return this.structural && ((this.blocks[this.all(side, other) + word] as number) & bit) !== 0;
  }

  /** Puts the neighbours of a lost vertex in its place, unless that makes the cut larger; whether it did. */
  #replace(block: number, word: number, bit: number, neighbours: number, size: number): boolean {
    const { words, blocks } = this;
    const cuts = this.#cuts;
    let count = 0;
    for (let k = 0; k < words; k++) {
      const bits = (cuts[block + k] as number) | (blocks[neighbours + k] as number);
      count += population(k === word ? bits & ~bit : bits);
    }
    if (count > size) return false;
    for (let k = 0; k < words; k++)
      cuts[block + k] = (cuts[block + k] as number) | (blocks[neighbours + k] as number);
    cuts[block + word] = (cuts[block + word] as number) & ~bit;
    return true;
  }

  /** Computes a stale cut anew, of which a lower bound is known. */
  #renew(side: Side, index: number, block: number, atLeast: number): number {
    const { words, blocks } = this;
    const cuts = this.#cuts;
    this.#saveCut(block);
    const degree = this.degree(side, index);
    const reached = this.#reached[block + words] as number;
    const most = Math.min(degree, reached);
    const size = atLeast === most ? most : this.#paths.count(this, side, index, most, cuts, block);
    if (size === most) {
      // All terminals that are reached are a cut that no elimination touches; else all neighbours are one.
      const from = reached === most ? this.#reached : blocks;
      const start = reached === most ? block : this.counted(side, index);
      for (let word = 0; word < words; word++) cuts[block + word] = from[start + word] as number;
    }
    cuts[block + words] = size;
    return size;
  }

  /** Joins what the neighbours reach, towards the terminals in program order on either side. */
  #findReached(): void {
    const { size, words, blocks } = this;
    const reached = this.#reached;
    const neighbours = new Int32Array(size);
    for (const side of SIDES)
      for (let step = 0; step < size; step++) {
        const index = side === 0 ? step : size - 1 - step;
        const own = this.#cut(side, index);
        const row = this.all(side, index);
        const count = this.listBits(blocks, row, neighbours);
        for (let word = 0; word < words; word++) {
          let bits = (blocks[row + word] as number) & (this.terminals[word] as number);
          for (let place = 0; place < count; place++)
            bits |= reached[this.#cut(side, neighbours[place] as number) + word] as number;
          reached[own + word] = bits;
          reached[own + words] = (reached[own + words] as number) + population(bits);
        }
      }
  }
}

/**
 * Partitions of a component into blocks whose bounds add up to much: simulated annealing on the bounds themselves.
 *
 * How the blocks are cut decides how good the bound is: for g, blocks of up to 15 vertices in program order give 319, annealed ones 399 (the optimum is 409). A
 * move takes a vertex to the block of one that is at most two edges away; if that is full, another of its vertices goes the other way.
 */

import type { Random } from "../../random.ts";
import type { BlockBounds } from "./blocks.ts";

/** Temperature at the start, in multiplications; it falls linearly to almost zero. Measured: 3 is better than 1 and 6 on RoeFlux_1d and g. */
const HOT = 3;
const COLD = 0.05;

/** What bounding a block costs beside its table, and what one costs that was bounded before, in table entries. */
const OVERHEAD = 2 ** 11;
const REMEMBERED = 2 ** 7;

/** One annealing; `step` it until `isOver`. */
export class PartitionSearch {
  /** The best partition met, and the sum of its blocks' bounds. */
  best: readonly (readonly number[])[];
  bound: number;
  readonly #bounds: BlockBounds;
  readonly #random: Random;
  readonly #capacity: number;
  readonly #work: number;
  #done = 0;
  /** Vertices at most two edges from each. */
  readonly #near: readonly (readonly number[])[];
  readonly #blockOf: Int32Array;
  readonly #blocks: (readonly number[])[];
  readonly #values: number[];
  #current: number;

  /**
   * @param capacity of a block
   * @param work how long to go on, in entries of tables (about 25 ns each)
   */
  constructor(bounds: BlockBounds, capacity: number, work: number, random: Random) {
    const { size, sides } = bounds.component;
    this.#bounds = bounds;
    this.#random = random;
    this.#capacity = capacity;
    this.#work = work;
    const adjacent = (vertex: number) =>
      sides.flatMap(({ all }) => all[vertex] ?? []).filter((other) => other < size);
    this.#near = Array.from({ length: size }, (_, vertex) => {
      const direct = adjacent(vertex);
      return [...direct, ...direct.flatMap(adjacent)].filter((other) => other !== vertex);
    });
    const count = Math.ceil(size / capacity);
    this.#blockOf = Int32Array.from({ length: size }, (_, vertex) => Math.floor((vertex * count) / size));
    const blocks: number[][] = Array.from({ length: count }, () => []);
    for (const [vertex, block] of this.#blockOf.entries()) blocks[block]?.push(vertex);
    this.#blocks = blocks;
    this.#values = this.#blocks.map((block) => this.#evaluate(block));
    this.#current = this.bound = this.#values.reduce((sum, value) => sum + value, 0);
    this.best = [...this.#blocks];
  }

  get isOver(): boolean {
    return this.#done >= this.#work || this.#blocks.length < 2;
  }

  /** Tries some moves, until so much more work is done. Returns how many were tried. */
  step(work: number): number {
    let moves = 0;
    for (const end = this.#done + work; this.#done < end && !this.isOver; ) moves += this.#move();
    return moves;
  }

  #evaluate(block: readonly number[]): number {
    let work = 0;
    const bound = this.#bounds.bound(block, (size) => {
      work += size;
    });
    this.#done += work + (work === 0 ? REMEMBERED : OVERHEAD);
    return bound;
  }

  #move(): number {
    const random = this.#random;
    const vertex = random.below(this.#blockOf.length);
    const near = this.#near[vertex] as readonly number[];
    const goal = near[random.below(near.length)];
    const from = this.#blockOf[vertex] as number;
    const to = goal === undefined ? from : (this.#blockOf[goal] as number);
    this.#done++;
    if (from === to) return 0;
    const target = this.#blocks[to] as readonly number[];
    const full = target.length >= this.#capacity;
    const others = full ? target.filter((other) => other !== goal) : [];
    const back = others[random.below(Math.max(1, others.length))];
    if (full && back === undefined) return 0;
    const without = (block: readonly number[], leaving?: number) =>
      block.filter((other) => other !== leaving);
    const joined = (block: readonly number[], coming?: number) =>
      coming === undefined ? [...block] : [...block, coming].sort((a, b) => a - b);
    const source = joined(without(this.#blocks[from] as readonly number[], vertex), back);
    const grown = joined(without(target, back), vertex);
    // What the two blocks must be worth for the move to be made; most are dismissed before they are bounded exactly.
    const temperature = HOT * Math.max(0, 1 - this.#done / this.#work) + COLD;
    const before = (this.#values[from] as number) + (this.#values[to] as number);
    const needed = before + temperature * Math.log(random.unit() + Number.EPSILON);
    const ceiling = this.#bounds.ceiling(grown);
    this.#done += 2 * OVERHEAD;
    if (ceiling + this.#bounds.ceiling(source) < needed) return 1;
    const sourceValue = this.#evaluate(source);
    if (ceiling + sourceValue < needed) return 1;
    const grownValue = this.#evaluate(grown);
    const change = sourceValue + grownValue - before;
    if (sourceValue + grownValue < needed) return 1;
    this.#blockOf[vertex] = to;
    if (back !== undefined) this.#blockOf[back] = from;
    this.#blocks[from] = source;
    this.#blocks[to] = grown;
    this.#values[from] = sourceValue;
    this.#values[to] = grownValue;
    this.#current += change;
    if (this.#current > this.bound) {
      this.bound = this.#current;
      this.best = [...this.#blocks];
    }
    return 1;
  }
}

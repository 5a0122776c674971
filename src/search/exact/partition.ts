/**
 * Partitions of a component into blocks whose bounds add up to much: simulated annealing on estimates of the bounds, which good orders of the blocks give (`blockOrder.ts`).
 * The best partitions are bounded.
 *
 * How the blocks are cut decides how good the bound is: for g, blocks of up to 15 vertices in program order give 319, annealed ones 399 (the optimum is 409). A
 * move takes a vertex to the block of one that is at most two edges away; if that is full, another of its vertices goes the other way.
 */

import type { Random } from "../../random.ts";
import type { BlockBounds, BlockEstimate } from "./blocks.ts";

/** Temperature at the start, in multiplications; it falls linearly to almost zero. Measured: 3 is better than 1 and 6 on RoeFlux_1d and g. */
const HOT = 4;
const COLD = 0.05;

/** What may be a block. */
export interface BlockLimits {
  /** Vertices of a block, at most `LARGEST_BLOCK`. */
  readonly capacity: number;
  /** Connected sets that bounding it may take. */
  readonly sets: number;
}

/** A block, ascending, with its bound. */
export interface BoundedBlock {
  readonly vertices: readonly number[];
  readonly bound: number;
}

/** A block, ascending, with what it seems to be worth. */
interface EstimatedBlock extends BlockEstimate {
  readonly vertices: readonly number[];
}

/** One annealing; `step` it until `isOver`. */
export class PartitionSearch {
  /** The best partition met, and the sum of its blocks' bounds. */
  best: readonly BoundedBlock[] = [];
  bound = -1;
  readonly #bounds: BlockBounds;
  readonly #random: Random;
  readonly #limits: BlockLimits;
  readonly #work: number;
  #done = 0;
  /** Vertices at most two edges from each. */
  readonly #near: readonly (readonly number[])[];
  readonly #blockOf: Int32Array;
  readonly #blocks: EstimatedBlock[];
  #current: number;
  /** The partition of the highest estimate, if it has not been bounded. */
  #promising: readonly EstimatedBlock[] | null = null;
  #highest: number;

  /**
   * @param work how long to go on, in units of `BlockBounds.work`
   */
  constructor(bounds: BlockBounds, limits: BlockLimits, work: number, random: Random) {
    const { size, sides } = bounds.component;
    this.#bounds = bounds;
    this.#random = random;
    this.#limits = limits;
    this.#work = work;
    const adjacent = (vertex: number) =>
      sides.flatMap(({ all }) => all[vertex] ?? []).filter((other) => other < size);
    this.#near = Array.from({ length: size }, (_, vertex) => {
      const direct = adjacent(vertex);
      return [...direct, ...direct.flatMap(adjacent)].filter((other) => other !== vertex);
    });
    this.#blocks = this.#merged(this.#halved(Array.from({ length: size }, (_, vertex) => vertex)));
    this.#blockOf = new Int32Array(size);
    this.#blocks.forEach(({ vertices }, block) => {
      for (const vertex of vertices) this.#blockOf[vertex] = block;
    });
    this.#current = this.#highest = this.#blocks.reduce((sum, { estimate }) => sum + estimate, 0);
    this.#promising = [...this.#blocks];
    this.#settle();
  }

  get isOver(): boolean {
    return this.#done >= this.#work || this.#blocks.length < 2;
  }

  /** Tries some moves, until so much more work is done. Returns how many were tried. */
  step(work: number): number {
    let moves = 0;
    for (const end = this.#done + work; this.#done < end && !this.isOver; ) moves += this.#move();
    this.#settle();
    return moves;
  }

  /** Bounds the most promising partition. */
  #settle(): void {
    if (this.#promising === null) return;
    const blocks = this.#promising.map(({ vertices }) => ({ vertices, bound: this.#bounds.bound(vertices) }));
    const bound = blocks.reduce((sum, block) => sum + block.bound, 0);
    this.#promising = null;
    if (bound > this.bound) [this.best, this.bound] = [blocks, bound];
  }

  #estimated(vertices: readonly number[], hint: readonly number[] = []): EstimatedBlock | null {
    const found = this.#bounds.estimate(vertices, hint, this.#limits.sets);
    return found && { vertices, ...found };
  }

  #halved(vertices: readonly number[]): EstimatedBlock[] {
    const whole = vertices.length <= this.#limits.capacity ? this.#estimated(vertices) : null;
    if (whole !== null) return [whole];
    const middle = vertices.length >> 1;
    return [...this.#halved(vertices.slice(0, middle)), ...this.#halved(vertices.slice(middle))];
  }

  /** Joins blocks while that is possible: together they are never bounded lower. */
  #merged(blocks: readonly EstimatedBlock[]): EstimatedBlock[] {
    const left = [...blocks].sort((a, b) => a.vertices.length - b.vertices.length);
    const merged: EstimatedBlock[] = [];
    for (let block = left.shift(); block !== undefined; block = left.shift()) {
      let joined: EstimatedBlock | null = null;
      for (const [index, other] of left.entries()) {
        const vertices = [...block.vertices, ...other.vertices].sort((a, b) => a - b);
        if (vertices.length > this.#limits.capacity) break;
        joined = this.#estimated(vertices);
        if (joined === null) continue;
        left.splice(index, 1);
        break;
      }
      if (joined === null) merged.push(block);
      else left.unshift(joined);
    }
    return merged;
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
    const [source, target] = [this.#blocks[from] as EstimatedBlock, this.#blocks[to] as EstimatedBlock];
    const full = target.vertices.length >= this.#limits.capacity;
    const others = full ? target.vertices.filter((other) => other !== goal) : [];
    const back = others[random.below(Math.max(1, others.length))];
    if (full && back === undefined) return 0;
    // What the two blocks must be worth for the move to be made.
    const temperature = HOT * Math.max(0, 1 - this.#done / this.#work) + COLD;
    const before = source.estimate + target.estimate;
    const needed = before + temperature * Math.log(random.unit() + Number.EPSILON);
    const work = this.#bounds.work;
    const exchange = this.#exchange(source, target, vertex, back, needed);
    this.#done += this.#bounds.work - work;
    if (exchange === null) return 1;
    const [shrunk, grown] = exchange;
    this.#blockOf[vertex] = to;
    if (back !== undefined) this.#blockOf[back] = from;
    this.#blocks[from] = shrunk;
    this.#blocks[to] = grown;
    this.#current += shrunk.estimate + grown.estimate - before;
    if (this.#current > this.#highest) {
      this.#highest = this.#current;
      this.#promising = [...this.#blocks];
    }
    return 1;
  }

  /** Two blocks after an exchange; null if one is beyond the limits, or together they seem worth less than `needed`. */
  #exchange(
    source: EstimatedBlock,
    target: EstimatedBlock,
    vertex: number,
    back: number | undefined,
    needed: number,
  ): readonly [EstimatedBlock, EstimatedBlock] | null {
    const grown = this.#estimated(membersAfter(target, back, vertex), orderAfter(target, back));
    if (grown === null) return null;
    const shrunk = this.#estimated(membersAfter(source, vertex, back), orderAfter(source, vertex));
    return shrunk === null || shrunk.estimate + grown.estimate < needed ? null : [shrunk, grown];
  }
}

/** The vertices of a block after one left and another came, ascending. */
function membersAfter(
  { vertices }: EstimatedBlock,
  leaving: number | undefined,
  coming: number | undefined,
): readonly number[] {
  const members = vertices.filter((other) => other !== leaving);
  return coming === undefined ? members : [...members, coming].sort((a, b) => a - b);
}

function orderAfter({ order }: EstimatedBlock, leaving: number | undefined): readonly number[] {
  return order.filter((other) => other !== leaving);
}

/**
 * Partitions of a component into blocks whose bounds add up to much: simulated annealing on the bounds themselves.
 *
 * How the blocks are cut decides how good the bound is: for g, blocks of up to 15 vertices in program order give 319, annealed ones 399 (the optimum is 409). A
 * move takes a vertex to the block of one that is at most two edges away; if that is full, another of its vertices goes the other way.
 */

import type { Random } from "../../random.ts";
import type { BlockBound, BlockBounds } from "./blocks.ts";

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
export interface BoundedBlock extends BlockBound {
  readonly vertices: readonly number[];
}

/** One annealing; `step` it until `isOver`. */
export class PartitionSearch {
  /** The best partition met, and the sum of its blocks' bounds. */
  best: readonly BoundedBlock[];
  bound: number;
  readonly #bounds: BlockBounds;
  readonly #random: Random;
  readonly #limits: BlockLimits;
  readonly #work: number;
  #done = 0;
  /** Vertices at most two edges from each. */
  readonly #near: readonly (readonly number[])[];
  readonly #blockOf: Int32Array;
  readonly #blocks: BoundedBlock[];
  #current: number;

  /**
   * @param work how long to go on, in units of `BlockBounds.work`
   * @param start blocks within the limits to begin with; by default the vertices in program order, halved until they are blocks
   */
  constructor(
    bounds: BlockBounds,
    limits: BlockLimits,
    work: number,
    random: Random,
    start?: readonly BoundedBlock[],
  ) {
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
    this.#blocks = this.#merged(start ?? this.#halved(Array.from({ length: size }, (_, vertex) => vertex)));
    this.#blockOf = new Int32Array(size);
    this.#blocks.forEach(({ vertices }, block) => {
      for (const vertex of vertices) this.#blockOf[vertex] = block;
    });
    this.#current = this.bound = this.#blocks.reduce((sum, { bound }) => sum + bound, 0);
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

  #bounded(vertices: readonly number[]): BoundedBlock | null {
    const found = this.#bounds.candidate(vertices, []).bounded(this.#limits.sets);
    return found && { vertices, ...found };
  }

  #halved(vertices: readonly number[]): BoundedBlock[] {
    const whole = vertices.length <= this.#limits.capacity ? this.#bounded(vertices) : null;
    if (whole !== null) return [whole];
    const middle = vertices.length >> 1;
    return [...this.#halved(vertices.slice(0, middle)), ...this.#halved(vertices.slice(middle))];
  }

  /** Joins blocks while that is possible: together they are never bounded lower. */
  #merged(blocks: readonly BoundedBlock[]): BoundedBlock[] {
    const left = [...blocks].sort((a, b) => a.vertices.length - b.vertices.length);
    const merged: BoundedBlock[] = [];
    for (let block = left.shift(); block !== undefined; block = left.shift()) {
      let joined: BoundedBlock | null = null;
      for (const [index, other] of left.entries()) {
        const vertices = [...block.vertices, ...other.vertices].sort((a, b) => a - b);
        if (vertices.length > this.#limits.capacity) break;
        joined = this.#bounded(vertices);
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
    const [source, target] = [this.#blocks[from] as BoundedBlock, this.#blocks[to] as BoundedBlock];
    const full = target.vertices.length >= this.#limits.capacity;
    const others = full ? target.vertices.filter((other) => other !== goal) : [];
    const back = others[random.below(Math.max(1, others.length))];
    if (full && back === undefined) return 0;
    // What the two blocks must be worth for the move to be made.
    const temperature = HOT * Math.max(0, 1 - this.#done / this.#work) + COLD;
    const before = source.bound + target.bound;
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
    this.#current += shrunk.bound + grown.bound - before;
    if (this.#current > this.bound) {
      this.bound = this.#current;
      this.best = [...this.#blocks];
    }
    return 1;
  }

  /** Two blocks after an exchange; null if one is beyond the limits, or together they are worth less than `needed`. */
  #exchange(
    source: BoundedBlock,
    target: BoundedBlock,
    vertex: number,
    back: number | undefined,
    needed: number,
  ): readonly [BoundedBlock, BoundedBlock] | null {
    const less = membersAfter(source, vertex, back);
    const more = membersAfter(target, back, vertex);
    const shrinking = this.#bounds.candidate(less, orderAfter(source, vertex));
    const growing = this.#bounds.candidate(more, orderAfter(target, back));
    if (shrinking.ceiling + growing.ceiling < needed) return null;
    const shrunk = shrinking.bounded(this.#limits.sets);
    if (shrunk === null || shrunk.bound + growing.ceiling < needed) return null;
    const grown = growing.bounded(this.#limits.sets);
    if (grown === null || shrunk.bound + grown.bound < needed) return null;
    return [
      { vertices: less, ...shrunk },
      { vertices: more, ...grown },
    ];
  }
}

/** The vertices of a block after one left and another came, ascending. */
function membersAfter(
  { vertices }: BoundedBlock,
  leaving: number | undefined,
  coming: number | undefined,
): readonly number[] {
  const members = vertices.filter((other) => other !== leaving);
  return coming === undefined ? members : [...members, coming].sort((a, b) => a - b);
}

function orderAfter({ order }: BoundedBlock, leaving: number | undefined): readonly number[] {
  return order.filter((other) => other !== leaving);
}

/**
 * Exact search by what is eliminated last.
 *
 * What v costs after the set E depends only on the connected component of E + v that has v (`state.ts`). So for a connected set C of vertices, all others
 * being permanent,
 *   f(C) = min over v in C of cost(v | C - v) + sum of f over the components of C - v,
 * v being eliminated last. f of the whole component is the optimum. What may be eliminated safely goes first (`reduction.ts`): then it need not be tried as the
 * last, and often the rest falls apart. The recursion is searched up to a limit, best candidates first, with a memo, bounded below by pattern
 * databases: whatever is interrupted leaves a valid lower bound behind in the memo, from which the search goes on.
 */

import { add, flood, list, remove } from "./bitSets.ts";
import type { Component } from "./component.ts";
import { Memo } from "./memo.ts";
import type { PatternDatabases } from "./patterns.ts";
import { type Adjacency, adjacencyOf, Reduction } from "./reduction.ts";

/** How far a candidate for the last vertex of a set is worked out. */
const GUESSED = 0;
const SPLIT = 1;
const EXACT = 2;

/** Working memory of one level of the recursion. */
interface Level {
  /** The candidates; the cost of each when it is last; lower bound of the set with it as the last. */
  readonly vertices: Int32Array;
  readonly costs: Int32Array;
  readonly bounds: Int32Array;
  readonly progress: Uint8Array;
  /** The components that remain when the candidate at hand goes, as sets; and bounds of what they cost. */
  readonly parts: Int32Array;
  readonly partBounds: Int32Array;
  readonly partSizes: Int32Array;
}

/** The search on one component. */
export class ComponentSearch {
  /** Sets that were expanded so far. */
  nodes = 0;
  /** Where the first bounds come from; may be replaced between runs. */
  patterns: PatternDatabases;
  readonly #size: number;
  readonly #words: number;
  readonly #memo: Memo;
  readonly #levels: Level[] = [];
  readonly #root: Int32Array;
  readonly #adjacent: readonly [Adjacency];
  readonly #reduction: Reduction;
  readonly #members: Int32Array;
  readonly #stack: Int32Array;
  readonly #rest: Int32Array;
  /** What each vertex costs while all others stay. */
  readonly #single: Int32Array;
  #nodeLimit = 0;
  #interrupted = false;

  /** @param bytes that the memo may take */
  constructor(component: Component, patterns: PatternDatabases, bytes: number) {
    const { size } = component;
    this.patterns = patterns;
    this.#size = size;
    this.#words = Math.ceil(size / 32);
    this.#memo = new Memo(this.#words, bytes);
    this.#root = new Int32Array(this.#words);
    for (let vertex = 0; vertex < size; vertex++) add(this.#root, 0, vertex);
    const adjacent = adjacencyOf(component);
    this.#adjacent = [adjacent];
    this.#reduction = new Reduction(component, adjacent);
    this.#members = new Int32Array(size);
    this.#stack = new Int32Array(size);
    this.#rest = new Int32Array(this.#words);
    this.#single = Int32Array.from(component.nodes, (_, vertex) =>
      component.sides.reduce((product, { counted }) => product * (counted[vertex]?.length ?? 0), 1),
    );
  }

  /** The best lower bound known of what the component costs; the cost itself if it has been solved. */
  get bound(): number {
    return this.#bound(this.#root, 0);
  }

  /** Whether `bound` is the optimum. */
  get isSolved(): boolean {
    const place = this.#memo.find(this.#root, 0);
    return place >= 0 && this.#memo.isExact(place);
  }

  /**
   * Searches on until the component is solved, its cost is known to exceed `limit`, or so many sets were expanded. Returns whether it came to an end.
   */
  run(limit: number, nodes: number): boolean {
    this.#nodeLimit = this.nodes + nodes;
    this.#interrupted = false;
    this.#solve(this.#root, 0, limit, 0);
    return !this.#interrupted;
  }

  /** An optimal order as indices, once the component is solved. */
  order(): number[] {
    const order: number[] = [];
    this.#nodeLimit = Infinity;
    this.#interrupted = false;
    this.#collect(this.#root, 0, order);
    return order;
  }

  #collect(sets: Int32Array, start: number, order: number[]): void {
    if (this.#memo.find(sets, start) < 0 || !this.#memo.isExact(this.#memo.find(sets, start)))
      this.#solve(sets, start, Infinity, 0);
    const last = this.#memo.last(this.#memo.find(sets, start));
    const parts = new Int32Array(this.#size * this.#words);
    if (last < this.#size) {
      const count = this.#split(sets, start, last, parts);
      for (let part = 0; part < count; part++) this.#collect(parts, part * this.#words, order);
      order.push(last);
      return;
    }
    this.#reduction.reduce(sets, start);
    const gone = new Set(this.#reduction.gone.subarray(0, this.#reduction.goneCount));
    const count = this.#reduction.split(sets, start, parts);
    order.push(...gone);
    for (let part = 0; part < count; part++) {
      const own: number[] = [];
      this.#collect(parts, part * this.#words, own);
      order.push(...own.filter((vertex) => !gone.has(vertex)));
    }
  }

  /** The lower bound of a set known without searching. */
  #bound(sets: Int32Array, start: number): number {
    const place = this.#memo.find(sets, start);
    if (place >= 0) return this.#memo.bound(place);
    return this.patterns.select(this.#members, list(sets, start, this.#words, this.#members));
  }

  /** The cost of a connected set if it is at most `limit`, else a lower bound above `limit`. When interrupted: a lower bound. */
  #solve(sets: Int32Array, start: number, limit: number, depth: number): number {
    const known = this.#memo.find(sets, start);
    const least = known >= 0 ? this.#memo.bound(known) : 0;
    if (known >= 0 && (this.#memo.isExact(known) || least > limit)) return least;
    if (this.nodes >= this.#nodeLimit) this.#interrupted = true;
    if (this.#interrupted) return least;
    this.nodes++;
    const level = this.#level(depth);
    const reduced = this.#reduce(sets, start, level);
    if (reduced >= 0) return this.#solveReduced(sets, start, reduced, least, limit, depth);
    const count = this.#expand(level, sets, start);
    const { vertices, costs, bounds, progress } = level;
    for (;;) {
      // The best candidate, a finished one among equals.
      let best = 0;
      for (let candidate = 1; candidate < count; candidate++) {
        const lead = (bounds[best] as number) - (bounds[candidate] as number);
        if (lead > 0 || (lead === 0 && (progress[candidate] as number) > (progress[best] as number)))
          best = candidate;
      }
      const bound = Math.max(bounds[best] as number, least);
      const isExact = progress[best] === EXACT;
      if (isExact || bound > limit || this.#interrupted) {
        this.#memo.store(sets, start, bound, isExact ? (vertices[best] as number) : -1);
        return bound;
      }
      const parts = this.#split(sets, start, vertices[best] as number, level.parts);
      const sum = (costs[best] as number) + this.#boundParts(level, parts);
      if (progress[best] === GUESSED) {
        progress[best] = SPLIT;
        if (sum > bound) {
          bounds[best] = sum;
          continue;
        }
      }
      const slack = limit - sum;
      const rise = this.#solveParts(level, parts, slack, depth + 1);
      bounds[best] = Math.max(sum + rise, bounds[best] as number);
      if (rise <= slack && !this.#interrupted) progress[best] = EXACT;
    }
  }

  /** Eliminates safely what may be of a set; returns into how many parts it falls, or -1 if it stays in one with all that was eliminated. */
  #reduce(sets: Int32Array, start: number, { parts }: Level): number {
    this.#reduction.reduce(sets, start);
    if (this.#reduction.goneCount === 0) return -1;
    const count = this.#reduction.split(sets, start, parts);
    if (count !== 1) return count;
    for (let word = 0; word < this.#words; word++) if (parts[word] !== sets[start + word]) return 1;
    return -1;
  }

  /** `#solve` for a set that safe eliminations have changed to parts. */
  #solveReduced(
    sets: Int32Array,
    start: number,
    parts: number,
    least: number,
    limit: number,
    depth: number,
  ): number {
    const level = this.#level(depth);
    const sum = this.#reduction.excess + this.#boundParts(level, parts);
    const slack = limit - sum;
    const rise = sum > limit ? 0 : this.#solveParts(level, parts, slack, depth + 1);
    const isExact = rise <= slack && !this.#interrupted;
    const bound = Math.max(sum + rise, least);
    this.#memo.store(sets, start, bound, isExact ? this.#size : -1);
    return bound;
  }

  /** Solves the parts of a level, as long as their costs exceed their bounds by at most `slack` together; returns by how much they do. */
  #solveParts(level: Level, parts: number, slack: number, depth: number): number {
    let rise = 0;
    for (let part = 0; part < parts && rise <= slack && !this.#interrupted; part++) {
      const bound = level.partBounds[part] as number;
      if (level.partSizes[part] === 1) continue;
      rise += this.#solve(level.parts, part * this.#words, bound + slack - rise, depth) - bound;
    }
    return rise;
  }

  /** Bounds the parts of a level, the larger ones behind the smaller; returns the sum. */
  #boundParts(level: Level, parts: number): number {
    let sum = 0;
    for (let part = 0; part < parts; part++) {
      const start = part * this.#words;
      const size = list(level.parts, start, this.#words, this.#members);
      const known = size === 1 ? -1 : this.#memo.find(level.parts, start);
      const bound =
        size === 1
          ? (this.#single[this.#members[0] as number] as number)
          : known >= 0
            ? this.#memo.bound(known)
            : this.patterns.select(this.#members, size);
      level.partBounds[part] = bound;
      level.partSizes[part] = size;
      sum += bound;
    }
    return sum;
  }

  /** The candidates for the last of the set that was reduced, with their costs and first bounds; returns how many. */
  #expand({ vertices, costs, bounds, progress }: Level, sets: Int32Array, start: number): number {
    const { left, leftCount } = this.#reduction;
    this.#reduction.lastCosts(costs);
    this.patterns.select(this.#members, list(sets, start, this.#words, this.#members));
    for (let candidate = 0; candidate < leftCount; candidate++) {
      const vertex = left[candidate] as number;
      vertices[candidate] = vertex;
      bounds[candidate] = (costs[candidate] as number) + this.patterns.without(vertex);
      progress[candidate] = GUESSED;
    }
    return leftCount;
  }

  /** The connected components of a set without one of its vertices, as sets one after the other; returns how many. */
  #split(sets: Int32Array, start: number, without: number, parts: Int32Array): number {
    const words = this.#words;
    const rest = this.#rest;
    for (let word = 0; word < words; word++) rest[word] = sets[start + word] as number;
    remove(rest, 0, without);
    let count = 0;
    for (let word = 0; word < words; word++)
      while (rest[word] !== 0) {
        const part = count++ * words;
        parts.fill(0, part, part + words);
        const first = (rest[word] as number) & -(rest[word] as number);
        parts[part + word] = first;
        rest[word] = (rest[word] as number) ^ first;
        flood(parts, part, rest, this.#adjacent, this.#stack);
      }
    return count;
  }

  #level(depth: number): Level {
    const size = this.#size;
    let level = this.#levels[depth];
    if (level === undefined) {
      level = {
        vertices: new Int32Array(size),
        costs: new Int32Array(size),
        bounds: new Int32Array(size),
        progress: new Uint8Array(size),
        parts: new Int32Array(size * this.#words),
        partBounds: new Int32Array(size),
        partSizes: new Int32Array(size),
      };
      this.#levels[depth] = level;
    }
    return level;
  }
}

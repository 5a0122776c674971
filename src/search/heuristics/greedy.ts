/** The frame of the greedy heuristics: eliminate, at each step, the vertex that a criterion likes best. */

import type { Engine } from "../engine.ts";
import type { Ties } from "../orders.ts";

/** By what a greedy heuristic chooses. */
export interface Criterion {
  /**
   * Whose scores an elimination changes: those of the neighbours and of their neighbours, or perhaps all. Only where costs are local; else it is
   * always all.
   */
  readonly reach: "near" | "all";
  /** How bad it is to eliminate this intermediate now; the least is eliminated. */
  score(index: number): number;
  /** Told of each elimination before it happens. */
  eliminating?(index: number): void;
}

/** The greedy order of a criterion, in quadratic time at best. Leaves the engine with all eliminated. */
export function greedyOrder(engine: Engine, criterion: Criterion, ties: Ties): Int32Array {
  const isNear = engine.local && criterion.reach === "near";
  const left = Array.from({ length: engine.size }, (_, index) => index);
  const order = new Int32Array(engine.size);
  const scores = new Float64Array(engine.size);
  const neighbours = new Int32Array(2 * engine.size);
  engine.restart();
  let changed: Iterable<number> = left;
  for (let position = 0; position < order.length; position++) {
    for (const index of changed) scores[index] = criterion.score(index);
    const index = leastOf(left, scores, ties);
    const touched = neighbours.slice(0, engine.neighbours(index, neighbours));
    criterion.eliminating?.(index);
    engine.eliminate(index);
    order[position] = index;
    left.splice(left.indexOf(index), 1);
    if (isNear) changed = withNeighbours(engine, touched, neighbours);
  }
  return order;
}

/** These and all that are adjacent to them. */
function withNeighbours(engine: Engine, indices: Int32Array, room: Int32Array): Set<number> {
  const found = new Set(indices);
  for (const index of indices)
    for (const other of room.subarray(0, engine.neighbours(index, room))) found.add(other);
  return found;
}

function leastOf(left: readonly number[], scores: Float64Array, ties: Ties): number {
  let least = Infinity;
  for (const index of left) least = Math.min(least, scores[index] as number);
  const tied = left.filter((index) => scores[index] === least);
  if (ties.ties === "random") return tied[ties.random.below(tied.length)] as number;
  return tied.at(ties.ties === "first" ? 0 : -1) as number;
}

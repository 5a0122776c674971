/** The frame of the greedy heuristics: eliminate, at each step, the vertex that a criterion likes best. */

import type { Engine } from "../engine.ts";
import type { Ties } from "../orders.ts";

/** By what a greedy heuristic chooses. */
export interface Criterion {
  /** How bad it is to eliminate this intermediate now; the least is eliminated. */
  score(index: number): number;
  /** Told of each elimination before it happens. */
  eliminating?(index: number): void;
}

/** The greedy order of a criterion. Scores every remaining vertex at every step, so quadratic at best. Leaves the engine with all eliminated. */
export function greedyOrder(engine: Engine, criterion: Criterion, ties: Ties): Int32Array {
  const left = Array.from({ length: engine.size }, (_, index) => index);
  const order = new Int32Array(engine.size);
  engine.restart();
  for (let position = 0; position < order.length; position++) {
    const scores = left.map((index) => criterion.score(index));
    const least = scores.reduce((a, b) => Math.min(a, b), Infinity);
    const tied = left.filter((_, place) => scores[place] === least);
    const index = chosen(tied, ties);
    criterion.eliminating?.(index);
    engine.eliminate(index);
    order[position] = index;
    left.splice(left.indexOf(index), 1);
  }
  return order;
}

function chosen(tied: readonly number[], ties: Ties): number {
  if (ties.ties === "random") return tied[ties.random.below(tied.length)] as number;
  return tied.at(ties.ties === "first" ? 0 : -1) as number;
}

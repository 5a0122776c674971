/** Markowitz with random ties, again and again. */

import type { EliminationOrder } from "../../graph/graph.ts";
import { createEngine, fromPublicOrder } from "../engine.ts";
import { markowitz } from "../orders.ts";
import { Pace } from "../pace.ts";
import type { Budget, Objective, Strategy } from "../strategy.ts";

/** An iteration is an order made. */
export interface RestartOptions {
  readonly objective: Objective;
  readonly budget: Budget;
}

/**
 * The best of many Markowitz orders with ties broken at random, for as long as the budget lasts (Griewank & Walther 2008, section 10.1, on how much ties decide).
 * The first two break them to the first and the last vertex.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export const markowitzRestarts: Strategy<RestartOptions> = async (graph, { objective, budget }, run) => {
  const pace = new Pace(budget, run);
  const engine = createEngine(graph, objective);
  let best: EliminationOrder = [];
  let least = Infinity;
  for (let tried = 0; tried < 2 || !pace.isOver(tried); tried++) {
    const ties = (["first", "last"] as const)[tried];
    const order = markowitz(graph, ties === undefined ? { ties: "random", random: run.random } : { ties });
    const cost = engine.cost(fromPublicOrder(graph, order));
    if (cost < least) {
      best = order;
      least = cost;
      run.onImprovement?.(order, cost);
    }
    if (engine.size < 2 || least === 0) break;
    if (pace.isDue()) await pace.breathe(tried + 1, least);
  }
  return best;
};

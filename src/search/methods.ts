/** The searches that can be asked for by name. */

import { InputError } from "../errors.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { type AutoOptions, type AutoResult, search } from "./auto.ts";
import { createEngine, fromPublicOrder } from "./engine.ts";
import { beamSearch } from "./heuristics/beam.ts";
import { lowestMarkowitzMinimalDamage, maximalMarkowitzReduction } from "./heuristics/damage.ts";
import { lowestFillIn } from "./heuristics/fillIn.ts";
import type { GreedyHeuristic } from "./heuristics/greedy.ts";
import { largeNeighbourhoodSearch } from "./heuristics/largeNeighbourhood.ts";
import { maximalPathLengthReduction } from "./heuristics/pathLength.ts";
import { lowestRelativeMarkowitz } from "./heuristics/relativeMarkowitz.ts";
import { markowitzRestarts } from "./heuristics/restarts.ts";
import { costsAtAnyScale } from "./large/costs.ts";
import { LARGE, searchLarge } from "./large/search.ts";
import { isSparseCountable } from "./large/windows.ts";
import type { MarkowitzOptions } from "./orders.ts";
import { Pace } from "./pace.ts";
import { portfolio } from "./portfolio.ts";
import type { Run, Strategy } from "./strategy.ts";

/** A search that can be asked for: it tells what it compares with, too. */
export type Search = (graph: ComputationalGraph, options: AutoOptions, run: Run) => Promise<AutoResult>;

/** The classical orders side by side, with no search after them; the named one is taken. */
function only(method: string): Search {
  return async (graph, { objective }, run) => {
    const options = { objective, budget: { iterations: 0 } };
    const {
      methods,
      history,
      skipped = [],
    } = intermediates(graph).length >= LARGE
      ? await searchLarge(graph, { ...options, wanted: method }, run)
      : await search(graph, options, run);
    const best = methods.find((result) => result.method === method);
    const left = skipped.find((result) => result.method === method);
    if (best === undefined) throw new InputError(`${method} was left out: ${left?.why ?? "unknown"}`);
    return { best, methods, history, bounds: [], skipped };
  };
}

/** A search with a name, from outside this table: what agents have learned, say. */
export interface NamedSearch {
  readonly name: string;
  readonly search: Search;
}

/** What a strategy beside the classical orders is told: the cheapest of them, too. */
export type BesideOptions = AutoOptions & { readonly start: EliminationOrder };

/**
 * A strategy beside the classical orders; its own order is taken, be it better or not.
 *
 * @param reach whether it takes scalar graphs of any size in `multiplications`
 */
export function beside(
  method: string,
  strategy: Strategy<BesideOptions>,
  reach: "small" | "any" = "small",
): Search {
  return async (graph, options, run) => {
    const { length } = intermediates(graph);
    const { objective } = options;
    const isLarge = length >= LARGE;
    if (isLarge && (reach === "small" || objective !== "multiplications" || !isSparseCountable(graph)))
      throw new InputError(
        `method ${method} is for graphs of less than ${LARGE} vertices to eliminate, ${graph.name} has ${length}; auto takes any size`,
      );
    const {
      best: { order: start },
      methods,
      history,
    } = await search(graph, { objective, budget: { iterations: 0 } }, run);
    const pace = new Pace(options.budget, run);
    const found = [...history];
    const improve = (order: EliminationOrder, cost: number) => {
      if (cost >= (found.at(-1)?.cost ?? Infinity)) return;
      found.push({ seconds: pace.seconds, cost, method });
      run.onImprovement?.(order, cost);
    };
    const order = await strategy(graph, { ...options, start }, { ...run, onImprovement: improve });
    const cost = isLarge
      ? costsAtAnyScale(graph, order).multiplications
      : createEngine(graph, objective).cost(fromPublicOrder(graph, order));
    improve(order, cost);
    const best = { method, order, cost, seconds: pace.seconds };
    return { best, methods: [...methods, best], history: found, bounds: [] };
  };
}

/** A greedy heuristic, ties to the last vertex: that is the better rule on nearly all tasks. */
function greedy(method: string, heuristic: GreedyHeuristic<MarkowitzOptions>): Search {
  return beside(method, (graph, { objective }, run) => heuristic(graph, { ties: "last", objective }, run));
}

/** `auto` is the portfolio; the others are its members and the heuristics of the literature. */
export const searches = {
  auto: portfolio,
  annealing: search,
  neighbourhoods: beside("neighbourhoods", largeNeighbourhoodSearch),
  beam: beside("beam", beamSearch),
  restarts: beside("restarts", markowitzRestarts),
  markowitz: only("markowitz"),
  "relative-markowitz": greedy("relative-markowitz", lowestRelativeMarkowitz),
  "fill-in": greedy("fill-in", lowestFillIn),
  lmmd: greedy("lmmd", lowestMarkowitzMinimalDamage),
  momr: greedy("momr", maximalMarkowitzReduction),
  moplr: greedy("moplr", maximalPathLengthReduction),
  forward: only("forward"),
  reverse: only("reverse"),
} as const satisfies { readonly [method: string]: Search };

/** Names of the searches. */
export type SearchMethod = keyof typeof searches;

/** The plain search: the classical orders and heuristics first, then annealing, of the whole order or by windows, from the best of them for the rest of the budget. */

import type { ComputationalGraph, Elimination, EliminationOrder } from "../graph/graph.ts";
import { intermediates } from "../graph/graph.ts";
import { isScalarGraph } from "../graph/operations.ts";
import type { Proof } from "./exact/index.ts";
import { LARGE, searchLarge } from "./large/search.ts";
import { runStages, type Standing, withDefault } from "./stages.ts";
import type { Budget, Objective, Run, Strategy } from "./strategy.ts";
import { searchOperationsByMultiplications } from "./structuredOperations.ts";

export interface AutoOptions {
  readonly objective: Objective;
  readonly budget: Budget;
  /** Where a search with the same graph, objective and seed stood: it goes on from there. Its budget must be no larger than this one. */
  readonly resume?: Standing;
  /** Called once, as soon as there is something to resume, with a function that says at any time where the search stands. */
  readonly onState?: (capture: () => Standing) => void;
}

/** What one method found: an order of vertices unless said otherwise. */
export interface MethodResult<Order extends Elimination = EliminationOrder> {
  readonly method: string;
  readonly order: Order;
  /** In the objective that was searched for. */
  readonly cost: number;
  /** Seconds that the method took. */
  readonly seconds: number;
}

/** A moment at which a better order was found. */
export interface HistoryPoint {
  /** Since the start of the search. */
  readonly seconds: number;
  readonly cost: number;
  readonly method: string;
}

/** A moment at which a higher lower bound was proved. */
export interface BoundPoint {
  /** Since the start of the search. */
  readonly seconds: number;
  readonly bound: number;
}

export interface AutoResult<Order extends Elimination = EliminationOrder> {
  /** A lower bound in the objective, if the search proved one. */
  readonly proof?: Pick<Proof, "lowerBound" | "evidence">;
  readonly best: MethodResult<Order>;
  /** In the order in which they ran: the classical orders and heuristics, then annealing or windows if there was anything to choose. */
  readonly methods: readonly MethodResult<Order>[];
  /** Falling costs, the first order included. */
  readonly history: readonly HistoryPoint[];
  /** Rising lower bounds. */
  readonly bounds: readonly BoundPoint[];
  /** What was left out on a large graph, if anything was. */
  readonly skipped?: readonly Skipped[];
}

/** A method that was left out or ended early, and why: it yields no order. */
export interface Skipped {
  readonly method: string;
  readonly why: string;
}

/** `search` for those who want the order only. */
export const auto: Strategy<AutoOptions> = async (graph, options, run) =>
  (await search(graph, options, run)).best.order;

/**
 * Runs the classical orders and heuristics and then anneals; tells what each method found and when. Graphs of `LARGE` intermediates and more are left to
 * `searchLarge`.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export async function search(graph: ComputationalGraph, options: AutoOptions, run: Run): Promise<AutoResult> {
  if (intermediates(graph).length >= LARGE)
    return options.objective === "operations" && !isScalarGraph(graph)
      ? searchOperationsByMultiplications(searchLarge, graph, options, run)
      : searchLarge(graph, options, run);
  const budget = withDefault(options.budget);
  return runStages(
    graph,
    [{ kind: "classical" }, { kind: "annealing", ...budget }],
    { ...options, budget },
    run,
  );
}

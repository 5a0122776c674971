/** The default search: the classical orders first, then annealing from the best of them for the rest of the budget. */

import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { isScalarGraph } from "../graph/operations.ts";
import { simulatedAnnealing } from "./annealing.ts";
import { createEngine, fromPublicOrder } from "./engine.ts";
import type { Proof } from "./exact/index.ts";
import { LARGE, searchLarge } from "./large/search.ts";
import { forward, markowitz, reverse } from "./orders.ts";
import { Pace } from "./pace.ts";
import type { Budget, Objective, Run, Strategy } from "./strategy.ts";
import { searchOperationsByMultiplications } from "./structuredOperations.ts";

export interface AutoOptions {
  readonly objective: Objective;
  readonly budget: Budget;
}

/** What one method found. */
export interface MethodResult {
  readonly method: string;
  readonly order: EliminationOrder;
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

export interface AutoResult {
  /** A lower bound in `multiplications`, if the search proved one. */
  readonly proof?: Proof;
  readonly best: MethodResult;
  /** In the order in which they ran: the classical orders, then annealing if there was anything to choose. */
  readonly methods: readonly MethodResult[];
  /** Falling costs, the first order included. */
  readonly history: readonly HistoryPoint[];
  /** What was left out on a large graph, if anything was. */
  readonly skipped?: readonly Skipped[];
}

/** A method that was left out or ended early, and why: it yields no order. */
export interface Skipped {
  readonly method: string;
  readonly why: string;
}

type Method = readonly [name: string, find: (graph: ComputationalGraph) => EliminationOrder];

const CLASSICAL: readonly Method[] = [
  ["forward", forward],
  ["reverse", reverse],
  ["markowitz", (graph) => markowitz(graph, { ties: "first" })],
  ["markowitz, last ties", (graph) => markowitz(graph, { ties: "last" })],
];

/** Counts all remaining vertices anew at each step, so only for graphs up to this size: about a second. */
const GREEDY_LIMIT = 1000;
const GREEDY: Method = [
  "fewest operations first",
  (graph) => markowitz(graph, { objective: "operations", ties: "last" }),
];

/** `search` for those who want the order only. */
export const auto: Strategy<AutoOptions> = async (graph, options, run) =>
  (await search(graph, options, run)).best.order;

/**
 * Runs the classical orders and then anneals; tells what each method found and when. Graphs of `LARGE` intermediates and more are left to
 * `searchLarge`.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export async function search(
  graph: ComputationalGraph,
  { objective, budget }: AutoOptions,
  run: Run,
): Promise<AutoResult> {
  if (intermediates(graph).length >= LARGE) return searchLarge(graph, { objective, budget }, run);
  if (objective === "operations" && !isScalarGraph(graph))
    return searchOperationsByMultiplications(search, graph, budget, run);
  const pace = new Pace(budget, run);
  const engine = createEngine(graph, objective);
  const methods: MethodResult[] = [];
  const history: HistoryPoint[] = [];
  let best: MethodResult | undefined;
  const improve = (method: string, order: EliminationOrder, cost: number): void => {
    if (cost >= (history.at(-1)?.cost ?? Infinity)) return;
    history.push({ seconds: pace.seconds, cost, method });
    run.onImprovement?.(order, cost);
  };
  const record = (result: MethodResult): MethodResult => {
    methods.push(result);
    improve(result.method, result.order, result.cost);
    return best === undefined || result.cost < best.cost ? result : best;
  };

  for (const [method, find] of objective === "operations" && engine.size <= GREEDY_LIMIT
    ? [...CLASSICAL, GREEDY]
    : CLASSICAL) {
    const before = pace.seconds;
    const order = find(graph);
    const cost = engine.cost(fromPublicOrder(graph, order));
    best = record({ method, order, cost, seconds: pace.seconds - before });
    if (pace.isDue()) await pace.breathe(0, best.cost);
  }
  if (best === undefined) throw new Error("no classical order");
  if (engine.size < 2 || best.cost === 0 || pace.isOver(0)) return { best, methods, history };

  const before = pace.seconds;
  const rest = budget.seconds === undefined ? budget : { ...budget, seconds: budget.seconds - before };
  const order = await simulatedAnnealing(
    graph,
    { objective, budget: rest, start: best.order },
    { ...run, onImprovement: (found, cost) => improve("annealing", found, cost) },
  );
  const cost = engine.cost(fromPublicOrder(graph, order));
  best = record({ method: "annealing", order, cost, seconds: pace.seconds - before });
  return { best, methods, history };
}

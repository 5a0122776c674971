/** The default search: the classical orders and heuristics first, then annealing, of the whole order or by windows, from the best of them for the rest of the budget. */

import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { isScalarGraph } from "../graph/operations.ts";
import { simulatedAnnealing } from "./annealing.ts";
import { createEngine, fromPublicOrder } from "./engine.ts";
import type { Proof } from "./exact/index.ts";
import { lowestMarkowitzMinimalDamage } from "./heuristics/damage.ts";
import { lowestFillIn } from "./heuristics/fillIn.ts";
import { LARGE, searchLarge } from "./large/search.ts";
import { isSparseCountable, windowSearch } from "./large/windows.ts";
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
  /** In the order in which they ran: the classical orders and heuristics, then annealing or windows if there was anything to choose. */
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

/**
 * The heuristics that begin better than Markowitz now and then (fill-in: RoeFlux_1d 306, an integrator of 1000 equations 3716 instead of 4287; LMMD: g 429, a
 * kinematic chain 2936 instead of 3348), for graphs up to a size at which they take a fraction of a second.
 */
const GREEDY_LIMIT = 1000;
const GREEDY: { readonly [objective in Objective]: readonly Method[] } = {
  multiplications: [
    ["fill-in", (graph) => lowestFillIn(graph, { ties: "last" })],
    ["lmmd", (graph) => lowestMarkowitzMinimalDamage(graph, { ties: "last" })],
  ],
  operations: [
    ["fewest operations first", (graph) => markowitz(graph, { objective: "operations", ties: "last" })],
    ["fill-in", (graph) => lowestFillIn(graph, { ties: "last" })],
  ],
};

/** From so many intermediates on, annealing by windows finds more in `multiplications` than annealing the whole order, which adds nothing after it. */
const WINDOWS_FROM = 200;

/** `search` for those who want the order only. */
export const auto: Strategy<AutoOptions> = async (graph, options, run) =>
  (await search(graph, options, run)).best.order;

/**
 * Runs the classical orders and heuristics and then anneals; tells what each method found and when. Graphs of `LARGE` intermediates and more are left to
 * `searchLarge`.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export async function search(
  graph: ComputationalGraph,
  { objective, budget }: AutoOptions,
  run: Run,
): Promise<AutoResult> {
  if (objective === "operations" && !isScalarGraph(graph))
    return searchOperationsByMultiplications(search, graph, budget, run);
  if (intermediates(graph).length >= LARGE) return searchLarge(graph, { objective, budget }, run);
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

  const starts = engine.size <= GREEDY_LIMIT ? [...CLASSICAL, ...GREEDY[objective]] : CLASSICAL;
  for (const [method, find] of starts) {
    const before = pace.seconds;
    const order = find(graph);
    const cost = engine.cost(fromPublicOrder(graph, order));
    best = record({ method, order, cost, seconds: pace.seconds - before });
    if (pace.isDue()) await pace.breathe(0, best.cost);
  }
  if (best === undefined) throw new Error("no classical order");
  if (engine.size < 2 || best.cost === 0 || pace.isOver(0)) return { best, methods, history };

  const windowed = objective === "multiplications" && engine.size >= WINDOWS_FROM && isSparseCountable(graph);
  const method = windowed ? "windows" : "annealing";
  const before = pace.seconds;
  const rest = budget.seconds === undefined ? budget : { ...budget, seconds: budget.seconds - before };
  const order = await (windowed ? windowSearch : simulatedAnnealing)(
    graph,
    { objective, budget: rest, start: best.order },
    { ...run, onImprovement: (found, cost) => improve(method, found, cost) },
  );
  const cost = engine.cost(fromPublicOrder(graph, order));
  best = record({ method, order, cost, seconds: pace.seconds - before });
  return { best, methods, history };
}

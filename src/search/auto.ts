/** The default search: the classical orders and heuristics first, then annealing, of the whole order or by windows, from the best of them for the rest of the budget. */

import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { isScalarGraph } from "../graph/operations.ts";
import { simulatedAnnealing } from "./annealing.ts";
import { createEngine, type Engine, fromPublicOrder } from "./engine.ts";
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
  const findings = new Findings(graph, objective, budget, run);
  await findings.begin();
  const { seconds } = findings.pace;
  const rest = budget.seconds === undefined ? budget : { ...budget, seconds: budget.seconds - seconds };
  if (findings.isOpen) await findings.anneal(rest);
  return findings.result;
}

/** What the methods of a portfolio have found so far on a graph of less than `LARGE` intermediates. */
export class Findings {
  readonly pace: Pace;
  readonly #graph: ComputationalGraph;
  readonly #objective: Objective;
  readonly #run: Run;
  readonly #engine: Engine;
  readonly #methods: MethodResult[] = [];
  readonly #history: HistoryPoint[] = [];

  constructor(graph: ComputationalGraph, objective: Objective, budget: Budget, run: Run) {
    this.pace = new Pace(budget, run);
    this.#graph = graph;
    this.#objective = objective;
    this.#run = run;
    this.#engine = createEngine(graph, objective);
  }

  /** The classical orders and the quick heuristics. */
  async begin(): Promise<void> {
    const quick = this.#engine.size <= GREEDY_LIMIT ? [...CLASSICAL, ...GREEDY[this.#objective]] : CLASSICAL;
    for (const [method, find] of quick) {
      const before = this.pace.seconds;
      this.add(method, find(this.#graph), before);
      if (this.pace.isDue()) await this.pace.breathe(0, this.best.cost);
    }
  }

  /** Annealing from the best order, by windows on long ones; `again` if it is not the first time. */
  async anneal(budget: Budget, again = ""): Promise<void> {
    const windowed =
      this.#objective === "multiplications" &&
      this.#engine.size >= WINDOWS_FROM &&
      isSparseCountable(this.#graph);
    const method = `${windowed ? "windows" : "annealing"}${again}`;
    const before = this.pace.seconds;
    const order = await (windowed ? windowSearch : simulatedAnnealing)(
      this.#graph,
      { objective: this.#objective, budget, start: this.best.order },
      { ...this.#run, onImprovement: (found, cost) => this.#improve(method, found, cost) },
    );
    this.add(method, order, before);
  }

  /** Adds what a method found that began at `before`, in seconds of the pace. */
  add(method: string, order: EliminationOrder, before: number): void {
    const cost = this.#engine.cost(fromPublicOrder(this.#graph, order));
    this.#methods.push({ method, order, cost, seconds: this.pace.seconds - before });
    this.#improve(method, order, cost);
  }

  /** Adds it only if it is cheaper than all before. */
  addIfCheaper(method: string, order: EliminationOrder, before: number): void {
    if (this.#engine.cost(fromPublicOrder(this.#graph, order)) < this.best.cost)
      this.add(method, order, before);
  }

  /** The cheapest, the earliest of equals. */
  get best(): MethodResult {
    return this.#methods.reduce((best, result) => (result.cost < best.cost ? result : best));
  }

  /** Whether more search may find something: there is a choice, and the budget is not used up. */
  get isOpen(): boolean {
    return this.#engine.size >= 2 && this.best.cost > 0 && !this.pace.isOver(0);
  }

  get result(): AutoResult {
    return { best: this.best, methods: this.#methods, history: this.#history };
  }

  #improve(method: string, order: EliminationOrder, cost: number): void {
    if (cost >= (this.#history.at(-1)?.cost ?? Infinity)) return;
    this.#history.push({ seconds: this.pace.seconds, cost, method });
    this.#run.onImprovement?.(order, cost);
  }
}

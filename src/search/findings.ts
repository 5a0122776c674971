/** What the methods of a search have found so far: an order each, the curve of the best cost, the curve of the lower bound. */

import type { ComputationalGraph, EliminationOrder } from "../graph/graph.ts";
import type { AutoResult, BoundPoint, HistoryPoint, MethodResult } from "./auto.ts";
import { createEngine, type Engine, fromPublicOrder } from "./engine.ts";
import type { Proof } from "./exact/index.ts";
import type { Pace } from "./pace.ts";
import type { Objective, Run } from "./strategy.ts";

/** Findings as JSON. */
export interface FindingsState {
  readonly methods: readonly MethodResult[];
  readonly history: readonly HistoryPoint[];
  readonly bounds: readonly BoundPoint[];
  readonly proof: Pick<Proof, "lowerBound" | "evidence"> | null;
}

/** On a graph of less than `LARGE` intermediates. */
export class Findings {
  readonly pace: Pace;
  /** How many intermediates there are. */
  readonly size: number;
  readonly #graph: ComputationalGraph;
  readonly #run: Run;
  readonly #objective: Objective;
  readonly #engine: Engine;
  /** Of the other objective, for orders that cost the same; absent until there are some. */
  #otherEngine: Engine | undefined;
  readonly #otherCosts = new WeakMap<EliminationOrder, number>();
  readonly #methods: MethodResult[] = [];
  readonly #history: HistoryPoint[] = [];
  readonly #bounds: BoundPoint[] = [];
  #proof: FindingsState["proof"] = null;
  /** The cheapest order met: it may be ahead of the methods, whose orders are added as they end. */
  #incumbent: MethodResult | null = null;

  /**
   * @param resume what was found before; its orders are counted anew
   * @throws InputError if one of them is not an order of the graph
   */
  constructor(
    graph: ComputationalGraph,
    objective: Objective,
    { pace, resume }: { readonly pace: Pace; readonly resume?: FindingsState | undefined },
    run: Run,
  ) {
    this.pace = pace;
    this.#graph = graph;
    this.#run = run;
    this.#objective = objective;
    this.#engine = createEngine(graph, objective);
    this.size = this.#engine.size;
    if (resume === undefined) return;
    this.#history.push(...resume.history);
    this.#bounds.push(...resume.bounds);
    this.#proof = resume.proof;
    for (const result of resume.methods) {
      const counted = { ...result, cost: this.costOf(result.order) };
      this.#methods.push(counted);
      if (counted.cost < this.cost) this.#incumbent = counted;
    }
    if (this.#incumbent !== null) run.onImprovement?.(this.#incumbent.order, this.#incumbent.cost);
  }

  /** Adds what a method found that began at `before`, in seconds of the pace. Of what a method finds by and by the cheapest order is kept. */
  add(method: string, order: EliminationOrder, before: number): void {
    const cost = this.costOf(order);
    const seconds = this.pace.seconds - before;
    const place = this.#methods.findIndex((result) => result.method === method);
    const earlier = this.#methods[place];
    if (earlier === undefined) this.#methods.push({ method, order, cost, seconds });
    else {
      const cheaper = cost < earlier.cost ? { method, order, cost } : earlier;
      this.#methods[place] = { ...cheaper, seconds: earlier.seconds + seconds };
    }
    this.improve(method, order, cost);
  }

  /** Adds it only if it is cheaper than all before. */
  addIfCheaper(method: string, order: EliminationOrder, before: number): void {
    if (this.costOf(order) < this.best.cost) this.add(method, order, before);
  }

  /** Notes an order that a running method met, if it is cheaper than all before. */
  improve(method: string, order: EliminationOrder, cost: number): void {
    if (cost >= this.cost) return;
    const { seconds } = this.pace;
    this.#incumbent = { method, order, cost, seconds };
    if (cost >= (this.#history.at(-1)?.cost ?? Infinity)) return;
    this.#history.push({ seconds, cost, method });
    this.#run.onImprovement?.(order, cost);
  }

  /** Notes a lower bound, if it is higher than all before. */
  bound(bound: number): void {
    if (bound <= (this.#bounds.at(-1)?.bound ?? 0)) return;
    this.#bounds.push({ seconds: this.pace.seconds, bound });
    this.#run.onBound?.(bound);
  }

  /** Notes a proof, if its bound is higher than that of all before. */
  prove({ lowerBound, evidence }: Pick<Proof, "lowerBound" | "evidence">): void {
    if (lowerBound === null || lowerBound <= (this.#proof?.lowerBound ?? -1)) return;
    this.#proof = { lowerBound, evidence };
    this.bound(lowerBound);
  }

  /** The cheapest of the methods that have ended; of equals the one that is cheaper in the other objective, then the earliest. */
  get best(): MethodResult {
    return this.#methods.reduce((best, result) => (this.#isBetter(result, best) ? result : best));
  }

  #isBetter(one: MethodResult, other: MethodResult): boolean {
    if (one.cost !== other.cost) return one.cost < other.cost;
    return this.#otherCost(one.order) < this.#otherCost(other.order);
  }

  /** What an order costs in the objective that is not minimised. */
  #otherCost(order: EliminationOrder): number {
    const known = this.#otherCosts.get(order);
    if (known !== undefined) return known;
    this.#otherEngine ??= createEngine(
      this.#graph,
      this.#objective === "operations" ? "multiplications" : "operations",
    );
    const cost = this.#otherEngine.cost(fromPublicOrder(this.#graph, order));
    this.#otherCosts.set(order, cost);
    return cost;
  }

  /** The cheapest order met, of methods that still run too; null at the start. */
  get incumbent(): MethodResult | null {
    return this.#incumbent;
  }

  /** What the cheapest order met costs. */
  get cost(): number {
    return this.#incumbent?.cost ?? Infinity;
  }

  /** Whether the cheapest order met is known to be optimal. */
  get isProved(): boolean {
    return this.cost === 0 || (this.#bounds.at(-1)?.bound ?? 0) >= this.cost;
  }

  /** Whether more search may find something: there is a choice, and the budget is not used up. */
  get isOpen(): boolean {
    return this.size >= 2 && !this.isProved && !this.pace.isOver(0);
  }

  get state(): FindingsState {
    return {
      methods: [...this.#methods],
      history: [...this.#history],
      bounds: [...this.#bounds],
      proof: this.#proof,
    };
  }

  get result(): AutoResult {
    const { methods, history, bounds, proof } = this.state;
    return { best: this.best, methods, history, bounds, ...(proof === null ? {} : { proof }) };
  }

  /** Throws an InputError if it is not an order of the graph. */
  costOf(order: EliminationOrder): number {
    return this.#engine.cost(fromPublicOrder(this.#graph, order));
  }
}

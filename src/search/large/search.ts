/**
 * The search on graphs too large for the engines' bit rows: forward, reverse and Markowitz on a sparse graph, then window after window of the best order annealed
 * as a small graph, for the rest of the budget.
 *
 * What would take too much work, or cannot beat what is there, is left out, and the result says so.
 */

import { InputError } from "../../errors.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../../graph/graph.ts";
import { requireScalar } from "../../graph/operations.ts";
import type { AutoOptions, AutoResult, HistoryPoint, MethodResult, Skipped } from "../auto.ts";
import { Pace } from "../pace.ts";
import { plainEngine } from "../plainEngine.ts";
import type { Standing } from "../stages.ts";
import type { Budget, Run } from "../strategy.ts";
import { type Arithmetic, ListArithmetic, multiplicationsArithmetic } from "./arithmetic.ts";
import { Effort, PATIENCE, TABLE_LIMIT, WORK_LIMIT } from "./effort.ts";
import { forwardCost, reverseCost } from "./modes.ts";
import { countingPass, greedyPass, type PassResult } from "./passes.ts";
import { arithmeticOf, isSparseCountable, type WindowState, windowSearch } from "./windows.ts";

/** From so many intermediates on, `search` takes this way: bit rows would fill memory, and annealing all of the order finds little in seconds. */
export const LARGE = 2500;

/** Markowitz with both rules for ties. */
const MARKOWITZ = [
  { method: "markowitz", ties: "first" },
  { method: "markowitz, last ties", ties: "last" },
] as const;

/** Markowitz with the other rule for ties has a chance where the first had none only if it makes this many times the multiplications, or fewer. */
const NOTABLY = 0.95;

export interface LargeOptions extends AutoOptions {
  /** The classical method that is counted to the end even when it is no better than the others. */
  readonly wanted?: string;
}

/**
 * Finds an order of a large graph. The classical orders are finished whatever the budget, unless the run is aborted or they take more work than
 * `WORK_LIMIT` (`TABLE_LIMIT` for `operations`); an iteration of the budget is a move of annealing in a window.
 *
 * @throws InputError if the objective is not defined on the graph, or `operations` are too many to count
 */
export async function searchLarge(
  graph: ComputationalGraph,
  options: LargeOptions,
  run: Run,
): Promise<AutoResult> {
  if (options.objective === "operations") requireScalar(graph);
  const search = new LargeSearch(graph, options, run);
  if (isSparseCountable(graph)) {
    options.onState?.(() => search.standing());
    await search.classical();
    await search.windows(options.budget);
  } else await search.arrays();
  return search.result();
}

/** Seconds after which passes are late; never where iterations are the budget, since the result must not depend on the machine then. */
function deadlineOf({ seconds, iterations }: Budget): number {
  return seconds === undefined || iterations !== undefined ? Infinity : Math.max(PATIENCE, seconds);
}

/** Whether two budgets are the same. */
function isSameBudget(before: Budget, now: Budget): boolean {
  return now.seconds === before.seconds && now.iterations === before.iterations;
}

class LargeSearch {
  readonly #graph: ComputationalGraph;
  readonly #options: LargeOptions;
  readonly #pace: Pace;
  readonly #run: Run;
  /** The intermediates, in program order. */
  readonly #nodes: Int32Array;
  readonly #methods: MethodResult[] = [];
  readonly #history: HistoryPoint[] = [];
  readonly #skipped: Skipped[] = [];
  /** Products that a pass may make, and that the cheaper mode does. */
  readonly #limit: number;
  #expected = 0;
  #own: Arithmetic | undefined;
  /** The method that is at work, to tell. */
  #doing = "windows";
  #best: MethodResult | undefined;
  /** The best order on the way of the windows too. */
  #incumbent: MethodResult | null = null;
  #stage = 0;
  #work: () => WindowState | null;

  constructor(graph: ComputationalGraph, options: LargeOptions, run: Run) {
    this.#graph = graph;
    this.#options = options;
    const { signal } = run;
    const onProgress: Run["onProgress"] = (progress) =>
      run.onProgress?.({ ...progress, method: this.#doing, perSecond: 0 });
    const watched = { now: () => run.now(), onProgress, ...(signal === undefined ? {} : { signal }) };
    this.#pace = new Pace(options.budget, watched, options.resume?.seconds);
    this.#run = run;
    this.#nodes = Int32Array.from(intermediates(graph));
    this.#limit = options.objective === "operations" ? TABLE_LIMIT : WORK_LIMIT;
    const { resume } = options;
    const work = resume?.work?.kind === "windows" ? resume.work : null;
    this.#work = () => work;
    if (resume === undefined || resume.stage === 0) return;
    this.#stage = isSameBudget(resume.budget, options.budget) ? resume.stage : 1;
    this.#history.push(...resume.history);
    this.#incumbent = resume.incumbent;
    for (const result of resume.methods) {
      this.#methods.push(result);
      if (result.cost < (this.#best?.cost ?? Infinity)) this.#best = result;
    }
    if (this.#incumbent !== null) run.onImprovement?.(this.#incumbent.order, this.#incumbent.cost);
  }

  /** Where the search stands. */
  standing(): Standing {
    const { budget } = this.#options;
    return {
      budget,
      plan: [{ kind: "classical" }, { kind: "annealing", ...budget }],
      stage: this.#stage,
      seconds: this.#pace.seconds,
      random: this.#run.random.state,
      methods: this.#stage === 0 ? [] : [...this.#methods],
      history: [...this.#history],
      bounds: [],
      proof: null,
      incumbent: this.#incumbent,
      work: this.#work(),
    };
  }

  result(): AutoResult {
    const best = this.#best;
    if (best === undefined) throw new Error("no order was counted");
    const skipped = this.#skipped;
    return {
      best,
      methods: this.#methods,
      history: this.#history,
      bounds: [],
      ...(skipped.length > 0 ? { skipped } : {}),
    };
  }

  /** Array-valued vertices: forward, reverse and Markowitz on numbered lists of terms; nothing is searched after them. */
  async arrays(): Promise<void> {
    const lists = new ListArithmetic();
    const modes = [
      { method: "forward", order: this.#nodes },
      { method: "reverse", order: this.#nodes.toReversed() },
    ];
    for (const { method, order } of modes)
      await this.#pass(method, (effort) => countingPass(this.#graph, lists, order, effort));
    for (const { method, ties } of MARKOWITZ)
      await this.#pass(method, (effort) => greedyPass(this.#graph, lists, ties, effort));
    this.#skip("windows", "the graph has array-valued vertices");
    // An order there must be, even if there are too many different lists or the run was aborted at once.
    const { inputs, outputs } = this.#graph;
    const mode = modes[inputs.length < outputs.length ? 0 : 1];
    if (this.#best !== undefined || mode === undefined) return;
    const before = this.#pace.seconds;
    const indexOf = new Map([...this.#nodes].map((node, index) => [node, index]));
    const cost = plainEngine(this.#graph).cost(mode.order.map((node) => indexOf.get(node) ?? 0));
    this.#record(mode.method, mode.order, cost, this.#pace.seconds - before);
  }

  /** Forward, reverse, and Markowitz with both rules for ties. */
  async classical(): Promise<void> {
    if (this.#stage > 0) return;
    const forward = this.#nodes;
    const reverse = forward.toReversed();
    // The modes' costs in multiplications are known without eliminating; the cheaper one is counted first, to bound the other.
    const products = { forward: forwardCost(this.#graph), reverse: reverseCost(this.#graph) };
    const modes = [
      { method: "forward", order: forward, products: products.forward },
      { method: "reverse", order: reverse, products: products.reverse },
    ].sort((a, b) => a.products - b.products);
    this.#expected = Math.min(...modes.map(({ products }) => products), this.#limit);
    for (const { method, order, products } of modes) {
      if (this.#options.objective === "multiplications") this.#record(method, order, products, 0);
      else if (products > this.#limit) this.#skip(method, "too much work");
      else await this.#pass(method, (effort) => this.#count(order, effort));
    }
    const first = await this.#markowitz("markowitz", "first", () => null);
    const hopeless = first?.isCut === true ? NOTABLY * first.products : Infinity;
    await this.#markowitz("markowitz, last ties", "last", ({ cost }) =>
      cost > hopeless ? "about as many multiplications as markowitz, which is no better than the best" : null,
    );
    // An order there must be, even if the run was aborted at once.
    for (const { method, order, products } of modes)
      if (this.#best === undefined && products <= this.#limit)
        await this.#pass(method, () => this.#count(order, new Effort(this.#pace, { isNeeded: true })));
    if (this.#best === undefined)
      throw new InputError(
        `${this.#graph.name}: forward and reverse mode both make more than ${this.#limit} products, too many to count operations; minimise multiplications instead`,
      );
    if (!this.#pace.isAborted) this.#stage = 1;
  }

  /**
   * Markowitz degrees are multiplications, whatever is minimised: operations are counted after.
   *
   * @param unless why not to count them
   * @returns the order's multiplications, and whether counting its operations ended early; null if there is no order
   */
  async #markowitz(
    method: string,
    ties: "first" | "last",
    unless: (order: { readonly cost: number }) => string | null,
  ): Promise<{ readonly products: number; readonly isCut: boolean } | null> {
    const before = this.#pace.seconds;
    if (this.#options.objective === "multiplications") {
      await this.#pass(method, (effort) => greedyPass(this.#graph, multiplicationsArithmetic, ties, effort));
      return null;
    }
    const effort = this.#effort(method, Infinity);
    const greedy = await greedyPass(this.#graph, multiplicationsArithmetic, ties, effort);
    const why = greedy.kind === "cut" ? greedy.why : unless(greedy);
    if (why !== null) this.#skip(method, why);
    if (greedy.kind === "cut" || why !== null) return null;
    const counted = await this.#pass(method, (effort) => this.#count(greedy.order, effort), before);
    return { products: greedy.cost, isCut: counted.kind === "cut" };
  }

  #count(order: Int32Array, effort: Effort): Promise<PassResult> {
    return countingPass(this.#graph, this.#arithmetic(), order, effort);
  }

  /** One for all passes. */
  #arithmetic(): Arithmetic {
    this.#own ??= arithmeticOf(this.#graph, this.#options.objective, this.#expected);
    return this.#own;
  }

  #effort(method: string, bound = this.#best?.cost ?? Infinity): Effort {
    const { wanted, budget } = this.#options;
    this.#doing = method;
    return new Effort(this.#pace, {
      limit: this.#limit,
      bound: method === wanted ? Infinity : bound,
      deadline: this.#best === undefined || method === wanted ? Infinity : deadlineOf(budget),
    });
  }

  /** @param before seconds of the search when the method began */
  async #pass(
    method: string,
    pass: (effort: Effort) => Promise<PassResult>,
    before = this.#pace.seconds,
  ): Promise<PassResult> {
    const result = await pass(this.#effort(method));
    if (result.kind === "cut") this.#skip(method, result.why);
    else this.#record(method, result.order, result.cost, this.#pace.seconds - before);
    return result;
  }

  #skip(method: string, why: string): void {
    this.#skipped.push({ method, why });
  }

  #record(method: string, order: Int32Array, cost: number, seconds: number): void {
    const result = { method, order: this.#equations(order), cost, seconds };
    this.#methods.push(result);
    if (this.#best !== undefined && cost >= this.#best.cost) return;
    this.#best = result;
    this.#improve(method, result.order, cost);
  }

  #improve(method: string, order: EliminationOrder, cost: number): void {
    if (cost >= (this.#incumbent?.cost ?? Infinity)) return;
    this.#incumbent = { method, order, cost, seconds: this.#pace.seconds };
    this.#history.push({ seconds: this.#pace.seconds, cost, method });
    this.#run.onImprovement?.(order, cost);
  }

  #equations(order: Int32Array): EliminationOrder {
    return Array.from(order, (node) => this.#graph.vertices[node - this.#graph.inputs.length]?.equation ?? 0);
  }

  /** Anneals the best order by windows for the rest of the budget. */
  async windows({ seconds, ...budget }: Budget): Promise<void> {
    const pace = this.#pace;
    const best = this.#best;
    if (best === undefined || this.#nodes.length < 2 || best.cost === 0 || pace.isOver(0)) return;
    if (this.#stage > 1) return;
    if (best.cost > this.#limit) {
      this.#skip("windows", "too much work");
      return;
    }
    const resume = this.#work();
    const before = pace.seconds - (resume?.seconds ?? 0);
    const rest = seconds === undefined ? budget : { ...budget, seconds: seconds - before };
    const { order, cost } = this.#incumbent ?? best;
    const found = { method: "windows", order, cost };
    const improve = (order: EliminationOrder, cost: number) => {
      Object.assign(found, { order, cost });
      this.#improve("windows", order, cost);
    };
    const { objective } = this.#options;
    await windowSearch(
      this.#graph,
      {
        objective,
        budget: rest,
        start: order,
        arithmetic: this.#arithmetic(),
        ...(resume === null ? {} : { resume }),
        onState: (capture) => {
          this.#work = capture;
        },
      },
      { ...this.#run, onImprovement: improve },
    );
    const result = { ...found, seconds: pace.seconds - before };
    this.#methods.splice(0, Infinity, ...this.#methods.filter(({ method }) => method !== "windows"), result);
    if (result.cost < best.cost) this.#best = result;
    if (!pace.isAborted) this.#stage = 2;
  }
}

/**
 * The search on graphs too large for the engines' bit rows: forward, reverse and Markowitz on a sparse graph, then window after window of the best order annealed
 * as a small graph, for the rest of the budget.
 *
 * What would take too much work, or cannot beat what is there, is left out, and the result says so.
 */

import { InputError } from "../../errors.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../../graph/graph.ts";
import { isScalarGraph, requireScalar } from "../../graph/operations.ts";
import type { AutoOptions, AutoResult, HistoryPoint, MethodResult, Skipped } from "../auto.ts";
import { hasOnlyCopies } from "../engine.ts";
import { Pace } from "../pace.ts";
import { plainEngine } from "../plainEngine.ts";
import type { Objective, Run } from "../strategy.ts";
import { type Arithmetic, multiplicationsArithmetic, OperationsArithmetic } from "./arithmetic.ts";
import { Effort, TABLE_LIMIT, WORK_LIMIT } from "./effort.ts";
import { eliminationTree, postorder } from "./eliminationTree.ts";
import { forwardCost, reverseCost } from "./modes.ts";
import { countingPass, greedyPass, type PassResult } from "./passes.ts";
import { sweep } from "./sweep.ts";

/** From so many intermediates on, `search` takes this way: bit rows would fill memory, and annealing all of the order finds little in seconds. */
export const LARGE = 2500;

/** Vertices of a window by sweep, in turn, and moves of annealing per vertex in the first sweep; each sweep tries more. */
const WINDOWS = { multiplications: [48, 96, 24], operations: [24, 48, 12] } as const;
const MOVES = 40;

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
  { objective, budget, wanted }: LargeOptions,
  run: Run,
): Promise<AutoResult> {
  if (objective === "operations") requireScalar(graph);
  const search = new LargeSearch(graph, objective, new Pace(budget, run), run, wanted);
  if (isScalarGraph(graph) && hasOnlyCopies(graph)) {
    await search.classical();
    await search.windows();
  } else await search.plainModes();
  return search.result();
}

class LargeSearch {
  readonly #graph: ComputationalGraph;
  readonly #objective: Objective;
  readonly #pace: Pace;
  readonly #run: Run;
  /** The intermediates, in program order. */
  readonly #nodes: Int32Array;
  readonly #methods: MethodResult[] = [];
  readonly #history: HistoryPoint[] = [];
  readonly #skipped: Skipped[] = [];
  /** The best order, as nodes. */
  #order: Int32Array;
  #best: MethodResult | undefined;
  #moves = 0;
  readonly #limit: number;
  readonly #wanted: string | undefined;

  constructor(graph: ComputationalGraph, objective: Objective, pace: Pace, run: Run, wanted?: string) {
    this.#wanted = wanted;
    this.#graph = graph;
    this.#objective = objective;
    this.#pace = pace;
    this.#run = run;
    this.#nodes = Int32Array.from(intermediates(graph));
    this.#order = this.#nodes;
    this.#limit = objective === "operations" ? TABLE_LIMIT : WORK_LIMIT;
  }

  result(): AutoResult {
    const best = this.#best;
    if (best === undefined) throw new Error("no order was counted");
    const skipped = this.#skipped;
    return {
      best,
      methods: this.#methods,
      history: this.#history,
      ...(skipped.length > 0 ? { skipped } : {}),
    };
  }

  /** Array-valued vertices: the plain elimination counts forward and reverse, and nothing is searched. */
  async plainModes(): Promise<void> {
    const engine = plainEngine(this.#graph);
    const forward = Int32Array.from(this.#nodes.keys());
    for (const [method, order] of [
      ["forward", forward],
      ["reverse", forward.toReversed()],
    ] as const) {
      const before = this.#pace.seconds;
      const cost = engine.cost(order);
      const nodes = order.map((index) => this.#nodes[index] as number);
      this.#record(method, nodes, cost, this.#pace.seconds - before);
      await this.#pace.breathe(0, cost);
    }
    for (const method of ["markowitz", "windows"]) this.#skip(method, "the graph has array-valued vertices");
  }

  /** Forward, reverse, and Markowitz with both rules for ties. */
  async classical(): Promise<void> {
    const forward = this.#nodes;
    const reverse = forward.toReversed();
    // The modes' costs in multiplications are known without eliminating; the cheaper one is counted first, to bound the other.
    const products = { forward: forwardCost(this.#graph), reverse: reverseCost(this.#graph) };
    const modes = [
      { method: "forward", order: forward, products: products.forward },
      { method: "reverse", order: reverse, products: products.reverse },
    ].sort((a, b) => a.products - b.products);
    for (const { method, order, products } of modes) {
      if (this.#objective === "multiplications") this.#record(method, order, products, 0);
      else if (products > this.#limit) this.#skip(method, "too much work");
      else await this.#pass(method, (effort) => this.#count(order, effort));
    }
    for (const ties of ["first", "last"] as const)
      await this.#pass(ties === "first" ? "markowitz" : "markowitz, last ties", (effort) =>
        this.#greedy(ties, effort),
      );
    // An order there must be, even if the run was aborted at once.
    for (const { method, order, products } of modes)
      if (this.#best === undefined && products <= this.#limit)
        await this.#pass(method, () => this.#count(order, new Effort(this.#pace, { isNeeded: true })));
    if (this.#best === undefined)
      throw new InputError(
        `${this.#graph.name}: forward and reverse mode both make more than ${this.#limit} products, too many to count operations; minimise multiplications instead`,
      );
  }

  async #greedy(ties: "first" | "last", effort: Effort): Promise<PassResult> {
    const found = await greedyPass(this.#graph, multiplicationsArithmetic, ties, effort);
    return found.kind === "cut" || this.#objective === "multiplications"
      ? found
      : this.#count(found.order, effort);
  }

  #count(order: Int32Array, effort: Effort): Promise<PassResult> {
    return countingPass(this.#graph, this.#arithmetic(), order, effort);
  }

  #arithmetic(): Arithmetic {
    return this.#objective === "multiplications"
      ? multiplicationsArithmetic
      : new OperationsArithmetic(this.#graph);
  }

  async #pass(method: string, pass: (effort: Effort) => Promise<PassResult>): Promise<void> {
    const before = this.#pace.seconds;
    const bound = method === this.#wanted ? Infinity : (this.#best?.cost ?? Infinity);
    const result = await pass(new Effort(this.#pace, { limit: this.#limit, bound }));
    if (result.kind === "cut") this.#skip(method, result.why);
    else this.#record(method, result.order, result.cost, this.#pace.seconds - before);
  }

  #skip(method: string, why: string): void {
    this.#skipped.push({ method, why });
  }

  #record(method: string, order: Int32Array, cost: number, seconds: number): void {
    const result = { method, order: this.#equations(order), cost, seconds };
    this.#methods.push(result);
    if (this.#best !== undefined && cost >= this.#best.cost) return;
    this.#best = result;
    this.#order = order;
    this.#history.push({ seconds: this.#pace.seconds, cost, method });
    this.#run.onImprovement?.(result.order, cost);
  }

  #equations(order: Int32Array): EliminationOrder {
    return Array.from(order, (node) => this.#graph.vertices[node - this.#graph.inputs.length]?.equation ?? 0);
  }

  /** Sweeps over the best order until the budget is used up. */
  async windows(): Promise<void> {
    const pace = this.#pace;
    const start = pace.seconds;
    const isOver = () => pace.isOver(this.#moves);
    if (this.#best === undefined || this.#nodes.length < 2 || this.#best.cost === 0 || isOver()) return;
    if (this.#best.cost > this.#limit) {
      this.#skip("windows", "too much work");
      return;
    }
    let { cost } = this.#best;
    let order = this.#order;
    for (let round = 0; !isOver(); round++) {
      const windows = WINDOWS[this.#objective];
      const window = windows[round % windows.length] ?? 1;
      const swept = await sweep(
        this.#graph,
        this.#arithmetic(),
        this.#inPostorder(order, round),
        {
          objective: this.#objective,
          window,
          offset: this.#run.random.below(window),
          moves: MOVES * (round + 1),
          goesOn: async (moves) => {
            this.#moves += moves;
            if (pace.isDue()) await pace.breathe(this.#moves, cost);
            return !isOver();
          },
        },
        this.#run,
      );
      if (swept.cost > cost) continue;
      const isBetter = swept.cost < cost;
      ({ order, cost } = swept);
      if (!isBetter) continue;
      this.#history.push({ seconds: pace.seconds, cost, method: "windows" });
      this.#run.onImprovement?.(this.#equations(order), cost);
    }
    const found = { method: "windows", order: this.#equations(order), cost, seconds: pace.seconds - start };
    this.#methods.push(found);
    if (cost < this.#best.cost) this.#best = found;
  }

  #inPostorder(order: Int32Array, round: number): Int32Array {
    const nodes = this.#graph.inputs.length + this.#graph.vertices.length;
    const parents = eliminationTree(this.#graph.edges, order, nodes);
    const positions = postorder(parents, round % 2 === 0 ? "ascending" : "descending");
    return positions.map((position) => order[position] as number);
  }
}

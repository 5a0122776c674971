/**
 * Large-neighbourhood search (Shaw 1998): the order but for a window of it is kept, the window is replaced by its best order.
 *
 * Where costs are local the windows are taken along a postorder of the elimination tree, which costs the same and puts what matters to each other side by
 * side; equally good orders of a window are taken at random, so that the search drifts along plateaus.
 */

import { type ComputationalGraph, type EliminationOrder, intermediates } from "../../graph/graph.ts";
import { createEngine, type Engine, fromPublicOrder, toPublicOrder } from "../engine.ts";
import { eliminationTree, postorder } from "../large/eliminationTree.ts";
import { forward, markowitz, reverse } from "../orders.ts";
import { Pace } from "../pace.ts";
import type { Budget, Objective, Run, Strategy } from "../strategy.ts";
import { bestLocalOrder, bestOrder } from "./window.ts";

export interface LargeNeighbourhoodOptions {
  readonly objective: Objective;
  /** An iteration is a window ordered anew. */
  readonly budget: Budget;
  /** Vertices of a window; 9 by default where costs are local (512 subsets), 4 where they are not (24 orders). */
  readonly window?: number;
  /** Where to start; by default from the best of forward, reverse and Markowitz. */
  readonly start?: EliminationOrder;
}

const LOCAL_WINDOW = 9;
const WINDOW = 4;

/**
 * Goes over the order again and again, window after window, for as long as the budget lasts.
 *
 * @throws InputError if the objective is not defined on the graph, or `start` is not an order of it
 */
export const largeNeighbourhoodSearch: Strategy<LargeNeighbourhoodOptions> = async (graph, options, run) => {
  const engine = createEngine(graph, options.objective);
  const search = new NeighbourhoodSearch(graph, engine, options, run);
  const pace = new Pace(options.budget, run);
  const isOver = () => engine.size < 2 || search.cost === 0 || pace.isOver(search.windows);
  while (!isOver()) {
    search.startSweep();
    while (!search.isSwept && !isOver()) {
      search.improveWindow();
      if (pace.isDue()) await pace.breathe(search.windows, search.cost);
    }
  }
  return toPublicOrder(graph, search.order);
};

class NeighbourhoodSearch {
  readonly order: Int32Array;
  /** What the order costs. */
  cost: number;
  /** Windows ordered anew. */
  windows = 0;
  readonly #graph: ComputationalGraph;
  readonly #engine: Engine;
  readonly #run: Run;
  readonly #window: number;
  /** Where the sweep is: the engine has eliminated all before it. */
  #position = 0;
  #sweeps = 0;

  constructor(graph: ComputationalGraph, engine: Engine, options: LargeNeighbourhoodOptions, run: Run) {
    this.#graph = graph;
    this.#engine = engine;
    this.#run = run;
    this.#window = Math.min(options.window ?? (engine.local ? LOCAL_WINDOW : WINDOW), engine.size);
    const starts =
      options.start === undefined
        ? [
            forward(graph),
            reverse(graph),
            markowitz(graph, { ties: "first" }),
            markowitz(graph, { ties: "last" }),
          ]
        : [options.start];
    const orders = starts.map((order) => fromPublicOrder(graph, order));
    const costs = orders.map((order) => engine.cost(order));
    this.cost = Math.min(...costs);
    this.order = orders[costs.indexOf(this.cost)] as Int32Array;
    run.onImprovement?.(toPublicOrder(graph, this.order), this.cost);
  }

  /** Whether the sweep has come to the end of the order. */
  get isSwept(): boolean {
    return this.#position + 2 > this.order.length;
  }

  startSweep(): void {
    if (this.#engine.local) this.#reorder();
    this.#engine.restart();
    this.#position = 0;
    // The borders of windows differ between sweeps.
    this.#goTo(this.#run.random.below(this.#window));
    this.#sweeps++;
  }

  improveWindow(): void {
    const { order } = this;
    const start = this.#position;
    const end = Math.min(order.length, start + this.#window);
    const vertices = [...order.subarray(start, end)];
    const better = this.#engine.local ? this.#localOrder(vertices) : this.#wholeOrder(vertices, end);
    order.set(better.order, start);
    this.windows++;
    if (better.cost < this.cost) {
      this.cost = better.cost;
      this.#run.onImprovement?.(toPublicOrder(this.#graph, order), this.cost);
    }
    this.#goTo(start + Math.max(1, this.#window >> 1));
  }

  #localOrder(vertices: readonly number[]): { order: readonly number[]; cost: number } {
    const engine = this.#engine;
    const before = engine.total();
    for (const index of vertices) engine.eliminate(index);
    const old = engine.total() - before;
    engine.undo(vertices.length);
    const { order, cost } = bestLocalOrder(engine, vertices, this.#run.random);
    return { order, cost: this.cost - old + cost };
  }

  #wholeOrder(vertices: readonly number[], end: number): { order: readonly number[]; cost: number } {
    const { order, total } = bestOrder(this.#engine, vertices, this.order.subarray(end));
    return { order, cost: total };
  }

  #goTo(position: number): void {
    while (this.#position < Math.min(position, this.order.length))
      this.#engine.eliminate(this.order[this.#position++] as number);
  }

  #reorder(): void {
    const nodes = intermediates(this.#graph);
    const count = this.#graph.inputs.length + this.#graph.vertices.length;
    const order = this.order.slice();
    const asNodes = order.map((index) => nodes[index] as number);
    const parents = eliminationTree(this.#graph.edges, asNodes, count);
    const positions = postorder(parents, this.#sweeps % 2 === 0 ? "ascending" : "descending");
    positions.forEach((position, place) => {
      this.order[place] = order[position] as number;
    });
  }
}

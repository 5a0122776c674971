/**
 * A policy on graphs far larger than what it was trained on: window after window of a known order becomes a small graph, which the policy plays. What matters to each
 * other stands side by side in the postorder of the order's elimination tree, so that small windows suffice; a sweep takes time in proportion to
 * the vertices. See `search/large/window.ts` for why windows can be improved one by one.
 */

import { createGame } from "../game/index.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { createEngine, fromPublicOrder, toPublicOrder } from "../search/engine.ts";
import { multiplicationsArithmetic } from "../search/large/arithmetic.ts";
import { eliminationTree, postorder } from "../search/large/eliminationTree.ts";
import { SparseGraph } from "../search/large/sparseGraph.ts";
import { windowOf } from "../search/large/window.ts";
import { Pace } from "../search/pace.ts";
import type { Budget, Run, Strategy } from "../search/strategy.ts";
import { GameShelf } from "./episodes.ts";
import type { Player } from "./player.ts";
import { solve } from "./solve.ts";

export interface WindowPlayOptions {
  /** An iteration is a window. */
  readonly budget: Budget;
  readonly start: EliminationOrder;
}

/** Vertices of a window by sweep, in turn: as many as the programs that a policy learns on have. */
const WINDOWS = [96, 48, 72] as const;

/** So many sweeps in a row that find nothing end the search. */
const PATIENCE = 3;

/** Windows that touch more nodes than this on a side are left as they are. */
const WIDEST = 250;

/**
 * Sweeps over an order by the most probable moves until that finds nothing more or the budget is used up. The order never becomes worse, in `multiplications`.
 *
 * The graph is one that `isSparseCountable`.
 */
export function windowPlay(player: Player): Strategy<WindowPlayOptions> {
  return async (graph, { budget, start }, run) => {
    const nodes = intermediates(graph);
    const sweeper = new Sweeper(graph, player, new Pace(budget, run), run);
    let order: Int32Array = fromPublicOrder(graph, start).map((index) => nodes[index] as number);
    const equations = () =>
      Array.from(order, (node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0);
    for (let round = 0, idle = 0; idle < PATIENCE && !sweeper.isOver; round++) {
      const swept = await sweeper.sweep(order, round);
      idle = swept.saved > 0 ? 0 : idle + 1;
      ({ order } = swept);
      if (swept.saved > 0) run.onImprovement?.(equations(), swept.cost);
    }
    return equations();
  };
}

class Sweeper {
  readonly #graph: ComputationalGraph;
  readonly #player: Player;
  readonly #pace: Pace;
  readonly #run: Pick<Run, "random">;
  /** Windows played. */
  #windows = 0;

  constructor(graph: ComputationalGraph, player: Player, pace: Pace, run: Pick<Run, "random">) {
    this.#graph = graph;
    this.#player = player;
    this.#pace = pace;
    this.#run = run;
  }

  get isOver(): boolean {
    return this.#pace.isOver(this.#windows);
  }

  /** One sweep from front to back. @param order node numbers; @returns the order with better windows, its cost, and by how much it is cheaper */
  async sweep(
    order: Int32Array,
    round: number,
  ): Promise<{ readonly order: Int32Array; readonly cost: number; readonly saved: number }> {
    const state = new SparseGraph(this.#graph, multiplicationsArithmetic);
    const better = this.#inPostorder(order, round);
    const window = WINDOWS[round % WINDOWS.length] as number;
    let [cost, saved] = [0, 0];
    // The borders of windows differ between sweeps.
    let end = 1 + this.#run.random.below(window);
    for (let start = 0; start < better.length; start = end, end += window) {
      const vertices = better.subarray(start, end);
      if (!this.isOver) saved += this.#improve(state, vertices);
      for (const node of vertices) cost += state.eliminate(node);
      if (this.#pace.isDue()) await this.#pace.breathe(this.#windows, cost);
    }
    return { order: better, cost, saved };
  }

  /** Plays a window and writes its order down if it is cheaper than the one there; returns by how much. */
  #improve(state: SparseGraph, vertices: Int32Array): number {
    const found = vertices.length < 2 ? null : windowOf(state, vertices, WIDEST);
    if (found === null) return 0;
    this.#windows++;
    const { graph, nodes } = found;
    const equationOf = new Map(nodes.map((node, index) => [node, index + 1]));
    const present = Array.from(vertices, (node) => equationOf.get(node) ?? 0);
    const before = createEngine(graph, "multiplications").cost(fromPublicOrder(graph, present));
    const task = { name: graph.name, createGame: () => createGame(graph) };
    const { random } = this.#run;
    const played = solve(this.#player, task, { kind: "greedy" }, new GameShelf(), random);
    if (played.cost >= before) return 0;
    vertices.set(toPublicOrder(graph, played.order).map((equation) => nodes[equation - 1] ?? -1));
    return before - played.cost;
  }

  /** The same at the same cost, neighbours side by side; from another side in every other sweep. */
  #inPostorder(order: Int32Array, round: number): Int32Array {
    const { edges, inputs, vertices } = this.#graph;
    const parents = eliminationTree(edges, order, inputs.length + vertices.length);
    const children = round % 2 === 0 ? "ascending" : "descending";
    return postorder(parents, children).map((position) => order[position] as number);
  }
}

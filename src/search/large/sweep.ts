/**
 * One sweep over an order of a large graph, from front to back: each window of it is annealed as a small graph, its better order taken over, and
 * eliminated.
 */

import type { ComputationalGraph } from "../../graph/graph.ts";
import { simulatedAnnealing } from "../annealing.ts";
import type { Objective, Run } from "../strategy.ts";
import type { Arithmetic } from "./arithmetic.ts";
import { totalCost } from "./passes.ts";
import { SparseGraph } from "./sparseGraph.ts";
import { windowOf } from "./window.ts";

export interface SweepOptions {
  readonly objective: Objective;
  /** Vertices of a window. */
  readonly window: number;
  /** Vertices of the first window, so that the borders of windows differ between sweeps. */
  readonly offset: number;
  /** Moves of annealing per vertex. */
  readonly moves: number;
  /** Told of the moves tried; says whether to go on with the windows. From then on the order stays as it is. */
  goesOn(moves: number): Promise<boolean>;
}

/** What a sweep made of an order. */
export interface SweepResult {
  /** The order with better windows. */
  readonly order: Int32Array;
  readonly cost: number;
  /** Whether every window had its turn. */
  readonly complete: boolean;
}

/** Windows that touch more nodes than this on a side are left as they are. */
const WIDEST = 250;

/**
 * @param arithmetic is restarted
 * @param order node numbers; best a postorder of its elimination tree
 */
export async function sweep(
  graph: ComputationalGraph,
  arithmetic: Arithmetic,
  order: Int32Array,
  { objective, window, offset, moves, goesOn }: SweepOptions,
  run: Pick<Run, "random">,
): Promise<SweepResult> {
  arithmetic.restart();
  const state = new SparseGraph(graph, arithmetic);
  const better = order.slice();
  let products = 0;
  let complete = true;
  for (let start = 0; start < order.length; ) {
    const end = Math.min(order.length, start === 0 && offset > 0 ? offset : start + window);
    const vertices = better.subarray(start, end);
    if (complete) {
      const found = await annealed(state, vertices, objective, moves, run);
      if (found !== null) vertices.set(found);
      complete = await goesOn(moves * vertices.length);
    }
    for (const node of vertices) products += state.eliminate(node);
    start = end;
  }
  return { order: better, cost: totalCost(state, products), complete };
}

/** The vertices of a window in an order that costs no more in the window's own graph; null if nothing was tried. */
async function annealed(
  state: SparseGraph,
  vertices: Int32Array,
  objective: Objective,
  moves: number,
  run: Pick<Run, "random">,
): Promise<number[] | null> {
  const found = vertices.length < 2 ? null : windowOf(state, vertices, WIDEST);
  if (found === null) return null;
  const { graph, nodes } = found;
  const equationOf = new Map(nodes.map((node, index) => [node, index + 1]));
  const order = await simulatedAnnealing(
    graph,
    {
      objective,
      budget: { iterations: moves * vertices.length },
      start: Array.from(vertices, (node) => equationOf.get(node) ?? 0),
    },
    { random: run.random, now: () => 0 },
  );
  return order.map((equation) => nodes[equation - 1] ?? -1);
}

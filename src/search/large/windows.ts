/**
 * Annealing by windows: the order is brought into the postorder of its elimination tree, and one window of it after the other is annealed as a small graph.
 *
 * In that postorder what matters to each other stands side by side, so that small windows suffice. From 300 vertices on this finds in seconds what
 * annealing the whole order does not (random program of 2000 equations, 3 s: 8157 multiplications, against 9702).
 */

import { type ComputationalGraph, type EliminationOrder, intermediates } from "../../graph/graph.ts";
import { isScalarGraph } from "../../graph/operations.ts";
import type { RandomState } from "../../random.ts";
import { fromPublicOrder, hasOnlyCopies } from "../engine.ts";
import { Pace } from "../pace.ts";
import type { Budget, Objective, Strategy } from "../strategy.ts";
import { type Arithmetic, multiplicationsArithmetic, OperationsArithmetic } from "./arithmetic.ts";
import { Effort } from "./effort.ts";
import { eliminationTree, postorder } from "./eliminationTree.ts";
import { countingPass } from "./passes.ts";
import { sweep } from "./sweep.ts";

export interface WindowOptions {
  readonly objective: Objective;
  /** An iteration is a move of annealing. */
  readonly budget: Budget;
  readonly start: EliminationOrder;
  /** Of the objective, if there is one already: of `operations` it takes a while to make, and much memory. */
  readonly arithmetic?: Arithmetic;
  /** Where to go on, with the budget and objective of then; the start is not looked at. */
  readonly resume?: WindowState;
  /** Called once, with a function that says at any time from where the same search can go on. */
  readonly onState?: (capture: () => WindowState) => void;
}

/** Where annealing by windows stood before the sweep that it is in, as JSON. */
export interface WindowState {
  readonly kind: "windows";
  /** Used so far. */
  readonly seconds: number;
  readonly random: RandomState;
  readonly best: EliminationOrder;
  readonly moves: number;
  readonly sweeps: number;
}

/** Vertices of a window by sweep, in turn, and moves of annealing per vertex in the first sweep; each sweep tries more. */
const WINDOWS = { multiplications: [48, 96, 24], operations: [24, 48, 12] } as const;
const MOVES = 40;

/** Whether the sparse graph counts a graph as the engines do: every edge is a number, and pure structure is 1. */
export function isSparseCountable(graph: ComputationalGraph): boolean {
  return isScalarGraph(graph) && hasOnlyCopies(graph);
}

/**
 * The arithmetic of an objective.
 *
 * @param graph one that `isSparseCountable`
 * @param expected operations that there is to be room for at once
 */
export function arithmeticOf(graph: ComputationalGraph, objective: Objective, expected = 0): Arithmetic {
  return objective === "multiplications"
    ? multiplicationsArithmetic
    : new OperationsArithmetic(graph, expected);
}

/**
 * Sweeps over the order until the budget is used up. In `multiplications` no sweep makes it worse; in `operations`, where windows do not see what they share
 * with others, a sweep that does is taken back.
 *
 * The graph is one that `isSparseCountable`. Tells of improvements after whole sweeps.
 *
 * @throws InputError if `start` is not an order of the graph
 */
export const windowSearch: Strategy<WindowOptions> = async (
  graph,
  { objective, budget, start, arithmetic = arithmeticOf(graph, objective), resume, onState },
  run,
) => {
  const pace = new Pace(budget, run, resume?.seconds);
  const nodes = intermediates(graph);
  const given = resume?.best ?? start;
  let order: Int32Array = fromPublicOrder(graph, given).map((index) => nodes[index] as number);
  const counted = await countingPass(graph, arithmetic, order, new Effort(pace, { limit: Infinity }));
  if (counted.kind === "cut") return given;
  let { cost } = counted;
  let moved = resume?.moves ?? 0;
  const equations = () =>
    Array.from(order, (node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0);
  const isOver = () => nodes.length < 2 || cost === 0 || pace.isOver(moved);
  if (resume !== undefined) run.random.state = resume.random;
  const standing = (sweeps: number) => ({
    kind: "windows" as const,
    random: run.random.state,
    best: equations(),
    moves: moved,
    sweeps,
  });
  let before = standing(resume?.sweeps ?? 0);
  onState?.(() => ({ ...before, seconds: pace.seconds }));
  for (let round = before.sweeps; !isOver(); round++) {
    before = standing(round);
    const window = WINDOWS[objective][round % WINDOWS[objective].length] ?? 1;
    const swept = await sweep(
      graph,
      arithmetic,
      inPostorder(graph, order, round % 2 === 0 ? "ascending" : "descending"),
      {
        objective,
        window,
        offset: run.random.below(window),
        moves: MOVES * (round + 1),
        goesOn: async (moves) => {
          moved += moves;
          if (pace.isDue()) await pace.breathe(moved, cost);
          return !isOver();
        },
      },
      run,
    );
    if (swept.cost > cost) continue;
    const isBetter = swept.cost < cost;
    ({ order, cost } = swept);
    if (isBetter) run.onImprovement?.(equations(), cost);
  }
  return equations();
};

function inPostorder(
  graph: ComputationalGraph,
  order: Int32Array,
  children: "ascending" | "descending",
): Int32Array {
  const parents = eliminationTree(graph.edges, order, graph.inputs.length + graph.vertices.length);
  return postorder(parents, children).map((position) => order[position] as number);
}

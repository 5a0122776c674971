/**
 * Elimination by finer moves than vertices: what an order of vertices is refined to where edges or faces are cheaper (Naumann 2004).
 */

import type { NodeStep } from "../../graph/faces.ts";
import type { ComputationalGraph, Elimination } from "../../graph/graph.ts";
import { isScalarGraph } from "../../graph/operations.ts";
import type { RandomState } from "../../random.ts";
import type { Budget, Objective, Run } from "../strategy.ts";
import { annealSteps } from "./annealing.ts";
import { edgeEngine } from "./edgeEngine.ts";
import { faceEngine } from "./faceEngine.ts";
import {
  costOfSteps,
  effectiveSteps,
  isNamed,
  type Moves,
  type StepEngine,
  toElimination,
  wholeSteps,
} from "./step.ts";

/** The moves that are finer than vertices. */
export type FinerMoves = Exclude<Moves, "vertex">;

/** What to refine by and for how long. */
export interface RefineOptions {
  readonly objective: Objective;
  readonly moves: FinerMoves;
  /** An iteration is a move tried. */
  readonly budget: Budget;
  /** Usually the best order of vertices. */
  readonly start: Elimination;
  /** How much hotter than usual the annealing begins; 1 by default. */
  readonly heat?: number;
  /** Where to go on, with the objective, moves and start of then. */
  readonly resume?: RefineState;
  /** Called once, with a function that says at any time from where the same refining can go on. */
  readonly onState?: (capture: () => RefineState) => void;
}

/** An elimination and what it costs. */
export interface Refined {
  readonly elimination: Elimination;
  readonly cost: number;
}

/** Where refining stands between two moves, as JSON: with it the same moves follow as without the interruption. */
export interface RefineState {
  /** Used so far. */
  readonly seconds: number;
  readonly random: RandomState;
  /** The steps under change, of which some may do nothing, and the best ones. */
  readonly steps: Elimination;
  readonly best: Elimination;
  /** Of the sweep. */
  readonly position: number;
  readonly triesLeft: number;
  readonly moves: number;
  /** Of cooling. */
  readonly cycle: number;
}

/**
 * Searches for edges or faces whose elimination between the vertices' makes the whole cheaper.
 *
 * @param run told of every elimination that is cheaper than all before it
 * @returns the cheapest elimination met; the start itself if none is cheaper
 */
export async function refineSteps(
  graph: ComputationalGraph,
  { objective, moves, budget, start, heat = 1, resume, onState }: RefineOptions,
  run: Run<Elimination>,
): Promise<Refined> {
  const engine = stepEngine(graph, objective, moves);
  const nodeSteps = (steps: Elimination) => wholeSteps(graph, steps);
  const published = (steps: readonly NodeStep[]) => toElimination(graph, effectiveSteps(graph, steps));
  const others = () => {
    const best = run.incumbent?.best;
    return best === undefined ? undefined : { steps: nodeSteps(best.order), cost: best.cost };
  };
  const first = nodeSteps(start);
  const best = await annealSteps(
    engine,
    first,
    {
      isNamed: (node) => isNamed(graph, node),
      faces: moves === "face",
      budget,
      heat,
      incumbent: others,
      ...(resume === undefined
        ? {}
        : { resume: { ...resume, steps: nodeSteps(resume.steps), best: nodeSteps(resume.best) } }),
      onState: (capture) =>
        onState?.(() => {
          const state = capture();
          return {
            ...state,
            steps: toElimination(graph, state.steps),
            best: toElimination(graph, state.best),
          };
        }),
    },
    run,
    (steps, cost) => run.onImprovement?.(published(steps), cost),
  );
  const cost = costOfSteps(engine, best);
  return cost < costOfSteps(engine, first)
    ? { elimination: published(best), cost }
    : { elimination: start, cost };
}

/** The fastest engine that knows the moves, the graph and the objective. */
export function stepEngine(graph: ComputationalGraph, objective: Objective, moves: Moves): StepEngine {
  return moves !== "face" && (objective === "multiplications" || isScalarGraph(graph))
    ? edgeEngine(graph, objective)
    : faceEngine(graph, objective);
}

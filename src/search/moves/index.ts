/**
 * Elimination by finer moves than vertices: what an order of vertices is refined to where edges or faces are cheaper (Naumann 2004).
 */

import type { NodeStep } from "../../graph/faces.ts";
import { type ComputationalGraph, type Elimination, intermediates } from "../../graph/graph.ts";
import { isScalarGraph } from "../../graph/operations.ts";
import { hasOnlyCopies } from "../engine.ts";
import type { Budget, Objective, Run } from "../strategy.ts";
import { annealSteps } from "./annealing.ts";
import { edgeEngine } from "./edgeEngine.ts";
import { faceEngine } from "./faceEngine.ts";
import { effectiveSteps, isNamed, type Moves, type StepEngine, toElimination, toNodeSteps } from "./step.ts";

/** What to refine by and for how long. */
export interface RefineOptions {
  readonly objective: Objective;
  readonly moves: Exclude<Moves, "vertex">;
  readonly budget: Budget;
  /** Usually the best order of vertices. */
  readonly start: Elimination;
}

/** An elimination and what it costs. */
export interface Refined {
  readonly elimination: Elimination;
  readonly cost: number;
}

/**
 * Searches for edges or faces whose elimination between the vertices' makes the whole cheaper.
 *
 * @param onImprovement called with every elimination that is cheaper than all before it
 * @returns the cheapest elimination met; the start itself if none is cheaper
 */
export async function refineSteps(
  graph: ComputationalGraph,
  { objective, moves, budget, start }: RefineOptions,
  run: Run,
  onImprovement: (refined: Refined) => void = () => {},
): Promise<Refined> {
  const engine = stepEngine(graph, objective, moves);
  const published = (steps: readonly NodeStep[]): Refined => ({
    elimination: toElimination(graph, effectiveSteps(graph, steps)),
    cost: engine.cost(steps),
  });
  const first = toNodeSteps(graph, start);
  const best = await annealSteps(
    engine,
    first,
    {
      intermediates: intermediates(graph),
      isNamed: (node) => isNamed(graph, node),
      faces: moves === "face",
      budget,
    },
    run,
    (steps) => onImprovement(published(steps)),
  );
  return best === first ? { elimination: start, cost: engine.cost(first) } : published(best);
}

/** The fastest engine that knows the moves, the graph and the objective. */
export function stepEngine(graph: ComputationalGraph, objective: Objective, moves: Moves): StepEngine {
  const isPlain = isScalarGraph(graph) && (objective === "operations" || hasOnlyCopies(graph));
  return moves !== "face" && isPlain ? edgeEngine(graph, objective) : faceEngine(graph, objective);
}

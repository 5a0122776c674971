/**
 * Elimination by finer moves than vertices: what an order of vertices is refined to where edges or faces are cheaper (Naumann 2004).
 */

import type { NodeStep } from "../../graph/faces.ts";
import { type ComputationalGraph, type Elimination, intermediates } from "../../graph/graph.ts";
import { isScalarGraph } from "../../graph/operations.ts";
import type { AutoResult } from "../auto.ts";
import { hasOnlyCopies } from "../engine.ts";
import { Menger } from "../exact/menger.ts";
import { EliminationState, isSupported } from "../exact/state.ts";
import { Pace } from "../pace.ts";
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

/** What a search for orders of vertices found, with what finer moves make of its best order as one more method. */
export async function refineResult(
  graph: ComputationalGraph,
  { best, methods, history, bounds, ...result }: AutoResult,
  options: Omit<RefineOptions, "start">,
  run: Run,
  /** Since the start of the search, in milliseconds of the run's clock. */
  start: number,
): Promise<AutoResult<Elimination>> {
  const method = `${best.method}, by ${options.moves}s`;
  const pace = new Pace(options.budget, run);
  const found = [...history];
  const { elimination, cost } = await refineSteps(
    graph,
    { ...options, start: best.order },
    run,
    (refined) => {
      found.push({ seconds: (run.now() - start) / 1000, cost: refined.cost, method });
      run.onImprovement?.(best.order, refined.cost);
    },
  );
  const refined = { method, order: elimination, cost, seconds: pace.seconds };
  const { proof: _, ...rest } = result;
  const bound = options.objective === "multiplications" ? mengerBound(graph) : null;
  return {
    ...rest,
    best: cost < best.cost ? refined : best,
    methods: [...methods, refined],
    history: found,
    bounds: [],
    ...(bound === null ? {} : { proof: { lowerBound: bound, evidence: null } }),
  };
}

/**
 * Menger's bound on the multiplications of every face elimination, null if the graph is not scalar. It holds for faces as it does for vertices:
 * of k paths from inputs to v that share no vertex but v, and whose last edges are counted, and l such paths to outputs, every pair is one path from an
 * input to an output, which needs a face at v eliminated between a strand that begins on the one path and a strand that ends on the other. These k * l
 * faces differ, and each costs a multiplication.
 */
export function mengerBound(graph: ComputationalGraph): number | null {
  if (!isSupported(graph)) return null;
  const state = new EliminationState(graph);
  const menger = new Menger(state);
  return intermediates(graph).reduce((sum, node) => sum + menger.bound(node), 0);
}

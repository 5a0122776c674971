/** The frame of the greedy heuristics: eliminate, at each step, the vertex that a criterion likes best. */

import type { ComputationalGraph, EliminationOrder } from "../../graph/graph.ts";
import { type Engine, toPublicOrder } from "../engine.ts";
import type { Ties } from "../orders.ts";
import { Pace } from "../pace.ts";
import type { Run } from "../strategy.ts";

/** By what a greedy heuristic chooses. */
export interface Criterion {
  /**
   * Whose scores an elimination changes: those of the neighbours and of their neighbours, or perhaps all. Only where costs are local; else it is
   * always all.
   */
  readonly reach: "near" | "all";
  /** How bad it is to eliminate this intermediate now; the least is eliminated. */
  score(index: number): number;
  /** Told of each elimination before it happens. */
  eliminating?(index: number): void;
}

/** What a greedy heuristic needs on a graph: an engine at its start and a criterion over it. */
export interface Greedy {
  readonly engine: Engine;
  readonly criterion: Criterion;
}

/**
 * A greedy heuristic: at once, or, given a run, in turns with the event loop. If the run is aborted, the vertices that are left follow in program order.
 */
export interface GreedyHeuristic<Options extends Ties> {
  (graph: ComputationalGraph, options: Options): EliminationOrder;
  (graph: ComputationalGraph, options: Options, run: Run): Promise<EliminationOrder>;
}

/** The heuristic of a criterion. @param prepare may throw an InputError if the objective is not defined on the graph */
export function greedyHeuristic<Options extends Ties>(
  prepare: (graph: ComputationalGraph, options: Options) => Greedy,
): GreedyHeuristic<Options> {
  function heuristic(graph: ComputationalGraph, options: Options): EliminationOrder;
  function heuristic(graph: ComputationalGraph, options: Options, run: Run): Promise<EliminationOrder>;
  function heuristic(
    graph: ComputationalGraph,
    options: Options,
    run?: Run,
  ): EliminationOrder | Promise<EliminationOrder> {
    const { engine, criterion } = prepare(graph, options);
    if (run !== undefined) return inTurns(graph, engine, greedySteps(engine, criterion, options), run);
    return toPublicOrder(graph, Int32Array.from(greedySteps(engine, criterion, options)));
  }
  return heuristic;
}

async function inTurns(
  graph: ComputationalGraph,
  engine: Engine,
  steps: Iterable<number>,
  run: Run,
): Promise<EliminationOrder> {
  const pace = new Pace({}, run);
  const order = new Set<number>();
  for (const index of steps) {
    order.add(index);
    if (pace.isAborted) break;
    if (pace.isDue()) await pace.breathe(0, engine.total());
  }
  for (let index = 0; index < engine.size; index++) order.add(index);
  return toPublicOrder(graph, Int32Array.from(order));
}

/** The greedy order of a criterion, one vertex after the other, in quadratic time at best. */
function* greedySteps(engine: Engine, criterion: Criterion, ties: Ties): Generator<number> {
  const isNear = engine.local && criterion.reach === "near";
  const left = Array.from({ length: engine.size }, (_, index) => index);
  const scores = new Float64Array(engine.size);
  const neighbours = new Int32Array(2 * engine.size);
  engine.restart();
  let changed: Iterable<number> = left;
  while (left.length > 0) {
    for (const index of changed) scores[index] = criterion.score(index);
    const index = leastOf(left, scores, ties);
    const touched = neighbours.slice(0, engine.neighbours(index, neighbours));
    criterion.eliminating?.(index);
    engine.eliminate(index);
    left.splice(left.indexOf(index), 1);
    if (isNear) changed = withNeighbours(engine, touched, neighbours);
    yield index;
  }
}

/** These and all that are adjacent to them. */
function withNeighbours(engine: Engine, indices: Int32Array, room: Int32Array): Set<number> {
  const found = new Set(indices);
  for (const index of indices)
    for (const other of room.subarray(0, engine.neighbours(index, room))) found.add(other);
  return found;
}

function leastOf(left: readonly number[], scores: Float64Array, ties: Ties): number {
  let least = Infinity;
  for (const index of left) least = Math.min(least, scores[index] as number);
  const tied = left.filter((index) => scores[index] === least);
  if (ties.ties === "random") return tied[ties.random.below(tied.length)] as number;
  return tied.at(ties.ties === "first" ? 0 : -1) as number;
}

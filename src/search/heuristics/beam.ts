/**
 * Beam search with look-ahead (Ow & Morton 1988, "Filtered beam search in scheduling"; the look-ahead is the pilot method, Duin & Voss 1999).
 *
 * A state is a prefix of an order. Each state of the beam is extended by its most promising next vertices, those of least degree; each extension is completed
 * by the greedy order, and what that costs in total is the state's value. The best states form the next beam.
 */

import type { ComputationalGraph } from "../../graph/graph.ts";
import { createEngine, type Engine, toPublicOrder } from "../engine.ts";
import { Pace } from "../pace.ts";
import type { Budget, Objective, Strategy } from "../strategy.ts";

export interface BeamOptions {
  readonly objective: Objective;
  /** An iteration is an order completed. */
  readonly budget: Budget;
  /** States that are kept at each depth; 6 by default. With Infinity, and Infinity branches, the search is exhaustive. */
  readonly width?: number;
  /** Extensions that are tried of each state; 6 by default. */
  readonly branches?: number;
}

interface State {
  readonly prefix: readonly number[];
  /** What the prefix costs, and the whole order of its greedy completion. */
  readonly cost: number;
  readonly value: number;
}

/**
 * The best order completed. If the budget ends first, the best so far; a search that ends earlier leaves the rest unused.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export const beamSearch: Strategy<BeamOptions> = async (
  graph: ComputationalGraph,
  { objective, budget, width = 6, branches = 6 },
  run,
) => {
  const pace = new Pace(budget, run);
  const engine = createEngine(graph, objective);
  let best: Int32Array = new Int32Array(0);
  let least = Infinity;
  let completed = 0;
  const value = (prefix: readonly number[]): State => {
    const state = evaluate(engine, prefix);
    completed++;
    if (state.value < least) {
      least = state.value;
      best = state.order;
      run.onImprovement?.(toPublicOrder(graph, best), least);
    }
    return { prefix, cost: state.cost, value: state.value };
  };
  let beam = [value([])];
  for (let depth = 0; depth < engine.size && !pace.isOver(completed); depth++) {
    const next = new Map<string, State>();
    for (const { prefix } of beam)
      for (const index of candidates(engine, prefix, branches)) {
        if (pace.isOver(completed)) break;
        const extended = [...prefix, index];
        // Where costs are local, what comes after a set does not depend on its order.
        const key = (engine.local ? extended.toSorted((a, b) => a - b) : extended).join();
        const known = next.get(key);
        if (known !== undefined && width !== Infinity) continue;
        const state = value(extended);
        if (known === undefined || state.cost < known.cost) next.set(key, state);
        if (pace.isDue()) await pace.breathe(completed, least);
      }
    beam = [...next.values()].sort((a, b) => a.value - b.value || a.cost - b.cost).slice(0, width);
  }
  return toPublicOrder(graph, best);
};

/** The next vertices of least degree after a prefix, ties to the last in program order. */
function candidates(engine: Engine, prefix: readonly number[], branches: number): number[] {
  engine.restart();
  const gone = new Set(prefix);
  for (const index of prefix) engine.eliminate(index);
  return Array.from({ length: engine.size }, (_, index) => index)
    .filter((index) => !gone.has(index))
    .map((index) => ({ index, degree: engine.degree(index) }))
    .sort((a, b) => a.degree - b.degree || b.index - a.index)
    .slice(0, branches)
    .map(({ index }) => index);
}

/** Completes a prefix by the least degree at each step, ties to the last; where costs are not local, degrees are taken when a neighbour goes. */
function evaluate(
  engine: Engine,
  prefix: readonly number[],
): { cost: number; value: number; order: Int32Array } {
  const { size } = engine;
  const order = new Int32Array(size);
  const isGone = new Uint8Array(size);
  engine.restart();
  prefix.forEach((index, position) => {
    engine.eliminate(index);
    isGone[index] = 1;
    order[position] = index;
  });
  const cost = engine.total();
  const degrees = new Float64Array(size).fill(Infinity);
  for (let index = 0; index < size; index++) if (isGone[index] === 0) degrees[index] = engine.degree(index);
  const neighbours = new Int32Array(2 * size);
  for (let position = prefix.length; position < size; position++) {
    let index = size - 1;
    for (let other = size - 2; other >= 0; other--)
      if ((degrees[other] as number) < (degrees[index] as number)) index = other;
    const touched = engine.neighbours(index, neighbours);
    engine.eliminate(index);
    degrees[index] = Infinity;
    order[position] = index;
    for (const other of neighbours.subarray(0, touched)) degrees[other] = engine.degree(other);
  }
  return { cost, value: engine.total(), order };
}

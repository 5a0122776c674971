/** The classical elimination orders: each a function from a graph to an order, with its source. */

import type { ComputationalGraph, EliminationOrder } from "../graph/graph.ts";
import { intermediates } from "../graph/graph.ts";
import type { Random } from "../random.ts";
import { createEngine, type Engine, toPublicOrder } from "./engine.ts";
import type { Objective } from "./strategy.ts";

/** Forward mode: the intermediates in program order (Griewank & Walther 2008, section 9.2). */
export function forward(graph: ComputationalGraph): EliminationOrder {
  return toPublicOrder(graph, Int32Array.from(intermediates(graph).keys()));
}

/** Reverse mode: the intermediates against program order (Griewank & Walther 2008, section 9.2). */
export function reverse(graph: ComputationalGraph): EliminationOrder {
  return forward(graph).toReversed();
}

/** Which of several equally cheap vertices goes first: the first or last in program order, or any. */
export type Ties = { readonly ties: "first" | "last" } | { readonly ties: "random"; readonly random: Random };

/** What a vertex's elimination is taken to cost; `multiplications`, the Markowitz degree proper, by default. */
export type MarkowitzOptions = Ties & { readonly objective?: Objective };

/**
 * Lowest Markowitz degree first (Griewank & Walther 2008, section 10.1, after Markowitz 1957).
 *
 * Eliminates, at each step, the vertex whose elimination costs least now: |pred(v)| * |succ(v)| on a scalar graph with the objective
 * `multiplications`; with `operations`, the products and sums that it adds to those already there. Ties decide much
 * (RobotArm_6DOF: 288 with "first", 221 with "last").
 *
 * @throws InputError if the objective is not defined on the graph
 */
export function markowitz(graph: ComputationalGraph, options: MarkowitzOptions): EliminationOrder {
  return toPublicOrder(
    graph,
    markowitzIndices(createEngine(graph, options.objective ?? "multiplications"), options),
  );
}

function markowitzIndices(engine: Engine, options: Ties): Int32Array {
  const { size } = engine;
  engine.restart();
  const degrees = Float64Array.from({ length: size }, (_, index) => engine.degree(index));
  const neighbours = new Int32Array(2 * size);
  const order = new Int32Array(size);
  for (let position = 0; position < size; position++) {
    const index = cheapest(degrees, options);
    const touched = engine.neighbours(index, neighbours);
    engine.eliminate(index);
    order[position] = index;
    degrees[index] = Infinity;
    // Where costs are local an elimination changes the degrees of its neighbours only.
    const changed = engine.local ? neighbours.subarray(0, touched) : degrees.keys();
    for (const other of changed) if (degrees[other] !== Infinity) degrees[other] = engine.degree(other);
  }
  return order;
}

/** The index of the least degree; infinite ones are eliminated already. */
function cheapest(degrees: Float64Array, options: Ties): number {
  let best = 0;
  let ties = 0;
  for (let index = 0; index < degrees.length; index++) {
    const degree = degrees[index] as number;
    const least = degrees[best] as number;
    if (degree > least || degree === Infinity) continue;
    ties = degree < least ? 1 : ties + 1;
    if (ties === 1 || takesTie(options, ties)) best = index;
  }
  return best;
}

/** Whether the newest of `ties` equals is taken; at random each is with the same chance. */
function takesTie(options: Ties, ties: number): boolean {
  if (options.ties === "random") return options.random.below(ties) === 0;
  return options.ties === "last";
}

/** What an order costs, under every cost model; each is defined once and this is where they are put side by side. */

import { eliminateAll } from "./elimination.ts";
import { eliminateSteps } from "./faces.ts";
import type { ComputationalGraph, Elimination, EliminationOrder } from "./graph.ts";
import { accumulate, type Operations, operationsOf } from "./operations.ts";
import { type Accounting, weightAlgebra } from "./weights.ts";

/** The counts of one order (see docs/architecture.md, "How multiplications are counted"). */
export interface Costs {
  /** The paper's count: every product of two local partials, +1 and -1 included. */
  readonly multiplications: number;
  /** Products of two values that are not known constants. */
  readonly nontrivial: number;
  /** Products of a value by a constant other than +1 and -1, which `nontrivial` leaves out. */
  readonly constants: number;
  /** What the generated accumulation performs; null where it is not known (array-valued vertices). */
  readonly operations: Operations | null;
}

/** What eliminating one vertex adds to a count, in the order of elimination. */
export interface VertexCost {
  /** Number of the vertex's equation, from 1. */
  readonly equation: number;
  readonly products: number;
  readonly constants: number;
}

/** All counts of an order or of finer steps. Throws an InputError if they do not eliminate the graph's intermediates. */
export function costsOf(graph: ComputationalGraph, order: Elimination): Costs {
  const total = (accounting: Accounting) => {
    const count = { products: 0, constants: 0 };
    eliminateSteps(graph, order, weightAlgebra(accounting, count));
    return count;
  };
  const nontrivial = total("nontrivial");
  return {
    multiplications: total("multiplications").products,
    nontrivial: nontrivial.products,
    constants: nontrivial.constants,
    operations: operationsOf(accumulate(graph, order)),
  };
}

/** The cost of each elimination of an order. Throws an InputError if it is not a permutation of the graph's intermediates. */
export function vertexCosts(
  graph: ComputationalGraph,
  order: EliminationOrder,
  accounting: Accounting,
): VertexCost[] {
  const count = { products: 0, constants: 0 };
  const costs: VertexCost[] = [];
  let before = { ...count };
  eliminateAll(graph, order, weightAlgebra(accounting, count), (node) => {
    const equation = graph.vertices[node - graph.inputs.length]?.equation ?? 0;
    costs.push({
      equation,
      products: count.products - before.products,
      constants: count.constants - before.constants,
    });
    before = { ...count };
  });
  return costs;
}

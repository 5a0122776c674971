/** All counts of an order of a large graph: what `costsOf` counts, in time and memory proportional to the products. */

import { type Costs, costsOf } from "../../graph/costs.ts";
import { nodesOfOrder } from "../../graph/elimination.ts";
import {
  type ComputationalGraph,
  type Elimination,
  type EliminationOrder,
  isVertexOrder,
} from "../../graph/graph.ts";
import type { Operations } from "../../graph/operations.ts";
import { OperationsArithmetic, WeightsArithmetic } from "./arithmetic.ts";
import { TABLE_LIMIT } from "./effort.ts";
import { SparseGraph } from "./sparseGraph.ts";
import { isSparseCountable } from "./windows.ts";

/** From so many vertices on, orders are counted by the sparse graph instead of the plain elimination. */
const LARGE = 2000;

/** `costsOf`, by the plain elimination for small graphs and others than scalar ones, else by `sparseCosts`. */
export function costsAtAnyScale(graph: ComputationalGraph, order: Elimination): Costs {
  return graph.vertices.length > LARGE && isVertexOrder(order) && isSparseCountable(graph)
    ? sparseCosts(graph, order)
    : costsOf(graph, order);
}

/**
 * The counts of `costsOf` on the sparse graph; `operations` are null where there are too many to keep a table of them.
 *
 * @param graph scalar, its pure structure copies
 * @throws InputError if the order is not a permutation of the graph's intermediates
 */
export function sparseCosts(graph: ComputationalGraph, order: EliminationOrder): Costs {
  const nodes = nodesOfOrder(graph, order);
  let multiplications = 0;
  const weights = new WeightsArithmetic();
  const weighing = new SparseGraph(graph, weights);
  for (const node of nodes) multiplications += weighing.eliminate(node);
  const { products, constants } = weights;
  const operations = multiplications > TABLE_LIMIT ? null : operationsOf(graph, nodes, multiplications);
  return { multiplications, nontrivial: products, constants, operations };
}

function operationsOf(
  graph: ComputationalGraph,
  nodes: readonly number[],
  multiplications: number,
): Operations {
  const arithmetic = new OperationsArithmetic(graph, multiplications);
  const state = new SparseGraph(graph, arithmetic);
  for (const node of nodes) state.eliminate(node);
  return arithmetic.table.liveOperations(state.codes());
}

/** Compress: a graph after some eliminations, as a graph of its own. */

import { eliminate, startElimination } from "../elimination.ts";
import {
  type ComputationalGraph,
  type EdgeTerm,
  type EliminationOrder,
  type GraphEdge,
  intermediates,
} from "../graph.ts";
import { type Weight, weightAlgebra } from "../weights.ts";
import { clean } from "./clean.ts";
import { renumbering } from "./renumbering.ts";

/** A graph in which some vertices are settled already. */
export interface Settled {
  readonly graph: ComputationalGraph;
  /** The equations that were eliminated, in order. */
  readonly eliminated: EliminationOrder;
  /** What that cost, in `multiplications`. */
  readonly cost: number;
}

/**
 * Eliminates the first vertices of an order and drops them. The vertices that are left keep their equation numbers, so that an order of the new graph goes on
 * where `eliminated` ends; in `multiplications` it costs the same there.
 *
 * The values of the edges are forgotten: all that are data are taken to be different. So `operations` of the new graph mean nothing.
 *
 * @param order equations, each at most once; others than intermediates are left out
 */
export function compress(graph: ComputationalGraph, order: EliminationOrder): Settled {
  const count = { products: 0, constants: 0 };
  const state = startElimination(graph, weightAlgebra("multiplications", count));
  const open = new Map(
    intermediates(graph).map((node) => [graph.vertices[node - graph.inputs.length]?.equation, node]),
  );
  const eliminated: number[] = [];
  const gone = new Set<number>();
  for (const equation of order) {
    const node = open.get(equation);
    if (node === undefined || gone.has(node)) continue;
    eliminate(state, node);
    gone.add(node);
    eliminated.push(equation);
  }
  let valueCount = 0;
  const fresh = (weight: Weight): EdgeTerm =>
    weight.value.kind === "constant"
      ? { structure: weight.structure, counted: null, value: weight.value }
      : {
          structure: weight.structure,
          counted: weight.labels,
          value: { kind: "value", value: valueCount++, negative: false },
        };
  const number = renumbering(graph, gone);
  const edges: GraphEdge[] = state.incoming.flatMap((incoming, to) =>
    [...incoming]
      .sort(([a], [b]) => a - b)
      .map(([from, terms]) => ({ from: number(from), to: number(to), terms: terms.map(fresh) })),
  );
  const left = {
    ...graph,
    vertices: graph.vertices.filter((_, vertex) => !gone.has(graph.inputs.length + vertex)),
    edges,
    outputs: graph.outputs.map((node) => (node === null ? null : number(node))),
    valueCount,
    known: [],
  };
  return { graph: clean(left), eliminated, cost: count.products };
}

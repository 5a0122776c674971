/** Lowest relative Markowitz degree. */

import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { createEngine } from "../engine.ts";
import type { MarkowitzOptions } from "../orders.ts";
import { greedyHeuristic } from "./greedy.ts";

/**
 * Lowest relative Markowitz degree first (Naumann 1999; Griewank & Naumann 2003, "Accumulating Jacobians as chained sparse matrix products").
 *
 * The degree now, less the degree that the vertex has if it is eliminated last of all: the number of inputs that reach it times the number of
 * outputs that it reaches. A vertex whose degree can only grow is taken before one whose degree will shrink anyway. With the objective
 * `operations` the degree now is what the elimination adds.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export const lowestRelativeMarkowitz = greedyHeuristic((graph, options: MarkowitzOptions) => {
  const engine = createEngine(graph, options.objective ?? "multiplications");
  const last = lastDegrees(graph);
  const score = (index: number) => engine.degree(index) - (last[index] as number);
  return { engine, criterion: { reach: "near", score } };
});

/** For each intermediate the number of inputs that reach it times the number of outputs that it reaches. */
function lastDegrees(graph: ComputationalGraph): number[] {
  const nodes = graph.inputs.length + graph.vertices.length;
  const inputs = Array.from(
    { length: nodes },
    (_, node) => new Set(node < graph.inputs.length ? [node] : []),
  );
  const outputs = Array.from({ length: nodes }, () => new Set<number>());
  for (const output of graph.outputs) if (output !== null) outputs[output]?.add(output);
  const join = (into: Set<number> | undefined, from: ReadonlySet<number> | undefined) => {
    for (const terminal of from ?? []) into?.add(terminal);
  };
  for (const { from, to } of graph.edges) join(inputs[to], inputs[from]);
  // Against the edges, all that leave a node come before all that lead to it.
  for (const { from, to } of graph.edges.toSorted((a, b) => b.from - a.from))
    join(outputs[from], outputs[to]);
  return intermediates(graph).map((node) => (inputs[node]?.size ?? 0) * (outputs[node]?.size ?? 0));
}

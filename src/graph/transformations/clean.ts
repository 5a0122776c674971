/** Clean: a graph without dead vertices. */

import type { ComputationalGraph } from "../graph.ts";
import { renumbering } from "./renumbering.ts";

/**
 * Removes the vertices that lie on no path from an input to an output, with their edges; outputs that depend on no input become null. A graph of `linearize` is
 * clean; one that was made or changed by hand may not be.
 *
 * Keeps the optimum: dead vertices can be eliminated first, from their ends on, at no cost.
 */
export function clean(graph: ComputationalGraph): ComputationalGraph {
  const nodes = graph.inputs.length + graph.vertices.length;
  const isFed = new Uint8Array(nodes).fill(1, 0, graph.inputs.length);
  for (const { from, to } of graph.edges) if (isFed[from] === 1) isFed[to] = 1;
  const isUsed = new Uint8Array(nodes);
  for (const node of graph.outputs) if (node !== null) isUsed[node] = 1;
  for (const { from, to } of graph.edges.toReversed()) if (isUsed[to] === 1) isUsed[from] = 1;
  const gone = new Set<number>();
  for (let node = graph.inputs.length; node < nodes; node++)
    if (isFed[node] === 0 || isUsed[node] === 0) gone.add(node);
  if (gone.size === 0) return graph;
  const number = renumbering(graph, gone);
  return {
    ...graph,
    vertices: graph.vertices.filter((_, vertex) => !gone.has(graph.inputs.length + vertex)),
    edges: graph.edges
      .filter(({ from, to }) => !gone.has(from) && !gone.has(to))
      .map((edge) => ({ ...edge, from: number(edge.from), to: number(edge.to) })),
    outputs: graph.outputs.map((node) => (node === null || gone.has(node) ? null : number(node))),
  };
}

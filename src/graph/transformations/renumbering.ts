/** New numbers for the nodes of a graph of which some go. */

import type { ComputationalGraph } from "../graph.ts";

/** The number of each node when some are gone; -1 for those. */
export function renumbering(graph: ComputationalGraph, gone: ReadonlySet<number>): (node: number) => number {
  let next = 0;
  const numbers = Array.from({ length: graph.inputs.length + graph.vertices.length }, (_, node) =>
    gone.has(node) ? -1 : next++,
  );
  return (node) => numbers[node] ?? -1;
}

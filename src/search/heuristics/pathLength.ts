/** Maximal overall path-length reduction. */

import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { createEngine } from "../engine.ts";
import { multiplicationsArithmetic } from "../large/arithmetic.ts";
import { SparseGraph } from "../large/sparseGraph.ts";
import type { MarkowitzOptions } from "../orders.ts";
import { type Criterion, greedyHeuristic } from "./greedy.ts";

/**
 * Maximal overall path-length reduction, MOPLR (Naumann 1999; in the library ANGEL of Albrecht, Gottschling & Naumann).
 *
 * The overall path length is the sum, over all paths from an input to an output, of their numbers of edges. Accumulation ends when it is the number of entries of
 * the Jacobian. Eliminating v makes each path through p -> v -> s one edge shorter, or, where p -> s is there already, lets it vanish into that one's. The
 * vertex is taken that reduces the length most; the objective does not matter.
 */
export const maximalPathLengthReduction = greedyHeuristic((graph, _: MarkowitzOptions) => {
  const nodes = intermediates(graph);
  const structure = new SparseGraph(graph, multiplicationsArithmetic);
  let paths = pathsOf(graph, structure);
  const reduction = (node: number): number => {
    const { before, after } = paths;
    const successors = structure.successors(node);
    let sum = 0;
    for (const from of structure.predecessors(node))
      for (const to of successors) {
        const [count, length] = [before.count[from] as number, before.length[from] as number];
        const [outCount, outLength] = [after.count[to] as number, after.length[to] as number];
        sum +=
          structure.code(from, to) === 0
            ? count * outCount
            : outCount * (count + length) + count * (outCount + outLength);
      }
    // More paths than a number can hold: as good as infinitely many.
    return Number.isNaN(sum) ? Infinity : sum;
  };
  const criterion: Criterion = {
    reach: "all",
    score: (index: number) => -reduction(nodes[index] as number),
    eliminating: (index: number) => {
      structure.eliminate(nodes[index] as number);
      paths = pathsOf(graph, structure);
    },
  };
  return { engine: createEngine(graph, "multiplications"), criterion };
});

/** For each node the paths on one side of it: how many, and the sum of their lengths. */
interface Paths {
  readonly count: Float64Array;
  readonly length: Float64Array;
}

/** The paths from inputs to each node, and from each node to outputs. Nodes are numbered along the edges. */
function pathsOf(
  graph: ComputationalGraph,
  structure: SparseGraph,
): { readonly before: Paths; readonly after: Paths } {
  const nodes = graph.inputs.length + graph.vertices.length;
  const paths = (): Paths => ({ count: new Float64Array(nodes), length: new Float64Array(nodes) });
  const extend = ({ count, length }: Paths, node: number, others: readonly number[]) => {
    for (const other of others) {
      count[node] = (count[node] as number) + (count[other] as number);
      length[node] = (length[node] as number) + (length[other] as number) + (count[other] as number);
    }
  };
  const [before, after] = [paths(), paths()];
  for (let node = 0; node < nodes; node++)
    if (node < graph.inputs.length) before.count[node] = 1;
    else extend(before, node, structure.predecessors(node));
  const outputs = new Set(graph.outputs);
  for (let node = nodes - 1; node >= 0; node--)
    if (outputs.has(node)) after.count[node] = 1;
    else extend(after, node, structure.successors(node));
  return { before, after };
}

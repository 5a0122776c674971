/** Lowest fill-in. */

import { intermediates } from "../../graph/graph.ts";
import { createEngine } from "../engine.ts";
import { multiplicationsArithmetic } from "../large/arithmetic.ts";
import { SparseGraph } from "../large/sparseGraph.ts";
import type { MarkowitzOptions } from "../orders.ts";
import { type Criterion, greedyHeuristic } from "./greedy.ts";

/**
 * Lowest fill-in first (Griewank & Walther 2008, section 10.1; Tinney & Walker 1967 for matrices): the vertex whose elimination makes the fewest edges
 * that were not there. Among several of these the ties decide; the objective does not matter.
 */
export const lowestFillIn = greedyHeuristic((graph, _: MarkowitzOptions) => {
  const nodes = intermediates(graph);
  const structure = new SparseGraph(graph, multiplicationsArithmetic);
  const fill = (node: number): number => {
    const successors = structure.successors(node);
    let count = 0;
    for (const from of structure.predecessors(node))
      for (const to of successors) if (structure.code(from, to) === 0) count++;
    return count;
  };
  const criterion: Criterion = {
    reach: "all",
    score: (index: number) => fill(nodes[index] as number),
    eliminating: (index: number) => {
      structure.eliminate(nodes[index] as number);
    },
  };
  return { engine: createEngine(graph, "multiplications"), criterion };
});

/** What no elimination by any steps costs less than. */

import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { Menger } from "../exact/menger.ts";
import { EliminationState, isSupported } from "../exact/state.ts";

/**
 * Menger's bound on the multiplications of every face elimination, null if the graph is not scalar. It holds for faces as it does for vertices:
 * of k paths from inputs to v that share no vertex but v, and whose last edges are counted, and l such paths to outputs, every pair is one path from an
 * input to an output, which needs a face at v eliminated between a strand that begins on the one path and a strand that ends on the other. These k * l
 * faces differ, and each costs a multiplication.
 */
export function mengerBound(graph: ComputationalGraph): number | null {
  if (!isSupported(graph)) return null;
  const state = new EliminationState(graph);
  const menger = new Menger(state);
  return intermediates(graph).reduce((sum, node) => sum + menger.bound(node), 0);
}

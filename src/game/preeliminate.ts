/** Safe pre-elimination: what some optimal order eliminates first, eliminated. */

import type { ComputationalGraph } from "../graph/graph.ts";
import { compress, type Settled } from "../graph/transformations/compress.ts";
import { eliminateSafely } from "../search/exact/safe.ts";
import { EliminationState, isSupported } from "../search/exact/state.ts";

/**
 * Eliminates safely (`search/exact/safe.ts`) as long as that goes, and drops what is eliminated: the optimum of the rest and the cost add up to the optimum of
 * the graph, in `multiplications`. Graphs for which no safe rule is known (array-valued ones) come back as they are.
 */
export function preeliminate(graph: ComputationalGraph): Settled {
  if (!isSupported(graph)) return { graph, eliminated: [], cost: 0 };
  const eliminations = eliminateSafely(new EliminationState(graph));
  return compress(
    graph,
    eliminations.map(({ node }) => graph.vertices[node - graph.inputs.length]?.equation ?? 0),
  );
}

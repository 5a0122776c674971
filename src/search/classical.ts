/** The classical orders and the heuristics that are quick: where every search begins. */

import type { ComputationalGraph, EliminationOrder } from "../graph/graph.ts";
import { lowestMarkowitzMinimalDamage } from "./heuristics/damage.ts";
import { lowestFillIn } from "./heuristics/fillIn.ts";
import { forward, markowitz, reverse } from "./orders.ts";
import type { Objective } from "./strategy.ts";

/** A method without choices. */
export type QuickMethod = readonly [name: string, find: (graph: ComputationalGraph) => EliminationOrder];

const CLASSICAL: readonly QuickMethod[] = [
  ["forward", forward],
  ["reverse", reverse],
  ["markowitz", (graph) => markowitz(graph, { ties: "first" })],
  ["markowitz, last ties", (graph) => markowitz(graph, { ties: "last" })],
];

/**
 * The heuristics that begin better than Markowitz now and then (fill-in: RoeFlux_1d 306, an integrator of 1000 equations 3716 instead of 4287; LMMD: g 429, a
 * kinematic chain 2936 instead of 3348), for graphs up to a size at which they take a fraction of a second.
 */
const GREEDY_LIMIT = 1000;
const GREEDY: { readonly [objective in Objective]: readonly QuickMethod[] } = {
  multiplications: [
    ["fill-in", (graph) => lowestFillIn(graph, { ties: "last" })],
    ["lmmd", (graph) => lowestMarkowitzMinimalDamage(graph, { ties: "last" })],
  ],
  operations: [
    ["fewest operations first", (graph) => markowitz(graph, { objective: "operations", ties: "last" })],
    ["fill-in", (graph) => lowestFillIn(graph, { ties: "last" })],
  ],
};

/** Those for a graph with so many intermediates. */
export function quickMethods(objective: Objective, size: number): readonly QuickMethod[] {
  return size <= GREEDY_LIMIT ? [...CLASSICAL, ...GREEDY[objective]] : CLASSICAL;
}

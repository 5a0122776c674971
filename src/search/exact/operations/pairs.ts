/** The pairs of nodes that paths connect, each with the sets of intermediates that unions of such paths lead through. */

import { type ComputationalGraph, intermediates } from "../../../graph/graph.ts";

export interface Pair {
  readonly from: number;
  readonly to: number;
  /** The intermediates on paths between, ascending. */
  readonly between: readonly number[];
  /** Useful sets, as bits by node, the empty one first; null if they are too many. */
  readonly sets: readonly bigint[] | null;
}

/** Pairs with the nodes between them, of graphs that are looked at: beyond, it takes seconds. */
const MOST_TRIPLES = 150_000;

/**
 * All pairs of a node and one that it reaches.
 *
 * @param most useful sets of a pair
 * @returns null if the graph is too large
 */
export function pairsOf(graph: ComputationalGraph, most: number): readonly Pair[] | null {
  const open = new Set(intermediates(graph));
  const size = graph.inputs.length + graph.vertices.length;
  const sources = Array.from({ length: size }, () => new Set<number>());
  for (const { from, to } of graph.edges) sources[to]?.add(from);
  const pairs: Pair[] = [];
  let triples = 0;
  for (let from = 0; from < size; from++) {
    const ofFrom = new Map<number, Pair>();
    for (let to = from + 1; to < size; to++) {
      const before = [...(sources[to] ?? [])].flatMap((node) => ofFrom.get(node) ?? []);
      if (before.length === 0 && sources[to]?.has(from) !== true) continue;
      const between = new Set(before.flatMap((pair) => [...pair.between, pair.to]));
      triples += between.size;
      if (triples > MOST_TRIPLES) return null;
      ofFrom.set(to, {
        from,
        to,
        between: [...between].filter((node) => open.has(node)).sort((a, b) => a - b),
        sets: usefulSets(from, before, sources, most),
      });
    }
    pairs.push(...ofFrom.values());
  }
  return pairs;
}

/** The unions of the useful sets of those before, each with its last node. */
function usefulSets(
  from: number,
  before: readonly Pair[],
  sources: readonly ReadonlySet<number>[],
  most: number,
): readonly bigint[] | null {
  const sets = new Set([0n]);
  for (const { to: last, sets: inner } of before) {
    if (inner === null) return null;
    const isDirect = sources[last]?.has(from) === true;
    for (const set of [...sets])
      for (const part of inner) {
        if (part === 0n && !isDirect) continue;
        sets.add(set | part | (1n << BigInt(last)));
        if (sets.size > most) return null;
      }
  }
  return [...sets];
}

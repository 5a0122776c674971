/**
 * The verifier's own lower bound in `multiplications` of array-valued graphs: Menger's, with what one product costs at least (the argument is in ../exact/arrays.ts).
 * Nothing but the argument is shared with the search.
 */

import type { ComputationalGraph, EdgeTerm } from "../../graph/graph.ts";
import { blockBound } from "./cuts.ts";
import { type Edges, intermediatesOf } from "./graph.ts";

/** Null if pure structure could cancel: then nothing is established. */
export function arrayBoundOf(graph: ComputationalGraph): number | null {
  const size = graph.inputs.length + graph.vertices.length;
  const edges: Edges = {
    sources: Array.from({ length: size }, () => new Map()),
    targets: Array.from({ length: size }, () => new Map()),
  };
  /** For each node the dims on which the values of all whole terms into it, and of all out of it, depend. */
  const steady = Array.from({ length: size }, () => ({
    into: undefined as ReadonlySet<number> | undefined,
    outOf: undefined as ReadonlySet<number> | undefined,
  }));
  for (const { from, to, terms } of graph.edges) {
    for (const { counted, value } of terms)
      if (counted === null && value.kind === "constant" && !(value.constant > 0)) return null;
    const whole = terms.filter(coversAll);
    if (whole.length === 0) continue;
    const counted = whole.some((term) => term.counted !== null);
    edges.sources[to]?.set(from, counted);
    edges.targets[from]?.set(to, counted);
    const [head, tail] = [steady[to], steady[from]];
    for (const term of whole) {
      if (term.counted === null) continue;
      if (head !== undefined) head.into = common(head.into, dimsOf(term, "out"));
      if (tail !== undefined) tail.outOf = common(tail.outOf, dimsOf(term, "in"));
    }
  }
  const nodes = [...intermediatesOf(graph).values()];
  const open = new Set(nodes);
  return nodes.reduce((sum, node) => {
    const { into, outOf } = steady[node] ?? {};
    const shape = graph.vertices[node - graph.inputs.length]?.shape ?? [];
    const extents = shape.filter((_, dim) => into?.has(dim) === true && outOf?.has(dim) === true);
    const pairs = blockBound(edges.sources, edges.targets, [node], (other) => open.has(other));
    return sum + Math.max(1, ...extents) * pairs;
  }, 0);
}

/** Whether a term has entries wherever its nodes have. */
function coversAll({ structure: { out, in: inner, extents } }: EdgeTerm): boolean {
  return [...out, ...inner].every((dim) => {
    const extent = dim.label === null ? 1 : extents[dim.label];
    return dim.offset === 0 && (dim.stride ?? 1) === 1 && extent === dim.size;
  });
}

/** The dims of a node along which the values of a term change. */
function dimsOf({ structure, counted }: EdgeTerm, side: "in" | "out"): Set<number> {
  const dims = new Set<number>();
  structure[side].forEach(({ label }, dim) => {
    if (label !== null && counted?.includes(label) === true) dims.add(dim);
  });
  return dims;
}

function common(known: ReadonlySet<number> | undefined, dims: ReadonlySet<number>): ReadonlySet<number> {
  return known === undefined ? dims : new Set([...known].filter((dim) => dims.has(dim)));
}

/**
 * A lower bound in `multiplications` for array-valued graphs: Menger's, with what one product of two blocks costs at least.
 *
 * Call a term of an edge *whole* if every dim is indexed over its full extent from 0 in steps of 1. Whole terms have an entry where all indices are 0, so products and
 * sums of whole terms are never empty (constants that could cancel are excluded). Hence, when v is eliminated after a set E, every path of whole terms from u to v
 * with its inner vertices in E has left a term on the edge u -> v, with data if the path's last term (at v) has data; likewise behind v. As on scalar
 * graphs (menger.ts), the sources of such terms are at least as many as the smallest vertex cut between v and the inputs, and the products of two terms with data at
 * least the product of the two cuts.
 *
 * What one of them costs: if the values of the last term of every such path depend on the index along a dim d of v, so do all values made of them, for d is a
 * dim of every product. If the same holds of the first terms behind v, both factors' values depend on d, which is then summed over in the product itself, or kept: the
 * product costs at least the extent of d. (Of several such dims only the largest is taken, for two dims may share a label.)
 */

import { type ComputationalGraph, type EdgeTerm, type GraphEdge, intermediates } from "../../graph/graph.ts";
import { Menger } from "./menger.ts";
import { EliminationState } from "./state.ts";

/** Vertices that one flow may visit. */
const VISITS = 20_000;

/** A lower bound on the `multiplications` of every order of any graph; null if its pure structure could cancel. */
export function arrayBound(graph: ComputationalGraph): number | null {
  const terms = graph.edges.flatMap((edge) => edge.terms);
  const canCancel = ({ counted, value }: EdgeTerm) =>
    counted === null && value.kind === "constant" && !(value.constant > 0);
  if (terms.some(canCancel)) return null;
  const whole = graph.edges.flatMap((edge) => {
    const kept = edge.terms.filter(isWhole);
    return kept.length === 0 ? [] : [{ ...edge, terms: kept }];
  });
  const menger = new Menger(new EliminationState({ ...graph, edges: whole.map(asScalar) }), VISITS);
  const [before, behind] = [new Map<number, GraphEdge[]>(), new Map<number, GraphEdge[]>()];
  for (const edge of whole.filter(isCounted)) {
    before.set(edge.to, [...(before.get(edge.to) ?? []), edge]);
    behind.set(edge.from, [...(behind.get(edge.from) ?? []), edge]);
  }
  const extents = (node: number) =>
    node < graph.inputs.length ? [] : (graph.vertices[node - graph.inputs.length]?.shape ?? []);
  return intermediates(graph).reduce((sum, node) => {
    const always = (edges: readonly GraphEdge[], side: "out" | "in", place: number) =>
      edges.every(({ terms }) =>
        terms.every((term) => term.counted === null || dependsOn(term, side, place)),
      );
    const least = extents(node).reduce(
      (most, extent, place) =>
        always(before.get(node) ?? [], "out", place) && always(behind.get(node) ?? [], "in", place)
          ? Math.max(most, extent)
          : most,
      1,
    );
    return sum + least * menger.bound(node);
  }, 0);
}

function isWhole({ structure }: EdgeTerm): boolean {
  return [...structure.out, ...structure.in].every(
    ({ size, offset, label, stride = 1 }) =>
      offset === 0 && stride === 1 && size === (label === null ? 1 : structure.extents[label]),
  );
}

function isCounted({ terms }: GraphEdge): boolean {
  return terms.some(({ counted }) => counted !== null);
}

/** The edge with a single term without dims, counted if one of its terms is. */
function asScalar(edge: GraphEdge): GraphEdge {
  const structure = { out: [], in: [], extents: [] };
  const value = { kind: "constant", constant: 1 } as const;
  return { ...edge, terms: [{ structure, counted: isCounted(edge) ? [] : null, value }] };
}

function dependsOn({ structure, counted }: EdgeTerm, side: "out" | "in", place: number): boolean {
  const label = structure[side][place]?.label ?? null;
  return label !== null && counted?.includes(label) === true;
}

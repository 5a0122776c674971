/** The columns of the engines' bit rows. */

import { type ComputationalGraph, intermediates } from "../graph/graph.ts";

/** The columns of a graph. */
export interface Columns {
  /** How many intermediates there are; they have the first columns, in program order. */
  readonly size: number;
  readonly count: number;
  /** The column of each node. */
  readonly of: ReadonlyMap<number, number>;
}

/**
 * Intermediates first, then terminals. An input is never a successor and an output never a predecessor, so both share the columns after the
 * intermediates.
 */
export function columnsOf(graph: ComputationalGraph): Columns {
  const nodes = intermediates(graph);
  const outputs = [...new Set(graph.outputs)].filter((output) => output !== null);
  const terminals = [...graph.inputs.keys(), ...outputs];
  const of = new Map(nodes.map((node, index) => [node, index]));
  terminals.forEach((node, place) => {
    of.set(node, nodes.length + (place < graph.inputs.length ? place : place - graph.inputs.length));
  });
  return { size: nodes.length, count: nodes.length + Math.max(graph.inputs.length, outputs.length), of };
}

/**
 * The edges between columns that are left.
 *
 * @param edges the edge from u to w is at first + u * stride + w
 * @param count of all columns
 */
export function* edgesLeft(
  edges: Int32Array,
  { first, stride, count }: { readonly first: number; readonly stride: number; readonly count: number },
  eliminated: Iterable<number>,
): Generator<number> {
  const gone = new Set(eliminated);
  const left = Array.from({ length: count }, (_, column) => column).filter((column) => !gone.has(column));
  for (const from of left) for (const to of left) yield edges[first + from * stride + to] as number;
}

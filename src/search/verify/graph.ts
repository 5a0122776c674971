/**
 * The verifier's own view of a scalar graph and its own elimination. Nothing here is shared with the search: a mistake would have to be made twice.
 *
 * Eliminating v costs the number of its counted in-edges times that of its counted out-edges; a product is counted if a factor is, a sum if a term
 * is.
 */

import type { ComputationalGraph } from "../../graph/graph.ts";

/** Edges by node: the other end, and whether the edge is counted. */
export interface Edges {
  readonly sources: readonly Map<number, boolean>[];
  readonly targets: readonly Map<number, boolean>[];
}

/** The edges of a graph; null if it is not scalar, or its pure structure could cancel. */
export function edgesOf(graph: ComputationalGraph): Edges | null {
  const shapes = [...graph.inputs, ...graph.vertices].map(({ shape }) => shape);
  if (shapes.flat().some((extent) => extent !== 1)) return null;
  const nodes = shapes.length;
  const edges: Edges = {
    sources: Array.from({ length: nodes }, () => new Map()),
    targets: Array.from({ length: nodes }, () => new Map()),
  };
  for (const { from, to, terms } of graph.edges) {
    const [term] = terms;
    if (term === undefined || terms.length !== 1) return null;
    if (term.counted === null && term.value.kind === "constant" && !(term.value.constant > 0)) return null;
    edges.sources[to]?.set(from, term.counted !== null);
    edges.targets[from]?.set(to, term.counted !== null);
  }
  return edges;
}

/** The node of each equation that is an intermediate. */
export function intermediatesOf(graph: ComputationalGraph): Map<number, number> {
  const nodes = new Map<number, number>();
  graph.vertices.forEach(({ equation }, index) => {
    const node = graph.inputs.length + index;
    if (equation !== null && !graph.outputs.includes(node)) nodes.set(equation, node);
  });
  return nodes;
}

/** How many of these edges are counted. */
export function countedOf(edges: ReadonlyMap<number, boolean>): number {
  return [...edges.values()].filter((counted) => counted).length;
}

/**
 * Eliminates the edge from -> to, in place: with all out-edges of `to` if that is the vertex it is eliminated at (`front`), else with all
 * in-edges of `from`. Returns the cost, null if the edge is not there.
 */
export function eliminateEdge(
  { sources, targets }: Edges,
  side: "front" | "back",
  from: number,
  to: number,
): number | null {
  const edge = sources[to]?.get(from);
  const via = side === "front" ? to : from;
  const others = (side === "front" ? targets[via] : sources[via]) ?? new Map<number, boolean>();
  if (edge === undefined) return null;
  let cost = 0;
  for (const [other, second] of others) {
    const [source, target] = side === "front" ? [from, other] : [other, to];
    if (edge && second) cost++;
    const counted = edge || second || sources[target]?.get(source) === true;
    sources[target]?.set(source, counted);
    targets[source]?.set(target, counted);
  }
  sources[to]?.delete(from);
  targets[from]?.delete(to);
  // A vertex that nothing reaches, or that reaches nothing, goes with its edges.
  const left = side === "front" ? sources[via] : targets[via];
  if (left?.size === 0) {
    for (const other of others.keys()) (side === "front" ? sources : targets)[other]?.delete(via);
    others.clear();
  }
  return cost;
}

/** Eliminates a node, in place; returns the cost. */
export function eliminateNode({ sources, targets }: Edges, node: number): number {
  const before = sources[node] ?? new Map<number, boolean>();
  const behind = targets[node] ?? new Map<number, boolean>();
  const cost = countedOf(before) * countedOf(behind);
  for (const [source, first] of before)
    for (const [target, second] of behind) {
      const counted = first || second || sources[target]?.get(source) === true;
      sources[target]?.set(source, counted);
      targets[source]?.set(target, counted);
    }
  for (const source of before.keys()) targets[source]?.delete(node);
  for (const target of behind.keys()) sources[target]?.delete(node);
  before.clear();
  behind.clear();
  return cost;
}

/**
 * A window of an order as a graph of its own: its vertices are what is ordered, all else that they touch are inputs and outputs.
 *
 * With all before the window eliminated, what the window's vertices cost depends on their own order alone, and whatever that order is, the same
 * graph is left (in `operations` the same but for the numbering of its values). So windows can be improved one after the other, each as a small graph.
 */

import type { ComputationalGraph, EdgeTerm, GraphEdge, TermValue } from "../../graph/graph.ts";
import { type Arithmetic, OperationsArithmetic } from "./arithmetic.ts";
import type { SparseGraph } from "./sparseGraph.ts";

const SCALAR = { out: [], in: [], extents: [] };

/** A window as a graph, and its vertices in program order: equation k of the graph is `nodes[k - 1]`. */
export interface Window {
  readonly graph: ComputationalGraph;
  readonly nodes: readonly number[];
}

/**
 * @param vertices open intermediates of the state
 * @param widest a window that touches more nodes than this is not worth the time
 * @returns null if it is too wide
 */
export function windowOf(state: SparseGraph, vertices: Int32Array, widest: number): Window | null {
  const nodes = [...vertices].sort((a, b) => a - b);
  const inside = new Set(nodes);
  const sources = new Set<number>();
  const targets = new Set<number>();
  const inner: [from: number, to: number][] = [];
  for (const node of nodes) {
    for (const from of state.predecessors(node)) {
      if (!inside.has(from)) sources.add(from);
      inner.push([from, node]);
    }
    for (const to of state.successors(node)) {
      if (inside.has(to)) continue;
      targets.add(to);
      inner.push([node, to]);
    }
    if (sources.size > widest || targets.size > widest) return null;
  }
  const term = termMaker(state.arithmetic);
  // Sums with edges that are there already cost an addition.
  if (state.arithmetic instanceof OperationsArithmetic)
    for (const from of sources)
      for (const to of targets) if (from !== to && state.code(from, to) !== 0) inner.push([from, to]);

  const inputOf = new Map([...sources].map((node, index) => [node, index]));
  const vertexOf = new Map(nodes.map((node, index) => [node, sources.size + index]));
  const outputOf = new Map([...targets].map((node, index) => [node, sources.size + nodes.length + index]));
  const edges = inner.map(([from, to]): GraphEdge => {
    const code = state.code(from, to);
    return {
      from: vertexOf.get(from) ?? inputOf.get(from) ?? -1,
      to: vertexOf.get(to) ?? outputOf.get(to) ?? -1,
      terms: [term.of(code)],
    };
  });
  edges.sort((a, b) => a.to - b.to || a.from - b.from);
  const vertex = (equation: number | null) => ({ equation, name: "", shape: [] });
  const graph: ComputationalGraph = {
    name: "window",
    inputs: [...sources].map(() => ({ name: "", shape: [] })),
    vertices: [...nodes.map((_, index) => vertex(index + 1)), ...[...targets].map(() => vertex(null))],
    edges,
    outputs: [...outputOf.values()],
    valueCount: term.count(),
    known: [],
  };
  return { graph, nodes };
}

/** Terms of codes, their values numbered anew. */
function termMaker(arithmetic: Arithmetic) {
  const numbers = new Map<number, number>();
  const numbered = (value: TermValue): TermValue => {
    if (value.kind === "constant") return value;
    const number = numbers.get(value.value) ?? numbers.size;
    numbers.set(value.value, number);
    return { ...value, value: number };
  };
  const one: TermValue = { kind: "constant", constant: 1 };
  return {
    of(code: number): EdgeTerm {
      if (arithmetic instanceof OperationsArithmetic)
        return { structure: SCALAR, counted: [], value: numbered(arithmetic.table.valueOf(code)) };
      return { structure: SCALAR, counted: arithmetic.isCounted(code) ? [] : null, value: one };
    },
    count: () => Math.max(1, numbers.size),
  };
}

/**
 * Random scalar graphs, and what their cheapest orders cost by trying all: the oracle of bounds and exact searches.
 */

import type { ComputationalGraph, GraphEdge } from "../src/graph/graph.ts";
import { intermediates } from "../src/graph/graph.ts";
import type { Random } from "../src/random.ts";

export interface RandomGraphOptions {
  readonly inputs: number;
  readonly intermediates: number;
  readonly outputs: number;
  /** Sources of a vertex: 1 to so many. */
  readonly operands: number;
  /** A source is mostly one of so many nodes before the vertex; all by default. */
  readonly window?: number;
  /** The probability that an edge is pure structure; 0 by default. */
  readonly structure?: number;
}

/** A graph like that of a program: every intermediate and output has some sources among the nodes before it. Vertices that are not used become outputs. */
export function randomGraph(
  random: Random,
  { inputs, intermediates, outputs, operands, window = Infinity, structure = 0 }: RandomGraphOptions,
): ComputationalGraph {
  const nodes = inputs + intermediates + outputs;
  const edges: GraphEdge[] = [];
  const used = new Set<number>();
  for (let to = inputs; to < nodes; to++) {
    const last = Math.min(to, inputs + intermediates);
    const sources = new Set<number>();
    for (let left = 1 + random.below(operands); left > 0; left--) {
      const reach = Math.min(last, random.unit() < 0.8 ? window : Infinity);
      sources.add(last - 1 - random.below(reach));
    }
    for (const from of [...sources].sort((a, b) => a - b)) {
      used.add(from);
      const counted = random.unit() < structure ? null : [];
      edges.push({
        from,
        to,
        terms: [
          { structure: { out: [], in: [], extents: [] }, counted, value: { kind: "constant", constant: 1 } },
        ],
      });
    }
  }
  const isOutput = (node: number) => node >= inputs + intermediates || (node >= inputs && !used.has(node));
  const vertices = Array.from({ length: nodes - inputs }, (_, index) => ({
    equation: index + 1,
    name: `v${index + 1}`,
    shape: [],
  }));
  return {
    name: "random",
    inputs: Array.from({ length: inputs }, (_, index) => ({ name: `x${index}`, shape: [] })),
    vertices,
    edges,
    outputs: vertices.flatMap((_, index) => (isOutput(inputs + index) ? [inputs + index] : [])),
    valueCount: 0,
    known: [],
  };
}

/**
 * The least `multiplications` of any order, for each set of intermediates eliminated from the whole graph (all others staying): at [set], bit i
 * being the i-th intermediate. Up to 30 nodes, 2^intermediates states.
 */
export function optima(graph: ComputationalGraph): Int32Array {
  const open = intermediates(graph);
  const nodes = graph.inputs.length + graph.vertices.length;
  const start: Sources = { all: new Int32Array(nodes), counted: new Int32Array(nodes) };
  for (const { from, to, terms } of graph.edges) {
    start.all[to]! |= 1 << from;
    if (terms[0]!.counted !== null) start.counted[to]! |= 1 << from;
  }
  const states: Sources[] = [start];
  const best = new Int32Array(2 ** open.length).fill(2 ** 30);
  best[0] = 0;
  for (let set = 0; set < best.length; set++) {
    const state = states[set]!;
    open.forEach((node, index) => {
      const next = set | (1 << index);
      if (next === set) return;
      let targets = 0;
      for (const counted of state.counted) targets += (counted >> node) & 1;
      const cost = best[set]! + bits(state.counted[node]!) * targets;
      best[next] = Math.min(best[next]!, cost);
      states[next] ??= eliminated(state, node);
    });
    delete states[set];
  }
  return best;
}

/** The least `multiplications` of any order. */
export function optimum(graph: ComputationalGraph): number {
  return optima(graph).at(-1)!;
}

/** The sources of each node as bits: all, and those whose edges are counted. */
interface Sources {
  readonly all: Int32Array;
  readonly counted: Int32Array;
}

function eliminated({ all, counted }: Sources, node: number): Sources {
  const next = { all: all.slice(), counted: counted.slice() };
  const bit = 1 << node;
  for (const [to, sources] of all.entries()) {
    if ((sources & bit) === 0) continue;
    next.all[to] = (sources | all[node]!) & ~bit;
    next.counted[to] = (counted[to]! | (counted[to]! & bit ? all[node]! : counted[node]!)) & ~bit;
  }
  next.all[node] = next.counted[node] = 0;
  return next;
}

function bits(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

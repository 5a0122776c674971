/**
 * The features of a state: numbers per vertex and for the whole, in the order of `vertexFeatures` and `globalFeatures`. Engineered features are what
 * learning gains most from: they say what a network would otherwise have to learn to compute.
 *
 * Counts and costs enter as log(1 + x), ratios as they are, so that all features are of the order of one on graphs of any size.
 */

import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { type BitGraph, population, type Side } from "./bitGraph.ts";
import { GLOBAL_FEATURES, type GraphObservation, VERTEX_FEATURES } from "./observation.ts";
import type { Position } from "./position.ts";

/** What each feature of a vertex is. Those of bounds are 0 in games without bounds. */
export const vertexFeatures = [
  "log in-degree",
  "log out-degree",
  "log cost of eliminating it now",
  "log fill-in: edges that its elimination adds",
  "fill-in / products",
  "damage: by how much its elimination raises the costs of its neighbours, sign(x) log(1 + |x|)",
  "log smallest cut to the inputs",
  "log smallest cut to the outputs",
  "1 if the in-degree is as small as the cut",
  "1 if the out-degree is as small as the cut",
  "log slack: cost - bound",
  "log (slack - least slack of all vertices)",
  "log (cost - least cost of all vertices)",
  "log intermediate predecessors",
  "log intermediate successors",
  "1 if an input is a predecessor",
  "1 if an output is a successor",
  "longest path from an input / that of the whole graph",
  "longest path to an output / that of the whole graph",
  "1 if it was a neighbour of the vertex that the last move eliminated",
  "fraction of the vertices that are left",
  "log gap: upper - lower bound of what is left",
  "place in program order / vertices",
  "log elements of its array, beyond the first",
] as const;

/** What each feature of the whole state is. */
export const globalFeatures = [
  "log vertices left",
  "fraction of the vertices that are left",
  "log lower bound",
  "log upper bound",
  "log gap",
  "gap / upper bound",
  "log mean cost",
  "log mean in-degree",
] as const;

/** What is known of the cost of the remaining eliminations. */
export interface Bounds {
  readonly lowerBound: number;
  readonly upperBound: number;
}

/** What a state is seen with. */
export interface View {
  readonly bounds: Bounds;
  /** What eliminating an open intermediate costs now. */
  cost(index: number): number;
  /** The index that the last move eliminated, or -1. */
  readonly last: number;
  /** The actions of the indices, if they are not the indices themselves. */
  readonly actions: Int32Array | null;
}

/** Observes positions of one graph; keeps what does not change and memory for the rest. */
export class Observer {
  readonly #depths: Float64Array;
  readonly #heights: Float64Array;
  readonly #logElements: Float64Array;
  readonly #open: Int32Array;
  readonly #rank: Int32Array;
  readonly #costs: Float64Array;
  /** What `#lookAround` found. */
  #fill = 0;
  #damage = 0;
  #inner = [0, 0];

  constructor(graph: ComputationalGraph) {
    const nodes = intermediates(graph);
    const indexOf = new Map(nodes.map((node, index) => [node, index]));
    this.#depths = new Float64Array(nodes.length);
    this.#heights = new Float64Array(nodes.length);
    const lengthen = (lengths: Float64Array, own: number | undefined, other: number | undefined) => {
      const behind = other === undefined ? 0 : (lengths[other] ?? 0);
      if (own !== undefined) lengths[own] = Math.max(lengths[own] ?? 0, behind + 1);
    };
    for (const { from, to } of graph.edges) lengthen(this.#depths, indexOf.get(to), indexOf.get(from));
    for (const { from, to } of graph.edges.toSorted((a, b) => b.from - a.from))
      lengthen(this.#heights, indexOf.get(from), indexOf.get(to));
    for (const lengths of [this.#depths, this.#heights]) {
      const longest = lengths.reduce((most, length) => Math.max(most, length), 1);
      for (const [index, length] of lengths.entries()) lengths[index] = length / longest;
    }
    this.#logElements = Float64Array.from(nodes, (node) => {
      const shape = graph.vertices[node - graph.inputs.length]?.shape ?? [];
      return Math.log(shape.reduce((product, extent) => product * extent, 1));
    });
    this.#open = new Int32Array(nodes.length);
    this.#rank = new Int32Array(nodes.length);
    this.#costs = new Float64Array(nodes.length);
  }

  /** What an agent sees of a position. */
  observe(position: Position, { bounds, cost, last, actions }: View): GraphObservation {
    const { blocks, words } = position;
    const open = this.#open;
    const costs = this.#costs;
    const size = position.listOpen(open);
    let [leastCost, leastSlack, totalCost, edges, inDegrees] = [Infinity, Infinity, 0, 0, 0];
    for (let row = 0; row < size; row++) {
      const index = open[row] as number;
      const own = cost(index);
      costs[row] = own;
      this.#rank[index] = row;
      totalCost += own;
      leastCost = Math.min(leastCost, own);
      if (position.bounded) leastSlack = Math.min(leastSlack, position.cost(index) - position.bound(index));
    }
    const { lowerBound, upperBound } = bounds;
    const gap = upperBound - lowerBound;
    const left = size / Math.max(1, position.size);
    const vertices = new Float32Array(size * VERTEX_FEATURES);
    const offsets = new Int32Array(size + 1);
    for (let row = 0, at = 0; row < size; row++, at += VERTEX_FEATURES) {
      const index = open[row] as number;
      const inDegree = blocks[position.all(0, index) + words] as number;
      const outDegree = blocks[position.all(1, index) + words] as number;
      this.#lookAround(position, index);
      const [inner, outer] = this.#inner as [number, number];
      const own = costs[row] as number;
      vertices[at] = log1p(inDegree);
      vertices[at + 1] = log1p(outDegree);
      vertices[at + 2] = log1p(own);
      vertices[at + 3] = log1p(this.#fill);
      vertices[at + 4] = this.#fill / Math.max(1, inDegree * outDegree);
      vertices[at + 5] = this.#damage < 0 ? -log1p(-this.#damage) : log1p(this.#damage);
      if (position.bounded) {
        const [cutIn, cutOut] = [position.cut(0, index), position.cut(1, index)];
        const slack = position.cost(index) - cutIn * cutOut;
        vertices[at + 6] = log1p(cutIn);
        vertices[at + 7] = log1p(cutOut);
        vertices[at + 8] = cutIn === position.degree(0, index) ? 1 : 0;
        vertices[at + 9] = cutOut === position.degree(1, index) ? 1 : 0;
        vertices[at + 10] = log1p(slack);
        vertices[at + 11] = log1p(slack - leastSlack);
      }
      vertices[at + 12] = log1p(own - leastCost);
      vertices[at + 13] = log1p(inner);
      vertices[at + 14] = log1p(outer);
      vertices[at + 15] = inDegree > inner ? 1 : 0;
      vertices[at + 16] = outDegree > outer ? 1 : 0;
      vertices[at + 17] = this.#depths[index] as number;
      vertices[at + 18] = this.#heights[index] as number;
      vertices[at + 19] = last >= 0 && isNeighbour(position, last, index) ? 1 : 0;
      vertices[at + 20] = left;
      vertices[at + 21] = log1p(gap);
      vertices[at + 22] = index / position.size;
      vertices[at + 23] = this.#logElements[index] as number;
      inDegrees += inDegree;
      edges += inner;
      offsets[row + 1] = edges;
    }
    const globals = new Float32Array(GLOBAL_FEATURES);
    const rows = Math.max(1, size);
    globals[0] = log1p(size);
    globals[1] = left;
    globals[2] = log1p(lowerBound);
    globals[3] = log1p(upperBound);
    globals[4] = log1p(gap);
    globals[5] = gap / Math.max(1, upperBound);
    globals[6] = Math.log1p(totalCost / rows);
    globals[7] = Math.log1p(inDegrees / rows);
    const sources = this.#sources(position, size, edges);
    const named = open.slice(0, size);
    if (actions !== null)
      for (let row = 0; row < size; row++) named[row] = actions[open[row] as number] as number;
    return { size, actions: named, vertices, globals, offsets, sources, lowerBound, upperBound };
  }

  #sources(position: Position, size: number, edges: number): Int32Array {
    const sources = new Int32Array(edges);
    const { blocks, words, terminals } = position;
    let next = 0;
    for (let row = 0; row < size; row++) {
      const own = position.all(0, this.#open[row] as number);
      for (let word = 0; word < words; word++)
        for (
          let bits = (blocks[own + word] as number) & ~(terminals[word] as number);
          bits !== 0;
          bits &= bits - 1
        )
          sources[next++] = this.#rank[32 * word + 31 - Math.clz32(bits & -bits)] as number;
    }
    return sources;
  }

  /** Fill-in and damage of an elimination, and how many neighbours are intermediates. */
  #lookAround(graph: BitGraph, index: number): void {
    this.#fill = this.#damage = 0;
    this.#lookTo(graph, 0, index);
    this.#lookTo(graph, 1, index);
  }

  /** What the neighbours on a side gain on the other; towards the outputs these are all new edges. */
  #lookTo(graph: BitGraph, side: Side, index: number): void {
    const { blocks, words, size } = graph;
    const other = (1 - side) as Side;
    const own = graph.all(side, index);
    const joined = graph.all(other, index);
    let inner = 0;
    for (let word = 0; word < words; word++)
      for (let bits = blocks[own + word] as number; bits !== 0; bits &= bits - 1) {
        const neighbour = 32 * word + 31 - Math.clz32(bits & -bits);
        const isInner = neighbour < size;
        if (!isInner && side === 0) break;
        const present = graph.all(other, neighbour);
        let gained = 0;
        for (let k = 0; k < words; k++)
          gained += population((blocks[joined + k] as number) & ~(blocks[present + k] as number));
        if (side === 1) this.#fill += gained;
        if (!isInner) continue;
        inner++;
        this.#damage += (gained - 1) * (blocks[graph.all(side, neighbour) + words] as number);
      }
    this.#inner[side] = inner;
  }
}

/** Whether the rows of an eliminated intermediate, which stay as they were, hold this one. */
function isNeighbour(graph: BitGraph, eliminated: number, index: number): boolean {
  const word = index >> 5;
  const before = graph.blocks[graph.all(0, eliminated) + word] as number;
  const after = graph.blocks[graph.all(1, eliminated) + word] as number;
  return (((before | after) >> (index & 31)) & 1) === 1;
}

/** log(1 + n) of small integers. */
const LOGARITHMS = Float64Array.from({ length: 4096 }, (_, count) => Math.log1p(count));

function log1p(value: number): number {
  return LOGARITHMS[value] ?? Math.log1p(value);
}

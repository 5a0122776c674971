/**
 * The features of a state: numbers per vertex and for the whole, in the order of `vertexFeatures` and `globalFeatures`. Engineered features are what
 * learning gains most from: they say what a network would otherwise have to learn to compute.
 *
 * Counts and costs enter as log(1 + x), ratios as they are, so that all features are of the order of one on graphs of any size.
 */

import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { population } from "../search/population.ts";
import type { BitGraph, Side } from "./bitGraph.ts";
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
  "log mean number of intermediate predecessors",
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
  /** What `#compareCosts` found. */
  #leastCost = 0;
  #leastSlack = 0;
  #totalCost = 0;
  /** What `#lookTo` adds to. */
  #fill = 0;
  #damage = 0;

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
  observe(position: Position, view: View): GraphObservation {
    const open = this.#open;
    const size = position.listOpen(open);
    this.#compareCosts(position, view, size);
    let edges = 0;
    for (let row = 0; row < size; row++) {
      this.#rank[open[row] as number] = row;
      edges += this.#innerNeighbours(position, open[row] as number);
    }
    const observation = emptyObservation(size, edges, view.bounds);
    this.#writeVertices(position, view, observation);
    this.#writeGlobals(position, view, observation);
    this.#writeSources(position, observation.sources);
    const { actions } = observation;
    for (let row = 0; row < size; row++) {
      const index = open[row] as number;
      actions[row] = view.actions === null ? index : (view.actions[index] as number);
    }
    return observation;
  }

  /** The costs of all that is left, and the least cost and slack. */
  #compareCosts(position: Position, view: View, size: number): void {
    this.#leastCost = this.#leastSlack = Infinity;
    this.#totalCost = 0;
    for (let row = 0; row < size; row++) {
      const index = this.#open[row] as number;
      const cost = view.cost(index);
      this.#costs[row] = cost;
      this.#totalCost += cost;
      if (cost < this.#leastCost) this.#leastCost = cost;
      if (!position.bounded) continue;
      const slack = position.cost(index) - position.bound(index);
      if (slack < this.#leastSlack) this.#leastSlack = slack;
    }
  }

  #innerNeighbours(position: Position, index: number): number {
    const { blocks, words, terminals } = position;
    const own = position.all(0, index);
    let inner = 0;
    for (let word = 0; word < words; word++)
      inner += population((blocks[own + word] as number) & ~(terminals[word] as number));
    return inner;
  }

  #writeVertices(position: Position, view: View, { size, vertices, offsets }: GraphObservation): void {
    const { blocks, words, bounded } = position;
    const left = size / Math.max(1, position.size);
    const gap = Math.log1p(view.bounds.upperBound - view.bounds.lowerBound);
    const { last } = view;
    let edges = 0;
    for (let row = 0, at = 0; row < size; row++, at += VERTEX_FEATURES) {
      const index = this.#open[row] as number;
      const inDegree = blocks[position.all(0, index) + words] as number;
      const outDegree = blocks[position.all(1, index) + words] as number;
      const cost = this.#costs[row] as number;
      this.#fill = this.#damage = 0;
      const inner = this.#lookTo(position, 0, index);
      const outer = this.#lookTo(position, 1, index);
      vertices[at] = logarithm(inDegree);
      vertices[at + 1] = logarithm(outDegree);
      vertices[at + 2] = logarithm(cost);
      vertices[at + 3] = logarithm(this.#fill);
      vertices[at + 4] = inDegree * outDegree === 0 ? 0 : this.#fill / (inDegree * outDegree);
      vertices[at + 5] = this.#damage < 0 ? -logarithm(-this.#damage) : logarithm(this.#damage);
      if (bounded) this.#writeBounds(position, index, vertices, at);
      vertices[at + 12] = logarithm(cost - this.#leastCost);
      vertices[at + 13] = logarithm(inner);
      vertices[at + 14] = logarithm(outer);
      vertices[at + 15] = inDegree > inner ? 1 : 0;
      vertices[at + 16] = outDegree > outer ? 1 : 0;
      vertices[at + 17] = this.#depths[index] as number;
      vertices[at + 18] = this.#heights[index] as number;
      vertices[at + 19] = last >= 0 && isNeighbour(position, last, index) ? 1 : 0;
      vertices[at + 20] = left;
      vertices[at + 21] = gap;
      vertices[at + 22] = index / position.size;
      vertices[at + 23] = this.#logElements[index] as number;
      edges += inner;
      offsets[row + 1] = edges;
    }
  }

  #writeBounds(position: Position, index: number, vertices: Float32Array, at: number): void {
    const cutIn = position.cut(0, index);
    const cutOut = position.cut(1, index);
    const inDegree = position.degree(0, index);
    const outDegree = position.degree(1, index);
    const slack = inDegree * outDegree - cutIn * cutOut;
    vertices[at + 6] = logarithm(cutIn);
    vertices[at + 7] = logarithm(cutOut);
    vertices[at + 8] = cutIn === inDegree ? 1 : 0;
    vertices[at + 9] = cutOut === outDegree ? 1 : 0;
    vertices[at + 10] = logarithm(slack);
    vertices[at + 11] = logarithm(slack - this.#leastSlack);
  }

  #writeGlobals(position: Position, { bounds }: View, { size, globals, sources }: GraphObservation): void {
    const { lowerBound, upperBound } = bounds;
    const gap = upperBound - lowerBound;
    const rows = Math.max(1, size);
    globals[0] = logarithm(size);
    globals[1] = size / Math.max(1, position.size);
    globals[2] = Math.log1p(lowerBound);
    globals[3] = Math.log1p(upperBound);
    globals[4] = Math.log1p(gap);
    globals[5] = gap / Math.max(1, upperBound);
    globals[6] = Math.log1p(this.#totalCost / rows);
    globals[7] = Math.log1p(sources.length / rows);
  }

  #writeSources(position: Position, sources: Int32Array): void {
    const { blocks, words, terminals } = position;
    let next = 0;
    for (let row = 0; next < sources.length; row++) {
      const own = position.all(0, this.#open[row] as number);
      for (let word = 0; word < words; word++)
        for (
          let bits = (blocks[own + word] as number) & ~(terminals[word] as number);
          bits !== 0;
          bits &= bits - 1
        )
          sources[next++] = this.#rank[32 * word + 31 - Math.clz32(bits & -bits)] as number;
    }
  }

  /**
   * Adds to fill-in and damage what the neighbours on a side gain on the other if the vertex goes; returns how many of them are intermediates. Towards the outputs
   * the gains are all new edges.
   */
  #lookTo(graph: BitGraph, side: Side, index: number): number {
    const { blocks, words, size } = graph;
    const other = (1 - side) as Side;
    const own = graph.all(side, index);
    const joined = graph.all(other, index);
    let inner = 0;
    for (let word = 0; word < words; word++)
      for (let bits = blocks[own + word] as number; bits !== 0; bits &= bits - 1) {
        const neighbour = 32 * word + 31 - Math.clz32(bits & -bits);
        if (neighbour >= size && side === 0) return inner;
        const present = graph.all(other, neighbour);
        let gained = 0;
        for (let k = 0; k < words; k++)
          gained += population((blocks[joined + k] as number) & ~(blocks[present + k] as number));
        if (side === 1) this.#fill += gained;
        if (neighbour >= size) continue;
        inner++;
        this.#damage += (gained - 1) * (blocks[graph.all(side, neighbour) + words] as number);
      }
    return inner;
  }
}

/** An observation with room for all of it, in one piece of memory. */
function emptyObservation(size: number, edges: number, { lowerBound, upperBound }: Bounds): GraphObservation {
  const lengths = [size * VERTEX_FEATURES, GLOBAL_FEATURES, size, size + 1] as const;
  const [vertices, globals, actions, offsets] = lengths;
  const buffer = new ArrayBuffer(4 * (vertices + globals + actions + offsets + edges));
  return {
    size,
    vertices: new Float32Array(buffer, 0, vertices),
    globals: new Float32Array(buffer, 4 * vertices, globals),
    actions: new Int32Array(buffer, 4 * (vertices + globals), actions),
    offsets: new Int32Array(buffer, 4 * (vertices + globals + actions), offsets),
    sources: new Int32Array(buffer, 4 * (vertices + globals + actions + offsets), edges),
    lowerBound,
    upperBound,
  };
}

/** Whether the rows of an eliminated intermediate, which stay as they were, hold this one. */
function isNeighbour(graph: BitGraph, eliminated: number, index: number): boolean {
  const word = index >> 5;
  const before = graph.blocks[graph.all(0, eliminated) + word] as number;
  const after = graph.blocks[graph.all(1, eliminated) + word] as number;
  return (((before | after) >> (index & 31)) & 1) === 1;
}

const LOGARITHMS = Float64Array.from({ length: 4096 }, (_, count) => Math.log1p(count));

/** log(1 + count). */
function logarithm(count: number): number {
  return count < 4096 ? (LOGARITHMS[count] as number) : Math.log1p(count);
}

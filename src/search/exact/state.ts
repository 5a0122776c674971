/**
 * A scalar graph in the course of its elimination, as bounds and exact search see it: for each node the neighbours on both sides, and whether
 * the edge to each is counted.
 *
 * In `multiplications`, eliminating v costs (counted in-edges) * (counted out-edges): a product of pure structure with anything is
 * free. A product is counted if one of its factors is, a sum if one of its terms is. So after the eliminations of a set E the edge u -> v is there if
 * a path from u to v has all its inner vertices in E, and is counted if one such path has a counted edge: all costs are functions of sets,
 * not of orders. This file is where that is defined; everything else in this folder rests on it.
 */

import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { isScalarGraph } from "../../graph/operations.ts";

/** The two directions: against the edges, towards the inputs; along the edges, towards the outputs. */
export const SIDES = [0, 1] as const;
export type Side = (typeof SIDES)[number];

/** The other direction. */
export function opposite(side: Side): Side {
  return side === 0 ? 1 : 0;
}

/**
 * Whether bounds in `multiplications` are known for a graph: every edge is one number, and one of pure structure is a positive constant, so
 * that no sum cancels.
 */
export function isSupported(graph: ComputationalGraph): boolean {
  return (
    isScalarGraph(graph) &&
    graph.edges.every(({ terms }) =>
      terms.every(({ counted, value }) => counted !== null || value.kind === "value" || value.constant > 0),
    )
  );
}

/** The graph; mutable. */
export class EliminationState {
  /** Whether a node is an intermediate that is not eliminated yet. */
  readonly open: Uint8Array;
  /** For each side and node the neighbours, and whether the edge is counted. */
  readonly #edges: readonly [Map<number, boolean>[], Map<number, boolean>[]];
  /** The same as lists, made when asked for. */
  readonly #lists: readonly [(readonly number[] | undefined)[], (readonly number[] | undefined)[]];

  /** @param from a graph that `isSupported`, or a state to be copied */
  constructor(from: ComputationalGraph | EliminationState) {
    if (from instanceof EliminationState) {
      this.open = from.open.slice();
      const copy = (maps: readonly Map<number, boolean>[]) => maps.map((map) => new Map(map));
      this.#edges = [copy(from.#edges[0]), copy(from.#edges[1])];
    } else {
      this.open = new Uint8Array(from.inputs.length + from.vertices.length);
      for (const node of intermediates(from)) this.open[node] = 1;
      const empty = () => Array.from(this.open, () => new Map<number, boolean>());
      this.#edges = [empty(), empty()];
    }
    this.#lists = [new Array(this.nodes), new Array(this.nodes)];
    if (from instanceof EliminationState) return;
    for (const edge of from.edges) this.#join(edge.from, edge.to, edge.terms[0]?.counted !== null);
  }

  /** How many nodes the graph has, terminals and eliminated ones included. */
  get nodes(): number {
    return this.open.length;
  }

  /** The open intermediates, ascending. */
  intermediates(): number[] {
    const nodes: number[] = [];
    for (const [node, open] of this.open.entries()) if (open === 1) nodes.push(node);
    return nodes;
  }

  /** The neighbours of a node on a side; true if the edge is counted. */
  edges(side: Side, node: number): ReadonlyMap<number, boolean> {
    return this.#edges[side][node] as Map<number, boolean>;
  }

  /** The neighbours of a node on a side. */
  neighbours(side: Side, node: number): readonly number[] {
    const lists = this.#lists[side];
    let list = lists[node];
    if (list === undefined) lists[node] = list = [...this.edges(side, node).keys()];
    return list;
  }

  /** How many edges of a node on a side are counted. */
  degree(side: Side, node: number): number {
    let count = 0;
    for (const counted of this.edges(side, node).values()) if (counted) count++;
    return count;
  }

  /** Eliminates an open intermediate; returns the cost. */
  eliminate(node: number): number {
    const cost = this.degree(0, node) * this.degree(1, node);
    const [incoming, outgoing] = [[...this.edges(0, node)], [...this.edges(1, node)]];
    for (const side of SIDES)
      for (const neighbour of this.edges(side, node).keys()) {
        this.#edges[opposite(side)][neighbour]?.delete(node);
        this.#lists[opposite(side)][neighbour] = undefined;
      }
    for (const side of SIDES) {
      this.#edges[side][node]?.clear();
      this.#lists[side][node] = undefined;
    }
    for (const [from, first] of incoming)
      for (const [to, second] of outgoing) this.#join(from, to, first || second);
    this.open[node] = 0;
    return cost;
  }

  #join(from: number, to: number, counted: boolean): void {
    const [incoming, outgoing] = [this.#edges[0][to], this.#edges[1][from]];
    const present = incoming?.get(from);
    if (present === undefined) this.#lists[0][to] = this.#lists[1][from] = undefined;
    incoming?.set(from, counted || present === true);
    outgoing?.set(to, counted || present === true);
  }
}

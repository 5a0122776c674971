/** Relabelling: the same graph, its nodes in another order. Every order of the one is an order of the other, at the same cost under every cost model. */

import type { Random } from "../../random.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph.ts";

/** A graph whose equations have new numbers. */
export interface Relabelled {
  readonly graph: ComputationalGraph;
  /** The equation in the given graph of each equation of the new one. */
  readonly equations: ReadonlyMap<number, number>;
}

/** An order of the relabelled graph as one of the graph it came from. */
export function ofOriginal({ equations }: Relabelled, order: EliminationOrder): EliminationOrder {
  return order.map((equation) => equations.get(equation) ?? 0);
}

/**
 * The graph with its intermediates numbered as nearly in an order of elimination as edges allow, which always lead forward: of all that
 * could come next the one that the order eliminates first. With a Markowitz order this is the paper's Markowitz ordering.
 */
export function relabelledBy(graph: ComputationalGraph, order: EliminationOrder): Relabelled {
  const rank = new Map(order.map((equation, place) => [equation, place]));
  const { inputs, vertices } = graph;
  return relabelled(
    graph,
    [...inputs.keys()],
    vertices.map(({ equation }) => rank.get(equation ?? -1) ?? vertices.length),
    graph.outputs,
  );
}

/** A symmetry, for augmentation: inputs and outputs permuted, vertices in any order that edges allow. */
export function randomlyRelabelled(graph: ComputationalGraph, random: Random): Relabelled {
  const places = shuffled([...graph.inputs.keys()], random);
  return relabelled(
    graph,
    places,
    graph.vertices.map(() => random.unit()),
    shuffled(graph.outputs, random),
  );
}

/**
 * @param inputs the inputs in their new order
 * @param priorities of the vertices: of all whose predecessors have their places the one with the least is next
 */
function relabelled(
  graph: ComputationalGraph,
  inputs: readonly number[],
  priorities: readonly number[],
  outputs: ComputationalGraph["outputs"],
): Relabelled {
  const count = graph.inputs.length;
  const order = [...inputs, ...topological(graph, priorities)];
  const number = new Map(order.map((node, place) => [node, place]));
  const renumbered = (node: number) => number.get(node) ?? 0;
  const inner = new Set(intermediates(graph));
  const equations = new Map<number, number>();
  const vertices = order.slice(count).map((node, place) => {
    const { equation, ...rest } = graph.vertices[node - count] ?? { equation: null, name: "", shape: [] };
    if (equation === null) return { equation, ...rest };
    if (inner.has(node)) equations.set(place + 1, equation);
    return { equation: place + 1, ...rest };
  });
  const edges = graph.edges
    .map((edge) => ({ ...edge, from: renumbered(edge.from), to: renumbered(edge.to) }))
    .sort((a, b) => a.to - b.to || a.from - b.from);
  return {
    graph: {
      ...graph,
      inputs: inputs.flatMap((input) => graph.inputs[input] ?? []),
      vertices,
      edges,
      outputs: outputs.map((node) => (node === null ? null : renumbered(node))),
    },
    equations,
  };
}

/** The vertices in an order in which edges lead forward. */
function topological(graph: ComputationalGraph, priorities: readonly number[]): number[] {
  const count = graph.inputs.length;
  const waiting = new Int32Array(count + graph.vertices.length);
  const successors = Array.from(waiting, () => [] as number[]);
  for (const { from, to } of graph.edges) {
    successors[from]?.push(to);
    if (from >= count) waiting[to] = (waiting[to] ?? 0) + 1;
  }
  const priority = (node: number) => priorities[node - count] ?? 0;
  const ready = graph.vertices.map((_, vertex) => count + vertex).filter((node) => waiting[node] === 0);
  const order: number[] = [];
  while (ready.length > 0) {
    let best = 0;
    for (const [place, node] of ready.entries())
      if (priority(node) < priority(ready[best] ?? 0)) best = place;
    const [node = 0] = ready.splice(best, 1);
    order.push(node);
    for (const next of successors[node] ?? []) {
      const left = (waiting[next] ?? 0) - 1;
      waiting[next] = left;
      if (left === 0) ready.push(next);
    }
  }
  return order;
}

/** The same things in a random order (Fisher & Yates). */
function shuffled<Thing>(things: readonly Thing[], random: Random): Thing[] {
  const all = [...things];
  for (let place = all.length - 1; place > 0; place--) {
    const other = random.below(place + 1);
    [all[place], all[other]] = [all[other] as Thing, all[place] as Thing];
  }
  return all;
}

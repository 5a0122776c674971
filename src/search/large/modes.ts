/**
 * What forward and reverse mode cost in `multiplications`, without eliminating anything.
 *
 * Forward mode eliminates a vertex when all intermediates before it are gone and none after it: its in-edges then come from the inputs that
 * reach it, its out-edges are those of the graph. So reachability from inputs, 32 at a time, tells the cost, in time O((nodes + edges) * inputs / 32) at
 * most; eliminating takes time in proportion to the cost itself, which for a chain of thousands of joints is a thousand times more.
 */

import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { population } from "../population.ts";

/** The cost of the intermediates in program order. @param graph scalar, its pure structure copies */
export function forwardCost(graph: ComputationalGraph): number {
  return modeCost(graph, [...graph.inputs.keys()], "along");
}

/** The cost of the intermediates against program order. @param graph scalar, its pure structure copies */
export function reverseCost(graph: ComputationalGraph): number {
  const outputs = graph.outputs.filter((node) => node !== null);
  return modeCost(graph, outputs, "against");
}

function modeCost(
  graph: ComputationalGraph,
  sources: readonly number[],
  direction: "along" | "against",
): number {
  const { nodes, first, targets, isCounted } = adjacency(graph, direction);
  const degrees = new Int32Array(nodes);
  for (let node = 0; node < nodes; node++)
    for (let edge = first[node] as number; edge < (first[node + 1] as number); edge++)
      degrees[node] = (degrees[node] as number) + (isCounted[edge] as number);
  const isOpen = new Uint8Array(nodes);
  for (const node of intermediates(graph)) isOpen[node] = 1;
  let cost = 0;
  // Which of 32 sources reach each node, and which do on a path with a counted edge: after elimination that edge is counted.
  const reached = new Int32Array(nodes);
  const counted = new Int32Array(nodes);
  for (let block = 0; block < sources.length; block += 32) {
    sources.slice(block, block + 32).forEach((node, bit) => {
      reached[node] = 1 << bit;
    });
    for (let step = 0; step < nodes; step++) {
      const node = direction === "along" ? step : nodes - 1 - step;
      const bits = reached[node] as number;
      if (bits === 0) continue;
      const countedBits = counted[node] as number;
      reached[node] = counted[node] = 0;
      if (isOpen[node] === 1) cost += population(countedBits) * (degrees[node] as number);
      for (let edge = first[node] as number; edge < (first[node + 1] as number); edge++) {
        const to = targets[edge] as number;
        reached[to] = (reached[to] as number) | bits;
        counted[to] = (counted[to] as number) | (isCounted[edge] === 1 ? bits : countedBits);
      }
    }
  }
  return cost;
}

/** The edges by the node that they leave in a direction: those of node i stand from `first[i]` to `first[i + 1]`. */
function adjacency(graph: ComputationalGraph, direction: "along" | "against") {
  const nodes = graph.inputs.length + graph.vertices.length;
  const edges = graph.edges.map(({ from, to, terms: [term] }) => ({
    from: direction === "along" ? from : to,
    to: direction === "along" ? to : from,
    counted: term?.counted === null ? 0 : 1,
  }));
  const first = new Int32Array(nodes + 1);
  for (const { from } of edges) first[from + 1] = (first[from + 1] as number) + 1;
  for (let node = 0; node < nodes; node++)
    first[node + 1] = (first[node + 1] as number) + (first[node] as number);
  const next = first.slice();
  const targets = new Int32Array(edges.length);
  const isCounted = new Uint8Array(edges.length);
  for (const { from, to, counted } of edges) {
    const place = next[from] as number;
    next[from] = place + 1;
    targets[place] = to;
    isCounted[place] = counted;
  }
  return { nodes, first, targets, isCounted };
}

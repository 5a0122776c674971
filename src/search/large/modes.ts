/**
 * What forward and reverse mode cost in `multiplications`, without eliminating anything.
 *
 * Forward mode eliminates a vertex when all intermediates before it are gone and none after it: its in-edges then come from the inputs that
 * reach it, its out-edges are those of the graph. So reachability from inputs, 32 at a time, tells the cost, in time O(edges * inputs / 32);
 * eliminating takes time in proportion to the cost itself, which for a chain of thousands of joints is a thousand times more.
 */

import { type ComputationalGraph, type GraphEdge, intermediates } from "../../graph/graph.ts";

/** Ends of an edge as a mode sees them: it comes from where the mode comes from. */
interface Step {
  readonly from: number;
  readonly to: number;
  readonly counted: boolean;
}

/** The cost of the intermediates in program order. @param graph scalar, its pure structure copies */
export function forwardCost(graph: ComputationalGraph): number {
  return modeCost(graph, [...graph.inputs.keys()], graph.edges.map(step));
}

/** The cost of the intermediates against program order. @param graph scalar, its pure structure copies */
export function reverseCost(graph: ComputationalGraph): number {
  const outputs = graph.outputs.filter((node) => node !== null);
  const edges = graph.edges.toSorted((a, b) => b.from - a.from);
  return modeCost(
    graph,
    outputs,
    edges.map(step).map(({ from, to, counted }) => ({ from: to, to: from, counted })),
  );
}

function step({ from, to, terms: [term] }: GraphEdge): Step {
  return { from, to, counted: term?.counted !== null };
}

/** @param steps sorted such that all that lead to a node come before those that leave it */
function modeCost(graph: ComputationalGraph, sources: readonly number[], steps: readonly Step[]): number {
  const nodes = graph.inputs.length + graph.vertices.length;
  const degrees = new Float64Array(nodes);
  for (const { from, counted } of steps) if (counted) degrees[from] = (degrees[from] ?? 0) + 1;
  const isOpen = new Uint8Array(nodes);
  for (const node of intermediates(graph)) isOpen[node] = 1;
  let cost = 0;
  // Which of 32 sources reach each node, and which do on a path with a counted edge: after elimination that edge is counted.
  const reached = new Int32Array(nodes);
  const counted = new Int32Array(nodes);
  for (let first = 0; first < sources.length; first += 32) {
    reached.fill(0);
    counted.fill(0);
    sources.slice(first, first + 32).forEach((node, bit) => {
      reached[node] = 1 << bit;
    });
    for (const { from, to, counted: isCounted } of steps) {
      const bits = reached[from] as number;
      reached[to] = (reached[to] as number) | bits;
      counted[to] = (counted[to] as number) | (isCounted ? bits : (counted[from] as number));
    }
    for (let node = 0; node < nodes; node++)
      if (isOpen[node] === 1 && counted[node] !== 0)
        cost += population(counted[node] as number) * (degrees[node] as number);
  }
  return cost;
}

function population(word: number): number {
  let count = 0;
  for (let bits = word; bits !== 0; bits &= bits - 1) count++;
  return count;
}

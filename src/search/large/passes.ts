/** Passes over a sparse graph from first to last elimination: the greedy one that makes an order, and the one that counts a given order. */

import type { ComputationalGraph } from "../../graph/graph.ts";
import { type Arithmetic, ListArithmetic, OperationsArithmetic } from "./arithmetic.ts";
import type { Cut, Effort } from "./effort.ts";
import { Heap } from "./heap.ts";
import { SparseGraph } from "./sparseGraph.ts";

/** What came of a pass: all eliminations, or the reason why it ended early. */
export type PassResult =
  | { readonly kind: "done"; readonly order: Int32Array; readonly cost: number }
  | { readonly kind: "cut"; readonly why: Cut };

/** What the eliminations so far cost: products, or with the arithmetic of operations the operations created. */
function costSoFar(arithmetic: Arithmetic, products: number): number {
  return arithmetic instanceof OperationsArithmetic ? arithmetic.table.created : products;
}

/** What all eliminations cost. Where a sum cancelled, operations before it may have been in vain: those are left out. */
export function totalCost(graph: SparseGraph, products: number): number {
  const { arithmetic } = graph;
  if (arithmetic instanceof OperationsArithmetic && graph.vanished > 0)
    return arithmetic.table.live(graph.codes());
  return costSoFar(arithmetic, products);
}

/**
 * Lowest Markowitz degree first, as `markowitz` in `orders.ts`, in time O(products log V): degrees wait in a heap, and one that has changed since is dropped when
 * it comes up.
 *
 * @param arithmetic in which degrees are what the elimination costs; restarted
 * @returns node numbers, and the sum of the degrees as their cost
 */
export async function greedyPass(
  graph: ComputationalGraph,
  arithmetic: Arithmetic,
  ties: "first" | "last",
  effort: Effort,
): Promise<PassResult> {
  arithmetic.restart();
  const state = new SparseGraph(graph, arithmetic);
  const nodes = state.open.length;
  const heap = new Heap();
  /** The degree with which each node waits. */
  const degrees = new Float64Array(nodes).fill(-1);
  const enter = (node: number) => {
    if (state.open[node] === 0) return;
    const degree = state.degree(node);
    if (degree === degrees[node]) return;
    degrees[node] = degree;
    heap.push(degree * nodes + (ties === "first" ? node : nodes - 1 - node));
  };
  for (let node = 0; node < nodes; node++) enter(node);
  const order: number[] = [];
  let cost = 0;
  for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
    const rank = key % nodes;
    const node = ties === "first" ? rank : nodes - 1 - rank;
    if (state.open[node] === 0 || degrees[node] !== (key - rank) / nodes) continue;
    const neighbours = [...state.predecessors(node), ...state.successors(node)];
    cost += state.eliminate(node);
    order.push(node);
    for (const neighbour of neighbours) enter(neighbour);
    const why = isFull(arithmetic) ? "too much work" : await effort.cut(state.work, cost);
    if (why !== null) return { kind: "cut", why };
  }
  return { kind: "done", order: Int32Array.from(order), cost };
}

/** What an order of nodes costs. The arithmetic is restarted. */
export async function countingPass(
  graph: ComputationalGraph,
  arithmetic: Arithmetic,
  order: Int32Array,
  effort: Effort,
): Promise<PassResult> {
  arithmetic.restart();
  const state = new SparseGraph(graph, arithmetic);
  let products = 0;
  for (const node of order) {
    products += state.eliminate(node);
    const why = isFull(arithmetic)
      ? "too much work"
      : await effort.cut(state.work, costSoFar(arithmetic, products));
    if (why !== null) return { kind: "cut", why };
  }
  return { kind: "done", order, cost: totalCost(state, products) };
}

function isFull(arithmetic: Arithmetic): boolean {
  return arithmetic instanceof ListArithmetic && arithmetic.isFull;
}

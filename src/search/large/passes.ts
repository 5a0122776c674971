/** Passes over a sparse graph from first to last elimination: the greedy one that makes an order, and the one that counts a given order. */

import type { ComputationalGraph } from "../../graph/graph.ts";
import { type Arithmetic, multiplicationsArithmetic, OperationsArithmetic } from "./arithmetic.ts";
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
 * @returns node numbers, and the sum of the degrees as their cost
 */
export async function greedyPass(
  graph: ComputationalGraph,
  ties: "first" | "last",
  effort: Effort,
): Promise<PassResult> {
  const state = new SparseGraph(graph, multiplicationsArithmetic);
  const nodes = state.open.length;
  const heap = new Heap();
  const enter = (node: number) =>
    heap.push(state.degree(node) * nodes + (ties === "first" ? node : nodes - 1 - node));
  for (let node = 0; node < nodes; node++) if (state.open[node] === 1) enter(node);
  const order: number[] = [];
  let products = 0;
  for (let key = heap.pop(); key !== undefined; key = heap.pop()) {
    const rank = key % nodes;
    const node = ties === "first" ? rank : nodes - 1 - rank;
    if (state.open[node] === 0 || state.degree(node) !== (key - rank) / nodes) continue;
    const neighbours = [...state.predecessors(node), ...state.successors(node)];
    const degrees = neighbours.map((other) => state.degree(other));
    products += state.eliminate(node);
    order.push(node);
    neighbours.forEach((other, index) => {
      if (state.open[other] === 1 && state.degree(other) !== degrees[index]) enter(other);
    });
    const why = await effort.cut(products, products);
    if (why !== null) return { kind: "cut", why };
  }
  return { kind: "done", order: Int32Array.from(order), cost: products };
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
    const why = await effort.cut(products, costSoFar(arithmetic, products));
    if (why !== null) return { kind: "cut", why };
  }
  return { kind: "done", order, cost: totalCost(state, products) };
}

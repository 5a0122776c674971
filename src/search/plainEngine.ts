/**
 * The engine that any graph has: the plain elimination of `graph/elimination.ts` with undo, for `multiplications` on structured edges.
 *
 * Slow (some hundred eliminations a millisecond at best) and correct by construction: products and sums are the reference's own.
 */

import { type EliminationState, eliminate, startElimination } from "../graph/elimination.ts";
import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { type Weight, weightAlgebra } from "../graph/weights.ts";
import { attemptInTurn } from "./attempt.ts";
import type { Engine } from "./engine.ts";

/** What an elimination is about to change, as it was. */
interface Frame {
  readonly incoming: readonly [node: number, edges: ReadonlyMap<number, readonly Weight[]>][];
  readonly outgoing: readonly [node: number, edges: ReadonlySet<number>][];
  readonly products: number;
}

/** Any graph, scalar or not; counts `multiplications`. */
export function plainEngine(graph: ComputationalGraph): Engine {
  return new PlainEngine(graph);
}

class PlainEngine implements Engine {
  readonly size: number;
  /** Windows joined in another order may have other structures, so costs after a window may change. */
  readonly local = false;
  readonly #graph: ComputationalGraph;
  readonly #nodes: readonly number[];
  readonly #indexOf: ReadonlyMap<number, number>;
  readonly #count = { products: 0, constants: 0 };
  #state: EliminationState<Weight>;
  #frames: Frame[] = [];

  constructor(graph: ComputationalGraph) {
    this.#graph = graph;
    this.#nodes = intermediates(graph);
    this.#indexOf = new Map(this.#nodes.map((node, index) => [node, index]));
    this.size = this.#nodes.length;
    this.#state = startElimination(graph, weightAlgebra("multiplications", this.#count));
  }

  restart(): void {
    this.#count.products = 0;
    this.#state = startElimination(this.#graph, this.#state.algebra);
    this.#frames = [];
  }

  eliminate(index: number): number {
    const node = this.#nodes[index] ?? 0;
    const { incoming, outgoing } = this.#state;
    const { products } = this.#count;
    const predecessors = [...(incoming[node]?.keys() ?? [])];
    const successors = [...(outgoing[node] ?? [])];
    this.#frames.push({
      incoming: [node, ...successors].map((changed) => [changed, new Map(incoming[changed])]),
      outgoing: [node, ...predecessors].map((changed) => [changed, new Set(outgoing[changed])]),
      products,
    });
    eliminate(this.#state, node);
    return this.#count.products - products;
  }

  undo(count: number): void {
    for (let left = count; left > 0; left--) {
      const frame = this.#frames.pop();
      if (frame === undefined) return;
      for (const [node, edges] of frame.incoming) this.#state.incoming[node] = edges;
      for (const [node, edges] of frame.outgoing) this.#state.outgoing[node] = edges;
      this.#count.products = frame.products;
    }
  }

  total(): number {
    return this.#count.products;
  }

  degree(index: number): number {
    const cost = this.eliminate(index);
    this.undo(1);
    return cost;
  }

  neighbours(index: number, into: Int32Array): number {
    const node = this.#nodes[index] ?? 0;
    const { incoming, outgoing } = this.#state;
    const adjacent = [...(incoming[node]?.keys() ?? []), ...(outgoing[node] ?? [])];
    const indices = adjacent.flatMap((other) => this.#indexOf.get(other) ?? []);
    into.set(indices);
    return indices.length;
  }

  attempt(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): number {
    return attemptInTurn(this, order, start, end, limit, costs);
  }

  cost(order: Int32Array): number {
    this.restart();
    for (const index of order) eliminate(this.#state, this.#nodes[index] ?? 0);
    const total = this.#count.products;
    this.restart();
    return total;
  }
}

/**
 * Vertex elimination, written plainly: the semantics of every order, and the oracle of the fast engines.
 *
 * Eliminating v multiplies every out-edge by every in-edge of v and adds each product into the edge from the predecessor to the successor; v and its
 * edges go. What a product and a sum *are* is the edge algebra's business: weights to count with (`weights.ts`), numbered values to emit
 * code from (`values.ts`). Griewank & Walther 2008, section 9.2.
 */

import { InputError } from "../errors.ts";
import {
  type ComputationalGraph,
  type EdgeTerm,
  type EliminationOrder,
  intermediates,
  nodeOfVertex,
} from "./graph.ts";

/** What elimination does to the terms of edges. */
export interface EdgeAlgebra<Term> {
  /** The term of an original edge. */
  term(term: EdgeTerm): Term;
  /** `outgoing * incoming` = (d w / d v) (d v / d u), or null if it is zero. */
  product(outgoing: Term, incoming: Term): Term | null;
  /** Adds one term to an edge's terms; an empty list is a zero that removes the edge. */
  sum(terms: readonly Term[], term: Term): readonly Term[];
  /** Told of every edge that an elimination changed, for those who want to name values after edges. */
  changed?(from: number, to: number, terms: readonly Term[]): void;
}

/** A graph in the course of its elimination: for each node its edges by the node at the other end. */
export interface EliminationState<Term> {
  readonly algebra: EdgeAlgebra<Term>;
  readonly incoming: ReadonlyMap<number, readonly Term[]>[];
  readonly outgoing: ReadonlySet<number>[];
}

type MutableState<Term> = {
  readonly algebra: EdgeAlgebra<Term>;
  readonly incoming: Map<number, readonly Term[]>[];
  readonly outgoing: Set<number>[];
};

/** The graph before any elimination, its terms taken over into the algebra. */
export function startElimination<Term>(
  graph: ComputationalGraph,
  algebra: EdgeAlgebra<Term>,
): EliminationState<Term> {
  const nodes = graph.inputs.length + graph.vertices.length;
  const incoming = Array.from({ length: nodes }, () => new Map<number, readonly Term[]>());
  const outgoing = Array.from({ length: nodes }, () => new Set<number>());
  for (const { from, to, terms } of graph.edges) {
    incoming[to]?.set(
      from,
      terms.map((term) => algebra.term(term)),
    );
    outgoing[from]?.add(to);
  }
  return { algebra, incoming, outgoing };
}

/** Eliminates one node from the state, in place: predecessors ascending, for each the successors ascending. */
export function eliminate<Term>(state: EliminationState<Term>, node: number): void {
  const { algebra, incoming, outgoing } = state as MutableState<Term>;
  const successors = [...(outgoing[node] ?? [])].sort((a, b) => a - b);
  const predecessors = [...(incoming[node] ?? [])].sort(([a], [b]) => a - b);
  for (const [predecessor, inner] of predecessors) {
    for (const successor of successors) {
      const edges = incoming[successor];
      let terms: readonly Term[] = edges?.get(predecessor) ?? [];
      for (const outer of edges?.get(node) ?? [])
        for (const term of inner) {
          const product = algebra.product(outer, term);
          if (product !== null) terms = algebra.sum(terms, product);
        }
      if (terms.length > 0) {
        edges?.set(predecessor, terms);
        outgoing[predecessor]?.add(successor);
        algebra.changed?.(predecessor, successor, terms);
      } else {
        edges?.delete(predecessor);
        outgoing[predecessor]?.delete(successor);
      }
    }
    outgoing[predecessor]?.delete(node);
  }
  for (const successor of successors) incoming[successor]?.delete(node);
  incoming[node]?.clear();
  outgoing[node]?.clear();
}

/**
 * Eliminates all intermediates in an order; what remains are the edges from inputs to outputs.
 *
 * @param onEliminated called after each elimination with the node
 * @throws InputError if the order is not a permutation of the graph's intermediates
 */
export function eliminateAll<Term>(
  graph: ComputationalGraph,
  order: EliminationOrder,
  algebra: EdgeAlgebra<Term>,
  onEliminated: (node: number) => void = () => {},
): EliminationState<Term> {
  const state = startElimination(graph, algebra);
  for (const node of nodesOfOrder(graph, order)) {
    eliminate(state, node);
    onEliminated(node);
  }
  return state;
}

/** The nodes that an order eliminates. Throws an InputError if it is not a permutation of the graph's intermediates. */
export function nodesOfOrder(graph: ComputationalGraph, order: EliminationOrder): number[] {
  const nodeOfEquation = new Map<number, number>();
  graph.vertices.forEach(({ equation }, vertex) => {
    if (equation !== null) nodeOfEquation.set(equation, nodeOfVertex(graph, vertex));
  });
  const missing = new Set(intermediates(graph));
  const nodes = order.map((equation, position) => {
    const where = `order: entry ${position + 1}`;
    const node = nodeOfEquation.get(equation);
    if (node === undefined)
      throw new InputError(
        `${where} is ${equation}, which is no equation between an input and an output of ${graph.name}`,
      );
    if (missing.delete(node)) return node;
    throw new InputError(
      graph.outputs.includes(node)
        ? `${where} is ${equation}, an output of ${graph.name}: outputs are never eliminated`
        : `${where} is ${equation}, which was eliminated before: each equation occurs once`,
    );
  });
  const [first] = missing;
  if (first !== undefined) {
    const equation = graph.vertices[first - graph.inputs.length]?.equation ?? 0;
    throw new InputError(
      `order: ${missing.size} of the ${missing.size + nodes.length} intermediates of ${graph.name} are missing, the first is equation ${equation}`,
    );
  }
  return nodes;
}

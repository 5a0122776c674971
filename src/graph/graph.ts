/**
 * ComputationalGraph: what search, game and agents see of a function. Structure only: no Program and no numbers but constants.
 *
 * Nodes are numbered: the inputs first, then the vertices in program order. Only what lies on a path from an input to an output is
 * there. An output that is also used inside, or that is an input, has an extra copy vertex (`equation: null`) as the output.
 */

import type { Structure } from "../structure/structure.ts";

/** An input of the function (a source of the graph); never eliminated. */
export interface GraphInput {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The result of one equation. */
export interface GraphVertex {
  /** Number of its equation in the program, from 1; null for the copy of an output. */
  readonly equation: number | null;
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * The value of a term, known up to equality: a constant, or plus or minus the value numbered `value`. Terms with equal numbers have equal
 * values whatever the inputs are.
 */
export type TermValue =
  | { readonly kind: "constant"; readonly constant: number }
  | { readonly kind: "value"; readonly value: number; readonly negative: boolean };

/** One term of an edge (see `accounting` in docs/architecture.md). */
export interface EdgeTerm {
  readonly structure: Structure;
  /** The labels over which the value counts as data in the paper's accounting; null is pure structure, which is free. */
  readonly counted: readonly number[] | null;
  readonly value: TermValue;
}

/** The local Jacobian d to / d from. An edge never has two terms of one structure, and at least one term. */
export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  readonly terms: readonly EdgeTerm[];
}

/**
 * Products and sums of numbered values that the function and its local partials compute anyway, so that an accumulation that needs one of
 * them has it for free. `product = left * right`, `sum = left + right` or `left - right`.
 */
export interface KnownValue {
  readonly kind: "product" | "sum" | "difference";
  readonly left: TermValue;
  readonly right: TermValue;
  readonly result: TermValue;
}

export interface ComputationalGraph {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  readonly vertices: readonly GraphVertex[];
  /** Sorted by (to, from). */
  readonly edges: readonly GraphEdge[];
  /** The node of each output of the function, or null where it depends on no input. All are vertices without successors. */
  readonly outputs: readonly (number | null)[];
  /** How many numbered values the terms and `known` refer to: 0 to valueCount - 1. */
  readonly valueCount: number;
  readonly known: readonly KnownValue[];
}

/** Equation numbers, from 1 in program order, in the order in which their vertices are eliminated. */
export type EliminationOrder = readonly number[];

/**
 * One step of an elimination: a vertex by the number of its equation; or less than a vertex: an edge into one, with all that goes out of
 * it (`front`), an edge out of one, with all that goes into it (`back`), or one in-edge with one out-edge (`face`, given as three nodes). Nodes are
 * named by their equations, inputs by -1, -2, ... in their order.
 */
export type EliminationStep =
  | number
  | { readonly front: readonly [from: number, to: number] }
  | { readonly back: readonly [from: number, to: number] }
  | { readonly face: readonly [from: number, via: number, to: number] };

/** Steps that eliminate all intermediates. Every order of vertices is one. */
export type Elimination = readonly EliminationStep[];

/** Whether all steps are vertices. */
export function isVertexOrder(steps: Elimination): steps is EliminationOrder {
  return steps.every((step) => typeof step === "number");
}

/** The node number of a vertex by its index in `graph.vertices`. */
export function nodeOfVertex(graph: ComputationalGraph, vertex: number): number {
  return graph.inputs.length + vertex;
}

/** The intermediates, as node numbers in program order: every vertex that is not an output. These are what an order eliminates. */
export function intermediates(graph: ComputationalGraph): number[] {
  const outputs = new Set(graph.outputs);
  return graph.vertices.map((_, vertex) => nodeOfVertex(graph, vertex)).filter((node) => !outputs.has(node));
}

/**
 * The count `operations`: the multiplications and additions that the generated accumulation really performs.
 *
 * The function and its local partials are not counted; equal local partials are one value, and a product or sum that the function or a local
 * partial computes anyway is free (`graph.known`). The same table of values is what `jacobian` emits code from, so the count is what is emitted.
 * Between arrays an operation counts once for each pair of elements.
 */

import { InputError } from "../errors.ts";
import { dim, type Structure, structureKey } from "../structure/structure.ts";
import type { EdgeAlgebra, EliminationState } from "./elimination.ts";
import { eliminateSteps } from "./faces.ts";
import type { ComputationalGraph, EdgeTerm, Elimination, TermValue } from "./graph.ts";
import { addTerm, type Contraction, productOfTerms, type Term, type ValueOperations } from "./terms.ts";
import { constantValue, type ValueNode, ValueTable } from "./values.ts";

/** Scalar operations of an accumulation. */
export interface Operations {
  readonly multiplications: number;
  readonly additions: number;
}

/** The accumulated entries and the table that says how they are computed. */
export interface Accumulation {
  readonly table: ValueTable;
  /** The terms of a remaining edge; none where there is no edge. They have no entry in common. */
  terms(to: number, from: number): readonly Term<TermValue>[];
  /** For each node of the table whether an entry needs it. */
  readonly live: readonly boolean[];
  /** For each node of the table an edge whose whole value it is, if there is one: what to call it in code. */
  readonly edgeOf: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
}

/**
 * Accumulates the Jacobian of a graph symbolically.
 *
 * @throws InputError if the order is not a permutation of the intermediates, or its steps do not eliminate them
 */
export function accumulate(graph: ComputationalGraph, order: Elimination): Accumulation {
  return accumulateBy(graph, (algebra) => eliminateSteps(graph, order, algebra));
}

/** Accumulates by any way of eliminating the graph's intermediates. */
export function accumulateBy(graph: ComputationalGraph, eliminate: Eliminator): Accumulation {
  const table = new ValueTable(graph.valueCount, graph.known, atomShapes(graph));
  if (!isScalarGraph(graph))
    return accumulateWith(eliminate, table, structuredAlgebra(table), (term) => term);
  const shapes = [...graph.inputs, ...graph.vertices].map(({ shape }) =>
    shape.map((size) => dim(size, 0, null)),
  );
  return accumulateWith(eliminate, table, scalarAlgebra(table), (value, to, from) => {
    const structure: Structure = { out: shapes[to] ?? [], in: shapes[from] ?? [], extents: [] };
    return { structure, key: "", labels: [], value };
  });
}

/** Eliminates all intermediates of some graph under an algebra. */
export type Eliminator = <Own>(algebra: EdgeAlgebra<Own>) => EliminationState<Own>;

/** @param structured the term that an edge's value is within its block */
function accumulateWith<Own>(
  eliminate: Eliminator,
  table: ValueTable,
  algebra: EdgeAlgebra<Own>,
  structured: (own: Own, to: number, from: number) => Term<TermValue>,
): Accumulation {
  const lastValues = new Map<
    string,
    { readonly from: number; readonly to: number; readonly value: TermValue }
  >();
  const state = eliminate({
    ...algebra,
    changed(from: number, to: number, terms: readonly Own[]) {
      const [own] = terms;
      if (own === undefined || terms.length > 1) lastValues.delete(`${from} ${to}`);
      else lastValues.set(`${from} ${to}`, { from, to, value: structured(own, to, from).value });
    },
  });
  const edgeOf = new Map<number, { readonly from: number; readonly to: number }>();
  for (const { from, to, value } of lastValues.values())
    if (value.kind === "value" && !value.negative && !edgeOf.has(value.value))
      edgeOf.set(value.value, { from, to });
  const terms = (to: number, from: number) =>
    (state.incoming[to]?.get(from) ?? []).map((own) => structured(own, to, from));
  const roots = state.incoming.flatMap((edges, to) =>
    [...edges.keys()].flatMap((from) => terms(to, from).map(({ value }) => value)),
  );
  return { table, terms, live: liveNodes(table, roots), edgeOf };
}

/** For each node of a table whether any of the roots needs it. */
function liveNodes(table: ValueTable, roots: readonly TermValue[]): boolean[] {
  const live = new Array<boolean>(table.nodes.length).fill(false);
  const mark = (value: TermValue) => {
    if (value.kind === "value") live[value.value] = true;
  };
  roots.forEach(mark);
  for (let index = live.length - 1; index >= 0; index--) {
    const node = table.nodes[index];
    if (live[index] && node !== undefined) operandsOf(node).forEach(mark);
  }
  return live;
}

function operandsOf(node: ValueNode): readonly TermValue[] {
  if (node.kind === "atom") return [];
  return node.kind === "rearrangement" ? [node.operand] : [node.left, node.right];
}

/** The shapes of the numbered values that are arrays, as far as the terms and the known values tell. */
export function atomShapes({ edges, known }: ComputationalGraph): Map<number, readonly number[]> {
  const shapes = new Map<number, readonly number[]>();
  for (const { terms } of edges)
    for (const { structure, counted, value } of terms)
      if (value.kind === "value" && counted !== null && counted.length > 0)
        shapes.set(
          value.value,
          counted.map((label) => structure.extents[label] ?? 1),
        );
  for (const { left, right, result } of known)
    for (const value of [left, right]) {
      const shape = value.kind === "value" ? shapes.get(value.value) : undefined;
      if (shape !== undefined && result.kind === "value") shapes.set(result.value, shape);
    }
  return shapes;
}

/** Counts what the live nodes of an accumulation compute. */
export function operationsOf({ table, live }: Accumulation): Operations {
  let [multiplications, additions] = [0, 0];
  for (const [index, node] of table.nodes.entries()) {
    if (!live[index]) continue;
    const size = sizeOf(table.shapes.get(index) ?? []);
    if (node.kind === "sum") additions += size;
    if (node.kind === "product") {
      const { contraction } = node;
      const own =
        contraction === undefined
          ? { multiplications: size, additions: 0 }
          : contractionOperations(contraction);
      multiplications += own.multiplications;
      additions += own.additions;
    }
    if (node.kind === "rearrangement") additions += sumsOf(node.structure);
  }
  return { multiplications, additions };
}

/** What a product of arrays takes: a multiplication for each choice of an index in each class, less the classes that remain the additions. */
export function contractionOperations({ result, extents }: Contraction): Operations {
  const multiplications = sizeOf(extents);
  return { multiplications, additions: multiplications - sizeOf(result.map((group) => extents[group] ?? 1)) };
}

/** How many entries an array of these extents has. */
export function sizeOf(extents: readonly number[]): number {
  return extents.reduce((size, extent) => size * extent, 1);
}

/** The additions of a rearrangement: every entry beyond the first that ends in the same place. */
export function sumsOf({ out, extents }: Structure): number {
  const kept = extents.filter((_, label) => out.some((own) => own.label === label));
  return sizeOf(extents) - sizeOf(kept);
}

/** Whether every node is one number: every edge is one term without labels. */
export function isScalarGraph({ inputs, vertices, edges }: ComputationalGraph): boolean {
  return (
    [...inputs, ...vertices].every(({ shape }) => shape.every((extent) => extent === 1)) &&
    edges.every(({ terms }) => terms.length === 1)
  );
}

/** Throws an InputError if a vertex is array-valued. */
export function requireScalar(graph: ComputationalGraph): void {
  if (!isScalarGraph(graph))
    throw new InputError(
      `${graph.name} has array-valued vertices, too many for a search in operations: search in multiplications, or unroll it`,
    );
}

/** Values of one number: a term is its value. */
function scalarAlgebra(table: ValueTable): EdgeAlgebra<TermValue> {
  return {
    term: ({ value }) => value,
    product: (outgoing, incoming) => table.product(outgoing, incoming),
    sum: ([present], term) => {
      const total = present === undefined ? term : table.sum(present, term);
      return isZero(total) ? [] : [total];
    },
  };
}

/** Values of structured terms. */
function structuredAlgebra(table: ValueTable): EdgeAlgebra<Term<TermValue>> {
  const operations: ValueOperations<TermValue> = {
    isConstant: ({ kind }) => kind === "constant",
    rearranged: (value, structure) => table.rearrangement(value, structure),
    sum(left, right) {
      const total = table.sum(left, right);
      return isZero(total) ? null : total;
    },
    contraction: (left, right, factor, contraction) =>
      table.product(constantValue(factor), table.contraction(left, right, contraction)),
  };
  return {
    term: structuredTerm,
    product: (outgoing, incoming) => productOfTerms(outgoing, incoming, operations),
    sum: (terms, term) => addTerm(terms, term, operations),
  };
}

function structuredTerm({ structure, counted, value }: EdgeTerm): Term<TermValue> {
  const labels = value.kind === "constant" ? [] : (counted ?? []);
  return { structure, key: structureKey(structure), labels, value };
}

function isZero(value: TermValue): boolean {
  return value.kind === "constant" && value.constant === 0;
}

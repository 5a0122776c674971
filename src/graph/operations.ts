/**
 * The count `operations`: the multiplications and additions that the generated accumulation really performs.
 *
 * The function and its local partials are not counted; equal local partials are one value, and a product or sum that the function or a local
 * partial computes anyway is free (`graph.known`). The same table of values is what `jacobian` emits code from, so the count is what is emitted.
 */

import { InputError } from "../errors.ts";
import { type EdgeAlgebra, eliminateAll } from "./elimination.ts";
import type { ComputationalGraph, EliminationOrder, TermValue } from "./graph.ts";
import { ValueTable } from "./values.ts";

/** Scalar operations of an accumulation. */
export interface Operations {
  readonly multiplications: number;
  readonly additions: number;
}

/** The accumulated entries and the table that says how they are computed. */
export interface Accumulation {
  readonly table: ValueTable;
  /** Value of each remaining edge: `entry(to, from)`, or constant 0 where there is none. */
  entry(to: number, from: number): TermValue;
  /** For each node of the table whether an entry needs it. */
  readonly live: readonly boolean[];
  /** For each node of the table an edge whose whole value it is, if there is one: what to call it in code. */
  readonly edgeOf: ReadonlyMap<number, { readonly from: number; readonly to: number }>;
}

const ZERO: TermValue = { kind: "constant", constant: 0 };

/**
 * Accumulates the Jacobian of a scalar graph symbolically.
 *
 * @throws InputError if the order is not a permutation of the intermediates, or the graph has structured (non-scalar) edges
 */
export function accumulate(graph: ComputationalGraph, order: EliminationOrder): Accumulation {
  requireScalar(graph);
  const table = new ValueTable(graph.valueCount, graph.known);
  const lastValues = new Map<
    string,
    { readonly from: number; readonly to: number; readonly value: TermValue }
  >();
  const state = eliminateAll(graph, order, {
    ...valueAlgebra(table),
    changed(from, to, [value]) {
      if (value !== undefined) lastValues.set(`${from} ${to}`, { from, to, value });
    },
  });
  const edgeOf = new Map<number, { readonly from: number; readonly to: number }>();
  for (const { from, to, value } of lastValues.values())
    if (value.kind === "value" && !value.negative && !edgeOf.has(value.value))
      edgeOf.set(value.value, { from, to });
  const entry = (to: number, from: number) => state.incoming[to]?.get(from)?.[0] ?? ZERO;
  const live = new Array<boolean>(table.nodes.length).fill(false);
  const mark = (value: TermValue) => {
    if (value.kind === "value") live[value.value] = true;
  };
  for (const edges of state.incoming) for (const [term] of edges.values()) if (term !== undefined) mark(term);
  for (let index = live.length - 1; index >= 0; index--) {
    const node = table.nodes[index];
    if (!live[index] || node === undefined || node.kind === "atom") continue;
    mark(node.left);
    mark(node.right);
  }
  return { table, entry, live, edgeOf };
}

/** Counts the live products and sums of an accumulation. */
export function operationsOf({ table, live }: Accumulation): Operations {
  const count = (kind: "product" | "sum") =>
    table.nodes.filter((node, index) => live[index] === true && node.kind === kind).length;
  return { multiplications: count("product"), additions: count("sum") };
}

/** Whether every edge is one number: one term without labels. */
export function isScalarGraph(graph: ComputationalGraph): boolean {
  return graph.edges.every(
    ({ terms }) => terms.length === 1 && terms.every(({ structure }) => structure.extents.length === 0),
  );
}

/** Throws an InputError if a vertex is array-valued. */
export function requireScalar(graph: ComputationalGraph): void {
  if (!isScalarGraph(graph))
    throw new InputError(
      `${graph.name} has array-valued vertices: operations are counted on scalar programs only so far`,
    );
}

function valueAlgebra(table: ValueTable): EdgeAlgebra<TermValue> {
  return {
    term: ({ value }) => value,
    product: (outgoing, incoming) => table.product(outgoing, incoming),
    sum: ([present], term) => {
      const total = present === undefined ? term : table.sum(present, term);
      return total.kind === "constant" && total.constant === 0 ? [] : [total];
    },
  };
}

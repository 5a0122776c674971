/** Equations for the values of an accumulation, and for the dense blocks that they end in. */

import type { ComputationalGraph, TermValue } from "../graph/graph.ts";
import type { Accumulation } from "../graph/operations.ts";
import type { Contraction, Term } from "../graph/terms.ts";
import type { ValueNode } from "../graph/values.ts";
import { literal } from "../program/builder.ts";
import type { Emitter } from "../program/primitive.ts";
import { rearrangeParameters } from "../program/primitives/indexing.ts";
import type { Operand } from "../program/program.ts";
import type { SimplifyingBuilder } from "../program/simplify.ts";
import type { DType } from "../program/type.ts";
import { dim, isIdentity, normalised, type Structure } from "../structure/structure.ts";

/** Emits the live nodes of an accumulation; the operand of each numbered value. */
export function emitNodes(
  graph: ComputationalGraph,
  { table, live, edgeOf }: Accumulation,
  atoms: readonly Operand[],
  builder: SimplifyingBuilder,
): Operand[] {
  const emitted: Operand[] = [...atoms];
  const names = [...graph.inputs, ...graph.vertices].map(({ name }) => name);
  const read = (value: TermValue): Operand =>
    value.kind === "constant" ? literal(value.constant) : (emitted[value.value] ?? literal(NaN));
  table.nodes.forEach((node, index) => {
    if (node.kind === "atom" || live[index] !== true) return;
    const result = emitNode(node, read, builder);
    const edge = edgeOf.get(index);
    if (edge !== undefined) builder.name(result, `d${names[edge.to]}_d${names[edge.from]}`);
    emitted[index] = result;
  });
  return emitted;
}

function emitNode(
  node: Exclude<ValueNode, { readonly kind: "atom" }>,
  read: (value: TermValue) => Operand,
  builder: Emitter,
): Operand {
  if (node.kind === "rearrangement") return emitRearranged(builder, read(node.operand), node.structure);
  const [left, right] = [read(node.left), read(node.right)];
  if (node.kind === "product") return emitProduct(builder, left, right, node.contraction);
  if (isNegative(node.left)) return builder.emit("sub", [right, left]);
  return builder.emit(isNegative(node.right) ? "sub" : "add", [left, right]);
}

function isNegative(value: TermValue): boolean {
  return value.kind === "value" && value.negative;
}

function emitProduct(
  emitter: Emitter,
  x: Operand,
  y: Operand,
  contraction: Contraction | undefined,
): Operand {
  if (contraction === undefined) return emitter.emit("mul", [x, y]);
  const { left, right, result } = contraction;
  const [axes, others] = left.length === 0 ? [right, left] : [left, right];
  const scales = others.length === 0 && result.every((group, axis) => group === axes[axis]);
  return scales ? emitter.emit("mul", [x, y]) : emitter.emit("contract", [x, y], { left, right, result });
}

/** Emits pure structure times a value, unless that is the value itself. */
export function emitRearranged(emitter: Emitter, value: Operand, structure: Structure): Operand {
  const moved = normalised(structure);
  if (moved.out.length === 0 && moved.extents.length === 0 && moved.in.length === 0) return value;
  if (value.kind !== "literal" && isIdentity(moved)) return value;
  return emitter.emit("rearrange", [value], rearrangeParameters(moved));
}

/**
 * Emits a block as a dense array.
 *
 * @param terms without an entry in common; none is zero
 * @param shape the output's dims, then the input's
 */
export function emitBlock(
  terms: readonly Term<TermValue>[],
  shape: readonly number[],
  emitted: readonly Operand[],
  builder: SimplifyingBuilder,
  dtype: DType,
): Operand {
  const parts = terms.map((term) =>
    emitDense(builder, emitSigned(term.value, emitted, builder, dtype), term),
  );
  if (parts.length > 0) return parts.reduce((sum, part) => builder.emit("add", [sum, part]));
  const zero = literal(0, dtype);
  return shape.length === 0 ? zero : builder.emit("broadcast", [zero], { shape, dimensions: [] });
}

/** Emits a value of the accumulation with its sign. */
export function emitSigned(
  value: TermValue,
  emitted: readonly Operand[],
  builder: SimplifyingBuilder,
  dtype: DType,
): Operand {
  if (value.kind === "constant") return literal(value.constant, dtype);
  const operand = emitted[value.value] ?? literal(NaN);
  return value.negative ? builder.emit("neg", [operand]) : operand;
}

/** A term's value among the zeros of its block. */
function emitDense(builder: Emitter, value: Operand, { structure, labels }: Term<TermValue>): Operand {
  const dims = [...structure.out, ...structure.in];
  const shape = dims.map(({ size }) => size);
  const { extents } = structure;
  if (shape.every((extent) => extent === 1)) {
    if (shape.length === 0) return value;
    if (value.kind === "literal") return builder.emit("broadcast", [value], { shape, dimensions: [] });
    return builder.emit("reshape", [value], { shape });
  }
  return emitRearranged(builder, value, {
    out: dims,
    in: labels.map((label) => dim(extents[label] ?? 1, 0, label)),
    extents,
  });
}

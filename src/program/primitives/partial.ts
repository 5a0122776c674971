/** How rules write local partials of arrays. */

import { InputError } from "../../errors.ts";
import { dim, renumbered, type Structure } from "../../structure/structure.ts";
import type { Emitter, LocalPartial, PartialsContext } from "../primitive.ts";
import type { Operand } from "../program.ts";
import { isFloating, sameShape } from "../type.ts";

/** The operands, if there are as many as the primitive takes. Throws an InputError otherwise. */
export function exactly<T>(count: 1, items: readonly T[]): [T];
export function exactly<T>(count: 2, items: readonly T[]): [T, T];
export function exactly<T>(count: number, items: readonly T[]): T[] {
  if (items.length !== count)
    throw new InputError(`expected ${count} operand${count > 1 ? "s" : ""}, got ${items.length}`);
  return [...items];
}

/** Pure structure: the value is 1 wherever the labels say. No terms if the result is not floating. */
export function pureStructures(
  { emitter, result }: PartialsContext<unknown>,
  structures: readonly Structure[],
): readonly LocalPartial[] {
  const { dtype } = emitter.typeOf(result);
  if (!isFloating(dtype)) return [];
  return structures.map((structure) => ({
    structure,
    counted: null,
    value: { kind: "literal", value: 1, dtype },
  }));
}

/** A label for every dim, extents of 1 included: the start of structures that are normalised afterwards. */
export function dimsOf(shape: readonly number[], labels: readonly (number | null)[]) {
  return shape.map((size, position) => dim(size, 0, labels[position] ?? null));
}

/**
 * A partial with a value.
 *
 * @param structure in any numbering of its labels
 * @param labels for each dim of `value` its label in `structure`, distinct, or null for an extent of 1
 */
export function structuredPartial(
  emitter: Emitter,
  structure: Structure,
  value: Operand,
  labels: readonly (number | null)[],
): LocalPartial {
  const written = renumbered(structure);
  if (value.kind === "literal") return { structure: written.structure, counted: [], value };
  const axes = labels.flatMap((label, axis) => {
    const number = label === null ? null : (written.labels[label] ?? null);
    return number === null ? [] : [{ axis, number }];
  });
  axes.sort((a, b) => a.number - b.number);
  const counted = axes.map(({ number }) => number);
  const rest = labels.flatMap((_, axis) => (axes.some((other) => other.axis === axis) ? [] : [axis]));
  const moved = transpose(emitter, value, [...axes.map(({ axis }) => axis), ...rest]);
  return {
    structure: written.structure,
    counted,
    value: reshape(
      emitter,
      moved,
      counted.map((label) => written.structure.extents[label] ?? 1),
    ),
  };
}

/** Emits a transpose unless it changes nothing. */
export function transpose(emitter: Emitter, value: Operand, permutation: readonly number[]): Operand {
  return permutation.every((from, to) => from === to)
    ? value
    : emitter.emit("transpose", [value], { permutation });
}

/** Emits a reshape unless it changes nothing. */
export function reshape(emitter: Emitter, value: Operand, shape: readonly number[]): Operand {
  return sameShape(emitter.typeOf(value).shape, shape) ? value : emitter.emit("reshape", [value], { shape });
}

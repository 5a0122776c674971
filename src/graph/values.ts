/**
 * Value numbering: the plain form of what `operations` counts, and the source from which Jacobian code is emitted.
 *
 * A value is a constant or plus or minus a numbered node; a node is an atom (a local partial, computed elsewhere), a product or a sum. Equal
 * products and equal sums are one node, whatever the order of their operands; signs are kept apart from nodes, so that negation is free and
 * a - b and b - a are one node; constants fold; factors 0, 1 and -1 cost nothing. The values of structured terms are arrays: their nodes have shapes,
 * products may contract axes, and pure structure moves values from one shape to another.
 */

import { isIdentity, normalised, type Structure, structureKey } from "../structure/structure.ts";
import type { KnownValue, TermValue } from "./graph.ts";
import type { Contraction } from "./terms.ts";

/** How a node is computed. Without a contraction a product is elementwise, as a sum is; constants broadcast. */
export type ValueNode =
  | { readonly kind: "atom" }
  | {
      readonly kind: "product";
      readonly left: TermValue;
      readonly right: TermValue;
      readonly contraction?: Contraction;
    }
  | { readonly kind: "sum"; readonly left: TermValue; readonly right: TermValue }
  /** Pure structure times a value: a slice, a transpose, a sum over axes, an embedding among zeros... */
  | { readonly kind: "rearrangement"; readonly operand: TermValue; readonly structure: Structure };

const ZERO: TermValue = { kind: "constant", constant: 0 };

/** The constant as a value. */
export function constantValue(constant: number): TermValue {
  return { kind: "constant", constant };
}

/** The value with its sign changed. */
export function negated(value: TermValue): TermValue {
  return value.kind === "constant"
    ? constantValue(-value.constant)
    : { kind: "value", value: value.value, negative: !value.negative };
}

/** A growing table of nodes; nodes 0 to atoms - 1 are the atoms. */
export class ValueTable {
  readonly nodes: ValueNode[];
  /** Shape of each node; absent for one number. */
  readonly shapes = new Map<number, readonly number[]>();
  readonly #byKey = new Map<string, TermValue>();

  /** @param shapes the shapes of those atoms that are arrays */
  constructor(
    atoms: number,
    known: readonly KnownValue[] = [],
    shapes: ReadonlyMap<number, readonly number[]> = new Map(),
  ) {
    this.nodes = Array.from({ length: atoms }, () => ({ kind: "atom" }));
    for (const [atom, shape] of shapes) this.shapes.set(atom, shape);
    for (const { kind, left, right, result } of known) {
      const [key, sign] =
        kind === "product" ? productKey(left, right) : sumKey(left, kind === "sum" ? right : negated(right));
      if (!this.#byKey.has(key)) this.#byKey.set(key, sign < 0 ? negated(result) : result);
    }
  }

  /** left * right; a new node only if neither folding nor an equal product gives it. */
  product(left: TermValue, right: TermValue): TermValue {
    if (left.kind === "constant" && right.kind === "constant")
      return constantValue(left.constant * right.constant);
    if (left.kind === "constant") return this.#scaled(left.constant, left, right);
    if (right.kind === "constant") return this.#scaled(right.constant, right, left);
    return this.#product(left, right);
  }

  /** The sum of left * right over the classes that the result lacks; a new node only if no equal one is there. */
  contraction(left: TermValue, right: TermValue, contraction: Contraction): TermValue {
    if (left.kind === "constant" || right.kind === "constant" || isElementwise(contraction))
      return this.product(left, right);
    const [first, second, axes] = inOrder(magnitude(left), magnitude(right), contraction);
    const key = `${magnitudeKey(first)}*${magnitudeKey(second)}@${axesKey(axes)}`;
    const shape = axes.result.map((group) => axes.extents[group] ?? 1);
    const node = this.#intern(key, { kind: "product", left: first, right: second, contraction: axes }, shape);
    return left.negative === right.negative ? node : negated(node);
  }

  /** Pure structure times a value; a new node only if it moves anything and no equal one is there. */
  rearrangement(value: TermValue, structure: Structure): TermValue {
    const moved = normalised(structure);
    if (value.kind === "value" && isIdentity(moved)) return value;
    const operand = magnitude(value);
    const shape = moved.out.map(({ size }) => size);
    const node = this.#intern(
      `${magnitudeKey(operand)}@${structureKey(moved)}`,
      { kind: "rearrangement", operand, structure: moved },
      shape,
    );
    return signOf(value) < 0 ? negated(node) : node;
  }

  /** Shape of a value; `[]` for constants. */
  shapeOf(value: TermValue): readonly number[] {
    return value.kind === "constant" ? [] : (this.shapes.get(value.value) ?? []);
  }

  /** left + right; a new node only if neither folding nor an equal sum gives it. */
  sum(left: TermValue, right: TermValue): TermValue {
    if (left.kind === "constant" && right.kind === "constant")
      return constantValue(left.constant + right.constant);
    if (left.kind === "constant" && left.constant === 0) return right;
    if (right.kind === "constant" && right.constant === 0) return left;
    if (left.kind === "value" && right.kind === "value" && left.value === right.value)
      return left.negative === right.negative ? this.product(constantValue(2), left) : ZERO;
    const [key, sign] = sumKey(left, right);
    const node = this.#intern(
      key,
      sign < 0 ? { kind: "sum", left: negated(left), right: negated(right) } : { kind: "sum", left, right },
      this.shapeOf(left.kind === "constant" ? right : left),
    );
    return sign < 0 ? negated(node) : node;
  }

  #scaled(constant: number, factor: TermValue, value: TermValue): TermValue {
    if (constant === 0) return ZERO;
    if (constant === 1) return value;
    if (constant === -1) return negated(value);
    return this.#product(factor, value);
  }

  #product(left: TermValue, right: TermValue): TermValue {
    const [key, sign] = productKey(left, right);
    const shape = this.shapeOf(left.kind === "constant" ? right : left);
    const node = this.#intern(
      key,
      { kind: "product", left: magnitude(left), right: magnitude(right) },
      shape,
    );
    return sign < 0 ? negated(node) : node;
  }

  #intern(key: string, node: ValueNode, shape: readonly number[]): TermValue {
    let value = this.#byKey.get(key);
    if (value === undefined) {
      const index = this.nodes.push(node) - 1;
      if (shape.length > 0) this.shapes.set(index, shape);
      value = { kind: "value", value: index, negative: false };
      this.#byKey.set(key, value);
    }
    return value;
  }
}

/** Whether the axes of both sides run together and remain, in order. */
export function isElementwise({ left, right, result }: Contraction): boolean {
  return (
    left.length === right.length &&
    left.length === result.length &&
    result.every((group, axis) => group === left[axis] && group === right[axis])
  );
}

/** A product with its operands in the order of their keys and its classes numbered by first appearance, so that equal ones look equal. */
function inOrder(
  left: TermValue,
  right: TermValue,
  contraction: Contraction,
): [TermValue, TermValue, Contraction] {
  const { left: leftAxes, right: rightAxes, result, extents } = contraction;
  const straight = numbered(contraction);
  const turned = numbered({ left: rightAxes, right: leftAxes, result, extents });
  const [a, b] = [magnitudeKey(left), magnitudeKey(right)];
  const turn = a === b ? axesKey(turned) < axesKey(straight) : b < a;
  return turn ? [right, left, turned] : [left, right, straight];
}

/** A contraction with its classes numbered by first appearance, the left axes first. */
export function numbered({ left, right, result, extents }: Contraction): Contraction {
  const order = [...new Set([...left, ...right])];
  const renumbered = (axes: readonly number[]) => axes.map((group) => order.indexOf(group));
  return {
    left: renumbered(left),
    right: renumbered(right),
    result: renumbered(result),
    extents: order.map((group) => extents[group] ?? 1),
  };
}

/** A key that is equal for equal contractions of the same arrays. */
export function axesKey({ left, right, result }: Contraction): string {
  return `${left.join(",")}|${right.join(",")}|${result.join(",")}`;
}

function magnitude(value: TermValue): TermValue {
  return signOf(value) < 0 ? negated(value) : value;
}

function signOf(value: TermValue): 1 | -1 {
  return value.kind === "constant" ? (value.constant < 0 ? -1 : 1) : value.negative ? -1 : 1;
}

function magnitudeKey(value: TermValue): string {
  return value.kind === "constant" ? `c${Math.abs(value.constant)}` : `${value.value}`;
}

/** The key of a product of magnitudes, and the sign of the whole. */
function productKey(left: TermValue, right: TermValue): [key: string, sign: 1 | -1] {
  const keys = [magnitudeKey(left), magnitudeKey(right)].sort();
  return [keys.join("*"), signOf(left) === signOf(right) ? 1 : -1];
}

/** The key of a sum whose first magnitude is positive, and the sign of the whole. */
function sumKey(left: TermValue, right: TermValue): [key: string, sign: 1 | -1] {
  const [first, second] = magnitudeKey(left) <= magnitudeKey(right) ? [left, right] : [right, left];
  const relative = signOf(first) === signOf(second) ? "+" : "-";
  return [`${magnitudeKey(first)}${relative}${magnitudeKey(second)}`, signOf(first)];
}

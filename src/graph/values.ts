/**
 * Value numbering: the plain form of what `operations` counts, and the source from which Jacobian code is emitted.
 *
 * A value is a constant or plus or minus a numbered node; a node is an atom (a local partial, computed elsewhere), a product or a sum. Equal
 * products and equal sums are one node, whatever the order of their operands; signs are kept apart from nodes, so that negation is free and
 * a - b and b - a are one node; constants fold; factors 0, 1 and -1 cost nothing.
 */

import type { KnownValue, TermValue } from "./graph.ts";

/** How a node is computed. `contraction` names how the labels of two structured operands meet; 0 for scalars. */
export type ValueNode =
  | { readonly kind: "atom" }
  | { readonly kind: "product"; readonly left: TermValue; readonly right: TermValue }
  | { readonly kind: "sum"; readonly left: TermValue; readonly right: TermValue };

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
  readonly #byKey = new Map<string, TermValue>();

  constructor(atoms: number, known: readonly KnownValue[] = []) {
    this.nodes = Array.from({ length: atoms }, () => ({ kind: "atom" }));
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
    const node = this.#intern(key, { kind: "product", left: magnitude(left), right: magnitude(right) });
    return sign < 0 ? negated(node) : node;
  }

  #intern(key: string, node: ValueNode): TermValue {
    let value = this.#byKey.get(key);
    if (value === undefined) {
      value = { kind: "value", value: this.nodes.push(node) - 1, negative: false };
      this.#byKey.set(key, value);
    }
    return value;
  }
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

/**
 * Records what the algebra of terms (`graph/terms.ts`) does to values, as steps on registers: each step writes the next register.
 */

import type { Contraction, ValueOperations } from "../graph/terms.ts";
import { isElementwise, numbered } from "../graph/values.ts";
import { isIdentity, normalised, type Structure } from "../structure/structure.ts";
import { ZERO } from "./nodeTable.ts";
import type { StructuredValues } from "./structuredValues.ts";

/** A value as far as it is known before it is computed. */
export type Recorded =
  | { readonly kind: "constant"; readonly constant: number }
  | { readonly kind: "register"; readonly register: number };

/** Integers of a step: what is done, two registers, and two more that depend on what is done. */
export const STEP = 5;

/** Elementwise, of two registers; then what comes of it: the code of a constant, or `VALUE`. */
export const PRODUCT = 0;
export const SUM = 1;
/** Of two registers; then its kind with the operands as given and turned. */
export const CONTRACTION = 2;
/** Of the first register; then its kind. */
export const REARRANGEMENT = 3;
/** Of the first register. */
export const NEGATION = 4;
/** No register; then the code of the constant. */
export const CONSTANT = 5;

/** What stands for a value where a step may give a constant or a value. */
export const VALUE = -1;

/** The steps so far. Like `ValueTable`, but that nothing is computed. */
export class Recorder implements ValueOperations<Recorded> {
  /** Step by step `STEP` integers. */
  readonly steps: number[] = [];
  readonly #values: StructuredValues;
  readonly #first: number;
  readonly #outcomes: ReadonlyMap<number, number>;

  /**
   * @param first the register of the first step
   * @param outcomes the codes of the constants that products and sums give, by step; all others give values
   */
  constructor(values: StructuredValues, first: number, outcomes: ReadonlyMap<number, number>) {
    this.#values = values;
    this.#first = first;
    this.#outcomes = outcomes;
  }

  isConstant({ kind }: Recorded): boolean {
    return kind === "constant";
  }

  rearranged(value: Recorded, structure: Structure): Recorded {
    const moved = normalised(structure);
    if (value.kind === "register" && isIdentity(moved)) return value;
    return this.#step(REARRANGEMENT, this.#register(value), 0, this.#values.rearrangementKind(moved));
  }

  contraction(left: Recorded, right: Recorded, factor: number, contraction: Contraction): Recorded {
    const whole =
      left.kind === "constant" || right.kind === "constant" || isElementwise(contraction)
        ? this.#product(left, right)
        : this.#contraction(left.register, right.register, contraction);
    return this.#product({ kind: "constant", constant: factor }, whole);
  }

  #contraction(left: number, right: number, contraction: Contraction): Recorded {
    const turned = { ...contraction, left: contraction.right, right: contraction.left };
    const kinds = [contraction, turned].map((axes) => this.#values.contractionKind(numbered(axes)));
    return this.#step(CONTRACTION, left, right, ...kinds);
  }

  sum(left: Recorded, right: Recorded): Recorded | null {
    if (left.kind === "constant" && right.kind === "constant")
      return nonzero({ kind: "constant", constant: left.constant + right.constant });
    if (isZero(left)) return right;
    if (isZero(right)) return left;
    return nonzero(this.#elementwise(SUM, left, right));
  }

  #product(left: Recorded, right: Recorded): Recorded {
    if (left.kind === "constant" && right.kind === "constant")
      return { kind: "constant", constant: left.constant * right.constant };
    const [factor, value] = left.kind === "constant" ? [left, right] : [right, left];
    if (factor.kind === "constant") {
      if (factor.constant === 0) return factor;
      if (factor.constant === 1) return value;
      if (factor.constant === -1) return this.#step(NEGATION, this.#register(value), 0);
    }
    return this.#elementwise(PRODUCT, left, right);
  }

  #elementwise(what: number, left: Recorded, right: Recorded): Recorded {
    const [a, b] = [this.#register(left), this.#register(right)];
    const outcome = this.#outcomes.get(this.steps.length / STEP);
    const result = this.#step(what, a, b, outcome ?? VALUE);
    return outcome === undefined ? result : { kind: "constant", constant: this.#values.constantOf(outcome) };
  }

  /** The register of a value; a constant gets one. */
  #register(value: Recorded): number {
    if (value.kind === "register") return value.register;
    return this.#step(CONSTANT, 0, 0, this.#values.code(value)).register;
  }

  #step(what: number, a: number, b: number, ...more: number[]) {
    const [c = ZERO, d = ZERO] = more;
    const register = this.#first + this.steps.push(what, a, b, c, d) / STEP - 1;
    return { kind: "register", register } as const;
  }
}

function isZero(value: Recorded): boolean {
  return value.kind === "constant" && value.constant === 0;
}

function nonzero(value: Recorded): Recorded | null {
  return isZero(value) ? null : value;
}

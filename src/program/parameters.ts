/** What the parameters of primitives may be: how those that come from text or JSON are checked. */

import { DTYPES } from "./type.ts";

/** One kind of parameter: a check, and how it is called in "expected ...". */
export interface ParameterKind {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

/** The kind of every parameter of a primitive. */
export type ParameterKinds<Parameters> = { readonly [Name in keyof Parameters]-?: ParameterKind };

/** An integer of either sign. */
export const INTEGER: ParameterKind = { expected: "an integer", accepts: Number.isSafeInteger };

/** A shape or a list of dims. */
export const NATURALS: ParameterKind = {
  expected: "a list of integers from 0",
  accepts: (value) => Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0),
};

/** An element type. */
export const DTYPE: ParameterKind = {
  expected: `one of ${DTYPES.join(", ")}`,
  accepts: (value) => (DTYPES as readonly unknown[]).includes(value),
};

/** A dim, an extent or another count. */
export const NATURAL: ParameterKind = {
  expected: "an integer from 0",
  accepts: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

/** Integers of either sign: offsets, amounts of padding, indices with -1 for none. */
export const INTEGERS: ParameterKind = {
  expected: "a list of integers",
  accepts: (value) => Array.isArray(value) && value.every(Number.isSafeInteger),
};

/** Elements of a constant array. JSON has no other numbers. */
export const FINITE_NUMBERS: ParameterKind = {
  expected: "a list of finite numbers",
  accepts: (value) => Array.isArray(value) && value.every(Number.isFinite),
};

/** Dims of the left and of the right operand, in pairs. */
export const NATURALS_PAIR: ParameterKind = {
  expected: "two lists of integers from 0",
  accepts: (value) => Array.isArray(value) && value.length === 2 && value.every(NATURALS.accepts),
};

/** One of some words. */
export function oneOf(...words: readonly string[]): ParameterKind {
  return {
    expected: `one of ${words.join(", ")}`,
    accepts: (value) => words.some((word) => word === value),
  };
}

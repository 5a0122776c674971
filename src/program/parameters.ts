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

/**
 * Functions beside `Math` that user sources may import from `alphagrad/math`.
 *
 * They are ordinary functions of numbers and of nested arrays of numbers, so that a source can be run and unit-tested as it is; the
 * TypeScript front end traces them. On arrays they become equations on arrays instead of one per element.
 */

import { plainArrays, throwRangeError } from "./math/plain.ts";
import { type ArrayFunctions, vocabulary } from "./math/vocabulary.ts";

export type { Matrix, Numbers, Tuple, Vector } from "./math/types.ts";
export { erf } from "./program/erf.ts";

/**
 * `condition ? a : b` for a condition that depends on the inputs: both sides are always evaluated and one is selected, so that the
 * choice can be part of a traced program. The derivative is that of the selected side.
 */
export function where(condition: boolean, a: number, b: number): number {
  return condition ? a : b;
}

export const {
  abs,
  acos,
  add,
  asin,
  atan,
  concatenate,
  cos,
  cosh,
  divide,
  dot,
  exp,
  expm1,
  log,
  log1p,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  min,
  minimum,
  multiply,
  negate,
  norm,
  outer,
  power,
  reshape,
  sigmoid,
  sin,
  sinh,
  softmax,
  sqrt,
  square,
  subtract,
  sum,
  tan,
  tanh,
  transpose,
}: ArrayFunctions = vocabulary(plainArrays(throwRangeError));

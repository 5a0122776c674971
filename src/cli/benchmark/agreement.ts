/** Whether what is about to be timed computes the Jacobian: against values of the interpreter, in the tolerance of its dtype. */

import type { KernelDType } from "../../kernels/kernel.ts";

const TOLERANCE = { float64: 1e-9, float32: 2e-3 } as const;
/** An entry below this share of the largest is compared with that share. */
const SMALL = { float64: 1e-3, float32: 1e-2 } as const;

/** The largest relative distance of two lists of entries, in tolerances: at most 1 is well. Infinity where the lengths differ or one is not a number. */
export function disagreement(
  values: ArrayLike<number>,
  expected: ArrayLike<number>,
  dtype: KernelDType,
): number {
  if (values.length !== expected.length) return Number.POSITIVE_INFINITY;
  const wanted = Array.from(expected);
  const least = Math.max(SMALL[dtype] * Math.max(0, ...wanted.map(Math.abs)), Number.MIN_VALUE);
  const errors = wanted.map(
    (value, entry) => Math.abs((values[entry] ?? Number.NaN) - value) / Math.max(Math.abs(value), least),
  );
  return errors.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(0, ...errors) / TOLERANCE[dtype];
}

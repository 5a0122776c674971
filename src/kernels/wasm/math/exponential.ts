/**
 * exp, exp2, expm1 and the logistic function.
 *
 * Reduction to |r| <= ln(2)/2 with ln(2) in two parts (Cody & Waite 1980, chapter 6), a minimax polynomial for (e^r - 1 - r) / r^2, and the power of two
 * put together from exponent bits; in two factors, so that results in the subnormal range are rounded once.
 */

import type { Node } from "../graph.ts";
import type { Lanes, LaneType } from "../lanes.ts";
import { exponential } from "./coefficients.ts";

interface Constants {
  /** Adding this rounds to an integer, which then stands in the low bits. */
  readonly magic: number;
  /** ln 2 in two parts, the first short enough for exact products with exponents. fdlibm's e_exp.c and Cephes' expf.c have the same. */
  readonly ln2High: number;
  readonly ln2Low: number;
  /** Beyond these exp is infinite or 0, expm1 is -1. */
  readonly largest: number;
  readonly smallest: number;
  readonly minusOne: number;
  /** Below this in magnitude expm1(x) is x. */
  readonly tiny: number;
}

const CONSTANTS: Readonly<Record<LaneType, Constants>> = {
  f64x2: {
    magic: 1.5 * 2 ** 52,
    ln2High: 0.6931471803691238,
    ln2Low: 1.9082149292705877e-10,
    largest: 710,
    smallest: -746,
    minusOne: -50,
    tiny: 2 ** -54,
  },
  f32x4: {
    magic: 1.5 * 2 ** 23,
    ln2High: 0.693359375,
    ln2Low: -2.1219444e-4,
    largest: 89,
    smallest: -104,
    minusOne: -20,
    tiny: 2 ** -25,
  },
};

/** 2^n for integral n within the range of normal exponents. */
export function powerOfTwo(l: Lanes, n: Node): Node {
  const biased = l.constant(CONSTANTS[l.type].magic + l.format.bias);
  return l.shiftLeft(l.add(n, biased), l.format.mantissa);
}

/** y * 2^n for integral n from twice the least to twice the greatest exponent. */
function scaled(l: Lanes, y: Node, n: Node): Node {
  const biased = l.constant(CONSTANTS[l.type].magic + l.format.bias);
  const half = l.add(l.mul(n, l.constant(0.5)), biased);
  const rest = l.add(l.sub(n, l.sub(half, biased)), biased);
  const first = l.shiftLeft(half, l.format.mantissa);
  return l.mul(l.mul(y, first), l.shiftLeft(rest, l.format.mantissa));
}

/** The nearest integer, for numbers well below 2^mantissa. */
function rounded(l: Lanes, x: Node): Node {
  const magic = l.constant(CONSTANTS[l.type].magic);
  return l.sub(l.add(x, magic), magic);
}

/** e^r - 1 for |r| <= ln(2)/2. */
function expm1Reduced(l: Lanes, r: Node): Node {
  return l.add(l.mul(l.polynomial(r, exponential[l.type]), l.mul(r, r)), r);
}

/** n and r with x = n ln(2) + r. */
function reduced(l: Lanes, x: Node): { n: Node; r: Node } {
  const { ln2High, ln2Low } = CONSTANTS[l.type];
  const n = rounded(l, l.mul(x, l.constant(Math.LOG2E)));
  const r = l.sub(l.sub(x, l.mul(n, l.constant(ln2High))), l.mul(n, l.constant(ln2Low)));
  return { n, r };
}

/** e^x everywhere. */
export function exp(l: Lanes, x: Node): Node {
  return expOfSum(l, x, null);
}

/** e^(x + rest) for a small rest, everywhere. */
export function expOfSum(l: Lanes, x: Node, rest: Node | null): Node {
  const { largest, smallest } = CONSTANTS[l.type];
  const { n, r } = reduced(l, l.pmax(l.pmin(x, l.constant(largest)), l.constant(smallest)));
  const corrected = rest === null ? r : l.add(r, rest);
  return scaled(l, l.add(expm1Reduced(l, corrected), l.constant(1)), n);
}

/** 2^x everywhere. */
export function exp2(l: Lanes, x: Node): Node {
  const limit = 2 * (l.format.bias + 1);
  const clamped = l.pmax(
    l.pmin(x, l.constant(l.format.bias + 2)),
    l.constant(-limit + (l.format.bits === 64 ? 900 : 90)),
  );
  const n = rounded(l, clamped);
  const r = l.mul(l.sub(clamped, n), l.constant(Math.LN2));
  return scaled(l, l.add(expm1Reduced(l, r), l.constant(1)), n);
}

/** e^x - 1 everywhere, with (2^(n-1) (e^r - 1) + (2^(n-1) - 1/2)) * 2: no term overflows before the result does. */
export function expm1(l: Lanes, x: Node): Node {
  const { largest, minusOne, tiny } = CONSTANTS[l.type];
  const { n, r } = reduced(l, l.pmax(l.pmin(x, l.constant(largest)), l.constant(minusOne)));
  const half = powerOfTwo(l, l.sub(n, l.constant(1)));
  const sum = l.add(l.mul(half, expm1Reduced(l, r)), l.sub(half, l.constant(0.5)));
  return l.select(l.lt(l.abs(x), l.constant(tiny)), x, l.add(sum, sum));
}

/**
 * 1 / (1 + e^-x) everywhere, with the exponential of -|x| so that its tail keeps its digits. In float32 by way of float64: three roundings next to a power of two
 * would be more than two ulp.
 */
export function logistic(l: Lanes, x: Node): Node {
  if (l.type === "f32x4") return l.widened(logistic, x);
  const e = exp(l, l.neg(l.abs(x)));
  const one = l.constant(1);
  return l.div(l.select(l.lt(x, l.constant(0)), e, one), l.add(one, e));
}

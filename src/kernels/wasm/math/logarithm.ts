/**
 * log, log2, log10 and log1p.
 *
 * x = 2^k m with m in [sqrt(1/2), sqrt(2)), s = f / (2 + f) for f = m - 1, and log(1 + f) = f - (f^2/2 - s (f^2/2 + R(s^2))): the method of fdlibm's
 * e_log.c and s_log1p.c (Sun Microsystems 1993), with coefficients of our own.
 */

import type { Node } from "../graph.ts";
import type { Lanes, LaneType } from "../lanes.ts";
import { logarithm } from "./coefficients.ts";

interface Constants {
  /** ln 2 and log10 2 in two parts, the first short enough for exact products with exponents. */
  readonly ln2: readonly [number, number];
  readonly log10Of2: readonly [number, number];
  readonly leastNormal: number;
  /** A power of two that makes subnormal numbers normal. */
  readonly lift: number;
}

export const CONSTANTS: Readonly<Record<LaneType, Constants>> = {
  f64x2: {
    ln2: [0.6931471803691238, 1.9082149292705877e-10],
    log10Of2: [0.30102999566361177, 3.694239077158931e-13],
    leastNormal: 2 ** -1022,
    lift: 54,
  },
  f32x4: {
    ln2: [6.9313812256e-1, 9.0580006145e-6],
    log10Of2: [3.0102920532e-1, 7.9034151668e-7],
    leastNormal: 2 ** -126,
    lift: 25,
  },
};

/** k as a number and m, for positive normal numbers. */
export function split(l: Lanes, x: Node): { k: Node; m: Node } {
  const { mantissa, bias, pattern } = l.format;
  const one = pattern(1);
  const shifted = l.subBits(x, l.bits(pattern(Math.SQRT1_2) - one));
  const exponent = l.shiftRight(shifted, mantissa);
  // The exponent, written into the low bits of 2^mantissa, becomes a number by a subtraction.
  const offset = 2 ** mantissa;
  const k = l.sub(l.or(exponent, l.constant(offset)), l.constant(offset + bias));
  const field = l.and(shifted, l.constant(Infinity));
  return { k, m: l.addBits(l.subBits(x, field), l.bits(one)) };
}

/** The pieces of log(m): log(m) = f - (halfSquare - correction). */
function pieces(l: Lanes, m: Node): { f: Node; halfSquare: Node; correction: Node } {
  const f = l.sub(m, l.constant(1));
  const halfSquare = l.mul(l.mul(f, f), l.constant(0.5));
  const s = l.div(f, l.add(f, l.constant(2)));
  const z = l.mul(s, s);
  const r = l.mul(z, l.polynomial(z, logarithm[l.type]));
  return { f, halfSquare, correction: l.mul(s, l.add(halfSquare, r)) };
}

/** log(x) for positive normal x = 2^k m, plus a small correction if one is given. */
function logOfParts(l: Lanes, { k, m }: { k: Node; m: Node }, correction: Node | null): Node {
  const [high, low] = CONSTANTS[l.type].ln2;
  const { f, halfSquare, correction: own } = pieces(l, m);
  const scaledLow = l.mul(k, l.constant(low));
  const tail = l.add(own, correction === null ? scaledLow : l.add(scaledLow, correction));
  return l.sub(l.mul(k, l.constant(high)), l.sub(l.sub(halfSquare, tail), f));
}

/** log(m), |error| relative to log(m). */
function logOfMantissa(l: Lanes, m: Node): Node {
  const { f, halfSquare, correction } = pieces(l, m);
  return l.sub(f, l.sub(halfSquare, correction));
}

/** What each base makes of k and m. */
const bases = {
  log: (l: Lanes, parts: { k: Node; m: Node }) => logOfParts(l, parts, null),
  /** Exact at powers of two. */
  log2: (l: Lanes, { k, m }: { k: Node; m: Node }) =>
    l.add(k, l.mul(logOfMantissa(l, m), l.constant(Math.LOG2E))),
  log10(l: Lanes, { k, m }: { k: Node; m: Node }) {
    const [high, low] = CONSTANTS[l.type].log10Of2;
    const tail = l.add(l.mul(logOfMantissa(l, m), l.constant(Math.LOG10E)), l.mul(k, l.constant(low)));
    return l.add(l.mul(k, l.constant(high)), tail);
  },
};

/** Mask of positive normal finite numbers. */
export function isPositiveNormal(l: Lanes, x: Node): Node {
  return l.and(l.ge(x, l.constant(CONSTANTS[l.type].leastNormal)), l.lt(x, l.constant(Infinity)));
}

/** k and m for positive numbers, subnormal ones as well. */
export function splitCarefully(l: Lanes, x: Node): { k: Node; m: Node } {
  const { leastNormal, lift } = CONSTANTS[l.type];
  const subnormal = l.lt(x, l.constant(leastNormal));
  const { k, m } = split(l, l.select(subnormal, l.mul(x, l.constant(2 ** lift)), x));
  return { k: l.sub(k, l.and(subnormal, l.constant(lift))), m };
}

/** The values of a logarithm where its argument is not a positive finite number. */
function atTheEnds(l: Lanes, x: Node, result: Node): Node {
  const zero = l.constant(0);
  const infinity = l.constant(Infinity);
  const finite = l.select(l.eq(x, infinity), infinity, result);
  const positive = l.select(l.eq(x, zero), l.constant(-Infinity), finite);
  return l.select(l.ge(x, zero), positive, l.constant(NaN));
}

function logarithmTo(base: keyof typeof bases) {
  return {
    fast(l: Lanes, x: Node): Node {
      l.require(isPositiveNormal(l, x));
      return bases[base](l, split(l, x));
    },
    careful: (l: Lanes, x: Node): Node => atTheEnds(l, x, bases[base](l, splitCarefully(l, x))),
  };
}

export const log = logarithmTo("log");
export const log2 = logarithmTo("log2");
export const log10 = logarithmTo("log10");

/** log(1 + x) for -1 < x < infinity: the logarithm of the rounded sum u, and the rest of the sum over u. */
function log1pInside(l: Lanes, x: Node): Node {
  const one = l.constant(1);
  const u = l.add(one, x);
  const b = l.sub(u, one);
  const rest = l.add(l.sub(one, l.sub(u, b)), l.sub(x, b));
  const result = logOfParts(l, split(l, u), l.div(rest, u));
  return l.select(l.lt(l.abs(x), l.constant(2 ** -(l.format.mantissa + 2))), x, result);
}

export const log1p = {
  fast(l: Lanes, x: Node): Node {
    l.require(l.and(l.gt(x, l.constant(-1)), l.lt(x, l.constant(Infinity))));
    return log1pInside(l, x);
  },
  careful(l: Lanes, x: Node): Node {
    const [minusOne, infinity] = [l.constant(-1), l.constant(Infinity)];
    const above = l.select(l.eq(x, infinity), infinity, log1pInside(l, x));
    return l.select(
      l.gt(x, minusOne),
      above,
      l.select(l.eq(x, minusOne), l.constant(-Infinity), l.constant(NaN)),
    );
  },
};

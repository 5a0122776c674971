/**
 * pow, cbrt and hypot.
 *
 * pow: log(x) as a sum of two float64 (some 68 bits), times y without error, then exp: the structure of fdlibm's e_pow.c, the series of Sleef's logk. In float32 by way of float64, where single
 * float64 steps have bits enough.
 * cbrt: a polynomial's guess, Halley's iteration, and the rounding step of FreeBSD's s_cbrt.c.
 */

import type { Node } from "../graph.ts";
import type { Lanes } from "../lanes.ts";
import { cubeRoot, logarithmTail } from "./coefficients.ts";
import { fastTwoSum, head, twoProduct } from "./double.ts";
import { exp, expOfSum, powerOfTwo } from "./exponential.ts";
import { CONSTANTS, isPositiveNormal, log, split, splitCarefully } from "./logarithm.ts";

const TWO_THIRDS = [0.6666666666666666, 3.700743415417188e-17] as const;

/** log(2^k m) = high + low, to some 2^-68. */
function logInTwo(l: Lanes, { k, m }: { k: Node; m: Node }): { high: Node; low: Node } {
  const one = l.constant(1);
  const f = l.sub(m, one);
  const denominator = l.add(m, one);
  const reciprocal = l.div(one, denominator);
  // s = f / (m + 1) = sHigh + sLow
  const sHigh = l.mul(f, reciprocal);
  const back = twoProduct(l, sHigh, denominator);
  const lost = l.sub(m, l.sub(denominator, one));
  const remainder = l.sub(l.sub(l.sub(f, back.product), back.error), l.mul(sHigh, lost));
  const sLow = l.mul(remainder, reciprocal);
  // z = s^2
  const square = twoProduct(l, sHigh, sHigh);
  const zHigh = square.product;
  const zLow = l.add(square.error, l.mul(l.add(sHigh, sHigh), sLow));
  // a = 2/3 + z (2/5 + ...)
  const a = fastTwoSum(l, l.constant(TWO_THIRDS[0]), l.mul(zHigh, l.polynomial(zHigh, logarithmTail.f64x2)));
  const aLow = l.add(a.error, l.constant(TWO_THIRDS[1]));
  // log(m) = 2 s + s z a
  const za = twoProduct(l, zHigh, a.sum);
  const zaLow = l.add(za.error, l.add(l.mul(zHigh, aLow), l.mul(zLow, a.sum)));
  const sza = twoProduct(l, sHigh, za.product);
  const szaLow = l.add(sza.error, l.add(l.mul(sHigh, zaLow), l.mul(sLow, za.product)));
  const series = fastTwoSum(l, l.add(sHigh, sHigh), sza.product);
  const seriesLow = l.add(series.error, l.add(l.add(sLow, sLow), szaLow));
  const [ln2High, ln2Low] = CONSTANTS.f64x2.ln2;
  const whole = fastTwoSum(l, l.mul(k, l.constant(ln2High)), series.sum);
  const rest = l.add(whole.error, l.add(seriesLow, l.mul(k, l.constant(ln2Low))));
  const result = fastTwoSum(l, whole.sum, rest);
  return { high: result.sum, low: result.error };
}

/** exp(y log(2^k m)) for |y| below 2^100. */
function powerOfParts(l: Lanes, parts: { k: Node; m: Node }, y: Node): Node {
  const logarithm = logInTwo(l, parts);
  const { product, error } = twoProduct(l, y, logarithm.high);
  const rest = l.add(error, l.mul(y, logarithm.low));
  // Where the result is infinite or 0 anyway, the rest is not small.
  return expOfSum(l, product, l.and(rest, l.lt(l.abs(product), l.constant(1000))));
}

const Y_LIMIT = 2 ** 100;

export const pow = {
  /** x positive and normal, y finite and not absurd. */
  fast(l: Lanes, x: Node, y: Node): Node {
    l.require(l.and(isPositiveNormal(l, x), l.lt(l.abs(y), l.constant(Y_LIMIT))));
    if (l.type === "f64x2") return powerOfParts(l, split(l, x), y);
    return l.widened((wide, a, b) => exp(wide, wide.mul(b, log.fast(wide, a))), x, y);
  },
  /** With JavaScript's values at the ends: 1 for y = 0, NaN for (+-1) ** +-infinity. */
  careful(l: Lanes, x: Node, y: Node): Node {
    const [zero, one, infinity, half] = [0, 1, Infinity, 0.5].map((value) => l.constant(value)) as [
      Node,
      Node,
      Node,
      Node,
    ];
    const a = l.abs(x);
    const clamped = l.pmax(l.pmin(y, l.constant(Y_LIMIT)), l.constant(-Y_LIMIT));
    const inside = powerOfParts(l, splitCarefully(l, a), clamped);
    const halves = l.mul(y, half);
    const isInteger = l.eq(y, l.floor(y));
    const isOdd = l.and(isInteger, l.ne(halves, l.floor(halves)));
    const towards = (shrinks: Node) => l.select(shrinks, zero, infinity);
    const atZero = l.select(l.eq(a, zero), towards(l.gt(y, zero)), inside);
    const atInfinity = l.select(l.eq(a, infinity), towards(l.lt(y, zero)), atZero);
    const unit = l.select(l.eq(a, one), l.constant(NaN), towards(l.xor(l.gt(a, one), l.gt(y, zero))));
    const magnitude = l.select(l.eq(l.abs(y), infinity), unit, atInfinity);
    const negativeBase = l.and(l.and(l.lt(x, zero), l.lt(a, infinity)), l.not(isInteger));
    const signed = l.xor(magnitude, l.and(isOdd, l.and(x, l.signBit)));
    const nan = l.or(l.or(l.ne(x, x), l.ne(y, y)), negativeBase);
    return l.select(l.eq(y, zero), one, l.select(nan, l.constant(NaN), signed));
  },
};

/** cbrt of positive normal numbers. */
function cbrtInside(l: Lanes, a: Node): Node {
  const { mantissa, bias, pattern } = l.format;
  const one = l.constant(1);
  const offset = 2 ** mantissa;
  const exponent = l.sub(l.or(l.shiftRight(a, mantissa), l.constant(offset)), l.constant(offset + bias));
  const third = l.floor(l.mul(l.add(exponent, l.constant(0.5)), l.constant(1 / 3)));
  const rest = l.sub(exponent, l.mul(third, l.constant(3)));
  const m = l.or(l.and(a, l.bits((1n << BigInt(mantissa)) - 1n)), l.bits(pattern(1)));
  const [isOne, isTwo] = [l.eq(rest, one), l.eq(rest, l.constant(2))];
  const factor = (atOne: number, atTwo: number) =>
    l.select(isTwo, l.constant(atTwo), l.select(isOne, l.constant(atOne), one));
  const radicand = l.mul(m, factor(2, 4));
  let t = l.mul(l.polynomial(m, cubeRoot.f64x2), factor(Math.cbrt(2), Math.cbrt(4)));
  if (l.type === "f64x2") {
    const cube = l.mul(t, l.mul(t, t));
    t = l.mul(t, l.div(l.add(cube, l.add(radicand, radicand)), l.add(l.add(cube, cube), radicand)));
  }
  // t * t is exact, so that the last step's error is that of its correction.
  const short = head(l, t);
  const r = l.div(radicand, l.mul(short, short));
  const step = l.div(l.sub(r, short), l.add(l.add(short, short), r));
  return l.mul(l.add(short, l.mul(short, step)), powerOfTwo(l, third));
}

export const cbrt = {
  fast(l: Lanes, x: Node): Node {
    const a = l.abs(x);
    l.require(isPositiveNormal(l, a));
    return l.or(cbrtInside(l, a), l.and(x, l.signBit));
  },
  careful(l: Lanes, x: Node): Node {
    const a = l.abs(x);
    const { leastNormal, lift } = CONSTANTS[l.type];
    const subnormal = l.lt(a, l.constant(leastNormal));
    const root = cbrtInside(l, l.select(subnormal, l.mul(a, l.constant(2 ** lift)), a));
    const lowered = l.select(subnormal, l.mul(root, l.constant(2 ** (-lift / 3))), root);
    const itself = l.or(l.eq(a, l.constant(0)), l.not(l.lt(a, l.constant(Infinity))));
    return l.select(itself, x, l.withSignOf(lowered, x));
  },
};

function hypotInside(l: Lanes, x: Node, y: Node): Node {
  return l.sqrt(l.add(l.mul(x, x), l.mul(y, y)));
}

export const hypot = {
  /** Where squares neither overflow nor underflow. */
  fast(l: Lanes, x: Node, y: Node): Node {
    const [ax, ay] = [l.abs(x), l.abs(y)];
    const exponent = l.format.bits === 64 ? 500 : 50;
    const [most, least] = [l.constant(2 ** exponent), l.constant(2 ** -exponent)];
    const large = l.or(l.gt(ax, least), l.gt(ay, least));
    l.require(l.and(large, l.and(l.lt(ax, most), l.lt(ay, most))));
    return hypotInside(l, x, y);
  },
  careful(l: Lanes, x: Node, y: Node): Node {
    const [ax, ay, infinity] = [l.abs(x), l.abs(y), l.constant(Infinity)];
    const greatest = l.pmax(ax, ay);
    const large = l.gt(greatest, l.constant(2 ** 500));
    const small = l.lt(greatest, l.constant(2 ** -400));
    const choose = (exponent: number) =>
      l.select(large, l.constant(2 ** -exponent), l.select(small, l.constant(2 ** exponent), l.constant(1)));
    const scaled = hypotInside(l, l.mul(ax, choose(600)), l.mul(ay, choose(600)));
    const isInfinite = l.or(l.eq(ax, infinity), l.eq(ay, infinity));
    return l.select(isInfinite, infinity, l.mul(scaled, choose(-600)));
  },
};

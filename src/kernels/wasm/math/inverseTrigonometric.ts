/**
 * asin, acos, atan and atan2.
 *
 * atan: the argument, or the quotient, is brought to |t| <= 1/2 by the differences to pi/4 and pi/2 (Cody & Waite 1980, chapter 11), before the only division.
 * asin: for |x| > 1/2 from asin(x) = pi/2 - 2 asin(sqrt((1 - x) / 2)), as in fdlibm's e_asin.c (Sun Microsystems 1993).
 */

import type { Node } from "../graph.ts";
import type { Lanes, LaneType } from "../lanes.ts";
import { arcsine, arctangent } from "./coefficients.ts";
import { fastTwoSum } from "./double.ts";

/** pi/4 in two parts, the first short enough for exact products with 0 to 4. */
const QUARTER_PI: Readonly<Record<LaneType, readonly [number, number]>> = {
  f64x2: [0.7853981633974483, 3.061616997868383e-17],
  f32x4: [0.785398006439209, 1.5695823932524066e-7],
};

/** pi as a multiple of the rounded number, plus the rest. */
const PI_LOW: Readonly<Record<LaneType, number>> = {
  f64x2: 1.2246467991473532e-16,
  f32x4: -8.742277657347586e-8,
};

/** atan(t) for |t| <= 1/2. */
function atanReduced(l: Lanes, t: Node): Node {
  const z = l.mul(t, t);
  return l.add(t, l.mul(l.mul(t, z), l.polynomial(z, arctangent[l.type])));
}

/** quarters * pi/4 + angle. */
function fromQuarters(l: Lanes, quarters: Node, angle: Node): Node {
  const [high, low] = QUARTER_PI[l.type];
  return l.add(l.mul(quarters, l.constant(high)), l.add(angle, l.mul(quarters, l.constant(low))));
}

/** Everywhere. */
export function atan(l: Lanes, x: Node): Node {
  const a = l.abs(x);
  const one = l.constant(1);
  const steep = l.gt(a, l.constant(2));
  const middle = l.gt(a, l.constant(0.5));
  const numerator = l.select(steep, l.constant(-1), l.select(middle, l.sub(a, one), a));
  const denominator = l.select(steep, a, l.select(middle, l.add(a, one), one));
  const quarters = l.select(steep, l.constant(2), l.and(middle, one));
  return l.withSignOf(fromQuarters(l, quarters, atanReduced(l, l.div(numerator, denominator))), x);
}

/** The angle of a point from its coordinates' magnitudes and the mask of those with x < 0. */
function angleOf(l: Lanes, ay: Node, ax: Node, behind: Node): Node {
  const one = l.constant(1);
  const steep = l.gt(ay, ax);
  const [least, greatest] = [l.select(steep, ax, ay), l.select(steep, ay, ax)];
  const middle = l.gt(least, l.mul(greatest, l.constant(0.5)));
  const numerator = l.select(middle, l.sub(least, greatest), least);
  const denominator = l.select(middle, l.add(least, greatest), greatest);
  const angle = atanReduced(l, l.div(numerator, denominator));
  // Each reflection, at the diagonal and at the y axis, turns the angle's sign and its offset.
  const reflected = l.and(l.xor(steep, behind), l.signBit);
  const first = l.and(middle, one);
  const second = l.select(steep, l.sub(l.constant(2), first), first);
  const quarters = l.select(behind, l.sub(l.constant(4), second), second);
  return fromQuarters(l, quarters, l.xor(angle, reflected));
}

export const atan2 = {
  /** Not where both are 0 or infinite, or one is huge or NaN. */
  fast(l: Lanes, y: Node, x: Node): Node {
    const [ay, ax] = [l.abs(y), l.abs(x)];
    const limit = l.constant(2 ** (l.format.bias - 3));
    const zero = l.constant(0);
    l.require(l.and(l.and(l.lt(ay, limit), l.lt(ax, limit)), l.gt(l.or(ay, ax), zero)));
    return l.withSignOf(angleOf(l, ay, ax, l.lt(x, zero)), y);
  },
  careful(l: Lanes, y: Node, x: Node): Node {
    const [zero, one, infinity] = [l.constant(0), l.constant(1), l.constant(Infinity)];
    const [ay, ax] = [l.abs(y), l.abs(x)];
    const huge = l.or(l.gt(ay, l.constant(2 ** 1000)), l.gt(ax, l.constant(2 ** 1000)));
    const both = l.and(l.eq(ay, infinity), l.eq(ax, infinity));
    const none = l.and(l.eq(ay, zero), l.eq(ax, zero));
    const scale = (a: Node) => l.select(both, one, l.select(huge, l.mul(a, l.constant(0.25)), a));
    const behind = l.lt(l.or(one, l.and(x, l.signBit)), zero);
    const angle = l.withSignOf(angleOf(l, scale(ay), l.select(none, one, scale(ax)), behind), y);
    return l.select(l.or(l.ne(x, x), l.ne(y, y)), l.constant(NaN), angle);
  },
};

/** What asin and acos share: a root s and the rest of its arc sine. asin(|x|) is s + tail for |x| <= 1/2 and pi/2 - 2 (s + tail) beyond; NaN where |x| > 1. */
function arcOf(l: Lanes, x: Node): { beyond: Node; s: Node; tail: Node } {
  const a = l.abs(x);
  const half = l.constant(0.5);
  const beyond = l.gt(a, half);
  const z = l.select(beyond, l.sub(half, l.mul(a, half)), l.mul(a, a));
  const s = l.select(beyond, l.sqrt(z), a);
  return { beyond, s, tail: l.mul(l.mul(s, z), l.polynomial(z, arcsine[l.type])) };
}

/** multiple * pi/2 - (angle + tail), for a power of two. */
function fromHalfPi(l: Lanes, multiple: 1 | 2, angle: Node, tail: Node): Node {
  const { sum, error } = fastTwoSum(l, l.constant((multiple * Math.PI) / 2), l.neg(angle));
  const low = l.constant((multiple * PI_LOW[l.type]) / 2);
  return l.sub(sum, l.sub(l.sub(tail, low), error));
}

/** Everywhere. */
export function asin(l: Lanes, x: Node): Node {
  const { beyond, s, tail } = arcOf(l, x);
  const outer = fromHalfPi(l, 1, l.add(s, s), l.add(tail, tail));
  return l.withSignOf(l.select(beyond, outer, l.add(s, tail)), x);
}

/** Everywhere. */
export function acos(l: Lanes, x: Node): Node {
  const { beyond, s, tail } = arcOf(l, x);
  const [twice, twiceTail] = [l.add(s, s), l.add(tail, tail)];
  const sign = l.and(x, l.signBit);
  const outer = l.select(l.lt(x, l.constant(0)), fromHalfPi(l, 2, twice, twiceTail), l.add(twice, twiceTail));
  return l.select(beyond, outer, fromHalfPi(l, 1, l.xor(s, sign), l.xor(tail, sign)));
}

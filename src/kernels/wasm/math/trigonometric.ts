/**
 * sin, cos and tan.
 *
 * x = n pi/2 + r with |r| <= pi/4, by pi/2 in parts whose products with n are exact (Cody & Waite 1980, chapter 8); where that does not reach (huge arguments, and
 * those next to a multiple of pi/2) the careful form takes x * 2/pi modulo 4 in integer arithmetic (Payne & Hanek 1983, see `reduction.ts`). The polynomials are minimax; in float64
 * the rest of r that does not fit into r enters as in fdlibm's k_sin.c and k_cos.c.
 */

import type { Node } from "../graph.ts";
import type { Lanes } from "../lanes.ts";
import { cosine, sine } from "./coefficients.ts";
import { twoProduct, twoSum } from "./double.ts";

/** x = (n mod 4) pi/2 + r + rest; n stands in the low bits of `quadrant`. In float32 the rest is nothing. */
interface Reduced {
  readonly r: Node;
  readonly rest: Node | null;
  readonly quadrant: Node;
}

/** pi/2 in parts of 33, 33 and 53 bits: fdlibm's e_rem_pio2.c has the same. */
const WIDE_PARTS = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;
/** pi/2 in parts of 13, 13, 13 and 24 bits. */
const NARROW_PARTS = [
  1.570556640625, 0.0002396702766418457, 1.5890691429376602e-8, 2.5633440682570896e-12,
] as const;
/** Up to here n has at most 20 bits (float32: 11) and products with the parts are exact. */
const WIDE_LIMIT = 2 ** 20;
const NARROW_LIMIT = 3000;
/** The reduced argument is right to half an ulp unless it is smaller than this times n. */
const WIDE_LEAST = 2 ** -60;

/** pi/2 as the sum of two float64. */
const HALF_PI = [Math.PI / 2, 6.123233995736766e-17] as const;

interface Rounded {
  readonly n: Node;
  readonly bits: Node;
}

/** The nearest multiple of pi/2. */
function nearestMultiple(l: Lanes, x: Node): Rounded {
  const magic = l.constant(1.5 * 2 ** l.format.mantissa);
  const bits = l.add(l.mul(x, l.constant(2 / Math.PI)), magic);
  return { n: l.sub(bits, magic), bits };
}

function reduceNarrow(l: Lanes, x: Node): Reduced {
  const { n, bits } = nearestMultiple(l, x);
  const r = NARROW_PARTS.reduce((rest, part) => l.sub(rest, l.mul(n, l.constant(part))), x);
  return { r, rest: null, quadrant: bits };
}

/** The reduction and the mask of lanes in which it is right. */
function reduceWide(l: Lanes, x: Node): Reduced & { readonly right: Node } {
  const { n, bits } = nearestMultiple(l, x);
  const [first, second, third] = WIDE_PARTS;
  const { sum, error } = twoSum(
    l,
    l.sub(x, l.mul(n, l.constant(first))),
    l.neg(l.mul(n, l.constant(second))),
  );
  // In this order the sign of a zero survives.
  const rest = l.sub(l.mul(n, l.constant(third)), error);
  const r = l.sub(sum, rest);
  const near = l.le(l.mul(l.abs(n), l.constant(WIDE_LEAST)), l.abs(r));
  const right = l.and(near, l.lt(l.abs(x), l.constant(WIDE_LIMIT)));
  return { r, rest: l.sub(l.sub(sum, r), rest), quadrant: bits, right };
}

function reduce(l: Lanes, x: Node): Reduced {
  if (l.type === "f32x4") {
    l.require(l.lt(l.abs(x), l.constant(NARROW_LIMIT)));
    return reduceNarrow(l, x);
  }
  const { right, ...reduced } = reduceWide(l, x);
  l.require(right);
  return reduced;
}

/** The reduction in float64, everywhere; r is NaN for infinities and NaN. */
function reduceCarefully(l: Lanes, x: Node): Reduced {
  const usual = reduceWide(l, x);
  const head = l.call("hugeHead", x);
  const turns = twoProduct(l, head, l.constant(HALF_PI[0]));
  const error = l.add(
    turns.error,
    l.add(l.mul(head, l.constant(HALF_PI[1])), l.mul(l.call("hugeTail", x), l.constant(HALF_PI[0]))),
  );
  const r = l.add(turns.product, error);
  const rest = l.add(l.sub(turns.product, r), error);
  const finite = l.eq(l.sub(x, x), l.constant(0));
  const magic = l.constant(1.5 * 2 ** l.format.mantissa);
  return {
    r: l.select(finite, l.select(usual.right, usual.r, r), l.constant(NaN)),
    rest: l.select(usual.right, usual.rest ?? rest, rest),
    quadrant: l.select(usual.right, usual.quadrant, l.add(l.call("hugeQuadrant", x), magic)),
  };
}

/** sin(r + rest) and cos(r + rest) for |r| <= pi/4. */
function kernels(l: Lanes, { r, rest }: Reduced): { sin: Node; cos: Node } {
  const z = l.mul(r, r);
  const half = l.mul(z, l.constant(0.5));
  const cosTail = l.mul(l.mul(z, z), l.polynomial(z, cosine[l.type]));
  if (rest === null) {
    // The sum of -0 and 0 would lose the sign.
    const sin = l.add(r, l.mul(l.mul(r, z), l.polynomial(z, sine[l.type])));
    return { sin: l.or(sin, l.and(r, l.signBit)), cos: roundedCosine(l, half, cosTail) };
  }
  const [first = 0, ...later] = sine[l.type];
  const cube = l.mul(z, r);
  const p = l.mul(z, l.polynomial(z, later));
  const tail = l.sub(
    l.sub(l.mul(z, l.mul(l.constant(0.5), rest)), rest),
    l.mul(cube, l.add(l.constant(first), p)),
  );
  return { sin: l.sub(r, tail), cos: roundedCosine(l, half, l.sub(cosTail, l.mul(r, rest))) };
}

/** 1 - half + tail, with the rounding error of 1 - half. */
function roundedCosine(l: Lanes, half: Node, tail: Node): Node {
  const one = l.constant(1);
  const w = l.sub(one, half);
  return l.add(w, l.add(l.sub(l.sub(one, w), half), tail));
}

/** The bit of weight 1 in the quadrant as a mask. */
function isOdd(l: Lanes, quadrant: Node): Node {
  return l.subBits(l.bits(0n), l.and(quadrant, l.bits(1n)));
}

/** The bit of weight 2 where the sign is. */
function signOf(l: Lanes, quadrant: Node): Node {
  return l.and(l.shiftLeft(quadrant, l.format.bits - 2), l.signBit);
}

function sinOf(l: Lanes, reduced: Reduced): Node {
  const { sin, cos } = kernels(l, reduced);
  return l.xor(l.select(isOdd(l, reduced.quadrant), cos, sin), signOf(l, reduced.quadrant));
}

function cosOf(l: Lanes, reduced: Reduced): Node {
  const { sin, cos } = kernels(l, reduced);
  const sign = signOf(l, l.addBits(reduced.quadrant, l.bits(1n)));
  return l.xor(l.select(isOdd(l, reduced.quadrant), sin, cos), sign);
}

/** sin / cos or -cos / sin. */
function tanOf(l: Lanes, reduced: Reduced): Node {
  const { sin, cos } = kernels(l, reduced);
  const odd = isOdd(l, reduced.quadrant);
  const quotient = l.div(l.select(odd, cos, sin), l.select(odd, sin, cos));
  return l.xor(quotient, l.and(odd, l.signBit));
}

function withReduction(evaluate: (l: Lanes, reduced: Reduced) => Node) {
  return {
    fast: (l: Lanes, x: Node): Node => evaluate(l, reduce(l, x)),
    careful: (l: Lanes, x: Node): Node => evaluate(l, reduceCarefully(l, x)),
  };
}

export const sin = withReduction(sinOf);
export const cos = withReduction(cosOf);

const quotient = withReduction(tanOf);
export const tan = {
  /** In float32 by way of float64: the roundings of sine, cosine and quotient would add up to more than two ulp. */
  fast: (l: Lanes, x: Node): Node => (l.type === "f32x4" ? l.widened(quotient.fast, x) : quotient.fast(l, x)),
  careful: quotient.careful,
};

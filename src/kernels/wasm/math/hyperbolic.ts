/** sinh, cosh, tanh and their inverses, from expm1, exp and log1p as in fdlibm's e_sinh.c to s_asinh.c (Sun Microsystems 1993). */

import type { Node } from "../graph.ts";
import type { Lanes, LaneType } from "../lanes.ts";
import { hyperbolicTangent } from "./coefficients.ts";
import { exp, expm1 } from "./exponential.ts";
import { log, log1p } from "./logarithm.ts";

/** exp does not overflow below the first; tanh is 1 from the second on; squares do not overflow below the third. */
const LIMITS: Readonly<Record<LaneType, { exponential: number; one: number; square: number }>> = {
  f64x2: { exponential: 709, one: 22, square: 2 ** 500 },
  f32x4: { exponential: 88, one: 10, square: 2 ** 60 },
};

/** The inverse functions are written once for both forms of log1p. */
type Log1p = (l: Lanes, x: Node) => Node;

function sinhInside(l: Lanes, a: Node): Node {
  const t = expm1(l, a);
  return l.mul(l.constant(0.5), l.add(t, l.div(t, l.add(t, l.constant(1)))));
}

function coshInside(l: Lanes, a: Node): Node {
  const half = l.constant(0.5);
  const e = exp(l, a);
  return l.add(l.mul(half, e), l.div(half, e));
}

/** exp(a) / 2 for large a, without overflow before the result. */
function halfExp(l: Lanes, a: Node): Node {
  const e = exp(l, l.mul(a, l.constant(0.5)));
  return l.mul(l.mul(e, l.constant(0.5)), e);
}

function evenPart(inside: (l: Lanes, a: Node) => Node) {
  return {
    fast(l: Lanes, a: Node): Node {
      l.require(l.lt(a, l.constant(LIMITS[l.type].exponential)));
      return inside(l, a);
    },
    careful: (l: Lanes, a: Node): Node =>
      l.select(l.lt(a, l.constant(LIMITS[l.type].exponential)), inside(l, a), halfExp(l, a)),
  };
}

const sinhOfMagnitude = evenPart(sinhInside);
const coshOfMagnitude = evenPart(coshInside);

export const sinh = {
  /** In float32 by way of float64: its roundings would add up to two ulp. */
  fast: (l: Lanes, x: Node): Node =>
    l.type === "f32x4" ? l.widened(sinh.fast, x) : l.withSignOf(sinhOfMagnitude.fast(l, l.abs(x)), x),
  careful: (l: Lanes, x: Node): Node => l.withSignOf(sinhOfMagnitude.careful(l, l.abs(x)), x),
};

export const cosh = {
  fast: (l: Lanes, x: Node): Node => coshOfMagnitude.fast(l, l.abs(x)),
  careful: (l: Lanes, x: Node): Node => coshOfMagnitude.careful(l, l.abs(x)),
};

/** (e^2a - 1) / (e^2a + 1), everywhere; in float32 a polynomial near 0, where the quotient's roundings would be more than two ulp. */
export function tanh(l: Lanes, x: Node): Node {
  const a = l.pmin(l.abs(x), l.constant(LIMITS[l.type].one));
  const t = expm1(l, l.add(a, a));
  const quotient = l.div(t, l.add(t, l.constant(2)));
  if (l.type === "f64x2") return l.withSignOf(quotient, x);
  const z = l.mul(a, a);
  const near = l.add(a, l.mul(l.mul(a, z), l.polynomial(z, hyperbolicTangent.f32x4)));
  return l.withSignOf(l.select(l.lt(a, l.constant(0.625)), near, quotient), x);
}

function asinhInside(l: Lanes, a: Node, logarithm: Log1p): Node {
  const one = l.constant(1);
  const square = l.mul(a, a);
  return logarithm(l, l.add(a, l.div(square, l.add(one, l.sqrt(l.add(square, one))))));
}

function acoshInside(l: Lanes, x: Node, logarithm: Log1p): Node {
  const t = l.sub(x, l.constant(1));
  return logarithm(l, l.add(t, l.sqrt(l.add(l.add(t, t), l.mul(t, t)))));
}

/** log(2a), for a beyond the limit of squares. */
function logOfTwice(l: Lanes, a: Node): Node {
  return l.add(log.careful(l, a), l.constant(Math.LN2));
}

export const asinh = {
  fast(l: Lanes, x: Node): Node {
    const a = l.abs(x);
    l.require(l.lt(a, l.constant(LIMITS[l.type].square)));
    return l.withSignOf(asinhInside(l, a, log1p.fast), x);
  },
  careful(l: Lanes, x: Node): Node {
    const a = l.abs(x);
    const huge = l.gt(a, l.constant(LIMITS[l.type].square));
    return l.withSignOf(l.select(huge, logOfTwice(l, a), asinhInside(l, a, log1p.careful)), x);
  },
};

export const acosh = {
  fast(l: Lanes, x: Node): Node {
    l.require(l.and(l.ge(x, l.constant(1)), l.lt(x, l.constant(LIMITS[l.type].square))));
    return acoshInside(l, x, log1p.fast);
  },
  careful(l: Lanes, x: Node): Node {
    const huge = l.gt(x, l.constant(LIMITS[l.type].square));
    const result = l.select(huge, logOfTwice(l, x), acoshInside(l, x, log1p.careful));
    return l.select(l.lt(x, l.constant(1)), l.constant(NaN), result);
  },
};

/** log1p(2a / (1 - a)) / 2; the logarithm's own requirement keeps |x| below 1. */
function atanhWith(logarithm: Log1p) {
  return (l: Lanes, x: Node): Node => {
    const a = l.abs(x);
    const ratio = l.div(l.add(a, a), l.sub(l.constant(1), a));
    return l.withSignOf(l.mul(l.constant(0.5), logarithm(l, ratio)), x);
  };
}

export const atanh = { fast: atanhWith(log1p.fast), careful: atanhWith(log1p.careful) };

/**
 * erf and erfc.
 *
 * Near 0 a polynomial of erf(x) / x; beyond, erfc(x) = exp(-x^2) g(t) / (1 + 2x) with t = (x - 3.75) / (x + 3.75) and a polynomial for g, after Shepherd & Laframboise
 * (Mathematics of Computation 36, 1981). x^2 is the exact square of the head of x plus the rest, as in fdlibm's s_erf.c.
 */

import type { Node } from "../graph.ts";
import type { Lanes, LaneType } from "../lanes.ts";
import { complementaryErrorFunction, errorFunction } from "./coefficients.ts";
import { head } from "./double.ts";
import { expOfSum } from "./exponential.ts";

/** erf is 1 from the first on, erfc 0 from the second. */
const LIMITS: Readonly<Record<LaneType, { one: number; zero: number }>> = {
  f64x2: { one: 6, zero: 27.3 },
  f32x4: { one: 4, zero: 10.1 },
};

/** erf(a) for 0 <= a <= 1. */
function erfInside(l: Lanes, a: Node): Node {
  return l.add(a, l.mul(a, l.polynomial(l.mul(a, a), errorFunction[l.type])));
}

/** erfc(a) for a >= 1/2, up to the limit. */
function erfcBeyond(l: Lanes, a: Node): Node {
  const turn = l.constant(3.75);
  const t = l.div(l.sub(a, turn), l.add(a, turn));
  const first = head(l, a);
  const rest = l.mul(l.sub(first, a), l.add(first, a));
  const gaussian = expOfSum(l, l.neg(l.mul(first, first)), rest);
  const scale = l.add(l.constant(1), l.add(a, a));
  return l.mul(gaussian, l.div(l.polynomial(t, complementaryErrorFunction[l.type]), scale));
}

/** Everywhere. */
export function erf(l: Lanes, x: Node): Node {
  const one = l.constant(1);
  const a = l.pmin(l.abs(x), l.constant(LIMITS[l.type].one));
  const result = l.select(l.lt(a, one), erfInside(l, a), l.sub(one, erfcBeyond(l, a)));
  return l.withSignOf(result, x);
}

/** Everywhere. In float32 by way of float64: five roundings of float32 would be too many for two ulp. */
export function erfc(l: Lanes, x: Node): Node {
  if (l.type === "f32x4") return l.widened(erfc, x);
  const a = l.pmin(l.abs(x), l.constant(LIMITS[l.type].zero));
  const half = l.constant(0.5);
  const signed = l.xor(erfInside(l, a), l.and(x, l.signBit));
  const beyond = erfcBeyond(l, a);
  const tail = l.select(l.lt(x, l.constant(0)), l.sub(l.constant(2), beyond), beyond);
  return l.select(l.lt(a, half), l.sub(l.constant(1), signed), tail);
}

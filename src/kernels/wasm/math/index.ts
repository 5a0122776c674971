/**
 * The vector mathematics: every function on float64 and float32 lanes, for all finite arguments, infinities and NaN.
 *
 * Largest errors met, in ulp: float64 at 2,000 to 12,000 arguments against 60 digits (bench/data/make_math_reference.py; huge, tiny, subnormal, next to multiples of pi/2),
 * float32 there and at 1.5 million arguments against float64; with fused multiply-add they differ by up to 0.6.
 *
 *     sin       0.71  1.50    sinh   2.01  0.50    exp     1.00  1.01    pow       1.04  0.50
 *     cos       0.74  1.46    cosh   1.26  1.42    exp2    1.00  1.03    cbrt      0.77  0.77
 *     tan       1.67  0.50    tanh   1.86  1.49    expm1   1.80  1.80    hypot     0.91  1.18
 *     asin      1.08  1.14    asinh  1.31  1.78    log     0.78  0.78    erf       1.02  1.89
 *     acos      1.04  1.11    acosh  1.48  1.77    log2    1.61  1.72    erfc      3.48  0.50
 *     atan      1.35  1.63    atanh  1.41  1.88    log10   1.64  1.86    logistic  1.85  0.50
 *     atan2     1.14  1.60                         log1p   0.74  0.83
 */

import type { Node } from "../graph.ts";
import type { Lanes } from "../lanes.ts";
import { erf, erfc } from "./errorFunction.ts";
import { exp, exp2, expm1, logistic } from "./exponential.ts";
import { acosh, asinh, atanh, cosh, sinh, tanh } from "./hyperbolic.ts";
import { acos, asin, atan, atan2 } from "./inverseTrigonometric.ts";
import { log, log1p, log2, log10 } from "./logarithm.ts";
import { cbrt, hypot, pow } from "./power.ts";
import { cos, sin, tan } from "./trigonometric.ts";

/** A function on lanes. */
export type Evaluate = (l: Lanes, ...operands: readonly Node[]) => Node;

interface VectorFunction {
  readonly arity: 1 | 2;
  /** For the common case, with requirements; for both lane types. */
  readonly fast: Evaluate;
  /** For all arguments; for float64 lanes. */
  readonly careful: Evaluate;
}

type Unary = (l: Lanes, x: Node) => Node;
type Binary = (l: Lanes, x: Node, y: Node) => Node;

function unary({ fast, careful }: { readonly fast: Unary; readonly careful: Unary }): VectorFunction {
  return { arity: 1, fast: fast as Evaluate, careful: careful as Evaluate };
}

function binary({ fast, careful }: { readonly fast: Binary; readonly careful: Binary }): VectorFunction {
  return { arity: 2, fast: fast as Evaluate, careful: careful as Evaluate };
}

/** A function whose fast form holds for all arguments. */
function total(evaluate: Unary): VectorFunction {
  return unary({ fast: evaluate, careful: evaluate });
}

export const vectorFunctions = {
  sin: unary(sin),
  cos: unary(cos),
  tan: unary(tan),
  asin: total(asin),
  acos: total(acos),
  atan: total(atan),
  atan2: binary(atan2),
  sinh: unary(sinh),
  cosh: unary(cosh),
  tanh: total(tanh),
  asinh: unary(asinh),
  acosh: unary(acosh),
  atanh: unary(atanh),
  exp: total(exp),
  exp2: total(exp2),
  expm1: total(expm1),
  log: unary(log),
  log2: unary(log2),
  log10: unary(log10),
  log1p: unary(log1p),
  pow: binary(pow),
  cbrt: unary(cbrt),
  hypot: binary(hypot),
  erf: total(erf),
  erfc: total(erfc),
  logistic: total(logistic),
} as const satisfies Record<string, VectorFunction>;

export type VectorFunctionName = keyof typeof vectorFunctions;

/** Whether a function of the module has the name of one of the vector mathematics. */
export function isVectorFunction(name: string): name is VectorFunctionName {
  return Object.hasOwn(vectorFunctions, name);
}

/** The value of a function: its fast form with its requirements, or its careful form, which in float32 goes by way of float64. */
export function evaluate(l: Lanes, name: VectorFunctionName, operands: readonly Node[]): Node {
  const { fast, careful } = vectorFunctions[name];
  if (!l.options.careful) return fast(l, ...operands);
  return l.type === "f64x2" ? careful(l, ...operands) : l.widened(careful, ...operands);
}

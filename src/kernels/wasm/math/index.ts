/**
 * The vector mathematics: every function on float64 and float32 lanes.
 *
 * Largest errors met in ulp, against 60-digit references (see `math.test.ts`): a table stands in docs/wasm.md.
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

/**
 * Forward-mode derivatives by dual numbers: the oracle against which Jacobians are tested.
 *
 * Independent of the primitives' `partials`: the derivatives are a table of numeric formulas of its own, right at smooth points. Programs are
 * scalar: every value has one element, whatever its rank.
 */

import { evaluateEquation } from "../src/program/builder.ts";
import type { ElementwiseParameters } from "../src/program/primitives/elementwise.ts";
import { elementwisePrimitives } from "../src/program/primitives/elementwise.ts";
import type { Equation, Operand, Program } from "../src/program/program.ts";
import { isFloating, type Tensor } from "../src/program/type.ts";

export type ElementwiseName = keyof ElementwiseParameters;

/** The derivatives of a scalar function. */
export interface Derivative {
  /** The partials by each operand. */
  readonly partials: (x: number, y: number, z: number, exponent: number) => readonly number[];
  /** Whether the function is smooth and well conditioned around a point, so that derivatives there may be compared. */
  readonly smoothAt: (x: number, y: number, z: number, exponent: number) => boolean;
}

/** Distance that a smooth point keeps from kinks, jumps and the ends of a domain. */
const MARGIN = 0.05;

const everywhere = () => true;
const awayFromZero = (x: number) => Math.abs(x) > MARGIN;
const positive = (x: number) => x > MARGIN;
const apart = (x: number, y: number) => Math.abs(x - y) > MARGIN;
const awayFromIntegers = (x: number) => Math.abs(x - Math.round(x)) > MARGIN;
const within = (bound: number) => (x: number) => Math.abs(x) < bound;

function unary(partial: (x: number) => number, smoothAt: (x: number) => boolean = everywhere): Derivative {
  return { partials: (x) => [partial(x)], smoothAt };
}

/** A function that is constant around every smooth point. */
function flat(arity: number, smoothAt: Derivative["smoothAt"]): Derivative {
  return { partials: () => new Array<number>(arity).fill(0), smoothAt };
}

const gaussian = (x: number) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);

/** The derivatives of every elementwise primitive. */
export const derivatives: { readonly [Name in ElementwiseName]: Derivative } = {
  add: { partials: () => [1, 1], smoothAt: everywhere },
  sub: { partials: () => [1, -1], smoothAt: everywhere },
  mul: { partials: (x, y) => [y, x], smoothAt: everywhere },
  div: { partials: (x, y) => [1 / y, -x / y ** 2], smoothAt: (_, y) => awayFromZero(y) },
  rem: {
    partials: (x, y) => [1, -Math.trunc(x / y)],
    smoothAt: (x, y) => Math.abs(y) > 0.5 && (awayFromIntegers(x / y) || Math.abs(x / y) < 1 - MARGIN),
  },
  pow: { partials: (x, y) => [y * x ** (y - 1), Math.log(x) * x ** y], smoothAt: positive },
  atan2: {
    partials: (y, x) => [x / (x * x + y * y), -y / (x * x + y * y)],
    smoothAt: (y, x) => Math.hypot(x, y) > 4 * MARGIN && (x > 0 || awayFromZero(y)),
  },
  hypot: {
    partials: (x, y) => [x / Math.sqrt(x * x + y * y), y / Math.sqrt(x * x + y * y)],
    smoothAt: (x, y) => Math.hypot(x, y) > 4 * MARGIN,
  },
  max: { partials: (x, y) => (x > y ? [1, 0] : [0, 1]), smoothAt: apart },
  min: { partials: (x, y) => (x < y ? [1, 0] : [0, 1]), smoothAt: apart },
  neg: unary(() => -1),
  abs: unary(Math.sign, awayFromZero),
  sign: flat(1, awayFromZero),
  floor: flat(1, awayFromIntegers),
  ceil: flat(1, awayFromIntegers),
  round: flat(1, (x) => awayFromIntegers(x + 0.5)),
  exp: unary(Math.exp),
  exp2: unary((x) => Math.log(2) * 2 ** x),
  expm1: unary(Math.exp),
  log: unary((x) => 1 / x, positive),
  log1p: unary(
    (x) => 1 / (1 + x),
    (x) => x > -1 + MARGIN,
  ),
  log2: unary((x) => 1 / (x * Math.log(2)), positive),
  log10: unary((x) => 1 / (x * Math.log(10)), positive),
  sqrt: unary((x) => 0.5 * x ** -0.5, positive),
  rsqrt: unary((x) => -0.5 * x ** -1.5, positive),
  cbrt: unary((x) => 1 / (3 * Math.abs(x) ** (2 / 3)), awayFromZero),
  square: unary((x) => 2 * x),
  integer_pow: {
    partials: (x, _, __, exponent) => [exponent === 0 ? 0 : exponent * x ** (exponent - 1)],
    smoothAt: (x, _, __, exponent) => exponent >= 1 || awayFromZero(x),
  },
  sin: unary(Math.cos),
  cos: unary((x) => -Math.sin(x)),
  tan: unary(
    (x) => 1 / Math.cos(x) ** 2,
    (x) => Math.abs(Math.cos(x)) > 4 * MARGIN,
  ),
  asin: unary((x) => 1 / Math.sqrt(1 - x * x), within(1 - MARGIN)),
  acos: unary((x) => -1 / Math.sqrt(1 - x * x), within(1 - MARGIN)),
  atan: unary((x) => 1 / (1 + x * x)),
  sinh: unary((x) => (Math.exp(x) + Math.exp(-x)) / 2),
  cosh: unary((x) => (Math.exp(x) - Math.exp(-x)) / 2),
  tanh: unary((x) => 1 / Math.cosh(x) ** 2, within(5)),
  asinh: unary((x) => 1 / Math.sqrt(1 + x * x)),
  acosh: unary(
    (x) => 1 / Math.sqrt(x * x - 1),
    (x) => x > 1 + MARGIN,
  ),
  atanh: unary((x) => 1 / (1 - x * x), within(1 - MARGIN)),
  logistic: unary((x) => 1 / (2 + Math.exp(x) + Math.exp(-x)), within(10)),
  erf: unary(gaussian, within(4)),
  erfc: unary((x) => -gaussian(x), within(4)),
  is_finite: flat(1, everywhere),
  eq: flat(2, apart),
  ne: flat(2, apart),
  lt: flat(2, apart),
  le: flat(2, apart),
  gt: flat(2, apart),
  ge: flat(2, apart),
  and: flat(2, everywhere),
  or: flat(2, everywhere),
  not: flat(1, everywhere),
  select: { partials: (condition) => (condition !== 0 ? [0, 0, 1] : [0, 1, 0]), smoothAt: everywhere },
  clamp: {
    partials: (low, x, high) => (x < low ? [1, 0, 0] : x > high ? [0, 0, 1] : [0, 1, 0]),
    smoothAt: (low, x, high) => low < high && apart(low, x) && apart(x, high),
  },
};

/** Whether a primitive is elementwise. */
export function isElementwise(primitive: string): primitive is ElementwiseName {
  return Object.hasOwn(elementwisePrimitives, primitive);
}

/** The partials of one scalar equation by its operands, at their values. */
export function scalarPartials(equation: Equation, operands: readonly number[]): readonly number[] {
  if (!isFloating(equation.type.dtype) || equation.primitive === "stop_gradient")
    return operands.map(() => 0);
  if (!isElementwise(equation.primitive)) return [1];
  const [x = NaN, y = NaN, z = NaN] = operands;
  const exponent = equation.primitive === "integer_pow" ? equation.parameters.exponent : NaN;
  return derivatives[equation.primitive].partials(x, y, z, exponent);
}

/** A value with its derivative by every input: `gradient [inputs]`. */
interface Dual {
  readonly tensor: Tensor;
  readonly gradient: readonly number[];
}

/** The outputs and the full Jacobian `[outputs][inputs]` of a program all of whose values have one element. */
export function dualJacobian(
  program: Program,
  point: readonly number[],
): { readonly outputs: number[]; readonly jacobian: number[][] } {
  const zero = program.inputs.map(() => 0);
  const values: Dual[] = program.inputs.map(({ type }, input) => ({
    tensor: { shape: type.shape, data: Float64Array.of(point[input]!) },
    gradient: zero.map((_, other) => (other === input && isFloating(type.dtype) ? 1 : 0)),
  }));
  const read = (operand: Operand): Dual =>
    operand.kind === "variable"
      ? values[operand.variable]!
      : { tensor: { shape: [], data: Float64Array.of(operand.value) }, gradient: zero };
  for (const equation of program.equations) {
    const operands = equation.operands.map(read);
    const tensors = operands.map(({ tensor }) => tensor);
    const partials = scalarPartials(
      equation,
      tensors.map(({ data }) => data[0]!),
    );
    // A derivative of zero ends the path even where the partial is not finite, as an edge that is not there would.
    const term = (operand: number, input: number) => {
      const inner = operands[operand]!.gradient[input]!;
      return inner === 0 ? 0 : inner * partials[operand]!;
    };
    values.push({
      tensor: evaluateEquation(equation, tensors),
      gradient: zero.map((_, input) => operands.reduce((sum, _, operand) => sum + term(operand, input), 0)),
    });
  }
  const results = program.outputs.map(({ operand }) => read(operand));
  return {
    outputs: results.map(({ tensor }) => tensor.data[0]!),
    jacobian: results.map(({ gradient }) => [...gradient]),
  };
}

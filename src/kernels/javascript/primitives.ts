/**
 * What JavaScript each primitive becomes: the operations of its reference evaluation, in the same order, so that a kernel equals the
 * interpreter to the bit.
 */

import type { PrimitiveName, PrimitiveParameters } from "../../program/primitives/index.ts";
import { isFloating } from "../../program/type.ts";
import {
  call,
  comparison,
  condition,
  conditional,
  type Expression,
  logical,
  negation,
  not,
  number,
  numeric,
  operator,
  Precedence,
  power,
} from "./expression.ts";

/** Where a rule puts a value that it needs more than once: gives it a name and hands that back. Names and literals stay what they are. */
export type Local = (expression: Expression) => Expression;

/** A rule gets as many operands as the primitive has; those that it has not are NaN. */
export interface Operands {
  readonly x: Expression;
  readonly y: Expression;
  readonly z: Expression;
}

type Rule<Parameters> = (operands: Operands, parameters: Parameters, local: Local) => Expression;

/** The name under which the source of `erf` stands in modules that need it. */
export const ERF = "erf";

const add = operator("+", Precedence.additive);
const subtract = operator("-", Precedence.additive);
const multiply = operator("*", Precedence.multiplicative);
const divide = operator("/", Precedence.multiplicative);
const one = number(1);
const first = ({ x }: Operands) => x;

const unary =
  (write: (x: Expression) => Expression) =>
  ({ x }: Operands) =>
    write(x);
const binary =
  (write: (x: Expression, y: Expression) => Expression) =>
  ({ x, y }: Operands) =>
    write(x, y);
const math = (name: keyof Math) => unary(call(`Math.${String(name)}`));
const math2 = (name: keyof Math) => binary(call(`Math.${String(name)}`));

/** Repeated squaring, as `integerPower` does it. */
function integerPower(x: Expression, exponent: number, local: Local): Expression {
  let result: Expression | null = null;
  let square = numeric(x);
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest > 1) square = local(square);
    if (rest % 2 === 1) result = result === null ? square : multiply(result, square);
    if (rest > 1) square = multiply(square, square);
  }
  return exponent < 0 ? divide(one, result ?? one) : (result ?? one);
}

/** The table; a primitive that is missing here does not compile. */
export const javascriptRules: { readonly [Name in PrimitiveName]: Rule<PrimitiveParameters[Name]> } = {
  add: binary(add),
  sub: binary(subtract),
  mul: binary(multiply),
  div: binary(divide),
  rem: binary(operator("%", Precedence.multiplicative)),
  pow: binary(power),
  atan2: math2("atan2"),
  hypot: math2("hypot"),
  max: math2("max"),
  min: math2("min"),
  neg: unary(negation),
  abs: math("abs"),
  sign: math("sign"),
  floor: math("floor"),
  ceil: math("ceil"),
  round({ x }, _, local) {
    const value = local(numeric(x));
    return multiply(call("Math.sign")(value), call("Math.floor")(add(call("Math.abs")(value), number(0.5))));
  },
  exp: math("exp"),
  exp2: unary((x) => power(number(2), x)),
  expm1: math("expm1"),
  log: math("log"),
  log1p: math("log1p"),
  log2: math("log2"),
  log10: math("log10"),
  sqrt: math("sqrt"),
  rsqrt: unary((x) => divide(one, call("Math.sqrt")(x))),
  cbrt: math("cbrt"),
  square: ({ x }, _, local) => integerPower(x, 2, local),
  integer_pow: ({ x }, { exponent }, local) => integerPower(x, exponent, local),
  sin: math("sin"),
  cos: math("cos"),
  tan: math("tan"),
  asin: math("asin"),
  acos: math("acos"),
  atan: math("atan"),
  sinh: math("sinh"),
  cosh: math("cosh"),
  tanh: math("tanh"),
  asinh: math("asinh"),
  acosh: math("acosh"),
  atanh: math("atanh"),
  logistic: unary((x) => divide(one, add(one, call("Math.exp")(negation(x))))),
  erf: unary(call(ERF)),
  erfc: unary((x) => subtract(one, call(ERF)(x))),
  is_finite: unary((x) => ({ ...call("Number.isFinite")(x), boolean: true })),
  eq: binary(comparison("===", Precedence.equality)),
  ne: binary(comparison("!==", Precedence.equality)),
  lt: binary(comparison("<", Precedence.relational)),
  le: binary(comparison("<=", Precedence.relational)),
  gt: binary(comparison(">", Precedence.relational)),
  ge: binary(comparison(">=", Precedence.relational)),
  and: binary(logical("&&")),
  or: binary(logical("||")),
  not: unary(not),
  select: ({ x, y, z }) => conditional(x, z, y),
  clamp: ({ x: low, y: value, z: high }) => call("Math.min")(call("Math.max")(value, low), high),
  copy: ({ x }) => x,
  stop_gradient: ({ x }) => x,
  convert({ x }, { dtype }) {
    if (isFloating(dtype)) return numeric(x);
    return dtype === "bool" ? condition(x) : call("Math.trunc")(x);
  },
  reshape: ({ x }) => x,
  broadcast: ({ x }) => x,
  // What follows moves, sums or contracts elements; kernels meet it only where every array has one element.
  transpose: first,
  slice: first,
  rev: first,
  concatenate: first,
  pad: ({ x, y }, { low }) => (low.every((amount) => amount === 0) ? x : y),
  gather: ({ x }, { positions }) => (positions[0] === -1 ? number(0) : x),
  scatter: ({ x, y }, { positions }) => (positions[0] === -1 ? x : y),
  scatter_add: ({ x, y }, { positions }) => (positions[0] === -1 ? x : add(x, y)),
  iota: () => number(0),
  constant: (_, { values }) => number(values[0] ?? NaN),
  rearrange: ({ x }, { extents }) => (extents.includes(0) ? number(0) : x),
  dot_general: binary(multiply),
  contract: binary(multiply),
  reduce_sum: first,
  reduce_prod: first,
  reduce_max: first,
  reduce_min: first,
  argmax: () => number(0),
  argmin: () => number(0),
  cumsum: first,
  cumprod: first,
  cummax: first,
  cummin: first,
  cumlogsumexp: first,
};

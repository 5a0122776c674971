/** What vector code each primitive becomes. */

import type { PrimitiveName, PrimitiveParameters } from "../../program/primitives/index.ts";
import { isFloating } from "../../program/type.ts";
import type { Node } from "./graph.ts";
import type { Lanes } from "./lanes.ts";
import type { VectorFunctionName } from "./math/index.ts";

/** A value in all lanes: a number, or a condition as a mask. */
export interface Value {
  readonly node: Node;
  readonly mask: boolean;
}

/** What rules write with. */
export interface RuleContext {
  readonly l: Lanes;
  /** A function of the vector mathematics, inlined or called. */
  call(name: VectorFunctionName, ...operands: readonly Node[]): Node;
}

/** A rule gets as many operands as the primitive has; those that it has not are NaN. */
export interface Operands {
  readonly x: Value;
  readonly y: Value;
  readonly z: Value;
}

type Rule<Parameters> = (context: RuleContext, operands: Operands, parameters: Parameters) => Value;

/** The value as a number: a condition is 1 or 0. */
export function numeric(l: Lanes, { node, mask }: Value): Node {
  return mask ? l.and(node, l.constant(1)) : node;
}

/** The value as a condition: a number holds unless it is 0. */
function condition(l: Lanes, { node, mask }: Value): Node {
  return mask ? node : l.ne(node, l.constant(0));
}

function number(node: Node): Value {
  return { node, mask: false };
}

function mask(node: Node): Value {
  return { node, mask: true };
}

type Unary = (l: Lanes, x: Node) => Node;
type Binary = (l: Lanes, x: Node, y: Node) => Node;

const unary =
  (write: Unary) =>
  ({ l }: RuleContext, { x }: Operands) =>
    number(write(l, numeric(l, x)));
const binary =
  (write: Binary) =>
  ({ l }: RuleContext, { x, y }: Operands) =>
    number(write(l, numeric(l, x), numeric(l, y)));
const comparison =
  (write: Binary) =>
  ({ l }: RuleContext, { x, y }: Operands) =>
    mask(write(l, numeric(l, x), numeric(l, y)));
const logical =
  (write: Binary) =>
  ({ l }: RuleContext, { x, y }: Operands) =>
    mask(write(l, condition(l, x), condition(l, y)));
const math =
  (name: VectorFunctionName) =>
  ({ l, call }: RuleContext, { x }: Operands) =>
    number(call(name, numeric(l, x)));
const math2 =
  (name: VectorFunctionName) =>
  ({ l, call }: RuleContext, { x, y }: Operands) =>
    number(call(name, numeric(l, x), numeric(l, y)));
const same = (_: RuleContext, { x }: Operands) => x;
const zero = ({ l }: RuleContext) => number(l.constant(0));
const product = binary((l, x, y) => l.mul(x, y));

/** Repeated squaring, as the reference does it. */
function integerPower(l: Lanes, x: Node, exponent: number): Node {
  let result: Node | null = null;
  let square = x;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === null ? square : l.mul(result, square);
    if (rest > 1) square = l.mul(square, square);
  }
  const one = l.constant(1);
  const power = result ?? one;
  return exponent < 0 ? l.div(one, power) : power;
}

/** Halves away from zero. The reference adds 1/2 in float64; in float32 that sum would round. */
function round(l: Lanes, x: Node): Node {
  const a = l.abs(x);
  const half = l.constant(0.5);
  const floor = l.floor(a);
  const away =
    l.type === "f64x2"
      ? l.floor(l.add(a, half))
      : l.add(floor, l.and(l.ge(l.sub(a, floor), half), l.constant(1)));
  return l.withSignOf(away, x);
}

function remainder(l: Lanes, x: Node, y: Node): Node {
  const exact: Binary = (wide, a, b) => wide.call("remainderWide", a, b);
  return l.type === "f64x2" ? exact(l, x, y) : l.widened(exact, x, y);
}

/** The rules; a primitive without one does not compile. */
export const wasmRules: { readonly [Name in PrimitiveName]: Rule<PrimitiveParameters[Name]> } = {
  add: binary((l, x, y) => l.add(x, y)),
  sub: binary((l, x, y) => l.sub(x, y)),
  mul: product,
  div: binary((l, x, y) => l.div(x, y)),
  rem: binary(remainder),
  pow: math2("pow"),
  atan2: math2("atan2"),
  hypot: math2("hypot"),
  max: binary((l, x, y) => l.max(x, y)),
  min: binary((l, x, y) => l.min(x, y)),
  neg: unary((l, x) => l.neg(x)),
  abs: unary((l, x) => l.abs(x)),
  sign: unary((l, x) => l.select(l.gt(l.abs(x), l.constant(0)), l.or(l.constant(1), l.and(x, l.signBit)), x)),
  floor: unary((l, x) => l.floor(x)),
  ceil: unary((l, x) => l.ceil(x)),
  round: unary(round),
  exp: math("exp"),
  exp2: math("exp2"),
  expm1: math("expm1"),
  log: math("log"),
  log1p: math("log1p"),
  log2: math("log2"),
  log10: math("log10"),
  sqrt: unary((l, x) => l.sqrt(x)),
  rsqrt: unary((l, x) => l.div(l.constant(1), l.sqrt(x))),
  cbrt: math("cbrt"),
  square: unary((l, x) => l.mul(x, x)),
  integer_pow: ({ l }, { x }, { exponent }) => number(integerPower(l, numeric(l, x), exponent)),
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
  logistic: math("logistic"),
  erf: math("erf"),
  erfc: math("erfc"),
  is_finite: ({ l }, { x }) => mask(l.lt(l.abs(numeric(l, x)), l.constant(Infinity))),
  eq: comparison((l, x, y) => l.eq(x, y)),
  ne: comparison((l, x, y) => l.ne(x, y)),
  lt: comparison((l, x, y) => l.lt(x, y)),
  le: comparison((l, x, y) => l.le(x, y)),
  gt: comparison((l, x, y) => l.gt(x, y)),
  ge: comparison((l, x, y) => l.ge(x, y)),
  and: logical((l, x, y) => l.and(x, y)),
  or: logical((l, x, y) => l.or(x, y)),
  not: ({ l }, { x }) => mask(l.not(condition(l, x))),
  select: ({ l }, { x, y, z }) => number(l.select(condition(l, x), numeric(l, z), numeric(l, y))),
  clamp: ({ l }, { x: low, y: value, z: high }) =>
    number(l.min(l.max(numeric(l, value), numeric(l, low)), numeric(l, high))),
  copy: same,
  stop_gradient: same,
  convert({ l }, { x }, { dtype }) {
    if (isFloating(dtype)) return number(numeric(l, x));
    return dtype === "bool" ? mask(condition(l, x)) : number(l.trunc(numeric(l, x)));
  },
  reshape: same,
  broadcast: same,
  // What follows moves, sums or contracts elements; kernels meet it only where every array has one element.
  transpose: same,
  slice: same,
  rev: same,
  concatenate: same,
  pad: (_, { x, y }, { low }) => (low.every((amount) => amount === 0) ? x : y),
  gather: ({ l }, { x }, { positions }) => (positions[0] === -1 ? number(l.constant(0)) : x),
  scatter: (_, { x, y }, { positions }) => (positions[0] === -1 ? x : y),
  scatter_add: ({ l }, { x, y }, { positions }) =>
    positions[0] === -1 ? x : number(l.add(numeric(l, x), numeric(l, y))),
  iota: zero,
  constant: ({ l }, _, { values }) => number(l.constant(values[0] ?? NaN)),
  rearrange: (context, operands, { extents }) => (extents.includes(0) ? zero(context) : operands.x),
  dot_general: product,
  contract: product,
  reduce_sum: same,
  reduce_prod: same,
  reduce_max: same,
  reduce_min: same,
  argmax: zero,
  argmin: zero,
  cumsum: same,
  cumprod: same,
  cummax: same,
  cummin: same,
  cumlogsumexp: same,
};

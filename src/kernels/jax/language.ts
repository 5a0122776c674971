/**
 * Python with jax.numpy as a language of straight-line code. Values are whole arrays of the shapes that the Program gives them, so what
 * broadcasts, moves or contracts in the Program does so here.
 */

import { rearrangeStructure } from "../../program/primitives/indexing.ts";
import { type DType, isFloating, sizeOf } from "../../program/type.ts";
import { affinePositions, positionsOfDims } from "../../structure/dense.ts";
import type { Dim } from "../../structure/structure.ts";
import {
  type Binary,
  call,
  compound,
  type Expression,
  isAtom,
  literalText,
  negation,
  operator,
  Precedence,
  parenthesised,
} from "../straightline/expression.ts";
import type { Context, Language, Operands, Rule, Rules } from "../straightline/statements.ts";

/** The local that holds the floating dtype of a call: that of its floating inputs. */
export const DTYPE = "dtype";
/** The helper that lists row-major positions. */
export const POSITIONS = "_positions";

/** A dtype as Python writes it; the floating ones are all that of the call. */
export function dtypeText(dtype: DType): string {
  if (isFloating(dtype)) return DTYPE;
  if (dtype === "bool") return "bool";
  return dtype === "int64" ? "int" : `jnp.${dtype}`;
}

/** A tuple of numbers. */
export function tupleText(numbers: readonly (number | string)[]): string {
  return numbers.length === 1 ? `(${numbers[0]},)` : `(${numbers.join(", ")})`;
}

function numberText(value: number, dtype: DType): string {
  if (dtype === "bool") return value === 0 ? "False" : "True";
  if (Number.isNaN(value)) return "jnp.nan";
  if (!Number.isFinite(value)) return value < 0 ? "-jnp.inf" : "jnp.inf";
  const text = Object.is(value, -0) ? "-0" : String(value);
  return isFloating(dtype) && !/[.e]/.test(text) ? `${text}.0` : text;
}

/** Whether an expression depends on no input, so that Python itself might compute it: with errors where arrays have infinities and NaN. */
const isConstant = ({ reads }: Expression) => reads.length === 0;

/** An operator on arrays, for constants the function of the same meaning. */
function arrayOperator(symbol: string, precedence: Precedence, name: string): Binary {
  const write = operator(symbol, precedence);
  return (x, y) => (isConstant(x) && isConstant(y) ? call(name)(x, y) : write(x, y));
}

const add = arrayOperator("+", Precedence.additive, "jnp.add");
const subtract = arrayOperator("-", Precedence.additive, "jnp.subtract");
const multiply = arrayOperator("*", Precedence.multiplicative, "jnp.multiply");
const divide = arrayOperator("/", Precedence.multiplicative, "jnp.divide");

/** A comparison; Python would chain `a < b < c`, so one within another stands in parentheses. */
function comparison(symbol: string): Binary {
  return (x, y) => {
    const part = (side: Expression) => parenthesised(side, Precedence.additive);
    return compound(`${part(x)} ${symbol} ${part(y)}`, Precedence.relational, [x, y]);
  };
}

/** A call whose later arguments are text. */
function callWith(callee: string, parts: readonly Expression[], ...rest: readonly string[]): Expression {
  const text = [...parts.map((part) => part.text), ...rest].join(", ");
  return compound(`${callee}(${text})`, Precedence.call, parts);
}

/** A constant under a shape and dtype. */
function full(shape: readonly number[], value: string, dtype: DType): Expression {
  return compound(`jnp.full(${tupleText(shape)}, ${value}, ${dtypeText(dtype)})`, Precedence.call, []);
}

/** A literal as an array, anything else as it is. */
export function asArray(value: Expression, shape: readonly number[], dtype: DType): Expression {
  return isAtom(value) && isConstant(value) ? full(shape, value.text, dtype) : value;
}

/** Conditions count as 1 and 0 in arithmetic; JAX's own sums of them are conditions again. */
const numbers = ({ all }: Operands, { operandTypes }: Context): Expression[] =>
  all.map((operand, index) =>
    operandTypes[index]?.dtype === "bool" ? callWith("jnp.asarray", [operand], DTYPE) : operand,
  );

const unary =
  (write: (x: Expression) => Expression): Rule<unknown> =>
  (operands, _, context) =>
    write(numbers(operands, context)[0] ?? operands.x);
const binary =
  (write: Binary): Rule<unknown> =>
  (operands, _, context) => {
    const [x = operands.x, y = operands.y] = numbers(operands, context);
    return write(x, y);
  };
const logical = (name: string) => (operands: Operands) => call(name)(...operands.all);
const reduction =
  (name: string): Rule<{ readonly axes: readonly number[] }> =>
  ({ x }, { axes }) =>
    callWith(name, [x], `axis=${tupleText(axes)}`);
const extremum =
  (name: string): Rule<{ readonly axis: number; readonly dtype: DType }> =>
  ({ x }, { axis, dtype }) =>
    callWith(name, [x], String(axis), dtypeText(dtype));
const cumulative =
  (name: string): Rule<{ readonly axis: number; readonly direction: "forward" | "backward" }> =>
  ({ x }, { axis, direction }) =>
    callWith(name, [x], String(axis), ...(direction === "backward" ? ["reverse=True"] : []));

/** `jnp.ravel(x)` with something done to it. */
function flat(x: Expression, then: string): string {
  return `jnp.ravel(${x.text})${then}`;
}

/** Reshapes the text of a flat array, if that is needed. */
function reshaped(text: string, shape: readonly number[], parts: readonly Expression[]): Expression {
  return compound(`${text}.reshape(${tupleText(shape)})`, Precedence.call, parts);
}

/** A list of positions, those that lead nowhere beyond the end, where they are dropped. */
function positionList(list: readonly number[], size: number): string {
  return `np.array([${list.map((position) => (position < 0 ? size : position)).join(", ")}], int)`;
}

/** The letters of einsum for the labels of a contraction. */
function subscripts({
  left,
  right,
  result,
}: {
  left: readonly number[];
  right: readonly number[];
  result: readonly number[];
}): string {
  const labels = [...new Set([...left, ...right])];
  const letters = (own: readonly number[]) =>
    own.map((label) => String.fromCharCode(97 + labels.indexOf(label))).join("");
  return JSON.stringify(`${letters(left)},${letters(right)}->${letters(result)}`);
}

/** Multiplication by pure structure: gathers, and adds where the labels lead to. */
const rearrange: Rules["rearrange"] = ({ x }, parameters, { type, operandTypes }) => {
  const structure = rearrangeStructure(parameters, operandTypes[0]?.shape ?? []);
  const { extents } = structure;
  const listed = (dims: readonly Dim[]) => {
    const { base, strides } = affinePositions(dims, extents);
    const labels = extents.map((extent, label) => `, (${extent}, ${strides[label] ?? 0})`);
    return `${POSITIONS}(${base}${labels.join("")})`;
  };
  const inOrder = (dims: readonly Dim[], sizes: readonly number[]) => {
    const all = positionsOfDims(dims, extents);
    return all.length === sizeOf(sizes) && all.every((position, index) => position === index);
  };
  const sources = flat(
    x,
    inOrder(structure.in, operandTypes[0]?.shape ?? []) ? "" : `[${listed(structure.in)}]`,
  );
  if (inOrder(structure.out, type.shape)) return reshaped(sources, type.shape, [x]);
  const zeros = `jnp.zeros(${sizeOf(type.shape)}, ${dtypeText(type.dtype)})`;
  return reshaped(`${zeros}.at[${listed(structure.out)}].add(${sources})`, type.shape, [x]);
};

/** The table. */
const rules: Rules = {
  add: binary(add),
  sub: binary(subtract),
  mul: binary(multiply),
  div: (operands, _, context) =>
    binary(isFloating(context.type.dtype) ? divide : call("lax.div"))(operands, _, context),
  rem: binary(call("jnp.fmod")),
  pow: binary(call("jnp.power")),
  atan2: binary(call("jnp.arctan2")),
  hypot: binary(call("jnp.hypot")),
  max: binary(call("jnp.maximum")),
  min: binary(call("jnp.minimum")),
  neg: unary(negation),
  abs: unary(call("jnp.abs")),
  sign: unary(call("jnp.sign")),
  floor: unary(call("jnp.floor")),
  ceil: unary(call("jnp.ceil")),
  round: unary(call("lax.round")),
  exp: unary(call("jnp.exp")),
  exp2: unary(call("jnp.exp2")),
  expm1: unary(call("jnp.expm1")),
  log: unary(call("jnp.log")),
  log1p: unary(call("jnp.log1p")),
  log2: unary(call("jnp.log2")),
  log10: unary(call("jnp.log10")),
  sqrt: unary(call("jnp.sqrt")),
  rsqrt: unary(call("lax.rsqrt")),
  cbrt: unary(call("jnp.cbrt")),
  square: unary(call("jnp.square")),
  integer_pow: (operands, { exponent }, context) =>
    callWith("lax.integer_pow", numbers(operands, context), String(exponent)),
  sin: unary(call("jnp.sin")),
  cos: unary(call("jnp.cos")),
  tan: unary(call("jnp.tan")),
  asin: unary(call("jnp.arcsin")),
  acos: unary(call("jnp.arccos")),
  atan: unary(call("jnp.arctan")),
  sinh: unary(call("jnp.sinh")),
  cosh: unary(call("jnp.cosh")),
  tanh: unary(call("jnp.tanh")),
  asinh: unary(call("jnp.arcsinh")),
  acosh: unary(call("jnp.arccosh")),
  atanh: unary(call("jnp.arctanh")),
  logistic: unary(call("lax.logistic")),
  erf: unary(call("lax.erf")),
  erfc: unary(call("lax.erfc")),
  is_finite: unary(call("jnp.isfinite")),
  eq: binary(comparison("==")),
  ne: binary(comparison("!=")),
  lt: binary(comparison("<")),
  le: binary(comparison("<=")),
  gt: binary(comparison(">")),
  ge: binary(comparison(">=")),
  and: logical("jnp.logical_and"),
  or: logical("jnp.logical_or"),
  not: logical("jnp.logical_not"),
  select: ({ x, y: whenFalse, z: whenTrue }, _, { type }) =>
    call("jnp.where")(x, isConstant(whenFalse) ? asArray(whenTrue, [], type.dtype) : whenTrue, whenFalse),
  clamp: ({ x: low, y: value, z: high }) => call("jnp.minimum")(call("jnp.maximum")(value, low), high),
  copy: ({ x }) => x,
  stop_gradient: ({ x }) => callWith("lax.stop_gradient", [x]),
  convert({ x }, { dtype }, { operandTypes }) {
    if (isFloating(dtype) && isFloating(operandTypes[0]?.dtype ?? dtype)) return x;
    return dtype === "bool"
      ? comparison("!=")(x, literalText("0"))
      : callWith("jnp.asarray", [x], dtypeText(dtype));
  },
  reshape: ({ x }, { shape }, { type }) =>
    isConstant(x) ? asArray(x, shape, type.dtype) : callWith("jnp.reshape", [x], tupleText(shape)),
  broadcast: ({ x }, { shape, dimensions }, { type }) =>
    isAtom(x) && isConstant(x)
      ? full(shape, x.text, type.dtype)
      : callWith("lax.broadcast_in_dim", [x], tupleText(shape), tupleText(dimensions)),
  transpose: ({ x }, { permutation }) => callWith("jnp.transpose", [x], tupleText(permutation)),
  slice: ({ x }, { start, limit, strides }) =>
    callWith("lax.slice", [x], tupleText(start), tupleText(limit), tupleText(strides)),
  rev: ({ x }, { dimensions }) => callWith("lax.rev", [x], tupleText(dimensions)),
  concatenate: ({ all }, { dimension }) =>
    compound(
      `lax.concatenate([${all.map(({ text }) => text).join(", ")}], ${dimension})`,
      Precedence.call,
      all,
    ),
  pad({ x, y }, { low, high, interior }, { type }) {
    const amounts = low.map((amount, axis) => tupleText([amount, high[axis] ?? 0, interior[axis] ?? 0]));
    return callWith("lax.pad", [x, asArray(y, [], type.dtype)], tupleText(amounts));
  },
  gather({ x }, { shape, positions }, { type, operandTypes }) {
    // JAX takes nothing from an empty array, not even what is filled in.
    if (positions.every((position) => position < 0)) return full(shape, "0", type.dtype);
    const list = positionList(positions, sizeOf(operandTypes[0]?.shape ?? []));
    return reshaped(`jnp.take(${flat(x, "")}, ${list}, mode="fill", fill_value=0)`, shape, [x]);
  },
  scatter({ x, y }, { positions }, { type }) {
    // Of equal positions the last one wins.
    const last = positions.map((position, index) =>
      positions.lastIndexOf(position) === index ? position : -1,
    );
    const list = positionList(last, sizeOf(type.shape));
    return reshaped(flat(x, `.at[${list}].set(${flat(y, "")}, mode="drop")`), type.shape, [x, y]);
  },
  scatter_add({ x, y }, { positions }, { type }) {
    const list = positionList(positions, sizeOf(type.shape));
    return reshaped(flat(x, `.at[${list}].add(${flat(y, "")}, mode="drop")`), type.shape, [x, y]);
  },
  iota: (_, { shape, dimension, dtype }) =>
    callWith("lax.broadcasted_iota", [], dtypeText(dtype), tupleText(shape), String(dimension)),
  constant: (_, { shape, values, dtype }) => {
    const list = values.map((value) => numberText(value, dtype)).join(", ");
    return reshaped(`jnp.array([${list}], ${dtypeText(dtype)})`, shape, []);
  },
  rearrange,
  dot_general({ x, y }, { contracting, batch }) {
    const pairs = [contracting, batch].map(([left, right]) => tupleText([tupleText(left), tupleText(right)]));
    return callWith("lax.dot_general", [x, y], tupleText(pairs));
  },
  contract: ({ x, y }, labels) =>
    compound(`jnp.einsum(${subscripts(labels)}, ${x.text}, ${y.text})`, Precedence.call, [x, y]),
  reduce_sum: reduction("jnp.sum"),
  reduce_prod: reduction("jnp.prod"),
  reduce_max: reduction("jnp.max"),
  reduce_min: reduction("jnp.min"),
  argmax: extremum("lax.argmax"),
  argmin: extremum("lax.argmin"),
  cumsum: cumulative("lax.cumsum"),
  cumprod: cumulative("lax.cumprod"),
  cummax: cumulative("lax.cummax"),
  cummin: cumulative("lax.cummin"),
  cumlogsumexp: cumulative("lax.cumlogsumexp"),
};

export const jax: Language = {
  rules,
  literal: ({ value, dtype }) => literalText(numberText(value, dtype)),
  result: (value) => value,
};

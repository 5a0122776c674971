/**
 * What each primitive becomes in a language that computes with numbers: the operations of its reference evaluation, in the same order. What
 * is a function or an operator of the language itself is in the language's vocabulary.
 */

import { isFloating } from "../../program/type.ts";
import { type Binary, type Expression, logical, negation, not, operator, Precedence } from "./expression.ts";
import type { Local, Operands, Rule, Rules } from "./statements.ts";

type Unary = (x: Expression) => Expression;

/** Functions of one number that go by the same name in all languages. */
const ALIKE = [
  ...(["floor", "ceil", "trunc", "sqrt", "cbrt", "exp", "expm1", "log", "log1p", "log2", "log10"] as const),
  ...(["sin", "cos", "tan", "asin", "acos", "atan"] as const),
  ...(["sinh", "cosh", "tanh", "asinh", "acosh", "atanh"] as const),
] as const;
type AlikeFunction = (typeof ALIKE)[number];

/** Functions of one number that every language must have, with the reference's meaning. */
export type UnaryFunction = AlikeFunction | "abs" | "sign" | "exp2" | "erf" | "erfc";

/** Those that go by the same name in all languages. */
export function functionsAlike(write: (name: AlikeFunction) => Unary): {
  readonly [Name in AlikeFunction]: Unary;
} {
  return Object.fromEntries(ALIKE.map((name) => [name, write(name)])) as { [Name in AlikeFunction]: Unary };
}

/** Functions of two numbers. */
export type BinaryFunction = "rem" | "pow" | "atan2" | "hypot" | "max" | "min";
export type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** The words of a language. Operators take numbers or conditions as they need them. */
export interface Vocabulary {
  number(value: number): Expression;
  /** A condition as 1 or 0; numbers stay what they are. */
  numeric: Unary;
  /** A number as whether it is not 0; conditions stay what they are. */
  condition: Unary;
  /** Whether a number is neither infinite nor NaN: a condition. */
  isFinite: Unary;
  readonly unary: { readonly [Name in UnaryFunction]: Unary };
  readonly binary: { readonly [Name in BinaryFunction]: Binary };
  readonly comparisons: { readonly [Name in Comparison]: Binary };
  select(test: Expression, whenTrue: Expression, whenFalse: Expression, local: Local): Expression;
}

const add = operator("+", Precedence.additive);
const subtract = operator("-", Precedence.additive);
const multiply = operator("*", Precedence.multiplicative);
const divide = operator("/", Precedence.multiplicative);
const first = ({ x }: Operands) => x;

/** The table of a language. */
export function scalarRules(words: Vocabulary): Rules {
  const { number, numeric, condition, unary: call, binary: call2, comparisons } = words;
  const one = number(1);
  const unary =
    (write: Unary) =>
    ({ x }: Operands) =>
      write(numeric(x));
  const binary =
    (write: Binary) =>
    ({ x, y }: Operands) =>
      write(numeric(x), numeric(y));
  const conditions =
    (write: Binary) =>
    ({ x, y }: Operands) =>
      write(condition(x), condition(y));
  const kept = (position: number | undefined, value: Expression) => (position === -1 ? number(0) : value);

  /** Repeated squaring, as `integerPower` does it. */
  const integerPower = (x: Expression, exponent: number, local: Local): Expression => {
    let result: Expression | null = null;
    let square = numeric(x);
    for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
      if (rest > 1) square = local(square);
      if (rest % 2 === 1) result = result === null ? square : multiply(result, square);
      if (rest > 1) square = multiply(square, square);
    }
    return exponent < 0 ? divide(one, result ?? one) : (result ?? one);
  };
  const round: Rule<unknown> = ({ x }, _, { local }) => {
    const value = local(numeric(x));
    return multiply(call.sign(value), call.floor(add(call.abs(value), number(0.5))));
  };

  return {
    add: binary(add),
    sub: binary(subtract),
    mul: binary(multiply),
    div: binary(divide),
    rem: binary(call2.rem),
    pow: binary(call2.pow),
    atan2: binary(call2.atan2),
    hypot: binary(call2.hypot),
    max: binary(call2.max),
    min: binary(call2.min),
    neg: unary(negation),
    abs: unary(call.abs),
    sign: unary(call.sign),
    floor: unary(call.floor),
    ceil: unary(call.ceil),
    round,
    exp: unary(call.exp),
    exp2: unary(call.exp2),
    expm1: unary(call.expm1),
    log: unary(call.log),
    log1p: unary(call.log1p),
    log2: unary(call.log2),
    log10: unary(call.log10),
    sqrt: unary(call.sqrt),
    rsqrt: unary((x) => divide(one, call.sqrt(x))),
    cbrt: unary(call.cbrt),
    square: ({ x }, _, { local }) => integerPower(x, 2, local),
    integer_pow: ({ x }, { exponent }, { local }) => integerPower(x, exponent, local),
    sin: unary(call.sin),
    cos: unary(call.cos),
    tan: unary(call.tan),
    asin: unary(call.asin),
    acos: unary(call.acos),
    atan: unary(call.atan),
    sinh: unary(call.sinh),
    cosh: unary(call.cosh),
    tanh: unary(call.tanh),
    asinh: unary(call.asinh),
    acosh: unary(call.acosh),
    atanh: unary(call.atanh),
    logistic: unary((x) => divide(one, add(one, call.exp(negation(x))))),
    erf: unary(call.erf),
    erfc: unary(call.erfc),
    is_finite: unary(words.isFinite),
    eq: binary(comparisons.eq),
    ne: binary(comparisons.ne),
    lt: binary(comparisons.lt),
    le: binary(comparisons.le),
    gt: binary(comparisons.gt),
    ge: binary(comparisons.ge),
    and: conditions(logical("&&")),
    or: conditions(logical("||")),
    not: ({ x }) => not(condition(x)),
    select: ({ x, y, z }, _, { local }) => words.select(condition(x), numeric(z), numeric(y), local),
    clamp: ({ x: low, y: value, z: high }) =>
      call2.min(call2.max(numeric(value), numeric(low)), numeric(high)),
    copy: first,
    stop_gradient: first,
    convert({ x }, { dtype }) {
      if (isFloating(dtype)) return numeric(x);
      return dtype === "bool" ? condition(x) : call.trunc(numeric(x));
    },
    reshape: first,
    broadcast: first,
    // What follows moves, sums or contracts elements; it is met here only where every array has one element.
    transpose: first,
    slice: first,
    rev: first,
    concatenate: first,
    pad: ({ x, y }, { low }) => (low.every((amount) => amount === 0) ? x : y),
    gather: ({ x }, { positions }) => kept(positions[0], x),
    scatter: ({ x, y }, { positions }) => (positions[0] === -1 ? x : y),
    scatter_add: ({ x, y }, { positions }) => (positions[0] === -1 ? x : add(numeric(x), numeric(y))),
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
}

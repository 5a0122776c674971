/**
 * Elementwise primitives: one scalar function applied at every index, operands broadcast as in NumPy.
 *
 * A primitive here is its scalar evaluation and the formulas of its partials. The structure of the partials (a diagonal in every dim that
 * is not broadcast) is the same for all and is made once, in `elementwise`.
 */

import { InputError } from "../../errors.ts";
import type { Dim } from "../../structure/structure.ts";
import { erf } from "../erf.ts";
import { INTEGER, type ParameterKinds } from "../parameters.ts";
import type { Emitter, LocalPartial, NoParameters, Primitive } from "../primitive.ts";
import type { Operand } from "../program.ts";
import { type DType, isFloating, sizeOf, type Tensor, type TensorType, typeText } from "../type.ts";

/** Parameters of the elementwise primitives. */
export interface ElementwiseParameters {
  add: NoParameters;
  sub: NoParameters;
  mul: NoParameters;
  div: NoParameters;
  rem: NoParameters;
  pow: NoParameters;
  atan2: NoParameters;
  hypot: NoParameters;
  max: NoParameters;
  min: NoParameters;
  neg: NoParameters;
  abs: NoParameters;
  sign: NoParameters;
  floor: NoParameters;
  ceil: NoParameters;
  round: NoParameters;
  exp: NoParameters;
  exp2: NoParameters;
  expm1: NoParameters;
  log: NoParameters;
  log1p: NoParameters;
  log2: NoParameters;
  log10: NoParameters;
  sqrt: NoParameters;
  rsqrt: NoParameters;
  cbrt: NoParameters;
  square: NoParameters;
  /** x to the power of an integer constant. */
  integer_pow: { readonly exponent: number };
  sin: NoParameters;
  cos: NoParameters;
  tan: NoParameters;
  asin: NoParameters;
  acos: NoParameters;
  atan: NoParameters;
  sinh: NoParameters;
  cosh: NoParameters;
  tanh: NoParameters;
  asinh: NoParameters;
  acosh: NoParameters;
  atanh: NoParameters;
  logistic: NoParameters;
  erf: NoParameters;
  erfc: NoParameters;
  is_finite: NoParameters;
  eq: NoParameters;
  ne: NoParameters;
  lt: NoParameters;
  le: NoParameters;
  gt: NoParameters;
  ge: NoParameters;
  and: NoParameters;
  or: NoParameters;
  not: NoParameters;
  /** `select(condition, whenFalse, whenTrue)`, the cases in the order of JAX's select_n. */
  select: NoParameters;
  /** `clamp(low, x, high)`. */
  clamp: NoParameters;
}

/** A local partial before its structure: its value and, if it is a constant, the operand over whose labels the constant counts. */
interface Formula {
  readonly value: Operand;
  readonly countedAs?: Operand;
}

type Formulas = (
  emitter: Emitter,
  operands: readonly Operand[],
  result: Operand,
) => readonly (Formula | Operand | null)[];

interface ElementwiseRule {
  readonly arity: 1 | 2 | 3;
  readonly evaluate: (x: number, y: number, z: number) => number;
  readonly partials?: Formulas;
  readonly result?: "bool";
  readonly commutative?: boolean;
}

/** The operand at `index`; rules may rely on their arity, which the shape rule has checked. */
function at(operands: readonly Operand[], index: number): Operand {
  const operand = operands[index];
  if (operand === undefined) throw new RangeError(`operand ${index} is missing`);
  return operand;
}

/** A literal of the dtype of `like`. */
function constant(emitter: Emitter, value: number, like: Operand): Operand {
  return { kind: "literal", value, dtype: emitter.typeOf(like).dtype };
}

function elementwise<Parameters>(
  kinds: ParameterKinds<Parameters>,
  rule: (parameters: Parameters) => ElementwiseRule,
): Primitive<Parameters> {
  return {
    parameters: kinds,
    typeOf(operands, parameters) {
      const { arity, result } = rule(parameters);
      if (operands.length !== arity)
        throw new InputError(`expected ${arity} operand${arity > 1 ? "s" : ""}, got ${operands.length}`);
      return { shape: broadcast(operands), dtype: result ?? promote(operands) };
    },
    evaluate(operands, parameters, type) {
      const { arity, evaluate } = rule(parameters);
      const data = new Float64Array(sizeOf(type.shape));
      const [x, y, z] = operands.map((operand) => broadcastTo(operand, type.shape));
      for (let i = 0; i < data.length; i++)
        data[i] = evaluate(x?.[i] ?? NaN, arity > 1 ? (y?.[i] ?? NaN) : 0, arity > 2 ? (z?.[i] ?? NaN) : 0);
      return { shape: type.shape, data };
    },
    partials({ emitter, operands, result, parameters }) {
      const formulas = rule(parameters).partials?.(emitter, operands, result) ?? [];
      return operands.map((operand, index) => {
        const formula = formulas[index] ?? null;
        if (formula === null) return [];
        const { value, countedAs } = "kind" in formula ? { value: formula, countedAs: undefined } : formula;
        return [diagonal(emitter, operand, result, value, countedAs ?? value)];
      });
    },
  };
}

/** NumPy's broadcasting of shapes, aligned at the last dim. Throws an InputError where extents differ and neither is 1. */
function broadcast(types: readonly TensorType[]): readonly number[] {
  const rank = Math.max(0, ...types.map(({ shape }) => shape.length));
  return Array.from({ length: rank }, (_, dim) => {
    let extent = 1;
    for (const { shape } of types) {
      const own = shape[dim - rank + shape.length] ?? 1;
      if (own === 1) continue;
      if (extent !== 1 && extent !== own)
        throw new InputError(
          `shapes ${types.map(typeText).join(" and ")} do not broadcast against each other`,
        );
      extent = own;
    }
    return extent;
  });
}

/** The dtype of a result: the first floating operand's that is not a rank-0 guest of an array, otherwise the first operand's. */
function promote(types: readonly TensorType[]): DType {
  const floating = types.filter(({ dtype }) => isFloating(dtype));
  const candidates = floating.length > 0 ? floating : types.filter(({ dtype }) => dtype !== "bool");
  return (candidates.find(({ shape }) => shape.length > 0) ?? candidates[0] ?? types[0])?.dtype ?? "float64";
}

/** The data of a tensor laid out for a shape that it broadcasts to. */
function broadcastTo(tensor: Tensor, shape: readonly number[]): Float64Array {
  const size = sizeOf(shape);
  if (tensor.data.length === size) return tensor.data;
  const data = new Float64Array(size);
  if (tensor.data.length === 1) return data.fill(tensor.data[0] ?? NaN);
  const rank = shape.length;
  const index = new Array<number>(rank).fill(0);
  for (let i = 0; i < size; i++) {
    let source = 0;
    for (let dim = 0; dim < rank; dim++) {
      const own = tensor.shape[dim - rank + tensor.shape.length];
      if (own !== undefined) source = source * own + (own === 1 ? 0 : (index[dim] ?? 0));
    }
    data[i] = tensor.data[source] ?? NaN;
    for (let dim = rank - 1; dim >= 0; dim--) {
      const next = (index[dim] ?? 0) + 1;
      index[dim] = next === shape[dim] ? 0 : next;
      if (index[dim] !== 0) break;
    }
  }
  return data;
}

/**
 * The structure of an elementwise partial: every dim of the result has a label, shared with the operand's dim unless that is broadcast.
 * `value` lives on the labels of those of its own dims that are not of extent 1; so does the count, on the dims of `countedAs`.
 */
function diagonal(
  emitter: Emitter,
  operand: Operand,
  result: Operand,
  value: Operand,
  countedAs: Operand,
): LocalPartial {
  const { shape } = emitter.typeOf(result);
  const extents: number[] = [];
  const out: Dim[] = shape.map((size) => ({
    size,
    offset: 0,
    label: size === 1 ? null : extents.push(size) - 1,
  }));
  const alignedLabel = (dim: number, rank: number) => out[dim - rank + shape.length]?.label ?? null;
  const ownShape = emitter.typeOf(operand).shape;
  const structure = {
    out,
    in: ownShape.map((size, dim) => ({
      size,
      offset: 0,
      label: size === 1 ? null : alignedLabel(dim, ownShape.length),
    })),
    extents,
  };
  const countedShape = emitter.typeOf(countedAs).shape;
  const counted = countedShape
    .flatMap((size, dim) => (size === 1 ? [] : [alignedLabel(dim, countedShape.length) ?? []]))
    .flat();
  if (value.kind === "literal") return { structure, counted, value };
  const valueShape = counted.map((label) => extents[label] ?? 1);
  const full = broadcastValue(emitter, value, countedShape);
  return { structure, counted, value: emitter.emit("reshape", [full], { shape: valueShape }) };
}

/** The value repeated to the shape over which it counts, where a rule gave one that depends on fewer dims (select, clamp). */
function broadcastValue(emitter: Emitter, value: Operand, shape: readonly number[]): Operand {
  const own = emitter.typeOf(value).shape;
  if (sizeOf(own) === sizeOf(shape)) return value;
  const dimensions = own.map((_, dim) => shape.length - own.length + dim);
  return emitter.emit("broadcast", [value], { shape, dimensions });
}

/** A primitive without parameters. */
function none(rule: ElementwiseRule): Primitive<NoParameters> {
  const primitive = elementwise<NoParameters>({}, () => rule);
  return rule.commutative ? { ...primitive, commutative: true } : primitive;
}

/** A unary primitive; `partial` gives the derivative from the operand x and the result r. */
function unary(
  evaluate: (x: number) => number,
  partial?: (emitter: Emitter, x: Operand, r: Operand) => Operand,
): Primitive<NoParameters> {
  return none({
    arity: 1,
    evaluate,
    ...(partial === undefined
      ? {}
      : { partials: (e, operands, r) => [{ value: partial(e, at(operands, 0), r), countedAs: r }] }),
  });
}

/** A comparison or logical primitive: its result is bool and has no derivative. */
function predicate(
  arity: 1 | 2,
  evaluate: (x: number, y: number) => boolean,
  commutative = false,
): Primitive<NoParameters> {
  return none({ arity, evaluate: (x, y) => (evaluate(x, y) ? 1 : 0), result: "bool", commutative });
}

/** 1 where the condition holds, 0 elsewhere, 1/2 on ties: JAX's convention for the derivatives of max and min. */
function choose(e: Emitter, wins: "gt" | "lt", x: Operand, y: Operand): Operand {
  const one = constant(e, 1, x);
  const zero = constant(e, 0, x);
  const half = constant(e, 0.5, x);
  return e.emit("select", [e.emit("eq", [x, y]), e.emit("select", [e.emit(wins, [x, y]), zero, one]), half]);
}

/** x to the power of an integer, by repeated squaring as the kernels do it, so that small powers are exact products. */
export function integerPower(x: number, exponent: number): number {
  let result = 1;
  let square = x;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return exponent < 0 ? 1 / result : result;
}

/** Rounds halves away from zero, as XLA's default rounding method does. */
function roundHalfAway(x: number): number {
  return Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
}

const signOf = (x: number) => Math.sign(x);
const max = (x: number, y: number) => Math.max(x, y);
const min = (x: number, y: number) => Math.min(x, y);

/** The family, each primitive defined once. Formulas name the operands x, y, z and the result r. */
export const elementwisePrimitives: {
  readonly [N in keyof ElementwiseParameters]: Primitive<ElementwiseParameters[N]>;
} = {
  add: none({
    arity: 2,
    commutative: true,
    evaluate: (x, y) => x + y,
    partials: (e, [x, y], r) => [
      { value: constant(e, 1, r), countedAs: y ?? r },
      { value: constant(e, 1, r), countedAs: x ?? r },
    ],
  }),
  sub: none({
    arity: 2,
    evaluate: (x, y) => x - y,
    partials: (e, [x, y], r) => [
      { value: constant(e, 1, r), countedAs: y ?? r },
      { value: constant(e, -1, r), countedAs: x ?? r },
    ],
  }),
  mul: none({
    arity: 2,
    commutative: true,
    evaluate: (x, y) => x * y,
    partials: (_, [x, y]) => [y ?? null, x ?? null],
  }),
  div: none({
    arity: 2,
    evaluate: (x, y) => x / y,
    partials: (e, operands, r) => {
      const reciprocal = e.emit("div", [constant(e, 1, r), at(operands, 1)]);
      return [
        { value: reciprocal, countedAs: at(operands, 1) },
        { value: e.emit("neg", [e.emit("mul", [r, reciprocal])]), countedAs: r },
      ];
    },
  }),
  rem: none({
    arity: 2,
    evaluate: (x, y) => x % y,
    partials: (e, operands, r) => {
      const quotient = e.emit("div", [at(operands, 0), at(operands, 1)]);
      const whole = e.emit("mul", [e.emit("sign", [quotient]), e.emit("floor", [e.emit("abs", [quotient])])]);
      return [
        { value: constant(e, 1, r), countedAs: at(operands, 1) },
        { value: e.emit("neg", [whole]), countedAs: r },
      ];
    },
  }),
  pow: none({
    arity: 2,
    evaluate: (x, y) => x ** y,
    partials: (e, operands, r) => {
      const [x, y] = [at(operands, 0), at(operands, 1)];
      const lower = e.emit("pow", [x, e.emit("sub", [y, constant(e, 1, r)])]);
      // 0 ** y has derivative 0 by y: the logarithm is taken of 1 there, as JAX does.
      const positive = e.emit("select", [e.emit("eq", [x, constant(e, 0, x)]), x, constant(e, 1, x)]);
      return [
        { value: e.emit("mul", [y, lower]), countedAs: r },
        y.kind === "literal" ? null : { value: e.emit("mul", [e.emit("log", [positive]), r]), countedAs: r },
      ];
    },
  }),
  atan2: none({
    arity: 2,
    evaluate: Math.atan2,
    partials: (e, operands, r) => {
      const [y, x] = [at(operands, 0), at(operands, 1)];
      const squared = e.emit("add", [e.emit("square", [x]), e.emit("square", [y])]);
      return [
        { value: e.emit("div", [x, squared]), countedAs: r },
        { value: e.emit("neg", [e.emit("div", [y, squared])]), countedAs: r },
      ];
    },
  }),
  hypot: none({
    arity: 2,
    commutative: true,
    evaluate: (x, y) => Math.hypot(x, y),
    partials: (e, operands, r) =>
      operands.map((operand) => ({ value: e.emit("div", [operand, r]), countedAs: r })),
  }),
  max: none({
    arity: 2,
    commutative: true,
    evaluate: max,
    partials: (e, operands, r) => [
      { value: choose(e, "gt", at(operands, 0), at(operands, 1)), countedAs: r },
      { value: choose(e, "gt", at(operands, 1), at(operands, 0)), countedAs: r },
    ],
  }),
  min: none({
    arity: 2,
    commutative: true,
    evaluate: min,
    partials: (e, operands, r) => [
      { value: choose(e, "lt", at(operands, 0), at(operands, 1)), countedAs: r },
      { value: choose(e, "lt", at(operands, 1), at(operands, 0)), countedAs: r },
    ],
  }),
  neg: unary(
    (x) => -x,
    (e, x) => constant(e, -1, x),
  ),
  abs: unary(Math.abs, (e, x) => e.emit("sign", [x])),
  sign: unary(signOf),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary(roundHalfAway),
  exp: unary(Math.exp, (_, __, r) => r),
  exp2: unary(
    (x) => 2 ** x,
    (e, x, r) => e.emit("mul", [constant(e, Math.LN2, x), r]),
  ),
  expm1: unary(Math.expm1, (e, x, r) => e.emit("add", [r, constant(e, 1, x)])),
  log: unary(Math.log, (e, x) => e.emit("div", [constant(e, 1, x), x])),
  log1p: unary(Math.log1p, (e, x) =>
    e.emit("div", [constant(e, 1, x), e.emit("add", [x, constant(e, 1, x)])]),
  ),
  log2: unary(Math.log2, (e, x) => e.emit("div", [constant(e, Math.LOG2E, x), x])),
  log10: unary(Math.log10, (e, x) => e.emit("div", [constant(e, Math.LOG10E, x), x])),
  sqrt: unary(Math.sqrt, (e, x, r) => e.emit("div", [constant(e, 0.5, x), r])),
  rsqrt: unary(
    (x) => 1 / Math.sqrt(x),
    (e, x, r) => e.emit("mul", [constant(e, -0.5, x), e.emit("div", [r, x])]),
  ),
  cbrt: unary(Math.cbrt, (e, x, r) => e.emit("div", [constant(e, 1 / 3, x), e.emit("square", [r])])),
  square: unary(
    (x) => x * x,
    (e, x) => e.emit("mul", [constant(e, 2, x), x]),
  ),
  integer_pow: elementwise<ElementwiseParameters["integer_pow"]>({ exponent: INTEGER }, ({ exponent }) => ({
    arity: 1,
    evaluate: (x) => integerPower(x, exponent),
    partials: (e, operands, r) => {
      const x = at(operands, 0);
      if (exponent === 0) return [null];
      if (exponent === 1) return [{ value: constant(e, 1, x), countedAs: r }];
      const lower = e.emit("integer_pow", [x], { exponent: exponent - 1 });
      return [{ value: e.emit("mul", [constant(e, exponent, x), lower]), countedAs: r }];
    },
  })),
  sin: unary(Math.sin, (e, x) => e.emit("cos", [x])),
  cos: unary(Math.cos, (e, x) => e.emit("neg", [e.emit("sin", [x])])),
  tan: unary(Math.tan, (e, x, r) => e.emit("add", [constant(e, 1, x), e.emit("square", [r])])),
  asin: unary(Math.asin, (e, x) => e.emit("div", [constant(e, 1, x), cosineOf(e, x)])),
  acos: unary(Math.acos, (e, x) => e.emit("neg", [e.emit("div", [constant(e, 1, x), cosineOf(e, x)])])),
  atan: unary(Math.atan, (e, x) =>
    e.emit("div", [constant(e, 1, x), e.emit("add", [constant(e, 1, x), e.emit("square", [x])])]),
  ),
  sinh: unary(Math.sinh, (e, x) => e.emit("cosh", [x])),
  cosh: unary(Math.cosh, (e, x) => e.emit("sinh", [x])),
  tanh: unary(Math.tanh, (e, x, r) => e.emit("sub", [constant(e, 1, x), e.emit("square", [r])])),
  asinh: unary(Math.asinh, (e, x) =>
    e.emit("div", [
      constant(e, 1, x),
      e.emit("sqrt", [e.emit("add", [constant(e, 1, x), e.emit("square", [x])])]),
    ]),
  ),
  // (x - 1)(x + 1) keeps its digits near 1, where x * x - 1 loses them.
  acosh: unary(Math.acosh, (e, x) => {
    const one = constant(e, 1, x);
    const product = e.emit("mul", [e.emit("sub", [x, one]), e.emit("add", [x, one])]);
    return e.emit("div", [one, e.emit("sqrt", [product])]);
  }),
  atanh: unary(Math.atanh, (e, x) => {
    const one = constant(e, 1, x);
    return e.emit("div", [one, e.emit("mul", [e.emit("sub", [one, x]), e.emit("add", [one, x])])]);
  }),
  logistic: unary(
    (x) => 1 / (1 + Math.exp(-x)),
    (e, x, r) => e.emit("mul", [r, e.emit("sub", [constant(e, 1, x), r])]),
  ),
  erf: unary(
    (x) => erf(x),
    (e, x) => gaussian(e, x),
  ),
  erfc: unary(
    (x) => erf(x, true),
    (e, x) => e.emit("neg", [gaussian(e, x)]),
  ),
  is_finite: predicate(1, Number.isFinite),
  eq: predicate(2, (x, y) => x === y, true),
  ne: predicate(2, (x, y) => x !== y, true),
  lt: predicate(2, (x, y) => x < y),
  le: predicate(2, (x, y) => x <= y),
  gt: predicate(2, (x, y) => x > y),
  ge: predicate(2, (x, y) => x >= y),
  and: predicate(2, (x, y) => x !== 0 && y !== 0, true),
  or: predicate(2, (x, y) => x !== 0 || y !== 0, true),
  not: predicate(1, (x) => x === 0),
  select: none({
    arity: 3,
    evaluate: (condition, whenFalse, whenTrue) => (condition !== 0 ? whenTrue : whenFalse),
    partials: (e, operands, r) => {
      const condition = at(operands, 0);
      const [zero, one] = [constant(e, 0, r), constant(e, 1, r)];
      return [
        null,
        { value: e.emit("select", [condition, one, zero]), countedAs: r },
        { value: e.emit("select", [condition, zero, one]), countedAs: r },
      ];
    },
  }),
  clamp: none({
    arity: 3,
    evaluate: (low, x, high) => Math.min(Math.max(x, low), high),
    partials: (e, operands, r) => {
      const [low, x, high] = [at(operands, 0), at(operands, 1), at(operands, 2)];
      const [zero, one] = [constant(e, 0, r), constant(e, 1, r)];
      const indicator = (condition: Operand) => ({
        value: e.emit("select", [condition, zero, one]),
        countedAs: r,
      });
      return [
        indicator(e.emit("gt", [low, x])),
        indicator(e.emit("and", [e.emit("gt", [x, low]), e.emit("lt", [x, high])])),
        indicator(e.emit("lt", [high, x])),
      ];
    },
  }),
};

/** sqrt(1 - x^2) as sqrt((1 - x)(1 + x)), which keeps its digits near the ends of the domain. */
function cosineOf(e: Emitter, x: Operand): Operand {
  const one = constant(e, 1, x);
  return e.emit("sqrt", [e.emit("mul", [e.emit("sub", [one, x]), e.emit("add", [one, x])])]);
}

/** 2 / sqrt(pi) * exp(-x^2), the derivative of erf. */
function gaussian(e: Emitter, x: Operand): Operand {
  const exponential = e.emit("exp", [e.emit("neg", [e.emit("square", [x])])]);
  return e.emit("mul", [constant(e, 2 / Math.sqrt(Math.PI), x), exponential]);
}

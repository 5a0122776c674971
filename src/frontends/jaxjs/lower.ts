/** A jaxpr of jax-js, as the object that `makeJaxpr` returns, becomes a Program: a row per primitive of jax-js. */

import { InputError } from "../../errors.ts";
import { literal, ProgramBuilder } from "../../program/builder.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand, Program } from "../../program/program.ts";
import { DTYPES, type DType, sizeOf } from "../../program/type.ts";

/** The part of jax-js's types that is read here; the library itself is not needed for that. */
export interface JaxJsVariable {
  readonly aval: { readonly shape: readonly number[]; readonly dtype: string };
}

/** A variable, or a scalar literal with its value. */
export type JaxJsAtom = JaxJsVariable & { readonly value?: number };

export interface JaxJsJaxpr {
  readonly inBinders: readonly JaxJsVariable[];
  readonly eqns: readonly {
    readonly primitive: string;
    readonly inputs: readonly JaxJsAtom[];
    readonly params: Readonly<Record<string, unknown>>;
    readonly outBinders: readonly JaxJsVariable[];
  }[];
  readonly outs: readonly JaxJsAtom[];
}

/** The value of a constant that the function closes over, row-major. */
export interface JaxJsConstant {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: Iterable<number>;
}

/** One use of a primitive. */
interface Use {
  readonly e: ProgramBuilder;
  readonly operands: readonly Operand[];
  readonly shapes: readonly (readonly number[])[];
  readonly params: Readonly<Record<string, unknown>>;
}

type Rule = (use: Use) => readonly Operand[];

/** Builds the Program of a jaxpr whose first inputs are the constants. Throws an InputError that lists the primitives that are not supported. */
export function lowerJaxJs(jaxpr: JaxJsJaxpr, constants: readonly JaxJsConstant[], name: string): Program {
  const builder = new ProgramBuilder();
  const inputs = jaxpr.inBinders
    .slice(constants.length)
    .map(({ aval }, index) =>
      builder.input(`x${index + 1}`, { shape: aval.shape, dtype: dtypeOf(aval.dtype) }),
    );
  const closed = constants.map(({ shape, dtype, data }): Operand => {
    const values = Array.from(data, Number);
    if (shape.length === 0) return literal(values[0] ?? NaN, dtypeOf(dtype));
    return builder.emit("constant", [], { shape, values, dtype: dtypeOf(dtype) });
  });
  const missing = new Set<string>();
  const outputs = emitBody(builder, jaxpr, [...closed, ...inputs], missing);
  if (missing.size > 0)
    throw new InputError(`not supported yet in functions of jax-js: ${[...missing].join(", ")}`);
  return builder.build(
    name,
    outputs.map((operand, index) => ({ name: `y${index + 1}`, operand })),
  );
}

function emitBody(
  e: ProgramBuilder,
  jaxpr: JaxJsJaxpr,
  inputs: readonly Operand[],
  missing: Set<string>,
): Operand[] {
  const values = new Map<JaxJsVariable, Operand>(
    jaxpr.inBinders.map((v, i) => [v, inputs[i] ?? literal(NaN)]),
  );
  const read = (atom: JaxJsAtom): Operand =>
    values.get(atom) ?? literal(Number(atom.value), dtypeOf(atom.aval.dtype));
  for (const { primitive, inputs: atoms, params, outBinders } of jaxpr.eqns) {
    const operands = atoms.map(read);
    const rule = rules.get(primitive);
    const shapes = operands.map((operand) => e.typeOf(operand).shape);
    let results: readonly Operand[] | undefined;
    if (primitive === "jit") results = emitBody(e, params.jaxpr as JaxJsJaxpr, operands, missing);
    else results = rule?.({ e, operands, shapes, params });
    if (results === undefined) missing.add(primitive);
    outBinders.forEach((binder, index) => {
      const { shape, dtype } = binder.aval;
      const zero = literal(0, dtypeOf(dtype));
      values.set(binder, results?.[index] ?? e.emit("broadcast", [zero], { shape, dimensions: [] }));
    });
  }
  return jaxpr.outs.map(read);
}

function dtypeOf(text: string): DType {
  const dtype = DTYPES.find((known) => known === text);
  if (dtype === undefined) throw new InputError(`values of type ${text} are not supported`);
  return dtype;
}

const emit = (use: Use, primitive: PrimitiveName, operands = use.operands): Operand =>
  use.e.append({ primitive, parameters: {} } as Parameters<ProgramBuilder["append"]>[0], operands);

const same =
  (primitive: PrimitiveName): Rule =>
  (use) => [emit(use, primitive)];

const numbers = ({ params }: Use, name: string) => params[name] as readonly number[];
const pairs = ({ params }: Use, name: string) => params[name] as readonly (readonly [number, number])[];
const shapeOf = ({ shapes }: Use) => shapes[0] ?? [];

const COMPARISONS: { readonly [op: string]: PrimitiveName | undefined } = {
  less: "lt",
  equal: "eq",
  not_equal: "ne",
  less_equal: "le",
};
const REDUCTIONS = { Add: "reduce_sum", Mul: "reduce_prod", Max: "reduce_max", Min: "reduce_min" } as const;
const BITS: { readonly [op: string]: PrimitiveName | undefined } = { and: "and", or: "or", xor: "ne" };

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...(
    [
      "add",
      "mul",
      "min",
      "max",
      "neg",
      "floor",
      "ceil",
      "stop_gradient",
      "sin",
      "cos",
      "asin",
      "atan",
    ] as const
  ).map((name): [string, Rule] => [name, same(name)]),
  ...(["exp", "log", "erf", "erfc", "sqrt"] as const).map((name): [string, Rule] => [name, same(name)]),
  ["mod", same("rem")],
  ["reciprocal", (use) => [emit(use, "div", [literal(1, dtype(use)), ...use.operands])]],
  ["idiv", wholeQuotient],
  ["cast", (use) => [use.e.emit("convert", use.operands, { dtype: dtypeOf(String(use.params.dtype)) })]],
  ["compare", (use) => [emit(use, named(COMPARISONS[String(use.params.op)], use.params.op))]],
  ["bit_combine", bitCombine],
  [
    "where",
    (use) => [
      emit(
        use,
        "select",
        [0, 2, 1].map((index) => use.operands[index] ?? literal(NaN)),
      ),
    ],
  ],
  [
    "reduce",
    (use) => {
      const primitive = REDUCTIONS[use.params.op as keyof typeof REDUCTIONS];
      return [use.e.emit(named(primitive, use.params.op), use.operands, { axes: numbers(use, "axis") })];
    },
  ],
  ["dot", dot],
  ["concatenate", (use) => [use.e.emit("concatenate", use.operands, { dimension: Number(use.params.axis) })]],
  ["split", split],
  ["transpose", (use) => [use.e.emit("transpose", use.operands, { permutation: numbers(use, "perm") })]],
  ["reshape", (use) => [use.e.emit("reshape", use.operands, { shape: numbers(use, "shape") })]],
  ["flip", (use) => [use.e.emit("rev", use.operands, { dimensions: numbers(use, "axis") })]],
  [
    "broadcast",
    (use) => {
      const [shape, inserted] = [numbers(use, "shape"), numbers(use, "axis")];
      const dimensions = shape.flatMap((_, dim) => (inserted.includes(dim) ? [] : [dim]));
      return [use.e.emit("broadcast", use.operands, { shape, dimensions })];
    },
  ],
  [
    "shrink",
    (use) => {
      const [start, limit] = [0, 1].map((end) => pairs(use, "slice").map((pair) => pair[end] ?? 0));
      const strides = shapeOf(use).map(() => 1);
      return [use.e.emit("slice", use.operands, { start: start ?? [], limit: limit ?? [], strides })];
    },
  ],
  [
    "pad",
    (use) => {
      const [low, high] = [0, 1].map((end) => pairs(use, "width").map((pair) => pair[end] ?? 0));
      const operands = [...use.operands, literal(0, dtype(use))];
      const interior = shapeOf(use).map(() => 0);
      return [use.e.emit("pad", operands, { low: low ?? [], high: high ?? [], interior })];
    },
  ],
]);

function dtype({ e, operands }: Use): DType {
  return e.typeOf(operands[0] ?? literal(NaN)).dtype;
}

function named<T>(found: T | undefined, op: unknown): T {
  if (found === undefined) throw new InputError(`the operation ${op} of jax-js is not supported`);
  return found;
}

/** The quotient without its fraction, through which no derivative flows. */
function wholeQuotient(use: Use): readonly Operand[] {
  const own = dtype(use);
  const reals = use.operands.map((operand) => use.e.emit("convert", [operand], { dtype: "float64" }));
  const quotient = emit(use, "div", reals);
  const whole = emit(use, "mul", [
    emit(use, "sign", [quotient]),
    emit(use, "floor", [emit(use, "abs", [quotient])]),
  ]);
  return [use.e.emit("convert", [whole], { dtype: own })];
}

function bitCombine(use: Use): readonly Operand[] {
  if (use.operands.some((operand) => use.e.typeOf(operand).dtype !== "bool"))
    throw new InputError("bits of integers are not supported");
  return [emit(use, named(BITS[String(use.params.op)], use.params.op))];
}

function split(use: Use): readonly Operand[] {
  const shape = shapeOf(use);
  const axis = Number(use.params.axis);
  let end = 0;
  return numbers(use, "sizes").map((size) => {
    const start = shape.map((_, dim) => (dim === axis ? end : 0));
    end += size;
    return use.e.emit("slice", use.operands, {
      start,
      limit: shape.with(axis, end),
      strides: shape.map(() => 1),
    });
  });
}

/** The sum of products along the last dim, the others broadcast: a contraction without the dims of extent 1. */
function dot(use: Use): readonly Operand[] {
  const rank = Math.max(...use.shapes.map((shape) => shape.length));
  const aligned = use.shapes.map((shape) => [...new Array<number>(rank - shape.length).fill(1), ...shape]);
  const [left = [], right = []] = aligned.map((shape) =>
    shape.flatMap((extent, label) => (extent === 1 && label < rank - 1 ? [] : [label])),
  );
  const [a, b] = use.operands.map((operand, index) => {
    const labels = index === 0 ? left : right;
    const shape = labels.map((label) => aligned[index]?.[label] ?? 1);
    return use.e.emit("reshape", [operand], { shape });
  });
  const result = Array.from({ length: rank - 1 }, (_, label) => label);
  const kept = result.filter((label) => left.includes(label) || right.includes(label));
  if (a === undefined || b === undefined) throw new InputError("dot: expected 2 operands");
  const product = use.e.emit("contract", [a, b], { left, right, result: kept });
  const shape = result.map((label) => Math.max(...aligned.map((own) => own[label] ?? 1)));
  return [
    sizeOf(shape) === 0 || shape.length === kept.length
      ? product
      : use.e.emit("reshape", [product], { shape }),
  ];
}

/**
 * The array vocabulary on traced values: equations on arrays.
 *
 * To a source a traced array is nested JavaScript arrays of tracers, each of which knows which element of which array value it is. When such arrays come
 * back to the vocabulary, what they are is read off their elements: the whole value, a part of it, or several values joined.
 */

import { plainArrays } from "../../math/plain.ts";
import {
  type ArrayFunctions,
  type ArrayOperations,
  type BinaryName,
  flattened,
  nested,
  type UnaryName,
  vocabulary,
} from "../../math/vocabulary.ts";
import { literal } from "../../program/builder.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand, Variable } from "../../program/program.ts";
import { sameShape, sizeOf } from "../../program/type.ts";
import { enclosingPart } from "./inputs.ts";
import { kindOf, Tracer, type Tracing } from "./tracer.ts";

type Callable = (...parameters: unknown[]) => unknown;

const UNARY_PRIMITIVES: Readonly<Record<UnaryName, PrimitiveName>> = {
  negate: "neg",
  abs: "abs",
  square: "square",
  sqrt: "sqrt",
  exp: "exp",
  expm1: "expm1",
  log: "log",
  log1p: "log1p",
  sin: "sin",
  cos: "cos",
  tan: "tan",
  asin: "asin",
  acos: "acos",
  atan: "atan",
  sinh: "sinh",
  cosh: "cosh",
  tanh: "tanh",
  sigmoid: "logistic",
};

const BINARY_PRIMITIVES: Readonly<Record<BinaryName, PrimitiveName>> = {
  add: "add",
  subtract: "sub",
  multiply: "mul",
  divide: "div",
  power: "pow",
  maximum: "max",
  minimum: "min",
};

/** The vocabulary for rewritten code: equations where an argument depends on the inputs, plain numbers where none does. */
export function tracedVocabulary(tracing: Tracing): Readonly<Record<keyof ArrayFunctions, Callable>> {
  const fail = (message: string): never => tracing.fail(`${tracing.here}: ${message}`);
  const plain = vocabulary(plainArrays(fail)) as unknown as Readonly<Record<string, Callable>>;
  const traced = vocabulary(tracedArrays(tracing, fail)) as unknown as Readonly<Record<string, Callable>>;
  const names = Object.keys(plain) as (keyof ArrayFunctions)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      (...values: unknown[]) => (values.some(isTraced) ? traced : plain)[name]?.(...values),
    ]),
  ) as Record<keyof ArrayFunctions, Callable>;
}

function isTraced(value: unknown): boolean {
  return value instanceof Tracer || (Array.isArray(value) && value.some(isTraced));
}

/**
 * The value that nested arrays are as a whole, if they are all elements of one value in order; undefined for anything else, and for
 * parameters, which are known by their numbers.
 */
export function wholeValue(tracing: Tracing, value: unknown): Variable | undefined {
  if (!Array.isArray(value)) return undefined;
  const array = firstArray(value);
  if (array === undefined || tracing.parameters.has(array.variable)) return undefined;
  const { shape } = tracing.builder.typeOf(array);
  const isWhole = (part: unknown, axis: number, position: number, size: number): boolean => {
    const extent = shape[axis];
    if (extent === undefined) {
      const element = part instanceof Tracer ? Tracer.elementOf(part) : undefined;
      return element?.array === array && element.position === position;
    }
    const step = size / extent;
    return (
      Array.isArray(part) &&
      part.length === extent &&
      part.every((inner, index) => isWhole(inner, axis + 1, position + index * step, step))
    );
  };
  return isWhole(value, 0, 0, sizeOf(shape)) ? array : undefined;
}

/** The value that the first element of nested arrays is an element of; undefined as well for a nest that contains itself. */
function firstArray(value: unknown): Variable | undefined {
  let first = value;
  for (let depth = 0; Array.isArray(first) && depth < 32; depth++) first = first[0];
  return first instanceof Tracer ? Tracer.elementOf(first)?.array : undefined;
}

/** Neighbours in an array that come from one source. */
type Run =
  | { readonly kind: "constants"; readonly values: number[] }
  | { readonly kind: "elements"; readonly array: Variable; readonly positions: number[] }
  | { readonly kind: "scalar"; readonly operand: Operand };

function runsOf(leaves: readonly (number | Tracer)[]): Run[] {
  const runs: Run[] = [];
  for (const leaf of leaves) {
    const last = runs.at(-1);
    const element = typeof leaf === "number" ? undefined : Tracer.elementOf(leaf);
    if (typeof leaf === "number") {
      if (last?.kind === "constants") last.values.push(leaf);
      else runs.push({ kind: "constants", values: [leaf] });
    } else if (element === undefined) runs.push({ kind: "scalar", operand: Tracer.operandOf(leaf) });
    else if (last?.kind === "elements" && last.array.variable === element.array.variable)
      last.positions.push(element.position);
    else runs.push({ kind: "elements", array: element.array, positions: [element.position] });
  }
  return runs;
}

function tracedArrays(tracing: Tracing, fail: (message: string) => never): ArrayOperations<Operand> {
  const shape = (array: Operand) => tracing.builder.typeOf(array).shape;

  function append(primitive: PrimitiveName, operands: readonly Operand[], parameters: object = {}): Operand {
    const result = tracing.append(primitive, operands, parameters);
    const size = sizeOf(shape(result));
    return size > tracing.limits.length
      ? fail(`an array of ${size} elements is too large to trace (at most ${tracing.limits.length})`)
      : result;
  }

  function reshape(x: Operand, to: readonly number[]): Operand {
    return sameShape(shape(x), to) ? x : append("reshape", [x], { shape: to });
  }

  /** Elements of one value as an array. */
  function taken(array: Variable, positions: readonly number[], to: readonly number[]): Operand {
    const parameter = tracing.parameters.get(array.variable);
    const { part, first } =
      parameter === undefined
        ? { part: { variable: array.variable, shape: shape(array) }, first: 0 }
        : enclosingPart(parameter, positions);
    const from: Variable = { kind: "variable", variable: part.variable };
    const inOrder = positions.length === sizeOf(part.shape) && positions.every((at, k) => at === first + k);
    if (inOrder) return reshape(from, to);
    return append("gather", [from], { shape: to, positions: positions.map((at) => at - first) });
  }

  function runValue(run: Run, to: readonly number[]): Operand {
    switch (run.kind) {
      case "constants":
        return append("constant", [], { shape: to, values: run.values, dtype: "float64" });
      case "elements":
        return taken(run.array, run.positions, to);
      case "scalar":
        return reshape(run.operand, to);
    }
  }

  function joined(runs: readonly Run[], to: readonly number[]): Operand {
    const [only] = runs;
    if (only === undefined) return append("constant", [], { shape: to, values: [], dtype: "float64" });
    if (runs.length === 1) return runValue(only, to);
    const parts = runs.map((run) => {
      const length =
        run.kind === "scalar" ? 1 : run.kind === "constants" ? run.values.length : run.positions.length;
      return runValue(run, [length]);
    });
    return reshape(append("concatenate", parts, { dimension: 0 }), to);
  }

  return {
    read(value) {
      const { shape, leaves } = flattened(value, fail);
      const numbers = leaves.map((leaf) => {
        if (typeof leaf === "number" || leaf instanceof Tracer) return tracing.number(leaf, "an argument");
        return fail(`expected numbers or arrays of numbers, got ${kindOf(leaf)}`);
      });
      const [first] = numbers;
      if (shape.length > 0 || first === undefined) return joined(runsOf(numbers), shape);
      return typeof first === "number" ? literal(first) : Tracer.operandOf(first);
    },
    write(array) {
      if (shape(array).length === 0) return tracing.tracer(array);
      if (array.kind === "literal") throw new Error("a literal is no array");
      const elements = Array.from({ length: sizeOf(shape(array)) }, (_, position) =>
        tracing.element(array, position),
      );
      const value = nested(shape(array), elements);
      tracing.wholes.set(value as object, array);
      return value;
    },
    shape,
    unary: (name, x) => append(UNARY_PRIMITIVES[name], [x]),
    binary: (name, a, b) =>
      name === "power" && b.kind === "literal" && Number.isSafeInteger(b.value)
        ? append("integer_pow", [a], { exponent: b.value })
        : append(BINARY_PRIMITIVES[name], [a, b]),
    reduce: (name, x, axes) => append(`reduce_${name}`, [x], { axes }),
    product: (a, b, summed) =>
      append("dot_general", [a, b], {
        contracting: summed ? [[shape(a).length - 1], [0]] : [[], []],
        batch: [[], []],
      }),
    transpose: (matrix) => append("transpose", [matrix], { permutation: [1, 0] }),
    reshape,
    concatenate: (arrays, dimension) => append("concatenate", arrays, { dimension }),
    fixed: (x) => append("stop_gradient", [x]),
    number: (value) => literal(value),
    fail,
  };
}

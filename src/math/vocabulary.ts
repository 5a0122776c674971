/**
 * The array vocabulary: what each function is, once for numbers and once more for tracing.
 *
 * Written over a few operations on arrays of some representation A. Plain arrays compute with them (`plain.ts`); the TypeScript front end
 * emits equations. Both do the same in the same order, so that a traced source gives the numbers of the source itself, to the bit.
 */

import type {
  AnyMatrix,
  AnyVector,
  Broadcast,
  Like,
  Numbers,
  Outer,
  Product,
  Reduced,
  Shaped,
  Transposed,
  Wide,
} from "./types.ts";

/** An elementwise function. */
export type Unary = <T extends Numbers>(x: T) => Like<T>;
/** An elementwise function of two arguments, which broadcast. */
export type Binary = <A extends Numbers, B extends Numbers>(a: A, b: B) => Broadcast<A, B>;

/** A function of all numbers, or along one axis, which the result lacks. A negative axis counts from the last one. */
export interface Reduction {
  (x: Numbers): number;
  <T extends readonly Numbers[]>(x: T, axis: number): Reduced<T>;
}

/** The functions on nested arrays. They throw where shapes do not fit. */
export interface ArrayFunctions {
  /** Element by element. */
  readonly negate: Unary;
  readonly abs: Unary;
  readonly square: Unary;
  readonly sqrt: Unary;
  readonly exp: Unary;
  readonly expm1: Unary;
  readonly log: Unary;
  readonly log1p: Unary;
  readonly sin: Unary;
  readonly cos: Unary;
  readonly tan: Unary;
  readonly asin: Unary;
  readonly acos: Unary;
  readonly atan: Unary;
  readonly sinh: Unary;
  readonly cosh: Unary;
  readonly tanh: Unary;
  /** 1 / (1 + exp(-x)), element by element. */
  readonly sigmoid: Unary;
  /**
   * Element by element. The shapes are equal, or one is the end of the other: a number meets every element, a vector every row of a matrix.
   */
  readonly add: Binary;
  readonly subtract: Binary;
  readonly multiply: Binary;
  readonly divide: Binary;
  readonly power: Binary;
  /** The larger of two, element by element: `maximum(x, 0)` is the rectifier. */
  readonly maximum: Binary;
  readonly minimum: Binary;
  readonly sum: Reduction;
  readonly mean: Reduction;
  /** The largest element; `maximum` compares two arrays. */
  readonly max: Reduction;
  readonly min: Reduction;
  /** log(sum(exp(x))), without overflow. */
  readonly logSumExp: Reduction;
  /** exp(x) / sum(exp(x)) along an axis, by default the last one, without overflow. */
  readonly softmax: <T extends readonly Numbers[]>(x: T, axis?: number) => Like<T>;
  /** The square root of the sum of the squares. */
  readonly norm: Reduction;
  /** The sum of the products of two vectors' elements. */
  readonly dot: (a: AnyVector, b: AnyVector) => number;
  /** The product of two matrices, or of a matrix and a vector on either side. */
  readonly matmul: <A extends AnyMatrix | AnyVector, B extends AnyMatrix | AnyVector>(
    a: A,
    b: B,
  ) => Product<A, B>;
  /** The matrix of all products of an element of one vector with one of another. */
  readonly outer: <A extends AnyVector, B extends AnyVector>(a: A, b: B) => Outer<A, B>;
  readonly transpose: <A extends AnyMatrix>(a: A) => Transposed<A>;
  /** The same numbers in the same order, nested in another way: `reshape(x, [2, 3])`. */
  readonly reshape: <const S extends readonly number[]>(x: Numbers, shape: S) => Shaped<S>;
  /** Arrays one after the other along an axis, by default the first. */
  readonly concatenate: <T extends readonly Numbers[]>(arrays: readonly T[], axis?: number) => Wide<T>;
}

/** The elementwise functions of one argument. */
export const UNARY = [
  "negate",
  "abs",
  "square",
  "sqrt",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "sigmoid",
] as const satisfies readonly (keyof ArrayFunctions)[];

/** The elementwise functions of two arguments. */
export const BINARY = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "power",
  "maximum",
  "minimum",
] as const satisfies readonly (keyof ArrayFunctions)[];

export type UnaryName = (typeof UNARY)[number];
export type BinaryName = (typeof BINARY)[number];

/** What the vocabulary is written in. Operands fit: the vocabulary has checked their shapes. */
export interface ArrayOperations<A> {
  /** A number or nested arrays as the sources have them. Fails if it is anything else, or ragged. */
  read(value: unknown): A;
  write(array: A): unknown;
  shape(array: A): readonly number[];
  unary(name: UnaryName, x: A): A;
  /** Shapes broadcast as NumPy's do: aligned at the last axis, extents of 1 are repeated. */
  binary(name: BinaryName, a: A, b: A): A;
  reduce(name: "sum" | "max" | "min", x: A, axes: readonly number[]): A;
  /** The sums over the last axis of a and the first of b, or all products if nothing is summed. */
  product(a: A, b: A, summed: boolean): A;
  transpose(matrix: A): A;
  reshape(x: A, shape: readonly number[]): A;
  concatenate(arrays: readonly A[], axis: number): A;
  /** The same values as constants: no derivative flows through them. */
  fixed(x: A): A;
  number(value: number): A;
  fail(message: string): never;
}

/** The functions over one representation of arrays. */
export function vocabulary<A>(on: ArrayOperations<A>): ArrayFunctions {
  const { read, write, shape } = on;
  const shapeText = (array: A) => shapeName(shape(array));

  /** An axis from 0; undefined stays. */
  function axisOf(name: string, x: A, axis: unknown): number | undefined {
    if (axis === undefined) return undefined;
    const rank = shape(x).length;
    const from = typeof axis === "number" && axis < 0 ? axis + rank : axis;
    if (typeof from === "number" && Number.isInteger(from) && from >= 0 && from < rank) return from;
    return on.fail(
      `${name}: ${shapeText(x)} has no axis ${typeof axis === "number" ? axis : "of that kind"} ` +
        `(a function that takes an axis is no callback of map: write map((row) => ${name}(row)))`,
    );
  }

  function count(x: A, axis: number | undefined): number {
    return axis === undefined
      ? shape(x).reduce((product, extent) => product * extent, 1)
      : (shape(x)[axis] ?? 1);
  }

  function reduced(name: "sum" | "max" | "min", x: A, axis: number | undefined): A {
    if (name !== "sum" && count(x, axis) === 0) on.fail(`${name}: ${shapeText(x)} has no elements`);
    const axes = axis === undefined ? [...shape(x).keys()] : [axis];
    return axes.length === 0 ? x : on.reduce(name, x, axes);
  }

  /** What a reduction along an axis gave, against the array that it came from. */
  function spread(part: A, x: A, axis: number): A {
    const rank = shape(x).length;
    return axis === 0 || rank === 1 ? part : on.reshape(part, shape(x).with(axis, 1));
  }

  function binary(name: BinaryName, a: A, b: A): A {
    const [small, large] = shape(a).length <= shape(b).length ? [shape(a), shape(b)] : [shape(b), shape(a)];
    const end = large.slice(large.length - small.length);
    if (small.some((extent, axis) => extent !== end[axis]))
      on.fail(
        `${name}: ${shapeText(a)} and ${shapeText(b)} do not fit: the shapes must be equal, or one the end of the other`,
      );
    return on.binary(name, a, b);
  }

  function reduction(name: string, of: (x: A, axis: number | undefined) => A) {
    return (given: unknown, axis?: unknown) => {
      const x = read(given);
      return write(of(x, axisOf(name, x, axis)));
    };
  }

  /** exp(x - max(x)) and its sum along the axis; the shift takes no part in derivatives, which are the same without it. */
  function shiftedExponentials(name: string, x: A, axis: number | undefined) {
    if (count(x, axis) === 0) on.fail(`${name}: ${shapeText(x)} has no elements`);
    const shift = on.fixed(reduced("max", x, axis));
    const exponentials = on.unary(
      "exp",
      on.binary("subtract", x, axis === undefined ? shift : spread(shift, x, axis)),
    );
    return { shift, exponentials, total: reduced("sum", exponentials, axis) };
  }

  function vectors(name: string, given: readonly unknown[]): A[] {
    const arrays = given.map(read);
    for (const array of arrays)
      if (shape(array).length !== 1) on.fail(`${name}: expected a vector, got ${shapeText(array)}`);
    return arrays;
  }

  function product(name: string, a: A, b: A): unknown {
    if (shape(a).at(-1) !== shape(b)[0])
      on.fail(
        `${name}: ${shapeText(a)} and ${shapeText(b)} do not fit: ${shape(a).at(-1)} and ${shape(b)[0]} differ`,
      );
    return write(on.product(a, b, true));
  }

  const functions = {
    ...Object.fromEntries(UNARY.map((name) => [name, (x: unknown) => write(on.unary(name, read(x)))])),
    ...Object.fromEntries(
      BINARY.map((name) => [name, (a: unknown, b: unknown) => write(binary(name, read(a), read(b)))]),
    ),
    sum: reduction("sum", (x, axis) => reduced("sum", x, axis)),
    max: reduction("max", (x, axis) => reduced("max", x, axis)),
    min: reduction("min", (x, axis) => reduced("min", x, axis)),
    mean: reduction("mean", (x, axis) =>
      on.binary("divide", reduced("sum", x, axis), on.number(count(x, axis))),
    ),
    logSumExp: reduction("logSumExp", (x, axis) => {
      const { shift, total } = shiftedExponentials("logSumExp", x, axis);
      return on.binary("add", on.unary("log", total), shift);
    }),
    softmax: (given: unknown, along: unknown = -1) => {
      const x = read(given);
      const axis = axisOf("softmax", x, along) ?? 0;
      const { exponentials, total } = shiftedExponentials("softmax", x, axis);
      return write(on.binary("divide", exponentials, spread(total, x, axis)));
    },
    norm: reduction("norm", (x, axis) => on.unary("sqrt", reduced("sum", on.unary("square", x), axis))),
    dot: (left: unknown, right: unknown) => {
      const [a, b] = vectors("dot", [left, right]) as [A, A];
      return product("dot", a, b);
    },
    outer: (left: unknown, right: unknown) => {
      const [a, b] = vectors("outer", [left, right]) as [A, A];
      return write(on.product(a, b, false));
    },
    matmul: (left: unknown, right: unknown) => {
      const [a, b] = [read(left), read(right)];
      const ranks = [shape(a).length, shape(b).length];
      if (ranks.some((rank) => rank < 1 || rank > 2) || !ranks.includes(2))
        on.fail(
          `matmul: expected two matrices, or a matrix and a vector, got ${shapeText(a)} and ${shapeText(b)}`,
        );
      return product("matmul", a, b);
    },
    transpose: (given: unknown) => {
      const x = read(given);
      if (shape(x).length !== 2) on.fail(`transpose: expected a matrix, got ${shapeText(x)}`);
      return write(on.transpose(x));
    },
    reshape: (given: unknown, to: unknown) => {
      const x = read(given);
      if (!isShape(to)) return on.fail("reshape: the shape must be a list of extents, as in [2, 3]");
      const size = to.reduce((product, extent) => product * extent, 1);
      if (size !== count(x, undefined)) on.fail(`reshape: ${shapeText(x)} has not ${size} elements`);
      return write(on.reshape(x, to));
    },
    concatenate: (given: unknown, along: unknown = 0) => {
      if (!Array.isArray(given) || given.length === 0)
        return on.fail("concatenate: expected a list of arrays, as in concatenate([a, b])");
      const arrays = given.map(read);
      const [first] = arrays as [A];
      const axis = axisOf("concatenate", first, along) ?? 0;
      const others = (array: A) => shapeName(shape(array).toSpliced(axis, 1));
      const odd = arrays.find(
        (array) => shape(array).length !== shape(first).length || others(array) !== others(first),
      );
      if (odd !== undefined)
        on.fail(`concatenate: ${shapeText(first)} and ${shapeText(odd)} do not fit along axis ${axis}`);
      return write(on.concatenate(arrays, axis));
    },
  };
  // The types of the sources are the interface's; what sources hand over is checked here.
  return functions as unknown as ArrayFunctions;
}

/** What people call an array of a shape. */
export function shapeName(shape: readonly number[]): string {
  return shape.length === 0 ? "a number" : `[${shape.join(", ")}]`;
}

function isShape(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((extent) => Number.isInteger(extent) && extent >= 0);
}

/** The most axes of an array; deeper nests are likely to contain themselves. */
const DEEPEST = 32;

/**
 * The shape of nested arrays, with their numbers in order.
 *
 * @param fail what to do with arrays that are ragged
 */
export function flattened(
  value: unknown,
  fail: (message: string) => never,
): { readonly shape: readonly number[]; readonly leaves: readonly unknown[] } {
  const shape: number[] = [];
  let level: readonly unknown[] = [value];
  for (;;) {
    const arrays = level.filter((item) => Array.isArray(item));
    const [first] = arrays;
    if (first === undefined) return { shape, leaves: level };
    const odd = arrays.find((item) => item.length !== first.length);
    if (arrays.length < level.length) fail("a ragged array: numbers stand beside arrays");
    if (odd !== undefined) fail(`a ragged array: ${first.length} elements stand beside ${odd.length}`);
    shape.push(first.length);
    if (shape.length > DEEPEST) fail(`arrays nested more than ${DEEPEST} deep`);
    level = arrays.flat();
  }
}

/** Nested arrays of a shape from elements in order. */
export function nested<T>(shape: readonly number[], elements: readonly T[]): unknown {
  if (shape.length === 0) return elements[0];
  let level: readonly unknown[] = elements;
  for (const [axis, extent] of [...shape.entries()].reverse().slice(0, -1)) {
    const groups = shape.slice(0, axis).reduce((product, outer) => product * outer, 1);
    level = Array.from({ length: groups }, (_, group) => level.slice(group * extent, (group + 1) * extent));
  }
  return [...level];
}

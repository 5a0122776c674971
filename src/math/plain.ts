/** The array vocabulary on numbers: row-major elements with their shape. */

import { positions, rowMajorStrides } from "../structure/dense.ts";
import { type ArrayOperations, type BinaryName, flattened, nested, type UnaryName } from "./vocabulary.ts";

interface PlainArray {
  readonly shape: readonly number[];
  readonly elements: readonly number[];
}

const UNARY: Readonly<Record<UnaryName, (x: number) => number>> = {
  negate: (x) => -x,
  abs: Math.abs,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

const BINARY: Readonly<Record<BinaryName, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  power: (x, y) => x ** y,
  maximum: Math.max,
  minimum: Math.min,
};

const REDUCTIONS = {
  sum: { unit: 0, combine: BINARY.add },
  max: { unit: -Infinity, combine: Math.max },
  min: { unit: Infinity, combine: Math.min },
} as const;

/** The operations on plain nested arrays; `fail` says what cannot be done. */
export function plainArrays(fail: (message: string) => never): ArrayOperations<PlainArray> {
  const at = ({ elements }: PlainArray, indices: Int32Array) =>
    Array.from(indices, (index) => elements[index] ?? Number.NaN);

  /** The elements laid out for a shape that the array broadcasts to. */
  function spread(array: PlainArray, shape: readonly number[]): readonly number[] {
    const skipped = shape.length - array.shape.length;
    const rows = rowMajorStrides(array.shape);
    const strides = shape.map((_, axis) =>
      (array.shape[axis - skipped] ?? 1) === 1 ? 0 : (rows[axis - skipped] ?? 0),
    );
    return at(array, positions(shape, strides));
  }

  return {
    read(value) {
      const { shape, leaves } = flattened(value, fail);
      for (const leaf of leaves)
        if (typeof leaf !== "number") fail(`expected numbers or arrays of numbers, got ${leaf}`);
      return { shape, elements: leaves as readonly number[] };
    },
    write: ({ shape, elements }) => nested(shape, elements),
    shape: ({ shape }) => shape,
    unary: (name, { shape, elements }) => ({ shape, elements: elements.map((x) => UNARY[name](x)) }),
    binary(name, a, b) {
      const [small, large] = a.shape.length <= b.shape.length ? [a.shape, b.shape] : [b.shape, a.shape];
      const shape = large.map((extent, axis) =>
        extent === 1 ? (small[axis - large.length + small.length] ?? 1) : extent,
      );
      const right = spread(b, shape);
      const elements = spread(a, shape).map((x, index) => BINARY[name](x, right[index] ?? Number.NaN));
      return { shape, elements };
    },
    reduce(name, x, axes) {
      const { unit, combine } = REDUCTIONS[name];
      const rows = rowMajorStrides(x.shape);
      const along = (own: readonly number[]) =>
        positions(
          own.map((axis) => x.shape[axis] ?? 1),
          own.map((axis) => rows[axis] ?? 0),
        );
      const kept = [...x.shape.keys()].filter((axis) => !axes.includes(axis));
      const inner = along(axes);
      const elements = Array.from(along(kept), (start) =>
        at(
          x,
          inner.map((step) => start + step),
        ).reduce<number>((sum, element) => combine(sum, element), unit),
      );
      return { shape: kept.map((axis) => x.shape[axis] ?? 1), elements };
    },
    product(a, b, summed) {
      const [outer, own, inner] = summed
        ? [a.shape.slice(0, -1), b.shape.slice(1), b.shape[0] ?? 1]
        : [a.shape, b.shape, 1];
      const columns = own.reduce((product, extent) => product * extent, 1);
      const rows = outer.reduce((product, extent) => product * extent, 1);
      const elements = Array.from({ length: rows * columns }, (_, entry) => {
        const [row, column] = [Math.floor(entry / columns), entry % columns];
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum +=
            (a.elements[row * inner + k] ?? Number.NaN) * (b.elements[k * columns + column] ?? Number.NaN);
        return sum;
      });
      return { shape: [...outer, ...own], elements };
    },
    transpose(matrix) {
      const shape = matrix.shape.toReversed();
      return { shape, elements: at(matrix, positions(shape, rowMajorStrides(matrix.shape).toReversed())) };
    },
    reshape: ({ elements }, shape) => ({ shape, elements }),
    concatenate(arrays, axis) {
      const [{ shape: first }] = arrays as readonly [PlainArray];
      const blocks = first.slice(0, axis).reduce((product, extent) => product * extent, 1);
      const elements = Array.from({ length: blocks }, (_, block) =>
        arrays.flatMap(({ elements }) => {
          const size = elements.length / blocks;
          return elements.slice(block * size, (block + 1) * size);
        }),
      ).flat();
      const extent = arrays.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
      return { shape: first.with(axis, extent), elements };
    },
    fixed: (x) => x,
    number: (value) => ({ shape: [], elements: [value] }),
    fail,
  };
}

/** Fails as ordinary JavaScript does. */
export function throwRangeError(message: string): never {
  throw new RangeError(message);
}

/**
 * Primitives that put elements in other places, at indices that are known.
 *
 * Each is one table per operand: for every result element the position of the operand's element that it is, or -1. Evaluation and the structure
 * of the partials both come from it (see `src/structure/movement.ts`), so a primitive here is its shape rule and its table.
 */

import { InputError } from "../../errors.ts";
import { positions, positionsOfDims, rowMajorStrides } from "../../structure/dense.ts";
import { movementStructures } from "../../structure/movement.ts";
import {
  type Dim,
  dim,
  identityStructure,
  normalised,
  type Structure,
  transposed,
} from "../../structure/structure.ts";
import {
  DTYPE,
  FINITE_NUMBERS,
  INTEGERS,
  NATURAL,
  NATURALS,
  type ParameterKind,
  type ParameterKinds,
} from "../parameters.ts";
import type { Primitive } from "../primitive.ts";
import { type DType, sameShape, sizeOf, type TensorType, typeText } from "../type.ts";
import { exactly, pureStructures } from "./partial.ts";

type Shape = readonly number[];

/** Parameters of the indexing primitives. */
export interface IndexingParameters {
  /** Dim d of the result is dim `permutation[d]` of the operand. */
  transpose: { readonly permutation: Shape };
  /** Indices start, start + stride, ... below limit along each dim. */
  slice: { readonly start: Shape; readonly limit: Shape; readonly strides: Shape };
  rev: { readonly dimensions: Shape };
  concatenate: { readonly dimension: number };
  /** lax.pad: the operand among copies of the second operand, a scalar; negative `low` and `high` cut off. */
  pad: { readonly low: Shape; readonly high: Shape; readonly interior: Shape };
  /** Each result element is the operand's element at a row-major position, or 0 for position -1. */
  gather: { readonly shape: Shape; readonly positions: Shape };
  /** The first operand, with the elements at row-major positions replaced by those of the second; -1 drops one, the last one wins. */
  scatter: { readonly positions: Shape };
  /** The first operand, with those of the second added at row-major positions; -1 drops one. */
  scatter_add: { readonly positions: Shape };
  /** The index along a dim. */
  iota: { readonly shape: Shape; readonly dimension: number; readonly dtype: DType };
  /** A constant array, row-major. */
  constant: { readonly shape: Shape; readonly values: readonly number[]; readonly dtype: DType };
  /**
   * Multiplies by pure structure: result[out] = sum over the labels of operand[in]; 0 where no label leads. A dim is [offset], or [offset, label] or
   * [offset, label, stride]: its index is offset + stride * label. This is what Jacobian code is made of where values move between structures.
   */
  rearrange: {
    readonly shape: Shape;
    readonly extents: Shape;
    readonly out: readonly DimParameter[];
    readonly in: readonly DimParameter[];
  };
}

/** [offset], [offset, label] or [offset, label, stride]. */
export type DimParameter = readonly number[];

const DIM_LISTS: ParameterKind = {
  expected: "a list of [offset], [offset, label] or [offset, label, stride]",
  accepts: (value) =>
    Array.isArray(value) &&
    value.every(
      (item) => INTEGERS.accepts(item) && item.length > 0 && item.length < 4 && (item[1] ?? 0) >= 0,
    ),
};

/** A primitive given by its shape rule and its tables. */
function movement<Parameters>(
  kinds: ParameterKinds<Parameters>,
  shapeOf: (shapes: readonly Shape[], parameters: Parameters) => Shape,
  tablesOf: (shapes: readonly Shape[], parameters: Parameters, result: Shape) => readonly Int32Array[],
): Primitive<Parameters> {
  return {
    parameters: kinds,
    typeOf(operands, parameters) {
      const [first] = operands;
      if (first === undefined) throw new InputError("expected an operand, got none");
      return {
        shape: shapeOf(
          operands.map(({ shape }) => shape),
          parameters,
        ),
        dtype: first.dtype,
      };
    },
    evaluate(operands, parameters, { shape }) {
      const data = new Float64Array(sizeOf(shape));
      tablesOf(
        operands.map((operand) => operand.shape),
        parameters,
        shape,
      ).forEach((table, index) => {
        const from = operands[index]?.data;
        table.forEach((position, target) => {
          if (position >= 0) data[target] = from?.[position] ?? NaN;
        });
      });
      return { shape, data };
    },
    partials(context) {
      const { emitter, operands, parameters, result } = context;
      const shapes = operands.map((operand) => emitter.typeOf(operand).shape);
      const { shape } = emitter.typeOf(result);
      const tables = tablesOf(shapes, parameters, shape);
      return shapes.map((own, index) =>
        pureStructures(context, movementStructures(shape, own, tables[index] ?? new Int32Array(0))),
      );
    },
  };
}

/** The index along a dim of the operand: start + stride * the index along a dim of the result. */
interface Follower {
  readonly dim: number;
  readonly start: number;
  readonly stride: number;
}

/** A movement that has every dim of the result in one dim of the operand: its structure is one term, known without its table. */
function affineMovement<Parameters>(
  kinds: ParameterKinds<Parameters>,
  shapeOf: (operand: Shape, parameters: Parameters) => Shape,
  followersOf: (operand: Shape, parameters: Parameters) => readonly Follower[],
): Primitive<Parameters> {
  const tableOf = (operand: Shape, parameters: Parameters, result: Shape): Int32Array => {
    const strides = new Array<number>(result.length).fill(0);
    let base = 0;
    const rows = rowMajorStrides(operand);
    followersOf(operand, parameters).forEach(({ dim, start, stride }, axis) => {
      const row = rows[axis] ?? 0;
      strides[dim] = row * stride;
      base += row * start;
    });
    return positions(result, strides, base);
  };
  return {
    ...movement(
      kinds,
      (shapes, parameters) => shapeOf(exactly(1, shapes)[0], parameters),
      ([operand = []], parameters, result) => [tableOf(operand, parameters, result)],
    ),
    partials(context) {
      const { emitter, operands, parameters, result } = context;
      const own = emitter.typeOf(exactly(1, operands)[0]).shape;
      const { shape } = emitter.typeOf(result);
      const inner = followersOf(own, parameters).map((follower, axis) =>
        dim(own[axis] ?? 1, follower.start, follower.dim, follower.stride),
      );
      const out = shape.map((size, label) => dim(size, 0, label));
      return [pureStructures(context, [normalised({ out, in: inner, extents: shape })])];
    },
  };
}

function checkDims(dims: Shape, rank: number, what: string): void {
  if (dims.some((axis) => axis >= rank) || new Set(dims).size !== dims.length)
    throw new InputError(`${what} [${dims.join(",")}] are not distinct dims of an array of rank ${rank}`);
}

function checkRanks(lists: readonly Shape[], rank: number): void {
  if (lists.some((list) => list.length !== rank))
    throw new InputError(`expected ${rank} numbers, one per dim, in every parameter`);
}

function checkPositions(list: Shape, count: number, size: number): void {
  if (list.length !== count) throw new InputError(`expected ${count} positions, got ${list.length}`);
  const wrong = list.find((position) => position < -1 || position >= size);
  if (wrong !== undefined)
    throw new InputError(`position ${wrong} is not among the ${size} elements of the array`);
}

/** The operand and the update of a scatter. Throws an InputError if the positions do not fit them. */
function scatterShapes(shapes: readonly Shape[], list: Shape): [Shape, Shape] {
  const [operand, update] = exactly(2, shapes);
  checkPositions(list, sizeOf(update), sizeOf(operand));
  return [operand, update];
}

const identityTable = (size: number) => Int32Array.from({ length: size }, (_, index) => index);

/** For each dim of a padded array the index along it of each operand index. */
function paddedIndices(operand: Shape, { low, interior }: IndexingParameters["pad"]): number[][] {
  return operand.map((extent, axis) =>
    Array.from({ length: extent }, (_, index) => (low[axis] ?? 0) + index * ((interior[axis] ?? 0) + 1)),
  );
}

function padTable(operand: Shape, parameters: IndexingParameters["pad"], shape: Shape): Int32Array {
  const rows = rowMajorStrides(shape);
  let targets = [0];
  paddedIndices(operand, parameters).forEach((indices, axis) => {
    const extent = shape[axis] ?? 0;
    const moves = indices.map((index) => (index >= 0 && index < extent ? index * (rows[axis] ?? 1) : -1));
    targets = targets.flatMap((target) => moves.map((move) => (target < 0 || move < 0 ? -1 : target + move)));
  });
  const table = new Int32Array(sizeOf(shape)).fill(-1);
  targets.forEach((target, position) => {
    if (target >= 0) table[target] = position;
  });
  return table;
}

function concatenateTables(shapes: readonly Shape[], dimension: number, shape: Shape): Int32Array[] {
  const rows = rowMajorStrides(shape);
  let start = 0;
  return shapes.map((own) => {
    const table = new Int32Array(sizeOf(shape)).fill(-1);
    positions(own, rows, start * (rows[dimension] ?? 1)).forEach((target, position) => {
      table[target] = position;
    });
    start += own[dimension] ?? 0;
    return table;
  });
}

/** A nullary primitive. */
function nullary<Parameters extends { readonly shape: Shape; readonly dtype: DType }>(
  kinds: ParameterKinds<Parameters>,
  check: (parameters: Parameters) => void,
  values: (parameters: Parameters) => Float64Array,
): Primitive<Parameters> {
  return {
    parameters: kinds,
    typeOf(operands, parameters) {
      if (operands.length > 0) throw new InputError(`expected no operands, got ${operands.length}`);
      check(parameters);
      const { shape, dtype } = parameters;
      return { shape, dtype };
    },
    evaluate: (_, parameters) => ({ shape: parameters.shape, data: values(parameters) }),
    partials: () => [],
  };
}

/** The structure that the parameters of `rearrange` mean, as they number it. */
export function rearrangeStructure(
  { shape, extents, out, in: inner }: IndexingParameters["rearrange"],
  operand: Shape,
): Structure {
  const dims = (list: readonly DimParameter[], sizes: Shape): Dim[] =>
    list.map(([offset = 0, label, stride], axis) => dim(sizes[axis] ?? 1, offset, label ?? null, stride));
  return { out: dims(out, shape), in: dims(inner, operand), extents };
}

/** The parameters of `rearrange` for a structure. */
export function rearrangeParameters({ out, in: inner, extents }: Structure): IndexingParameters["rearrange"] {
  const lists = (dims: readonly Dim[]): DimParameter[] =>
    dims.map(({ offset, label, stride = 1 }) =>
      label === null ? [offset] : stride === 1 ? [offset, label] : [offset, label, stride],
    );
  return { shape: out.map(({ size }) => size), extents, out: lists(out), in: lists(inner) };
}

function checkRearrange(parameters: IndexingParameters["rearrange"], operand: TensorType): void {
  const { shape, extents, out, in: inner } = parameters;
  checkRanks([out.map(() => 0)], shape.length);
  checkRanks([inner.map(() => 0)], operand.shape.length);
  const structure = rearrangeStructure(parameters, operand.shape);
  for (const { size, offset, label, stride = 1 } of [...structure.out, ...structure.in]) {
    const extent = label === null ? 1 : (extents[label] ?? -1);
    const end = offset + stride * (extent - 1);
    if (extent < 0) throw new InputError(`there is no label ${label}`);
    if (extent > 0 && (Math.min(offset, end) < 0 || Math.max(offset, end) >= size))
      throw new InputError(`indices ${offset} to ${end} do not fit a dim of extent ${size}`);
  }
}

/** The family, each primitive defined once. */
export const indexingPrimitives: {
  readonly [N in keyof IndexingParameters]: Primitive<IndexingParameters[N]>;
} = {
  transpose: affineMovement<IndexingParameters["transpose"]>(
    { permutation: NATURALS },
    (operand, { permutation }) => {
      checkRanks([permutation], operand.length);
      checkDims(permutation, operand.length, "permutation");
      return permutation.map((axis) => operand[axis] ?? 1);
    },
    (operand, { permutation }) =>
      operand.map((_, axis) => ({ dim: permutation.indexOf(axis), start: 0, stride: 1 })),
  ),
  slice: affineMovement<IndexingParameters["slice"]>(
    { start: NATURALS, limit: NATURALS, strides: NATURALS },
    (operand, { start, limit, strides }) => {
      checkRanks([start, limit, strides], operand.length);
      return operand.map((extent, axis) => {
        const [from, to, stride] = [start[axis] ?? 0, limit[axis] ?? 0, strides[axis] ?? 1];
        if (from > to || to > extent || stride < 1)
          throw new InputError(`${from}:${to}:${stride} is no slice of a dim of extent ${extent}`);
        return Math.ceil((to - from) / stride);
      });
    },
    (operand, { start, strides }) =>
      operand.map((_, axis) => ({ dim: axis, start: start[axis] ?? 0, stride: strides[axis] ?? 1 })),
  ),
  rev: affineMovement<IndexingParameters["rev"]>(
    { dimensions: NATURALS },
    (operand, { dimensions }) => {
      checkDims(dimensions, operand.length, "dimensions");
      return operand;
    },
    (operand, { dimensions }) =>
      operand.map((extent, axis) =>
        dimensions.includes(axis)
          ? { dim: axis, start: extent - 1, stride: -1 }
          : { dim: axis, start: 0, stride: 1 },
      ),
  ),
  concatenate: movement<IndexingParameters["concatenate"]>(
    { dimension: NATURAL },
    (shapes, { dimension }) => {
      const [first = []] = shapes;
      const others = (shape: Shape) => shape.filter((_, axis) => axis !== dimension);
      const fits = shapes.every(
        (shape) => shape.length === first.length && sameShape(others(shape), others(first)),
      );
      if (dimension >= first.length || !fits)
        throw new InputError(
          `cannot concatenate ${shapes.map((shape) => `[${shape.join(",")}]`).join(" and ")} along dim ${dimension}`,
        );
      return first.with(
        dimension,
        shapes.reduce((sum, shape) => sum + (shape[dimension] ?? 0), 0),
      );
    },
    (shapes, { dimension }, shape) => concatenateTables(shapes, dimension, shape),
  ),
  pad: movement<IndexingParameters["pad"]>(
    { low: INTEGERS, high: INTEGERS, interior: NATURALS },
    (shapes, { low, high, interior }) => {
      const [operand, filling] = exactly(2, shapes);
      checkRanks([low, high, interior], operand.length);
      if (filling.length > 0)
        throw new InputError(`the padding value must be a scalar, not of shape [${filling.join(",")}]`);
      return operand.map((extent, axis) => {
        const padded =
          (low[axis] ?? 0) + extent + Math.max(0, extent - 1) * (interior[axis] ?? 0) + (high[axis] ?? 0);
        if (padded < 0)
          throw new InputError(
            `padding by ${low[axis]} and ${high[axis]} cuts off more than a dim of extent ${extent}`,
          );
        return padded;
      });
    },
    ([operand = []], parameters, shape) => {
      const table = padTable(operand, parameters, shape);
      return [table, table.map((position) => (position < 0 ? 0 : -1))];
    },
  ),
  gather: movement<IndexingParameters["gather"]>(
    { shape: NATURALS, positions: INTEGERS },
    (shapes, { shape, positions }) => {
      checkPositions(positions, sizeOf(shape), sizeOf(exactly(1, shapes)[0]));
      return shape;
    },
    (_, { positions }) => [Int32Array.from(positions)],
  ),
  scatter: movement<IndexingParameters["scatter"]>(
    { positions: INTEGERS },
    (shapes, { positions }) => scatterShapes(shapes, positions)[0],
    ([operand = []], { positions }) => {
      const [kept, replaced] = [identityTable(sizeOf(operand)), new Int32Array(sizeOf(operand)).fill(-1)];
      positions.forEach((target, source) => {
        if (target < 0) return;
        kept[target] = -1;
        replaced[target] = source;
      });
      return [kept, replaced];
    },
  ),
  scatter_add: {
    parameters: { positions: INTEGERS },
    typeOf(operands, { positions }) {
      scatterShapes(
        operands.map(({ shape }) => shape),
        positions,
      );
      return exactly(2, operands)[0];
    },
    evaluate(operands, { positions }, { shape }) {
      const [operand, update] = exactly(2, operands);
      const data = operand.data.slice();
      positions.forEach((target, source) => {
        if (target >= 0) data[target] = (data[target] ?? NaN) + (update.data[source] ?? NaN);
      });
      return { shape, data };
    },
    partials(context) {
      const { emitter, operands, parameters, result } = context;
      const { shape } = emitter.typeOf(result);
      const update = emitter.typeOf(exactly(2, operands)[1]).shape;
      const structures = movementStructures(update, shape, Int32Array.from(parameters.positions)).map(
        transposed,
      );
      return [pureStructures(context, [identityStructure(shape)]), pureStructures(context, structures)];
    },
  },
  iota: nullary<IndexingParameters["iota"]>(
    { shape: NATURALS, dimension: NATURAL, dtype: DTYPE },
    ({ shape, dimension }) => {
      if (dimension >= shape.length)
        throw new InputError(`an array of shape [${shape.join(",")}] has no dim ${dimension}`);
    },
    ({ shape, dimension }) =>
      Float64Array.from(
        positions(
          shape,
          shape.map((_, axis) => (axis === dimension ? 1 : 0)),
        ),
      ),
  ),
  constant: nullary<IndexingParameters["constant"]>(
    { shape: NATURALS, values: FINITE_NUMBERS, dtype: DTYPE },
    ({ shape, values, dtype }) => {
      if (values.length !== sizeOf(shape))
        throw new InputError(
          `${typeText({ shape, dtype })} has ${sizeOf(shape)} elements, got ${values.length}`,
        );
    },
    ({ values }) => Float64Array.from(values),
  ),
  rearrange: {
    parameters: { shape: NATURALS, extents: NATURALS, out: DIM_LISTS, in: DIM_LISTS },
    typeOf(operands, parameters) {
      const [operand] = exactly(1, operands);
      checkRearrange(parameters, operand);
      return { shape: parameters.shape, dtype: operand.dtype };
    },
    evaluate(operands, parameters, { shape }) {
      const [operand] = exactly(1, operands);
      const structure = rearrangeStructure(parameters, operand.shape);
      const sources = positionsOfDims(structure.in, structure.extents);
      const data = new Float64Array(sizeOf(shape));
      positionsOfDims(structure.out, structure.extents).forEach((target, entry) => {
        data[target] = (data[target] ?? 0) + (operand.data[sources[entry] ?? 0] ?? NaN);
      });
      return { shape, data };
    },
    partials(context) {
      const { emitter, operands, parameters } = context;
      const structure = rearrangeStructure(parameters, emitter.typeOf(exactly(1, operands)[0]).shape);
      return [pureStructures(context, [normalised(structure)])];
    },
  },
};

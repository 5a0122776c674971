/**
 * Gather, scatter and dynamic slices.
 *
 * Indices that are known become tables of positions. Indices that are computed from floating inputs (argsort, argmax, interp) are compared with
 * every position of the array: what is looked up is a sum over the array of its elements where they are meant, and 0 elsewhere. Indices that are
 * inputs themselves are not supported: a Program is made for one pattern of access, so they belong among the constants.
 */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { Operand } from "../../program/program.ts";
import { isFloating, sameShape, sizeOf } from "../../program/type.ts";
import { rowMajorStrides } from "../../structure/dense.ts";
import { constantOperand } from "./constants.ts";
import {
  fillValue,
  gatherLayout,
  knownPositions,
  scatterLayout,
  slicePositions,
  type WindowLayout,
} from "./indices.ts";
import { first, integers } from "./parameters.ts";
import { type Rule, Unsupported, type Use } from "./rule.ts";

/** Comparisons of an index with a position that one look-up may take, at most. */
const MAXIMAL_COMPARISONS = 2 ** 20;

/** The rows, by the name that JAX prints. */
export const lookupRules: readonly (readonly [string, Rule])[] = [
  ["gather", gather],
  ["dynamic_slice", dynamicSlice],
  ["dynamic_update_slice", dynamicUpdateSlice],
  ["scatter", scatter("scatter")],
  ["scatter-add", scatter("scatter_add")],
  ["scatter_add", scatter("scatter_add")],
  ["scatter-sub", combiningScatter("sub", 0)],
  ["scatter-mul", combiningScatter("mul", 1)],
  ["scatter_mul", combiningScatter("mul", 1)],
  ["scatter-max", combiningScatter("max", -Infinity)],
  ["scatter_max", combiningScatter("max", -Infinity)],
  ["scatter-min", combiningScatter("min", Infinity)],
  ["scatter_min", combiningScatter("min", Infinity)],
];

function gather(use: Use): readonly Operand[] {
  const [array, indices] = use.operands;
  const [operand, indexType] = use.types;
  if (array === undefined || indices === undefined || operand === undefined || indexType === undefined)
    throw new InputError("expected an array and indices");
  const { shape, layout } = gatherLayout(use, operand.shape, indexType.shape);
  const known = use.constant(indices);
  if (known === undefined)
    return [lookedUp(use, array, computedPositions(use, indices, layout, shape), fillValue(use))];
  const positions = knownPositions(layout, known);
  const moved = use.emit("gather", [array], { shape, positions });
  const fill = fillValue(use);
  if (fill === 0 || !positions.includes(-1)) return [moved];
  const outside = Float64Array.from(positions, (position) => (position < 0 ? 1 : 0));
  return [
    use.emit("select", [constantOperand(use, shape, outside, "bool"), moved, literal(fill, operand.dtype)]),
  ];
}

function dynamicSlice(use: Use): readonly Operand[] {
  const { shape } = first(use.types);
  const sizes = integers(use.parameters, "slice_sizes");
  const [array = literal(0)] = use.operands;
  if (sameShape(sizes, shape)) return [use.emit("copy", [array])];
  const known = knownStart(use, 1, shape, sizes);
  if (known === undefined)
    return [lookedUp(use, array, computedPositions(use, ...windowOf(use, 1, shape, sizes)), NaN)];
  const limit = known.map((from, axis) => from + (sizes[axis] ?? 0));
  return [use.emit("slice", [array], { start: known, limit, strides: shape.map(() => 1) })];
}

function dynamicUpdateSlice(use: Use): readonly Operand[] {
  const [operand, update] = use.types;
  const [array, updates] = use.operands;
  if (operand === undefined || update === undefined || array === undefined || updates === undefined)
    throw new InputError("expected an array and an update");
  if (sameShape(operand.shape, update.shape)) return [use.emit("copy", [updates])];
  const start = knownStart(use, 2, operand.shape, update.shape);
  if (start === undefined) {
    const positions = computedPositions(use, ...windowOf(use, 2, operand.shape, update.shape));
    return [written(use, "scatter", array, updates, positions)];
  }
  const positions = slicePositions(operand.shape, start, update.shape);
  return [use.emit("scatter", [array, updates], { positions })];
}

/** operand, indices, updates. */
function scatter(primitive: "scatter" | "scatter_add"): Rule {
  return (use) => {
    const { array, indices, updates, layout } = scatterParts(use);
    const known = use.constant(indices);
    if (known !== undefined)
      return [use.emit(primitive, [array, updates], { positions: knownPositions(layout, known) })];
    const positions = computedPositions(use, indices, layout, use.typeOf(updates).shape);
    return [written(use, primitive, array, updates, positions)];
  };
}

/** A scatter that combines what is there with the updates; `unit` is what changes nothing. */
function combiningScatter(primitive: "sub" | "mul" | "max" | "min", unit: number): Rule {
  return (use) => {
    const { array, indices, updates, layout } = scatterParts(use);
    const known = use.constant(indices);
    if (known === undefined) throw new Unsupported("at indices that depend on the inputs");
    const { shape, dtype } = first(use.types);
    const units = use.emit("broadcast", [literal(unit, dtype)], { shape, dimensions: [] });
    // Each round writes to every place once at most.
    return [
      rounds(knownPositions(layout, known)).reduce((result, positions) => {
        return use.emit(primitive, [result, use.emit("scatter", [units, updates], { positions })]);
      }, array),
    ];
  };
}

/** A list of positions as several lists, each with no position twice; -1 where a list leaves an element to another. */
function rounds(positions: readonly number[]): number[][] {
  const seen = new Map<number, number>();
  const lists: number[][] = [positions.map(() => -1)];
  positions.forEach((position, element) => {
    if (position < 0) return;
    const round = seen.get(position) ?? 0;
    seen.set(position, round + 1);
    lists[round] ??= positions.map(() => -1);
    (lists[round] ?? [])[element] = position;
  });
  return lists;
}

function scatterParts(use: Use): {
  array: Operand;
  indices: Operand;
  updates: Operand;
  layout: WindowLayout;
} {
  const [operand, index, update] = use.types;
  const [array, indices, updates] = use.operands;
  if (operand === undefined || index === undefined || update === undefined)
    throw new InputError("expected an array, indices and updates");
  if (array === undefined || indices === undefined || updates === undefined)
    throw new InputError("expected an array, indices and updates");
  return {
    array,
    indices,
    updates,
    layout: scatterLayout(use, operand.shape, index.shape, update.shape),
  };
}

/** The start of a slice, moved inside the array as JAX does, if it is known; the indices are the operands from `begin` on. */
function knownStart(
  use: Use,
  begin: number,
  shape: readonly number[],
  sizes: readonly number[],
): number[] | undefined {
  const starts = shape.map((size, axis) => {
    const given = use.operands[begin + axis];
    const index = given && use.constant(given)?.data[0];
    return index === undefined ? undefined : Math.max(0, Math.min(index, size - (sizes[axis] ?? 0)));
  });
  const known = starts.filter((start) => start !== undefined);
  return known.length === starts.length ? known : undefined;
}

/** The window of a dynamic slice: its indices as one vector, where its elements are, and their shape. */
function windowOf(
  use: Use,
  begin: number,
  shape: readonly number[],
  sizes: readonly number[],
): [indices: Operand, layout: WindowLayout, shape: readonly number[]] {
  const indices = use.operands
    .slice(begin)
    .map((index) => use.emit("reshape", [use.emit("convert", [index], { dtype: "int32" })], { shape: [1] }));
  const [only] = indices;
  const vector =
    indices.length === 1 && only !== undefined ? only : use.emit("concatenate", indices, { dimension: 0 });
  const strides = rowMajorStrides(shape);
  const offsets = slicePositions(
    shape,
    shape.map(() => 0),
    sizes,
  );
  const components = shape.map((size, axis) => ({
    stride: strides[axis] ?? 0,
    last: size - (sizes[axis] ?? 0),
  }));
  return [vector, { offsets, vectors: offsets.map(() => 0), components, bounds: "clip" }, sizes];
}

/** Positions that are computed: -1 for elements of windows that are not in the array. */
function computedPositions(
  use: Use,
  indices: Operand,
  { offsets, vectors, components, bounds }: WindowLayout,
  shape: readonly number[],
): Operand {
  if (dependsOnIntegers(use, indices)) throw new Unsupported("at indices that depend on the inputs");
  const { dtype } = use.typeOf(indices);
  let position = constantOperand(use, shape, Float64Array.from(offsets), dtype);
  let inside: Operand | undefined;
  components.forEach(({ stride, last }, component) => {
    const places = vectors.map((vector) => vector + component);
    const index = use.emit("gather", [indices], { shape, positions: places });
    const clipped = use.emit("clamp", [literal(0, dtype), index, literal(last, dtype)]);
    position = use.emit("add", [position, use.emit("mul", [clipped, literal(stride, dtype)])]);
    const isInside = use.emit("eq", [index, clipped]);
    inside = inside === undefined ? isInside : use.emit("and", [inside, isInside]);
  });
  if (bounds === "clip" || inside === undefined) return position;
  return use.emit("select", [inside, literal(-1, dtype), position]);
}

/** Whether an operand is computed from integers or bools among the inputs. */
function dependsOnIntegers(use: Use, operand: Operand): boolean {
  const seen = new Set<number>();
  const stack = [operand];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.kind === "literal" || seen.has(next.variable)) continue;
    seen.add(next.variable);
    const equation = use.definitionOf(next);
    if (equation === undefined) {
      if (!isFloating(use.typeOf(next).dtype)) return true;
    } else stack.push(...equation.operands);
  }
  return false;
}

/** Whether element r of the positions is position n of an array: [positions..., n]. */
function hits(use: Use, positions: Operand, size: number): Operand {
  const { shape, dtype } = use.typeOf(positions);
  const whole = [...shape, size];
  if (sizeOf(whole) > MAXIMAL_COMPARISONS)
    throw new Unsupported(
      `at ${sizeOf(shape)} indices into ${size} elements that depend on the inputs (at most ${MAXIMAL_COMPARISONS} pairs)`,
    );
  const spread = use.emit("broadcast", [positions], { shape: whole, dimensions: shape.map((_, dim) => dim) });
  const place = use.emit("iota", [], { shape: whole, dimension: shape.length, dtype });
  return use.emit("eq", [spread, place]);
}

/** The elements of an array at computed positions. */
function lookedUp(use: Use, array: Operand, positions: Operand, fill: number): Operand {
  const { shape, dtype } = use.typeOf(array);
  const size = sizeOf(shape);
  const found = hits(use, positions, size);
  const whole = use.typeOf(found).shape;
  const axis = whole.length - 1;
  const flat = use.emit("reshape", [array], { shape: [size] });
  const spread = use.emit("broadcast", [flat], { shape: whole, dimensions: [axis] });
  const zero = literal(0, dtype);
  const value = use.emit("reduce_sum", [use.emit("select", [found, zero, spread])], { axes: [axis] });
  if (fill === 0 || use.definitionOf(positions)?.primitive !== "select") return value;
  const outside = use.emit("lt", [positions, literal(0, use.typeOf(positions).dtype)]);
  return use.emit("select", [outside, value, literal(fill, dtype)]);
}

/** An array with elements replaced, or added, at computed positions; of several at the same place the one that is added last is not told apart. */
function written(
  use: Use,
  primitive: "scatter" | "scatter_add",
  array: Operand,
  updates: Operand,
  positions: Operand,
): Operand {
  const { shape, dtype } = use.typeOf(array);
  const count = sizeOf(use.typeOf(updates).shape);
  const list = (operand: Operand) => use.emit("reshape", [operand], { shape: [count] });
  const found = hits(use, list(positions), sizeOf(shape));
  const whole = use.typeOf(found).shape;
  const spread = use.emit("broadcast", [list(updates)], { shape: whole, dimensions: [0] });
  const chosen = use.emit("select", [found, literal(0, dtype), spread]);
  const sum = use.emit("reshape", [use.emit("reduce_sum", [chosen], { axes: [0] })], { shape });
  if (primitive === "scatter_add") return use.emit("add", [array, sum]);
  const isHit = use.emit("reshape", [use.emit("reduce_max", [found], { axes: [0] })], { shape });
  return use.emit("select", [isHit, array, sum]);
}

/** Convolutions and reductions over windows: the elements under all windows are gathered into one array, then contracted or reduced. */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { Operand } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
import { rowMajorStrides } from "../../structure/dense.ts";
import { dtypeOf, extent, first, integer, integerList, integers, sequence } from "./parameters.ts";
import { type Rule, Unsupported, type Use } from "./rule.ts";

type Shape = readonly number[];

/** Multiplications that one convolution may take, at most: beyond, it is no program to be written out. */
const MAXIMAL_ELEMENTS = 2 ** 22;

/** The rows, by the name that JAX prints. */
export const windowRules: readonly (readonly [string, Rule])[] = [
  ["conv_general_dilated", convolution],
  ["reduce_window_sum", windowReduction("reduce_sum", 0)],
  ["reduce_window_max", windowReduction("reduce_max", -Infinity)],
  ["reduce_window_min", windowReduction("reduce_min", Infinity)],
  ["select_and_scatter_add", selectAndScatter],
  ["select_and_gather_add", selectAndGather],
];

/** How a window of `size` moves along a dim of `extent`; the array's elements are `dilation` apart, the window's `spread`. */
interface Sweep {
  readonly extent: number;
  readonly size: number;
  readonly stride: number;
  readonly low: number;
  readonly high: number;
  readonly dilation: number;
  readonly spread: number;
}

/** Number of places of a window. */
function places({ extent, size, stride, low, high, dilation, spread }: Sweep): number {
  const padded = low + high + (extent === 0 ? 0 : (extent - 1) * dilation + 1);
  const needed = (size - 1) * spread + 1;
  return padded < needed ? 0 : Math.floor((padded - needed) / stride) + 1;
}

/** The index under an element of the window at a place; -1 in the padding and between elements. */
function indexUnder({ extent, stride, low, dilation, spread }: Sweep, place: number, inside: number): number {
  const index = (place * stride + inside * spread - low) / dilation;
  return Number.isInteger(index) && index >= 0 && index < extent ? index : -1;
}

/** Row-major values of a function of an index. */
function tabulated(shape: Shape, value: (index: Shape) => number): number[] {
  const size = sizeOf(shape);
  if (size > MAXIMAL_ELEMENTS)
    throw new Unsupported(`on windows of ${size} elements in all (at most ${MAXIMAL_ELEMENTS})`);
  const index = shape.map(() => 0);
  return Array.from({ length: size }, () => {
    const result = value(index);
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      const next = (index[dim] ?? 0) + 1;
      index[dim] = next === shape[dim] ? 0 : next;
      if (index[dim] !== 0) break;
    }
    return result;
  });
}

/** The position of an index in an array whose dims have the given strides; -1 if the index along one is. */
function positionOf(index: Shape, strides: Shape): number {
  return index.includes(-1) ? -1 : index.reduce((sum, at, dim) => sum + at * (strides[dim] ?? 0), 0);
}

/** lax.conv_general_dilated, groups of features and of batches too. */
function convolution(use: Use): readonly Operand[] {
  const [left, right] = use.types;
  const [array, kernel] = use.operands;
  if (left === undefined || right === undefined || array === undefined || kernel === undefined)
    throw new InputError("expected an array and a kernel");
  const numbers = use.parameters.get("dimension_numbers");
  if (numbers?.kind !== "call") throw new InputError("the parameter dimension_numbers is missing");
  const spec = (name: string) => integerList(numbers.named.get(name), name);
  const [leftDims, rightDims, outDims] = [spec("lhs_spec"), spec("rhs_spec"), spec("out_spec")];
  const sized = (shape: Shape, dims: Shape) => dims.map((dim) => extent(shape, dim));
  const [batch = 1, features = 1, ...space] = sized(left.shape, leftDims);
  const [outFeatures = 1, , ...window] = sized(right.shape, rightDims);
  const featureGroups = integer(use.parameters, "feature_group_count");
  const batchGroups = integer(use.parameters, "batch_group_count");
  const groups = featureGroups * batchGroups;
  if (Math.min(featureGroups, batchGroups) > 1)
    throw new Unsupported("with groups of features and of batches at once");
  const list = (name: string) => integers(use.parameters, name);
  const [strides, dilations, spreads] = [list("window_strides"), list("lhs_dilation"), list("rhs_dilation")];
  const padding = sequence(use.parameters, "padding").map((pair) => integerList(pair, "padding"));
  const sweeps = space.map((extent, axis): Sweep => {
    const [low = 0, high = 0] = padding[axis] ?? [];
    const [stride = 1, dilation = 1, spread = 1] = [strides[axis], dilations[axis], spreads[axis]];
    return { extent, size: window[axis] ?? 1, stride, low, high, dilation, spread };
  });
  const outer = sweeps.map(places);
  const [ownBatch, ownFeatures] = [batch / batchGroups, features / featureGroups];

  // [group, batch, place..., feature, inside...]
  const shape = [groups, ownBatch, ...outer, ownFeatures, ...window];
  const rows = sized(rowMajorStrides(left.shape), leftDims);
  const under = tabulated(shape, ([group = 0, own = 0, ...rest]) => {
    const feature = rest[space.length] ?? 0;
    const inside = rest.slice(space.length + 1);
    const index = [
      batchGroups > 1 ? group * ownBatch + own : own,
      featureGroups > 1 ? group * ownFeatures + feature : feature,
      ...sweeps.map((sweep, axis) => indexUnder(sweep, rest[axis] ?? 0, inside[axis] ?? 0)),
    ];
    return positionOf(index, rows);
  });
  const patches = use.emit("gather", [array], { shape, positions: under });
  const turned = use.emit("transpose", [kernel], { permutation: rightDims });
  const filters = use.emit("reshape", [turned], {
    shape: [groups, outFeatures / groups, ownFeatures, ...window],
  });
  const summed = [ownFeatures, ...window].map((_, dim) => dim);
  const product = use.emit("dot_general", [patches, filters], {
    contracting: [summed.map((dim) => dim + 2 + outer.length), summed.map((dim) => dim + 2)],
    batch: [[0], [0]],
  });
  // [group, batch, place..., feature] to [batch, group, feature, place...], then to the dims that are asked for.
  const ordered = use.emit("transpose", [product], {
    permutation: [1, 0, 2 + outer.length, ...outer.map((_, axis) => axis + 2)],
  });
  const result = use.emit("reshape", [ordered], { shape: [ownBatch, outFeatures, ...outer] });
  const placed = use.emit("transpose", [result], {
    permutation: outDims.map((_, dim) => outDims.indexOf(dim)),
  });
  const dtype = dtypeOf(use.parameters.get("preferred_element_type")) ?? left.dtype;
  return [dtype === left.dtype ? placed : use.emit("convert", [placed], { dtype })];
}

/** The windows of a reduction over an array of the given shape. */
function sweepsOf(use: Use, shape: Shape): readonly Sweep[] {
  const ones = shape.map(() => 1);
  const list = (name: string) => integers(use.parameters, name, ones);
  const [sizes, strides] = [integers(use.parameters, "window_dimensions"), list("window_strides")];
  const [dilations, spreads] = [list("base_dilation"), list("window_dilation")];
  const padding = sequence(use.parameters, "padding").map((pair) => integerList(pair, "padding"));
  return shape.map((extent, axis) => {
    const [low = 0, high = 0] = padding[axis] ?? [];
    const [stride = 1, dilation = 1, spread = 1] = [strides[axis], dilations[axis], spreads[axis]];
    return { extent, size: sizes[axis] ?? 1, stride, low, high, dilation, spread };
  });
}

/** For every place of the window a row with the positions of the elements under it; -1 where there is none. */
function windowTable(sweeps: readonly Sweep[]): { readonly shape: Shape; readonly positions: number[] } {
  const shape = [...sweeps.map(places), ...sweeps.map(({ size }) => size)];
  const rows = rowMajorStrides(sweeps.map(({ extent }) => extent));
  const positions = tabulated(shape, (index) =>
    positionOf(
      sweeps.map((sweep, axis) => indexUnder(sweep, index[axis] ?? 0, index[sweeps.length + axis] ?? 0)),
      rows,
    ),
  );
  const outer = shape.slice(0, sweeps.length);
  return { shape: [...outer, sizeOf(shape.slice(sweeps.length))], positions };
}

/** The elements under the windows, [place..., element]; where there are none, the unit, which may be infinite. */
function patchesOf(use: Use, array: Operand, sweeps: readonly Sweep[], unit: number): Operand {
  const { shape, positions } = windowTable(sweeps);
  const patches = use.emit("gather", [array], { shape, positions });
  if (unit === 0 || !positions.includes(-1)) return patches;
  const values = positions.map((position) => (position < 0 ? 1 : 0));
  const outside = use.emit("constant", [], { shape, values, dtype: "bool" });
  return use.emit("select", [outside, patches, literal(unit, use.typeOf(array).dtype)]);
}

function windowReduction(primitive: "reduce_sum" | "reduce_max" | "reduce_min", unit: number): Rule {
  return (use) => {
    const [array = literal(0)] = use.operands;
    const sweeps = sweepsOf(use, first(use.types).shape);
    return [use.emit(primitive, [patchesOf(use, array, sweeps, unit)], { axes: [sweeps.length] })];
  };
}

/** 1 at the first greatest (or least) element under each window, else 0: [place..., element]. */
function firstExtremum(use: Use, array: Operand, sweeps: readonly Sweep[]): Operand {
  const select = use.parameters.get("select_prim");
  const greatest = select?.kind === "name" ? select.text.startsWith("g") : true;
  const patches = patchesOf(use, array, sweeps, greatest ? -Infinity : Infinity);
  const { shape, dtype } = use.typeOf(patches);
  const axis = sweeps.length;
  const found = use.emit(greatest ? "argmax" : "argmin", [patches], { axis, dtype: "int32" });
  const spread = use.emit("broadcast", [found], {
    shape,
    dimensions: shape.slice(0, -1).map((_, dim) => dim),
  });
  const number = use.emit("iota", [], { shape, dimension: axis, dtype: "int32" });
  return use.emit("convert", [use.emit("eq", [spread, number])], { dtype });
}

/** The transpose of a max-pooling: each number of the source is added where its window has its maximum. */
function selectAndScatter(use: Use): readonly Operand[] {
  const [source, array] = use.operands;
  const [, type] = use.types;
  if (source === undefined || array === undefined || type === undefined)
    throw new InputError("expected a source and an array");
  const sweeps = sweepsOf(use, type.shape);
  const hits = firstExtremum(use, array, sweeps);
  const { shape } = use.typeOf(hits);
  const spread = use.emit("broadcast", [source], {
    shape,
    dimensions: shape.slice(0, -1).map((_, dim) => dim),
  });
  const zeros = use.emit("broadcast", [literal(0, type.dtype)], { shape: type.shape, dimensions: [] });
  const { positions } = windowTable(sweeps);
  return [use.emit("scatter_add", [zeros, use.emit("mul", [hits, spread])], { positions })];
}

/** The tangents of a max-pooling: from each window the tangent where the array has its maximum. */
function selectAndGather(use: Use): readonly Operand[] {
  const [tangents, array] = use.operands;
  const [, type] = use.types;
  if (tangents === undefined || array === undefined || type === undefined)
    throw new InputError("expected tangents and an array");
  const sweeps = sweepsOf(use, type.shape);
  const product = use.emit("mul", [firstExtremum(use, array, sweeps), patchesOf(use, tangents, sweeps, 0)]);
  return [use.emit("reduce_sum", [product], { axes: [sweeps.length] })];
}

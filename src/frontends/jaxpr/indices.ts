/** What JAX's gather and scatter mean where the indices are known: for each element moved, its row-major position in the array. */

import { InputError } from "../../errors.ts";
import type { Tensor } from "../../program/type.ts";
import { positions, rowMajorStrides } from "../../structure/dense.ts";
import { integerList, integers } from "./parameters.ts";
import type { Use } from "./rule.ts";

/** The positions of the elements of a slice of an array, row-major. */
export function slicePositions(
  shape: readonly number[],
  start: readonly number[],
  sizes: readonly number[],
): number[] {
  const rows = rowMajorStrides(shape);
  return [
    ...positions(
      sizes,
      rows,
      start.reduce((sum, index, axis) => sum + index * (rows[axis] ?? 0), 0),
    ),
  ];
}

/** How windows of an array are laid out in a result (gather) or in updates (scatter): XLA's dimension numbers under one name each. */
interface Windows {
  /** Dims of the result that run over a window. */
  readonly windowDims: readonly number[];
  /** Dims of the array of which a window has one index. */
  readonly collapsed: readonly number[];
  /** For each number in an index vector the dim of the array that it indexes. */
  readonly indexed: readonly number[];
  /** Dims of the array and of the indices that run together. */
  readonly batch: readonly number[];
  readonly indexBatch: readonly number[];
}

function windowsOf(use: Use, names: Readonly<Record<keyof Windows, string>>): Windows {
  const numbers = use.parameters.get("dimension_numbers");
  if (numbers?.kind !== "call") throw new InputError("the parameter dimension_numbers is missing");
  const list = (name: string) => {
    const value = numbers.named.get(name);
    return value === undefined ? [] : integerList(value, name);
  };
  return {
    windowDims: list(names.windowDims),
    collapsed: list(names.collapsed),
    indexed: list(names.indexed),
    batch: list(names.batch),
    indexBatch: list(names.indexBatch),
  };
}

/** What happens to a window that does not lie within the array. */
type OutOfBounds = "clip" | "drop";

/** Where JAX was promised that all windows lie within the array, either will do. */
function outOfBounds(use: Use): OutOfBounds {
  const mode = use.parameters.get("mode");
  if (mode?.kind === "number") return mode.value === 1 ? "drop" : "clip";
  return mode?.kind === "name" && /clip|promise/i.test(mode.text) ? "clip" : "drop";
}

/** Where the elements of windows are, but for the windows' indices. */
export interface WindowLayout {
  /** For each element of the result or the updates its position in the array, were the indices all 0. */
  readonly offsets: readonly number[];
  /** For each of them where its index vector begins in `indices`. */
  readonly vectors: readonly number[];
  /** One for each number of an index vector: positions from one index to the next, and the greatest index with the window inside the array. */
  readonly components: readonly { readonly stride: number; readonly last: number }[];
  readonly bounds: OutOfBounds;
}

/**
 * Lays windows out in an array.
 *
 * @param indices shape of the indices
 * @param sizes extents of a window along every dim of the array
 */
function windowLayout(
  shape: readonly number[],
  indices: readonly number[],
  sizes: readonly number[],
  { windowDims, collapsed, indexed, batch, indexBatch }: Windows,
  resultShape: readonly number[],
  bounds: OutOfBounds,
): WindowLayout {
  const rows = rowMajorStrides(shape);
  const free = shape.flatMap((_, axis) => (collapsed.includes(axis) || batch.includes(axis) ? [] : [axis]));
  const indexRows = rowMajorStrides(indices);
  const batchDims = resultShape.flatMap((_, dim) => (windowDims.includes(dim) ? [] : [dim]));
  const along = (dims: readonly number[], strides: readonly number[]) =>
    positions(
      resultShape,
      resultShape.map((_, dim) => strides[dims.indexOf(dim)] ?? 0),
    );
  const inWindow = along(
    windowDims,
    free.map((axis) => rows[axis] ?? 0),
  );
  const vectors = [...along(batchDims, indexRows.slice(0, -1))];
  const offsets = Array.from(inWindow, (offset, element) =>
    batch.reduce((sum, axis, pair) => {
      const dim = indexBatch[pair] ?? 0;
      const index = Math.floor((vectors[element] ?? 0) / (indexRows[dim] ?? 1)) % (indices[dim] ?? 1);
      return sum + index * (rows[axis] ?? 0);
    }, offset),
  );
  const components = indexed.map((axis) => ({
    stride: rows[axis] ?? 0,
    last: (shape[axis] ?? 1) - (sizes[axis] ?? 1),
  }));
  return { offsets, vectors, components, bounds };
}

/** The position in the array of each element for indices that are known; -1 for those of windows that are dropped. */
export function knownPositions(
  { offsets, vectors, components, bounds }: WindowLayout,
  indices: Tensor,
): number[] {
  return offsets.map((offset, element) => {
    let position = offset;
    for (const [component, { stride, last }] of components.entries()) {
      const index = indices.data[(vectors[element] ?? 0) + component] ?? 0;
      if (bounds === "drop" && (index < 0 || index > last)) return -1;
      position += Math.max(0, Math.min(index, last)) * stride;
    }
    return position;
  });
}

/** The shape of a gather's result and where its elements are. */
export function gatherLayout(
  use: Use,
  shape: readonly number[],
  indices: readonly number[],
): { readonly shape: readonly number[]; readonly layout: WindowLayout } {
  const windows = windowsOf(use, {
    windowDims: "offset_dims",
    collapsed: "collapsed_slice_dims",
    indexed: "start_index_map",
    batch: "operand_batching_dims",
    indexBatch: "start_indices_batching_dims",
  });
  const sizes = integers(use.parameters, "slice_sizes");
  const inner = sizes.filter((_, axis) => !windows.collapsed.includes(axis) && !windows.batch.includes(axis));
  const outer = indices.slice(0, -1);
  let [nextInner, nextOuter] = [0, 0];
  const result = Array.from({ length: inner.length + outer.length }, (_, dim) =>
    windows.windowDims.includes(dim) ? (inner[nextInner++] ?? 1) : (outer[nextOuter++] ?? 1),
  );
  return {
    shape: result,
    layout: windowLayout(shape, indices, sizes, windows, result, outOfBounds(use)),
  };
}

/** The number that stands for elements of windows that are not in the array. */
export function fillValue(use: Use): number {
  const fill = use.parameters.get("fill_value");
  return fill?.kind === "number" ? fill.value : NaN;
}

/** Where the elements of a scatter's updates go. */
export function scatterLayout(
  use: Use,
  shape: readonly number[],
  indices: readonly number[],
  updates: readonly number[],
): WindowLayout {
  const windows = windowsOf(use, {
    windowDims: "update_window_dims",
    collapsed: "inserted_window_dims",
    indexed: "scatter_dims_to_operand_dims",
    batch: "operand_batching_dims",
    indexBatch: "scatter_indices_batching_dims",
  });
  const window = windows.windowDims.map((dim) => updates[dim] ?? 1);
  let next = 0;
  const sizes = shape.map((_, axis) =>
    windows.collapsed.includes(axis) || windows.batch.includes(axis) ? 1 : (window[next++] ?? 1),
  );
  return windowLayout(shape, indices, sizes, windows, updates, outOfBounds(use));
}

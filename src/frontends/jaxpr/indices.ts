/** What JAX's gather and scatter mean where the indices are known: for each element moved, its row-major position in the array. */

import { InputError } from "../../errors.ts";
import { sizeOf, type Tensor } from "../../program/type.ts";
import { positions, rowMajorStrides } from "../../structure/dense.ts";
import { integerList, integers } from "./parameters.ts";
import { Unsupported, type Use } from "./rule.ts";

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

function outOfBounds(use: Use): OutOfBounds {
  const mode = use.parameters.get("mode");
  if (mode?.kind === "number") return mode.value === 0 ? "clip" : "drop";
  return mode?.kind === "name" && /clip/i.test(mode.text) ? "clip" : "drop";
}

/**
 * The position in the array for every element of the result or the updates; -1 for those of windows that are dropped.
 *
 * @param sizes extents of a window along every dim of the array
 */
function windowPositions(
  shape: readonly number[],
  indices: Tensor,
  sizes: readonly number[],
  { windowDims, collapsed, indexed, batch, indexBatch }: Windows,
  resultShape: readonly number[],
  bounds: OutOfBounds,
): number[] {
  const rows = rowMajorStrides(shape);
  const free = shape.flatMap((_, axis) => (collapsed.includes(axis) || batch.includes(axis) ? [] : [axis]));
  const indexRows = rowMajorStrides(indices.shape);
  const batchDims = resultShape.flatMap((_, dim) => (windowDims.includes(dim) ? [] : [dim]));
  const along = (dims: readonly number[], strides: readonly number[]) =>
    positions(
      resultShape,
      resultShape.map((_, dim) => strides[dims.indexOf(dim)] ?? 0),
    );
  // Within the window, and where in `indices` its index vector begins.
  const inWindow = along(
    windowDims,
    free.map((axis) => rows[axis] ?? 0),
  );
  const vectors = along(batchDims, indexRows.slice(0, -1));
  return Array.from(inWindow, (offset, element) => {
    const vector = vectors[element] ?? 0;
    let start = 0;
    for (const [component, axis] of indexed.entries()) {
      const last = (shape[axis] ?? 1) - (sizes[axis] ?? 1);
      const index = indices.data[vector + component] ?? 0;
      if (bounds === "drop" && (index < 0 || index > last)) return -1;
      start += Math.max(0, Math.min(index, last)) * (rows[axis] ?? 0);
    }
    for (const [pair, axis] of batch.entries()) {
      const dim = indexBatch[pair] ?? 0;
      start += (Math.floor(vector / (indexRows[dim] ?? 1)) % (indices.shape[dim] ?? 1)) * (rows[axis] ?? 0);
    }
    return start + offset;
  });
}

/** The shape of a gather's result and the position of each of its elements. Throws `Unsupported` if a window that is not there has no value 0. */
export function gatherPositions(
  use: Use,
  shape: readonly number[],
  indices: Tensor,
): { readonly shape: readonly number[]; readonly positions: readonly number[] } {
  const windows = windowsOf(use, {
    windowDims: "offset_dims",
    collapsed: "collapsed_slice_dims",
    indexed: "start_index_map",
    batch: "operand_batching_dims",
    indexBatch: "start_indices_batching_dims",
  });
  const sizes = integers(use.parameters, "slice_sizes");
  const inner = sizes.filter((_, axis) => !windows.collapsed.includes(axis) && !windows.batch.includes(axis));
  const outer = indices.shape.slice(0, -1);
  let [nextInner, nextOuter] = [0, 0];
  const result = Array.from({ length: inner.length + outer.length }, (_, dim) =>
    windows.windowDims.includes(dim) ? (inner[nextInner++] ?? 1) : (outer[nextOuter++] ?? 1),
  );
  const list = windowPositions(shape, indices, sizes, windows, result, outOfBounds(use));
  const fill = use.parameters.get("fill_value");
  if (list.includes(-1) && !(fill?.kind === "number" && fill.value === 0))
    throw new Unsupported("beyond the array");
  return { shape: result, positions: list };
}

/** The position in the array of each element of a scatter's updates. */
export function scatterPositions(
  use: Use,
  shape: readonly number[],
  indices: Tensor,
  updates: readonly number[],
): number[] {
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
  if (sizeOf(updates) === 0) return [];
  return windowPositions(shape, indices, sizes, windows, updates, outOfBounds(use));
}

/** Structures as dense arrays: where in row-major data each assignment of the labels is. */

import type { Dim, Structure } from "./structure.ts";

/** The distance in row-major data between neighbours along each dim. */
export function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let dim = shape.length - 2; dim >= 0; dim--)
    strides[dim] = (strides[dim + 1] ?? 1) * (shape[dim + 1] ?? 1);
  return strides;
}

/** base + sum of strides[k] * index[k] for every index within the extents, the last one fastest. */
export function positions(extents: readonly number[], strides: readonly number[], base = 0): Int32Array {
  const size = extents.reduce((product, extent) => product * extent, 1);
  const all = new Int32Array(size);
  if (size === 0) return all;
  all[0] = base;
  let filled = 1;
  for (let dim = extents.length - 1; dim >= 0; dim--) {
    const extent = extents[dim] ?? 1;
    const stride = strides[dim] ?? 0;
    for (let index = 1; index < extent; index++)
      for (let inner = 0; inner < filled; inner++)
        all[index * filled + inner] = (all[inner] ?? 0) + index * stride;
    filled *= extent;
  }
  return all;
}

/** The position in row-major data of shape [sizes of the dims] for every assignment of the labels, the last label fastest. */
export function positionsOfDims(dims: readonly Dim[], extents: readonly number[]): Int32Array {
  const { base, strides } = affinePositions(dims, extents);
  return positions(extents, strides, base);
}

/** Those positions as base + sum over the labels of strides[label] * index. */
export function affinePositions(
  dims: readonly Dim[],
  extents: readonly number[],
): { readonly base: number; readonly strides: readonly number[] } {
  const rows = rowMajorStrides(dims.map(({ size }) => size));
  const strides = new Array<number>(extents.length).fill(0);
  let base = 0;
  dims.forEach(({ offset, label, stride = 1 }, position) => {
    const row = rows[position] ?? 0;
    base += row * offset;
    if (label !== null) strides[label] = (strides[label] ?? 0) + row * stride;
  });
  return { base, strides };
}

/** The position in values of shape [extents of `labels`] for every assignment of all labels; `labels` are distinct. */
export function positionsOfValues(labels: readonly number[], extents: readonly number[]): Int32Array {
  const rows = rowMajorStrides(labels.map((label) => extents[label] ?? 1));
  return positions(
    extents,
    extents.map((_, label) => rows[labels.indexOf(label)] ?? 0),
  );
}

/**
 * The dense block [out dims, in dims] of a term.
 *
 * @param labels the labels on which the values depend, in the order of the axes of `values`
 */
export function densify(
  structure: Structure,
  labels: readonly number[],
  values: ArrayLike<number>,
): Float64Array {
  const dims = [...structure.out, ...structure.in];
  const data = new Float64Array(dims.reduce((product, { size }) => product * size, 1));
  const sources = positionsOfValues(labels, structure.extents);
  positionsOfDims(dims, structure.extents).forEach((target, entry) => {
    data[target] = values[sources[entry] ?? 0] ?? NaN;
  });
  return data;
}

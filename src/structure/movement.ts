/**
 * The structure of a movement of elements: every result element is a copy of one operand element, or 0.
 *
 * Slices, transposes, reshapes, pads, concatenations and gathers with known indices are all given by one table: for each result element the
 * position of the operand element that it copies. The table is cut into boxes on which the operand's index is an affine function of
 * the result's, one dim of the operand following at most one dim of the box. A transpose or a strided slice is one box; a reshape
 * that merges [a, b] is min(a, b) boxes; an irregular gather has a box per run. This is exact for every table.
 */

import { positions, rowMajorStrides } from "./dense.ts";
import { dim, normalised, type Structure, transposed } from "./structure.ts";

/**
 * The terms of d result / d operand, disjoint, with constant value 1.
 *
 * @param source for each result element, row-major, the position of the operand's element that it is, or -1 if it is 0
 */
export function movementStructures(
  resultShape: readonly number[],
  operandShape: readonly number[],
  source: Int32Array,
): Structure[] {
  const boxes = boxesOf(resultShape, operandShape, source);
  if (boxes.length < 2) return boxes;
  // What is cut badly from one side may be cut well from the other, if the table can be turned around.
  const inverse = inverted(
    source,
    operandShape.reduce((size, extent) => size * extent, 1),
  );
  const fromOperand = inverse === null ? boxes : boxesOf(operandShape, resultShape, inverse);
  return fromOperand.length < boxes.length ? fromOperand.map(transposed) : boxes;
}

/** The table from operand to result elements, or null if an element is copied twice. */
function inverted(source: Int32Array, size: number): Int32Array | null {
  const inverse = new Int32Array(size).fill(-1);
  for (const [target, position] of source.entries()) {
    if (position < 0) continue;
    if (inverse[position] !== -1) return null;
    inverse[position] = target;
  }
  return inverse;
}

/** How far a box extends along one dim, and by how much the index of each operand dim changes per step. */
interface Side {
  readonly dim: number;
  readonly extent: number;
  readonly change: readonly number[];
}

function boxesOf(
  resultShape: readonly number[],
  operandShape: readonly number[],
  source: Int32Array,
): Structure[] {
  const table = {
    shape: resultShape,
    rows: rowMajorStrides(resultShape),
    operandShape,
    source,
    free: source.map((position) => (position < 0 ? 0 : 1)),
  };
  const structures: Structure[] = [];
  source.forEach((_, first) => {
    if (table.free[first] === 1) structures.push(takeBox(table, first));
  });
  return structures;
}

interface Table {
  readonly shape: readonly number[];
  readonly rows: readonly number[];
  readonly operandShape: readonly number[];
  readonly source: Int32Array;
  /** 1 for the result elements that are copies and not yet in a box. */
  readonly free: Int32Array;
}

/**
 * Grows a box from its first element, always along the dim in which it extends farthest, and takes its elements. Of equals it is the last dim: a reshape
 * there and one back must be cut alike, or their product falls into single elements.
 */
function takeBox(table: Table, first: number): Structure {
  const sides: Side[] = [];
  for (;;) {
    const candidates = table.shape.flatMap((_, dim) =>
      sides.some((side) => side.dim === dim) ? [] : sideAlong(table, first, sides, dim),
    );
    const [farthest] = candidates.sort((a, b) => b.extent - a.extent || b.dim - a.dim);
    if (farthest === undefined) break;
    sides.push(farthest);
  }
  for (const element of elements(table, first, sides)) table.free[element] = 0;
  const start = indexAt(table.source[first] ?? 0, table.operandShape);
  const own = indexAt(first, table.shape);
  const labelOf = (follows: (side: Side) => boolean): [label: number, side: Side] | null => {
    const label = sides.findIndex(follows);
    const side = sides[label];
    return side === undefined ? null : [label, side];
  };
  const out = table.shape.map((size, position) =>
    dim(size, own[position] ?? 0, labelOf((side) => side.dim === position)?.[0] ?? null),
  );
  const inner = table.operandShape.map((size, position) => {
    const [label, side] = labelOf(({ change }) => (change[position] ?? 0) !== 0) ?? [null, undefined];
    return dim(size, start[position] ?? 0, label, side?.change[position]);
  });
  return normalised({ out, in: inner, extents: sides.map(({ extent }) => extent) });
}

/** The side by which a box can be extended along a dim, if by at least one step. */
function sideAlong(table: Table, first: number, sides: readonly Side[], dim: number): Side[] {
  const { shape, rows, operandShape, source, free } = table;
  const row = rows[dim] ?? 0;
  const room = (shape[dim] ?? 1) - (indexAt(first, shape)[dim] ?? 0);
  const next = room > 1 ? (source[first + row] ?? -1) : -1;
  if (next < 0) return [];
  const start = indexAt(source[first] ?? 0, operandShape);
  const change = indexAt(next, operandShape).map((index, position) => index - (start[position] ?? 0));
  if (sides.some((side) => side.change.some((step, position) => step !== 0 && change[position] !== 0)))
    return [];
  const base = elements(table, first, sides);
  const step = next - (source[first] ?? 0);
  let extent = 1;
  for (; extent < room; extent++) {
    const inside = change.every((by, position) => {
      const index = (start[position] ?? 0) + by * extent;
      return index >= 0 && index < (operandShape[position] ?? 1);
    });
    const fits = base.every((element) => {
      const moved = element + extent * row;
      return free[moved] === 1 && source[moved] === (source[element] ?? 0) + extent * step;
    });
    if (!inside || !fits) break;
  }
  return extent > 1 ? [{ dim, extent, change }] : [];
}

/** The positions of the elements of a box. */
function elements({ rows }: Table, first: number, sides: readonly Side[]): Int32Array {
  return positions(
    sides.map(({ extent }) => extent),
    sides.map(({ dim }) => rows[dim] ?? 0),
    first,
  );
}

/** The index of a row-major position along each dim. */
function indexAt(position: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length).fill(0);
  let rest = position;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    const extent = shape[dim] ?? 1;
    index[dim] = rest % extent;
    rest = Math.floor(rest / extent);
  }
  return index;
}

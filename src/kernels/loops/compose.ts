/**
 * One access seen through another: where a nest that reads a value finds the elements from which that value would be made.
 *
 * The position that the reader computes is taken apart into the indices of the nest that makes the value, which works whenever each of them
 * is an affine function of the reader's indices that stays within its extent.
 */

import type { Access, Nest, Source } from "../../program/loops.ts";
import { positions, rowMajorStrides } from "../../structure/dense.ts";

/** Where a nest that makes a value would run when another nest reads that value. */
export interface Reading {
  /** Of the value, over the reader's loops. */
  readonly access: Access;
  /** Extents of the reader's loops. */
  readonly extents: readonly number[];
}

/** An index of the making nest: offset + sum of steps[l] * the reader's index l. */
interface Index {
  readonly offset: number;
  readonly steps: readonly number[];
}

/**
 * The sources of a nest that makes a whole value in row-major order, as its reader would access them.
 *
 * @returns null if that takes more than affine functions and tables
 */
export function composed(
  { extents, sources }: Pick<Nest, "extents" | "sources">,
  reading: Reading,
): Source[] | null {
  const { table } = reading.access;
  const indices = table === undefined ? indicesOf(reading, extents) : null;
  const seen: Source[] = [];
  for (const source of sources) {
    if (source.kind === "literal") seen.push(source);
    else if (source.kind === "index") {
      const loop = indices === null ? null : plainLoop(indices[source.loop]);
      if (loop === null) return null;
      seen.push({ kind: "index", loop });
    } else if (table !== undefined)
      seen.push({
        ...source,
        access: { ...reading.access, table: tableThrough(table, extents, source.access) },
      });
    else if (indices !== null)
      seen.push({ ...source, access: accessThrough(indices, source.access, reading.extents.length) });
    else return null;
  }
  return seen;
}

function indicesOf({ access, extents }: Reading, made: readonly number[]): Index[] | null {
  const rows = rowMajorStrides(made);
  if (rows.includes(0) || extents.includes(0)) return null;
  const offsets = digits(access.base, rows);
  const steps = access.strides.map((stride, loop) => digits(extents[loop] === 1 ? 0 : stride, rows));
  const indices = made.map(
    (_, axis): Index => ({ offset: offsets[axis] ?? 0, steps: steps.map((digit) => digit[axis] ?? 0) }),
  );
  const inside = indices.every(({ offset, steps: own }, axis) => {
    const ends = own.map((step, loop) => step * ((extents[loop] ?? 1) - 1));
    const least = ends.reduce((sum, end) => sum + Math.min(0, end), offset);
    const most = ends.reduce((sum, end) => sum + Math.max(0, end), offset);
    return least >= 0 && most < (made[axis] ?? 1);
  });
  return inside ? indices : null;
}

/** A number in the mixed radix of an array's dims; a negative one with negative digits. */
function digits(value: number, rows: readonly number[]): number[] {
  let rest = value;
  return rows.map((row) => {
    const digit = Math.trunc(rest / row);
    rest -= digit * row;
    return digit;
  });
}

/** The loop that an index simply is, or null. */
function plainLoop(index: Index | undefined): number | null {
  const moving = index?.steps.flatMap((step, loop) => (step === 0 ? [] : [loop])) ?? [];
  const [loop] = moving;
  return loop !== undefined && moving.length === 1 && index?.offset === 0 && index.steps[loop] === 1
    ? loop
    : null;
}

function accessThrough(indices: readonly Index[], access: Access, loops: number): Access {
  const total = (part: (index: Index) => number) =>
    indices.reduce((sum, index, axis) => sum + (access.strides[axis] ?? 0) * part(index), 0);
  return {
    ...access,
    base: access.base + total(({ offset }) => offset),
    strides: Array.from({ length: loops }, (_, loop) => total(({ steps }) => steps[loop] ?? 0)),
  };
}

function tableThrough(table: readonly number[], extents: readonly number[], access: Access): number[] {
  const all = positions(extents, access.strides, access.base);
  return table.map((position) => {
    const through = all[position] ?? -1;
    return access.table === undefined ? through : (access.table[through] ?? -1);
  });
}

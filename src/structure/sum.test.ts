/** Joins of overlapping terms, in cases that the random ones of structure.test.ts meet seldom. */

import { describe, expect, test } from "vitest";
import { dim, type Structure } from "./structure.ts";
import { join } from "./sum.ts";

const diagonal: Structure = { out: [dim(5, 0, 0)], in: [dim(5, 0, 0)], extents: [5] };
const point = (row: number, column: number): Structure => ({
  out: [dim(5, row, null)],
  in: [dim(5, column, null)],
  extents: [],
});

describe("joins of a line and a point", () => {
  test("a point on the diagonal leaves it a diagonal, from either side", () => {
    expect(join(diagonal, point(3, 3)).structure).toEqual(diagonal);
    expect(join(point(3, 3), diagonal).structure).toEqual(diagonal);
    expect(join(diagonal, point(3, 3)).right.structure.out).toEqual([dim(5, 3, null)]);
  });

  test("a point beside it does not", () => {
    expect(join(diagonal, point(3, 2)).structure.extents).toEqual([5, 5]);
  });

  test("a line with a step and a point before its start", () => {
    const even: Structure = { out: [dim(5, 2, 0, 2)], in: [dim(5, 1, 0)], extents: [2] };
    const { structure } = join(even, point(0, 0));
    expect(structure).toEqual({ out: [dim(5, 0, 0, 2)], in: [dim(5, 0, 0)], extents: [3] });
  });
});

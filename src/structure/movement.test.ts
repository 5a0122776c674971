import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { densify, positions, rowMajorStrides } from "./dense.ts";
import { movementStructures } from "./movement.ts";
import { disjoint, normalised } from "./structure.ts";

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });
const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);

/** Any table: which operand element each result element is, or -1. */
const tables = fc.tuple(shapes, shapes).chain(([result, operand]) =>
  fc
    .array(fc.integer({ min: -1, max: size(operand) - 1 }), {
      minLength: size(result),
      maxLength: size(result),
    })
    .map((table) => ({ result, operand, table: Int32Array.from(table) })),
);

function expectExact(result: number[], operand: number[], table: Int32Array): void {
  const structures = movementStructures(result, operand, table);
  const wanted = new Float64Array(size(result) * size(operand));
  table.forEach((source, target) => {
    if (source >= 0) wanted[target * size(operand) + source] = 1;
  });
  const sum = new Float64Array(wanted.length);
  for (const [index, structure] of structures.entries()) {
    expect(structure).toEqual(normalised(structure));
    for (const other of structures.slice(index + 1)) expect(disjoint(structure, other)).toBe(true);
    densify(structure, [], [1]).forEach((entry, position) => {
      sum[position]! += entry;
    });
  }
  expect(sum).toEqual(wanted);
}

describe("movements", () => {
  test("any table is a sum of disjoint terms", () => {
    fc.assert(
      fc.property(tables, ({ result, operand, table }) => expectExact(result, operand, table)),
      { numRuns: 300 },
    );
  });

  test("reshapes of any kind", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([2, 3, 2, 4]), fc.nat(3), fc.nat(3), (factors, cut, cut2) => {
        const merged = (at: number) => [size(factors.slice(0, at)), ...factors.slice(at)];
        const [from, to] = [merged(cut), merged(cut2)];
        expectExact(
          to,
          from,
          Int32Array.from({ length: size(factors) }, (_, index) => index),
        );
      }),
    );
  });

  test.each([
    { what: "transpose", result: [3, 4, 2], operand: [2, 3, 4], strides: [4, 1, 12], base: 0, terms: 1 },
    { what: "strided slice", result: [3], operand: [7], strides: [2], base: 1, terms: 1 },
    { what: "reversal", result: [3, 5], operand: [3, 5], strides: [5, -1], base: 4, terms: 1 },
    { what: "diagonal", result: [4], operand: [4, 4], strides: [5], base: 0, terms: 1 },
    { what: "broadcast", result: [3, 4], operand: [4], strides: [0, 1], base: 0, terms: 1 },
    { what: "merge", result: [24], operand: [2, 12], strides: [1], base: 0, terms: 2 },
    { what: "split", result: [12, 2], operand: [24], strides: [2, 1], base: 0, terms: 2 },
  ])("$what in $terms terms", ({ result, operand, strides, base, terms }) => {
    const table = positions(result, strides, base);
    expect(movementStructures(result, operand, table)).toHaveLength(terms);
    expectExact(result, operand, table);
  });

  test("padding with gaps is one term", () => {
    const table = Int32Array.from([-1, 0, -1, -1, 1, -1, -1, 2]);
    expect(movementStructures([8], [3], table)).toHaveLength(1);
    expectExact([8], [3], table);
  });

  test("row-major strides", () => {
    expect(rowMajorStrides([2, 3, 4])).toEqual([12, 4, 1]);
  });
});

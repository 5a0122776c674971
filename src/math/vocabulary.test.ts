/** The array vocabulary on numbers, against loops written out. */

import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { Matrix, Vector } from "../math.ts";
import { plainArrays, throwRangeError } from "./plain.ts";
import { BINARY, UNARY, vocabulary } from "./vocabulary.ts";

const math = vocabulary(plainArrays(throwRangeError));

const number = fc.double({ min: -3, max: 3, noNaN: true });
const extent = fc.integer({ min: 1, max: 4 });

/** Matrices of given extents. */
const matrix = (rows: number, columns: number) =>
  fc.array(fc.array(number, { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  });

/** a [m, n], b [n, k]. */
const factors = fc.tuple(extent, extent, extent).chain(([m, n, k]) => fc.tuple(matrix(m, n), matrix(n, k)));

const total = (terms: readonly number[]) => terms.reduce((sum, term) => sum + term, 0);
const columns = (a: readonly (readonly number[])[]) => a[0]!.map((_, j) => a.map((row) => row[j]!));

describe("linear algebra", () => {
  test("products of matrices and vectors are sums of products", () => {
    fc.assert(
      fc.property(factors, ([a, b]) => {
        const product = a.map((row) => columns(b).map((column) => total(row.map((x, i) => x * column[i]!))));
        expect(math.matmul(a, b)).toEqual(product);
        expect(math.matmul(a[0]!, b)).toEqual(product[0]);
        expect(math.matmul(a, columns(b)[0]!)).toEqual(product.map(([first]) => first));
        expect(math.dot(a[0]!, columns(b)[0]!)).toBe(product[0]![0]);
        expect(math.transpose(a)).toEqual(columns(a));
        expect(math.outer(a[0]!, b[0]!)).toEqual(a[0]!.map((x) => b[0]!.map((y) => 0 + x * y)));
      }),
    );
  });
});

describe("reductions", () => {
  test("over all elements and along each axis", () => {
    fc.assert(
      fc.property(extent, extent, fc.infiniteStream(number), (m, n, numbers) => {
        const a = Array.from({ length: m }, () => [...numbers.take(n)]);
        expect(math.sum(a)).toBe(total(a.flat()));
        expect(math.sum(a, 0)).toEqual(columns(a).map(total));
        expect(math.sum(a, 1)).toEqual(a.map(total));
        expect(math.sum(a, -1)).toEqual(a.map(total));
        expect(math.mean(a, 0)).toEqual(columns(a).map((column) => total(column) / m));
        expect(math.max(a)).toBe(Math.max(...a.flat()));
        expect(math.max(a, 1)).toEqual(a.map((row) => Math.max(...row)));
        expect(math.min(a, 0)).toEqual(columns(a).map((column) => Math.min(...column)));
        expect(math.norm(a)).toBe(Math.sqrt(total(a.flat().map((x) => x * x))));
        expect(math.norm(a, 1)).toEqual(a.map((row) => math.norm(row)));
        math.logSumExp(a, 0).forEach((value, j) => {
          expect(value).toBeCloseTo(Math.log(total(columns(a)[j]!.map(Math.exp))), 12);
        });
        math.softmax(a).forEach((row, i) => {
          const exponentials = a[i]!.map(Math.exp);
          row.forEach((value, j) => {
            expect(value).toBeCloseTo(exponentials[j]! / total(exponentials), 12);
          });
        });
        expect(math.transpose(math.softmax(a, 0))).toEqual(math.softmax(columns(a)));
      }),
    );
  });

  test("large numbers do not overflow", () => {
    expect(math.softmax([1000, 1000])).toEqual([0.5, 0.5]);
    expect(math.logSumExp([1000, 1000])).toBe(1000 + Math.log(2));
  });

  test("of a number and of nothing", () => {
    expect([math.sum(3), math.max(3), math.mean(3)]).toEqual([3, 3, 3]);
    expect(math.sum([])).toBe(0);
    expect(() => math.max([])).toThrow("max: [0] has no elements");
    expect(() => math.softmax([])).toThrow("softmax: [0] has no elements");
  });
});

describe("element by element", () => {
  const plain: Record<string, (x: number, y: number) => number> = {
    ...Object.fromEntries(UNARY.filter((name) => name in Math).map((name) => [name, Math[name as "exp"]])),
    negate: (x) => -x,
    square: (x) => x * x,
    sigmoid: (x) => 1 / (1 + Math.exp(-x)),
    add: (x, y) => x + y,
    subtract: (x, y) => x - y,
    multiply: (x, y) => x * y,
    divide: (x, y) => x / y,
    power: (x, y) => x ** y,
    maximum: Math.max,
    minimum: Math.min,
  };

  test.each(UNARY)("%s", (name) => {
    expect(math[name]([[0.25], [0.5]])).toEqual([[plain[name]!(0.25, 0)], [plain[name]!(0.5, 0)]]);
    expect(math[name](0.75)).toBe(plain[name]!(0.75, 0));
  });

  test.each(BINARY)("%s, with broadcasting", (name) => {
    const of = plain[name]!;
    expect(math[name](3, 2)).toBe(of(3, 2));
    expect(math[name]([3, 4], 2)).toEqual([of(3, 2), of(4, 2)]);
    expect(math[name](2, [[3, 4]])).toEqual([[of(2, 3), of(2, 4)]]);
    expect(
      math[name](
        [
          [1, 2],
          [3, 4],
        ],
        [5, 6],
      ),
    ).toEqual([
      [of(1, 5), of(2, 6)],
      [of(3, 5), of(4, 6)],
    ]);
  });
});

test("nesting in another way", () => {
  expect(math.reshape([1, 2, 3, 4, 5, 6], [2, 3])).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(math.reshape([[1, 2]], [1, 2, 1])).toEqual([[[1], [2]]]);
  expect(math.reshape([[7]], [])).toBe(7);
  expect(math.concatenate([[1], [2, 3]])).toEqual([1, 2, 3]);
  expect(
    math.concatenate(
      [
        [[1], [2]],
        [
          [3, 4],
          [5, 6],
        ],
      ],
      1,
    ),
  ).toEqual([
    [1, 3, 4],
    [2, 5, 6],
  ]);
});

test("what does not fit is refused by name", () => {
  const vector = [1, 2, 3];
  const table = [
    [1, 2],
    [3, 4],
  ];
  expect(() => math.add(vector, table)).toThrow(
    "add: [3] and [2, 2] do not fit: the shapes must be equal, or one the end of the other",
  );
  expect(() => math.matmul(table, vector)).toThrow("matmul: [2, 2] and [3] do not fit: 2 and 3 differ");
  expect(() => math.matmul(vector, vector)).toThrow("expected two matrices, or a matrix and a vector");
  expect(() => math.dot(vector, [1])).toThrow("dot: [3] and [1] do not fit: 3 and 1 differ");
  expect(() => math.transpose(vector as never)).toThrow("transpose: expected a matrix, got [3]");
  expect(() => math.sum(vector, 1)).toThrow("sum: [3] has no axis 1");
  expect(() => math.sum([[1], [2, 3]])).toThrow("a ragged array: 1 elements stand beside 2");
  expect(() => math.sum([1, [2]] as never)).toThrow("a ragged array: numbers stand beside arrays");
  expect(() => math.sum(["1"] as never)).toThrow("expected numbers or arrays of numbers, got 1");
  expect(() => math.reshape(vector, [2, 2])).toThrow("reshape: [3] has not 4 elements");
  expect(() => math.concatenate([vector, table as never])).toThrow("do not fit along axis 0");
});

test("types follow the shapes that the source says", () => {
  const W = math.reshape([1, 2, 3, 4, 5, 6], [2, 3]);
  expectTypeOf(W).toEqualTypeOf<Matrix<2, 3>>();
  const x: Vector<3> = [1, 2, 3];
  expectTypeOf(math.matmul(W, x)).toEqualTypeOf<Vector<2>>();
  expectTypeOf(math.matmul(W, math.transpose(W))).toEqualTypeOf<Matrix<2, 2>>();
  expectTypeOf(math.outer(x, math.matmul(W, x))).toEqualTypeOf<Matrix<3, 2>>();
  expectTypeOf(math.add(W, x)).toEqualTypeOf<Matrix<2, 3>>();
  expectTypeOf(math.multiply(2, x)).toEqualTypeOf<Vector<3>>();
  expectTypeOf(math.softmax(x)).toEqualTypeOf<Vector<3>>();
  expectTypeOf(math.sum(W, 0)).toEqualTypeOf<number[]>();
  expectTypeOf(math.tanh(0.5)).toEqualTypeOf<number>();
  expect(math.exp([0] as number[])).toEqual([1]);
});

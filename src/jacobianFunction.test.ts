import { describe, expect, expectTypeOf, test } from "vitest";
import { InputError } from "./errors.ts";
import { trace } from "./frontends/typescript/index.ts";
import { type JacobianFunction, jacobian } from "./jacobianFunction.ts";
import { dot, matmul, type Vector } from "./math.ts";

test("a function of numbers that returns a list: one row per element, in it one derivative per parameter", () => {
  const f = jacobian((x, y) => [x * Math.sin(y), Math.exp(x * y), 3]);
  const [x, y] = [0.7, -1.3];
  expect(f(x, y)).toEqual([
    [Math.sin(y), x * Math.cos(y)].map((value) => expect.closeTo(value, 14)),
    [y * Math.exp(x * y), x * Math.exp(x * y)].map((value) => expect.closeTo(value, 14)),
    [0, 0],
  ]);
  expect(f(2, 0)[0]).toEqual([0, 2]);
  expectTypeOf(f(1, 2)).toEqualTypeOf<[number, number][]>();
});

test("a function that returns a number has one row, its gradient; lists of one stay lists", () => {
  expect(jacobian((x: number, y: number) => x * x * y)(3, 5)).toEqual([30, 9]);
  expect(jacobian((x) => x * x)(3)).toEqual([6]);
  expect(jacobian((x) => [x * x])(3)).toEqual([[6]]);
  expectTypeOf(jacobian((x) => x * x)(3)).toEqualTypeOf<[x: number]>();
});

test("lists and records, in parameters and results", () => {
  const f = jacobian(([a, b]: [number, number], { c }: { c: number }) => ({
    sum: a + b * c,
    pair: [a * b, c],
  }));
  expect(f([2, 3], { c: 5 })).toEqual([
    {
      sum: [1, 5],
      pair: [
        [3, 2],
        [0, 0],
      ],
    },
    { sum: { c: 3 }, pair: [{ c: 0 }, { c: 1 }] },
  ]);
  expectTypeOf(f([1, 2], { c: 3 })[1].sum).toEqualTypeOf<{ c: number }>();
});

test("shapes that the source does not say are given; arrays as wholes have rows like lists", () => {
  const squares = jacobian((v: number[]) => v.map((x) => x * x), { shapes: [[3]] });
  expect(squares([1, 2, 3])).toEqual([[[2, 0, 0]], [[0, 4, 0]], [[0, 0, 6]]]);
  const twice = jacobian(
    (v: Vector<2>) =>
      matmul(
        [
          [1, 2],
          [3, 4],
        ],
        v,
      ) as Vector<2>,
    { shapes: [[2]], scope: { matmul } },
  );
  expect(twice([7, 8])).toEqual([[[1, 2]], [[3, 4]]]);
  const norm = jacobian((v: Vector<2>) => dot(v, v), { shapes: [[2]], scope: { dot } });
  expect(norm([7, 8])).toEqual([[14, 16]]);
});

test("its kernel is there for loops", () => {
  const { kernel } = jacobian((x, y) => [x * y]);
  const planes = kernel.planes(4);
  planes.inputs.fill(2);
  kernel.runBatch(4, planes.inputs, planes.outputs);
  expect(planes.outputs[0]).toBe(2);
});

test("of a Program it is a Program", () => {
  const program = jacobian(trace((x: number) => x * x));
  expectTypeOf(program).not.toExtend<JacobianFunction<number[], number>>();
  expect(program.outputs.map(({ name }) => name)).toEqual([expect.stringMatching(/_dx$/)]);
});

describe("bad input", () => {
  test.each([
    ["a branch on a value", () => jacobian((x: number) => (x > 0 ? x : -x)), /where/],
    ["an unknown shape", () => jacobian((v: number[]) => v.map((x) => x)), /shapes|map/],
    [
      "too few parameters",
      () => (jacobian((x, y) => x * y) as unknown as (x: number) => void)(1),
      /takes 2 inputs/,
    ],
    ["a text", () => jacobian((x) => x * x)("a" as unknown as number), /expected a number, got "a"/],
    [
      "nothing",
      () => jacobian(null as unknown as (x: number) => number),
      /a function or a Program, got null/,
    ],
  ])("%s", (_, call, message) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(message);
  });
});

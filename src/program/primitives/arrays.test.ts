/** Every array primitive: what it computes, on small examples; its partials against central differences; what it refuses. */

import { describe, expect, test } from "vitest";
import { InputError } from "../../errors.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { ProgramBuilder } from "../builder.ts";
import { interpret } from "../interpreter.ts";
import type { Equation, Operand, Program } from "../program.ts";
import { isFloating, sizeOf, type Tensor } from "../type.ts";
import { contractionPrimitives } from "./contraction.ts";
import { indexingPrimitives } from "./indexing.ts";
import { reductionPrimitives } from "./reduction.ts";

const families = { ...contractionPrimitives, ...indexingPrimitives, ...reductionPrimitives };
type ArrayName = keyof typeof families;

interface Case {
  readonly parameters: object;
  readonly operands: readonly (readonly number[])[];
  /** What comes out for the elements 1, 2, 3, ... (of all operands together), and its shape. */
  readonly values?: readonly number[];
  readonly shape: readonly number[];
}

/** At least one case per primitive; TypeScript asks for each. */
const CASES: { readonly [Name in ArrayName]: readonly Case[] } = {
  dot_general: [
    {
      parameters: { contracting: [[1], [0]], batch: [[], []] },
      operands: [
        [2, 2],
        [2, 2],
      ],
      shape: [2, 2],
      values: [19, 22, 43, 50],
    },
    {
      parameters: { contracting: [[2], [1]], batch: [[0], [0]] },
      operands: [
        [2, 3, 2],
        [2, 2, 4],
      ],
      shape: [2, 3, 4],
    },
    {
      parameters: {
        contracting: [
          [0, 1],
          [1, 0],
        ],
        batch: [[], []],
      },
      operands: [
        [2, 3],
        [3, 2],
      ],
      shape: [],
    },
    { parameters: { contracting: [[], []], batch: [[], []] }, operands: [[2], [3, 1]], shape: [2, 3, 1] },
    {
      parameters: { contracting: [[0], [1]], batch: [[], []] },
      operands: [
        [0, 2],
        [3, 0],
      ],
      shape: [2, 3],
      values: [0, 0, 0, 0, 0, 0],
    },
    {
      parameters: { contracting: [[0], [0]], batch: [[1], [2]] },
      operands: [
        [1, 3],
        [1, 2, 3],
      ],
      shape: [3, 2],
    },
  ],
  contract: [
    {
      parameters: { left: [5, 7], right: [7, 5], result: [7] },
      operands: [
        [2, 3],
        [3, 2],
      ],
      shape: [3],
      values: [39, 68, 105],
    },
    { parameters: { left: [0], right: [1], result: [1, 0] }, operands: [[2], [3]], shape: [3, 2] },
  ],
  transpose: [
    { parameters: { permutation: [1, 0] }, operands: [[2, 3]], shape: [3, 2], values: [1, 4, 2, 5, 3, 6] },
    { parameters: { permutation: [2, 0, 1] }, operands: [[2, 1, 3]], shape: [3, 2, 1] },
  ],
  slice: [
    { parameters: { start: [1], limit: [6], strides: [2] }, operands: [[7]], shape: [3], values: [2, 4, 6] },
    {
      parameters: { start: [0, 1], limit: [2, 3], strides: [1, 1] },
      operands: [[3, 3]],
      shape: [2, 2],
      values: [2, 3, 5, 6],
    },
    { parameters: { start: [2], limit: [2], strides: [1] }, operands: [[3]], shape: [0], values: [] },
  ],
  rev: [{ parameters: { dimensions: [1] }, operands: [[2, 3]], shape: [2, 3], values: [3, 2, 1, 6, 5, 4] }],
  concatenate: [
    {
      parameters: { dimension: 1 },
      operands: [
        [2, 1],
        [2, 2],
      ],
      shape: [2, 3],
      values: [1, 3, 4, 2, 5, 6],
    },
    { parameters: { dimension: 0 }, operands: [[2], [0], [1]], shape: [3], values: [1, 2, 3] },
  ],
  pad: [
    {
      parameters: { low: [1], high: [2], interior: [1] },
      operands: [[3], []],
      shape: [8],
      values: [4, 1, 4, 2, 4, 3, 4, 4],
    },
    { parameters: { low: [-1], high: [-1], interior: [0] }, operands: [[4], []], shape: [2], values: [2, 3] },
    {
      parameters: { low: [-1], high: [1], interior: [2] },
      operands: [[2], []],
      shape: [4],
      values: [3, 3, 2, 3],
    },
    {
      parameters: { low: [0, 1], high: [1, 0], interior: [0, 0] },
      operands: [[1, 2], []],
      shape: [2, 3],
      values: [3, 1, 2, 3, 3, 3],
    },
  ],
  gather: [
    {
      parameters: { shape: [2, 2], positions: [3, -1, 0, 3] },
      operands: [[2, 2]],
      shape: [2, 2],
      values: [4, 0, 1, 4],
    },
  ],
  scatter: [
    { parameters: { positions: [2, -1, 0] }, operands: [[4], [3]], shape: [4], values: [7, 2, 5, 4] },
  ],
  scatter_add: [
    { parameters: { positions: [1, 1, -1, 0] }, operands: [[3], [2, 2]], shape: [3], values: [8, 11, 3] },
  ],
  iota: [
    {
      parameters: { shape: [2, 3], dimension: 1, dtype: "float64" },
      operands: [],
      shape: [2, 3],
      values: [0, 1, 2, 0, 1, 2],
    },
  ],
  constant: [
    {
      parameters: { shape: [2], values: [7, 8], dtype: "float64" },
      operands: [],
      shape: [2],
      values: [7, 8],
    },
  ],
  rearrange: [
    {
      parameters: {
        shape: [2, 4],
        extents: [2, 3],
        out: [
          [0, 0],
          [3, 0, -1],
        ],
        in: [
          [1, 1],
          [0, 0],
        ],
      },
      operands: [[4, 2]],
      shape: [2, 4],
      values: [0, 0, 0, 3 + 5 + 7, 0, 0, 4 + 6 + 8, 0],
    },
  ],
  reduce_sum: [
    { parameters: { axes: [0] }, operands: [[2, 3]], shape: [3], values: [5, 7, 9] },
    { parameters: { axes: [1, 0] }, operands: [[2, 3]], shape: [], values: [21] },
    { parameters: { axes: [1] }, operands: [[2, 1]], shape: [2], values: [1, 2] },
    { parameters: { axes: [1] }, operands: [[2, 0]], shape: [2], values: [0, 0] },
    { parameters: { axes: [] }, operands: [[2]], shape: [2], values: [1, 2] },
  ],
  reduce_prod: [
    { parameters: { axes: [1] }, operands: [[2, 3]], shape: [2], values: [6, 120] },
    { parameters: { axes: [0, 2] }, operands: [[2, 2, 2]], shape: [2], values: [60, 672] },
    { parameters: { axes: [0] }, operands: [[1, 2]], shape: [2], values: [1, 2] },
  ],
  reduce_max: [
    { parameters: { axes: [0] }, operands: [[2, 3]], shape: [3], values: [4, 5, 6] },
    { parameters: { axes: [0, 1] }, operands: [[2, 3]], shape: [], values: [6] },
  ],
  reduce_min: [{ parameters: { axes: [1] }, operands: [[2, 3, 1]], shape: [2, 1], values: [1, 4] }],
  argmax: [{ parameters: { axis: 1, dtype: "int32" }, operands: [[2, 3]], shape: [2], values: [2, 2] }],
  argmin: [{ parameters: { axis: 0, dtype: "int32" }, operands: [[2, 3]], shape: [3], values: [0, 0, 0] }],
  cumsum: [
    {
      parameters: { axis: 1, direction: "forward" },
      operands: [[2, 3]],
      shape: [2, 3],
      values: [1, 3, 6, 4, 9, 15],
    },
    {
      parameters: { axis: 0, direction: "backward" },
      operands: [[3, 2]],
      shape: [3, 2],
      values: [9, 12, 8, 10, 5, 6],
    },
    { parameters: { axis: 0, direction: "forward" }, operands: [[1, 2]], shape: [1, 2], values: [1, 2] },
  ],
  cumprod: [
    { parameters: { axis: 0, direction: "forward" }, operands: [[4]], shape: [4], values: [1, 2, 6, 24] },
    {
      parameters: { axis: 1, direction: "backward" },
      operands: [[2, 3]],
      shape: [2, 3],
      values: [6, 6, 3, 120, 30, 6],
    },
  ],
  cummax: [
    {
      parameters: { axis: 0, direction: "forward" },
      operands: [[3, 2]],
      shape: [3, 2],
      values: [1, 2, 3, 4, 5, 6],
    },
  ],
  cummin: [
    {
      parameters: { axis: 0, direction: "forward" },
      operands: [[3, 2]],
      shape: [3, 2],
      values: [1, 2, 1, 2, 1, 2],
    },
  ],
  cumlogsumexp: [
    {
      parameters: { axis: 0, direction: "forward" },
      operands: [[3]],
      shape: [3],
      values: [1, Math.log(Math.exp(1) + Math.exp(2)), Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3))],
    },
  ],
};

const cases = (Object.keys(CASES) as ArrayName[]).flatMap((name) =>
  CASES[name].map((example, index) => ({ name, index, ...example })),
);

function programOf(name: ArrayName, { parameters, operands }: Case): Program {
  const builder = new ProgramBuilder();
  const inputs = operands.map((shape, index) => builder.input(`x${index}`, { shape, dtype: "float64" }));
  const result = builder.append({ primitive: name, parameters } as Equation, inputs);
  return builder.build(name, [{ name: "y", operand: result }]);
}

/** Elements numbered through all operands, each put through `element`. */
function numbered(operands: Case["operands"], element: (number: number) => number): Tensor[] {
  let next = 1;
  return operands.map((shape) => ({
    shape,
    data: Float64Array.from({ length: sizeOf(shape) }, () => element(next++)),
  }));
}

describe.each(cases)("$name $index", ({ name, index: _, ...example }) => {
  const program = programOf(name, example);

  test("type and values", () => {
    const [result] = interpret(
      program,
      numbered(example.operands, (number) => number),
    );
    expect(program.equations[0]!.type.shape).toEqual(example.shape);
    expect(result!.shape).toEqual(example.shape);
    if (example.values !== undefined) {
      expect(result!.data).toHaveLength(example.values.length);
      result!.data.forEach((element, position) => {
        expect(element).toBeCloseTo(example.values![position]!, 13);
      });
    }
  });

  test("partials against central differences, zeros among the elements", () => {
    if (!isFloating(program.equations[0]!.type.dtype)) return;
    const inputs = numbered(example.operands, (number) => (number === 2 ? 0 : 1.1 * Math.sin(2.3 * number)));
    const blocks = interpret(jacobian(program), inputs);
    inputs.forEach((input, column) => {
      expect(blocks[column]!.shape).toEqual([...example.shape, ...input.shape]);
      for (let k = 0; k < input.data.length; k++) {
        const [above, below] = [1, -1].map((sign) => {
          const data = input.data.slice();
          data[k]! += sign * 2 ** -17;
          return interpret(program, inputs.with(column, { ...input, data }))[0]!.data;
        });
        above!.forEach((value, row) => {
          const difference = (value - below![row]!) * 2 ** 16;
          expect(blocks[column]!.data[row * input.data.length + k]).toBeCloseTo(difference, 7);
        });
      }
    });
  });
});

test("ties share the derivative of an extremum", () => {
  const [block] = interpret(
    jacobian(programOf("reduce_max", { parameters: { axes: [0] }, operands: [[4]], shape: [] })),
    [{ shape: [4], data: Float64Array.of(1, 3, 3, 2) }],
  );
  expect([...block!.data]).toEqual([0, 0.5, 0.5, 0]);
});

test("positions of extrema: the first of equals, NaN above all", () => {
  const at = (...data: number[]) =>
    interpret(
      programOf("argmax", { parameters: { axis: 0, dtype: "int32" }, operands: [[data.length]], shape: [] }),
      [{ shape: [data.length], data: Float64Array.from(data) }],
    )[0]!.data[0];
  expect([at(1, 3, 3), at(3, 1), at(1, NaN, 5), at(-1, -2)]).toEqual([1, 0, 1, 0]);
});

describe("what does not fit", () => {
  const refused: readonly [ArrayName, object, readonly (readonly number[])[], RegExp][] = [
    [
      "dot_general",
      { contracting: [[1], [0]], batch: [[], []] },
      [
        [2, 3],
        [2, 3],
      ],
      /dims 1 and 0 differ/,
    ],
    [
      "dot_general",
      { contracting: [[1], []], batch: [[], []] },
      [
        [2, 3],
        [2, 3],
      ],
      /do not pair up/,
    ],
    ["dot_general", { contracting: [[5], [0]], batch: [[], []] }, [[2], [2]], /no dims/],
    ["contract", { left: [0, 1], right: [1], result: [1] }, [[2, 3], [3]], /stands alone/],
    ["contract", { left: [0, 0], right: [0], result: [] }, [[2, 2], [2]], /twice/],
    ["transpose", { permutation: [0, 0] }, [[2, 2]], /not distinct/],
    ["slice", { start: [0], limit: [4], strides: [1] }, [[3]], /no slice/],
    ["slice", { start: [0], limit: [3], strides: [0] }, [[3]], /no slice/],
    ["rev", { dimensions: [1] }, [[3]], /not distinct dims/],
    ["concatenate", { dimension: 2 }, [[3], [3]], /cannot concatenate/],
    ["concatenate", { dimension: 0 }, [[3, 2], [3]], /cannot concatenate/],
    ["pad", { low: [-3], high: [0], interior: [0] }, [[2], []], /cuts off/],
    ["pad", { low: [0], high: [0], interior: [0] }, [[2], [2]], /must be a scalar/],
    ["gather", { shape: [1], positions: [3] }, [[3]], /not among the 3 elements/],
    ["scatter", { positions: [0] }, [[3], [2]], /expected 2 positions/],
    ["iota", { shape: [], dimension: 0, dtype: "int32" }, [], /no dim 0/],
    ["constant", { shape: [2], values: [1], dtype: "float64" }, [], /has 2 elements/],
    ["rearrange", { shape: [2], extents: [3], out: [[0, 0]], in: [[0]] }, [[1]], /do not fit/],
    ["rearrange", { shape: [2], extents: [], out: [[0, 0]], in: [[0]] }, [[1]], /no label 0/],
    ["reduce_sum", { axes: [1] }, [[2]], /no dims/],
    ["argmax", { axis: 0, dtype: "int32" }, [[0]], /no elements/],
    ["cumsum", { axis: 1, direction: "forward" }, [[2]], /no dim 1/],
  ];
  test.each(refused)("%s %j of %j", (name, parameters, operands, message) => {
    const build = (): unknown => programOf(name, { parameters, operands, shape: [] });
    expect(build).toThrow(InputError);
    expect(build).toThrow(message);
  });

  test("operands are counted", () => {
    const builder = new ProgramBuilder();
    const x: Operand = builder.input("x", { shape: [2], dtype: "float64" });
    for (const name of Object.keys(families) as ArrayName[]) {
      if (name === "concatenate") continue;
      const { parameters } = CASES[name][0]!;
      expect(() => builder.append({ primitive: name, parameters } as Equation, [x, x, x])).toThrow(/operand/);
    }
  });
});

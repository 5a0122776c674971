import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensorPrograms } from "../../test/randomTensorProgram.ts";
import { InputError } from "../errors.ts";
import { parseJaxpr } from "../frontends/jaxpr/index.ts";
import { costsOf } from "../graph/costs.ts";
import { jacobian } from "../jacobian/jacobian.ts";
import { linearize } from "../jacobian/linearize.ts";
import { reverse } from "../search/orders.ts";
import { literal, ProgramBuilder } from "./builder.ts";
import { interpret } from "./interpreter.ts";
import type { Operand, Program } from "./program.ts";
import { scalarise } from "./scalarise.ts";
import { type Nested, nestedResults, nestedTensor, tensorsOf } from "./tree.ts";

/** Results as the source nests them; the sign of zeros taken away. */
function results(program: Program, args: readonly unknown[]): unknown {
  const unsigned = (value: Nested): unknown =>
    typeof value === "number" ? value + 0 : Array.isArray(value) ? value.map(unsigned) : value;
  return nestedResults(program, interpret(program, tensorsOf(program, args))).map(unsigned);
}

/** One equation on inputs of given shapes. */
function single(
  shapes: readonly (readonly number[])[],
  emit: (builder: ProgramBuilder, ...inputs: Operand[]) => Operand,
): Program {
  const builder = new ProgramBuilder();
  const inputs = shapes.map((shape, index) => builder.input(`x${index}`, { shape, dtype: "float64" }));
  return builder.build("f", [{ name: "y", operand: emit(builder, ...inputs) }]);
}

describe("results equal those of the arrays", () => {
  test("random programs", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs }) => {
        const scalars = scalarise(program);
        expect([...scalars.inputs, ...scalars.equations].filter(({ type }) => type.shape.length > 0)).toEqual(
          [],
        );
        const args = inputs.map(nestedTensor);
        expect(results(scalars, args)).toEqual(results(program, args));
      }),
      { numRuns: 300 },
    );
  });

  test("Jacobians of random programs", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs }) => {
        const derivative = jacobian(program);
        const args = inputs.map(nestedTensor);
        expect(results(scalarise(derivative), args)).toEqual(results(derivative, args));
      }),
      { numRuns: 60 },
    );
  });

  const awkward = [NaN, 3, 3, -Infinity, Infinity, -1];
  const lines = [[1, 2, 3, 3, -1, 0], awkward, [NaN, NaN, 0, 0, 0, 0], new Array<number>(6).fill(-Infinity)];
  test.each(["argmax", "argmin"] as const)("%s, ties, NaN and infinities", (primitive) => {
    for (const axis of [0, 1]) {
      const program = single([[2, 3]], (builder, x) =>
        builder.emit(primitive, [x], { axis, dtype: "int32" }),
      );
      for (const line of lines) {
        const args = [nestedTensor({ shape: [2, 3], data: Float64Array.from(line) })];
        expect(results(scalarise(program), args)).toEqual(results(program, args));
      }
    }
  });

  test.each(["cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"] as const)(
    "%s, both ways",
    (primitive) => {
      for (const [axis, direction] of [
        [0, "forward"],
        [1, "backward"],
        [1, "forward"],
      ] as const) {
        const program = single([[2, 3]], (builder, x) => builder.emit(primitive, [x], { axis, direction }));
        for (const line of lines) {
          const args = [nestedTensor({ shape: [2, 3], data: Float64Array.from(line) })];
          expect(results(scalarise(program), args)).toEqual(results(program, args));
        }
      }
    },
  );

  test("constants, index arrays, conversions, conditions", () => {
    const program = single([[2, 2]], (builder, x) => {
      const constant = builder.emit("constant", [], {
        shape: [2, 2],
        values: [1, 2, 3, 4],
        dtype: "float64",
      });
      const index = builder.emit("iota", [], { shape: [2, 2], dimension: 1, dtype: "int32" });
      const condition = builder.emit("gt", [builder.emit("mul", [x, constant]), index]);
      const whole = builder.emit("convert", [x], { dtype: "int32" });
      return builder.emit("select", [condition, whole, builder.emit("stop_gradient", [x])]);
    });
    const args = [
      [
        [0.2, 0.6],
        [-3.7, 2.5],
      ],
    ];
    expect(results(scalarise(program), args)).toEqual(results(program, args));
    expect(results(program, args)).toEqual([
      [
        [0.2, 0.6],
        [-3, 2.5],
      ],
    ]);
  });
});

test("elements are named after their indices, movements leave no equations, signatures nest", () => {
  const builder = new ProgramBuilder();
  const a = builder.input("a", { shape: [2, 2], dtype: "float64" });
  const b = builder.input("b");
  const turned = builder.emit("transpose", [a], { permutation: [1, 0] });
  const scaled = builder.emit("mul", [turned, b]);
  builder.name(scaled, "scaled");
  const outputs = [
    { name: "y", operand: scaled },
    { name: "z", operand: literal(2) },
  ];
  const program = builder.build("f", outputs, { inputs: [{ p: [1, 0] }], outputs: [{ r: 0 }, 1] });
  const scalars = scalarise(program);
  expect(scalars.inputs.map(({ name }) => name)).toEqual(["a_0_0", "a_0_1", "a_1_0", "a_1_1", "b"]);
  expect(scalars.equations.map(({ name }) => name)).toEqual([
    "scaled_0_0",
    "scaled_0_1",
    "scaled_1_0",
    "scaled_1_1",
  ]);
  expect(scalars.outputs.map(({ name }) => name)).toEqual(["y_0_0", "y_0_1", "y_1_0", "y_1_1", "z"]);
  expect(scalars.signature).toEqual({
    inputs: [
      {
        p: [
          4,
          [
            [0, 1],
            [2, 3],
          ],
        ],
      },
    ],
    outputs: [
      {
        r: [
          [0, 1],
          [2, 3],
        ],
      },
      4,
    ],
  });
  expect(
    results(scalars, [
      {
        p: [
          10,
          [
            [1, 2],
            [3, 4],
          ],
        ],
      },
    ]),
  ).toEqual([
    {
      r: [
        [10, 30],
        [20, 40],
      ],
    },
    2,
  ]);
});

test("sums begin with their first term: n terms take n - 1 additions", () => {
  const program = single([[4], [4]], (builder, x, y) =>
    builder.emit("dot_general", [x, y], { contracting: [[0], [0]], batch: [[], []] }),
  );
  const kinds = scalarise(program).equations.map(({ primitive }) => primitive);
  expect(kinds.filter((kind) => kind === "mul")).toHaveLength(4);
  expect(kinds.filter((kind) => kind === "add")).toHaveLength(3);
  expect(kinds).toHaveLength(7);
});

test("too long an unrolling is refused before it is made", () => {
  const program = single([[1000], [1000]], (builder, x, y) =>
    builder.emit("dot_general", [x, y], { contracting: [[], []], batch: [[], []] }),
  );
  expect(() => scalarise(program)).toThrow(InputError);
  expect(() => scalarise(program)).toThrow(
    /f: unrolled to scalars it has 1002000 operations, more than 100000/,
  );
  expect(() =>
    scalarise(
      single([[3]], (b, x) => b.emit("sin", [x])),
      { limit: 5 },
    ),
  ).toThrow(/6 operations, more than 5/);
});

test("RoeFlux_3d in reverse: fewer operations on scalars than on arrays", () => {
  const text = readFileSync(new URL("../tasks/data/RoeFlux_3d.jaxpr", import.meta.url), "utf8");
  const operations = (program: Program) => {
    const { graph } = linearize(program);
    return costsOf(graph, reverse(graph)).operations;
  };
  const program = parseJaxpr(text);
  expect(operations(program)).toEqual({ multiplications: 496, additions: 540 });
  expect(operations(scalarise(program))).toEqual({ multiplications: 492, additions: 340 });
});

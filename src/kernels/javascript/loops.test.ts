import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensorPrograms } from "../../../test/randomTensorProgram.ts";
import { parseJaxpr } from "../../frontends/jaxpr/index.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { ProgramBuilder } from "../../program/builder.ts";
import { interpret } from "../../program/interpreter.ts";
import type { Operand, Program } from "../../program/program.ts";
import type { Tensor } from "../../program/type.ts";
import { entriesOf } from "../kernel.ts";
import { emitJavaScript, kernelBody } from "./emit.ts";

type Run = (inputs: Float64Array, outputs: Float64Array) => void;
type RunBatch = (
  count: number,
  inputs: Float64Array,
  inputStride: number,
  outputs: Float64Array,
  outputStride: number,
) => void;

/** The kernel's code, unrolled or as loops. */
function codeOf(program: Program, form: "loops" | "unrolled"): { run: Run; runBatch: RunBatch } {
  return new Function(
    kernelBody(program, { longestUnrolled: form === "loops" ? -1 : Number.POSITIVE_INFINITY }),
  )();
}

function flat(inputs: readonly Tensor[]): Float64Array {
  return Float64Array.from(inputs.flatMap(({ data }) => [...data]));
}

function expected(program: Program, inputs: readonly Tensor[]): number[] {
  const outputs = interpret(program, inputs);
  return entriesOf(program).map(({ output, element }) => outputs[output]!.data[element]!);
}

/** Equal to the bit, but for the sign of zeros; at one point and as points of a batch, the second of them scaled. */
function expectKernel(program: Program, inputs: readonly Tensor[], form: "loops" | "unrolled"): void {
  const { run, runBatch } = codeOf(program, form);
  const shown = (values: ArrayLike<number>) => Array.from(values, (x) => x + 0);
  const wanted = expected(program, inputs);
  const outputs = new Float64Array(wanted.length).fill(7);
  const point = flat(inputs);
  run(point, outputs);
  expect(shown(outputs)).toEqual(shown(wanted));
  const scaled = inputs.map(({ shape, data }) => ({ shape, data: data.map((x) => 0.9 * x) }));
  const [second, wantedSecond] = [flat(scaled), expected(program, scaled)];
  const planes = Float64Array.from(
    { length: 3 * point.length },
    (_, k) => (k % 3 === 0 ? point : second)[Math.floor(k / 3)]!,
  );
  const results = new Float64Array(5 * wanted.length).fill(7);
  runBatch(2, planes, 3, results, 5);
  expect(shown(wanted.map((_, plane) => results[5 * plane]!))).toEqual(shown(wanted));
  expect(shown(wanted.map((_, plane) => results[5 * plane + 1]!))).toEqual(shown(wantedSecond));
  expect(results.filter((_, k) => k % 5 > 1).every((x) => x === 7)).toBe(true);
}

describe.each(["loops", "unrolled"] as const)("%s equal the interpreter", (form) => {
  test("random programs", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs }) => expectKernel(program, inputs, form)),
      { numRuns: 150 },
    );
  });

  test("Jacobians of random programs, values included", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs }) =>
        expectKernel(jacobian(program, { values: true }), inputs, form),
      ),
      { numRuns: 40 },
    );
  });

  test.each(["Perceptron", "RoeFlux_3d"])("the Jacobian of %s", (name) => {
    const data = (ending: string) =>
      readFileSync(new URL(`../../tasks/data/${name}.${ending}`, import.meta.url), "utf8");
    const program = parseJaxpr(data("jaxpr"));
    const { points } = JSON.parse(data("json")) as { points: { inputs: unknown[] }[] };
    const inputs = points[0]!.inputs.map((input, index) => ({
      shape: program.inputs[index]!.type.shape,
      data: Float64Array.from([input].flat(9) as number[]),
    }));
    expectKernel(jacobian(program), inputs, form);
  });

  test("long programs, in several functions", () => {
    const program = single([[3]], (b, x) => {
      let value = x;
      for (let step = 0; step < 70; step++)
        value = b.emit("tanh", [b.emit("cumsum", [value], { axis: 0, direction: "forward" })]);
      return value;
    });
    expect(kernelBody(program, { longestUnrolled: -1 })).toContain("function evaluate3(");
    expectKernel(program, [{ shape: [3], data: Float64Array.of(0.5, -1, 2) }], form);
  });

  const awkward = [NaN, 3, 3, -Infinity, Infinity, -1];
  test.each(["argmax", "argmin"] as const)("%s with ties, NaN and infinities", (primitive) => {
    for (const axis of [0, 1])
      expectKernel(
        single([[3, 2]], (b, x) => b.emit(primitive, [x], { axis, dtype: "int32" })),
        [{ shape: [3, 2], data: Float64Array.from(awkward) }],
        form,
      );
  });

  test.each(["cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"] as const)(
    "%s both ways",
    (primitive) => {
      for (const axis of [0, 1])
        for (const direction of ["forward", "backward"] as const)
          expectKernel(
            single([[3, 2]], (b, x) => b.emit(primitive, [x], { axis, direction })),
            [{ shape: [3, 2], data: Float64Array.from(awkward) }],
            form,
          );
    },
  );
});

function single(
  shapes: readonly (readonly number[])[],
  emit: (builder: ProgramBuilder, ...inputs: Operand[]) => Operand,
): Program {
  const builder = new ProgramBuilder();
  const inputs = shapes.map((shape, index) => builder.input("xyz"[index]!, { shape, dtype: "float64" }));
  const result = emit(builder, ...inputs);
  return builder.build("f", [{ name: "result", operand: result }]);
}

/** The body of `evaluate` as loops, without reads of the inputs and stores of the outputs. */
function stages(program: Program): string[] {
  const text = kernelBody(program, { longestUnrolled: -1 });
  const [, body = ""] = /function evaluate\(.*?\n([\s\S]*?)\n\}/.exec(text) ?? [];
  return body.split("\n").filter((line) => !/inputs\[|outputs\[| = arrays;/.test(line));
}

describe("loops as one would write them", () => {
  test("elementwise code is one loop, views are read in place, sums stay in a variable", () => {
    const program = single([[3, 4], [4]], (b, x, y) => {
      const scaled = b.emit("mul", [b.emit("tanh", [x]), y]);
      return b.emit("reduce_sum", [b.emit("transpose", [scaled], { permutation: [1, 0] })], { axes: [0] });
    });
    expect(stages(program)).toEqual([
      "  for (let i = 0; i < 3; i++) {",
      "    let result = 0;",
      "    for (let j = 0; j < 4; j++) {",
      "      result = result + Math.tanh(x[4 * i + j]) * y[j];",
      "    }",
      "    v4[i] = result;",
      "  }",
    ]);
  });

  test("a matrix product runs along the rows of its right operand and of its result", () => {
    const program = single(
      [
        [8, 5],
        [5, 7],
      ],
      (b, x, y) => b.emit("dot_general", [x, y], { contracting: [[1], [0]], batch: [[], []] }),
    );
    expect(stages(program)).toEqual([
      "  v1.fill(0);",
      "  for (let i = 0; i < 8; i++) {",
      "    for (let j = 0; j < 5; j++) {",
      "      const x_j = x[5 * i + j];",
      "      for (let k = 0; k < 7; k++) {",
      "        v1[7 * i + k] = v1[7 * i + k] + x_j * y[7 * j + k];",
      "      }",
      "    }",
      "  }",
    ]);
  });

  test("what is read twice is computed once", () => {
    const program = single([[6]], (b, x) => {
      const wave = b.emit("sin", [x]);
      return b.emit("mul", [wave, b.emit("rev", [wave], { dimensions: [0] })]);
    });
    expect(
      stages(program)
        .join("\n")
        .match(/Math\.sin/g),
    ).toHaveLength(1);
  });

  test("a large contraction of an elementwise value stores that value first", () => {
    const program = single([[4], [4, 3]], (b, x, y) =>
      b.emit("dot_general", [b.emit("exp", [x]), y], { contracting: [[0], [0]], batch: [[], []] }),
    );
    const text = stages(program);
    expect(text.findIndex((line) => line.includes("Math.exp"))).toBeLessThan(
      text.findIndex((line) => line.includes("y[")),
    );
  });
});

test("the module of a program on arrays: nested lists in and out, types, entries", async () => {
  const program = single([[2, 3], [3], [1, 1]], (b, x, y, z) =>
    b.emit("mul", [
      b.emit("dot_general", [x, y], { contracting: [[1], [0]], batch: [[], []] }),
      b.emit("reshape", [z], { shape: [] }),
    ]),
  );
  const derivative = jacobian(program, { values: true });
  const { code, declarations } = emitJavaScript(derivative);
  const module = await import(
    /* @vite-ignore */ `data:text/javascript;charset=utf-8,${encodeURIComponent(code)}`
  );
  const result = module.f_jacobian(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    Float64Array.of(1, 10, 100),
    [[2]],
  );
  expect(result).toEqual({
    values: [[642, 1308]],
    jacobian: [
      [
        [
          [
            [2, 20, 200],
            [0, 0, 0],
          ],
          [
            [0, 0, 0],
            [2, 20, 200],
          ],
        ],
        [
          [2, 4, 6],
          [8, 10, 12],
        ],
        [[[321]], [[654]]],
      ],
    ],
  });
  expect(module.entries).toEqual(entriesOf(derivative));
  expect(declarations).toContain(
    "export declare function f_jacobian(x: readonly (readonly number[])[], y: readonly number[], [[z]]: readonly [readonly [number]]): " +
      "{ values: [number[]]; jacobian: [[number[][][], number[][], number[][][]]] };",
  );
});

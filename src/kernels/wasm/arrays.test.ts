import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensorPrograms } from "../../../test/randomTensorProgram.ts";
import { InputError } from "../../errors.ts";
import { parseJaxpr } from "../../frontends/jaxpr/index.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { literal, ProgramBuilder } from "../../program/builder.ts";
import { interpret } from "../../program/interpreter.ts";
import type { Operand, Program } from "../../program/program.ts";
import type { Tensor } from "../../program/type.ts";
import { entriesOf, KERNEL_DTYPES, type KernelDType } from "../kernel.ts";
import { emitWasm } from "./emit.ts";
import { instantiateWasm } from "./instantiate.ts";
import { isVectorFunction } from "./math/index.ts";

const FORMS = { loops: -1, unrolled: Number.POSITIVE_INFINITY } as const;
type Form = keyof typeof FORMS;

function expected(program: Program, inputs: readonly Tensor[]): number[] {
  const outputs = interpret(program, inputs);
  return entriesOf(program).map(({ output, element }) => outputs[output]!.data[element]!);
}

/** Numbers without the signs of zeros. */
const shown = (values: ArrayLike<number>) => Array.from(values, (x) => x + 0);

/**
 * As the interpreter at one point and at seven points of a batch, each scaled: to the bit in float64 where there is no vector mathematics, otherwise to `tolerance` of the
 * larger of 1 and the value. `run` and `runBatch` are equal in any case.
 */
async function expectKernel(
  program: Program,
  inputs: readonly Tensor[],
  form: Form,
  { dtype = "float64", tolerance = 1e-9 }: { dtype?: KernelDType; tolerance?: number } = {},
): Promise<void> {
  const kernel = await instantiateWasm(program, dtype, { longestUnrolled: FORMS[form] });
  const exact =
    dtype === "float64" && program.equations.every(({ primitive }) => !isVectorFunction(primitive));
  const points = Array.from({ length: 7 }, (_, point) =>
    inputs.map(({ shape, data }) => ({ shape, data: data.map((x) => Math.fround((1 - 0.03 * point) * x)) })),
  );
  const { inputs: planes, outputs, stride } = kernel.planes(points.length);
  points.forEach((point, index) => {
    point
      .flatMap(({ data }) => [...data])
      .forEach((value, plane) => {
        planes[plane * stride + index] = value;
      });
  });
  outputs.fill(7);
  kernel.runBatch(points.length, planes, outputs);
  points.forEach((point, index) => {
    const batch = kernel.entries.map((_, plane) => outputs[plane * stride + index]!);
    const one = new Float64Array(kernel.entries.length);
    kernel.run(Float64Array.from(point.flatMap(({ data }) => [...data])), one);
    expect(shown(batch)).toEqual(shown(one));
    const wanted = expected(program, point);
    if (exact) expect(shown(one)).toEqual(shown(wanted));
    wanted.forEach((value, plane) => {
      if (Object.is(one[plane]! + 0, value + 0)) return;
      const distance = Math.abs(one[plane]! - value) / Math.max(1, Math.abs(value));
      expect(distance, `entry ${plane}: ${one[plane]} for ${value}`).toBeLessThan(tolerance);
    });
  });
  const rest = Array.from(outputs).filter((_, index) => index % stride >= points.length);
  expect(rest.every((value) => value === 7)).toBe(true);
}

function single(
  shapes: readonly (readonly number[])[],
  emit: (builder: ProgramBuilder, ...inputs: Operand[]) => Operand,
): Program {
  const builder = new ProgramBuilder();
  const inputs = shapes.map((shape, index) => builder.input("xyz"[index]!, { shape, dtype: "float64" }));
  return builder.build("f", [{ name: "result", operand: emit(builder, ...inputs) }]);
}

const numbers = (shape: readonly number[], seed = 1): Tensor => ({
  shape,
  data: Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.sin(seed + 3 * k)),
});

describe.each(["loops", "unrolled"] as const)("%s equal the interpreter", (form) => {
  test("random programs and their Jacobians", async () => {
    await fc.assert(
      fc.asyncProperty(tensorPrograms, fc.boolean(), async ({ program, inputs }, differentiate) => {
        await expectKernel(differentiate ? jacobian(program, { values: true }) : program, inputs, form);
      }),
      { numRuns: 100 },
    );
  });

  test.each(["Perceptron", "RoeFlux_3d"])("the Jacobian of %s, in both dtypes", async (name) => {
    const data = (ending: string) =>
      readFileSync(new URL(`../../tasks/data/${name}.${ending}`, import.meta.url), "utf8");
    const program = parseJaxpr(data("jaxpr"));
    const { points } = JSON.parse(data("json")) as { points: { inputs: unknown[] }[] };
    const inputs = points[0]!.inputs.map((input, index) => ({
      shape: program.inputs[index]!.type.shape,
      data: Float64Array.from([input].flat(9) as number[]),
    }));
    await expectKernel(jacobian(program), inputs, form);
    await expectKernel(jacobian(program), inputs, form, { dtype: "float32", tolerance: 1e-2 });
  });

  test.each([
    [4, 5, 6],
    [1, 7, 11],
    [13, 1, 16],
    [3, 0, 2],
  ])("products of matrices [%i, %i] and [.., %i]", async (rows, inner, columns) => {
    const program = single(
      [
        [rows, inner],
        [inner, columns],
      ],
      (b, x, y) => b.emit("dot_general", [x, y], { contracting: [[1], [0]], batch: [[], []] }),
    );
    await expectKernel(program, [numbers([rows, inner]), numbers([inner, columns], 2)], form);
  });

  const awkward = [NaN, 3, 3, -Infinity, Infinity, -1];
  test.each(["argmax", "argmin"] as const)("%s with ties, NaN and infinities", async (primitive) => {
    for (const axis of [0, 1])
      for (const dtype of KERNEL_DTYPES)
        await expectKernel(
          single([[3, 2]], (b, x) => b.emit(primitive, [x], { axis, dtype: "int32" })),
          [{ shape: [3, 2], data: Float64Array.from(awkward) }],
          form,
          { dtype },
        );
  });

  test.each(["cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"] as const)(
    "%s both ways",
    async (primitive) => {
      for (const axis of [0, 1])
        for (const direction of ["forward", "backward"] as const)
          await expectKernel(
            single([[3, 2]], (b, x) => b.emit(primitive, [x], { axis, direction })),
            [{ shape: [3, 2], data: Float64Array.from(awkward) }],
            form,
          );
    },
  );

  test("positions from tables, constants, indices of loops, reversed and strided views", async () => {
    const program = single([[2, 3], [4]], (b, x, y) => {
      const picked = b.emit("gather", [x], { shape: [6], positions: [5, -1, 0, 0, 3, 1] });
      const counted = b.emit("iota", [], { shape: [6], dimension: 0, dtype: "float64" });
      const fixed = b.emit("constant", [], {
        shape: [6],
        dtype: "float64",
        values: [1, 0.1, -2, 3, 1e30, 7],
      });
      const sum = b.emit("add", [
        b.emit("mul", [picked, counted]),
        b.emit("rev", [fixed], { dimensions: [0] }),
      ]);
      return b.emit("scatter_add", [sum, y], { positions: [2, 2, -1, 0] });
    });
    for (const dtype of KERNEL_DTYPES)
      await expectKernel(program, [numbers([2, 3]), numbers([4])], form, { dtype, tolerance: 1e-5 });
  });
});

test("arguments that the fast forms of functions do not take are right within loops as well", async () => {
  const program = single([[4]], (b, x) => b.emit("cos", [x]));
  const inputs = [{ shape: [4], data: Float64Array.of(1e22, NaN, Infinity, 0.5) }];
  for (const dtype of KERNEL_DTYPES) await expectKernel(program, inputs, "loops", { dtype, tolerance: 1e-6 });
});

test("long programs, in several functions; outputs that are literals and inputs", async () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x", { shape: [3], dtype: "float64" });
  let value: Operand = x;
  for (let step = 0; step < 70; step++)
    value = builder.emit("mul", [
      builder.emit("cumsum", [value], { axis: 0, direction: "forward" }),
      literal(0.5),
    ]);
  const outputs = [value, literal(2), x, literal(0)].map((operand, index) => ({
    name: `y${index}`,
    operand,
  }));
  await expectKernel(builder.build("f", outputs), [numbers([3])], "loops");
});

test("arrays beyond the memory of WebAssembly are refused", () => {
  const program = single([[20_000]], (b, x) => {
    const square = b.emit("dot_general", [x, x], { contracting: [[], []], batch: [[], []] });
    return b.emit("reduce_sum", [square], { axes: [0, 1] });
  });
  expect(() => emitWasm(program, { dtype: "float64", fused: false })).toThrow(InputError);
  expect(() => emitWasm(program, { dtype: "float64", fused: false })).toThrow(
    /f: its arrays need more than 2 GiB/,
  );
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../errors.ts";
import { literal, ProgramBuilder } from "../program/builder.ts";
import type { Program } from "../program/program.ts";
import { type CompileOptions, compile } from "./compile.ts";
import { planeStride, scatter } from "./kernel.ts";

/** Outputs x, 0 and x * y. */
function program(): Program {
  const builder = new ProgramBuilder();
  const [x, y] = [builder.input("x"), builder.input("y")];
  const operands = [x, literal(0), builder.emit("mul", [x, y])];
  return builder.build(
    "f",
    operands.map((operand, index) => ({ name: `out${index}`, operand })),
  );
}

describe("planes", () => {
  test("the stride holds the count, in an odd number of whole cache lines, with at most two lines more", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e7 }),
        fc.constantFrom("float64" as const, "float32" as const),
        (count, dtype) => {
          const bytes = planeStride(count, dtype) * (dtype === "float64" ? 8 : 4);
          const needed = count * (dtype === "float64" ? 8 : 4);
          expect((bytes / 64) % 2).toBe(1);
          expect(bytes - needed).toBeGreaterThanOrEqual(0);
          expect(bytes - needed).toBeLessThan(128);
        },
      ),
    );
  });

  test("have the kernel's dtype and one plane per input and nonzero entry", async () => {
    const kernel = await compile(program(), { target: "js", dtype: "float32" });
    const { inputs, outputs, stride } = kernel.planes(100);
    expect(inputs).toBeInstanceOf(Float32Array);
    expect([inputs.length, outputs.length]).toEqual([2 * stride, 2 * stride]);
  });

  test.each([0, -1, 1.5, NaN, Infinity])("a batch of %s points is refused", async (count) => {
    const kernel = await compile(program(), { target: "js" });
    expect(() => kernel.planes(count)).toThrow(InputError);
    const { inputs, outputs } = kernel.planes(8);
    expect(() => kernel.runBatch(count, inputs, outputs)).toThrow(/at least 1/);
  });

  test("planes that are too short, ragged or of another dtype are refused", async () => {
    const kernel = await compile(program(), { target: "js" });
    const { inputs, outputs } = kernel.planes(8);
    expect(() => kernel.runBatch(10, inputs.subarray(0, 18), outputs)).toThrow(
      /input planes.*kernel\.planes/,
    );
    expect(() => kernel.runBatch(8, inputs, outputs.subarray(1))).toThrow(/output planes.*kernel\.planes/);
    expect(() => kernel.runBatch(8, new Float32Array(inputs), outputs)).toThrow(/Float64Array/);
    expect(() => kernel.run(new Float64Array(3), new Float64Array(2))).toThrow(
      /2 inputs and 2 outputs, got 3 and 2/,
    );
  });

  test("more points than the engine has room for are refused", async () => {
    for (const target of ["js", "wasm"] as const) {
      const kernel = await compile(program(), { target });
      expect(() => kernel.planes(2 ** 50)).toThrow(InputError);
      expect(() => kernel.planes(2 ** 50)).toThrow(/planes of 1125899906842624 points.*use smaller batches/);
    }
  });

  test("fewer points than the planes hold leave the rest alone", async () => {
    const kernel = await compile(program(), { target: "js" });
    const { inputs, outputs, stride } = kernel.planes(20);
    inputs.fill(3);
    outputs.fill(-1);
    kernel.runBatch(2, inputs, outputs);
    expect([0, 1, 2].map((point) => [outputs[point], outputs[stride + point]])).toEqual([
      [3, 9],
      [3, 9],
      [-1, -1],
    ]);
  });

  test("a program without inputs or without entries runs", async () => {
    const constant = new ProgramBuilder().build("two", [{ name: "y", operand: literal(2) }]);
    const kernel = await compile(constant, { target: "js" });
    const { inputs, outputs } = kernel.planes(3);
    kernel.runBatch(3, inputs, outputs);
    expect([...outputs.subarray(0, 4)]).toEqual([2, 2, 2, 0]);
    const nothing = new ProgramBuilder().build("nothing", [{ name: "y", operand: literal(0) }]);
    const empty = await compile(nothing, { target: "js" });
    empty.runBatch(3, empty.planes(3).inputs, empty.planes(3).outputs);
    expect(empty.entries).toEqual([]);
  });
});

test("scatter puts structural zeros back", async () => {
  const kernel = await compile(program(), { target: "js" });
  const outputs = new Float64Array(2);
  kernel.run(Float64Array.of(2, 5), outputs);
  expect(scatter(kernel, outputs).map((output) => [...output])).toEqual([[2], [0], [10]]);
});

test("unknown targets and dtypes are named", async () => {
  await expect(compile(program(), { target: "fortran" } as unknown as CompileOptions)).rejects.toThrow(
    /"fortran".*js/,
  );
  await expect(
    compile(program(), { target: "js", dtype: "int8" } as unknown as CompileOptions),
  ).rejects.toThrow(InputError);
});

test("what is no Program is named", async () => {
  for (const [wrong, name] of [
    [() => 1, "function"],
    [null, "null"],
    [{ vertices: [] }, "object"],
  ] as const)
    await expect(compile(wrong as unknown as Program, { target: "js" })).rejects.toThrow(
      new InputError(`compile takes a Program, as trace, traceSource and parseJaxpr give it, got ${name}`),
    );
});

import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { readReferences, worstCase } from "../../../test/mathReference.ts";
import { smoothPrograms } from "../../../test/randomProgram.ts";
import { ProgramBuilder } from "../../program/builder.ts";
import { interpretScalars } from "../../program/interpreter.ts";
import { compile } from "../compile.ts";
import { KERNEL_DTYPES } from "../kernel.ts";
import { emitWasm } from "./emit.ts";
import { type VectorFunctionName, vectorFunctions } from "./math/index.ts";

// Node 20 has relaxed SIMD behind a flag; browsers have it. The tests' process is this file's own.
beforeAll(() => {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
});

const references = readReferences(new URL("./math/data/reference.json", import.meta.url));

test("products of one use are fused where the engine can, and the module validates", () => {
  const builder = new ProgramBuilder();
  const [x, y] = [builder.input("x"), builder.input("y")];
  const product = builder.emit("mul", [x, y]);
  const program = builder.build("f", [{ name: "z", operand: builder.emit("sub", [x, product]) }]);
  const [fused, plain] = [true, false].map((fused) => emitWasm(program, { dtype: "float64", fused }).bytes);
  expect(WebAssembly.validate(fused!)).toBe(true);
  expect(Buffer.from(fused!).equals(plain!)).toBe(false);
});

test.each(Object.keys(vectorFunctions) as VectorFunctionName[])(
  "%s keeps its promise with fused multiply-add",
  async (name) => {
    for (const dtype of KERNEL_DTYPES) {
      const worst = await worstCase(name, references.get(name)!, dtype);
      expect(worst.error, `${dtype} ${JSON.stringify(worst)}`).toBeLessThanOrEqual(
        dtype === "float64" ? 4 : 2,
      );
    }
  },
);

test("random programs with fused multiply-add, where they are smooth", async () => {
  await fc.assert(
    fc.asyncProperty(smoothPrograms(), async ({ program, point }) => {
      const kernel = await compile(program, { target: "wasm" });
      const outputs = new Float64Array(kernel.entries.length);
      kernel.run(Float64Array.from(point), outputs);
      const expected = interpretScalars(program, point);
      kernel.entries.forEach(({ output }, plane) => {
        const scale = Math.max(1, Math.abs(expected[output]!));
        expect(Math.abs(outputs[plane]! - expected[output]!) / scale).toBeLessThan(1e-9);
      });
    }),
    { numRuns: 80 },
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { randomPrograms } from "../../test/randomProgram.ts";
import { ProgramBuilder } from "../program/builder.ts";
import type { Program } from "../program/program.ts";
import { Random } from "../random.ts";
import { compile } from "./compile.ts";
import type { Kernel } from "./kernel.ts";
import { verify } from "./verify.ts";

function product(): Program {
  const builder = new ProgramBuilder();
  const [x, y] = [builder.input("x"), builder.input("y")];
  const outputs = [builder.emit("mul", [x, y]), builder.emit("log", [x])];
  return builder.build(
    "f",
    outputs.map((operand, index) => ({ name: `out${index}`, operand })),
  );
}

test("JavaScript kernels of random programs equal the interpreter", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomPrograms(),
      fc.constantFrom("float64" as const, "float32" as const),
      fc.nat(),
      async (program, dtype, seed) => {
        const kernel = await compile(program, { target: "js", dtype });
        expect(verify(kernel, { random: Random.seeded(seed), points: 8 })).toMatchObject({
          points: 8,
          maximumRelativeError: 0,
          maximumScaledError: 0,
          isWithinTolerance: true,
          worst: null,
        });
      },
    ),
    { numRuns: 60 },
  );
});

test("a wrong value is found, with its entry, by run and by runBatch", async () => {
  const kernel = await compile(product(), { target: "js" });
  const wrongRun: Kernel = {
    ...kernel,
    run(inputs, outputs) {
      kernel.run(inputs, outputs);
      outputs[0] = (outputs[0] ?? 0) * (1 + 1e-6);
    },
  };
  const byRun = verify(wrongRun, { random: Random.seeded(1) });
  expect(byRun.maximumRelativeError).toBeCloseTo(1e-6, 9);
  expect(byRun.worst).toMatchObject({ by: "run", entry: { output: 0, element: 0 } });
  expect(byRun.maximumScaledError).toBeGreaterThan(1e-8);
  expect(byRun.maximumScaledError).toBeLessThanOrEqual(byRun.maximumRelativeError);
  expect(byRun.isWithinTolerance).toBe(false);
  const wrongBatch: Kernel = {
    ...kernel,
    runBatch(count, inputs, outputs) {
      kernel.runBatch(count, inputs, outputs);
      outputs[outputs.length / 2 + count - 1] = NaN;
    },
  };
  const byBatch = verify(wrongBatch, { random: Random.seeded(1), around: [2, 3] });
  expect(byBatch.maximumRelativeError).toBe(Infinity);
  expect(byBatch).toMatchObject({ maximumScaledError: Infinity, isWithinTolerance: false });
  expect(byBatch.worst).toMatchObject({ by: "runBatch", entry: { output: 1 }, kernel: NaN });
});

test("points around a given one stay in the function's domain; numbers that are not finite are counted", async () => {
  const kernel = await compile(product(), { target: "js" });
  expect(verify(kernel, { random: Random.seeded(2), around: [4, 0] }).notFinite).toBe(0);
  expect(verify(kernel, { random: Random.seeded(2) })).toMatchObject({ maximumRelativeError: 0 });
  expect(verify(kernel, { random: Random.seeded(2) }).notFinite).toBeGreaterThan(0);
});

test("a small difference of large numbers is judged by what it is the difference of", async () => {
  const kernel = await compile(product(), { target: "js" });
  // log 1 is 0, and x * y a million: an error of 1e-8 there is a rounding of the large numbers.
  const rough: Kernel = {
    ...kernel,
    run(inputs, outputs) {
      kernel.run(inputs, outputs);
      outputs[1] = (outputs[1] ?? 0) + 1e-8;
    },
  };
  const found = verify(rough, { random: Random.seeded(3), around: [1, 1e6] });
  expect(found.maximumRelativeError).toBeGreaterThan(1e-8);
  expect(found.isWithinTolerance).toBe(true);
});

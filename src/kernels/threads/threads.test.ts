/** Threads of Node, started from the sources: the worker's code is a text, so nothing has to be built. */

import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { startThread } from "../../cluster/kernels.ts";
import { InputError } from "../../errors.ts";
import { traceSource } from "../../frontends/typescript/index.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { ProgramBuilder } from "../../program/builder.ts";
import type { Program } from "../../program/program.ts";
import { Random } from "../../random.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { compile, type Target } from "../compile.ts";
import type { Kernel, KernelDType, PlaneArray, Planes } from "../kernel.ts";
import type { ThreadedKernel } from "./kernel.ts";
import type { StartThread } from "./thread.ts";

const open: ThreadedKernel[] = [];

async function threaded(
  program: Program,
  target: Target,
  {
    dtype = "float64",
    threads = 3,
    start = startThread,
  }: { dtype?: KernelDType; threads?: number; start?: StartThread } = {},
): Promise<ThreadedKernel> {
  const kernel = await compile(program, { target, dtype, threads, startThread: start });
  open.push(kernel);
  return kernel;
}

afterEach(() => {
  for (const kernel of open.splice(0)) kernel.close();
});

/** More operations than are unrolled: its loops keep arrays in memory, for each thread apart. */
const LOOPS = `
import { type Matrix, matmul } from "alphagrad/math";
export const cube = (a: Matrix<24, 24>) => matmul(a, matmul(a, a));
`;

const task = (name: string) => (name === "loops" ? traceSource(LOOPS) : jacobian(programOf(findTask(name)!)));

/** Planes with numbers in every place, the same for the same seed. */
function filled(kernel: Kernel, count: number, seed = 1): Planes {
  const planes = kernel.planes(count);
  const random = Random.seeded(seed);
  for (let plane = 0; plane < kernel.inputCount; plane++)
    for (let point = 0; point < count; point++)
      planes.inputs[plane * planes.stride + point] = 0.5 + random.unit();
  planes.outputs.fill(-7);
  return planes;
}

function expectSame(kernel: Kernel, other: Kernel, count: number): void {
  const [own, reference] = [filled(kernel, count), filled(other, count)];
  kernel.runBatch(count, own.inputs, own.outputs);
  other.runBatch(count, reference.inputs, reference.outputs);
  expect(own.stride).toBe(reference.stride);
  expect(isSame(own.outputs, reference.outputs)).toBe(true);
}

function isSame(a: PlaneArray, b: PlaneArray): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
}

describe.each(["js", "wasm"] as const)("target %s", (target) => {
  test.each([
    ["RoeFlux_1d", "float64", 5007],
    ["RobotArm_6DOF", "float32", 5001],
    ["loops", "float64", 333],
  ] as const)("%s in %s equals one thread to the bit", async (name, dtype, count) => {
    const program = task(name);
    const kernel = await threaded(program, target, { dtype });
    expect(kernel.threads).toBe(3);
    const single = await compile(program, { target, dtype });
    for (let round = 0; round < 3; round++) expectSame(kernel, single, count);
    for (const small of [1, 2, 65]) expectSame(kernel, single, small);
  });

  test("any number of points, chunk after chunk, in planes old and new", async () => {
    const program = task("HumanHeartDipole");
    const kernel = await threaded(program, target, { threads: 2 });
    const single = await compile(program, { target });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30_000 }), (count) => expectSame(kernel, single, count)),
      { numRuns: 20 },
    );
    const small = filled(kernel, 12_000);
    kernel.planes(400_000);
    kernel.runBatch(12_000, small.inputs, small.outputs);
    const reference = filled(single, 12_000);
    single.runBatch(12_000, reference.inputs, reference.outputs);
    expect(isSame(small.outputs, reference.outputs)).toBe(true);
  });

  test("arrays of one's own, and all batches after closing, are computed on one thread", async () => {
    const program = task("HumanHeartDipole");
    const kernel = await threaded(program, target);
    const single = await compile(program, { target });
    const { inputs, outputs } = filled(single, 12_000);
    const own = [new Float64Array(inputs), new Float64Array(outputs)] as const;
    kernel.runBatch(12_000, ...own);
    single.runBatch(12_000, inputs, outputs);
    expect(isSame(own[1], outputs)).toBe(true);
    kernel.close();
    expect(kernel.threads).toBe(1);
    expectSame(kernel, single, 12_000);
    const point = [
      new Float64Array(kernel.inputCount).fill(0.7),
      new Float64Array(kernel.entries.length),
    ] as const;
    const other = [point[0], new Float64Array(kernel.entries.length)] as const;
    kernel.run(...point);
    single.run(...other);
    expect(point[1]).toEqual(other[1]);
  });
});

test("planes are in shared memory, without copies", async () => {
  const kernel = await threaded(task("HumanHeartDipole"), "wasm", { threads: 2 });
  expect(kernel.planes(10).inputs.buffer).toBeInstanceOf(SharedArrayBuffer);
});

describe("failures", () => {
  const program = task("HumanHeartDipole");

  test("a thread that cannot start", async () => {
    const start: StartThread = (source) =>
      startThread(source.replace("function evaluator(", "function evaluatorOf("));
    await expect(threaded(program, "wasm", { start })).rejects.toThrow(/could not be started: .*evaluator/);
    const broken: StartThread = () => startThread("syntax error");
    await expect(threaded(program, "wasm", { start: broken })).rejects.toThrow(InputError);
  });

  test("a thread that fails within a batch, or ends between two", async () => {
    const start: StartThread = (source) =>
      startThread(source.replace("const word =", 'throw new Error("out of order"); const word ='));
    const kernel = await threaded(program, "js", { start });
    const { inputs, outputs } = filled(kernel, 300_000);
    expect(() => {
      for (let round = 0; round < 1000; round++) kernel.runBatch(300_000, inputs, outputs);
    }).toThrow(/HumanHeartDipole.*thread.*out of order/);

    const ends: StartThread = (source) =>
      startThread(source.replace("Atomics.wait(control, slots.rings, seen)", 'throw new Error("no more")'));
    const other = await threaded(program, "wasm", { start: ends });
    const planes = filled(other, 12_000);
    await expect
      .poll(() => {
        try {
          other.runBatch(12_000, planes.inputs, planes.outputs);
          return "";
        } catch (error) {
          return String(error);
        }
      })
      .toMatch(/a thread of the kernel failed: .*no more/);
  });

  test("bad input", async () => {
    for (const threads of [0, -1, 1.5, NaN, 1e6])
      await expect(compile(program, { target: "wasm", threads, startThread })).rejects.toThrow(
        /threads: expected a whole number from 1/,
      );
    const kernel = await threaded(program, "wasm", { threads: 2 });
    expect(() => kernel.planes(0)).toThrow(/at least 1, got 0/);
    expect(() => kernel.planes(1e9)).toThrow(InputError);
    const { inputs, outputs } = kernel.planes(100);
    expect(() => kernel.runBatch(0, inputs, outputs)).toThrow(/at least 1, got 0/);
    expect(() => kernel.runBatch(200, inputs, outputs)).toThrow(/input planes.*kernel\.planes/);
    expect(() => kernel.runBatch(10, new Float32Array(100), outputs)).toThrow(/Float64Array/);
  });
});

test("where no thread can be started there is one, and one is one", async () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x");
  const square = builder.build("f", [{ name: "y", operand: builder.emit("mul", [x, x]) }]);
  for (const options of [{ threads: 4 }, { threads: 1, startThread }]) {
    const kernel = await compile(square, { target: "js", ...options });
    expect(kernel.threads).toBe(1);
    const { inputs, outputs } = kernel.planes(2);
    inputs.fill(3);
    kernel.runBatch(2, inputs, outputs);
    expect(Array.from(outputs.subarray(0, 2))).toEqual([9, 9]);
    kernel.close();
  }
});

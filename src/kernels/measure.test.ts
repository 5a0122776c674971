import { expect, test } from "vitest";
import { ProgramBuilder } from "../program/builder.ts";
import { compile } from "./compile.ts";
import { batchWorkload, measure, pointWorkload, type Workload } from "./measure.ts";

/** A clock that only work moves. */
function fakeMachine() {
  let now = 0;
  const calls: string[] = [];
  const workload = (name: string, evaluations: number, nanoseconds: (call: number) => number): Workload => {
    let call = 0;
    return {
      name,
      evaluations,
      run() {
        calls.push(name);
        now += (nanoseconds(call++) * evaluations) / 1e6;
      },
    };
  };
  return { clock: () => now, workload, calls, advance: (milliseconds: number) => (now += milliseconds) };
}

test("the median is the time of an evaluation, whatever the first calls and outliers cost", () => {
  const { clock, workload } = fakeMachine();
  const timings = measure(
    [
      workload("slow start", 10, (call) => (call < 50 ? 5000 : 100)),
      workload("outliers", 10, (call) => (call % 9973 === 0 ? 1e6 : 30)),
    ],
    { clock, milliseconds: 100 },
  );
  expect(timings.map(({ name }) => name)).toEqual(["slow start", "outliers"]);
  expect(timings[0]?.median).toBeCloseTo(100, 6);
  expect(timings[1]?.median).toBeCloseTo(30, 6);
  for (const { low, median, high, samples } of timings) {
    expect(low).toBeLessThanOrEqual(median);
    expect(high).toBeGreaterThanOrEqual(median);
    expect(samples).toBeGreaterThanOrEqual(5);
  }
});

test("the budget holds for each workload, and candidates take turns", () => {
  const { clock, workload, calls } = fakeMachine();
  measure([workload("a", 8192, () => 100), workload("b", 8192, () => 200)], { clock, milliseconds: 100 });
  expect(clock()).toBeGreaterThan(100);
  expect(clock()).toBeLessThan(250);
  const turns = calls.filter((name, index) => name !== calls[index - 1]).length;
  expect(turns).toBeGreaterThan(10);
});

test("work longer than the budget is still sampled a few times, and an abort ends it after one", () => {
  const { clock, workload } = fakeMachine();
  const second = () => 1e9;
  expect(measure([workload("long", 1, second)], { clock, milliseconds: 10 })[0]).toMatchObject({
    median: 1e9,
    samples: 5,
  });
  const aborted = measure([workload("long", 1, second)], {
    clock,
    milliseconds: 1e6,
    signal: AbortSignal.abort(),
  });
  expect(aborted[0]).toMatchObject({ samples: 1 });
});

test("workloads of a kernel evaluate points around the given one", async () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x");
  const kernel = await compile(builder.build("f", [{ name: "y", operand: builder.emit("mul", [x, x]) }]), {
    target: "js",
  });
  const seen: number[] = [];
  const spy = {
    ...kernel,
    run(inputs: Float64Array, outputs: Float64Array) {
      kernel.run(inputs, outputs);
      seen.push(outputs[0]!);
    },
    runBatch(...[count, inputs, outputs]: Parameters<typeof kernel.runBatch>) {
      kernel.runBatch(count, inputs, outputs);
      seen.push(...outputs.subarray(0, count));
    },
  };
  const workloads = [pointWorkload("one", spy, [3]), batchWorkload("many", spy, [3], 100)];
  for (const workload of workloads) workload.run();
  expect(seen).toHaveLength(workloads.reduce((sum, { evaluations }) => sum + evaluations, 0));
  for (const value of seen) expect(Math.abs(value / 9 - 1)).toBeLessThan(2e-3);
  expect(new Set(seen).size).toBeGreaterThan(10);
});

import { expect, test } from "vitest";
import { InputError } from "./errors.ts";
import { trace } from "./frontends/typescript/index.ts";
import { jacobian } from "./jacobian/jacobian.ts";
import { linearize } from "./jacobian/linearize.ts";
import { optimizeRuntime } from "./optimizeRuntime.ts";
import { interpretScalars } from "./program/interpreter.ts";
import { simplify } from "./program/simplify.ts";
import { measureRuntime, runtimeCost } from "./runtime.ts";
import { parseCertificate } from "./search/certificate.ts";
import { forward, reverse } from "./search/orders.ts";
import { findTask, programOf } from "./tasks/index.ts";

const program = simplify(programOf(findTask("HumanHeartDipole")!));
const { graph } = linearize(program);

/** A clock that every look moves by half a millisecond: measurements end, whatever the machine does. */
function steady(): () => number {
  let now = 0;
  return () => (now += 0.5);
}

test("one timing per order, in order, by point and by batch", async () => {
  const orders = [forward(graph), reverse(graph), forward(graph)];
  for (const options of [{}, { target: "wasm", dtype: "float32", batch: 64 }] as const) {
    const timings = await measureRuntime(program, orders, { ...options, now: steady(), milliseconds: 20 });
    expect(timings.map(({ name }) => name)).toEqual(["1", "2", "3"]);
    for (const { low, median, high, samples } of timings) {
      expect(low).toBeGreaterThan(0);
      expect(median).toBeGreaterThanOrEqual(low);
      expect(high).toBeGreaterThanOrEqual(median);
      expect(samples).toBeGreaterThanOrEqual(5);
    }
  }
});

test("no programs have no timings, whatever the point", async () => {
  expect(await measureRuntime(programOf(findTask("Perceptron")!), [], { point: [1] })).toEqual([]);
});

test("a cost is relative to the reference: where all takes as long it is 1", async () => {
  const cost = runtimeCost(program, reverse(graph), { now: steady(), milliseconds: 20 });
  expect(await cost(forward(graph))).toBeCloseTo(1, 10);
});

test("the search takes the fastest of different codes, and certifies what was measured", async () => {
  const { runtime, best, order, methods, certificate } = await optimizeRuntime(program, {
    iterations: 400,
    milliseconds: 10,
    batch: 32,
    target: "wasm",
    dtype: "float32",
  });
  const { measured } = runtime;
  expect(measured[0]!.methods).toContain(best.method);
  expect(order).toBe(best.order);
  expect(methods.map(({ method }) => method)).toEqual(
    expect.arrayContaining([...measured.flatMap(({ methods }) => methods), "forward", "reverse"]),
  );
  expect(methods.some(({ method }) => method.endsWith("fewest multiplications"))).toBe(true);
  const { operations } = certificate.costs;
  expect(best.cost).toBe(operations!.multiplications + operations!.additions);
  expect(certificate.runtime).toMatchObject({
    ...{ target: "wasm", dtype: "float32", batch: 32 },
    nanoseconds: measured[0]!.timing.median,
  });
  expect(parseCertificate(JSON.parse(JSON.stringify(certificate)))).toEqual(certificate);
  const point = Array.from({ length: 8 }, (_, index) => 0.3 + 0.1 * index);
  const values = (of: readonly number[]) => interpretScalars(jacobian(program, { order: of }), point);
  values(best.order as number[]).forEach((value, index) => {
    expect(value).toBeCloseTo(values(reverse(graph))[index]!, 10);
  });
});

test("nothing to choose, and an abort, still give an order", async () => {
  const trivial = await optimizeRuntime(
    trace((x: number) => [2 * x]),
    { iterations: 10, milliseconds: 1 },
  );
  expect(trivial.order).toEqual([]);
  const aborted = await optimizeRuntime(program, {
    seconds: 60,
    signal: AbortSignal.abort(),
    milliseconds: 1,
  });
  expect(aborted.order).toHaveLength(graph.vertices.length - graph.outputs.length);
});

test.each([
  ["batch", { batch: 0 }],
  ["milliseconds", { milliseconds: 0 }],
  ["point", { point: [1] }],
  ["target", { target: "fortran" as "js" }],
])("bad input: %s", async (name, options) => {
  const measurement = measureRuntime(program, [forward(graph)], options);
  await expect(measurement).rejects.toThrow(InputError);
  await expect(measurement).rejects.toThrow(name);
});

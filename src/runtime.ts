/**
 * The cost model `runtime`: measured nanoseconds per Jacobian of compiled orders.
 *
 * Times on a shared machine mean little one by one, so orders are only ever measured side by side: all are compiled and warmed up, then take turns
 * (`kernels/measure.ts`), and medians are compared.
 */

import { InputError } from "./errors.ts";
import type { Elimination } from "./graph/graph.ts";
import { jacobian } from "./jacobian/jacobian.ts";
import { compile, type Target } from "./kernels/compile.ts";
import { inputCountOf, type KernelDType } from "./kernels/kernel.ts";
import { batchWorkload, measure, pointWorkload, type Timing } from "./kernels/measure.ts";
import type { Program } from "./program/program.ts";
import { Random } from "./random.ts";

/** What is measured, and how long. */
export interface RuntimeOptions {
  /** js by default. */
  readonly target?: Target;
  /** Element type of the planes of a batch; float64 by default. */
  readonly dtype?: KernelDType;
  /** Points at once: 1, the default, measures `run`, more measures `runBatch`. */
  readonly batch?: number;
  /** Where to evaluate: one number per scalar of the inputs; by default between 0.5 and 1.5. */
  readonly point?: readonly number[];
  /** Time for each order, warm-up included; 100 by default. */
  readonly milliseconds?: number;
  /** In milliseconds; `performance.now` by default. */
  readonly now?: () => number;
  /** Ends the measurement early. */
  readonly signal?: AbortSignal;
}

/**
 * Measures the Jacobians of a program in several orders, side by side.
 *
 * @returns one timing per order, named by its position from 1
 * @throws InputError if an order does not fit the program, or the options what they describe
 */
export async function measureRuntime(
  program: Program,
  orders: readonly Elimination[],
  options: RuntimeOptions = {},
): Promise<Timing[]> {
  return measurePrograms(
    orders.map((order) => jacobian(program, { order })),
    options,
  );
}

/**
 * `measureRuntime` for programs that are there already, all with the same inputs.
 *
 * @returns one timing per program, named by its position from 1
 */
export async function measurePrograms(
  programs: readonly Program[],
  {
    target = "js",
    dtype = "float64",
    batch = 1,
    milliseconds = 100,
    now = () => performance.now(),
    ...options
  }: RuntimeOptions = {},
): Promise<Timing[]> {
  if (!Number.isSafeInteger(batch) || batch < 1)
    throw new InputError(`batch: expected a whole number of points from 1, got ${batch}`);
  if (!(milliseconds > 0)) throw new InputError(`milliseconds: expected a time above 0, got ${milliseconds}`);
  const [first] = programs;
  if (first === undefined) return [];
  const count = inputCountOf(first);
  const { point = defaultPoint(count), signal } = options;
  if (point.length !== count) throw new InputError(`point: expected ${count} numbers, got ${point.length}`);
  const workloads = await Promise.all(
    programs.map(async (own, index) => {
      const kernel = await compile(own, { target, dtype });
      return batch === 1
        ? pointWorkload(`${index + 1}`, kernel, point)
        : batchWorkload(`${index + 1}`, kernel, point, batch);
    }),
  );
  return measure(workloads, { clock: now, milliseconds, ...(signal === undefined ? {} : { signal }) });
}

/** Numbers between 0.5 and 1.5, always the same: near them most functions are defined. */
export function defaultPoint(count: number): number[] {
  const random = Random.seeded(1);
  return Array.from({ length: count }, () => 0.5 + random.unit());
}

/**
 * The measured cost of orders as a function, such as an agent's reward is made of: how many times as long an order's Jacobian takes as that of a reference order,
 * which is measured along with it each time. So costs found at different times, or on different machines, can be compared.
 */
export function runtimeCost(
  program: Program,
  reference: Elimination,
  options: RuntimeOptions = {},
): (order: Elimination) => Promise<number> {
  const yardstick = jacobian(program, { order: reference });
  return async (order) => {
    const [own, other] = await measurePrograms([jacobian(program, { order }), yardstick], options);
    return (own?.median ?? NaN) / (other?.median ?? NaN);
  };
}

/**
 * Nanoseconds per evaluation, measured fairly: every candidate is warmed up until its time is stable, then all take turns, so that
 * whatever else the machine does hits them alike; the median of many samples counts.
 */

import type { Kernel } from "./kernel.ts";

/** Something to time. */
export interface Workload {
  readonly name: string;
  /** Evaluations that one call of `run` performs. */
  readonly evaluations: number;
  run(): void;
}

/** Nanoseconds per evaluation. */
export interface Timing {
  readonly name: string;
  readonly median: number;
  /** First and third quartile. */
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

export interface MeasureOptions {
  /** Time in milliseconds, such as `() => performance.now()`. */
  readonly clock: () => number;
  /** Budget per workload, warm-up included; 100 by default. */
  readonly milliseconds?: number;
  /** Ends the measurement early; what is measured until then counts. */
  readonly signal?: AbortSignal;
}

/** Shares of the budget: the least (engines optimise in the background, after a plateau) and the most that warm-up takes, and one sample. */
const SHORTEST_WARM_UP_SHARE = 0.15;
const WARM_UP_SHARE = 0.4;
const SAMPLE_SHARE = 0.01;
/** Warm-up ends when a sample is within this share of the one before. */
const STABLE = 0.05;
const FEWEST_SAMPLES = 5;
const MOST_SAMPLES = 1000;
const MOST_REPETITIONS = 2 ** 20;

/**
 * Measures the workloads side by side.
 *
 * @returns one timing per workload, in order; it takes about `milliseconds` for each
 */
export function measure(workloads: readonly Workload[], options: MeasureOptions): Timing[] {
  const { clock, milliseconds = 100, signal } = options;
  const repetitions = workloads.map((workload) => warmUp(workload, clock, milliseconds));
  const samples = workloads.map((): number[] => []);
  const end = clock() + milliseconds * (1 - WARM_UP_SHARE) * workloads.length;
  for (let round = 0; round < MOST_SAMPLES; round++) {
    if (round >= FEWEST_SAMPLES && clock() >= end) break;
    if (signal?.aborted && round > 0) break;
    workloads.forEach((workload, index) => {
      samples[index]?.push(sample(workload, repetitions[index] ?? 1, clock));
    });
  }
  return workloads.map(({ name }, index) => ({ name, ...summary(samples[index] ?? []) }));
}

/** Runs a workload until its time per evaluation is stable; how often to repeat it so that one sample outlasts the clock's grain. */
function warmUp(workload: Workload, clock: () => number, milliseconds: number): number {
  const start = clock();
  let repetitions = 1;
  let before = Infinity;
  let spent = 0;
  while (spent < milliseconds * WARM_UP_SHARE) {
    const now = sample(workload, repetitions, clock);
    const tooShort = (now * repetitions * workload.evaluations) / 1e6 < milliseconds * SAMPLE_SHARE;
    const stable = Math.abs(now - before) <= STABLE * before;
    spent = clock() - start;
    if (tooShort && repetitions < MOST_REPETITIONS) repetitions *= 2;
    else if (stable && spent >= milliseconds * SHORTEST_WARM_UP_SHARE) break;
    before = now;
  }
  return repetitions;
}

/** Nanoseconds per evaluation over so many calls. */
function sample(workload: Workload, repetitions: number, clock: () => number): number {
  const start = clock();
  for (let call = 0; call < repetitions; call++) workload.run();
  return ((clock() - start) * 1e6) / (repetitions * workload.evaluations);
}

function summary(samples: readonly number[]): Omit<Timing, "name"> {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  return { median: at(0.5), low: at(0.25), high: at(0.75), samples: sorted.length };
}

/** A kernel at one point. The inputs change in turn, so that no evaluation can be hoisted out of the measuring loop. */
export function pointWorkload(name: string, kernel: Kernel, point: readonly number[]): Workload {
  const variants = Array.from({ length: 16 }, (_, variant) =>
    Float64Array.from(point, (value) => varied(value, variant)),
  );
  const outputs = new Float64Array(kernel.entries.length);
  return {
    name,
    evaluations: variants.length,
    run() {
      for (const inputs of variants) kernel.run(inputs, outputs);
    },
  };
}

/** A kernel over a batch of `count` points around the given one. */
export function batchWorkload(
  name: string,
  kernel: Kernel,
  point: readonly number[],
  count: number,
): Workload {
  const { inputs, outputs, stride } = kernel.planes(count);
  point.forEach((value, plane) => {
    for (let index = 0; index < count; index++) inputs[plane * stride + index] = varied(value, index);
  });
  return { name, evaluations: count, run: () => kernel.runBatch(count, inputs, outputs) };
}

/** The value moved by less than a part in a thousand. */
function varied(value: number, index: number): number {
  return value * (1 + (index % 61) * 1e-5);
}

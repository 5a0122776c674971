/**
 * The C target beside the JavaScript kernel: Jacobians of the scalar tasks, one point and batches, float and double, one thread.
 *
 * C is compiled as its files advise by every compiler that there is; its numbers are compared with the JavaScript kernel's first.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { emitC } from "../src/kernels/c/emit.ts";
import { compile } from "../src/kernels/compile.ts";
import { type KernelDType, planeStride } from "../src/kernels/kernel.ts";
import { batchWorkload, measure, pointWorkload } from "../src/kernels/measure.ts";
import { optimizeGraph } from "../src/optimize.ts";
import type { Program } from "../src/program/program.ts";
import { simplify } from "../src/program/simplify.ts";
import { findTask, programOf, referencePoints } from "../src/tasks/index.ts";

const TASKS = ["RoeFlux_1d", "RobotArm_6DOF", "HumanHeartDipole", "PropaneCombustion"];
const BATCHES = [1, 512, 8192, 65536];
const DTYPES: readonly KernelDType[] = ["float32", "float64"];
const ITERATIONS = 200_000;
const MILLISECONDS = 150;
const FLAGS = ["-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"];
const CLANG_FLAGS = ["-fveclib=libmvec"];
const TOLERANCE = { float64: 1e-11, float32: 1e-3 };

/** Prints one table. */
export async function main(): Promise<void> {
  const compilers = ["gcc", "clang"].filter(isThere);
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}.`,
  );
  print(
    `${FLAGS.join(" ")}; annealed for operations, ${ITERATIONS} iterations, seed 1; ns per Jacobian, lower quartile.\n`,
  );
  print(`| task | operations | kernel | ${BATCHES.map((batch) => `batch ${batch}`).join(" | ")} |`);
  print(`|---|---|---|${BATCHES.map(() => "---|").join("")}`);
  for (const name of TASKS) {
    const { program, point, operations } = await taskOf(name);
    for (const dtype of DTYPES) {
      const row = (kernel: string, times: readonly number[]) =>
        print(
          `| ${name} | ${operations} | ${kernel}, ${dtype} | ${times.map((time) => time.toPrecision(3)).join(" | ")} |`,
        );
      const { times, outputs } = await timeJavaScript(program, point, dtype);
      row("JavaScript", times);
      for (const compiler of compilers) row(compiler, timeC(program, point, dtype, compiler, outputs));
    }
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function isThere(compiler: string): boolean {
  try {
    execFileSync(compiler, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function taskOf(
  name: string,
): Promise<{ program: Program; point: readonly number[]; operations: string }> {
  const task = findTask(name);
  if (task === undefined) throw new Error(`no task ${name}`);
  const program = simplify(programOf(task));
  const { certificate } = await optimizeGraph(linearize(program).graph, {
    objective: "operations",
    method: "annealing",
    iterations: ITERATIONS,
    seed: 1,
    form: "simplified",
  });
  const { multiplications = 0, additions = 0 } = certificate.costs.operations ?? {};
  const point = referencePoints(task)[0]?.inputs;
  if (point === undefined) throw new Error(`${name} has no points`);
  return {
    program: jacobian(program, { order: certificate.order }),
    point,
    operations: `${multiplications} + ${additions}`,
  };
}

async function timeJavaScript(
  program: Program,
  point: readonly number[],
  dtype: KernelDType,
): Promise<{ times: number[]; outputs: Float64Array }> {
  const kernel = await compile(program, { target: "js", dtype });
  const outputs = new Float64Array(kernel.entries.length);
  kernel.run(Float64Array.from(point), outputs);
  const workloads = BATCHES.map((batch) =>
    batch === 1 ? pointWorkload("1", kernel, point) : batchWorkload(`${batch}`, kernel, point, batch),
  );
  const timings = measure(workloads, { clock: () => performance.now(), milliseconds: MILLISECONDS });
  return { times: timings.map(({ low }) => low), outputs };
}

function timeC(
  program: Program,
  point: readonly number[],
  dtype: KernelDType,
  compiler: string,
  expected: Float64Array,
): number[] {
  const directory = mkdtempSync(join(tmpdir(), "alphagrad-bench-"));
  try {
    const { source, header } = emitC({ ...program, name: "kernel" }, { dtype });
    writeFileSync(join(directory, "kernel.c"), source);
    writeFileSync(join(directory, "kernel.h"), header);
    writeFileSync(join(directory, "main.c"), driver(point, dtype));
    const files = ["kernel.c", "main.c"].map((file) => join(directory, file));
    const binary = join(directory, "bench");
    execFileSync(
      compiler,
      [...FLAGS, ...(compiler === "clang" ? CLANG_FLAGS : []), "-o", binary, ...files, "-lm"],
      { stdio: "inherit" },
    );
    const { outputs, times } = JSON.parse(execFileSync(binary, { encoding: "utf8" })) as {
      outputs: number[];
      times: number[];
    };
    outputs.forEach((value, entry) => {
      const wanted = expected[entry] ?? Number.NaN;
      if (!(Math.abs(value - wanted) <= TOLERANCE[dtype] * (1 + Math.abs(wanted))))
        throw new Error(`${compiler}, ${dtype}: entry ${entry} is ${value}, not ${wanted}`);
    });
    return times;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A program that prints the outputs of the batch function at the point, and the time of each batch, as JSON. */
function driver(point: readonly number[], dtype: KernelDType): string {
  const real = dtype === "float64" ? "double" : "float";
  const batches = BATCHES.map((batch) => {
    const stride = planeStride(batch, dtype);
    const run =
      batch === 1
        ? "for (int v = 0; v < 16; v++) kernel_run(variants[v], row)"
        : `kernel_run_batch(${batch}, inputs, ${stride}, outputs, ${stride})`;
    return `  {
    fill(${batch}, ${stride});
    MEASURE(${run}, ${batch === 1 ? 16 : batch});
  }`;
  });
  const largest = Math.max(...BATCHES.map((batch) => planeStride(batch, dtype)));
  return `#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "kernel.h"

static const double point[] = {${point.join(", ")}};
static ${real} *inputs, *outputs, variants[16][kernel_inputs], row[kernel_outputs];

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}
static int compare(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}
static void fill(size_t count, size_t stride) {
  for (size_t k = 0; k < kernel_inputs; k++)
    for (size_t i = 0; i < count; i++) inputs[k * stride + i] = (${real})(point[k] * (1 + (i % 61) * 1e-5));
}

#define SAMPLES 101
#define MEASURE(run, evaluations) do { \\
    double samples[SAMPLES], start = now(); \\
    long repetitions = 0; \\
    while (now() - start < 2e7) { run; repetitions++; } \\
    repetitions = repetitions / 20 + 1; \\
    for (int s = 0; s < SAMPLES; s++) { \\
      start = now(); \\
      for (long r = 0; r < repetitions; r++) { run; } \\
      samples[s] = (now() - start) / repetitions / (evaluations); \\
    } \\
    qsort(samples, SAMPLES, sizeof samples[0], compare); \\
    printf("%s%.4g", separator, samples[SAMPLES / 4]); \\
    separator = ", "; \\
  } while (0)

int main(void) {
  const char *separator = "";
  inputs = aligned_alloc(64, (size_t)kernel_inputs * ${largest} * sizeof(${real}));
  outputs = aligned_alloc(64, (size_t)kernel_outputs * ${largest} * sizeof(${real}));
  if (inputs == NULL || outputs == NULL) return 1;
  for (int v = 0; v < 16; v++)
    for (int k = 0; k < kernel_inputs; k++) variants[v][k] = (${real})(point[k] * (1 + v * 1e-5));
  fill(64, 64);
  kernel_run_batch(64, inputs, 64, outputs, 64);
  printf("{\\"outputs\\": [");
  for (int k = 0; k < kernel_outputs; k++) printf("%s%.17g", k ? ", " : "", (double)outputs[64 * k]);
  printf("], \\"times\\": [");
${batches.join("\n")}
  printf("]}\\n");
  return 0;
}
`;
}

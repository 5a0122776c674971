/** Our C kernels, compiled by the machine's compiler into one program that times them all. */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { InputError } from "../../errors.ts";
import { emitC } from "../../kernels/c/emit.ts";
import { inputCountOf, planeStride } from "../../kernels/kernel.ts";
import { disagreement } from "./agreement.ts";
import driver from "./driver.c?raw";
import {
  expectedEntries,
  type KernelSetting,
  type NamedJacobian,
  type TimedKernels,
  wrongNumbers,
} from "./kernels.ts";
import type { CaseTiming, KernelCase } from "./result.ts";

const FLAGS = ["-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"];

/** What clang needs to find glibc's vector functions, as the generated code advises; gcc knows them, and not the flag. */
const VECTOR_FUNCTIONS = "-fveclib=libmvec";

/** What the driver prints. */
interface DriverOutput {
  /** Per kernel; numbers as text, since they may be NaN or infinite. */
  readonly outputs: readonly (readonly string[])[];
  readonly cases: readonly (CaseTiming & { readonly kernel: number; readonly batch: number })[];
}

/**
 * Times the C kernels of all Jacobians, at each batch size all in turns.
 *
 * @param compiler such as `cc`
 * @returns without cases but with a note where there is no such compiler, or the programs cannot be expressed in C
 */
export async function timeCKernels(
  jacobians: readonly NamedJacobian[],
  { batches, dtype, seconds, point }: KernelSetting,
  compiler: string,
): Promise<TimedKernels> {
  const directory = await mkdtemp(join(tmpdir(), "alphagrad-bench-"));
  try {
    const sources = [];
    for (const [index, { jacobian }] of jacobians.entries()) {
      const { source, header } = emitC({ ...jacobian, name: `kernel${index}` }, { dtype });
      await writeFile(join(directory, `kernel${index}.c`), source);
      await writeFile(join(directory, `kernel${index}.h`), header);
      sources.push(join(directory, `kernel${index}.c`));
    }
    await writeFile(join(directory, "kernels.h"), kernelTable(jacobians, point, dtype));
    await writeFile(join(directory, "driver.c"), driver);
    const binary = join(directory, "driver");
    const rest = [...FLAGS, "-o", binary, join(directory, "driver.c"), ...sources, "-lm"];
    await execute(compiler, [VECTOR_FUNCTIONS, ...rest]).catch(() => execute(compiler, rest));
    const strides = batches.map((batch) => `${batch}:${planeStride(batch, dtype)}`);
    const output = JSON.parse(await execute(binary, [`${1000 * seconds}`, ...strides])) as DriverOutput;
    return casesOf(jacobians, output, point, dtype);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { cases: [], notes: [`c is left out: ${error.message}`] };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function casesOf(
  jacobians: readonly NamedJacobian[],
  { outputs, cases }: DriverOutput,
  point: readonly number[],
  dtype: KernelSetting["dtype"],
): TimedKernels {
  const notes: string[] = [];
  const timed = jacobians.flatMap(({ order, jacobian }, index): KernelCase[] => {
    const values = (outputs[index] ?? []).map(Number);
    if (!(disagreement(values, expectedEntries(jacobian, point), dtype) <= 1)) {
      notes.push(wrongNumbers(`${order}, c`, dtype));
      return [];
    }
    return cases
      .filter(({ kernel }) => kernel === index)
      .map(({ batch, median, low, high, samples }) => ({
        kind: "kernel",
        order,
        target: "c",
        dtype,
        batch,
        threads: 1,
        median,
        low,
        high,
        samples,
      }));
  });
  return { cases: timed, notes };
}

/** What driver.c includes: the kernels, the number type and the point. */
function kernelTable(
  jacobians: readonly NamedJacobian[],
  point: readonly number[],
  dtype: KernelSetting["dtype"],
): string {
  const names = jacobians.map((_, index) => `kernel${index}`);
  const inputs = inputCountOf(jacobians[0]?.jacobian ?? { name: "", inputs: [], equations: [], outputs: [] });
  return [
    "#include <stddef.h>",
    ...names.map((name) => `#include "${name}.h"`),
    `typedef ${dtype === "float64" ? "double" : "float"} real;`,
    `enum { KERNELS = ${names.length}, kernel_inputs = ${inputs} };`,
    `static const double point[] = {${[...point, 0].join(", ")}};`,
    "struct kernel {",
    "  void (*run)(const real *restrict, real *restrict);",
    "  void (*run_batch)(size_t, const real *restrict, size_t, real *restrict, size_t);",
    "  size_t outputs;",
    "};",
    "static const struct kernel kernels[] = {",
    ...names.map((name) => `  {${name}_run, ${name}_run_batch, ${name}_outputs},`),
    "};",
    "",
  ].join("\n");
}

/** What a program prints. Throws an InputError that says why it could not be run, or how it failed. */
async function execute(command: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(command, [...args], { maxBuffer: 2 ** 28 });
    return stdout;
  } catch (error) {
    const { code, stderr = "" } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code === "ENOENT") throw new InputError(`there is no C compiler ${command}; --cc or CC names one`);
    throw new InputError(`${command} failed: ${stderr.trim().split("\n")[0] ?? "it said nothing"}`);
  }
}

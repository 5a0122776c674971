/** Our own kernels, timed: every order on every target, in this process or, for C, in one of their own. */

import { startThread } from "../../cluster/kernels.ts";
import { compile } from "../../kernels/compile.ts";
import { entriesOf, type Kernel, type KernelDType } from "../../kernels/kernel.ts";
import { batchWorkload, measure, pointWorkload } from "../../kernels/measure.ts";
import type { ThreadedKernel } from "../../kernels/threads/kernel.ts";
import { interpret } from "../../program/interpreter.ts";
import type { Program } from "../../program/program.ts";
import { sizeOf, type Tensor } from "../../program/type.ts";
import { disagreement } from "./agreement.ts";
import type { KernelCase } from "./result.ts";

/** A Jacobian program, by the name of its order. */
export interface NamedJacobian {
  readonly order: string;
  readonly jacobian: Program;
}

/** What is measured and how. */
export interface KernelSetting {
  readonly batches: readonly number[];
  readonly dtype: KernelDType;
  /** Numbers of threads for batches; with more than one only the last Jacobian is timed. */
  readonly threads: readonly number[];
  /** Time for each case. */
  readonly seconds: number;
  /** All numbers of all inputs. */
  readonly point: readonly number[];
  readonly clock: () => number;
}

/** Times, and what was left out. */
export interface TimedKernels {
  readonly cases: readonly KernelCase[];
  readonly notes: readonly string[];
}

/** The scalars of all inputs of a program, cut into tensors. */
export function tensorsAt(program: Program, point: readonly number[]): Tensor[] {
  let start = 0;
  return program.inputs.map(({ type: { shape } }) => {
    const data = Float64Array.from(point.slice(start, start + sizeOf(shape)));
    start += data.length;
    return { shape, data };
  });
}

/** The entries of a program at a point, by the interpreter. */
export function expectedEntries(program: Program, point: readonly number[]): number[] {
  const outputs = interpret(program, tensorsAt(program, point));
  return entriesOf(program).map(({ output, element }) => outputs[output]?.data[element] ?? Number.NaN);
}

/**
 * Times the kernels of all Jacobians on the targets that run in this process, at each batch size all in turns. Kernels whose numbers are not the
 * interpreter's are left out.
 *
 * @throws InputError for a program that a target does not support
 */
export async function timeKernels(
  jacobians: readonly NamedJacobian[],
  targets: readonly ("js" | "wasm")[],
  { batches, dtype, threads, seconds, point, clock }: KernelSetting,
): Promise<TimedKernels> {
  const notes: string[] = [];
  const kernels: TimedKernel[] = [];
  const [last] = jacobians.slice(-1);
  for (const target of targets)
    for (const count of [1, ...threads.filter((several) => several > 1)])
      for (const { order, jacobian } of count === 1 || last === undefined ? jacobians : [last]) {
        const kernel = await compile(jacobian, { target, dtype, threads: count, startThread });
        const error = disagreement(firstOfBatch(kernel, point), expectedEntries(jacobian, point), dtype);
        if (error <= 1) kernels.push({ order, target, threads: kernel.threads, kernel });
        else notes.push(wrongNumbers(`${order}, ${target}`, dtype));
      }
  const cases: KernelCase[] = [];
  try {
    for (const batch of batches) {
      const timed = kernels.filter(({ threads: own }) => batch > 1 || own === 1);
      const workloads = timed.map(({ order, kernel }) =>
        batch === 1 ? pointWorkload(order, kernel, point) : batchWorkload(order, kernel, point, batch),
      );
      const timings = await measure(workloads, { clock, milliseconds: 1000 * seconds });
      timed.forEach(({ order, target, threads: own }, index) => {
        const timing = timings[index];
        if (timing === undefined) return;
        const { median, low, high, samples } = timing;
        const setting = { order, target, dtype, batch, threads: own };
        cases.push({ kind: "kernel", ...setting, median, low, high, samples });
      });
    }
  } finally {
    for (const { kernel } of kernels) kernel.close();
  }
  // As the table lists them: kernel after kernel.
  const place = (found: KernelCase) =>
    kernels.findIndex(
      ({ order, target, threads: own }) =>
        order === found.order && target === found.target && own === found.threads,
    );
  return { cases: cases.sort((a, b) => place(a) - place(b)), notes };
}

interface TimedKernel {
  readonly order: string;
  readonly target: "js" | "wasm";
  /** While its threads run: closed, a kernel has one. */
  readonly threads: number;
  readonly kernel: ThreadedKernel;
}

/** The note for a kernel that is not timed. */
export function wrongNumbers(what: string, dtype: KernelDType): string {
  return `${what}, ${dtype}: not timed, its numbers are not the interpreter's; please report it`;
}

/** The outputs of a batch at its first point, which is the given one. */
function firstOfBatch(kernel: Kernel, point: readonly number[]): number[] {
  const count = 5;
  const { inputs, outputs, stride } = kernel.planes(count);
  point.forEach((value, plane) => {
    inputs.fill(value, plane * stride, plane * stride + count);
  });
  kernel.runBatch(count, inputs, outputs);
  return kernel.entries.map((_, plane) => outputs[plane * stride] ?? Number.NaN);
}

/** From a Program to a running kernel; a new target is one row of the table. */

import { InputError } from "../errors.ts";
import type { Program } from "../program/program.ts";
import { functionText, instantiateJavaScript } from "./javascript/instantiate.ts";
import { KERNEL_DTYPES, type Kernel, type KernelDType } from "./kernel.ts";
import { startThreads, type ThreadCodes, type ThreadedKernel, withoutThreads } from "./threads/kernel.ts";
import { pageThreads, type StartThread } from "./threads/thread.ts";
import { instantiateWasm, wasmThreadCodes } from "./wasm/instantiate.ts";

interface TargetRules {
  /** Makes a kernel. */
  readonly kernel: (program: Program, dtype: KernelDType) => Promise<Kernel>;
  /** The code of a kernel's threads. */
  readonly threadCodes: (program: Program, dtype: KernelDType, threads: number) => Promise<ThreadCodes>;
}

const targets = {
  js: {
    kernel: async (program, dtype) => instantiateJavaScript(program, dtype),
    threadCodes: async (program, dtype, threads) => {
      const body = functionText(program, dtype);
      return { codes: Array.from({ length: threads }, () => ({ kind: "js" as const, body })), reserved: 0 };
    },
  },
  wasm: { kernel: instantiateWasm, threadCodes: wasmThreadCodes },
} as const satisfies { readonly [name: string]: TargetRules };

/** What a program can be compiled to within this process. */
export type Target = keyof typeof targets;

/** The targets by name. */
export const RUNNING_TARGETS = Object.keys(targets) as Target[];

export interface CompileOptions {
  readonly target: Target;
  /** Element type of batch planes; float64 by default. */
  readonly dtype?: KernelDType;
}

/** Options for several threads. */
export interface ThreadedCompileOptions extends CompileOptions {
  /** How many threads `runBatch` uses, the caller's included. */
  readonly threads: number;
  /**
   * Starts a thread: in Node `startThread` of `alphagrad/cluster`. By default Web Workers, in pages that are cross-origin isolated; elsewhere the kernel
   * has one thread.
   */
  readonly startThread?: StartThread;
}

/** More threads than any machine has cores are a mistake. */
const MOST_THREADS = 1024;

/**
 * Compiles a program.
 *
 * @throws InputError for what is no Program, an unknown target or dtype, an odd number of threads, and for programs that the target does not support
 */
export async function compile(program: Program, options: ThreadedCompileOptions): Promise<ThreadedKernel>;
export async function compile(program: Program, options: CompileOptions): Promise<Kernel>;
export async function compile(
  program: Program,
  options: CompileOptions | ThreadedCompileOptions,
): Promise<Kernel> {
  if (!Array.isArray(program?.equations))
    throw new InputError(
      `compile takes a Program, as trace, traceSource and parseJaxpr give it, got ${program === null ? "null" : typeof program}`,
    );
  const { target, dtype = "float64" } = options;
  if (!Object.hasOwn(targets, target))
    throw new InputError(`unknown target "${target}"; there are: ${RUNNING_TARGETS.join(", ")}`);
  if (!KERNEL_DTYPES.includes(dtype))
    throw new InputError(`a kernel's dtype is ${KERNEL_DTYPES.join(" or ")}, got "${dtype}"`);
  const kernel = await targets[target].kernel(program, dtype);
  if (!("threads" in options)) return kernel;
  const { threads, startThread = pageThreads() } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS)
    throw new InputError(`threads: expected a whole number from 1 to ${MOST_THREADS}, got ${threads}`);
  if (threads === 1 || startThread === undefined) return withoutThreads(kernel);
  return startThreads(kernel, await targets[target].threadCodes(program, dtype, threads), startThread);
}

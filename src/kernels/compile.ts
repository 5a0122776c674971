/** From a Program to a running kernel; a new target is one row of the table. */

import { InputError } from "../errors.ts";
import type { Program } from "../program/program.ts";
import { instantiateJavaScript } from "./javascript/instantiate.ts";
import { KERNEL_DTYPES, type Kernel, type KernelDType } from "./kernel.ts";
import { instantiateWasm } from "./wasm/instantiate.ts";

/** How each target makes a kernel. */
const targets = {
  js: async (program: Program, dtype: KernelDType): Promise<Kernel> => instantiateJavaScript(program, dtype),
  wasm: instantiateWasm,
};

/** What a program can be compiled to within this process. */
export type Target = keyof typeof targets;

export interface CompileOptions {
  readonly target: Target;
  /** Element type of batch planes; float64 by default. */
  readonly dtype?: KernelDType;
}

/**
 * Compiles a program.
 *
 * @throws InputError for an unknown target or dtype, and for programs that the target does not support
 */
export async function compile(
  program: Program,
  { target, dtype = "float64" }: CompileOptions,
): Promise<Kernel> {
  if (!Object.hasOwn(targets, target))
    throw new InputError(`unknown target "${target}"; there are: ${Object.keys(targets).join(", ")}`);
  if (!KERNEL_DTYPES.includes(dtype))
    throw new InputError(`a kernel's dtype is ${KERNEL_DTYPES.join(" or ")}, got "${dtype}"`);
  return targets[target](program, dtype);
}

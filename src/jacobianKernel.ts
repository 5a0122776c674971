/** compileJacobian: a function's Program and an order in, a kernel for the nonzeros of its Jacobian out, which knows where in the matrix they stand. */

import { InputError } from "./errors.ts";
import type { JacobianOptions } from "./jacobian/jacobian.ts";
import { coordinates, sparseJacobian } from "./jacobian/sparse.ts";
import { type CompileOptions, compile, type ThreadedCompileOptions } from "./kernels/compile.ts";
import type { Kernel } from "./kernels/kernel.ts";
import type { ThreadedKernel } from "./kernels/threads/kernel.ts";
import { operandType, type Program } from "./program/program.ts";
import { sizeOf } from "./program/type.ts";

/** A Jacobian matrix as a kernel gives it: one row per number in the wanted outputs, one column per number in the inputs, nonzeros only. */
export interface JacobianLayout {
  /** Rows and columns of the matrix. */
  readonly shape: readonly [rows: number, columns: number];
  /** Nonzero k stands at (rows[k], columns[k]), ... */
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** ... its value in this output plane. Several nonzeros share a plane where the structure repeats a value (the scale of an identity). */
  readonly planes: Int32Array;
  /**
   * The output plane of each of the function's own numbers, -1 for one that is always 0; null unless the kernel was compiled for
   * "value and jacobian".
   */
  readonly values: Int32Array | null;
}

export interface JacobianKernel extends Kernel {
  readonly layout: JacobianLayout;
}

export interface CompileJacobianOptions extends CompileOptions, Omit<JacobianOptions, "values" | "outputs"> {
  /** Whether the kernel gives the function's values as well; "jacobian" alone by default. */
  readonly outputs?: "jacobian" | "value and jacobian";
  /** Positions in `program.outputs` of those to be differentiated; all by default. */
  readonly of?: readonly number[];
}

/**
 * Compiles the Jacobian of a program in an order of elimination (`optimize` finds good ones).
 *
 * @throws InputError as `jacobian` and `compile` do
 */
export async function compileJacobian(
  program: Program,
  options: CompileJacobianOptions & ThreadedCompileOptions,
): Promise<JacobianKernel & ThreadedKernel>;
export async function compileJacobian(
  program: Program,
  options: CompileJacobianOptions,
): Promise<JacobianKernel>;
export async function compileJacobian(
  program: Program,
  { outputs = "jacobian", of, wrt, order, ...options }: CompileJacobianOptions,
): Promise<JacobianKernel> {
  if (outputs !== "jacobian" && outputs !== "value and jacobian")
    throw new InputError(`outputs: expected "jacobian" or "value and jacobian", got "${outputs}"`);
  const sparse = sparseJacobian(program, {
    values: outputs === "value and jacobian",
    ...(of === undefined ? {} : { outputs: of }),
    ...(wrt === undefined ? {} : { wrt }),
    ...(order === undefined ? {} : { order }),
  });
  const kernel = await compile(sparse.program, options);
  const planeOf = planesOfElements(kernel);
  const { rows, columns, sources } = coordinates(sparse);
  const ownOutputs = sparse.program.outputs.slice(0, sparse.program.outputs.length - sparse.terms.length);
  const layout: JacobianLayout = {
    shape: sparse.shape,
    rows,
    columns,
    planes: sources.map((source) => planeOf[source] ?? -1),
    values:
      outputs === "jacobian"
        ? null
        : planeOf.slice(
            0,
            ownOutputs.reduce(
              (count, { operand }) => count + sizeOf(operandType(sparse.program, operand).shape),
              0,
            ),
          ),
  };
  return Object.assign(kernel, { layout });
}

/** The plane of each element of all outputs, one output after the other; -1 for structural zeros. */
function planesOfElements({ program, entries }: Kernel): Int32Array {
  const first: number[] = [];
  let size = 0;
  for (const { operand } of program.outputs) {
    first.push(size);
    size += sizeOf(operandType(program, operand).shape);
  }
  const planes = new Int32Array(size).fill(-1);
  entries.forEach(({ output, element }, plane) => {
    planes[(first[output] ?? 0) + element] = plane;
  });
  return planes;
}

/**
 * The Jacobian matrix in full, zeros put in.
 *
 * @param outputs what the kernel's `run` gave, or the output planes of a batch
 * @param point which point of the batch
 * @param stride of the planes, 1 for `run`
 * @returns [rows, columns], row-major
 */
export function matrixOf(
  { layout: { shape, rows, columns, planes } }: Pick<JacobianKernel, "layout">,
  outputs: ArrayLike<number>,
  { point = 0, stride = 1 }: { readonly point?: number; readonly stride?: number } = {},
): Float64Array {
  const [height, width] = shape;
  const matrix = new Float64Array(height * width);
  rows.forEach((row, index) => {
    const plane = planes[index] ?? -1;
    if (plane >= 0) matrix[row * width + (columns[index] ?? 0)] = outputs[plane * stride + point] ?? NaN;
  });
  return matrix;
}

/** Errors of the vector mathematics in ulp, against the references that bench/data/make_math_reference.py writes. */

import { readFileSync } from "node:fs";
import { compile } from "../src/kernels/compile.ts";
import type { Kernel, KernelDType } from "../src/kernels/kernel.ts";
import { type VectorFunctionName, vectorFunctions } from "../src/kernels/wasm/math/index.ts";
import { ProgramBuilder } from "../src/program/builder.ts";
import type { Equation } from "../src/program/program.ts";

/** One argument list with its true value: `nearest + residual * ulp`. */
export interface Reference {
  readonly operands: readonly number[];
  readonly nearest: number;
  readonly residual: number;
}

/** The references in a file, by function. */
export function readReferences(path: string | URL): Map<VectorFunctionName, Reference[]> {
  const file: Record<string, string> = JSON.parse(readFileSync(path, "utf8"));
  return new Map(
    Object.entries(file).map(([key, base64]) => {
      const name = key as VectorFunctionName;
      const { arity } = vectorFunctions[name];
      const bytes = Buffer.from(base64, "base64");
      const size = 8 * (arity + 1) + 1;
      const references = Array.from({ length: bytes.length / size }, (_, index) => {
        const double = (place: number) => bytes.readDoubleLE(index * size + 8 * place);
        return {
          operands: Array.from({ length: arity }, (__, operand) => double(operand)),
          nearest: double(arity),
          residual: bytes.readInt8(index * size + size - 1) / 254,
        };
      });
      return [name, references];
    }),
  );
}

/** A kernel of one function alone. */
export function functionKernel(
  name: Equation["primitive"],
  arity: number,
  dtype: KernelDType,
): Promise<Kernel> {
  const builder = new ProgramBuilder();
  const operands = Array.from({ length: arity }, (_, index) => builder.input(`x${index}`));
  const equation = { primitive: name, parameters: {} } as Pick<Equation, "primitive" | "parameters">;
  return compile(builder.build(name, [{ name: "y", operand: builder.append(equation, operands) }]), {
    target: "wasm",
    dtype,
  });
}

/** The distance of neighbouring numbers of a format at y. */
export function ulp(y: number, dtype: KernelDType): number {
  const [least, bits] = dtype === "float64" ? [-1022, 52] : [-126, 23];
  const exponent = y === 0 ? least : Math.floor(Math.log2(Math.abs(y)));
  const exact = 2 ** exponent > Math.abs(y) ? exponent - 1 : exponent;
  return 2 ** (Math.max(exact, least) - bits);
}

export interface WorstCase {
  /** Largest error in ulp of the dtype; Infinity where one side is NaN or infinite and the other is not. */
  readonly error: number;
  readonly operands: readonly number[];
  readonly value: number;
  readonly expected: number;
  /** How many references fit the dtype. */
  readonly count: number;
}

/** The largest error of a function, by `runBatch`. Signs of zeros do not count: the references have none. */
export async function worstCase(
  name: VectorFunctionName,
  references: readonly Reference[],
  dtype: KernelDType,
): Promise<WorstCase> {
  const single = dtype === "float32";
  const fitting = single
    ? references.filter(({ operands }) => operands.every((x) => Math.fround(x) === x))
    : references;
  const kernel = await functionKernel(name, vectorFunctions[name].arity, dtype);
  const planes = kernel.planes(fitting.length);
  fitting.forEach(({ operands }, index) => {
    operands.forEach((x, plane) => {
      planes.inputs[plane * planes.stride + index] = x;
    });
  });
  kernel.runBatch(fitting.length, planes.inputs, planes.outputs);
  let worst: WorstCase = { error: 0, operands: [], value: 0, expected: 0, count: fitting.length };
  fitting.forEach(({ operands, nearest, residual }, index) => {
    const value = planes.outputs[index] ?? NaN;
    const error = errorInUlp(value, nearest, residual, dtype);
    if (error > worst.error) worst = { error, operands, value, expected: nearest, count: fitting.length };
  });
  return worst;
}

function errorInUlp(value: number, nearest: number, residual: number, dtype: KernelDType): number {
  const rounded = dtype === "float32" ? Math.fround(nearest) : nearest;
  if (!Number.isFinite(rounded)) return Object.is(value, rounded) ? 0 : Infinity;
  const difference = (value - nearest) / ulp(nearest, dtype);
  const error = Math.abs(difference - (residual * ulp(nearest, "float64")) / ulp(nearest, dtype));
  return Number.isNaN(error) ? Infinity : error;
}

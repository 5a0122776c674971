/** Verification of a kernel against the reference: the interpreter at random points. */

import { interpret } from "../program/interpreter.ts";
import type { Program } from "../program/program.ts";
import { sizeOf, type Tensor } from "../program/type.ts";
import type { Random } from "../random.ts";
import type { Entry, Kernel, KernelDType } from "./kernel.ts";

/** What a comparison found. */
export interface Verification {
  /** Number of points compared, each by `run` and by `runBatch`. */
  readonly points: number;
  /**
   * The largest |kernel - interpreter| over the larger of the two magnitudes. NaN equals NaN and an infinity itself; where only one side
   * is NaN or infinite, Infinity.
   */
  readonly maximumRelativeError: number;
  /**
   * The largest |kernel - interpreter| over the largest magnitude among all outputs at the point: it stays small where a number is the small difference of
   * large ones.
   */
  readonly maximumScaledError: number;
  /** Whether the scaled error is within `TOLERANCE` of the kernel's dtype. */
  readonly isWithinTolerance: boolean;
  /** Where the relative error is largest; null if all are equal. */
  readonly worst: Disagreement | null;
  /** How many of the compared numbers are NaN or infinite on both sides: points outside the function's domain say little. */
  readonly notFinite: number;
}

/** What scaled error of a kernel passes: some ten thousand roundings. A wrong sign or operand makes a larger one at nearly every point. */
export const TOLERANCE: { readonly [DType in KernelDType]: number } = { float64: 1e-11, float32: 1e-3 };

export interface Disagreement {
  readonly by: "run" | "runBatch";
  readonly entry: Entry;
  readonly inputs: readonly number[];
  readonly kernel: number;
  readonly interpreter: number;
}

export interface VerifyOptions {
  readonly random: Random;
  /** How many points; 32 by default. */
  readonly points?: number;
  /** A point to sample around, within a tenth of its values; without it, points are positive and mixed in sign by turns. */
  readonly around?: readonly number[];
  /** The program to compare with, of the same inputs and outputs; by default the kernel's own, so that only the compilation is checked. */
  readonly reference?: Program;
}

/**
 * Compares a kernel with the interpreter. Inputs are rounded to the kernel's dtype first, and what `runBatch` should give as well, so that
 * both sides see the same: what remains are errors of the arithmetic.
 */
export function verify(
  kernel: Kernel,
  { random, points = 32, around, reference = kernel.program }: VerifyOptions,
): Verification {
  const round = kernel.dtype === "float32" ? Math.fround : (x: number) => x;
  const samples = Array.from({ length: points }, (_, index) =>
    Array.from({ length: kernel.inputCount }, (__, input) => round(sample(random, index, around?.[input]))),
  );
  const expected = samples.map((point) =>
    flatOutputs(kernel, interpret(reference, tensors(reference, point))),
  );
  const comparison = new Comparison(kernel.entries);
  const outputs = new Float64Array(kernel.entries.length);
  samples.forEach((inputs, index) => {
    kernel.run(Float64Array.from(inputs), outputs);
    comparison.add("run", inputs, outputs, expected[index] ?? []);
  });
  if (points > 0) {
    const planes = kernel.planes(points);
    samples.forEach((inputs, index) => {
      inputs.forEach((value, plane) => {
        planes.inputs[plane * planes.stride + index] = value;
      });
    });
    kernel.runBatch(points, planes.inputs, planes.outputs);
    samples.forEach((inputs, index) => {
      const batch = kernel.entries.map((_, plane) => planes.outputs[plane * planes.stride + index] ?? NaN);
      comparison.add("runBatch", inputs, batch, (expected[index] ?? []).map(round));
    });
  }
  const { maximumRelativeError, maximumScaledError, worst, notFinite } = comparison;
  const isWithinTolerance = maximumScaledError <= TOLERANCE[kernel.dtype];
  return { points, maximumRelativeError, maximumScaledError, isWithinTolerance, worst, notFinite };
}

function sample(random: Random, point: number, around: number | undefined): number {
  const unit = random.unit();
  if (around !== undefined) return around === 0 ? 0.2 * unit - 0.1 : around * (0.9 + 0.2 * unit);
  return point % 2 === 0 ? 0.1 + 2 * unit : 6 * unit - 3;
}

/** The scalars of all inputs, cut into tensors. */
function tensors(program: Program, point: readonly number[]): Tensor[] {
  let start = 0;
  return program.inputs.map(({ type: { shape } }) => {
    const data = Float64Array.from(point.slice(start, start + sizeOf(shape)));
    start += data.length;
    return { shape, data };
  });
}

function flatOutputs({ entries }: Kernel, outputs: readonly Tensor[]): number[] {
  return entries.map(({ output, element }) => outputs[output]?.data[element] ?? NaN);
}

/** The running maximum of the disagreement. */
class Comparison {
  maximumRelativeError = 0;
  maximumScaledError = 0;
  worst: Disagreement | null = null;
  notFinite = 0;
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  add(
    by: Disagreement["by"],
    inputs: readonly number[],
    actual: ArrayLike<number>,
    expected: readonly number[],
  ): void {
    const scale = expected.reduce(
      (largest, value) => (Number.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest),
      0,
    );
    this.#entries.forEach((entry, plane) => {
      const [kernel, interpreter] = [actual[plane] ?? NaN, expected[plane] ?? NaN];
      if (!Number.isFinite(kernel) && !Number.isFinite(interpreter)) this.notFinite++;
      const error = relativeError(kernel, interpreter);
      if (error > 0) {
        const scaled = Math.min(error, Math.abs(kernel - interpreter) / scale);
        this.maximumScaledError = Math.max(this.maximumScaledError, Number.isNaN(scaled) ? Infinity : scaled);
      }
      if (error <= this.maximumRelativeError) return;
      this.maximumRelativeError = error;
      this.worst = { by, entry, inputs, kernel, interpreter };
    });
  }
}

function relativeError(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const error = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
  return Number.isNaN(error) ? Infinity : error;
}

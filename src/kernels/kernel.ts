/**
 * Kernel: a compiled Program, the same for every target.
 *
 * A kernel computes at one point (`run`) or over a batch (`runBatch`) whose values lie as a structure of arrays: one *plane* per scalar
 * input and one per output entry, the planes of a side one after the other, `stride` elements apart. Entries that are zero whatever the
 * inputs are (the structural zeros of a Jacobian) have no plane; `scatter` puts them back.
 */

import { InputError } from "../errors.ts";
import { type Operand, operandType, type Program } from "../program/program.ts";
import { sizeOf } from "../program/type.ts";

/** Element types of planes. */
export const KERNEL_DTYPES = ["float64", "float32"] as const;
export type KernelDType = (typeof KERNEL_DTYPES)[number];

/** Planes of one side, as long as their number times the stride. */
export type PlaneArray = Float64Array | Float32Array;

/** Where the values of one output plane belong: `element` (row-major) of `program.outputs[output]`. */
export interface Entry {
  readonly output: number;
  readonly element: number;
}

/** Storage for a batch: plane `k` of a side begins at element `k * stride`. */
export interface Planes {
  readonly inputs: PlaneArray;
  readonly outputs: PlaneArray;
  /** Elements from the beginning of one plane to that of the next, the same on both sides. */
  readonly stride: number;
}

/** A compiled Program. Inputs and outputs must not overlap. */
export interface Kernel {
  readonly program: Program;
  readonly dtype: KernelDType;
  /** Number of input planes: the scalars of all inputs, in order. */
  readonly inputCount: number;
  /** What each output plane holds, in order. */
  readonly entries: readonly Entry[];
  /**
   * Evaluates at one point.
   *
   * @param inputs [inputCount]
   * @param outputs [entries.length], overwritten
   */
  run(inputs: Float64Array, outputs: Float64Array): void;
  /**
   * Evaluates at points 0 to count - 1.
   *
   * @param inputs [inputCount, stride] with any stride >= count, best from `planes`
   * @param outputs [entries.length, stride], overwritten up to count in each plane
   * @throws InputError if the planes are too short, of another dtype or not all of one length
   */
  runBatch(count: number, inputs: PlaneArray, outputs: PlaneArray): void;
  /** Storage for a batch of `count` points, strides chosen so that planes do not fight for the same cache sets. */
  planes(count: number): Planes;
}

/** The output planes of a program: every element of every output that is not structurally zero. */
export function entriesOf(program: Program): Entry[] {
  return program.outputs.flatMap(({ operand }, output) =>
    isStructuralZero(program, operand)
      ? []
      : Array.from({ length: sizeOf(operandType(program, operand).shape) }, (_, element) => ({
          output,
          element,
        })),
  );
}

/** Whether an operand is the literal 0, under whatever shape. */
function isStructuralZero(program: Program, operand: Operand): boolean {
  if (operand.kind === "literal") return operand.value === 0;
  const equation = program.equations[operand.variable - program.inputs.length];
  const [inner] = equation?.operands ?? [];
  const reshaped = equation?.primitive === "broadcast" || equation?.primitive === "reshape";
  return reshaped && inner !== undefined && isStructuralZero(program, inner);
}

/** Number of scalars in all inputs of a program. */
export function inputCountOf(program: Program): number {
  return program.inputs.reduce((count, { type }) => count + sizeOf(type.shape), 0);
}

/** Bytes of a cache line. */
const LINE = 64;

/**
 * The stride of planes that hold `count` points: whole cache lines, and an odd number of them. With a power of two, the same point of
 * all planes falls into a few cache sets, which costs a factor of 10 to 50.
 */
export function planeStride(count: number, dtype: KernelDType): number {
  const perLine = LINE / bytesOf(dtype);
  const lines = Math.ceil(count / perLine);
  return (lines % 2 === 0 ? lines + 1 : lines) * perLine;
}

function bytesOf(dtype: KernelDType): number {
  return dtype === "float64" ? 8 : 4;
}

/**
 * New planes, zeroed, for `count` points of a kernel with these numbers of planes.
 *
 * @throws InputError unless count is a positive integer, or where the engine has no arrays of that length
 */
export function allocatePlanes(count: number, inputs: number, outputs: number, dtype: KernelDType): Planes {
  checkCount(count);
  const stride = planeStride(count, dtype);
  const allocate = (planes: number) =>
    dtype === "float64" ? new Float64Array(planes * stride) : new Float32Array(planes * stride);
  try {
    return { inputs: allocate(inputs), outputs: allocate(outputs), stride };
  } catch {
    throw new InputError(
      `the engine gives no room for ${Math.max(inputs, outputs)} planes of ${count} points; use smaller batches`,
    );
  }
}

/** Throws an InputError unless `count` is a number of points. */
export function checkCount(count: number): void {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new InputError(`a batch has a whole number of points, at least 1, got ${count}`);
}

/**
 * The stride of planes that were handed in: their length over their number.
 *
 * @throws InputError if that is not a whole number of at least `count` elements, or the element type is not the kernel's
 */
export function strideOf(
  array: PlaneArray,
  planes: number,
  count: number,
  dtype: KernelDType,
  side: "input" | "output",
): number {
  const expected = dtype === "float64" ? Float64Array : Float32Array;
  if (!(array instanceof expected))
    throw new InputError(
      `${side} planes of a ${dtype} kernel are a ${expected.name}; use kernel.planes(count)`,
    );
  if (planes === 0) return 0;
  const stride = array.length / planes;
  if (!Number.isInteger(stride) || stride < count)
    throw new InputError(
      `${planes} ${side} planes of ${count} points need ${planes} times the same stride >= ${count}, got ${array.length} elements; use kernel.planes(count)`,
    );
  return stride;
}

/**
 * Every output of the program in full, structural zeros put back.
 *
 * @param values [entries.length], one point's outputs as `run` gives them
 * @returns per output of the program its elements, row-major
 */
export function scatter(
  { program, entries }: Pick<Kernel, "program" | "entries">,
  values: ArrayLike<number>,
): Float64Array[] {
  const dense = program.outputs.map(
    ({ operand }) => new Float64Array(sizeOf(operandType(program, operand).shape)),
  );
  entries.forEach(({ output, element }, plane) => {
    const target = dense[output];
    if (target !== undefined) target[element] = values[plane] ?? NaN;
  });
  return dense;
}

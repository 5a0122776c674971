/** Types of values in a Program: a shape and a dtype, as in JAX's abstract values. */

/** Element types. The interpreter computes in float64 whatever the dtype; kernels choose their own precision. */
export const DTYPES = [
  "float16",
  "bfloat16",
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "bool",
] as const;
export type DType = (typeof DTYPES)[number];

/** Shape (extent per dim, outermost first; `[]` is a scalar) and element type of a value. */
export interface TensorType {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Whether derivatives flow through values of this dtype. */
export function isFloating(dtype: DType): boolean {
  return dtype.startsWith("float") || dtype === "bfloat16";
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, dim) => extent === b[dim]);
}

/** `float64[2,3]`, the way types are printed everywhere. */
export function typeText(type: TensorType): string {
  return `${type.dtype}[${type.shape.join(",")}]`;
}

/** A value at run time: row-major data in float64, bool as 0 and 1. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

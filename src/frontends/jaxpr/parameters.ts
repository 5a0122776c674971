/** Reading the parameters of JAX's equations. */

import { InputError } from "../../errors.ts";
import { DTYPES, type DType, type TensorType } from "../../program/type.ts";
import type { ParameterValue } from "./tree.ts";

/** The parameters of an equation by name. */
export type Parameters = ReadonlyMap<string, ParameterValue>;

/** The extent of a dim. Throws an InputError if there is no such dim. */
export function extent(shape: readonly number[], dim: number): number {
  const found = shape[dim];
  if (found === undefined) throw new InputError(`[${shape.join(",")}] has no dim ${dim}`);
  return found;
}

/** The type of the first operand. Throws an InputError if there is none. */
export function first(types: readonly TensorType[]): TensorType {
  const [type] = types;
  if (type === undefined) throw new InputError("expected an operand");
  return type;
}

/** The integer that a parameter must be. Throws an InputError otherwise. */
export function integer(parameters: Parameters, name: string): number {
  return integerOf(parameters.get(name), name);
}

/** The integer that a value must be. Throws an InputError that names the parameter otherwise. */
export function integerOf(value: ParameterValue | undefined, name: string): number {
  if (value?.kind !== "number" || !Number.isSafeInteger(value.value))
    throw new InputError(`the parameter ${name} must be an integer`);
  return value.value;
}

/** The list of integers that a parameter must be, if it is there or if there is no other value. Throws an InputError otherwise. */
export function integers(
  parameters: Parameters,
  name: string,
  otherwise?: readonly number[],
): readonly number[] {
  const value = parameters.get(name);
  return value === undefined && otherwise !== undefined ? otherwise : integerList(value, name);
}

/** The list of integers that a value must be. Throws an InputError that names the parameter otherwise. */
export function integerList(value: ParameterValue | undefined, name: string): readonly number[] {
  if (value?.kind !== "sequence") throw new InputError(`the parameter ${name} must be a list of integers`);
  return value.items.map((item) => integerOf(item, name));
}

/** The list that a parameter must be. Throws an InputError otherwise. */
export function sequence(parameters: Parameters, name: string): readonly ParameterValue[] {
  const value = parameters.get(name);
  if (value?.kind !== "sequence") throw new InputError(`the parameter ${name} must be a list`);
  return value.items;
}

/** Whether a parameter is printed as `True`. */
export function flag(parameters: Parameters, name: string): boolean {
  const value = parameters.get(name);
  return value?.kind === "name" && value.text === "True";
}

/** An item of a value, if that is a list that has it. */
export function listItem(value: ParameterValue | undefined, index: number): ParameterValue | undefined {
  return value?.kind === "sequence" ? value.items[index] : undefined;
}

/** The dtype that a value names; undefined if we have none such. */
export function dtypeOf(value: ParameterValue | undefined): DType | undefined {
  return value?.kind === "name" || value?.kind === "string" ? dtypeNamed(value.text) : undefined;
}

const SHORT_DTYPES: ReadonlyMap<string, DType> = new Map<string, DType>([
  ["f16", "float16"],
  ["bf16", "bfloat16"],
  ["f32", "float32"],
  ["f64", "float64"],
  ...([8, 16, 32, 64] as const).flatMap((bits): [string, DType][] => [
    [`i${bits}`, `int${bits}`],
    [`u${bits}`, `uint${bits}`],
  ]),
  // The dtype of the tangents of integers, which hold no information.
  ["float0", "bool"],
]);

/** The dtype that JAX prints as `f32`, `float32` or `jnp.float32`; undefined if we have none such (complex64, key<fry>...). */
export function dtypeNamed(text: string): DType | undefined {
  const name = text.slice(text.lastIndexOf(".") + 1);
  return SHORT_DTYPES.get(name) ?? DTYPES.find((dtype) => dtype === name);
}

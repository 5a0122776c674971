/** The reference meaning of a Program: float64, one equation after the other. */

import { InputError } from "../errors.ts";
import { evaluateEquation } from "./builder.ts";
import type { Operand, Program } from "./program.ts";
import { sameShape, type Tensor } from "./type.ts";

/** A rank-0 tensor. */
export function scalar(value: number): Tensor {
  return { shape: [], data: Float64Array.of(value) };
}

/**
 * Evaluates a program.
 *
 * @param inputs one tensor per input, of its shape
 * @returns one tensor per output
 * @throws InputError if the number or the shapes of the inputs do not fit
 */
export function interpret(program: Program, inputs: readonly Tensor[]): Tensor[] {
  if (inputs.length !== program.inputs.length)
    throw new InputError(`${program.name} has ${program.inputs.length} inputs, got ${inputs.length}`);
  const values: Tensor[] = program.inputs.map(({ name, type }, index) => {
    const given = inputs[index];
    if (given === undefined || !sameShape(given.shape, type.shape))
      throw new InputError(
        `input ${name} has shape [${type.shape.join(",")}], got [${given?.shape.join(",") ?? ""}]`,
      );
    return given;
  });
  const read = (operand: Operand): Tensor => {
    if (operand.kind === "literal") return scalar(operand.value);
    const value = values[operand.variable];
    if (value === undefined)
      throw new RangeError(`variable ${operand.variable} is used before it is defined`);
    return value;
  };
  for (const equation of program.equations)
    values.push(evaluateEquation(equation, equation.operands.map(read)));
  return program.outputs.map(({ operand }) => read(operand));
}

/** Evaluates a program whose inputs and outputs are all scalars or one-element arrays. */
export function interpretScalars(program: Program, inputs: readonly number[]): number[] {
  const tensors = inputs.map((value, index) => ({
    shape: program.inputs[index]?.type.shape ?? [],
    data: Float64Array.of(value),
  }));
  return interpret(program, tensors).map(({ data }) => data[0] ?? NaN);
}

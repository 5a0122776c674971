/** What kernels of scalar code have in common: one number per plane. */

import { InputError } from "../../errors.ts";
import type { Program } from "../../program/program.ts";
import { sizeOf, typeText } from "../../program/type.ts";
import { entriesOf } from "../kernel.ts";
import type { Result } from "./statements.ts";

/** A result per output plane of a kernel. */
export function planeResults(program: Program): Result[] {
  return entriesOf(program).flatMap(({ output }, plane) => {
    const result = program.outputs[output];
    return result === undefined ? [] : [{ ...result, plane }];
  });
}

/** Whether every value of a program is one number, be it in brackets. */
export function isScalarProgram({ inputs, equations }: Program): boolean {
  return [...inputs, ...equations].every(({ type }) => sizeOf(type.shape) === 1);
}

/** Throws an InputError that names the first value of more than one element, and what kind of kernel cannot hold it. */
export function checkScalars(program: Program, kernels: string): void {
  const named = [
    ...program.inputs.map(({ name, type }) => ({ what: `input ${name}`, type })),
    ...program.equations.map(({ primitive, type }, index) => ({
      what: `equation ${index + 1} (${primitive})`,
      type,
    })),
  ];
  for (const { what, type } of named)
    if (sizeOf(type.shape) !== 1)
      throw new InputError(
        `${program.name}: ${what} is ${typeText(type)}: ${kernels} kernels hold scalars and one-element arrays only; unroll it (scalarise, or --scalarise on the command line)`,
      );
}

/** The index of `point` in a plane, as JavaScript and C write it. */
export function planeIndex(plane: number, stride: string): string {
  return plane === 0 ? "point" : plane === 1 ? `${stride} + point` : `${plane} * ${stride} + point`;
}

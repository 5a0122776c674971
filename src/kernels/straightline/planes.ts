/** What kernels of scalar code have in common: one number per plane. */

import type { Program } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
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

/** The index of `point` in a plane, as JavaScript and C write it. */
export function planeIndex(plane: number, stride: string): string {
  return plane === 0 ? "point" : plane === 1 ? `${stride} + point` : `${plane} * ${stride} + point`;
}

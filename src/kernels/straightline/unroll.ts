/** Programs on arrays as straight-line code of scalars, where that is short enough. */

import { operandType, type Program } from "../../program/program.ts";
import { scalarise, unrolledSize } from "../../program/scalarise.ts";
import { simplify } from "../../program/simplify.ts";
import { sizeOf } from "../../program/type.ts";
import { entriesOf } from "../kernel.ts";
import { isScalarProgram, planeResults } from "./planes.ts";
import type { Result } from "./statements.ts";

/** A program of scalars, and the result that each plane is. */
export interface ScalarCode {
  readonly program: Program;
  readonly results: readonly Result[];
}

/** Copies leave no code when they are unrolled, but take time: up to so many for each operation that code may have. */
const MOST_COPIES = 25;

/**
 * The program itself if it is one of scalars; one on arrays unrolled, the zeros among its elements folded.
 *
 * @returns null for a program on arrays of more than `longest` operations and entries
 */
export function scalarCode(program: Program, longest: number): ScalarCode | null {
  if (isScalarProgram(program)) return { program, results: planeResults(program) };
  const { operations, steps } = unrolledSize(program);
  if (operations + entriesOf(program).length > longest || steps > MOST_COPIES * longest) return null;
  const scalars = simplify(scalarise(program, { limit: Number.POSITIVE_INFINITY }));
  let first = 0;
  const starts = program.outputs.map(({ operand }) => {
    const start = first;
    first += sizeOf(operandType(program, operand).shape);
    return start;
  });
  const results = entriesOf(program).flatMap(({ output, element }, plane) => {
    const result = scalars.outputs[(starts[output] ?? 0) + element];
    return result === undefined ? [] : [{ ...result, plane }];
  });
  return { program: scalars, results };
}

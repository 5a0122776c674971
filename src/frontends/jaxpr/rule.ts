/** What a row of the tables of JAX's primitives is. */

import type { Emitter } from "../../program/primitive.ts";
import type { Operand } from "../../program/program.ts";
import type { Tensor, TensorType } from "../../program/type.ts";
import type { Parameters } from "./parameters.ts";

/** One use of a JAX primitive, as a row of the table sees it. */
export interface Use {
  readonly operands: readonly Operand[];
  /** The types of the operands. */
  readonly types: readonly TensorType[];
  /** The printed types of the results; undefined where none is printed. */
  readonly results: readonly (TensorType | undefined)[];
  readonly parameters: Parameters;
  readonly emit: Emitter["emit"];
  /** The value of an operand that depends on no input; undefined for others. */
  constant(operand: Operand): Tensor | undefined;
}

/**
 * Emits the equations for one use and returns one operand per result.
 * Throws `Unsupported` for what we lack, an `InputError` for parameters that make no sense.
 */
export type Rule = (use: Use) => readonly Operand[];

/** A use of a known primitive that is not supported yet. The message says which uses: "on arrays of several elements". */
export class Unsupported extends Error {}

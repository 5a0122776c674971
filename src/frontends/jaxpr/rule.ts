/** What a row of the tables of JAX's primitives is. */

import type { Emitter } from "../../program/primitive.ts";
import type { Equation, Operand } from "../../program/program.ts";
import type { Tensor, TensorType } from "../../program/type.ts";
import type { Parameters } from "./parameters.ts";
import type { Jaxpr, ParameterValue } from "./tree.ts";

/** One use of a JAX primitive, as a row of the table sees it. */
export interface Use extends Emitter {
  readonly operands: readonly Operand[];
  /** The types of the operands. */
  readonly types: readonly TensorType[];
  /** The printed types of the results; undefined where none is printed. */
  readonly results: readonly (TensorType | undefined)[];
  readonly parameters: Parameters;
  /** The value of an operand that depends on no input; undefined for others. */
  constant(operand: Operand): Tensor | undefined;
  /** For variables that stand for the bits of a float, that float. Only rules that look them up here may use such variables. */
  readonly bits: Map<number, Operand>;
  /** The equation that defines an operand; undefined for inputs and literals. */
  definitionOf(operand: Operand): Equation | undefined;
}

/** A use of a primitive that runs jaxprs: loops and branches. */
export interface ControlUse extends Use {
  /** The jaxpr that the value of a parameter is or names. Throws an InputError if it is none. */
  jaxprOf(value: ParameterValue | undefined, parameter: string): Jaxpr;
  /**
   * Emits the equations of a jaxpr for operands; a number that is known is folded. An output that JAX dropped is undefined.
   * Throws `Incomplete` if anything is unsupported.
   */
  inline(jaxpr: Jaxpr, operands: readonly Operand[]): readonly (Operand | undefined)[];
}

/**
 * Emits the equations for one use and returns one operand per result.
 * Throws `Unsupported` for what we lack, an `InputError` for parameters that make no sense.
 */
export type Rule = (use: Use) => readonly Operand[];

/** The same for a primitive that runs jaxprs; a result that JAX dropped is undefined. */
export type ControlRule = (use: ControlUse) => readonly (Operand | undefined)[];

/** A use of a known primitive that is not supported yet. The message says which uses: "on arrays of several elements". */
export class Unsupported extends Error {}

/** Thrown where it makes no sense to go on with a loop because something in it is unsupported, which is noted already. */
export class Incomplete extends Error {}

/** The public API: re-exports only. */

export { InputError, type Place } from "./errors.ts";
export { ProgramBuilder } from "./program/builder.ts";
export { interpret, interpretScalars } from "./program/interpreter.ts";
export type {
  Equation,
  Input,
  Literal,
  Operand,
  Output,
  Program,
  Signature,
  Tree,
  Variable,
} from "./program/program.ts";

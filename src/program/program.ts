/**
 * Program: typed single-assignment code, like a jaxpr. The only representation of code in the system.
 *
 * Variables are numbered: the inputs come first, then one variable per equation, so equation `e` (from 0) defines variable
 * `inputs.length + e`. People see equations numbered from 1. A Program is plain immutable data: it is compared, hashed, printed
 * and sent as JSON.
 */

import type { PrimitiveName, PrimitiveParameters } from "./primitives/index.ts";
import type { DType, TensorType } from "./type.ts";

/** What an equation reads: a variable by number, or a scalar literal. */
export type Operand = Variable | Literal;

export interface Variable {
  readonly kind: "variable";
  readonly variable: number;
}

/** A scalar constant in the text of the program; it broadcasts against any shape. bool is 0 or 1; may be infinite or NaN. */
export interface Literal {
  readonly kind: "literal";
  readonly value: number;
  readonly dtype: DType;
}

/** One equation: `result = primitive[parameters] operands`. A union over the primitives, so `switch (equation.primitive)` narrows. */
export type Equation = { readonly [Name in PrimitiveName]: EquationOf<Name> }[PrimitiveName];

export interface EquationOf<Name extends PrimitiveName> {
  readonly primitive: Name;
  readonly parameters: PrimitiveParameters[Name];
  readonly operands: readonly Operand[];
  readonly type: TensorType;
  /** The name that the result has in the source, if any; not unique, any text that is a JavaScript identifier. */
  readonly name?: string;
}

export interface Input {
  readonly name: string;
  readonly type: TensorType;
}

export interface Output {
  readonly name: string;
  readonly operand: Operand;
}

/**
 * How a caller sees the inputs or outputs: each argument is a leaf (an index into `Program.inputs` or `outputs`) or a nest of them.
 * `f(x: number, [a, b]: [number, number])` has arguments `[0, [1, 2]]`.
 */
export type Tree = number | readonly Tree[] | { readonly [key: string]: Tree };

/** How the function was called in its source: one tree per argument and one per result. */
export interface Signature {
  readonly inputs: readonly Tree[];
  readonly outputs: readonly Tree[];
}

export interface Program {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly equations: readonly Equation[];
  readonly outputs: readonly Output[];
  /** Absent: every input is an argument, every output a result. */
  readonly signature?: Signature;
}

/** The signature of a program: the one it carries, or one leaf per input and output. */
export function signatureOf(program: Program): Signature {
  return (
    program.signature ?? {
      inputs: program.inputs.map((_, index) => index),
      outputs: program.outputs.map((_, index) => index),
    }
  );
}

/** The type of an operand within its program. */
export function operandType(program: Program, operand: Operand): TensorType {
  if (operand.kind === "literal") return { shape: [], dtype: operand.dtype };
  const { variable } = operand;
  const found = program.inputs[variable]?.type ?? program.equations[variable - program.inputs.length]?.type;
  if (found === undefined)
    throw new RangeError(`variable ${variable} is not defined in program ${program.name}`);
  return found;
}

/** Values of operands that depend on no input: what indices are mostly computed from. */

import { evaluateEquation, type ProgramBuilder } from "../../program/builder.ts";
import { scalar } from "../../program/interpreter.ts";
import type { Operand } from "../../program/program.ts";
import type { Tensor } from "../../program/type.ts";

/** A function that evaluates operands of a builder; undefined for those that depend on an input. */
export function constantsOf(builder: ProgramBuilder): (operand: Operand) => Tensor | undefined {
  const known = new Map<number, Tensor | undefined>();
  const constantOf = (operand: Operand): Tensor | undefined => {
    if (operand.kind === "literal") return scalar(operand.value);
    if (!known.has(operand.variable)) known.set(operand.variable, evaluated(operand));
    return known.get(operand.variable);
  };
  const evaluated = (operand: Operand): Tensor | undefined => {
    const equation = builder.definitionOf(operand);
    const values = equation?.operands.map(constantOf);
    const complete = values?.filter((value) => value !== undefined);
    return equation === undefined || complete === undefined || complete.length < equation.operands.length
      ? undefined
      : evaluateEquation(equation, complete);
  };
  return constantOf;
}

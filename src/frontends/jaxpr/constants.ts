/** Values that depend on no input: what indices, conditions of loops and choices of branches are mostly computed from. */

import { evaluateEquation, literal, type ProgramBuilder, resultType } from "../../program/builder.ts";
import { scalar } from "../../program/interpreter.ts";
import type { Emitter } from "../../program/primitive.ts";
import type { Equation, Operand } from "../../program/program.ts";
import type { DType, Tensor } from "../../program/type.ts";

/** A function that evaluates operands of a builder; undefined for those that depend on an input. */
export function constantsOf(builder: ProgramBuilder): (operand: Operand) => Tensor | undefined {
  // By variable, as far as it was asked for; chains of constants may be too long for a recursion.
  const known: (Tensor | undefined)[] = [];
  const constantOf = (operand: Operand): Tensor | undefined =>
    operand.kind === "literal" ? scalar(operand.value) : known[operand.variable];
  const evaluated = (variable: number): Tensor | undefined => {
    const equation = builder.definitionOf({ kind: "variable", variable });
    const values: Tensor[] = [];
    for (const operand of equation?.operands ?? []) {
      const value = constantOf(operand);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return equation && evaluateEquation(equation, values);
  };
  return (operand) => {
    if (operand.kind === "variable")
      for (let variable = known.length; variable <= operand.variable; variable++)
        known.push(evaluated(variable));
    return constantOf(operand);
  };
}

/** The operand as a literal, if it is a number that depends on no input. */
export function literalOfConstant(
  operand: Operand,
  emitter: Pick<Emitter, "typeOf">,
  constant: (operand: Operand) => Tensor | undefined,
): Operand {
  if (operand.kind === "literal") return operand;
  const { shape, dtype } = emitter.typeOf(operand);
  const value = shape.length === 0 ? constant(operand)?.data[0] : undefined;
  return value === undefined ? operand : literal(value, dtype);
}

/** `emit` of a builder, except that a number computed from numbers that are known is one itself: what counters of unrolled loops become. */
export function foldingEmit(builder: ProgramBuilder): Emitter["emit"] {
  return (primitive, operands, ...parameters) => {
    const literals = operands.filter((operand) => operand.kind === "literal");
    if (literals.length === operands.length && operands.length > 0) {
      const call = { primitive, parameters: parameters[0] ?? {} } as Pick<
        Equation,
        "primitive" | "parameters"
      >;
      const type = resultType(
        call,
        operands.map((operand) => builder.typeOf(operand)),
      );
      if (type.shape.length === 0) {
        const equation = { ...call, operands, type } as Equation;
        const { data } = evaluateEquation(
          equation,
          literals.map(({ value }) => scalar(value)),
        );
        return literal(data[0] ?? NaN, type.dtype);
      }
    }
    return builder.emit(primitive, operands, ...parameters);
  };
}

/** A constant as an operand: a literal if it is one number, else an array; elements that are not finite are selected into it. */
export function constantOperand(
  emitter: Pick<Emitter, "emit">,
  shape: readonly number[],
  data: Float64Array,
  dtype: DType = "float64",
): Operand {
  if (shape.length === 0) return literal(data[0] ?? NaN, dtype);
  const finite = Array.from(data, (value) => (Number.isFinite(value) ? value : 0));
  const constant = emitter.emit("constant", [], { shape, values: finite, dtype });
  return [Infinity, -Infinity, NaN].reduce<Operand>((result, strange) => {
    const values = Array.from(data, (value) => (Object.is(value, strange) ? 1 : 0));
    if (!values.includes(1)) return result;
    const isStrange = emitter.emit("constant", [], { shape, values, dtype: "bool" });
    return emitter.emit("select", [isStrange, result, literal(strange, dtype)]);
  }, constant);
}

/** An array as nested lists, or a number. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/** The elements of nested lists, row-major. */
export function flatNumbers(nested: NestedNumbers): number[] {
  return typeof nested === "object" ? nested.flatMap(flatNumbers) : [Number(nested)];
}

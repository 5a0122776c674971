/** Building Programs one equation at a time; every type is checked as it is made. */

import { InputError } from "../errors.ts";
import type { Emitter, Primitive } from "./primitive.ts";
import { type PrimitiveName, primitives } from "./primitives/index.ts";
import type { Equation, Input, Literal, Operand, Output, Program, Signature, Variable } from "./program.ts";
import type { DType, Tensor, TensorType } from "./type.ts";

/** A scalar literal. */
export function literal(value: number, dtype: DType = "float64"): Literal {
  return { kind: "literal", value, dtype };
}

/** The type of an equation's result. Throws an InputError that names the primitive if the operands do not fit. */
export function resultType(
  equation: Pick<Equation, "primitive" | "parameters">,
  operands: readonly TensorType[],
): TensorType {
  // The union of equations pairs each primitive with its own parameters; TypeScript cannot follow that through the table.
  const primitive = primitives[equation.primitive] as Primitive<unknown>;
  try {
    return primitive.typeOf(operands, equation.parameters);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${equation.primitive}: ${error.message}`);
    throw error;
  }
}

/** Evaluates one equation on float64 tensors. */
export function evaluateEquation(equation: Equation, operands: readonly Tensor[]): Tensor {
  return (primitives[equation.primitive] as Primitive<unknown>).evaluate(
    operands,
    equation.parameters,
    equation.type,
  );
}

/**
 * A Program under construction. It emits exactly what it is told; `SimplifyingBuilder` is the one that merges and folds.
 */
export class ProgramBuilder implements Emitter {
  readonly #inputs: Input[] = [];
  readonly #equations: Equation[] = [];

  /** Declares the next input; all inputs come before the first equation. */
  input(name: string, type: TensorType = { shape: [], dtype: "float64" }): Variable {
    if (this.#equations.length > 0) throw new Error("inputs come before equations");
    this.#inputs.push({ name, type });
    return { kind: "variable", variable: this.#inputs.length - 1 };
  }

  emit<Name extends PrimitiveName>(
    primitive: Name,
    operands: readonly Operand[],
    ...[parameters]: readonly unknown[]
  ): Operand {
    const equation = { primitive, parameters: parameters ?? {} } as Pick<
      Equation,
      "primitive" | "parameters"
    >;
    return this.append(equation, operands);
  }

  /** Appends one equation given as data, with the name of its result if it has one. Throws an InputError if the types do not fit. */
  append(
    equation: Pick<Equation, "primitive" | "parameters">,
    operands: readonly Operand[],
    name?: string,
  ): Operand {
    const type = resultType(
      equation,
      operands.map((operand) => this.typeOf(operand)),
    );
    const { primitive, parameters } = equation;
    this.#equations.push({
      primitive,
      parameters,
      operands,
      type,
      ...(name === undefined ? {} : { name }),
    } as Equation);
    return { kind: "variable", variable: this.#inputs.length + this.#equations.length - 1 };
  }

  /** Gives the result of an equation a name, unless it has one. Inputs and literals keep theirs. */
  name(operand: Operand, name: string): void {
    if (operand.kind === "literal") return;
    const index = operand.variable - this.#inputs.length;
    const equation = this.#equations[index];
    if (equation !== undefined && equation.name === undefined) this.#equations[index] = { ...equation, name };
  }

  typeOf(operand: Operand): TensorType {
    if (operand.kind === "literal") return { shape: [], dtype: operand.dtype };
    const { variable } = operand;
    const type = this.#inputs[variable]?.type ?? this.#equations[variable - this.#inputs.length]?.type;
    if (type === undefined) throw new RangeError(`variable ${variable} is not defined yet`);
    return type;
  }

  /** The equation that defines an operand, or undefined for inputs and literals. */
  definitionOf(operand: Operand): Equation | undefined {
    return operand.kind === "variable" ? this.#equations[operand.variable - this.#inputs.length] : undefined;
  }

  /** Number of equations emitted so far. */
  get equationCount(): number {
    return this.#equations.length;
  }

  /** The finished Program; the builder may go on and build longer ones. */
  build(name: string, outputs: readonly Output[], signature?: Signature): Program {
    const program = {
      name,
      inputs: [...this.#inputs],
      equations: [...this.#equations],
      outputs: [...outputs],
    };
    return signature === undefined ? program : { ...program, signature };
  }
}

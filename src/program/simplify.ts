/**
 * Simplification: equal equations merged, constants folded, identities applied, dead code dropped.
 *
 * Every rewrite gives the same number in floating point, with one exception: the sign of a zero may differ (x + 0, 0 - x). What would
 * hide a NaN or an infinity (0 * x, x - x, x / x) or change a rounding (reassociation) is left alone.
 */

import { evaluateEquation, literal, ProgramBuilder, resultType } from "./builder.ts";
import { scalar } from "./interpreter.ts";
import { primitives } from "./primitives/index.ts";
import type { Equation, Literal, Operand, Output, Program } from "./program.ts";
import { sameShape, type TensorType } from "./type.ts";

type Call = Pick<Equation, "primitive" | "parameters">;

/** A builder that emits an equation only if no identity, no folding and no equal equation gives its result. */
export class SimplifyingBuilder extends ProgramBuilder {
  readonly #known = new Map<string, Operand>();

  override append(call: Call, operands: readonly Operand[], name?: string): Operand {
    const result =
      this.#identity(call, operands) ?? this.#folded(call, operands) ?? this.#merged(call, operands);
    if (name !== undefined) this.name(result, name);
    return result;
  }

  /** The operand without its sign: `neg x` gives x and true. */
  unsigned(operand: Operand): { readonly operand: Operand; readonly negative: boolean } {
    const definition = this.definitionOf(operand);
    const inner = definition?.primitive === "neg" ? definition.operands[0] : undefined;
    return inner === undefined ? { operand, negative: false } : { operand: inner, negative: true };
  }

  #merged(call: Call, operands: readonly Operand[]): Operand {
    const keys = operands.map(operandKey);
    if (primitives[call.primitive].commutative === true) keys.sort();
    const key = `${call.primitive}${JSON.stringify(call.parameters)}(${keys.join(",")})`;
    const found = this.#known.get(key);
    if (found !== undefined) return found;
    const result = super.append(call, operands);
    this.#known.set(key, result);
    return result;
  }

  #folded(call: Call, operands: readonly Operand[]): Literal | undefined {
    const literals = operands.filter((operand) => operand.kind === "literal");
    if (literals.length < operands.length || operands.length === 0) return undefined;
    const type = resultType(
      call,
      operands.map((operand) => this.typeOf(operand)),
    );
    if (type.shape.length > 0) return undefined;
    const [value] = evaluateEquation(
      { ...call, operands, type } as Equation,
      literals.map(({ value }) => scalar(value)),
    ).data;
    return literal(value ?? NaN, type.dtype);
  }

  /** The value that an equation is known to equal, written with what is there or with simpler equations; undefined if none is known. */
  #identity(call: Call, operands: readonly Operand[]): Operand | undefined {
    const [x, y, z] = operands;
    if (x === undefined) return undefined;
    if (y === undefined) return this.#unaryIdentity(call as Equation, x);
    if (z === undefined) return this.#binaryIdentity(call.primitive, x, y);
    if (call.primitive === "select") {
      if (x.kind === "literal") return this.#as(x.value === 0 ? y : z, operands);
      if (operandKey(y) === operandKey(z)) return this.#as(y, operands);
    }
    return undefined;
  }

  #unaryIdentity(equation: Equation, x: Operand): Operand | undefined {
    const type = this.typeOf(x);
    switch (equation.primitive) {
      case "neg": {
        const { operand, negative } = this.unsigned(x);
        return negative ? operand : undefined;
      }
      case "abs":
      case "square":
      case "cos": {
        const { operand, negative } = this.unsigned(x);
        return negative ? this.emit(equation.primitive, [operand]) : undefined;
      }
      case "copy":
        return x;
      case "integer_pow": {
        const { exponent } = equation.parameters;
        if (exponent === 1) return x;
        if (exponent === 2) return this.emit("square", [x]);
        if (exponent === 0) return type.shape.length === 0 ? literal(1, type.dtype) : undefined;
        return exponent === -1 ? this.emit("div", [literal(1, type.dtype), x]) : undefined;
      }
      case "convert":
        return equation.parameters.dtype === type.dtype ? x : undefined;
      case "reshape": {
        if (sameShape(type.shape, equation.parameters.shape)) return x;
        const inner = this.definitionOf(x);
        const original = inner?.primitive === "reshape" ? inner.operands[0] : undefined;
        return original === undefined ? undefined : this.emit("reshape", [original], equation.parameters);
      }
      case "broadcast":
        return sameShape(type.shape, equation.parameters.shape) ? x : undefined;
      default:
        return undefined;
    }
  }

  #binaryIdentity(primitive: Equation["primitive"], x: Operand, y: Operand): Operand | undefined {
    const left = this.unsigned(x);
    const right = this.unsigned(y);
    switch (primitive) {
      case "add":
        if (isLiteral(x, 0)) return this.#as(y, [x, y]);
        if (isLiteral(y, 0)) return this.#as(x, [x, y]);
        if (right.negative) return this.emit("sub", [x, right.operand]);
        return left.negative ? this.emit("sub", [y, left.operand]) : undefined;
      case "sub":
        if (isLiteral(y, 0)) return this.#as(x, [x, y]);
        if (isLiteral(x, 0)) return this.#negated(this.#as(y, [x, y]));
        if (right.negative) return this.emit("add", [x, right.operand]);
        return left.negative ? this.emit("neg", [this.emit("add", [left.operand, y])]) : undefined;
      case "mul":
        for (const [factor, other] of [
          [x, y],
          [y, x],
        ] as const) {
          if (isLiteral(factor, 1)) return this.#as(other, [x, y]);
          if (isLiteral(factor, -1)) return this.#negated(this.#as(other, [x, y]));
          if (factor.kind === "literal" && factor.value < 0)
            return this.emit("neg", [this.emit("mul", [literal(-factor.value, factor.dtype), other])]);
        }
        if (left.negative || right.negative) return this.#signed("mul", left, right);
        return operandKey(x) === operandKey(y) ? this.emit("square", [x]) : undefined;
      case "div":
        if (isLiteral(y, 1)) return this.#as(x, [x, y]);
        if (isLiteral(y, -1)) return this.#negated(this.#as(x, [x, y]));
        if (left.negative || right.negative) return this.#signed("div", left, right);
        return y.kind === "literal" && isPowerOfTwo(y.value)
          ? this.emit("mul", [literal(1 / y.value, y.dtype), x])
          : undefined;
      case "pow":
        return isLiteral(y, 1) ? this.#as(x, [x, y]) : undefined;
      case "max":
      case "min":
        return operandKey(x) === operandKey(y) ? x : undefined;
      default:
        return undefined;
    }
  }

  /** The product or quotient of magnitudes, with the sign outside. */
  #signed(
    primitive: "mul" | "div",
    left: { readonly operand: Operand; readonly negative: boolean },
    right: { readonly operand: Operand; readonly negative: boolean },
  ): Operand {
    const magnitude = this.emit(primitive, [left.operand, right.operand]);
    return left.negative === right.negative ? magnitude : this.emit("neg", [magnitude]);
  }

  #negated(operand: Operand | undefined): Operand | undefined {
    return operand === undefined ? undefined : this.emit("neg", [operand]);
  }

  /** The operand, if it has the shape that the equation's result has; a guest that would be broadcast is no identity. */
  #as(operand: Operand, operands: readonly Operand[]): Operand | undefined {
    const size = (type: TensorType) => type.shape.length;
    const rank = Math.max(...operands.map((other) => size(this.typeOf(other))));
    const { shape } = this.typeOf(operand);
    const fits = operands.every((other) =>
      this.typeOf(other).shape.every(
        (extent, dim) => extent === 1 || extent === shape[dim - size(this.typeOf(other)) + rank],
      ),
    );
    return shape.length === rank && fits ? operand : undefined;
  }
}

/**
 * The program with equal equations merged, constants folded, identities applied and dead equations dropped; inputs, outputs,
 * signature and the order of what remains are kept.
 */
export function simplify(program: Program): Program {
  const builder = new SimplifyingBuilder();
  const outputs = replay(program, builder);
  return withoutDeadEquations(builder.build(program.name, outputs, program.signature));
}

/**
 * Emits a program's inputs and equations into a builder.
 *
 * @returns its outputs there; `values`, if given, receives the operand of every variable
 */
export function replay(program: Program, builder: ProgramBuilder, values: Operand[] = []): Output[] {
  for (const { name, type } of program.inputs) values.push(builder.input(name, type));
  const mapped = (operand: Operand): Operand => {
    if (operand.kind === "literal") return operand;
    const value = values[operand.variable];
    if (value === undefined)
      throw new RangeError(`variable ${operand.variable} is used before it is defined`);
    return value;
  };
  for (const equation of program.equations)
    values.push(builder.append(equation, equation.operands.map(mapped), equation.name));
  return program.outputs.map(({ name, operand }) => ({ name, operand: mapped(operand) }));
}

/** The program without the equations that no output needs. */
export function withoutDeadEquations(program: Program): Program {
  const live = liveEquations(
    program,
    program.outputs.map(({ operand }) => operand),
  );
  return renumbered(
    program,
    [...program.equations.keys()].filter((index) => live[index]),
  );
}

/** The program of some of its equations in another order, by index; each must come after all that it uses. */
export function renumbered(program: Program, order: readonly number[]): Program {
  const inputs = program.inputs.length;
  const placeOf = new Map(order.map((equation, place) => [inputs + equation, inputs + place]));
  const moved = (operand: Operand): Operand =>
    operand.kind === "literal" || operand.variable < inputs
      ? operand
      : { kind: "variable", variable: placeOf.get(operand.variable) ?? -1 };
  const equations = order.flatMap((index): Equation[] => {
    const equation = program.equations[index];
    return equation === undefined
      ? []
      : [{ ...equation, operands: equation.operands.map(moved) } as Equation];
  });
  const outputs = program.outputs.map(({ name, operand }) => ({ name, operand: moved(operand) }));
  return { ...program, equations, outputs };
}

/** For each equation whether any of the roots needs it. */
export function liveEquations(
  program: Pick<Program, "inputs" | "equations">,
  roots: readonly Operand[],
): boolean[] {
  const live = new Array<boolean>(program.equations.length).fill(false);
  const mark = (operand: Operand) => {
    if (operand.kind === "variable" && operand.variable >= program.inputs.length)
      live[operand.variable - program.inputs.length] = true;
  };
  roots.forEach(mark);
  for (let index = live.length - 1; index >= 0; index--)
    if (live[index]) program.equations[index]?.operands.forEach(mark);
  return live;
}

function operandKey(operand: Operand): string {
  if (operand.kind === "variable") return `${operand.variable}`;
  return `${Object.is(operand.value, -0) ? "-0" : operand.value}:${operand.dtype}`;
}

function isLiteral(operand: Operand, value: number): boolean {
  return operand.kind === "literal" && operand.value === value;
}

/** Whether 1 / value is exact, so that a division by it is a multiplication. */
function isPowerOfTwo(value: number): boolean {
  const exponent = Math.log2(Math.abs(value));
  return Number.isInteger(exponent) && Math.abs(exponent) < 1000 && 2 ** exponent === Math.abs(value);
}

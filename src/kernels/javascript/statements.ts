/**
 * A Program as straight-line JavaScript: one `const` per value, values that are used once written where they are used as long as
 * that stays readable.
 *
 * This is the seam for tensors: an equation on more than one element would become a loop here.
 */

import { InputError } from "../../errors.ts";
import type { Equation, Operand, Output, Program } from "../../program/program.ts";
import { sizeOf, typeText } from "../../program/type.ts";
import { entriesOf } from "../kernel.ts";
import { type Expression, isAtom, number, numeric, reference } from "./expression.ts";
import type { Names } from "./names.ts";
import { javascriptRules, type Local, type Operands } from "./primitives.ts";

/** A comment that stands before the code of an equation, by its index in the program. */
export interface Section {
  readonly equation: number;
  readonly comment: string;
}

export type Statement =
  | { readonly kind: "input"; readonly name: string; readonly plane: number }
  | { readonly kind: "const"; readonly name: string; readonly value: Expression }
  | { readonly kind: "output"; readonly name: string; readonly plane: number; readonly value: Expression }
  | { readonly kind: "comment"; readonly text: string };

/** An expression grows by inlining up to this many operations and characters. */
const LONGEST_INLINE = { operations: 4, characters: 60 };

/**
 * The statements of a program in order: reads of the inputs that are needed, values, and each output as soon as it is known.
 *
 * @throws InputError if a value has more than one element
 */
export function statementsOf(program: Program, names: Names, sections: readonly Section[] = []): Statement[] {
  checkScalars(program);
  return new Writer(program, names, sections).statements;
}

function checkScalars(program: Program): void {
  const named = [
    ...program.inputs.map(({ name, type }) => ({ what: `input ${name}`, type })),
    ...program.equations.map(({ primitive, type }, index) => ({
      what: `equation ${index + 1} (${primitive})`,
      type,
    })),
  ];
  for (const { what, type } of named)
    if (sizeOf(type.shape) !== 1)
      throw new InputError(
        `${program.name}: ${what} is ${typeText(type)}: JavaScript kernels hold scalars and one-element arrays only; write the function with scalars`,
      );
}

/** How often each variable is used by live equations and outputs; 0 for dead ones. */
function countUses(program: Program): Uint32Array {
  const uses = new Uint32Array(program.inputs.length + program.equations.length);
  const use = (operand: Operand) => {
    if (operand.kind === "variable") uses[operand.variable] = (uses[operand.variable] ?? 0) + 1;
  };
  for (const { operand } of program.outputs) use(operand);
  for (let index = program.equations.length - 1; index >= 0; index--)
    if (uses[program.inputs.length + index]) program.equations[index]?.operands.forEach(use);
  return uses;
}

/** What stands for values that nothing reads. */
const UNUSED = number(NaN);

/** The state of writing one program. */
class Writer {
  readonly statements: Statement[] = [];
  readonly #program: Program;
  readonly #names: Names;
  readonly #uses: Uint32Array;
  readonly #identifiers: (string | undefined)[];
  /** What to write for each variable, once its equation is done. */
  readonly #values: Expression[] = [];
  readonly #planes: ReadonlyMap<number | null, readonly ResultPlane[]>;
  /** The variable whose value an inlined expression is, to name it after all if it must be. */
  readonly #variableOf = new Map<Expression, number>();

  constructor(program: Program, names: Names, sections: readonly Section[]) {
    this.#program = program;
    this.#names = names;
    this.#uses = countUses(program);
    this.#planes = planesByVariable(program);
    this.#identifiers = [...program.inputs, ...program.equations].map(({ name }, variable) =>
      name !== undefined && this.#isUsed(variable) ? names.take(name) : undefined,
    );
    program.inputs.forEach((_, plane) => {
      const name = this.#isUsed(plane) ? this.#identifier(plane) : undefined;
      if (name !== undefined) this.statements.push({ kind: "input", name, plane });
      this.#values.push(name === undefined ? UNUSED : reference(name));
    });
    this.#store(null);
    for (let plane = 0; plane < program.inputs.length; plane++) this.#store(plane);
    program.equations.forEach((equation, index) => {
      for (const { equation: first, comment } of sections)
        if (first === index) this.statements.push({ kind: "comment", text: comment });
      const variable = program.inputs.length + index;
      if (this.#isUsed(variable)) this.#equation(equation, variable);
      else this.#values.push(UNUSED);
      this.#store(variable);
    });
  }

  #isUsed(variable: number): boolean {
    return this.#uses[variable] !== 0;
  }

  /** Unnamed values are called after the number of their equation, from 1. */
  #identifier(variable: number): string {
    const identifier =
      this.#identifiers[variable] ?? this.#names.take(`v${variable - this.#program.inputs.length + 1}`);
    this.#identifiers[variable] = identifier;
    return identifier;
  }

  #equation(equation: Equation, variable: number): void {
    const value = applyRule(
      equation,
      equation.operands.map((operand) => this.#read(operand)),
      this.#local(variable),
    );
    const { operations, characters } = LONGEST_INLINE;
    const short = value.operations <= operations && value.text.length <= characters;
    // What is used once by an output needs no name: the output has one.
    const isResult = this.#uses[variable] === 1 && this.#planes.has(variable);
    if (isAtom(value) || isResult) this.#values.push(value);
    else if (equation.name === undefined && this.#uses[variable] === 1 && short) {
      this.#variableOf.set(value, variable);
      this.#values.push(value);
    } else this.#values.push(this.#define(this.#identifier(variable), value));
  }

  #read(operand: Operand): Expression {
    if (operand.kind === "literal") return number(operand.value);
    const value = this.#values[operand.variable];
    if (value === undefined)
      throw new RangeError(`variable ${operand.variable} is used before it is defined`);
    return value;
  }

  #define(name: string, value: Expression): Expression {
    this.statements.push({ kind: "const", name, value });
    return reference(name, value.boolean);
  }

  /** Names a part of a value that is needed more than once: after its own equation, or after the one that needs it. */
  #local(variable: number): Local {
    return (value) => {
      if (isAtom(value)) return value;
      const own = this.#variableOf.get(value);
      return this.#define(
        own === undefined ? this.#names.take(`${this.#identifier(variable)}_base`) : this.#identifier(own),
        value,
      );
    };
  }

  /** Writes the outputs that a variable, or null for literals, is. */
  #store(variable: number | null): void {
    for (const { plane, name, operand } of this.#planes.get(variable) ?? [])
      this.statements.push({ kind: "output", name, plane, value: numeric(this.#read(operand)) });
  }
}

interface ResultPlane extends Output {
  readonly plane: number;
}

/** The output planes of each variable; of literals under null. */
function planesByVariable(program: Program): Map<number | null, ResultPlane[]> {
  const planes = new Map<number | null, ResultPlane[]>();
  entriesOf(program).forEach(({ output }, plane) => {
    const result = program.outputs[output];
    if (result === undefined) return;
    const key = result.operand.kind === "literal" ? null : result.operand.variable;
    const sharing = planes.get(key);
    if (sharing === undefined) planes.set(key, [{ ...result, plane }]);
    else sharing.push({ ...result, plane });
  });
  return planes;
}

function applyRule(
  equation: Equation,
  [x = UNUSED, y = UNUSED, z = UNUSED]: readonly Expression[],
  local: Local,
): Expression {
  // The union of equations pairs each primitive with its own parameters; TypeScript cannot follow that through the table.
  const rule = javascriptRules[equation.primitive] as (
    o: Operands,
    parameters: unknown,
    local: Local,
  ) => Expression;
  return rule({ x, y, z }, equation.parameters, local);
}

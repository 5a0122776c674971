/**
 * A Program as straight-line code: one constant per value, values that are used once written where they are used as long as that stays
 * readable. What each equation becomes is the table of a language; what a line looks like is its emitter's.
 */

import type { PrimitiveName, PrimitiveParameters } from "../../program/primitives/index.ts";
import {
  type Equation,
  type Literal,
  type Operand,
  operandType,
  type Program,
} from "../../program/program.ts";
import type { TensorType } from "../../program/type.ts";
import { type Expression, isAtom, literalText, reference } from "./expression.ts";
import type { Names } from "./names.ts";

/** A language as a table. */
export interface Language {
  readonly rules: Rules;
  literal(literal: Literal): Expression;
  /** An expression as what an output is stored as. */
  result(expression: Expression): Expression;
}

/** What each primitive becomes; a primitive that is missing does not compile. */
export type Rules = { readonly [Name in PrimitiveName]: Rule<PrimitiveParameters[Name]> };

export type Rule<Parameters> = (operands: Operands, parameters: Parameters, context: Context) => Expression;

/** The first operands by name, and all; a rule may rely on as many as its primitive has. */
export interface Operands {
  readonly x: Expression;
  readonly y: Expression;
  readonly z: Expression;
  readonly all: readonly Expression[];
}

export interface Context {
  readonly local: Local;
  /** Of the result, and of the operands. */
  readonly type: TensorType;
  readonly operandTypes: readonly TensorType[];
}

/** Where a rule puts a value that it needs more than once: gives it a name and hands that back. Names and literals stay what they are. */
export type Local = (expression: Expression) => Expression;

/** A comment that stands before the code of an equation, by its index in the program. */
export interface Section {
  readonly equation: number;
  readonly comment: string;
}

export type Statement =
  | { readonly kind: "input"; readonly name: string; readonly plane: number }
  | { readonly kind: "const"; readonly name: string; readonly value: Expression }
  | {
      readonly kind: "output";
      readonly name: string;
      readonly plane: number;
      readonly value: Expression;
      /** What the value would be called if it were a constant: free to use, if there is one. */
      readonly identifier: string | undefined;
    }
  | { readonly kind: "comment"; readonly text: string };

/** An expression grows by inlining up to this many operations and characters. */
const LONGEST_INLINE = { operations: 4, characters: 60 };

/** A value that is stored: an operand, where, and what it is called. */
export interface Result {
  readonly plane: number;
  readonly name: string;
  readonly operand: Operand;
}

export interface StatementOptions {
  readonly language: Language;
  readonly names: Names;
  readonly results: readonly Result[];
  readonly sections?: readonly Section[];
  /** Identifiers of the inputs, where they are fixed; by default they are taken from `names`. */
  readonly inputs?: readonly string[];
}

/** The statements of a program in order: reads of the inputs that are needed, values, and each result as soon as it is known. */
export function statementsOf(program: Program, options: StatementOptions): Statement[] {
  return withoutUnread(new Writer(program, options).statements);
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
const UNUSED = literalText("unused");

/** The statements without those whose value no later one reads: rules need not read all their operands. */
function withoutUnread(statements: readonly Statement[]): Statement[] {
  const read = new Set<string>();
  const kept = statements.toReversed().filter((statement) => {
    if ((statement.kind === "input" || statement.kind === "const") && !read.has(statement.name)) return false;
    if (statement.kind === "const" || statement.kind === "output")
      for (const name of statement.value.reads) read.add(name);
    return true;
  });
  return kept.reverse();
}

/** The state of writing one program. */
class Writer {
  readonly statements: Statement[] = [];
  readonly #program: Program;
  readonly #language: Language;
  readonly #names: Names;
  readonly #uses: Uint32Array;
  readonly #identifiers: (string | undefined)[];
  /** What to write for each variable, once its equation is done. */
  readonly #values: Expression[] = [];
  readonly #results: ReadonlyMap<number | null, readonly Result[]>;
  /** The variable whose value an inlined expression is, to name it after all if it must be. */
  readonly #variableOf = new Map<Expression, number>();

  constructor(program: Program, { language, names, results, sections = [], inputs }: StatementOptions) {
    this.#program = program;
    this.#language = language;
    this.#names = names;
    this.#uses = countUses(program);
    this.#results = resultsByVariable(results);
    this.#identifiers = [...program.inputs, ...program.equations].map(
      ({ name }, variable) =>
        inputs?.[variable] ?? (name !== undefined && this.#isUsed(variable) ? names.take(name) : undefined),
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
    const value = this.#value(equation, variable);
    const { operations, characters } = LONGEST_INLINE;
    const short = value.operations <= operations && value.text.length <= characters;
    // What is used once by an output needs no name: the output has one.
    const isResult = this.#uses[variable] === 1 && this.#results.has(variable);
    if (isAtom(value) || isResult) this.#values.push(value);
    else if (equation.name === undefined && this.#uses[variable] === 1 && short) {
      this.#variableOf.set(value, variable);
      this.#values.push(value);
    } else this.#values.push(this.#define(this.#identifier(variable), value));
  }

  #value({ primitive, parameters, operands, type }: Equation, variable: number): Expression {
    // The union of equations pairs each primitive with its own parameters; TypeScript cannot follow that through the table.
    const rule = this.#language.rules[primitive] as Rule<unknown>;
    const all = operands.map((operand) => this.#read(operand));
    const [x = UNUSED, y = UNUSED, z = UNUSED] = all;
    const operandTypes = operands.map((operand) => operandType(this.#program, operand));
    return rule({ x, y, z, all }, parameters, { local: this.#local(variable), type, operandTypes });
  }

  #read(operand: Operand): Expression {
    if (operand.kind === "literal") return this.#language.literal(operand);
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

  /** Writes the results that a variable, or null for literals, is. */
  #store(variable: number | null): void {
    for (const { plane, name, operand } of this.#results.get(variable) ?? []) {
      const value = this.#language.result(this.#read(operand));
      const identifier = variable === null || isAtom(value) ? undefined : this.#identifiers[variable];
      this.statements.push({ kind: "output", name, plane, value, identifier });
    }
  }
}

/** The results that each variable is; literals under null. */
function resultsByVariable(results: readonly Result[]): Map<number | null, Result[]> {
  const byVariable = new Map<number | null, Result[]>();
  for (const result of results) {
    const key = result.operand.kind === "literal" ? null : result.operand.variable;
    const sharing = byVariable.get(key);
    if (sharing === undefined) byVariable.set(key, [result]);
    else sharing.push(result);
  }
  return byVariable;
}

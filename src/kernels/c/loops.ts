/**
 * A Program on arrays as C loops.
 *
 * One function computes one point. Its arrays are on the stack as long as that is safe for any thread, and static otherwise.
 */

import { operandType, type Program } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
import type { KernelDType } from "../kernel.ts";
import { arranged } from "../loops/arrange.ts";
import { loopPlan } from "../loops/plan.ts";
import { type LoopSyntax, type NestScope, nestLines } from "../loops/print.ts";
import { oneLine } from "../straightline/comment.ts";
import type { Names } from "../straightline/names.ts";
import type { Section } from "../straightline/statements.ts";
import { cTypes } from "./functions.ts";
import { cLanguage } from "./language.ts";

/** The code of one point at `inputs` and `outputs`, planes `input_stride` and `output_stride` apart. */
export interface CLoops {
  /** Tables and constants of the file. */
  readonly declarations: readonly string[];
  /** Lines of the function's body. */
  readonly body: string;
  /** Whether calls may run at the same time. */
  readonly reentrant: boolean;
}

/** Bytes of arrays that a function keeps on the stack: threads have at least 512 KiB everywhere. */
const MOST_ON_STACK = 2 ** 18;

/** Writes the loops of a program. */
export function cLoops(
  program: Program,
  {
    dtype,
    names,
    sections,
  }: { readonly dtype: KernelDType; readonly names: Names; readonly sections: readonly Section[] },
): CLoops {
  const { stages, outputs, arrays } = loopPlan(program);
  const scope = new FileScope(dtype, names);
  const { type } = cTypes[dtype];
  const values = [...program.inputs, ...program.equations];
  const sizes = arrays.map((variable) => sizeOf(operandType(program, { kind: "variable", variable }).shape));
  const bytes = sizes.reduce((sum, size) => sum + size * (dtype === "float64" ? 8 : 4), 0);
  const reentrant = bytes <= MOST_ON_STACK;
  const storage = arrays.map((variable, index) => {
    const array = scope.declare(
      variable,
      values[variable]?.name ?? `v${variable - program.inputs.length + 1}`,
    );
    const shape = values[variable]?.type.shape ?? [];
    const comment = shape.length < 2 ? "" : ` // [${shape.join(", ")}]`;
    return {
      array,
      text: `  ${reentrant ? "" : "static "}${type} ${array}[${Math.max(1, sizes[index] ?? 1)}];${comment}`,
    };
  });
  const lines: string[] = [];
  let plane = 0;
  program.inputs.forEach((input, variable) => {
    const [first, size] = [plane, sizeOf(input.type.shape)];
    plane += size;
    if (arrays.includes(variable))
      lines.push(
        ...eachElement(
          size,
          scope,
          (index) =>
            `${scope.array(variable)}[${index}] = inputs[${planeText(first, index, "input_stride")}];`,
        ),
      );
  });
  const comments = [...sections];
  for (const { variable, nest } of stages) {
    const equation = variable - program.inputs.length;
    while (comments[0] !== undefined && comments[0].equation <= equation)
      lines.push("", `  // ${oneLine(comments.shift()?.comment ?? "")}`);
    const place = {
      result: scope.array(variable),
      size: sizeOf(program.equations[equation]?.type.shape ?? []),
      indent: "  ",
    };
    for (const own of arranged(nest)) lines.push(...nestLines(own, place, scope));
  }
  for (const { operand, plane: first, size, name } of outputs)
    lines.push(
      ...eachElement(size, scope, (index) => {
        const value =
          operand.kind === "literal"
            ? scope.syntax.language.literal(operand).text
            : `${scope.array(operand.variable)}[${index}]`;
        return `outputs[${planeText(first, index, "output_stride")}] = ${value}; // ${oneLine(name)}`.trimEnd();
      }),
    );
  // Arrays without elements are declared by nobody.
  const used = new Set(lines.join("\n").match(/\w+/g));
  const declared = storage.filter(({ array }) => used.has(array)).map(({ text }) => text);
  return { declarations: scope.declarations, body: [...declared, ...lines].join("\n"), reentrant };
}

/** One statement per element of an array. */
function eachElement(size: number, scope: NestScope, statement: (index: string) => string): string[] {
  if (size === 0) return [];
  if (size === 1) return [`  ${statement("0")}`];
  const index = scope.index(0);
  return [`  for (int ${index} = 0; ${index} < ${size}; ${index}++) ${statement(index)}`];
}

/** The position of plane `first + index`. */
function planeText(first: number, index: string, stride: string): string {
  if (index === "0") return first === 0 ? "0" : `${first} * ${stride}`;
  return first === 0 ? `${index} * ${stride}` : `(${first} + ${index}) * ${stride}`;
}

/** The arrays, tables and loop indices of a file. */
class FileScope implements NestScope {
  readonly syntax: LoopSyntax;
  readonly names: Names;
  readonly declarations: string[] = [];
  readonly #type: string;
  readonly #arrays = new Map<number, string>();
  readonly #lists = new Map<readonly number[], string>();
  readonly #indices: string[] = [];

  constructor(dtype: KernelDType, names: Names) {
    const { type } = cTypes[dtype];
    this.#type = type;
    this.names = names;
    this.syntax = {
      language: cLanguage(dtype, false),
      loop: (index, extent) => `for (int ${index} = 0; ${index} < ${extent}; ${index}++) {`,
      constant: (name, value, boolean) => `const ${boolean ? "int" : type} ${name} = ${value};`,
      variable: (name, value) => `${type} ${name} = ${value};`,
      fill: () => null,
    };
    // Loop indices have the short names, whatever the program's values are called.
    this.index(2);
  }

  declare(variable: number, wanted: string): string {
    const array = this.names.take(wanted);
    this.#arrays.set(variable, array);
    return array;
  }

  array(variable: number): string {
    const array = this.#arrays.get(variable);
    if (array === undefined) throw new RangeError(`variable ${variable} has no array`);
    return array;
  }

  index(depth: number): string {
    for (let next = this.#indices.length; next <= depth; next++)
      this.#indices.push(this.names.take("ijklmn"[next] ?? `i${next}`));
    return this.#indices[depth] ?? "i";
  }

  table(positions: readonly number[]): string {
    return this.#list(positions, "positions", "int", String);
  }

  constants(values: readonly number[]): string {
    const { language } = this.syntax;
    return this.#list(
      values,
      "constants",
      this.#type,
      (value) => language.literal({ kind: "literal", value, dtype: "float64" }).text,
    );
  }

  #list(items: readonly number[], wanted: string, type: string, text: (item: number) => string): string {
    const known = this.#lists.get(items);
    if (known !== undefined) return known;
    const name = this.names.take(wanted);
    this.#lists.set(items, name);
    const texts = items.length === 0 ? ["0"] : items.map(text);
    this.declarations.push(`static const ${type} ${name}[] = {\n${rows(texts).join("\n")}\n};`);
    return name;
  }
}

/** A list wrapped at 100 columns. */
function rows(items: readonly string[]): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + item.length < 96) lines[lines.length - 1] = `${last} ${item},`;
    else lines.push(`  ${item},`);
  }
  return lines;
}

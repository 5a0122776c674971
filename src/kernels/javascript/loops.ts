/** A Program on arrays as JavaScript loops, with one typed array for each value that must be stored. */

import type { Program } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
import { arranged } from "../loops/arrange.ts";
import type { Stage } from "../loops/fuse.ts";
import { loopPlan, type StoredOutput } from "../loops/plan.ts";
import { type LoopSyntax, type NestScope, nestLines } from "../loops/print.ts";
import { oneLine } from "../straightline/comment.ts";
import type { Names } from "../straightline/names.ts";
import type { Section } from "../straightline/statements.ts";
import { javascript } from "./language.ts";
import { functionsOf, list, type PointCode } from "./pointCode.ts";

/** Nests per function: V8 leaves very long functions unoptimised. */
const LONGEST_PART = 60;

const SYNTAX: LoopSyntax = {
  language: javascript,
  loop: (index, extent) => `for (let ${index} = 0; ${index} < ${extent}; ${index}++) {`,
  constant: (name, value) => `const ${name} = ${value};`,
  variable: (name, value) => `let ${name} = ${value};`,
  fill: (array, value) => `${array}.fill(${value});`,
};

/** The code of one point. */
export function loopCode(program: Program, names: Names, sections: readonly Section[]): PointCode {
  const { stages, outputs, arrays } = loopPlan(program);
  const scope = new ModuleScope(program, names, arrays);
  const blocks = [
    ...loads(program, scope),
    ...stageBlocks(program, stages, sections, scope),
    ...outputs.map((output) => store(output, scope)),
  ];
  const parts: string[][] = [];
  for (let first = 0; first === 0 || first < blocks.length; first += LONGEST_PART) {
    const part = blocks.slice(first, first + LONGEST_PART);
    const used = new Set(part.flatMap(({ arrays }) => arrays));
    // Local names spare the loops a look at the module's scope: up to half of the time.
    const locals = used.size === 0 ? [] : [`  const { ${[...used].join(", ")} } = ${ARRAYS};`];
    parts.push([...locals, ...part.map(({ text }) => text)]);
  }
  return { declarations: scope.declarations(), functions: functionsOf(parts, names) };
}

/** The name of the record of all arrays. */
export const ARRAYS = "arrays";

/** Some statements, and the arrays that they name. */
interface Block {
  readonly text: string;
  readonly arrays: readonly string[];
}

/** The arrays, tables and loop indices of a module. */
class ModuleScope implements NestScope {
  readonly syntax = SYNTAX;
  readonly names: Names;
  /** What the module's record of arrays holds: lines of code. */
  readonly #fields: string[] = [];
  readonly #arrays = new Map<number, string>();
  readonly #lists = new Map<readonly number[], string>();
  readonly #indices: string[] = [];
  /** The arrays that were named since the last block. */
  readonly #named = new Set<string>();

  constructor(program: Program, names: Names, arrays: readonly number[]) {
    this.names = names;
    // Loop indices have the short names, whatever the program's values are called.
    this.index(2);
    const values = [...program.inputs, ...program.equations];
    for (const variable of arrays) {
      const value = values[variable];
      const array = names.take(value?.name ?? `v${variable - program.inputs.length + 1}`);
      const shape = value?.type.shape ?? [];
      this.#arrays.set(variable, array);
      const comment = shape.length < 2 ? "" : ` // [${shape.join(", ")}]`;
      this.#fields.push(`${array}: new Float64Array(${sizeOf(shape)}),${comment}`);
    }
  }

  /** Module-level code. */
  declarations(): string[] {
    return this.#fields.length === 0
      ? []
      : [
          "/** Values that are arrays, row-major. */",
          `const ${ARRAYS} = {`,
          ...this.#fields.map((field) => `  ${field}`),
          "};",
        ];
  }

  /** The block of a text that was just made. */
  block(text: string): Block {
    const arrays = [...this.#named];
    this.#named.clear();
    return { text, arrays };
  }

  has(variable: number): boolean {
    return this.#arrays.has(variable);
  }

  array(variable: number): string {
    const array = this.#arrays.get(variable) ?? "undefined";
    this.#named.add(array);
    return array;
  }

  index(depth: number): string {
    for (let next = this.#indices.length; next <= depth; next++)
      this.#indices.push(this.names.take("ijklmn"[next] ?? `i${next}`));
    return this.#indices[depth] ?? "i";
  }

  table(positions: readonly number[]): string {
    return this.#list(positions, "positions", "Int32Array");
  }

  constants(values: readonly number[]): string {
    return this.#list(values, "constants", "Float64Array");
  }

  #list(items: readonly number[], wanted: string, type: string): string {
    let name = this.#lists.get(items);
    if (name === undefined) {
      name = this.names.take(wanted);
      this.#lists.set(items, name);
      const texts = items.map(
        (item) => javascript.literal({ kind: "literal", value: item, dtype: "float64" }).text,
      );
      this.#fields.push(`${name}: ${type}.from(${list(texts)}),`);
    }
    this.#named.add(name);
    return name;
  }
}

function loads(program: Program, scope: ModuleScope): Block[] {
  let plane = 0;
  return program.inputs.flatMap(({ type }, input) => {
    const [first, size] = [plane, sizeOf(type.shape)];
    plane += size;
    if (!scope.has(input) || size === 0) return [];
    return [
      eachElement(
        size,
        scope,
        (index) => `${scope.array(input)}[${index}] = inputs[${planeText(first, index, "inputStride")}];`,
      ),
    ];
  });
}

function store({ operand, plane, size, name }: StoredOutput, scope: ModuleScope): Block {
  const comment = ` // ${oneLine(name)}`.trimEnd();
  return eachElement(size, scope, (index) => {
    const value =
      operand.kind === "literal"
        ? javascript.literal(operand).text
        : `${scope.array(operand.variable)}[${index}]`;
    return `outputs[${planeText(plane, index, "outputStride")}] = ${value};${comment}`;
  });
}

/** One statement per element of an array. */
function eachElement(size: number, scope: ModuleScope, statement: (index: string) => string): Block {
  if (size === 1) return scope.block(`  ${statement("0")}`);
  const index = scope.index(0);
  return scope.block(`  for (let ${index} = 0; ${index} < ${size}; ${index}++) ${statement(index)}`);
}

/** The position of the current point in plane `first + index`. */
function planeText(first: number, index: string, stride: string): string {
  const plane = index === "0" ? `${first}` : first === 0 ? index : `(${first} + ${index})`;
  return plane === "0" ? "point" : `${plane} * ${stride} + point`;
}

function stageBlocks(
  program: Program,
  stages: readonly Stage[],
  sections: readonly Section[],
  scope: ModuleScope,
): Block[] {
  const comments = [...sections];
  return stages.flatMap(({ variable, nest }) => {
    const equation = variable - program.inputs.length;
    const lines: string[] = [];
    while (comments[0] !== undefined && comments[0].equation <= equation)
      lines.push("", `  // ${oneLine(comments.shift()?.comment ?? "")}`);
    const size = sizeOf(program.equations[equation]?.type.shape ?? []);
    const place = { result: scope.array(variable), size, indent: "  " };
    for (const own of arranged(nest)) lines.push(...nestLines(own, place, scope));
    return lines.length === 0 ? [] : [scope.block(lines.join("\n"))];
  });
}

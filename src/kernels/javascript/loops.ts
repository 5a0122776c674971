/** A Program on arrays as JavaScript loops, with one typed array for each value that must be stored. */

import type { Operand, Program } from "../../program/program.ts";
import { operandType } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
import { entriesOf } from "../kernel.ts";
import { arranged } from "../loops/arrange.ts";
import { type Stage, stagesOf } from "../loops/fuse.ts";
import { oneLine } from "../straightline/comment.ts";
import type { Names } from "../straightline/names.ts";
import type { Section } from "../straightline/statements.ts";
import { javascript } from "./language.ts";
import { type NestScope, nestLines } from "./nest.ts";
import { functionsOf, list, type PointCode } from "./pointCode.ts";

/** Nests per function: V8 leaves very long functions unoptimised. */
const LONGEST_PART = 60;

/** The code of one point. */
export function loopCode(program: Program, names: Names, sections: readonly Section[]): PointCode {
  const outputs = storedOutputs(program);
  const wanted = outputs.flatMap(({ operand }) => (operand.kind === "variable" ? [operand.variable] : []));
  const stages = stagesOf(program, [...new Set(wanted)]);
  const scope = new ModuleScope(program, names, arraysOf(program, stages, wanted));
  const blocks = [
    ...loads(program, scope),
    ...stageBlocks(program, stages, sections, scope),
    ...outputs.map((output) => store(program, output, scope)),
  ];
  const parts: string[][] = [];
  for (let first = 0; first === 0 || first < blocks.length; first += LONGEST_PART)
    parts.push(blocks.slice(first, first + LONGEST_PART));
  return { declarations: scope.declarations, functions: functionsOf(parts, names) };
}

/** An output that has planes, and the first of them. */
interface StoredOutput {
  readonly operand: Operand;
  readonly plane: number;
  readonly name: string;
}

function storedOutputs(program: Program): StoredOutput[] {
  const planes = new Map<number, number>();
  entriesOf(program).forEach(({ output }, plane) => {
    if (!planes.has(output)) planes.set(output, plane);
  });
  return program.outputs.flatMap((output, index) => {
    const plane = planes.get(index);
    return plane === undefined ? [] : [{ ...output, plane }];
  });
}

/** The variables that need an array. */
function arraysOf(program: Program, stages: readonly Stage[], wanted: readonly number[]): number[] {
  const stored = new Set(wanted);
  for (const { variable, nest } of stages) {
    stored.add(variable);
    for (const source of nest.sources) if (source.kind === "element") stored.add(source.variable);
  }
  return [...program.inputs, ...program.equations].flatMap((_, variable) =>
    stored.has(variable) ? [variable] : [],
  );
}

/** The arrays, tables and loop indices of a module. */
class ModuleScope implements NestScope {
  readonly names: Names;
  readonly declarations: string[] = [];
  readonly #arrays = new Map<number, string>();
  readonly #indices: string[] = [];
  readonly #lists = new Map<readonly number[], string>();

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
      this.declarations.push(`const ${array} = new Float64Array(${sizeOf(shape)});${comment}`);
    }
  }

  has(variable: number): boolean {
    return this.#arrays.has(variable);
  }

  array(variable: number): string {
    return this.#arrays.get(variable) ?? "undefined";
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
      this.declarations.push(
        `const ${name} = ${type}.from(${list(items.map((item) => (Object.is(item, -0) ? "-0" : `${item}`)))});`,
      );
    }
    return name;
  }
}

function loads(program: Program, scope: ModuleScope): string[] {
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

function store(program: Program, { operand, plane, name }: StoredOutput, scope: ModuleScope): string {
  const { shape } = operandType(program, operand);
  const comment = ` // ${oneLine(name)}`.trimEnd();
  return eachElement(sizeOf(shape), scope, (index) => {
    const value =
      operand.kind === "literal"
        ? javascript.literal(operand).text
        : `${scope.array(operand.variable)}[${index}]`;
    return `outputs[${planeText(plane, index, "outputStride")}] = ${value};${comment}`;
  });
}

/** One statement per element of an array. */
function eachElement(size: number, scope: ModuleScope, statement: (index: string) => string): string {
  if (size === 1) return `  ${statement("0")}`;
  const index = scope.index(0);
  return `  for (let ${index} = 0; ${index} < ${size}; ${index}++) ${statement(index)}`;
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
): string[] {
  const comments = [...sections];
  return stages.flatMap(({ variable, nest }) => {
    const equation = variable - program.inputs.length;
    const lines: string[] = [];
    while (comments[0] !== undefined && comments[0].equation <= equation)
      lines.push("", `  // ${oneLine(comments.shift()?.comment ?? "")}`);
    const size = sizeOf(program.equations[equation]?.type.shape ?? []);
    const place = { result: scope.array(variable), size, indent: "  " };
    for (const own of arranged(nest)) lines.push(...nestLines(own, place, scope));
    return lines.length === 0 ? [] : [lines.join("\n")];
  });
}

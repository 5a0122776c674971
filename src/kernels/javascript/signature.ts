/** The function that a generated module exports for people: arguments and results nested as in the source, with their types. */

import { operandType, type Program, signatureOf, type Tree } from "../../program/program.ts";
import { isList } from "../../program/tree.ts";
import { sizeOf } from "../../program/type.ts";
import { entriesOf } from "../kernel.ts";
import { javascriptNames } from "./names.ts";

/** Code and type declaration of one exported function. */
export interface PointwiseFunction {
  readonly code: string;
  readonly declaration: string;
}

/**
 * Writes the function `name`, which evaluates the program at one point through the module's `run`. Arrays are nested lists; those of one
 * element stand as such in patterns and results.
 *
 * Several results come back as an array; a single one comes back as itself.
 */
export function pointwiseFunction(program: Program, name: string): PointwiseFunction {
  const signature = signatureOf(program);
  const names = javascriptNames([name, "run", "outputs", NESTED]);
  const inputs = program.inputs.map((input) => names.take(input.name));
  const inputShape = (index: number) => program.inputs[index]?.type.shape ?? [];
  const outputShape = (index: number) => {
    const operand = program.outputs[index]?.operand;
    return operand === undefined ? [] : operandType(program, operand).shape;
  };
  const planes = new Map<number, number>();
  const entries = entriesOf(program);
  entries.forEach(({ output }, plane) => {
    if (!planes.has(output)) planes.set(output, plane);
  });
  const result = (index: number) => {
    const [shape, plane] = [outputShape(index), planes.get(index)];
    if (isSingle(shape)) return bracketed(shape, plane === undefined ? "0" : `outputs[${plane}]`);
    return `${NESTED}(outputs, ${plane ?? -1}, [${shape.join(", ")}])`;
  };
  const results: Tree = signature.outputs.length === 1 ? (signature.outputs[0] ?? []) : signature.outputs;

  const parameters = signature.inputs.map((tree) =>
    write(tree, (index) => {
      const input = inputs[index] ?? "";
      return isSingle(inputShape(index)) ? bracketed(inputShape(index), input) : input;
    }),
  );
  const flat = inputs.map((input, index) => {
    const shape = inputShape(index);
    if (isSingle(shape)) return input;
    return shape.length === 1 ? `...${input}` : `...${input}.flat(${shape.length - 1})`;
  });
  const types = signature.inputs.map((tree) => typeText(tree, inputShape, "readonly "));
  const typed = parameters.map((parameter, index) => `${parameter}: ${types[index]}`);
  const usesNested = program.outputs.some((_, index) => !isSingle(outputShape(index)));
  const code = [
    ...(usesNested ? [NESTED_SOURCE, ""] : []),
    `export function ${name}(${parameters.join(", ")}) {`,
    `  const outputs = new Float64Array(${entries.length});`,
    ...call(flat),
    `  return ${layOut(write(results, result), results, result)};`,
    "}",
  ].join("\n");
  return {
    code,
    declaration: `export declare function ${name}(${typed.join(", ")}): ${typeText(results, outputShape, "")};`,
  };
}

/** The name of the function that makes nested lists. */
export const NESTED = "nestedArray";

const NESTED_SOURCE = `/** The elements of an array of a shape from position \`first\` on, as nested lists; zeros if that is negative. */
function ${NESTED}(values, first, [extent, ...rest]) {
  if (extent === undefined) return first < 0 ? 0 : values[first];
  const step = rest.reduce((size, own) => size * own, 1);
  return Array.from({ length: extent }, (_, k) => ${NESTED}(values, first < 0 ? first : first + k * step, rest));
}`;

/** Lists of tens of thousands of numbers cannot be spread into arguments, but into a list they can. */
function call(flat: readonly string[]): string[] {
  const spread = flat.some((text) => text.startsWith("..."));
  return [
    `  run(Float64Array.${spread ? "from([" : "of("}${flat.join(", ")}${spread ? "])" : ")"}, outputs);`,
  ];
}

/** Whether an array has one element. */
function isSingle(shape: readonly number[]): boolean {
  return sizeOf(shape) === 1;
}

/** A value within one pair of brackets per dim; all dims are of extent 1. */
function bracketed(shape: readonly number[], text: string): string {
  return shape.reduce((inner) => `[${inner}]`, text);
}

/** A tree as a pattern or a literal. */
function write(tree: Tree, leaf: (index: number) => string): string {
  if (typeof tree === "number") return leaf(tree);
  if (isList(tree)) return `[${tree.map((child) => write(child, leaf)).join(", ")}]`;
  const fields = Object.entries(tree).map(([key, child]) => {
    const text = write(child, leaf);
    return key === text ? key : `${propertyText(key)}: ${text}`;
  });
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

/** Results longer than a line have one line per child, down to what fits. */
function layOut(text: string, tree: Tree, leaf: (index: number) => string, indent = "  "): string {
  if (indent.length + text.length <= 90 || typeof tree === "number") return text;
  const inner = `${indent}  `;
  if (isList(tree)) {
    const children = tree.map((child) => `${inner}${layOut(write(child, leaf), child, leaf, inner)},`);
    return `[\n${children.join("\n")}\n${indent}]`;
  }
  const fields = Object.entries(tree).map(
    ([key, child]) => `${inner}${propertyText(key)}: ${layOut(write(child, leaf), child, leaf, inner)},`,
  );
  return `{\n${fields.join("\n")}\n${indent}}`;
}

function propertyText(key: string): string {
  if (key === "__proto__") return `["__proto__"]`;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? key : JSON.stringify(key);
}

/** The type of a tree; arguments of numbers only may be arrays of any kind, everything else is exact. */
function typeText(
  tree: Tree,
  shapeOf: (index: number) => readonly number[],
  readonly: "readonly " | "",
): string {
  if (typeof tree === "number") {
    const shape = shapeOf(tree);
    if (isSingle(shape)) return shape.reduce((inner) => `${readonly}[${inner}]`, "number");
    return shape.reduce(
      (inner, _, dim) => `${readonly}${readonly && dim > 0 ? `(${inner})` : inner}[]`,
      "number",
    );
  }
  if (isList(tree)) {
    const children = tree.map((child) => typeText(child, shapeOf, readonly));
    if (readonly && children.length > 0 && children.every((child) => child === "number"))
      return "readonly number[]";
    return `${readonly}[${children.join(", ")}]`;
  }
  const fields = Object.entries(tree).map(
    ([key, child]) => `${readonly}${propertyText(key)}: ${typeText(child, shapeOf, readonly)}`,
  );
  return fields.length === 0 ? "Record<string, never>" : `{ ${fields.join("; ")} }`;
}

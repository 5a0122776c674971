/**
 * Which inputs a traced program has: its arrays whole where they are used whole, their numbers otherwise.
 *
 * Nobody knows before a function has run. So every number of its parameters is declared as an input, and after them every array that they form;
 * afterwards the largest arrays that equations use remain as inputs, parts of them are taken out, and the rest are scalars.
 */

import type { Equation, Operand, Output, Program, Tree } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";

/** A number or an array of the parameters, as the candidate for an input that it is. */
export interface ParameterArray {
  readonly variable: number;
  /** `[]` for a number. */
  readonly shape: readonly number[];
  /** The parts along the first axis. */
  readonly parts: readonly ParameterArray[];
}

/** How a parameter nests: its largest arrays, and the lists and records around them. */
export type ParameterTree =
  | { readonly kind: "array"; readonly array: ParameterArray }
  | { readonly kind: "list"; readonly items: readonly ParameterTree[] }
  | { readonly kind: "record"; readonly fields: readonly (readonly [string, ParameterTree])[] };

/** The smallest part of an array that holds some of its elements, and where its own begin. */
export function enclosingPart(
  array: ParameterArray,
  positions: readonly number[],
): { readonly part: ParameterArray; readonly first: number } {
  const [lowest, highest] = positions.reduce(
    ([low, high], position) => [Math.min(low, position), Math.max(high, position)],
    [Infinity, -Infinity],
  );
  let [part, first] = [array, 0];
  for (;;) {
    const size = sizeOf(part.shape) / part.parts.length;
    const index = Math.floor((lowest - first) / size);
    const inner = part.parts[index];
    if (inner === undefined || Math.floor((highest - first) / size) !== index) return { part, first };
    [part, first] = [inner, first + index * size];
  }
}

/**
 * The program with its final inputs.
 *
 * @param program its inputs are the candidates: the numbers, then the arrays
 * @param results the nesting of each result in the outputs
 * @param trees the nesting of each parameter
 */
export function withFinalInputs(
  { name, inputs: candidates, equations, outputs }: Program,
  results: readonly Tree[],
  trees: readonly ParameterTree[],
): Program {
  const isUsed = new Array<boolean>(candidates.length).fill(false);
  const note = (operand: Operand) => {
    if (operand.kind === "variable" && operand.variable < candidates.length) isUsed[operand.variable] = true;
  };
  for (const { operands } of equations) operands.forEach(note);
  for (const { operand } of outputs) note(operand);

  const kept: number[] = [];
  const taken: {
    readonly variable: number;
    readonly from: number;
    readonly first: number;
    readonly shape: readonly number[];
  }[] = [];
  /** Parts of a kept array that are used by themselves. */
  const take = (parts: readonly ParameterArray[], from: number, start: number): void => {
    let first = start;
    for (const { variable, shape, parts: inner } of parts) {
      if (isUsed[variable]) taken.push({ variable, from, first, shape });
      take(inner, from, first);
      first += sizeOf(shape);
    }
  };
  const keep = (array: ParameterArray): Tree => {
    const { variable, shape, parts } = array;
    if (shape.length > 0 && !isUsed[variable]) return parts.map(keep);
    const input = kept.push(variable) - 1;
    take(parts, input, 0);
    return input;
  };
  const nest = (tree: ParameterTree): Tree =>
    tree.kind === "array"
      ? keep(tree.array)
      : tree.kind === "list"
        ? tree.items.map(nest)
        : Object.fromEntries(tree.fields.map(([key, field]) => [key, nest(field)]));
  const inputTrees = trees.map(nest);

  const variables = new Map<number, number>();
  kept.forEach((variable, input) => {
    variables.set(variable, input);
  });
  const parts = taken.map(({ variable, from, first, shape }, index): Equation => {
    variables.set(variable, kept.length + index);
    return {
      primitive: "gather",
      operands: [{ kind: "variable", variable: from }],
      parameters: { shape, positions: Array.from({ length: sizeOf(shape) }, (_, k) => first + k) },
      type: { shape, dtype: "float64" },
    };
  });
  const added = kept.length + parts.length - candidates.length;
  const moved = (operand: Operand): Operand => {
    if (operand.kind === "literal") return operand;
    const { variable } = operand;
    return {
      kind: "variable",
      variable: variable < candidates.length ? (variables.get(variable) ?? -1) : variable + added,
    };
  };
  return {
    name,
    inputs: kept.flatMap((variable) => candidates[variable] ?? []),
    equations: [
      ...parts,
      ...equations.map(
        (equation): Equation => ({ ...equation, operands: equation.operands.map(moved) }) as Equation,
      ),
    ],
    outputs: outputs.map(({ name, operand }): Output => ({ name, operand: moved(operand) })),
    signature: { inputs: inputTrees, outputs: results },
  };
}

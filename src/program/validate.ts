/** Whether a Program that came from outside is one: every rule that the rest of the system relies on, checked once. */

import { InputError } from "../errors.ts";
import { resultType } from "./builder.ts";
import { isPrimitiveName, primitives } from "./primitives/index.ts";
import type { Equation, Operand, Program, Tree } from "./program.ts";
import { DTYPES, sameShape, type TensorType, typeText } from "./type.ts";

/** Where in a program something is: keys and indices from its root, as in JSON. */
export type ProgramPath = readonly (string | number)[];

/** Makes the error for a place in a program; readers of text and JSON put their own place before the message. */
export type Report = (message: string, path: ProgramPath) => InputError;

/** Nests of a signature deeper than this are refused, so that no walk over one overflows the stack. */
export const MAX_TREE_DEPTH = 100;

/**
 * Checks a program: operands are defined before they are used, every type is what the primitive's shape rule gives, parameters are complete,
 * the signature refers to inputs and outputs that exist.
 *
 * @throws InputError, made by `report`, for the first fault
 */
export function validateProgram(program: Program, report: Report = reportByEquation): void {
  const types: TensorType[] = [];
  for (const [index, { type }] of program.inputs.entries()) {
    checkType(type, ["inputs", index, "type"], report);
    types.push(type);
  }
  const typeOf = (operand: Operand, path: ProgramPath): TensorType => {
    if (operand.kind === "literal") return { shape: [], dtype: operand.dtype };
    const type = types[operand.variable];
    if (type === undefined)
      throw report(`variable ${operand.variable} is not defined before this place`, path);
    return type;
  };
  for (const [index, equation] of program.equations.entries()) {
    const path = ["equations", index];
    checkCall(equation, path, report);
    const operands = equation.operands.map((operand, position) =>
      typeOf(operand, [...path, "operands", position]),
    );
    const type = inferredType(equation, operands, path, report);
    checkType(equation.type, [...path, "type"], report);
    if (!sameShape(type.shape, equation.type.shape) || type.dtype !== equation.type.dtype)
      throw report(`${equation.primitive} gives ${typeText(type)}, not ${typeText(equation.type)}`, [
        ...path,
        "type",
      ]);
    types.push(type);
  }
  for (const [index, { operand }] of program.outputs.entries()) typeOf(operand, ["outputs", index]);
  if (program.signature === undefined) return;
  checkTrees(program.signature.inputs, program.inputs.length, ["signature", "inputs"], report);
  checkTrees(program.signature.outputs, program.outputs.length, ["signature", "outputs"], report);
}

/** Names the equation as people number them. */
function reportByEquation(message: string, [part, index]: ProgramPath): InputError {
  return new InputError(`${part === "equations" ? `equation ${Number(index) + 1}` : `${part}`}: ${message}`);
}

/** The primitive exists and has its parameters, all of them and no others. */
function checkCall({ primitive, parameters }: Equation, path: ProgramPath, report: Report): void {
  if (!isPrimitiveName(primitive)) throw report(`there is no primitive ${primitive}`, [...path, "primitive"]);
  const kinds = Object.entries(primitives[primitive].parameters);
  const given = new Map(Object.entries<unknown>(parameters));
  for (const [name, { expected, accepts }] of kinds)
    if (!accepts(given.get(name)))
      throw report(`${primitive} needs the parameter ${name}: expected ${expected}`, [
        ...path,
        "parameters",
        name,
      ]);
  for (const name of given.keys())
    if (!kinds.some(([known]) => known === name))
      throw report(`${primitive} has no parameter ${JSON.stringify(name)}`, [...path, "parameters"]);
}

function inferredType(
  equation: Equation,
  operands: readonly TensorType[],
  path: ProgramPath,
  report: Report,
): TensorType {
  try {
    return resultType(equation, operands);
  } catch (error) {
    if (error instanceof InputError) throw report(error.message, path);
    throw error;
  }
}

function checkType({ shape, dtype }: TensorType, path: ProgramPath, report: Report): void {
  if (!DTYPES.includes(dtype)) throw report(`there is no dtype ${dtype}`, path);
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0))
    throw report(`extents are integers from 0, not [${shape.join(",")}]`, path);
}

/** Every leaf of the trees is an index below `count`. */
function checkTrees(
  trees: readonly Tree[],
  count: number,
  path: ProgramPath,
  report: Report,
  depth = 1,
): void {
  if (depth > MAX_TREE_DEPTH) throw report(`nests deeper than ${MAX_TREE_DEPTH}`, path);
  for (const tree of trees) {
    if (typeof tree === "object" && tree !== null)
      checkTrees(Object.values(tree), count, path, report, depth + 1);
    else if (!Number.isSafeInteger(tree) || tree < 0 || tree >= count)
      throw report(`${JSON.stringify(tree)} is not the index of one of ${count} ${path.at(-1)}`, path);
  }
}

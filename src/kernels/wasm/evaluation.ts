/** A Program of scalars as a graph of vector code. */

import type { Equation, Operand, Program } from "../../program/program.ts";
import type { ScalarCode } from "../straightline/unroll.ts";
import { type Node, VectorGraph } from "./graph.ts";
import { Lanes, type LanesOptions, type LaneType } from "./lanes.ts";
import { evaluate, isVectorFunction, type VectorFunctionName } from "./math/index.ts";
import { type Call, layersOf, packedCalls } from "./packing.ts";
import { numeric, type Operands, type RuleContext, type Value, wasmRules } from "./primitives.ts";

/** What a program computes. */
export interface Evaluation {
  /** One node per output plane. */
  readonly outputs: readonly Node[];
  /** Masks, each once, that all hold in the lanes whose outputs are right. */
  readonly requirements: readonly Node[];
}

/** Functions are inlined into programs with at most so many; longer ones call them, which costs speed but keeps them short. */
const MOST_INLINED = 200;

/** The graph of a program of scalars. A careful one has no requirements. */
export function evaluationOf(
  { program, results }: ScalarCode,
  type: LaneType,
  options: LanesOptions,
): Evaluation {
  const l = new Lanes(new VectorGraph(), type, options);
  const calls = program.equations.filter(({ primitive }) => isVectorFunction(primitive)).length;
  const functions = !options.careful && calls <= MOST_INLINED ? "inlined" : "called";
  const inputs = program.inputs.map((_, plane) => l.input(plane));
  const read = nodesOf(program, l, inputs, functions);
  const outputs = results.map(({ operand }) => read(operand));
  return { outputs, requirements: [...new Set(l.requirements)] };
}

/**
 * Writes all values of a program of scalars that an output needs.
 *
 * @param inputs what the inputs are
 * @param functions whether those of the vector mathematics are part of the graph, with their requirements, or calls
 * @returns the way to read its values, as numbers
 */
export function nodesOf(
  program: Program,
  l: Lanes,
  inputs: readonly Node[],
  functions: "inlined" | "called",
): (operand: Operand) => Node {
  const live = liveVariables(program);
  const call = (lanes: Lanes, name: VectorFunctionName, operands: readonly Node[]) =>
    functions === "inlined" ? evaluate(lanes, name, operands) : lanes.call(`${name} ${l.type}`, ...operands);
  const context: RuleContext = { l, call: (name, ...operands) => call(l, name, operands) };
  const values: Value[] = inputs.map((node) => ({ node, mask: false }));
  const missing: Value = { node: l.constant(NaN), mask: false };
  const read = (operand: Operand): Value => {
    if (operand.kind === "literal") return { node: l.constant(operand.value), mask: false };
    const value = values[operand.variable];
    if (value === undefined)
      throw new RangeError(`variable ${operand.variable} is used before it is defined`);
    return value;
  };
  const isNeeded = (index: number) => live[program.inputs.length + index] === 1;
  const write = (equation: Equation, index: number) => {
    if (isNeeded(index))
      values[program.inputs.length + index] = applyRule(
        context,
        equation,
        equation.operands.map(read),
        missing,
      );
  };
  if (l.options.single) {
    for (const { calls, others } of layersOf(program, isNeeded)) {
      const packed = calls.map((index): Call => {
        const { primitive, operands } = program.equations[index] as Equation;
        return {
          name: primitive as VectorFunctionName,
          operands: operands.map((operand) => numeric(l, read(operand))),
        };
      });
      packedCalls(l, packed, call).forEach((node, position) => {
        values[program.inputs.length + (calls[position] ?? 0)] = { node, mask: false };
      });
      for (const index of others) write(program.equations[index] as Equation, index);
    }
  } else program.equations.forEach(write);
  return (operand) => numeric(l, read(operand));
}

/** Which variables an output needs. */
function liveVariables(program: Program): Uint8Array {
  const live = new Uint8Array(program.inputs.length + program.equations.length);
  const mark = (operand: Operand) => {
    if (operand.kind === "variable") live[operand.variable] = 1;
  };
  for (const { operand } of program.outputs) mark(operand);
  for (let index = program.equations.length - 1; index >= 0; index--)
    if (live[program.inputs.length + index]) program.equations[index]?.operands.forEach(mark);
  return live;
}

function applyRule(
  context: RuleContext,
  equation: Equation,
  [x, y, z]: readonly Value[],
  missing: Value,
): Value {
  // The union of equations pairs each primitive with its own parameters; TypeScript cannot follow that through the table.
  const rule = wasmRules[equation.primitive] as (
    context: RuleContext,
    operands: Operands,
    parameters: unknown,
  ) => Value;
  return rule(context, { x: x ?? missing, y: y ?? missing, z: z ?? missing }, equation.parameters);
}

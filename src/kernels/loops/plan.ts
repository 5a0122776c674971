/** What a program on arrays needs to run as loops: its nests, the arrays that these store into, and where outputs come from. */

import { type Operand, operandType, type Program } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
import { entriesOf } from "../kernel.ts";
import { type Stage, stagesOf } from "./fuse.ts";

export interface LoopPlan {
  readonly stages: readonly Stage[];
  readonly outputs: readonly StoredOutput[];
  /** The variables that need an array, in order. */
  readonly arrays: readonly number[];
}

/** An output that has planes: the first of them, and how many. */
export interface StoredOutput {
  readonly operand: Operand;
  readonly name: string;
  readonly plane: number;
  readonly size: number;
}

/** The plan of a program. */
export function loopPlan(program: Program): LoopPlan {
  const outputs = storedOutputs(program);
  const wanted = outputs.flatMap(({ operand }) => (operand.kind === "variable" ? [operand.variable] : []));
  const stages = stagesOf(program, [...new Set(wanted)]);
  return { stages, outputs, arrays: arraysOf(program, stages, wanted) };
}

function storedOutputs(program: Program): StoredOutput[] {
  const planes = new Map<number, number>();
  entriesOf(program).forEach(({ output }, plane) => {
    if (!planes.has(output)) planes.set(output, plane);
  });
  return program.outputs.flatMap((output, index) => {
    const plane = planes.get(index);
    return plane === undefined
      ? []
      : [{ ...output, plane, size: sizeOf(operandType(program, output.operand).shape) }];
  });
}

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

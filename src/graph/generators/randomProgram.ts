/** Random straight-line programs that look like programs: most values are used soon and once, some often, constants among them. */

import { literal, ProgramBuilder } from "../../program/builder.ts";
import type { Operand, Program } from "../../program/program.ts";
import type { Random } from "../../random.ts";

export interface RandomProgramOptions {
  readonly inputs: number;
  readonly equations: number;
  /** The chance that an operand is any recent value instead of one that nothing uses yet; 0 gives trees as long as there are unused values. */
  readonly sharing?: number;
  /** From how far back shared operands come, in equations. */
  readonly reach?: number;
  /** How many values may wait for their first use: the width of the program. */
  readonly width?: number;
}

const UNARY = ["sin", "cos", "exp", "tanh", "square"] as const;
const BINARY = ["mul", "mul", "mul", "add", "sub", "div"] as const;

/**
 * A random program; its outputs are the values that no equation uses. About one equation in three is unary, one in twenty has a constant operand.
 */
export function randomProgram(options: RandomProgramOptions, random: Random): Program {
  const { inputs, equations, sharing = 0.4, reach = 40, width = 12 } = options;
  const builder = new ProgramBuilder();
  const values: Operand[] = Array.from({ length: inputs }, (_, input) => builder.input(`x${input}`));
  const waiting = [...values];
  const any = (): Operand => {
    // Inputs stay in reach: parameters are used all over a program.
    if (random.unit() < 0.1) return values[random.below(inputs)] as Operand;
    return values[values.length - 1 - random.below(Math.min(reach, values.length))] as Operand;
  };
  const operand = (): Operand => {
    if (waiting.length === 0 || (random.unit() < sharing && waiting.length <= width)) return any();
    return waiting.splice(random.below(waiting.length), 1)[0] as Operand;
  };
  for (let index = 0; index < equations; index++) {
    const left = operand();
    const isUnary = random.unit() < 0.3 && waiting.length <= width;
    const right = isUnary ? [] : [random.unit() < 0.05 ? literal(2 + random.below(5)) : operand()];
    // A difference or quotient of equals would be constant.
    const binary = right[0] === left ? "mul" : BINARY[random.below(BINARY.length)];
    const name = isUnary ? UNARY[random.below(UNARY.length)] : binary;
    const result = builder.emit(name as (typeof UNARY | typeof BINARY)[number], [left, ...right]);
    for (const used of [left, ...right]) {
      const place = waiting.indexOf(used);
      if (place >= 0) waiting.splice(place, 1);
    }
    values.push(result);
    waiting.push(result);
  }
  // Inputs that nothing uses are no outputs.
  const outputs = waiting.filter(
    ({ kind, ...rest }) => kind === "variable" && "variable" in rest && rest.variable >= inputs,
  );
  return builder.build(
    "random",
    outputs.map((operand, index) => ({ name: `y${index}`, operand })),
  );
}

/** Chains: functions of functions, where every order costs the same but for the ends. */

import { ProgramBuilder } from "../../program/builder.ts";
import type { Operand, Program } from "../../program/program.ts";

export interface ChainOptions {
  /** How many functions are applied one after the other. */
  readonly length: number;
}

/** sin(exp(... x)): one input, one output, `length` equations. */
export function chain({ length }: ChainOptions): Program {
  const builder = new ProgramBuilder();
  let value: Operand = builder.input("x");
  for (let index = 0; index < length; index++) value = builder.emit(index % 2 === 0 ? "sin" : "exp", [value]);
  return builder.build("chain", [{ name: "y", operand: value }]);
}

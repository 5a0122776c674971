/** Higher derivatives: the Jacobian of the Jacobian of a program, and so on. */

import type { Program } from "../program/program.ts";
import { jacobian } from "./jacobian.ts";

/**
 * The program whose Jacobian is the derivative of an order: the program itself for 1, its Jacobian for 2 (whose Jacobian is the Hessian of each output).
 * Each Jacobian inside is accumulated in reverse, or forward if it has more outputs than inputs.
 */
export function beforeDerivative(program: Program, order: number): Program {
  let result = program;
  for (let taken = 1; taken < order; taken++) result = jacobian(result);
  return result;
}

/** Unrolled integrators: the state after many steps as a function of the initial state and of parameters that every step uses. */

import { literal, ProgramBuilder } from "../../program/builder.ts";
import type { Operand, Program } from "../../program/program.ts";

export interface IntegratorOptions {
  readonly steps: number;
}

/** Equations of one step. */
export const EQUATIONS_PER_STEP = 76;

/**
 * The Lorenz system, integrated by the classical Runge-Kutta method with a step of 1/100: 6 inputs (state and the parameters sigma, rho, beta), 3 outputs.
 */
export function integrator({ steps }: IntegratorOptions): Program {
  const builder = new ProgramBuilder();
  const [x, y, z, sigma, rho, beta] = ["x", "y", "z", "sigma", "rho", "beta"].map((name) =>
    builder.input(name),
  ) as [Operand, Operand, Operand, Operand, Operand, Operand];
  const { add, sub, mul } = arithmetic(builder);

  type State = readonly [Operand, Operand, Operand];
  const slope = ([x, y, z]: State): State => [
    mul(sigma, sub(y, x)),
    sub(mul(x, sub(rho, z)), y),
    sub(mul(x, y), mul(beta, z)),
  ];
  const moved = ([x, y, z]: State, [dx, dy, dz]: State, by: number): State => [
    add(x, mul(literal(by), dx)),
    add(y, mul(literal(by), dy)),
    add(z, mul(literal(by), dz)),
  ];
  const h = 0.01;
  let state: State = [x, y, z];
  for (let step = 0; step < steps; step++) {
    const k1 = slope(state);
    const k2 = slope(moved(state, k1, h / 2));
    const k3 = slope(moved(state, k2, h / 2));
    const k4 = slope(moved(state, k3, h));
    const mean = [0, 1, 2].map((i) => {
      const [a, b, c, d] = [k1[i], k2[i], k3[i], k4[i]] as [Operand, Operand, Operand, Operand];
      return add(add(a, d), mul(literal(2), add(b, c)));
    });
    state = moved(state, mean as unknown as State, h / 6);
  }
  return builder.build(
    "integrator",
    state.map((operand, index) => ({ name: "xyz".charAt(index), operand })),
  );
}

function arithmetic(builder: ProgramBuilder) {
  const binary = (name: "add" | "sub" | "mul") => (left: Operand, right: Operand) =>
    builder.emit(name, [left, right]);
  return { add: binary("add"), sub: binary("sub"), mul: binary("mul") };
}

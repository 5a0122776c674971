/** Explicit time steps of partial differential equations on periodic grids: every cell is updated from its neighbours. */

import { literal, ProgramBuilder } from "../../program/builder.ts";
import type { Operand, Program } from "../../program/program.ts";

export interface StencilOptions {
  /** Cells along each of one or two dimensions. */
  readonly shape: readonly [number] | readonly [number, number];
  readonly steps: number;
}

/** Equations of one cell in one step. */
export const EQUATIONS_PER_CELL = { 1: 9, 2: 8 } as const;

/**
 * Viscous Burgers in one dimension, reaction and diffusion in two: as many inputs and outputs as there are cells (the first and last state).
 */
export function stencil({ shape: [width, height], steps }: StencilOptions): Program {
  const builder = new ProgramBuilder();
  let state: Operand[] = Array.from({ length: width * (height ?? 1) }, (_, cell) =>
    builder.input(`u${cell}`),
  );
  const step = height === undefined ? burgers : reactionDiffusion(width, height);
  for (let index = 0; index < steps; index++) state = step(builder, state);
  return builder.build(
    height === undefined ? "stencil1d" : "stencil2d",
    state.map((operand, cell) => ({ name: `v${cell}`, operand })),
  );
}

/** u - 0.1 u (right - left) + 0.2 (left - 2 u + right). */
function burgers(builder: ProgramBuilder, state: readonly Operand[]): Operand[] {
  const at = (cell: number) => state.at(cell % state.length) as Operand;
  return state.map((u, cell) => {
    const slope = builder.emit("sub", [at(cell + 1), at(cell - 1)]);
    const advection = builder.emit("mul", [literal(0.1), builder.emit("mul", [u, slope])]);
    const neighbours = builder.emit("add", [at(cell + 1), at(cell - 1)]);
    const curvature = builder.emit("sub", [neighbours, builder.emit("mul", [literal(2), u])]);
    const diffusion = builder.emit("mul", [literal(0.2), curvature]);
    return builder.emit("add", [builder.emit("sub", [u, advection]), diffusion]);
  });
}

/** u + 0.1 (sum of the four neighbours) - u^2 (u + 0.4). */
function reactionDiffusion(width: number, height: number) {
  return (builder: ProgramBuilder, state: readonly Operand[]): Operand[] =>
    state.map((u, cell) => {
      const [x, y] = [cell % width, Math.floor(cell / width)];
      const at = (dx: number, dy: number) =>
        state[((x + dx + width) % width) + width * ((y + dy + height) % height)] as Operand;
      const vertical = builder.emit("add", [at(0, -1), at(0, 1)]);
      const neighbours = builder.emit("add", [builder.emit("add", [at(-1, 0), at(1, 0)]), vertical]);
      const diffused = builder.emit("add", [u, builder.emit("mul", [literal(0.1), neighbours])]);
      const square = builder.emit("mul", [u, u]);
      const reaction = builder.emit("mul", [square, builder.emit("add", [u, literal(0.4)])]);
      return builder.emit("sub", [diffused, reaction]);
    });
}

/** Long kinematic chains: the pose of a robot's hand as a function of its many joint angles. RobotArm_6DOF without end. */

import { literal, ProgramBuilder } from "../../program/builder.ts";
import type { Operand, Program } from "../../program/program.ts";

export interface KinematicChainOptions {
  /** How many revolute joints there are. */
  readonly joints: number;
}

/** Equations that each joint adds. */
export const EQUATIONS_PER_JOINT = 26;

/**
 * The position of the end and the direction of the last link, of links of length 1/2 whose joints turn about z and x by turns: `joints` inputs, 6 outputs.
 */
export function kinematicChain({ joints }: KinematicChainOptions): Program {
  const builder = new ProgramBuilder();
  const angles = Array.from({ length: joints }, (_, joint) => builder.input(`q${joint + 1}`));
  // The columns of the rotation so far, and the position of its origin.
  let axes: Operand[][] = [0, 1, 2].map((axis) => [0, 1, 2].map((row) => literal(row === axis ? 1 : 0)));
  let position: Operand[] = [0, 0, 0].map((zero) => literal(zero));
  angles.forEach((angle, joint) => {
    const sine = builder.emit("sin", [angle]);
    const cosine = builder.emit("cos", [angle]);
    const [first, second] = joint % 2 === 0 ? [0, 1] : [1, 2];
    const turned = (axis: number, other: number, combine: "add" | "sub") =>
      (axes[axis] ?? []).map((entry, row) =>
        builder.emit(combine, [
          builder.emit("mul", [cosine, entry]),
          builder.emit("mul", [sine, axes[other]?.[row] ?? entry]),
        ]),
      );
    const newFirst = turned(first, second, "add");
    const newSecond = turned(second, first, "sub");
    axes = axes.map((axis, index) => (index === first ? newFirst : index === second ? newSecond : axis));
    const link = axes[1] ?? [];
    position = position.map((coordinate, row) =>
      builder.emit("add", [coordinate, builder.emit("mul", [literal(0.5), link[row] ?? coordinate])]),
    );
  });
  return builder.build("kinematicChain", [
    ...position.map((operand, row) => ({ name: `position${row}`, operand })),
    ...(axes[1] ?? []).map((operand, row) => ({ name: `direction${row}`, operand })),
  ]);
}

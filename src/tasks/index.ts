/**
 * The tasks: real functions that come with the library, each a source that a user could have written.
 *
 * To add one, put its source (and reference points, if there are any) beside this file and add one entry below.
 */

import { InputError } from "../errors.ts";
import { parseJaxpr } from "../frontends/jaxpr/index.ts";
import { traceSource } from "../frontends/typescript/index.ts";
import type { Program } from "../program/program.ts";
import blackScholes from "./BlackScholes.ts?raw";
import blackScholesPoints from "./data/BlackScholes.json?raw";
import blackScholesJacobian from "./data/BlackScholes_Jacobian.jaxpr?raw";
import blackScholesJacobianPoints from "./data/BlackScholes_Jacobian.json?raw";
import g from "./data/g.jaxpr?raw";
import humanHeartDipolePoints from "./data/HumanHeartDipole.json?raw";
import propaneCombustionPoints from "./data/PropaneCombustion.json?raw";
import robotArmPoints from "./data/RobotArm_6DOF.json?raw";
import roeFluxPoints from "./data/RoeFlux_1d.json?raw";
import humanHeartDipole from "./HumanHeartDipole.ts?raw";
import propaneCombustion from "./PropaneCombustion.ts?raw";
import robotArm from "./RobotArm_6DOF.ts?raw";
import roeFlux from "./RoeFlux_1d.ts?raw";

/** A function that comes with the library. */
export interface Task {
  /** What people call it by; for TypeScript also the name of the exported function. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The language of `text`. */
  readonly kind: "typescript" | "jaxpr";
  readonly text: string;
  /** Points with the outputs and the Jacobian that JAX computes there in float64, as JSON; see `referencePoints`. */
  readonly reference?: string;
}

/** Where a task is known: JAX's outputs and Jacobian in float64. */
export interface ReferencePoint {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** [output][input] */
  readonly jacobian: readonly (readonly number[])[];
}

/** The tasks of Lohoff & Neftci 2024 (arXiv 2406.05027) that are scalar programs. */
export const tasks: readonly Task[] = [
  {
    name: "RoeFlux_1d",
    title: "Roe flux, one-dimensional",
    description:
      "numerical flux of Roe's approximate Riemann solver for the Euler equations, 6 inputs, 3 outputs",
    kind: "typescript",
    text: roeFlux,
    reference: roeFluxPoints,
  },
  {
    name: "RobotArm_6DOF",
    title: "Robot arm, six joints",
    description:
      "forward kinematics of an industrial robot arm: joint angles to position and orientation, 6 inputs, 6 outputs",
    kind: "typescript",
    text: robotArm,
    reference: robotArmPoints,
  },
  {
    name: "HumanHeartDipole",
    title: "Human heart dipole",
    description: "residuals of the MINPACK-2 problem of two dipoles in the heart, 8 inputs, 8 outputs",
    kind: "typescript",
    text: humanHeartDipole,
    reference: humanHeartDipolePoints,
  },
  {
    name: "PropaneCombustion",
    title: "Propane combustion",
    description: "residuals of the MINPACK-2 problem of chemical equilibrium, 11 inputs, 11 outputs",
    kind: "typescript",
    text: propaneCombustion,
    reference: propaneCombustionPoints,
  },
  {
    name: "BlackScholes",
    title: "Black-Scholes option price",
    description: "price of a European call through Black's formula, 5 inputs, 1 output",
    kind: "typescript",
    text: blackScholes,
    reference: blackScholesPoints,
  },
  {
    name: "BlackScholes_Jacobian",
    title: "Black-Scholes Greeks",
    description:
      "the five first derivatives of the option price, whose Jacobian are the second-order Greeks, 5 inputs, 5 outputs",
    kind: "jaxpr",
    text: blackScholesJacobian,
    reference: blackScholesJacobianPoints,
  },
  {
    name: "g",
    title: "Random scalar function g",
    description:
      "the paper's randomly generated scalar program, 15 inputs, 20 outputs; NaN at every known point, so only its counts tell",
    kind: "jaxpr",
    text: g,
  },
];

/** The task of a name, or undefined. */
export function findTask(name: string): Task | undefined {
  return tasks.find((task) => task.name === name);
}

/** The program of a task, equation by equation as it is written. */
export function programOf({ name, kind, text }: Task): Program {
  if (kind === "jaxpr") return parseJaxpr(text, { name, source: `${name}.jaxpr` });
  return traceSource(text, { source: `${name}.ts`, function: name });
}

/** The reference points of a task. Throws an InputError if it has none. */
export function referencePoints({ name, reference }: Task): readonly ReferencePoint[] {
  if (reference === undefined) throw new InputError(`task ${name} has no reference points`);
  return (JSON.parse(reference) as { points: ReferencePoint[] }).points;
}

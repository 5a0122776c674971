/**
 * The tasks: real functions that come with the library, each a source that a user could have written.
 *
 * To add one, put its source (and reference points, if there are any) beside this file and add one entry below.
 */

import { InputError } from "../errors.ts";
import { parseJaxpr } from "../frontends/jaxpr/index.ts";
import { traceSource } from "../frontends/typescript/index.ts";
import { beforeDerivative } from "../jacobian/nested.ts";
import type { Program } from "../program/program.ts";
import blackScholes from "./BlackScholes.ts?raw";
import bundleAdjustment from "./BundleAdjustment.ts?raw";
import burgers from "./Burgers.ts?raw";
import doublePendulum from "./DoublePendulum.ts?raw";
import blackScholesPoints from "./data/BlackScholes.json?raw";
import blackScholesGreeksPoints from "./data/BlackScholes_Greeks.json?raw";
import blackScholesJacobian from "./data/BlackScholes_Jacobian.jaxpr?raw";
import blackScholesJacobianPoints from "./data/BlackScholes_Jacobian.json?raw";
import bundleAdjustmentPoints from "./data/BundleAdjustment.json?raw";
import burgersPoints from "./data/Burgers.json?raw";
import doublePendulumPoints from "./data/DoublePendulum.json?raw";
import encoder from "./data/Encoder.jaxpr?raw";
import encoderPoints from "./data/Encoder.json?raw";
import f from "./data/f.jaxpr?raw";
import fPoints from "./data/f.json?raw";
import g from "./data/g.jaxpr?raw";
import humanHeartDipolePoints from "./data/HumanHeartDipole.json?raw";
import mlpHessianPoints from "./data/MLP_Hessian.json?raw";
import perceptron from "./data/Perceptron.jaxpr?raw";
import perceptronPoints from "./data/Perceptron.json?raw";
import propaneCombustionPoints from "./data/PropaneCombustion.json?raw";
import robotArmPoints from "./data/RobotArm_6DOF.json?raw";
import roeFluxPoints from "./data/RoeFlux_1d.json?raw";
import roeFlux3d from "./data/RoeFlux_3d.jaxpr?raw";
import roeFlux3dPoints from "./data/RoeFlux_3d.json?raw";
import serialArmPoints from "./data/SerialArm.json?raw";
import softmaxAttentionPoints from "./data/SoftmaxAttention.json?raw";
import spikingLayerPoints from "./data/SpikingLayer.json?raw";
import humanHeartDipole from "./HumanHeartDipole.ts?raw";
import mlp from "./MLP.ts?raw";
import propaneCombustion from "./PropaneCombustion.ts?raw";
import robotArm from "./RobotArm_6DOF.ts?raw";
import roeFlux from "./RoeFlux_1d.ts?raw";
import serialArm from "./SerialArm.ts?raw";
import softmaxAttention from "./SoftmaxAttention.ts?raw";
import spikingLayer from "./SpikingLayer.ts?raw";

/** A function that comes with the library. */
export interface Task {
  /** What people call it by. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The language of `text`. */
  readonly kind: "typescript" | "jaxpr";
  readonly text: string;
  /** The exported function of a TypeScript source; by default `name`. */
  readonly function?: string;
  /** The order of the derivative that the task's Jacobian is of the function: 2 where the task is the function's own Jacobian. By default 1. */
  readonly derivative?: number;
  /** Points with the outputs and the Jacobian that JAX computes there in float64, as JSON; see `referencePoints`. */
  readonly reference?: string;
}

/** Where a task is known: JAX's outputs and Jacobian in float64, arrays element by element, row-major. */
export interface ReferencePoint {
  /** All numbers of all inputs. */
  readonly inputs: readonly number[];
  /** All numbers of all outputs. */
  readonly outputs: readonly number[];
  /** [output number][input number] */
  readonly jacobian: readonly (readonly number[])[];
}

/** The tasks of Lohoff & Neftci 2024 (arXiv 2406.05027), those on scalars first, then further ones. */
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
  {
    name: "RoeFlux_3d",
    title: "Roe flux, three-dimensional",
    description:
      "numerical flux of Roe's approximate Riemann solver with three components of momentum, 6 inputs of 10 numbers, 3 outputs of 5",
    kind: "jaxpr",
    text: roeFlux3d,
    reference: roeFlux3dPoints,
  },
  {
    name: "f",
    title: "Random tensor function f",
    description: "the paper's randomly generated program on arrays, 4 inputs of 30 numbers, 5 outputs of 24",
    kind: "jaxpr",
    text: f,
    reference: fPoints,
  },
  {
    name: "Perceptron",
    title: "Two-layer perceptron",
    description: "loss of a two-layer perceptron with layer norm, 8 inputs of 86 numbers, 1 output",
    kind: "jaxpr",
    text: perceptron,
    reference: perceptronPoints,
  },
  {
    name: "Encoder",
    title: "Transformer encoder",
    description: "loss of a transformer encoder of two blocks, 16 inputs, 1 output of two numbers",
    kind: "jaxpr",
    text: encoder,
    reference: encoderPoints,
  },
  {
    name: "BundleAdjustment",
    title: "Bundle adjustment",
    description:
      "reprojection error of a point seen by a camera, with rotation and lens distortion, as in ADBench, 17 inputs, 2 outputs",
    kind: "typescript",
    text: bundleAdjustment,
    reference: bundleAdjustmentPoints,
  },
  {
    name: "DoublePendulum",
    title: "Double pendulum, Runge-Kutta step",
    description: "a classical Runge-Kutta step of a double pendulum, 9 inputs, 4 outputs",
    kind: "typescript",
    text: doublePendulum,
    reference: doublePendulumPoints,
  },
  {
    name: "SerialArm",
    title: "Serial arm, seven joints",
    description:
      "forward kinematics of a seven-axis arm from its Denavit-Hartenberg table, 7 inputs, 6 outputs",
    kind: "typescript",
    text: serialArm,
    reference: serialArmPoints,
  },
  {
    name: "Burgers",
    title: "Burgers equation, time step",
    description: "a time step of the viscous Burgers equation on 8 periodic cells, 9 inputs, 8 outputs",
    kind: "typescript",
    text: burgers,
    reference: burgersPoints,
  },
  {
    name: "SpikingLayer",
    title: "Spiking neurons (ALIF)",
    description:
      "a step of three adaptive leaky integrate-and-fire neurons with a smooth spike, 21 inputs, 9 outputs",
    kind: "typescript",
    text: spikingLayer,
    reference: spikingLayerPoints,
  },
  {
    name: "SoftmaxAttention",
    title: "Softmax attention",
    description: "attention of two queries over three keys of dimension two, 16 inputs, 4 outputs",
    kind: "typescript",
    text: softmaxAttention,
    reference: softmaxAttentionPoints,
  },
  {
    name: "BlackScholes_Greeks",
    title: "Black-Scholes Greeks by nesting",
    description:
      "the Jacobian of BlackScholes as alphagrad writes it, whose Jacobian are the second-order Greeks, 5 inputs, 5 outputs",
    kind: "typescript",
    text: blackScholes,
    function: "BlackScholes",
    derivative: 2,
    reference: blackScholesGreeksPoints,
  },
  {
    name: "MLP_Hessian",
    title: "Hessian of a small network",
    description:
      "the gradient of a two-layer network's training loss by its weights, whose Jacobian is the loss's Hessian, 4 inputs and outputs of 22 numbers",
    kind: "typescript",
    text: mlp,
    function: "MLP",
    derivative: 2,
    reference: mlpHessianPoints,
  },
];

/** The task of a name, or undefined. */
export function findTask(name: string): Task | undefined {
  return tasks.find((task) => task.name === name);
}

/** The program of a task, equation by equation as it is written; the Jacobian of its function where it is that. */
export function programOf(task: Task): Program {
  return { ...beforeDerivative(written(task), task.derivative ?? 1), name: task.name };
}

function written({ name, kind, text, function: exported = name }: Task): Program {
  if (kind === "jaxpr") return parseJaxpr(text, { name, source: `${name}.jaxpr` });
  return traceSource(text, { source: `${exported}.ts`, function: exported });
}

/** A number or nested lists of numbers, as JAX's arrays are stored. */
type NestedNumbers = number | readonly NestedNumbers[];

interface StoredPoint {
  readonly inputs: readonly NestedNumbers[];
  readonly outputs: readonly NestedNumbers[];
  /** Blocks [output][input], the dims of the output first. */
  readonly jacobian: readonly (readonly NestedNumbers[])[];
}

/** The reference points of a task. Throws an InputError if it has none. */
export function referencePoints({ name, reference }: Task): readonly ReferencePoint[] {
  if (reference === undefined) throw new InputError(`task ${name} has no reference points`);
  return (JSON.parse(reference) as { points: StoredPoint[] }).points.map(flatPoint);
}

function flatPoint({ inputs, outputs, jacobian }: StoredPoint): ReferencePoint {
  const columns = inputs.map((input) => flat(input).length);
  const rows = jacobian.flatMap((blocks, output) =>
    Array.from({ length: flat(outputs[output] ?? []).length }, (_, row) =>
      blocks.flatMap((block, input) => {
        const width = columns[input] ?? 0;
        return flat(block).slice(row * width, (row + 1) * width);
      }),
    ),
  );
  return { inputs: flat(inputs), outputs: flat(outputs), jacobian: rows };
}

function flat(nested: NestedNumbers): number[] {
  return typeof nested === "number" ? [nested] : nested.flatMap(flat);
}

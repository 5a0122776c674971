/**
 * Programs of any size, made by rule: for tests, benchmarks and learning. Each is a Program, so that all of alphagrad can be tried on it; its graph
 * is `linearize(program).graph`.
 */

import { linearize } from "../../jacobian/linearize.ts";
import type { Program } from "../../program/program.ts";
import { Random } from "../../random.ts";
import type { ComputationalGraph } from "../graph.ts";
import { chain } from "./chain.ts";
import { EQUATIONS_PER_STEP, integrator } from "./integrator.ts";
import { EQUATIONS_PER_JOINT, kinematicChain } from "./kinematicChain.ts";
import { randomProgram } from "./randomProgram.ts";
import { EQUATIONS_PER_CELL, stencil } from "./stencil.ts";
import { tree } from "./tree.ts";

export { type ChainOptions, chain } from "./chain.ts";
export { type IntegratorOptions, integrator } from "./integrator.ts";
export { type KinematicChainOptions, kinematicChain } from "./kinematicChain.ts";
export { type RandomProgramOptions, randomProgram } from "./randomProgram.ts";
export { type StencilOptions, stencil } from "./stencil.ts";
export { randomTrainingGraph, type TrainingGraphOptions } from "./trainingGraph.ts";
export { type TreeOptions, tree } from "./tree.ts";

const atLeastOne = (count: number) => Math.max(1, Math.round(count));

/** Each family by name, as a function of the number of equations that is wanted (about) and of a seed, which only `random` heeds. */
export const generators = {
  chain: (size: number) => chain({ length: atLeastOne(size) }),
  tree: (size: number) => tree({ leaves: 1 + atLeastOne(size) }),
  kinematicChain: (size: number) => kinematicChain({ joints: atLeastOne(size / EQUATIONS_PER_JOINT) }),
  integrator: (size: number) => integrator({ steps: atLeastOne(size / EQUATIONS_PER_STEP) }),
  stencil1d: (size: number) => {
    const width = Math.min(32, 3 + Math.round(size ** (1 / 3)));
    return stencil({ shape: [width], steps: atLeastOne(size / width / EQUATIONS_PER_CELL[1]) });
  },
  stencil2d: (size: number) => {
    const width = Math.min(8, 3 + Math.round(size ** (1 / 5) / 2));
    return stencil({
      shape: [width, width],
      steps: atLeastOne(size / width ** 2 / EQUATIONS_PER_CELL[2]),
    });
  },
  random: (size: number, seed: number) =>
    randomProgram(
      { inputs: Math.min(20, 2 + Math.round(Math.sqrt(size) / 2)), equations: atLeastOne(size) },
      Random.seeded(seed),
    ),
} as const satisfies { readonly [name: string]: (size: number, seed: number) => Program };

/** Names of the families. */
export type GeneratorName = keyof typeof generators;

/** The graph of a generated program. */
export function generatedGraph(name: GeneratorName, size: number, seed = 1): ComputationalGraph {
  return linearize(generators[name](size, seed)).graph;
}

/** Random graphs to learn on: program-like functions of many shapes, so that what was learned carries over to functions never seen. */

import { jacobian } from "../../jacobian/jacobian.ts";
import { linearize } from "../../jacobian/linearize.ts";
import type { Program } from "../../program/program.ts";
import { simplify } from "../../program/simplify.ts";
import type { Random } from "../../random.ts";
import { type ComputationalGraph, intermediates } from "../graph.ts";
import {
  between,
  oneOf,
  randomBlocks,
  randomFunction,
  randomStencil,
  randomTrees,
} from "./randomFunction.ts";
import { randomProgram } from "./randomProgram.ts";

export interface TrainingGraphOptions {
  /** How many intermediates there are at least; 20 by default. */
  readonly least?: number;
  /** How many at most; 120 by default. */
  readonly most?: number;
  /** The share of dense functions beside those that are drawn like any other family: they are the hardest to learn. 0 by default. */
  readonly dense?: number;
}

/** A program of about so many equations. */
type Family = (size: number, random: Random) => Program;

/** The families, those that look most like hand-written programs several times. */
const families: readonly Family[] = [
  straightLine,
  straightLine,
  straightLine,
  denseFunction,
  blocks,
  blocks,
  (size, random) => {
    const [cells, equations] = [between(3, 8, random), between(0, 4, random)];
    const steps = Math.max(1, Math.round(size / cells / (equations + 2)));
    return randomStencil({ cells, steps, equations, isPeriodic: random.unit() < 0.5 }, random);
  },
  (size, random) =>
    randomTrees(
      {
        inputs: between(2, 16, random),
        leaves: Math.round(size / 2),
        trees: between(1, 8, random),
        unary: 0.3 * random.unit(),
        sharing: 0.15 + 0.25 * random.unit(),
      },
      random,
    ),
  // The program of a Jacobian: forward sweep, partials, accumulation. What second derivatives are taken of.
  (size, random) => {
    const equations = Math.max(4, Math.round(size / 4));
    const program = randomProgram({ inputs: between(2, 5, random), equations, width: 4 }, random);
    return jacobian(program);
  },
];

/** Like the paper's f and g. */
function denseFunction(size: number, random: Random): Program {
  return randomFunction(
    {
      inputs: between(2, 20, random),
      equations: size,
      mixing: oneOf([0.2, 0.5, 1], random),
      unary: 0.1 + 0.4 * random.unit(),
    },
    random,
  );
}

function straightLine(size: number, random: Random): Program {
  const inputs = between(2, 16, random);
  return randomProgram(
    {
      inputs,
      equations: size,
      sharing: 0.1 + 0.6 * random.unit(),
      reach: oneOf([8, 20, 40, 100], random),
      width: between(3, 14, random),
    },
    random,
  );
}

function blocks(size: number, random: Random): Program {
  const state = between(1, 6, random);
  const equations = state + between(2, 14, random);
  const count = Math.max(1, Math.round(size / equations));
  return randomBlocks({ state, parameters: between(0, 5, random), blocks: count, equations }, random);
}

/**
 * A random scalar graph of 20 to 120 intermediates, of a random family and with random parameters; about half are simplified programs. A function of the
 * generator's state alone: sets that are to be held out have seeds of their own.
 */
export function randomTrainingGraph(random: Random, options: TrainingGraphOptions = {}): ComputationalGraph {
  const { least = 20, most = 120, dense = 0 } = options;
  for (;;) {
    const family = dense > 0 && random.unit() < dense ? denseFunction : oneOf(families, random);
    const program = family(between(least, Math.round(1.2 * most), random), random);
    const { graph } = linearize(random.unit() < 0.5 ? simplify(program) : program);
    const size = intermediates(graph).length;
    if (size >= least && size <= most) return graph;
  }
}

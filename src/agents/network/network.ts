/** A network: observations in, a logit per vertex and a value per state out. Two kinds, one pair of heads. */

import { z } from "zod";
import { InputError } from "../../errors.ts";
import { GLOBAL_FEATURES } from "../../game/observation.ts";
import type { Batch } from "./batch.ts";
import { pool, sumWithGraph } from "./graphOperations.ts";
import { messagePassing, messagePassingWeights } from "./messagePassing.ts";
import { beside, linear, project, relu } from "./operations.ts";
import type { Matrix, Tape } from "./tape.ts";
import { transformer, transformerWeights } from "./transformer.ts";
import { affine, createLayout, type Layout, type WeightShape } from "./weights.ts";

const natural = z.int().nonnegative();
const positive = z.int().positive();

/** Schema of an architecture, for configurations and checkpoints. */
export const architectureSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("graph"), width: positive, layers: natural }),
  z.object({
    kind: z.literal("transformer"),
    width: positive,
    layers: natural,
    heads: positive,
    frame: z.object({ inputs: natural, vertices: positive }).optional(),
  }),
]);

/**
 * What a network is made of: `graph` passes messages along edges, `transformer` lets all vertices attend to all; with a `frame` it sees nothing but the paper's
 * observation, in this frame.
 */
export type Architecture = z.output<typeof architectureSchema>;

/** What a network says of a batch. */
export interface NetworkOutput {
  /** One per row. [N, 1] */
  readonly logits: Matrix;
  /** What is left to pay above the lower bound, in units of the game's scale. [G, 1] */
  readonly values: Matrix;
}

export interface Network {
  readonly architecture: Architecture;
  readonly layout: Layout;
  /** To be called within `run` of a tape that was made for this layout. */
  forward(tape: Tape, batch: Batch): NetworkOutput;
}

/**
 * The network of an architecture. Both heads start at zero: fresh weights prefer no vertex and expect the lower bound.
 *
 * @throws InputError if the width is no multiple of 8, or of 8 times the heads
 */
export function createNetwork(architecture: Architecture): Network {
  const { width } = architecture;
  const unit = architecture.kind === "transformer" ? 8 * architecture.heads : 8;
  if (width % unit !== 0)
    throw new InputError(`a network of width ${width} cannot be built: choose a multiple of ${unit}`);
  const body =
    architecture.kind === "graph" ? messagePassingWeights(architecture) : transformerWeights(architecture);
  const seesGlobals = architecture.kind === "graph" || architecture.frame === undefined;
  return {
    architecture,
    layout: createLayout([...body, ...headWeights(width, seesGlobals ? GLOBAL_FEATURES : 0)]),
    forward: (tape, batch) =>
      heads(
        tape,
        batch,
        architecture.kind === "graph"
          ? messagePassing(tape, batch, architecture)
          : transformer(tape, batch, architecture),
        seesGlobals,
      ),
  };
}

function headWeights(width: number, globals: number): WeightShape[] {
  return [
    ...affine("policy.own", width, width),
    ...affine("policy.graph", 2 * width, width),
    ...affine("policy.output", width, 1, 0),
    ...affine("value.hidden", 2 * width + globals, width),
    ...affine("value.output", width, 1, 0),
  ];
}

/** The policy sees each vertex beside the mean and the maximum of all, the value sees these two and, with globals, the features of the whole state. */
function heads(tape: Tape, batch: Batch, vertices: Matrix, seesGlobals: boolean): NetworkOutput {
  const affineOf = (name: string, x: Matrix) =>
    linear(tape, x, tape.weights(`${name}.weight`), tape.weights(`${name}.bias`));
  const whole = pool(tape, vertices, batch);
  const state = seesGlobals
    ? beside(tape, whole, tape.constant(batch.graphs, GLOBAL_FEATURES, batch.globals))
    : whole;
  const ofVertices = affineOf("policy.own", vertices);
  const policy = relu(tape, sumWithGraph(tape, ofVertices, affineOf("policy.graph", whole), batch));
  const value = relu(tape, affineOf("value.hidden", state));
  const projectionOf = (name: string, x: Matrix) =>
    project(tape, x, tape.weights(`${name}.weight`), tape.weights(`${name}.bias`));
  return { logits: projectionOf("policy.output", policy), values: projectionOf("value.output", value) };
}

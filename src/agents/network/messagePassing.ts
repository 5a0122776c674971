/**
 * The message-passing network: what a vertex is, what its neighbours are, `layers` times. It knows no sizes of graphs, so that one set of weights
 * plays any of them.
 */

import { VERTEX_FEATURES } from "../../game/observation.ts";
import type { Batch } from "./batch.ts";
import { linksOf, neighbourhood } from "./graphOperations.ts";
import { linear, normalise, relu, sum } from "./operations.ts";
import type { Matrix, Tape } from "./tape.ts";
import { affine, normalisation, type WeightShape } from "./weights.ts";

export interface MessagePassingOptions {
  /** Numbers per vertex; a multiple of 8. */
  readonly width: number;
  /** How far a vertex sees, in edges. */
  readonly layers: number;
}

export function messagePassingWeights({ width, layers }: MessagePassingOptions): WeightShape[] {
  return [
    ...affine("input", VERTEX_FEATURES, width),
    ...Array.from({ length: layers }, (_, layer) => [
      ...affine(`layer${layer}`, 3 * width, width),
      ...normalisation(`layer${layer}.norm`, width),
    ]).flat(),
  ];
}

/** Vertices as numbers: linear, ReLU, then in each layer h + relu(norm([own, predecessors, successors] W)). [N, width] */
export function messagePassing(tape: Tape, batch: Batch, { width, layers }: MessagePassingOptions): Matrix {
  const features = tape.constant(batch.size, VERTEX_FEATURES, batch.vertices);
  const links = linksOf(tape, batch, width);
  let hidden = relu(tape, linear(tape, features, tape.weights("input.weight"), tape.weights("input.bias")));
  for (let layer = 0; layer < layers; layer++) {
    const name = `layer${layer}`;
    const message = linear(
      tape,
      neighbourhood(tape, hidden, links),
      tape.weights(`${name}.weight`),
      tape.weights(`${name}.bias`),
    );
    const normal = normalise(
      tape,
      message,
      tape.weights(`${name}.norm.gain`),
      tape.weights(`${name}.norm.shift`),
    );
    hidden = sum(tape, hidden, relu(tape, normal));
  }
  return hidden;
}

/**
 * The paper's transformer (Lohoff & Neftci 2024, appendix on the agent): each vertex's column of the observation is embedded and projected, its place in
 * the program is added, and vertices attend to all others that are not yet eliminated.
 */

import { VERTEX_FEATURES } from "../../game/observation.ts";
import { attention } from "./attention.ts";
import type { Batch } from "./batch.ts";
import { linear, normalise, relu, sum } from "./operations.ts";
import type { Matrix, Tape } from "./tape.ts";
import { affine, normalisation, type WeightShape } from "./weights.ts";

export interface TransformerOptions {
  /** Numbers per vertex, a multiple of 8, and of 4 times `heads`. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/** The longest period of the encoded places, as in Vaswani et al. 2017. */
const LONGEST = 10_000;

export function transformerWeights({ width, layers }: TransformerOptions): WeightShape[] {
  return [
    ...affine("embedding", VERTEX_FEATURES, width),
    ...affine("projection", width, width),
    ...Array.from({ length: layers }, (_, layer) => [
      ...normalisation(`layer${layer}.norm`, width),
      ...affine(`layer${layer}.attention`, width, 3 * width),
      ...affine(`layer${layer}.output`, width, width),
      ...normalisation(`layer${layer}.wideNorm`, width),
      ...affine(`layer${layer}.wide`, width, 2 * width),
      ...affine(`layer${layer}.narrow`, 2 * width, width),
    ]).flat(),
    ...normalisation("norm", width),
  ];
}

/** Vertices as numbers, after `layers` blocks of attention and of a network with one hidden layer, each normalised before. [N, width] */
export function transformer(tape: Tape, batch: Batch, options: TransformerOptions): Matrix {
  const affineOf = (name: string, x: Matrix) =>
    linear(tape, x, tape.weights(`${name}.weight`), tape.weights(`${name}.bias`));
  const normOf = (name: string, x: Matrix) =>
    normalise(tape, x, tape.weights(`${name}.gain`), tape.weights(`${name}.shift`));

  const columns = tape.constant(batch.size, VERTEX_FEATURES, batch.vertices);
  const embedded = affineOf("projection", relu(tape, affineOf("embedding", columns)));
  let hidden = sum(
    tape,
    embedded,
    tape.constant(batch.size, options.width, placeCodes(batch.positions, options.width)),
  );
  for (let layer = 0; layer < options.layers; layer++) {
    const name = `layer${layer}`;
    const asked = affineOf(`${name}.attention`, normOf(`${name}.norm`, hidden));
    hidden = sum(tape, hidden, affineOf(`${name}.output`, attention(tape, asked, batch, options.heads)));
    const wide = relu(tape, affineOf(`${name}.wide`, normOf(`${name}.wideNorm`, hidden)));
    hidden = sum(tape, hidden, affineOf(`${name}.narrow`, wide));
  }
  return normOf("norm", hidden);
}

/** Sines and cosines of the place with periods in geometric progression (Vaswani et al. 2017, section 3.5). [N, width] */
function placeCodes(positions: Int32Array, width: number): Float32Array {
  const codes = new Float32Array(positions.length * width);
  positions.forEach((position, row) => {
    for (let column = 0; column < width; column++) {
      const angle = position / LONGEST ** ((column - (column % 2)) / width);
      codes[row * width + column] = column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  });
  return codes;
}

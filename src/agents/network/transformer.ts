/**
 * The paper's transformer (Lohoff & Neftci 2024, appendix on the agent): each vertex's column of the observation is embedded and projected, its place in
 * the program is added, and vertices attend to all others that are not yet eliminated. On the paper's observation, or on our features instead of columns.
 */

import { InputError } from "../../errors.ts";
import { columnHeight, type Frame, VERTEX_FEATURES } from "../../game/observation.ts";
import { attention } from "./attention.ts";
import type { Batch, ColumnBatch } from "./batch.ts";
import { embedColumns, gatherRows } from "./columnOperations.ts";
import { linear, normalise, relu, sum } from "./operations.ts";
import type { Matrix, Tape } from "./tape.ts";
import { affine, normalisation, type WeightShape } from "./weights.ts";

export interface TransformerOptions {
  /** Numbers per vertex, a multiple of 8 times `heads`. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** With a frame the network sees the paper's observation in this frame, and that alone; without, our features. */
  readonly frame?: Frame | undefined;
}

/** How many entries of a column are not zero, as a rule: what the start of its embedding reckons with. */
const USUAL_ENTRIES = 16;

/** The longest period of the encoded places, as in Vaswani et al. 2017. */
const LONGEST = 10_000;

export function transformerWeights({ width, layers, frame }: TransformerOptions): WeightShape[] {
  const height = frame === undefined ? VERTEX_FEATURES : columnHeight(frame);
  const scale = frame === undefined ? 1 : Math.sqrt(height / USUAL_ENTRIES);
  return [
    ...affine("embedding", height, width, scale),
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

/** What attends: one token for each vertex. */
interface Tokens {
  /** [M, C] */
  readonly content: Matrix;
  /** The place of each in the program. [M] */
  readonly places: Int32Array;
  /** The tokens of graph g are `starts[g]` to `starts[g + 1] - 1`. [G + 1] */
  readonly starts: Int32Array;
}

/**
 * Vertices as numbers, after `layers` blocks of attention and of a network with one hidden layer, each normalised before. [N, width]
 *
 * @throws InputError if the network has a frame and the batch shows no columns in it
 */
export function transformer(tape: Tape, batch: Batch, options: TransformerOptions): Matrix {
  const { width, layers, heads, frame } = options;
  const affineOf = (name: string, x: Matrix) =>
    linear(tape, x, tape.weights(`${name}.weight`), tape.weights(`${name}.bias`));
  const normOf = (name: string, x: Matrix) =>
    normalise(tape, x, tape.weights(`${name}.gain`), tape.weights(`${name}.shift`));

  const columns = frame === undefined ? null : columnsIn(batch, frame);
  const { content, places, starts } = columns === null ? ofFeatures(tape, batch) : ofColumns(tape, columns);
  const codes = tape.constant(places.length, width, placeCodes(places, width));
  let hidden = sum(tape, affineOf("projection", relu(tape, content)), codes);
  for (let layer = 0; layer < layers; layer++) {
    const name = `layer${layer}`;
    const asked = affineOf(`${name}.attention`, normOf(`${name}.norm`, hidden));
    hidden = sum(tape, hidden, affineOf(`${name}.output`, attention(tape, asked, starts, heads)));
    const wide = relu(tape, affineOf(`${name}.wide`, normOf(`${name}.wideNorm`, hidden)));
    hidden = sum(tape, hidden, affineOf(`${name}.narrow`, wide));
  }
  const seen = normOf("norm", hidden);
  return columns === null ? seen : gatherRows(tape, seen, columns.ofRows);
}

function ofFeatures(tape: Tape, { size, vertices, positions, starts }: Batch): Tokens {
  const features = tape.constant(size, VERTEX_FEATURES, vertices);
  const content = linear(tape, features, tape.weights("embedding.weight"), tape.weights("embedding.bias"));
  return { content, places: positions, starts };
}

/** Outputs are among the vertices: what leads to them stands in their columns. */
function ofColumns(tape: Tape, columns: ColumnBatch): Tokens {
  const weights = tape.weights("embedding.weight");
  const content = embedColumns(tape, columns, weights, tape.weights("embedding.bias"));
  return { content, places: columns.vertices, starts: columns.starts };
}

function columnsIn({ columns }: Batch, { inputs, vertices }: Frame): ColumnBatch {
  const is = columns?.frame;
  if (columns === null || is?.inputs !== inputs || is.vertices !== vertices)
    throw new InputError(
      `this network sees the paper's observation in a frame of ${inputs} inputs and ${vertices} vertices: play a game that shows it`,
    );
  return columns;
}

/** Sines and cosines of the place with periods in geometric progression (Vaswani et al. 2017, section 3.5). [N, width] */
function placeCodes(positions: Int32Array, width: number): Float32Array {
  const codes = new Float32Array(positions.length * width);
  const frequencies = Float64Array.from({ length: width / 2 }, (_, pair) => LONGEST ** ((-2 * pair) / width));
  /** Where the code of each place stands. */
  const known = new Map<number, number>();
  positions.forEach((position, row) => {
    const start = known.get(position);
    if (start !== undefined) codes.copyWithin(row * width, start, start + width);
    else {
      known.set(position, row * width);
      frequencies.forEach((frequency, pair) => {
        codes[row * width + 2 * pair] = Math.sin(position * frequency);
        codes[row * width + 2 * pair + 1] = Math.cos(position * frequency);
      });
    }
  });
  return codes;
}

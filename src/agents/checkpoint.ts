/** Where a training run stands, as plain data and as one safetensors file, from which it goes on and from which its weights can be taken alone. */

import { z } from "zod";
import { InputError } from "../errors.ts";
import { readJson } from "../json.ts";
import type { RandomState } from "../random.ts";
import type { AdamState } from "./network/adam.ts";
import { type Architecture, architectureSchema, createNetwork } from "./network/network.ts";
import { readSafetensors, weightsOf, writeSafetensors } from "./network/safetensors.ts";
import { createLayout, type Layout } from "./network/weights.ts";

/** How much was done. */
export interface Counters {
  readonly rounds: number;
  readonly episodes: number;
  readonly moves: number;
  readonly simulations: number;
  readonly gradientSteps: number;
  /** Time that training took, over all runs. */
  readonly seconds: number;
}

/** The best that was found for a task. */
export interface BestOrder {
  readonly cost: number;
  /** As indices (see `toPublicOrder`). */
  readonly order: readonly number[];
}

/** Where a training run stands between two rounds. Its replay buffer and games are not in it: a resumed run fills the buffer anew. */
export interface Checkpoint {
  readonly architecture: Architecture;
  readonly weights: Float32Array;
  readonly adam: AdamState;
  readonly random: RandomState;
  readonly counters: Counters;
  /** By the names of the tasks. */
  readonly best: Readonly<Record<string, BestOrder>>;
}

const FORMAT = "alphagrad-checkpoint";
const natural = z.int().nonnegative();
const word = z.number();

const stateSchema = z.object({
  format: z.literal(FORMAT, "these are weights without a training state: they cannot be resumed"),
  version: z.literal(1, "it was written by a newer version"),
  architecture: architectureSchema,
  adamSteps: natural,
  random: z.tuple([word, word, word, word]),
  counters: z.object({
    rounds: natural,
    episodes: natural,
    moves: natural,
    simulations: natural,
    gradientSteps: natural,
    seconds: z.number().nonnegative(),
  }),
  best: z.record(z.string(), z.object({ cost: z.number(), order: z.array(natural) })),
});

/** The bytes of a checkpoint: a safetensors file, of which the metadata hold what is not an array. */
export function writeCheckpoint({ weights, adam, ...state }: Checkpoint): Uint8Array<ArrayBuffer> {
  const layout = trainingLayout(state.architecture);
  const numbers = new Float32Array(layout.size);
  [weights, adam.mean, adam.square].forEach((part, index) => {
    numbers.set(part, index * weights.length);
  });
  const training = JSON.stringify({ format: FORMAT, version: 1, ...state, adamSteps: adam.steps });
  return writeSafetensors(layout, numbers, { architecture: JSON.stringify(state.architecture), training });
}

/**
 * Reads what `writeCheckpoint` wrote.
 *
 * @throws InputError if it is damaged or no checkpoint
 */
export function readCheckpoint(bytes: Uint8Array, source?: string): Checkpoint {
  const file = readSafetensors(bytes, source);
  const { architecture, adamSteps, random, counters, best } = readJson(
    stateSchema,
    parseMetadata(file.metadata.training ?? '{"format":null}', source),
    "checkpoint",
    source,
  );
  const numbers = weightsOf(file, trainingLayout(architecture), source);
  const part = (index: number) =>
    numbers.slice((index * numbers.length) / 3, ((index + 1) * numbers.length) / 3);
  const adam = { steps: adamSteps, mean: part(1), square: part(2) };
  return { architecture, weights: part(0), adam, random, counters, best };
}

/** A network's weights alone, as they are shipped. */
export function writeNetwork(
  architecture: Architecture,
  weights: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { layout } = createNetwork(architecture);
  return writeSafetensors(layout, weights, { ...metadata, architecture: JSON.stringify(architecture) });
}

/**
 * The network and weights of a file that `writeNetwork` or `writeCheckpoint` wrote.
 *
 * @throws InputError if it is damaged or holds something else
 */
export function readNetwork(
  bytes: Uint8Array,
  source?: string,
): { readonly architecture: Architecture; readonly weights: Float32Array } {
  const file = readSafetensors(bytes, source);
  const text = file.metadata.architecture;
  if (text === undefined)
    throw new InputError("its metadata name no architecture: expected weights written by alphagrad", {
      ...(source === undefined ? {} : { source }),
    });
  const architecture = readJson(
    architectureSchema,
    parseMetadata(text, source),
    "network architecture",
    source,
  );
  return { architecture, weights: weightsOf(file, createNetwork(architecture).layout, source) };
}

/** The weights and, under their names with a prefix, what Adam remembers of each. */
function trainingLayout(architecture: Architecture): Layout {
  const shapes = [...createNetwork(architecture).layout.entries.values()];
  return createLayout(
    ["", "adam.mean.", "adam.square."].flatMap((prefix) =>
      shapes.map(({ name, shape, start }) => ({ name: prefix + name, shape, start })),
    ),
  );
}

function parseMetadata(text: string, source: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError("its metadata are damaged", source === undefined ? undefined : { source });
  }
}

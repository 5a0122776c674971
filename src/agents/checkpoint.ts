/** Where a training run stands, as plain data and as one safetensors file, from which it goes on and from which its weights can be taken alone. */

import { z } from "zod";
import { InputError } from "../errors.ts";
import { readJson } from "../json.ts";
import type { RandomState } from "../random.ts";
import type { Memory } from "./memory.ts";
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

/** Where a training run stands between two rounds: all of it. */
export interface Checkpoint {
  readonly architecture: Architecture;
  readonly weights: Float32Array;
  readonly adam: AdamState;
  readonly random: RandomState;
  readonly counters: Counters;
  /** By the names of the tasks. */
  readonly best: Readonly<Record<string, BestOrder>>;
  /** What is in the replay buffer; empty without one. */
  readonly memory: Memory;
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
  /** Of each episode the sizes of its policies: the numbers are a tensor. */
  memory: z
    .object({
      start: natural,
      episodes: z.array(
        z.object({ task: z.string(), cost: z.number(), rows: z.array(natural), sizes: z.array(natural) }),
      ),
    })
    .default({ start: 0, episodes: [] }),
});

/** The bytes of a checkpoint: a safetensors file, of which the metadata hold what is not an array. */
export function writeCheckpoint({
  weights,
  adam,
  memory: { start, episodes },
  ...state
}: Checkpoint): Uint8Array<ArrayBuffer> {
  const policies = episodes.flatMap((episode) => episode.policies);
  const layout = trainingLayout(
    state.architecture,
    policies.reduce((total, { length }) => total + length, 0),
  );
  const numbers = new Float32Array(layout.size);
  let place = 0;
  for (const part of [weights, adam.mean, adam.square, ...policies]) {
    numbers.set(part, place);
    place += part.length;
  }
  const memory = {
    start,
    episodes: episodes.map(({ policies: own, ...episode }) => ({
      ...episode,
      sizes: own.map(({ length }) => length),
    })),
  };
  const training = JSON.stringify({ format: FORMAT, version: 1, ...state, adamSteps: adam.steps, memory });
  return writeSafetensors(layout, numbers, { architecture: JSON.stringify(state.architecture), training });
}

/**
 * Reads what `writeCheckpoint` wrote.
 *
 * @throws InputError if it is damaged or no checkpoint
 */
export function readCheckpoint(bytes: Uint8Array, source?: string): Checkpoint {
  const file = readSafetensors(bytes, source);
  const { architecture, adamSteps, random, counters, best, memory } = readJson(
    stateSchema,
    parseMetadata(file.metadata.training ?? '{"format":null}', source),
    "checkpoint",
    source,
  );
  const sizes = memory.episodes.flatMap((episode) => episode.sizes);
  const numbers = weightsOf(
    file,
    trainingLayout(
      architecture,
      sizes.reduce((total, size) => total + size, 0),
    ),
    source,
  );
  let place = 0;
  const next = (length: number) => {
    place += length;
    return numbers.slice(place - length, place);
  };
  const { size } = createNetwork(architecture).layout;
  const weights = next(size);
  const adam = { steps: adamSteps, mean: next(size), square: next(size) };
  const episodes = memory.episodes.map(({ sizes: own, ...episode }) => ({
    ...episode,
    policies: own.map((length) => next(length)),
  }));
  return { architecture, weights, adam, random, counters, best, memory: { start: memory.start, episodes } };
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

/** The weights and, under their names with a prefix, what Adam remembers of each; then so many numbers of policies. */
function trainingLayout(architecture: Architecture, policies: number): Layout {
  const shapes = [...createNetwork(architecture).layout.entries.values()];
  const ofNetwork = ["", "adam.mean.", "adam.square."].flatMap((prefix) =>
    shapes.map(({ name, shape, start }) => ({ name: prefix + name, shape, start })),
  );
  const start = { kind: "constant", value: 0 } as const;
  const ofReplay = policies === 0 ? [] : [{ name: "replay.policies", shape: [policies], start }];
  return createLayout([...ofNetwork, ...ofReplay]);
}

function parseMetadata(text: string, source: string | undefined): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError("its metadata are damaged", source === undefined ? undefined : { source });
  }
}

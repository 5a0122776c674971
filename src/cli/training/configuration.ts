/** Configurations of training: YAML, checked, under the flags of the command line and over the defaults. */

import { parse, stringify } from "yaml";
import { z } from "zod";
import {
  type Architecture,
  architectureSchema,
  DEFAULT_ALPHAZERO,
  DEFAULT_PPO,
  type Method,
} from "../../agents/index.ts";
import { InputError } from "../../errors.ts";
import { readJson } from "../../json.ts";
import { OBJECTIVES } from "../../search/strategy.ts";

/** What agents can learn to minimise: what searches can, and the measured time of the code. */
export const TRAINING_OBJECTIVES = [...OBJECTIVES, "runtime"] as const;

const positive = z.int().positive();
const natural = z.int().nonnegative();
const rate = z.number().positive();
const share = z.number().min(0).max(1);

const adam = z.strictObject({ learningRate: rate, clip: rate }).partial();

const ppoSchema = z
  .strictObject({
    environments: positive,
    moves: positive,
    epochs: positive,
    batch: positive,
    clip: share,
    lambda: share,
    entropy: z.number().nonnegative(),
    value: z.number().nonnegative(),
    adam,
  })
  .partial();

const alphazeroSchema = z
  .strictObject({
    simulations: positive,
    considered: positive,
    environments: positive,
    batch: positive,
    movesPerStep: positive,
    replay: positive,
    adam,
  })
  .partial();

const wholeSchema = z.strictObject({
  /** Tasks and files to train on. */
  sources: z.array(z.string()),
  /** How many random programs to train on, beside the sources; and how large they are. */
  random: natural,
  least: positive,
  most: positive,
  /** The share of dense functions among them, beside those that are drawn like any other family. */
  dense: share,
  agent: z.enum(["alphazero", "ppo"]),
  network: architectureSchema,
  objective: z.enum(TRAINING_OBJECTIVES),
  /** Whether every vertex is eliminated by a move, without safe eliminations and bounds, as the paper plays it. */
  honest: z.boolean(),
  /** Whether programs are simplified first; by default for `operations` and `runtime`. */
  simplify: z.boolean(),
  scalarise: z.boolean(),
  minutes: z.number().positive(),
  /** Rounds of playing and learning, instead of a time: the result is a function of the rest. */
  rounds: positive,
  seed: natural,
  /** Rounds between evaluations without exploration. */
  evaluateEvery: natural,
  /** Whether the network first imitates orders that annealing finds. */
  warmStart: z.boolean(),
  /** Short runs of which the best goes on (`trainWithRestarts`). */
  restarts: positive,
  /** Threads that play. */
  threads: positive,
  ppo: ppoSchema,
  alphazero: alphazeroSchema,
});

/** What a configuration file may say. */
const configurationSchema = wholeSchema.partial();

/** What a file or the flags say; what they do not say is left to the defaults. */
export type PartialConfiguration = z.output<typeof configurationSchema>;

/** How a run is trained: for so many minutes or so many rounds. */
export type Configuration = Omit<z.output<typeof wholeSchema>, "minutes" | "rounds"> & {
  readonly minutes?: number;
  readonly rounds?: number;
};

/** The networks that are taken where only their kind is asked for. */
export const NETWORKS: { readonly [Kind in Architecture["kind"]]: Architecture } = {
  graph: { kind: "graph", width: 32, layers: 3 },
  transformer: { kind: "transformer", width: 32, layers: 2, heads: 4 },
};

const DEFAULTS: Omit<Configuration, "objective" | "simplify"> = {
  sources: [],
  random: 0,
  least: 20,
  most: 120,
  dense: 0,
  agent: "ppo",
  network: NETWORKS.graph,
  honest: false,
  scalarise: false,
  seed: 1,
  evaluateEvery: 10,
  warmStart: false,
  restarts: 1,
  threads: 1,
  ppo: {},
  alphazero: {},
};

/**
 * Reads a configuration.
 *
 * @throws InputError that names the file and the first field that is wrong
 */
export function parseConfiguration(text: string, source: string): PartialConfiguration {
  let json: unknown;
  try {
    json = parse(text) ?? {};
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new InputError(`not YAML: ${line}`, { source });
  }
  return readJson(configurationSchema, json, "training configuration", source);
}

/** A configuration as `parseConfiguration` reads it. */
export function configurationText(configuration: PartialConfiguration): string {
  return stringify(configuration);
}

/**
 * What a run is trained with: later parts win over earlier ones, and all over the defaults.
 *
 * @throws InputError if there is nothing to train on
 */
export function completed(...parts: readonly PartialConfiguration[]): Configuration {
  const { minutes: _, rounds: __, ...said } = Object.assign({}, ...parts) as PartialConfiguration;
  const objective = said.objective ?? "multiplications";
  const configuration = {
    ...DEFAULTS,
    objective,
    simplify: objective !== "multiplications",
    ...given(said),
    ...howLong(parts),
  };
  if (configuration.sources.length === 0 && configuration.random === 0)
    throw new InputError(
      "there is nothing to train on: give tasks or files, or --random N for random programs",
    );
  if (configuration.random > 0 && "frame" in configuration.network)
    throw new InputError("random programs have no common frame: train on them with a network without one");
  if (configuration.least > configuration.most)
    throw new InputError(
      `random programs of at least ${configuration.least} and at most ${configuration.most} vertices: there are none`,
    );
  checkTogether(configuration);
  return configuration;
}

/** Throws an InputError if two fields exclude each other. */
function checkTogether({ objective, agent, random, threads, restarts, warmStart }: Configuration): void {
  if (warmStart && restarts > 1)
    throw new InputError("a warm start is where all restarts would begin: ask for one of the two");
  if (objective !== "runtime") return;
  if (agent !== "ppo")
    throw new InputError(
      "a runtime is known at the end of an episode only, which tree search cannot wait for: choose the agent ppo",
    );
  if (random > 0)
    throw new InputError(
      "random programs have no code to measure: give tasks or files for the objective runtime",
    );
  if (threads > 1)
    throw new InputError(
      "what is measured must not share the machine with other threads: train with one for the objective runtime",
    );
  if (warmStart)
    throw new InputError("orders are not annealed by runtime: choose another objective for a warm start");
}

/** Rounds and minutes are two ways to say how long: the last part that has either says it. */
function howLong(parts: readonly PartialConfiguration[]): { minutes?: number; rounds?: number } {
  const part = parts.findLast(({ minutes, rounds }) => minutes !== undefined || rounds !== undefined);
  if (part?.rounds !== undefined) return { rounds: part.rounds };
  return { minutes: part?.minutes ?? 10 };
}

/** The agent of a configuration with all its numbers. */
export function methodOf({ agent, ppo, alphazero }: Configuration): Method {
  if (agent === "ppo") {
    const options = {
      ...DEFAULT_PPO,
      ...given(ppo),
      adam: { ...DEFAULT_PPO.adam, ...given(ppo.adam ?? {}) },
    };
    return { kind: "ppo", options };
  }
  const { simulations, considered, adam, ...others } = alphazero;
  return {
    kind: "alphazero",
    options: {
      ...DEFAULT_ALPHAZERO,
      ...given(others),
      search: { ...DEFAULT_ALPHAZERO.search, ...given({ simulations, considered }) },
      adam: { ...DEFAULT_ALPHAZERO.adam, ...given(adam ?? {}) },
    },
  };
}

/** Those of the fields that are there. */
function given<T extends object>(fields: T): { readonly [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    readonly [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

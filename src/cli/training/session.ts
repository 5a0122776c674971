/** A training run with its files: log, learning curve, checkpoints, certificates of the best orders, and the policy. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Checkpoint,
  type Task,
  type TrainOptions,
  type TrainProgress,
  train,
  writeNetwork,
} from "../../agents/index.ts";
import { graphToJson } from "../../graph/json.ts";
import { certify } from "../../search/certificate.ts";
import { toPublicOrder } from "../../search/engine.ts";
import { VERSION } from "../../version.ts";
import { writeText } from "../files.ts";
import { type Configuration, methodOf } from "./configuration.ts";
import { type LogRow, readLog, rewindLog, TrainingLog } from "./log.ts";
import { drawLearning } from "./picture.ts";
import { randomTasks } from "./randomTasks.ts";
import type { TrainingSource } from "./sources.ts";
import { keepCheckpoint } from "./store.ts";
import { Validation } from "./validation.ts";

/** Milliseconds between checkpoints: what a kill can cost. */
const INTERVAL = 20_000;

/** What a run gets from the command. */
export interface SessionRun {
  readonly directory: string;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
  onRound(row: LogRow): void;
}

/**
 * Trains, and writes all that is to be kept.
 *
 * @param start where to go on, or where a warm start ended; null for fresh weights
 * @returns where the run stands in the end
 */
export async function runSession(
  sources: readonly TrainingSource[],
  configuration: Configuration,
  run: SessionRun,
  start: Checkpoint | null,
): Promise<Checkpoint> {
  const { random, seed, least, most, dense, minutes, rounds, evaluateEvery } = configuration;
  const { directory } = run;
  await rewindLog(directory, start?.counters.rounds ?? 0);
  const validated = (await readLog(directory)).flatMap((row) => row.validation ?? []);
  const keeper = new Keeper(directory, sources, configuration, Math.min(...validated));
  const log = new TrainingLog(directory, () => run.now());
  const tasks: Task[] = [...sources, ...randomTasks("training", random, seed, { least, most, dense })];
  const validation = random > 0 && evaluateEvery > 0 ? new Validation(configuration) : null;
  const options: TrainOptions = {
    method: methodOf(configuration),
    architecture: configuration.network,
    seed,
    ...(minutes === undefined ? {} : { seconds: 60 * minutes }),
    ...(rounds === undefined ? {} : { rounds }),
    evaluateEvery: sources.length > 0 ? evaluateEvery : 0,
  };
  let written = run.now();
  const onRound = (progress: TrainProgress, checkpoint: Checkpoint) => {
    let ratio: number | null = null;
    if (validation !== null && progress.rounds % evaluateEvery === 0) {
      ratio = validation.ratio(checkpoint);
      keeper.validated(checkpoint, ratio);
    }
    const bests = Object.fromEntries(
      sources.map(({ name }) => [name, checkpoint.best[name]?.cost ?? Infinity]),
    );
    const row = { ...progress, bests, validation: ratio };
    log.add(row);
    run.onRound(row);
    if (run.now() - written < INTERVAL) return;
    written = run.now();
    keeper.keep(checkpoint);
  };
  const { signal } = run;
  const end = await train(tasks, options, { signal, now: () => run.now(), onRound }, start ?? undefined);
  keeper.keep(end);
  await keeper.end();
  return end;
}

/** Writes what is to be kept, one write after the other; a failure is told at the end, since training itself goes on. */
class Keeper {
  readonly #directory: string;
  readonly #sources: readonly TrainingSource[];
  readonly #configuration: Configuration;
  readonly #certified = new Map<string, number>();
  /** The weights that did best on what is held out, unless they are written; and how well that was. */
  #policy: Checkpoint | null = null;
  #ratio: number;
  #writing: Promise<void> = Promise.resolve();
  #error: unknown = null;

  constructor(
    directory: string,
    sources: readonly TrainingSource[],
    configuration: Configuration,
    ratio: number,
  ) {
    this.#directory = directory;
    this.#sources = sources;
    this.#configuration = configuration;
    this.#ratio = ratio;
  }

  /** How well weights play what is held out: the best are the policy. */
  validated(checkpoint: Checkpoint, ratio: number): void {
    if (ratio >= this.#ratio) return;
    this.#policy = checkpoint;
    this.#ratio = ratio;
  }

  keep(checkpoint: Checkpoint): void {
    this.#writing = this.#writing
      .then(() => this.#write(checkpoint))
      .catch((error: unknown) => {
        this.#error ??= error;
      });
  }

  async end(): Promise<void> {
    await this.#writing;
    if (this.#error !== null) throw this.#error;
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    await keepCheckpoint(this.#directory, checkpoint);
    const policy = this.#ratio === Infinity ? checkpoint : this.#policy;
    this.#policy = null;
    if (policy !== null) await this.#writePolicy(policy);
    for (const source of this.#sources) await this.#certify(source, checkpoint);
    await writeText(
      join(this.#directory, "curve.svg"),
      await drawLearning({
        title: titleOf(this.#sources, this.#configuration),
        points: thinned(await readLog(this.#directory)),
        sources: this.#sources,
      }),
    );
  }

  async #writePolicy({ architecture, weights, counters }: Checkpoint): Promise<void> {
    const { agent, objective, seed, random } = this.#configuration;
    const metadata = {
      alphagrad: VERSION,
      training: JSON.stringify({
        agent,
        objective,
        seed,
        random,
        rounds: counters.rounds,
        moves: counters.moves,
      }),
    };
    await writeText(
      join(this.#directory, "policy.safetensors"),
      writeNetwork(architecture, weights, metadata),
    );
  }

  /** The certificate of a source's best order, beside the graph that it is for. */
  async #certify({ name, graph, form }: TrainingSource, { best, counters }: Checkpoint): Promise<void> {
    const found = best[name];
    if (found === undefined || this.#certified.get(name) === found.cost) return;
    const { agent, objective, seed } = this.#configuration;
    const order = toPublicOrder(graph, Int32Array.from(found.order));
    const facts = {
      program: form,
      objective,
      method: agent,
      seed,
      seconds: counters.seconds,
      alphagrad: VERSION,
    };
    const directory = join(this.#directory, name.replaceAll(/[^\w.-]/g, "_"));
    await mkdir(directory, { recursive: true });
    await writeText(join(directory, "graph.json"), `${JSON.stringify(graphToJson(graph))}\n`);
    const certificate = certify(graph, order, facts);
    await writeText(join(directory, "certificate.json"), `${JSON.stringify(certificate, null, 2)}\n`);
    this.#certified.set(name, found.cost);
  }
}

/** What a run is called. */
export function titleOf(sources: readonly TrainingSource[], { random }: Configuration): string {
  const names = sources.map(({ name }) => name);
  return [...names, ...(random > 0 ? [`${random} random programs`] : [])].join(", ");
}

/** Points enough for a picture. */
const MOST_POINTS = 600;

/** Some of the points; those that were evaluated are all among them. */
function thinned<Point extends { readonly greedy: number | null; readonly validation: number | null }>(
  points: readonly Point[],
): Point[] {
  const step = Math.ceil(points.length / MOST_POINTS);
  return points.filter(
    ({ validation }, index) => index % step === 0 || index === points.length - 1 || validation !== null,
  );
}

/** A training run with its files: rounds are logged as they come, and what is to be kept is written from time to time and at the end. */

import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Checkpoint,
  type RestartPart,
  restOf,
  type StartThreads,
  type Task,
  type TrainOptions,
  type TrainProgress,
  train,
  trainWithRestarts,
} from "../../agents/index.ts";
import { type Configuration, methodOf } from "./configuration.ts";
import { Keeper } from "./keeper.ts";
import { LOG, type LogRow, readLog, rewindLog, TrainingLog } from "./log.ts";
import { randomTasks } from "./randomTasks.ts";
import type { TrainingSource } from "./sources.ts";
import { hasRun, lastCheckpoint } from "./store.ts";
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

/** A run, or a part of one: where it is written, how it is trained, and from where (null for fresh weights). */
interface Part {
  readonly directory: string;
  readonly options: TrainOptions;
  readonly start: Checkpoint | null;
}

/**
 * Trains, and writes all that is to be kept. The short runs of restarts have directories of their own, `restart-1` and so on, from which they are resumed.
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
  const { restarts, threads } = configuration;
  const { directory, signal } = run;
  const options = trainOptions(sources, configuration);
  // Imported when it is needed, it stays a module of its own in the build, beside the one that its threads run.
  const pool = threads > 1 ? (await import("../../cluster/selfPlay.ts")).playThreads(threads - 1) : null;
  const trainOne = (part: Part) => trainPart(sources, configuration, run, part, pool?.start);
  try {
    if (restarts === 1) return await trainOne({ directory, options, start });
    if (start !== null) return await trainOne({ directory, options: restOf(options, restarts), start });
    const inPart = async (own: TrainOptions, part: RestartPart) => {
      const beginning = await beginPart(directory, part);
      const end = await trainOne({ ...beginning, options: own });
      const meanRatio = (await readLog(beginning.directory)).at(-1)?.meanRatio ?? Infinity;
      return { end, meanRatio };
    };
    return await trainWithRestarts(options, restarts, inPart, () => signal.aborted);
  } finally {
    await pool?.close();
  }
}

/** Where a part of a run with restarts is written, and where it begins: a short one where it was interrupted, the rest with the log of the one that goes on. */
async function beginPart(directory: string, part: RestartPart): Promise<Omit<Part, "options">> {
  const short = restartDirectory(directory, part.number);
  if (part.kind === "short") {
    await mkdir(short, { recursive: true });
    const isBegun = await hasRun(short);
    return { directory: short, start: isBegun ? (await lastCheckpoint(short)).content : null };
  }
  await copyFile(join(short, LOG), join(directory, LOG));
  return { directory, start: part.from };
}

/** Whether the short runs of restarts have begun. */
export function hasRestarts(directory: string): Promise<boolean> {
  return hasRun(restartDirectory(directory, 0));
}

function restartDirectory(directory: string, number: number): string {
  return join(directory, `restart-${number + 1}`);
}

function trainOptions(sources: readonly TrainingSource[], configuration: Configuration): TrainOptions {
  const { network, seed, minutes, rounds, evaluateEvery } = configuration;
  return {
    method: methodOf(configuration),
    architecture: network,
    seed,
    ...(minutes === undefined ? {} : { seconds: 60 * minutes }),
    ...(rounds === undefined ? {} : { rounds }),
    evaluateEvery: sources.length > 0 ? evaluateEvery : 0,
  };
}

async function trainPart(
  sources: readonly TrainingSource[],
  configuration: Configuration,
  { signal, now, onRound: tell }: SessionRun,
  { directory, options, start }: Part,
  startThreads: StartThreads | undefined,
): Promise<Checkpoint> {
  const { random, seed, least, most, evaluateEvery } = configuration;
  await rewindLog(directory, start?.counters.rounds ?? 0);
  const validated = (await readLog(directory)).flatMap((row) => row.validation ?? []);
  const keeper = new Keeper(directory, sources, configuration, Math.min(...validated));
  const log = new TrainingLog(directory, now);
  const tasks: Task[] = [...sources, ...randomTasks("training", random, seed, { least, most })];
  const validation = random > 0 && evaluateEvery > 0 ? new Validation(configuration) : null;
  let written = now();
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
    tell(row);
    if (now() - written < INTERVAL) return;
    written = now();
    keeper.keep(checkpoint);
  };
  const threads = startThreads === undefined ? {} : { startThreads };
  const end = await train(tasks, options, { signal, now, onRound, ...threads }, start ?? undefined);
  keeper.keep(end);
  await keeper.end();
  return end;
}

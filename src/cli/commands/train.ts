/** `alphagrad train`: agents learn to eliminate, on the sources and on random programs. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import type { Checkpoint } from "../../agents/index.ts";
import { InputError } from "../../errors.ts";
import { prepareDirectory, readText } from "../files.ts";
import { LiveLine } from "../live.ts";
import { packageFile } from "../packageFiles.ts";
import { duration } from "../search.ts";
import type { SourceOptions } from "../source.ts";
import { table } from "../table.ts";
import {
  type Configuration,
  completed,
  NETWORKS,
  type PartialConfiguration,
  parseConfiguration,
} from "../training/configuration.ts";
import { titleOf } from "../training/keeper.ts";
import type { LogRow } from "../training/log.ts";
import { hasRestarts, runSession } from "../training/session.ts";
import { costText, loadSources, type TrainingSource } from "../training/sources.ts";
import { hasRun, keepConfiguration, lastCheckpoint, lastConfiguration } from "../training/store.ts";
import { warmStart } from "../training/warmStart.ts";

interface TrainCommandOptions extends SourceOptions {
  readonly agent?: "alphazero" | "ppo";
  readonly network?: "transformer" | "graph";
  readonly minutes?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly objective?: Configuration["objective"];
  readonly random?: number;
  readonly honest?: boolean;
  readonly simplify?: boolean;
  readonly scalarise?: boolean;
  readonly warmStart?: boolean;
  readonly restarts?: number;
  readonly threads?: number;
  readonly config?: string;
  readonly out?: string;
  readonly resume?: boolean;
}

export async function trainCommand(names: readonly string[], options: TrainCommandOptions): Promise<void> {
  const directory = options.out ?? join("alphagrad-out", "training");
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const configuration = await configurationFor(names, options, directory, say);
  const isAmongRestarts = !(await hasRun(directory)) && (await hasRestarts(directory));
  const start = options.resume && !isAmongRestarts ? await lastCheckpoint(directory) : null;
  if (start?.remark) say(start.remark);
  await prepareDirectory(directory);
  if (!options.resume && (isAmongRestarts || (await hasRun(directory))))
    throw new InputError(
      `there is a training run in ${directory}: --resume goes on with it; or give another directory with --out`,
    );
  const sources = await loadSources(configuration, options);
  await keepConfiguration(directory, configuration);
  for (const text of introduction(sources, configuration, start?.content ?? null)) say(text);
  const line = new LiveLine(process.stderr);
  const { end, isInterrupted } = await interruptible(line, async (signal) => {
    const from =
      start?.content ??
      (configuration.warmStart ? await warmStart(sources, configuration, (text) => line.show(text)) : null);
    const onRound = (row: LogRow) => line.show(status(row, configuration, sources));
    return runSession(sources, configuration, { directory, signal, now: () => Date.now(), onRound }, from);
  });
  for (const text of summary(sources, end)) say(text);
  say(
    `\nIn ${directory}: checkpoint.safetensors, policy.safetensors, curve.svg, log.jsonl, events for TensorBoard`,
  );
  if (isInterrupted) say(`Interrupted: alphagrad train --resume --out ${directory} goes on.`);
}

/** What to train with: of a resumed run what it was begun with; then the file; then the flags. */
async function configurationFor(
  names: readonly string[],
  options: TrainCommandOptions,
  directory: string,
  say: (text: string) => void,
): Promise<Configuration> {
  const parts: PartialConfiguration[] = [];
  if (options.resume) {
    const { content, remark } = await lastConfiguration(directory);
    if (remark !== null) say(remark);
    parts.push(content);
  }
  if (options.config !== undefined) {
    const path = existsSync(options.config)
      ? options.config
      : (packageFile(`configurations/${options.config}.yaml`) ?? options.config);
    parts.push(parseConfiguration(await readText(path), path));
  }
  return completed(...parts, flags(names, options, Object.assign({}, ...parts)));
}

/** What the flags say. */
function flags(
  names: readonly string[],
  options: TrainCommandOptions,
  { network }: PartialConfiguration,
): PartialConfiguration {
  const { agent, minutes, rounds, seed, objective, random, honest, simplify, scalarise, warmStart } = options;
  const { restarts, threads } = options;
  const isOther = options.network !== undefined && options.network !== network?.kind;
  const said = {
    agent,
    minutes,
    rounds,
    seed,
    objective,
    random,
    honest,
    simplify,
    scalarise,
    warmStart,
    restarts,
    threads,
  };
  return {
    ...(Object.fromEntries(
      Object.entries(said).filter(([, value]) => value !== undefined),
    ) as PartialConfiguration),
    ...(names.length > 0 ? { sources: [...names] } : {}),
    ...(isOther && options.network !== undefined ? { network: NETWORKS[options.network] } : {}),
  };
}

/** Runs until it ends; the first Ctrl-C ends it cleanly, the second at once. */
async function interruptible(
  line: LiveLine,
  work: (signal: AbortSignal) => Promise<Checkpoint>,
): Promise<{ readonly end: Checkpoint; readonly isInterrupted: boolean }> {
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
    line.show("ending; Ctrl-C again ends at once, at the last checkpoint");
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    return { end: await work(abort.signal), isInterrupted: abort.signal.aborted };
  } finally {
    line.clear();
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

function introduction(
  sources: readonly TrainingSource[],
  configuration: Configuration,
  start: Checkpoint | null,
): string[] {
  const { agent, network, objective, honest, minutes, rounds, seed, restarts, threads } = configuration;
  const budget = minutes === undefined ? `${rounds} rounds` : duration(60 * minutes);
  const lines = [
    `${pc.bold(titleOf(sources, configuration))}: ${agent}, ${network.kind} network of width ${network.width} with ${network.layers} layers`,
    `Minimising ${objective}${honest ? ", honest game" : ""}, ${budget}, seed ${seed}${restarts > 1 ? `, ${restarts} restarts` : ""}${threads > 1 ? `, ${threads} threads` : ""}. Ctrl-C ends the run; --resume goes on with it.`,
  ];
  if (start === null) return lines;
  const { episodes, seconds } = start.counters;
  return [...lines, `Going on after ${episodes} episodes in ${duration(seconds)}.`];
}

/** The live line. */
function status(
  row: LogRow,
  { agent, minutes, rounds }: Configuration,
  sources: readonly TrainingSource[],
): string {
  const total = minutes === undefined ? `round ${row.rounds} of ${rounds}` : `of ${duration(60 * minutes)}`;
  const costs =
    sources.length > 0 ? [pc.bold(`best ${costText(row.best)}`), `mean ${row.mean.toFixed(1)}`] : [];
  const ratio = sources.length === 1 ? [] : [`mean ratio ${row.meanRatio.toFixed(4)}`];
  const speed = [
    `${Math.round(row.movesPerSecond)} steps/s`,
    ...(agent === "alphazero" ? [`${Math.round(row.simulationsPerSecond)} simulations/s`] : []),
  ];
  const { policy, value } = row.losses;
  return [
    `${duration(row.seconds)} ${total}`,
    `${row.episodes} episodes`,
    ...costs,
    ...ratio,
    ...speed,
    `loss ${policy.toFixed(3)} + ${value.toFixed(3)}`,
  ].join("  ");
}

function summary(sources: readonly TrainingSource[], { best, counters }: Checkpoint): string[] {
  const rows = sources.map(({ name, references }) => {
    const cost = (reference: string) => {
      const found = references.find((other) => other.name === reference);
      return found === undefined ? "–" : costText(found.cost);
    };
    const usual = ["forward", "reverse", "Markowitz", "published", "best known"].map(cost);
    const learned = best[name]?.cost;
    return [name, learned === undefined ? "–" : costText(learned), ...usual];
  });
  const { episodes, moves, seconds } = counters;
  return [
    ...(rows.length === 0
      ? []
      : [table(["", "learned", "forward", "reverse", "Markowitz", "published", "best known"], rows), ""]),
    `${episodes} episodes, ${moves} moves in ${duration(seconds)}.`,
  ];
}

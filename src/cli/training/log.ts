/** What a training run tells of each round: a line of JSON, and scalars for TensorBoard. */

import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { TrainProgress } from "../../agents/index.ts";
import { readText, writeText } from "../files.ts";
import { fileVersionEvent, scalarEvent } from "./eventFile.ts";

/** The name of the log in the directory of a run. */
export const LOG = "log.jsonl";

/** One line of the log: how the run went up to a round. */
export interface LogRow extends TrainProgress {
  /** Best costs of the sources so far. */
  readonly bests: Readonly<Record<string, number>>;
  /** Mean ratio to a greedy player's cost on programs that are held out, when they were last played; null before, or if there are none. */
  readonly validation: number | null;
}

/** JSON has no infinities: they are null, before the first episode of a task. */
const rowSchema = z.object({
  rounds: z.number(),
  seconds: z.number(),
  moves: z.number(),
  best: z.number().nullable(),
  mean: z.number().nullable(),
  meanRatio: z.number().nullable(),
  greedy: z.number().nullable(),
  validation: z.number().nullable(),
  bests: z.record(z.string(), z.number().nullable()),
});

/** What is read back of a line. */
export type CurvePoint = z.output<typeof rowSchema>;

/** The log of a directory; lines that a kill left half-written are left out. Empty if there is none. */
export async function readLog(directory: string): Promise<CurvePoint[]> {
  return (await goodLines(directory, Infinity)).map(({ row }) => row);
}

/** Takes what was logged after a round out of the log: the run goes on from there. */
export async function rewindLog(directory: string, rounds: number): Promise<void> {
  const lines = await goodLines(directory, rounds);
  await writeText(join(directory, LOG), lines.map(({ line }) => `${line}\n`).join(""));
}

async function goodLines(directory: string, rounds: number): Promise<{ line: string; row: CurvePoint }[]> {
  const text = await readText(join(directory, LOG)).catch(() => "");
  return text.split("\n").flatMap((line) => {
    try {
      const row = rowSchema.parse(JSON.parse(line));
      return row.rounds <= rounds ? [{ line, row }] : [];
    } catch {
      return [];
    }
  });
}

/** Writes both. A new event file for each run, as TensorBoard wants it: it joins them by their steps, which are moves. */
export class TrainingLog {
  readonly #log: string;
  readonly #events: string;
  readonly #clock: () => number;

  /** @param clock milliseconds since 1970 */
  constructor(directory: string, clock: () => number) {
    this.#clock = clock;
    this.#log = join(directory, LOG);
    const seconds = Math.floor(clock() / 1000);
    this.#events = join(directory, `events.out.tfevents.${seconds}.${process.pid}.alphagrad`);
    writeFileSync(this.#events, fileVersionEvent(clock() / 1000));
  }

  add(row: LogRow): void {
    appendFileSync(this.#log, `${JSON.stringify(row)}\n`);
    const { losses, greedy, validation } = row;
    const scalars = {
      "cost/best": row.best,
      "cost/mean": row.mean,
      "cost/mean ratio": row.meanRatio,
      ...(greedy === null ? {} : { "cost/greedy": greedy }),
      ...(validation === null ? {} : { "cost/validation ratio": validation }),
      "loss/policy": losses.policy,
      "loss/value": losses.value,
      "loss/entropy": losses.entropy,
      "speed/moves per second": row.movesPerSecond,
      "speed/simulations per second": row.simulationsPerSecond,
      episodes: row.episodes,
    };
    appendFileSync(this.#events, scalarEvent(this.#clock() / 1000, row.moves, scalars));
  }
}

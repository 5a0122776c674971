/**
 * What a second thread brings to a search: the same tasks for the same time on one thread and on two, over several seeds. How soon each comes to the cost that all
 * runs of a task reach, and what they end with.
 *
 * `npm run build` first: the threads run the built worker. On a machine with nothing else to do; `SECONDS=60 SEEDS=10 npm run bench teams` for longer runs.
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { workers } from "../src/cluster/index.ts";
import { formOf, inForm, isCheaperScalarised } from "../src/form.ts";
import type { ComputationalGraph } from "../src/graph/graph.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { optimizeGraph } from "../src/optimize.ts";
import type { HistoryPoint } from "../src/search/auto.ts";
import type { Moves } from "../src/search/moves/step.ts";
import type { Objective } from "../src/search/strategy.ts";
import { findTask, programOf } from "../src/tasks/index.ts";

const environment: { readonly SECONDS?: string; readonly SEEDS?: string } = process.env;

const SECONDS = Number(environment.SECONDS ?? 10);
const SEEDS = Number(environment.SEEDS ?? 5);
const THREADS = [1, 2] as const;

const CASES: readonly (readonly [task: string, objective: Objective, moves: Moves])[] = [
  ["RoeFlux_1d", "multiplications", "vertex"],
  ["RoeFlux_1d", "operations", "vertex"],
  ["g", "multiplications", "vertex"],
  ["g", "operations", "vertex"],
  ["RoeFlux_3d", "multiplications", "vertex"],
  ["RoeFlux_3d", "operations", "vertex"],
  ["g", "multiplications", "edge"],
  ["BlackScholes_Jacobian", "multiplications", "edge"],
];

/** Prints one table: `multiplications` on the programs as written, `operations` on them simplified (and on scalars if that is cheaper, as `optimize` does). */
export async function main(): Promise<void> {
  const worker = pathToFileURL(resolve("dist/cluster/worker.js"));
  if (!existsSync(worker)) throw new Error("there is no dist/cluster/worker.js: npm run build first");
  print(
    `${SECONDS} s each, seeds 1 to ${SEEDS}. Reached: the cost that all runs came to, and when (median).\n`,
  );
  print(
    "| task | objective | moves | one thread ends with | two threads end with | reached | one, s | two, s |",
  );
  print("|---|---|---|---|---|--:|--:|--:|");
  for (const [task, objective, moves] of CASES) {
    const graph = graphOf(task, objective);
    const runs: (readonly HistoryPoint[])[][] = [];
    for (const threads of THREADS) {
      const histories: (readonly HistoryPoint[])[] = [];
      for (let seed = 1; seed <= SEEDS; seed++) {
        const executor = threads > 1 ? workers({ threads, worker }) : undefined;
        const options = { objective, moves, seed, seconds: SECONDS };
        const { history } = await optimizeGraph(
          graph,
          executor === undefined ? options : { ...options, executor },
        );
        histories.push(history);
        await executor?.close();
      }
      runs.push(histories);
    }
    const reached = Math.max(...runs.flat().map(lastCost));
    const ends = runs.map((histories) =>
      histories
        .map(lastCost)
        .sort((a, b) => a - b)
        .join(", "),
    );
    const times = runs.map((histories) =>
      median(histories.map((history) => secondsTo(history, reached))).toFixed(2),
    );
    print(`| ${[task, objective, moves, ...ends, reached, ...times].join(" | ")} |`);
  }
}

function graphOf(name: string, objective: Objective): ComputationalGraph {
  const task = findTask(name);
  if (task === undefined) throw new Error(`no task ${name}`);
  const program = programOf(task);
  if (objective === "multiplications") return linearize(program).graph;
  const scalarised = isCheaperScalarised(program, objective);
  return linearize(inForm(program, formOf({ scalarised, simplified: true }))).graph;
}

function lastCost(history: readonly HistoryPoint[]): number {
  return history.at(-1)?.cost ?? Number.POSITIVE_INFINITY;
}

function secondsTo(history: readonly HistoryPoint[], cost: number): number {
  return history.find((point) => point.cost <= cost)?.seconds ?? Number.NaN;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

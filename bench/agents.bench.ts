/**
 * How fast agents learn a task of its own from fresh weights: seconds of processor time to the marks of docs/learning.md, best and median over seeds, beside a control
 * that does not learn. A run ends at its last mark, or with its time.
 *
 * Every run that ends is kept in `alphagrad-out/agents/outcomes.jsonl`, and the table `agents.md` beside it is written anew: a killed benchmark goes on where it was. What
 * is run is chosen in the environment by lists separated by commas:
 *
 * - AGENTS_TASKS: names of games, such as `RoeFlux_1d`, or `RoeFlux_1d:honest`, `RoeFlux_1d:operations`; all
 * - AGENTS: ppo,alphazero,untrained
 * - AGENTS_NETWORKS: width x layers of message passing; with `t` before them a transformer of 4 heads, with `p` one on the paper's observation, which is of the honest
 *   game; that of the task's preset
 * - AGENTS_SEEDS: 1,2,3
 * - AGENTS_SECONDS: processor time for each run, at most; 120. The untrained control, which repeats itself, gets a quarter
 * - AGENTS_OUT: another directory
 */

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { train } from "../src/agents/index.ts";
import {
  AGENTS,
  type Cell,
  CONTESTS,
  type Contest,
  nameOf,
  presetNetwork,
  settingOf,
} from "./agents/cells.ts";
import { isFinished, keepOutcome, lastMark, type Outcome, readOutcomes, tableOf } from "./agents/results.ts";

const SECONDS = Number(process.env.AGENTS_SECONDS ?? 120);
const UNTRAINED_SHARE = 1 / 4;
/** How often the processor's clock is read: that is a call of the system. */
const TICK = 20;

/** Runs what is not kept yet; prints a line for each run, and the table. */
export async function main(): Promise<void> {
  const directory = process.env.AGENTS_OUT ?? join("alphagrad-out", "agents");
  mkdirSync(directory, { recursive: true });
  const path = join(directory, "outcomes.jsonl");
  const outcomes = readOutcomes(path);
  const contests = chosenContests();
  for (const cell of cellsOf(contests)) {
    if (isFinished(outcomes.get(nameOf(cell)), cell)) continue;
    const outcome = await play(cell);
    outcomes.set(nameOf(cell), outcome);
    keepOutcome(path, outcome);
    writeTable(join(directory, "agents.md"), [...outcomes.values()]);
    const found = outcome.improvements.map(({ cost, seconds }) => `${cost} ${seconds.toFixed(1)} s`);
    print(`${nameOf(cell)}: ${found.slice(-4).join(", ")}`);
  }
  print(`\n${tableOf(CONTESTS, [...outcomes.values()])}`);
}

function chosenContests(): Contest[] {
  const wanted = process.env.AGENTS_TASKS?.split(",");
  return CONTESTS.filter(({ task, form }) => {
    const name = form === "multiplications" ? task : `${task}:${form}`;
    return wanted === undefined || wanted.includes(name);
  });
}

/** First all games with one seed, so that a benchmark that is cut short has seen all. */
function cellsOf(contests: readonly Contest[]): Cell[] {
  const agents = AGENTS.filter((agent) => listed("AGENTS", AGENTS.join(",")).includes(agent));
  return listed("AGENTS_SEEDS", "1,2,3").flatMap((seed) =>
    agents.flatMap((agent) =>
      contests.flatMap((contest) =>
        listed("AGENTS_NETWORKS", presetNetwork(contest.task)).map((network) => ({
          ...contest,
          agent,
          network,
          seed: Number(seed),
          seconds: agent === "untrained" ? UNTRAINED_SHARE * SECONDS : SECONDS,
        })),
      ),
    ),
  );
}

async function play(cell: Cell): Promise<Outcome> {
  const { task, method, architecture } = settingOf(cell);
  const improvements: Outcome["improvements"][number][] = [];
  let [mean, greedy, moves] = [null as number | null, null as number | null, 0];
  const now = processorClock();
  const start = now();
  const end = new AbortController();
  await train(
    [task],
    { method, architecture, seed: cell.seed, seconds: cell.seconds, evaluateEvery: 5 },
    {
      now,
      signal: end.signal,
      onRound(progress) {
        ({ mean, greedy, moves } = progress);
        if (progress.best < (improvements.at(-1)?.cost ?? Infinity))
          improvements.push({ cost: progress.best, seconds: (now() - start) / 1000, moves });
        if (progress.best <= lastMark(cell)) end.abort();
      },
    },
  );
  const used = (now() - start) / 1000;
  return { ...cell, improvements, mean, greedy, moves, used, load: loadavg()[0] ?? 0 };
}

/** A clock of the processor time that this process has used, in milliseconds. */
function processorClock(): () => number {
  let [read, time] = [-Infinity, 0];
  return () => {
    if (performance.now() - read < TICK) return time;
    const { user, system } = process.cpuUsage();
    [read, time] = [performance.now(), (user + system) / 1000];
    return time;
  };
}

function writeTable(path: string, outcomes: readonly Outcome[]): void {
  const loads = outcomes.map(({ load }) => load);
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}, load ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}; seconds of processor time.`;
  writeFileSync(`${path}.next`, `${machine}\n\n${tableOf(CONTESTS, outcomes)}\n`);
  renameSync(`${path}.next`, path);
}

function listed(name: string, otherwise: string): string[] {
  return (process.env[name] ?? otherwise).split(",");
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * How fast agents learn a task of its own from fresh weights: seconds of processor time and moves to the marks of docs/learning.md, and a control that does not learn.
 *
 * What is run is chosen by lists in the environment, separated by commas; every combination is a row:
 *
 * - AGENTS_TASKS: RoeFlux_1d,g; with `:honest` behind a name it is played without safe eliminations and bounds
 * - AGENTS: ppo, alphazero, untrained (alphazero without gradient steps: what search and bounds do alone); ppo,alphazero,untrained
 * - AGENTS_NETWORKS: width x layers of message passing; with `t` before them a transformer of 4 heads, with `p` one on the paper's observation, which is
 *   of the honest game; 32x3
 * - AGENTS_LAMBDAS: for PPO; the default
 * - AGENTS_SEEDS: 1
 * - AGENTS_SECONDS: processor time for each; 20
 */

import { availableParallelism, cpus } from "node:os";
import {
  type Architecture,
  DEFAULT_ALPHAZERO,
  DEFAULT_PPO,
  type Method,
  type Task,
  train,
} from "../src/agents/index.ts";
import { createGame, type Frame, frameOf } from "../src/game/index.ts";
import type { ComputationalGraph } from "../src/graph/graph.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { findTask, programOf } from "../src/tasks/index.ts";

/** Costs of interest: what is published, and the best known, with some between. */
const MARKS: Readonly<Record<string, readonly number[]>> = {
  RoeFlux_1d: [320, 300, 297, 295],
  g: [416, 412, 410, 409],
  RobotArm_6DOF: [231, 221],
  HumanHeartDipole: [148],
  PropaneCombustion: [88],
};

const SECONDS = Number(process.env["AGENTS_SECONDS"] ?? 20);

/** What a run found. */
interface Outcome {
  /** Whenever a better order was found: after how many seconds and moves. */
  readonly improvements: readonly {
    readonly cost: number;
    readonly seconds: number;
    readonly moves: number;
  }[];
  readonly mean: number;
  readonly greedy: number | null;
  readonly moves: number;
}

/** Prints one table. */
export async function main(): Promise<void> {
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}; ${SECONDS} s of processor time each.\n`,
  );
  print(
    "| task | agent | network | seed | seconds (moves) to marks | best | mean of last 64 | greedy | moves |",
  );
  print("|---|---|---|---|---|---|---|---|---|");
  for (const task of listed("AGENTS_TASKS", "RoeFlux_1d,g"))
    for (const agent of listed("AGENTS", "ppo,alphazero,untrained"))
      for (const network of listed("AGENTS_NETWORKS", "32x3"))
        for (const lambda of listed("AGENTS_LAMBDAS", String(DEFAULT_PPO.lambda)))
          for (const seed of listed("AGENTS_SEEDS", "1"))
            await row(task, agent, network, Number(lambda), Number(seed));
}

async function row(
  name: string,
  agent: string,
  network: string,
  lambda: number,
  seed: number,
): Promise<void> {
  const [title = "", form] = name.split(":");
  const graph = graphOf(title);
  const frame = network.startsWith("p") ? frameOf([graph]) : undefined;
  const task: Task = {
    name: title,
    createGame: () =>
      createGame(graph, { honest: form === "honest", ...(frame === undefined ? {} : { frame }) }),
  };
  const architecture = architectureOf(network, frame);
  const { improvements, mean, greedy, moves } = await learn(
    task,
    methodOf(agent, lambda),
    architecture,
    seed,
  );
  const marks = (MARKS[title] ?? []).map((mark) => {
    const reached = improvements.find(({ cost }) => cost <= mark);
    return `${mark}: ${reached === undefined ? "–" : `${reached.seconds.toFixed(1)} (${reached.moves})`}`;
  });
  const called = agent === "ppo" ? `ppo, lambda ${lambda}` : agent;
  const best = improvements.at(-1)?.cost ?? "–";
  const cells = [name, called, network, seed, marks.join("; "), best, mean.toFixed(1), greedy ?? "–", moves];
  print(`| ${cells.join(" | ")} |`);
}

function methodOf(agent: string, lambda: number): Method {
  if (agent === "ppo") return { kind: "ppo", options: { ...DEFAULT_PPO, lambda } };
  const movesPerStep = agent === "untrained" ? Infinity : DEFAULT_ALPHAZERO.movesPerStep;
  return { kind: "alphazero", options: { ...DEFAULT_ALPHAZERO, movesPerStep } };
}

function graphOf(name: string): ComputationalGraph {
  const task = findTask(name);
  if (task === undefined) throw new RangeError(`no task ${name}`);
  return linearize(programOf(task)).graph;
}

/** "32x3", "t32x2", "p32x2". */
function architectureOf(network: string, frame: Frame | undefined): Architecture {
  const [width = 32, layers = 0] = network.replace(/^[tp]/, "").split("x").map(Number);
  if (/^\d/.test(network)) return { kind: "graph", width, layers };
  return { kind: "transformer", width, layers, heads: 4, ...(frame === undefined ? {} : { frame }) };
}

async function learn(task: Task, method: Method, architecture: Architecture, seed: number): Promise<Outcome> {
  const improvements: Outcome["improvements"][number][] = [];
  let [mean, greedy, moves] = [Number.NaN, null as number | null, 0];
  const start = processorTime();
  await train(
    [task],
    { method, architecture, seed, seconds: SECONDS, evaluateEvery: 5 },
    {
      now: processorTime,
      onRound(progress) {
        ({ mean, greedy, moves } = progress);
        if (progress.best < (improvements.at(-1)?.cost ?? Infinity))
          improvements.push({ cost: progress.best, seconds: (processorTime() - start) / 1000, moves });
      },
    },
  );
  return { improvements, mean, greedy, moves };
}

function listed(name: string, otherwise: string): string[] {
  return (process.env[name] ?? otherwise).split(",");
}

/** Milliseconds of processor time that this process has used. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

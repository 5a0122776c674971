/** What the benchmark of the agents plays: games, the costs to be reached in them, and who plays, by the presets of the tasks. */

import { readFileSync } from "node:fs";
import type { Architecture, Method, Task } from "../../src/agents/index.ts";
import { packageFile } from "../../src/cli/packageFiles.ts";
import {
  type Configuration,
  completed,
  methodOf,
  parseConfiguration,
} from "../../src/cli/training/configuration.ts";
import { inForm } from "../../src/form.ts";
import { createGame, frameOf } from "../../src/game/index.ts";
import type { ComputationalGraph } from "../../src/graph/graph.ts";
import { linearize } from "../../src/jacobian/linearize.ts";
import type { Objective } from "../../src/search/strategy.ts";
import { findTask, programOf } from "../../src/tasks/index.ts";

/** A game and its marks. */
export interface Contest {
  readonly task: string;
  /** `honest`: every vertex by a move. In `operations` the program is simplified. */
  readonly form: "multiplications" | "honest" | "operations";
  /** Costs of interest, falling; a run ends at the last one. */
  readonly marks: readonly number[];
}

/** The games of docs/learning.md. Marks: published counts (replayed in our count for arrays), what the project set itself, optima. */
export const CONTESTS: readonly Contest[] = [
  { task: "RoeFlux_1d", form: "multiplications", marks: [320, 300, 295] },
  { task: "g", form: "multiplications", marks: [416, 410] },
  { task: "BlackScholes_Jacobian", form: "multiplications", marks: [307, 300] },
  { task: "RoeFlux_3d", form: "multiplications", marks: [709, 640] },
  { task: "f", form: "multiplications", marks: [5613, 4700] },
  { task: "Encoder", form: "multiplications", marks: [4616, 4400] },
  { task: "Perceptron", form: "multiplications", marks: [308] },
  { task: "RobotArm_6DOF", form: "honest", marks: [231, 221] },
  { task: "HumanHeartDipole", form: "honest", marks: [148] },
  { task: "PropaneCombustion", form: "honest", marks: [88] },
  { task: "RoeFlux_1d", form: "honest", marks: [320, 300] },
  { task: "RoeFlux_1d", form: "operations", marks: [320, 278] },
  { task: "RobotArm_6DOF", form: "operations", marks: [139, 104] },
];

/** Who plays: `untrained` is AlphaZero without gradient steps, what search and bounds do alone. */
export const AGENTS = ["ppo", "alphazero", "untrained"] as const;
export type Agent = (typeof AGENTS)[number];

/** One run. */
export interface Cell extends Contest {
  readonly agent: Agent;
  /** Width x layers of message passing; with `t` before them a transformer of 4 heads, with `p` one on the paper's observation. */
  readonly network: string;
  readonly seed: number;
  /** Processor time, at most. */
  readonly seconds: number;
}

/** What a cell is called; two runs with the same name are the same run. */
export function nameOf({ task, form, agent, network, seed }: Cell): string {
  return [task, form, agent, network, seed].join(" ");
}

export interface Setting {
  readonly task: Task;
  readonly method: Method;
  readonly architecture: Architecture;
}

/** All that a cell is run with. */
export function settingOf({ task: name, form, agent, network }: Cell): Setting {
  const objective: Objective = form === "operations" ? "operations" : "multiplications";
  const graph = graphOf(name, objective);
  const frame = network.startsWith("p") ? { frame: frameOf([graph]) } : {};
  const game = { cost: objective, honest: form === "honest", ...frame };
  const preset = presetOf(name);
  const [width = 32, layers = 0] = network.replace(/^[tp]/, "").split("x").map(Number);
  return {
    task: { name, createGame: () => createGame(graph, game) },
    method: agent === "untrained" ? untrained(preset) : methodOf({ ...preset, agent }),
    architecture: /^\d/.test(network)
      ? { kind: "graph", width, layers }
      : { kind: "transformer", width, layers, heads: 4, ...frame },
  };
}

function untrained(preset: Configuration): Method {
  const method = methodOf({ ...preset, agent: "alphazero" });
  if (method.kind !== "alphazero") throw new RangeError("the control searches");
  return { ...method, options: { ...method.options, movesPerStep: Infinity } };
}

/** The preset of a task. */
function presetOf(name: string): Configuration {
  const path = packageFile(`configurations/${name}.yaml`);
  if (path === null) throw new RangeError(`no preset for ${name}`);
  return completed(parseConfiguration(readFileSync(path, "utf8"), path));
}

/** The network of a task's preset, as cells name it. */
export function presetNetwork(name: string): string {
  const { kind, width, layers } = presetOf(name).network;
  return `${kind === "graph" ? "" : "t"}${width}x${layers}`;
}

function graphOf(name: string, objective: Objective): ComputationalGraph {
  const task = findTask(name);
  if (task === undefined) throw new RangeError(`no task ${name}`);
  return linearize(inForm(programOf(task), objective === "operations" ? "simplified" : "as written")).graph;
}

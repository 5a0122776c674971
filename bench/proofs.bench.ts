/**
 * How often and how fast optima are proved, by `auto` with 10 s per graph: the scalar tasks, the larger tasks with their gaps, and random program-like graphs of up to 60
 * vertices after reduction.
 *
 * Each graph from a cold start of the search, one thread, seed 1. Seconds are of the processor, so that a busy machine proves as much as a quiet one. PROOF_GRAPHS says how
 * many random graphs (30), PROOF_SECONDS how long each, PROOF_TASKS which tasks (names with commas; all of the list).
 */

import { availableParallelism, cpus } from "node:os";
import { randomProgram } from "../src/graph/generators/randomProgram.ts";
import type { ComputationalGraph } from "../src/graph/graph.ts";
import { intermediates } from "../src/graph/graph.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { Random } from "../src/random.ts";
import { components, eliminateSafely } from "../src/search/exact/safe.ts";
import { EliminationState } from "../src/search/exact/state.ts";
import { portfolio } from "../src/search/portfolio.ts";
import { findTask, programOf } from "../src/tasks/index.ts";

const GRAPHS = Number(process.env["PROOF_GRAPHS"] ?? 30);
const SECONDS = Number(process.env["PROOF_SECONDS"] ?? 10);

const TASKS = [
  "RoeFlux_1d",
  "RobotArm_6DOF",
  "HumanHeartDipole",
  "PropaneCombustion",
  "g",
  "BlackScholes",
  "BlackScholes_Jacobian",
  "BlackScholes_Greeks",
  "SpikingLayer",
  "BundleAdjustment",
  "SerialArm",
  "Burgers",
  "DoublePendulum",
];
const WANTED = process.env["PROOF_TASKS"]?.split(",") ?? TASKS;

/** Vertices of the largest component after reduction that a random graph may have, and must have to be no trifle. */
const [LEAST, MOST] = [20, 60];

/** Prints one table, and the share of random graphs that were proved. */
export async function main(): Promise<void> {
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}; ${SECONDS} s of one processor each.\n`,
  );
  print("| graph | intermediates | after reduction | cost | bound | seconds | proved |");
  print("|---|---|---|---|---|---|---|");
  for (const name of WANTED) {
    const task = findTask(name);
    if (task !== undefined) await row(name, linearize(programOf(task)).graph);
  }
  let [proved, count] = [0, 0];
  for (let seed = 1; count < GRAPHS; seed++) {
    const { graph } = linearize(randomProgram({ inputs: 6, equations: 80 }, Random.seeded(seed)));
    const size = reduced(graph);
    if (size < LEAST || size > MOST) continue;
    count++;
    if (await row(`random ${seed}`, graph)) proved++;
  }
  if (count > 0)
    print(
      `\n${proved} of ${count} random graphs proved (${Math.round((100 * proved) / count)} %) within ${SECONDS} s of one processor.`,
    );
}

/** Vertices of the largest component after safe eliminations. */
function reduced(graph: ComputationalGraph): number {
  const state = new EliminationState(graph);
  eliminateSafely(state);
  return Math.max(0, ...components(state).map((nodes) => nodes.length));
}

async function row(name: string, graph: ComputationalGraph): Promise<boolean> {
  const start = processorTime();
  const { best, proof } = await portfolio(
    graph,
    { objective: "multiplications", budget: { seconds: SECONDS } },
    { random: Random.seeded(1), now: processorTime },
  );
  const seconds = ((processorTime() - start) / 1000).toFixed(1);
  const bound = proof?.lowerBound ?? null;
  const proved = bound === best.cost;
  const numbers = [intermediates(graph).length, reduced(graph), best.cost, bound ?? "–", seconds];
  print(`| ${name} | ${numbers.join(" | ")} | ${proved ? "yes" : "no"} |`);
  return proved;
}

/** Milliseconds that this process has used. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

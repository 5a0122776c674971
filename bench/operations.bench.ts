/**
 * Operations of whole generated Jacobian programs (function, local partials and accumulation) beside what CasADi (`SX` Jacobian with `cse`) and SymForce (with its common
 * subexpression elimination) need for the same functions. `bench/peers/operations.py` counts theirs and states the rule; `countOperations` counts ours by the same.
 *
 * Python is the one that ALPHAGRAD_PYTHON names, otherwise python3: `pip install casadi symforce`.
 */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { optimize } from "../src/optimize.ts";
import { programToJson } from "../src/program/json.ts";
import type { Program } from "../src/program/program.ts";
import { countOperations, reassociate } from "../src/program/reassociate/index.ts";
import { simplify } from "../src/program/simplify.ts";
import { findTask, programOf } from "../src/tasks/index.ts";

const TASKS = ["RoeFlux_1d", "RobotArm_6DOF", "HumanHeartDipole", "PropaneCombustion", "BlackScholes"];
const SECONDS = Number(process.env.ALPHAGRAD_SECONDS ?? 10);
const PYTHON = process.env.ALPHAGRAD_PYTHON ?? "python3";
/** Beside the built benchmark, three folders down, are the sources. */
const SCRIPT = fileURLToPath(new URL("../../../bench/peers/operations.py", import.meta.url));

interface Count {
  readonly operations: number;
  readonly own: number;
}

interface Answer {
  readonly results: readonly { readonly casadi?: Count; readonly symforce?: Count }[];
  readonly missing: readonly { readonly peer: string; readonly install: string }[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Prints one table. */
export async function main(): Promise<void> {
  const programs = TASKS.map((name) => {
    const task = findTask(name);
    if (task === undefined) throw new Error(`no task ${name}`);
    return programOf(task);
  });
  const request = programs.map((program) => ({ name: program.name, program: programToJson(program) }));
  const answer = askPeers(request);
  if (answer === null) {
    print(`there is no Python at ${PYTHON}: ALPHAGRAD_PYTHON names one`);
    return;
  }
  for (const { peer, install } of answer.missing) print(`${peer} is left out: ${install}`);
  print(
    Object.entries(answer.versions)
      .map(([peer, version]) => `${peer} ${version}`)
      .join(", "),
  );
  print(`orders: operations, simplified, ${SECONDS} s, seed 1\n`);
  print(
    "| task | ours | of these: function + partials | ours, reassociated | CasADi SX, cse | with constants | SymForce, cse | its own count | ours / best | reassociated / best |",
  );
  print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
  for (const [index, program] of programs.entries()) {
    const { total, accumulation, reassociated } = await ours(program);
    const { casadi, symforce } = answer.results[index] ?? {};
    const best = Math.min(casadi?.operations ?? Infinity, symforce?.operations ?? Infinity);
    const cells = [
      total,
      total - accumulation,
      reassociated,
      casadi?.operations,
      casadi?.own,
      symforce?.operations,
      symforce?.own,
      ...[total, reassociated].map((count) =>
        Number.isFinite(best) ? (count / best).toFixed(2) : undefined,
      ),
    ];
    print(`| ${program.name} | ${cells.map((cell) => cell ?? "-").join(" | ")} |`);
    const failed = Object.entries(answer.results[index] ?? {}).filter(([key]) => key.endsWith("failed"));
    for (const [peer, why] of failed) process.stderr.write(`${program.name}: ${peer}: ${String(why)}\n`);
  }
}

/** Null without Python. */
function askPeers(request: unknown): Answer | null {
  try {
    const input = JSON.stringify(request);
    return JSON.parse(execFileSync(PYTHON, ["-B", SCRIPT], { encoding: "utf8", input, maxBuffer: 2 ** 26 }));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The operations of the Jacobian program by the order that a search finds: of all of it, of its accumulation, and of all of it reassociated. */
async function ours(
  asWritten: Program,
): Promise<{ total: number; accumulation: number; reassociated: number }> {
  const program = simplify(asWritten);
  const { order, certificate } = await optimize(program, {
    objective: "operations",
    seconds: SECONDS,
    seed: 1,
    form: "simplified",
  });
  const { multiplications = 0, additions = 0 } = certificate.costs.operations ?? {};
  const whole = jacobian(program, { order });
  return {
    total: countOperations(whole),
    accumulation: multiplications + additions,
    reassociated: countOperations(reassociate(whole)),
  };
}

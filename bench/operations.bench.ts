/**
 * Operations of whole generated Jacobian programs (function, local partials and accumulation) beside what CasADi (`SX` Jacobian with `cse`) and SymForce (with its common
 * subexpression elimination) need for the same functions. `bench/peers/operations.py` counts theirs and states the rule; `operationsOf` counts ours by the same.
 *
 * Python is the one that ALPHAGRAD_PYTHON names, otherwise python3: `pip install casadi symforce`.
 */

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { optimize } from "../src/optimize.ts";
import { programToJson } from "../src/program/json.ts";
import type { Equation, Program } from "../src/program/program.ts";
import { simplify } from "../src/program/simplify.ts";
import { findTask, programOf } from "../src/tasks/index.ts";

const TASKS = ["RoeFlux_1d", "RobotArm_6DOF", "HumanHeartDipole", "PropaneCombustion", "BlackScholes"];
const SECONDS = Number(process.env.ALPHAGRAD_SECONDS ?? 10);
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
  const answer = JSON.parse(
    execFileSync(process.env.ALPHAGRAD_PYTHON ?? "python3", ["-B", SCRIPT], {
      encoding: "utf8",
      input: JSON.stringify(request),
      maxBuffer: 2 ** 26,
    }),
  ) as Answer;
  for (const { peer, install } of answer.missing) print(`${peer} is left out: ${install}`);
  print(
    Object.entries(answer.versions)
      .map(([peer, version]) => `${peer} ${version}`)
      .join(", "),
  );
  print(`orders: operations, simplified, ${SECONDS} s, seed 1\n`);
  print(
    "| task | ours | of these: function + partials | CasADi SX, cse | with constants | SymForce, cse | its own count | ours / best |",
  );
  print("|---|--:|--:|--:|--:|--:|--:|--:|");
  for (const [index, program] of programs.entries()) {
    const { total, accumulation } = await ours(program);
    const { casadi, symforce } = answer.results[index] ?? {};
    const best = Math.min(casadi?.operations ?? Infinity, symforce?.operations ?? Infinity);
    const cells = [
      total,
      total - accumulation,
      casadi?.operations,
      casadi?.own,
      symforce?.operations,
      symforce?.own,
      Number.isFinite(best) ? (total / best).toFixed(2) : undefined,
    ];
    print(`| ${program.name} | ${cells.map((cell) => cell ?? "-").join(" | ")} |`);
    const failed = Object.entries(answer.results[index] ?? {}).filter(([key]) => key.endsWith("failed"));
    for (const [peer, why] of failed) process.stderr.write(`${program.name}: ${peer}: ${String(why)}\n`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The operations of the Jacobian program by the order that a search finds, and those of its accumulation. */
async function ours(asWritten: Program): Promise<{ total: number; accumulation: number }> {
  const program = simplify(asWritten);
  const { order, certificate } = await optimize(program, {
    objective: "operations",
    seconds: SECONDS,
    seed: 1,
    form: "simplified",
  });
  const { multiplications = 0, additions = 0 } = certificate.costs.operations ?? {};
  const { equations } = jacobian(program, { order });
  const total = equations.reduce((sum, equation) => sum + operationsOf(equation), 0);
  return { total, accumulation: multiplications + additions };
}

/** Primitives that compute nothing. */
const FREE = new Set(["copy", "convert", "reshape", "broadcast", "stop_gradient"]);

/** Operations of an equation: the products of repeated squaring for a power of a whole number, one for all else that computes. */
function operationsOf(equation: Equation): number {
  if (FREE.has(equation.primitive)) return 0;
  if (equation.primitive !== "integer_pow") return 1;
  const bits = Math.abs(equation.parameters.exponent).toString(2);
  const products = bits.length - 1 + bits.replaceAll("0", "").length - 1;
  return products + (equation.parameters.exponent < 0 ? 1 : 0);
}

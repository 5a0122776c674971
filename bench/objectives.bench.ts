/**
 * What the search's objective is worth at run time: the Jacobian kernels of the orders found for fewest `operations` and for fewest `multiplications`, side by side, in WebAssembly and C, in
 * float32 and float64, at one point and in batches. Ratios above 1 say that the order for operations is faster.
 *
 * Both orders are annealed with the same number of iterations and the same seed on the simplified program.
 */

import { availableParallelism, cpus } from "node:os";
import { timeCKernels } from "../src/cli/benchmark/cKernels.ts";
import { type NamedJacobian, type TimedKernels, timeKernels } from "../src/cli/benchmark/kernels.ts";
import type { KernelCase } from "../src/cli/benchmark/result.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { KERNEL_DTYPES, type KernelDType } from "../src/kernels/kernel.ts";
import { optimizeGraph } from "../src/optimize.ts";
import { simplify } from "../src/program/simplify.ts";
import { findTask, programOf, referencePoints } from "../src/tasks/index.ts";

const TASKS = ["RoeFlux_1d", "RobotArm_6DOF", "HumanHeartDipole", "PropaneCombustion"];
const OBJECTIVES = ["operations", "multiplications"] as const;
type Objective = (typeof OBJECTIVES)[number];
const BATCHES = [1, 512, 8192];
const ITERATIONS = 200_000;
const SECONDS = Number(process.env.ALPHAGRAD_SECONDS ?? 0.3);
const COMPILER = process.env.CC ?? "cc";

/** An order by its objective, and what it costs. */
interface Found extends NamedJacobian {
  readonly order: Objective;
  readonly multiplications: number;
  readonly operations: string;
}

/** Prints one table. */
export async function main(): Promise<void> {
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}, ${COMPILER}.`,
  );
  print(
    `Annealed, ${ITERATIONS} iterations, seed 1; ns per Jacobian, lower quartile: by operations, by multiplications, ratio.\n`,
  );
  print(
    `| task | multiplications | operations | kernel | ${BATCHES.map((batch) => `batch ${batch} | ratio`).join(" | ")} |`,
  );
  print(`|---|---|---|---|${BATCHES.map(() => "---|---|").join("")}`);
  for (const name of TASKS) await compareObjectives(name);
}

async function compareObjectives(name: string): Promise<void> {
  const task = findTask(name);
  const point = task && referencePoints(task)[0]?.inputs;
  if (task === undefined || point === undefined) throw new Error(`no task ${name} with points`);
  const found = [await search(name, "operations"), await search(name, "multiplications")];
  const both = (text: (one: Found) => string | number) => found.map(text).join(", ");
  const counts = `${both((one) => one.multiplications)} | ${both((one) => one.operations)}`;
  for (const dtype of KERNEL_DTYPES) {
    const setting = {
      batches: BATCHES,
      dtype,
      threads: [1],
      seconds: SECONDS,
      point,
      clock: () => performance.now(),
    };
    printRow(`${name} | ${counts} | wasm`, dtype, await timeKernels(found, ["wasm"], setting));
    printRow(`${name} | ${counts} | C`, dtype, await timeCKernels(found, setting, COMPILER));
  }
}

async function search(name: string, objective: Objective): Promise<Found> {
  const task = findTask(name);
  if (task === undefined) throw new Error(`no task ${name}`);
  const program = simplify(programOf(task));
  const { certificate } = await optimizeGraph(linearize(program).graph, {
    objective,
    method: "annealing",
    iterations: ITERATIONS,
    seed: 1,
    form: "simplified",
  });
  const { multiplications, operations } = certificate.costs;
  return {
    order: objective,
    jacobian: jacobian(program, { order: certificate.order }),
    multiplications,
    operations:
      operations === null || operations === undefined
        ? "-"
        : `${operations.multiplications} + ${operations.additions}`,
  };
}

function printRow(kernel: string, dtype: KernelDType, { cases, notes }: TimedKernels): void {
  for (const note of notes) print(note);
  const timeOf = (objective: Objective, batch: number) =>
    cases.find((found: KernelCase) => found.order === objective && found.batch === batch)?.low ?? Number.NaN;
  const cells = BATCHES.map((batch) => {
    const [ours, theirs] = [timeOf("operations", batch), timeOf("multiplications", batch)];
    return `${ours.toPrecision(3)}, ${theirs.toPrecision(3)} | ${(theirs / ours).toFixed(2)}`;
  });
  print(`| ${kernel}, ${dtype} | ${cells.join(" | ")} |`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Kernels on several threads beside one, side by side: `npm run bench threads`. On a machine with nothing else to do; a busy one has no cores to give. */

import { startThread } from "../src/cluster/kernels.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { compile } from "../src/kernels/compile.ts";
import { inputCountOf, KERNEL_DTYPES } from "../src/kernels/kernel.ts";
import { batchWorkload, measure } from "../src/kernels/measure.ts";
import { simplify } from "../src/program/simplify.ts";
import { defaultPoint } from "../src/runtime.ts";
import { findTask, programOf } from "../src/tasks/index.ts";

const TASKS = ["RoeFlux_1d", "RobotArm_6DOF", "HumanHeartDipole", "PropaneCombustion"];
const BATCHES = [512, 8192, 65536];
const THREADS = 2;

/** Prints nanoseconds per Jacobian (median) and the ratio, per task, dtype and batch. */
export async function main(): Promise<void> {
  for (const name of TASKS)
    for (const dtype of KERNEL_DTYPES) {
      const task = findTask(name);
      if (task === undefined) throw new Error(`no task ${name}`);
      const program = jacobian(simplify(programOf(task)));
      const point = defaultPoint(inputCountOf(program));
      const one = await compile(program, { target: "wasm", dtype });
      const several = await compile(program, { target: "wasm", dtype, threads: THREADS, startThread });
      const workloads = BATCHES.flatMap((count) => [
        batchWorkload("one", one, point, count),
        batchWorkload("several", several, point, count),
      ]);
      const timings = measure(workloads, { clock: () => performance.now(), milliseconds: 500 });
      BATCHES.forEach((count, index) => {
        const [alone = NaN, shared = NaN] = timings
          .slice(2 * index, 2 * index + 2)
          .map(({ median }) => median);
        process.stdout.write(
          `| ${name} | ${dtype} | ${count} | ${alone.toFixed(1)} | ${shared.toFixed(1)} | ${(alone / shared).toFixed(2)} |\n`,
        );
      });
      several.close();
    }
}

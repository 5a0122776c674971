/** Time from source to graph: tracing a TypeScript source or parsing a jaxpr, simplifying, linearizing, and emitting the Jacobian. */

import { intermediates } from "../src/graph/graph.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { ProgramBuilder } from "../src/program/builder.ts";
import type { Operand, Program } from "../src/program/program.ts";
import { simplify } from "../src/program/simplify.ts";
import { programOf, tasks } from "../src/tasks/index.ts";

const REPETITIONS = 15;

/** Prints one row per task: milliseconds, the median of repeated runs in a warm process. */
export async function main(): Promise<void> {
  console.log("Milliseconds, median of 15, warm.\n");
  console.log("| program | equations | trace or parse | simplify | linearize | jacobian, reverse |");
  console.log("|---|---|---|---|---|---|");
  for (const task of tasks) row(task.name, () => programOf(task));
  row("chain of 5,000 equations", () => chain(5000));
}

function row(name: string, make: () => Program): void {
  const program = make();
  const { graph } = linearize(program);
  const order = intermediates(graph)
    .map((node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0)
    .reverse();
  const times = [
    make,
    () => simplify(program),
    () => linearize(program),
    () => jacobian(program, { order }),
  ].map(median);
  console.log(
    `| ${name} | ${program.equations.length} | ${times.map((time) => time.toFixed(2)).join(" | ")} |`,
  );
}

/** Two inputs, coupled by products and sines over and over. */
function chain(equations: number): Program {
  const builder = new ProgramBuilder();
  let x: Operand = builder.input("x");
  let y: Operand = builder.input("y");
  for (let index = 0; index < equations; index += 4) {
    const product: Operand = builder.emit("mul", [x, y]);
    x = builder.emit("sin", [product]);
    y = builder.emit("add", [y, builder.emit("cos", [x])]);
  }
  return builder.build("chain", [{ name: "x", operand: x }]);
}

function median(run: () => unknown): number {
  const times = Array.from({ length: REPETITIONS }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[REPETITIONS >> 1] ?? Number.NaN;
}

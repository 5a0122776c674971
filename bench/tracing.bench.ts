/** Time from source to graph: tracing a TypeScript source or parsing a jaxpr, simplifying, linearizing, and emitting the Jacobian. */

import { parseJaxpr } from "../src/frontends/jaxpr/index.ts";
import { intermediates } from "../src/graph/graph.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { ProgramBuilder } from "../src/program/builder.ts";
import type { Operand, Program } from "../src/program/program.ts";
import { simplify } from "../src/program/simplify.ts";
import { programOf, tasks } from "../src/tasks/index.ts";

const REPETITIONS = 15;
/** Milliseconds after which what takes long is not repeated any more, once it ran three times. */
const LONGEST = 2000;

/** Prints one row per task: milliseconds, the median of repeated runs in a warm process. */
export async function main(): Promise<void> {
  console.log("Milliseconds, median of 15 (3 or more of what takes long), warm.\n");
  console.log("| program | equations | trace or parse | simplify | linearize | jacobian, reverse |");
  console.log("|---|---|---|---|---|---|");
  for (const task of tasks) row(task.name, () => programOf(task));
  row("chain of 5,000 equations", () => chain(5000));
  for (const shape of ["", "8", "16,16"]) {
    const text = jaxpr(5000, shape);
    row(`jaxpr of 5,000 equations on f32[${shape}]`, () => parseJaxpr(text));
  }
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

/** What JAX prints for a long recurrence of elementwise functions, products with a matrix where there are dims, slices and concatenations. */
function jaxpr(equations: number, shape: string): string {
  const type = `f32[${shape}]`;
  const lines: string[] = [];
  const emit = (primitive: string, ...operands: string[]) => {
    const name = `v${lines.length}`;
    lines.push(`    ${name}:${type} = ${[primitive, ...operands].join(" ")}`);
    return name;
  };
  let [x, y] = ["a", "b"];
  while (lines.length < equations) {
    const product = emit("mul", x, y);
    const angle = shape === "16,16" ? emit(PRODUCT, product, y) : emit("add", product, "0.5:f32[]");
    x = emit("sin", angle);
    y = emit("max", emit("add", y, emit("cos", x)), "0.1:f32[]");
    y = shape === "" ? emit("neg", y) : emit("rev[dimensions=(0,)]", y);
  }
  return `{ lambda ; a:${type} b:${type}. let\n${lines.join("\n")}\n  in (${x}, ${y}) }`;
}

const PRODUCT =
  "dot_general[dimension_numbers=(([1], [0]), ([], [])) precision=None preferred_element_type=float32]";

function median(run: () => unknown): number {
  const times: number[] = [];
  const begin = performance.now();
  while (times.length < REPETITIONS && (times.length < 3 || performance.now() - begin < LONGEST)) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] ?? Number.NaN;
}

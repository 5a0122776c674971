/**
 * Jacobian kernels in WebAssembly, in float32 and float64, beside the JavaScript kernel: ns per Jacobian over batch sizes, for the tasks on scalars and for those on arrays, these as loops as
 * well; and how long a program of 20,000 operations takes from Program to bytes and to its first batch.
 *
 * Orders: forward or reverse, whichever gives fewer equations. Variants of a task take turns; their numbers are checked first.
 */

import { availableParallelism, cpus } from "node:os";
import { parseJaxpr } from "../src/frontends/jaxpr/index.ts";
import { intermediates } from "../src/graph/graph.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { compile } from "../src/kernels/compile.ts";
import { instantiateJavaScript } from "../src/kernels/javascript/instantiate.ts";
import type { Kernel } from "../src/kernels/kernel.ts";
import { batchWorkload, measure, pointWorkload, type Workload } from "../src/kernels/measure.ts";
import { verify } from "../src/kernels/verify.ts";
import { emitWasm } from "../src/kernels/wasm/emit.ts";
import { instantiateWasm } from "../src/kernels/wasm/instantiate.ts";
import { ProgramBuilder } from "../src/program/builder.ts";
import type { Operand, Program } from "../src/program/program.ts";
import { simplify } from "../src/program/simplify.ts";
import { Random } from "../src/random.ts";
import { reverse } from "../src/search/orders.ts";
import encoder from "../src/tasks/data/Encoder.jaxpr?raw";
import encoderPoints from "../src/tasks/data/Encoder.json?raw";
import perceptron from "../src/tasks/data/Perceptron.jaxpr?raw";
import perceptronPoints from "../src/tasks/data/Perceptron.json?raw";
import roeFlux from "../src/tasks/data/RoeFlux_3d.jaxpr?raw";
import roeFluxPoints from "../src/tasks/data/RoeFlux_3d.json?raw";
import { findTask, programOf, referencePoints } from "../src/tasks/index.ts";

const TASKS = ["RoeFlux_1d", "RobotArm_6DOF", "HumanHeartDipole", "PropaneCombustion", "BlackScholes"];
const ARRAY_TASKS = [
  { name: "RoeFlux_3d", text: roeFlux, reference: roeFluxPoints },
  { name: "Perceptron", text: perceptron, reference: perceptronPoints },
  { name: "Encoder", text: encoder, reference: encoderPoints },
];
const BATCHES = [512, 8192, 65_536];
const MILLISECONDS = 300;
const KERNELS = [
  { name: "js float64", target: "js", dtype: "float64" },
  { name: "wasm float64", target: "wasm", dtype: "float64" },
  { name: "wasm float32", target: "wasm", dtype: "float32" },
] as const;

/** Prints one table of all tasks and one line per emission. */
export async function main(): Promise<void> {
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}`,
  );
  print("ns per Jacobian: median, and first quartile, of interleaved samples\n");
  print(`| task | kernel | 1 | ${BATCHES.join(" | ")} | largest relative error |`);
  print(`|---|---|---|${BATCHES.map(() => "---|").join("")}---|`);
  for (const name of TASKS) await measureTask(name);
  print("\n| task on arrays | kernel | 1 | 512 | largest relative error |\n|---|---|---|---|---|");
  for (const task of ARRAY_TASKS) await measureArrays(task);
  print("");
  for (let repetition = 0; repetition < 3; repetition++) await measureEmission(20_000);
}

/** Orders: reverse, on the simplified program. */
async function measureArrays({ name, text, reference }: (typeof ARRAY_TASKS)[number]): Promise<void> {
  const program = simplify(parseJaxpr(text, { name }));
  const derivative = jacobian(program, { order: reverse(linearize(program).graph) });
  const { points } = JSON.parse(reference) as { points: { inputs: unknown[] }[] };
  const point = [points[0]?.inputs ?? []].flat(Number.POSITIVE_INFINITY) as number[];
  const loops = { longestUnrolled: -1 };
  const kernels: [string, Kernel][] = [
    ["js float64", instantiateJavaScript(derivative, "float64")],
    ["wasm float64", await instantiateWasm(derivative, "float64")],
    ["wasm float32", await instantiateWasm(derivative, "float32")],
    ["wasm float64, loops", await instantiateWasm(derivative, "float64", loops)],
    ["wasm float32, loops", await instantiateWasm(derivative, "float32", loops)],
  ];
  const workloads = kernels.flatMap(([kernelName, kernel]) => [
    pointWorkload(kernelName, kernel, point),
    batchWorkload(kernelName, kernel, point, 512),
  ]);
  const timings = measure(workloads, { clock: () => performance.now(), milliseconds: 2 * MILLISECONDS });
  kernels.forEach(([kernelName, kernel], row) => {
    const cells = timings
      .slice(2 * row, 2 * row + 2)
      .map(({ median, low }) => `${median.toFixed(0)} (${low.toFixed(0)})`);
    const { maximumRelativeError } = verify(kernel, { random: Random.seeded(1), points: 2, around: point });
    print(`| ${name} | ${kernelName} | ${cells.join(" | ")} | ${maximumRelativeError.toExponential(1)} |`);
  });
}

async function measureTask(name: string): Promise<void> {
  const task = findTask(name);
  if (task === undefined) throw new Error(`there is no task ${name}`);
  const program = bestJacobian(simplify(programOf(task)));
  const point = referencePoints(task)[0]?.inputs ?? [];
  const rows = await Promise.all(
    KERNELS.map(async ({ name: kernelName, target, dtype }) => {
      const kernel = await compile(program, { target, dtype });
      const { maximumRelativeError } = verify(kernel, {
        random: Random.seeded(1),
        points: 100,
        around: point,
      });
      const workloads: Workload[] = [
        pointWorkload(kernelName, kernel, point),
        ...BATCHES.map((count) => batchWorkload(kernelName, kernel, point, count)),
      ];
      return { kernelName, maximumRelativeError, workloads };
    }),
  );
  const timings = measure(
    rows.flatMap(({ workloads }) => workloads),
    { clock: () => performance.now(), milliseconds: MILLISECONDS },
  );
  const columns = BATCHES.length + 1;
  rows.forEach(({ kernelName, maximumRelativeError }, row) => {
    const cells = timings
      .slice(row * columns, (row + 1) * columns)
      .map(({ median, low }) => `${median.toFixed(1)} (${low.toFixed(1)})`);
    print(`| ${name} | ${kernelName} | ${cells.join(" | ")} | ${maximumRelativeError.toExponential(1)} |`);
  });
}

/** The Jacobian with fewer equations by the forward or the reverse order. */
function bestJacobian(program: Program): Program {
  const { graph } = linearize(program);
  const forward = intermediates(graph).map(
    (node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0,
  );
  const [first, second] = [forward, forward.toReversed()].map((order) => jacobian(program, { order }));
  if (first === undefined || second === undefined) throw new Error("two orders give two programs");
  return first.equations.length <= second.equations.length ? first : second;
}

async function measureEmission(operations: number): Promise<void> {
  const program = randomArithmetic(operations);
  const start = performance.now();
  const { bytes } = emitWasm(program, { dtype: "float64", fused: false });
  const emitted = performance.now();
  const kernel = await compile(program, { target: "wasm" });
  const { inputs, outputs } = kernel.planes(8);
  kernel.runBatch(8, inputs, outputs);
  const ran = performance.now();
  print(
    `${operations} operations: ${bytes.length} bytes emitted in ${(emitted - start).toFixed(0)} ms; emitted, compiled and run in ${(ran - emitted).toFixed(0)} ms`,
  );
}

/** Sums, differences and products of recent values. */
function randomArithmetic(operations: number): Program {
  const random = Random.seeded(1);
  const builder = new ProgramBuilder();
  const values: Operand[] = Array.from({ length: 20 }, (_, index) => builder.input(`x${index}`));
  const pick = (): Operand => {
    const value = values[values.length - 1 - random.below(Math.min(values.length, 60))];
    if (value === undefined) throw new RangeError("there is no such value");
    return value;
  };
  for (let index = 0; index < operations; index++)
    values.push(builder.emit((["add", "mul", "sub", "mul"] as const)[index % 4] ?? "add", [pick(), pick()]));
  const outputs = Array.from({ length: 40 }, (_, index) => ({
    name: `y${index}`,
    operand: values[values.length - 1 - index * 50] ?? pick(),
  }));
  return builder.build("arithmetic", outputs);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

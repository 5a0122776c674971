/**
 * JavaScript kernels of the tasks on arrays: nanoseconds per Jacobian at one point and within a batch, as loops over typed arrays and unrolled to
 * scalars. Orders: reverse, on the simplified program. Kernels are compared with the interpreter first.
 */

import { availableParallelism, cpus } from "node:os";
import { parseJaxpr } from "../src/frontends/jaxpr/index.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { instantiateJavaScript } from "../src/kernels/javascript/instantiate.ts";
import { batchWorkload, measure, pointWorkload, type Timing } from "../src/kernels/measure.ts";
import { verify } from "../src/kernels/verify.ts";
import { interpret } from "../src/program/interpreter.ts";
import { unrolledSize } from "../src/program/scalarise.ts";
import { simplify } from "../src/program/simplify.ts";
import { sizeOf } from "../src/program/type.ts";
import { Random } from "../src/random.ts";
import { reverse } from "../src/search/orders.ts";
import encoder from "../src/tasks/data/Encoder.jaxpr?raw";
import encoderPoints from "../src/tasks/data/Encoder.json?raw";
import f from "../src/tasks/data/f.jaxpr?raw";
import fPoints from "../src/tasks/data/f.json?raw";
import perceptron from "../src/tasks/data/Perceptron.jaxpr?raw";
import perceptronPoints from "../src/tasks/data/Perceptron.json?raw";
import roeFlux from "../src/tasks/data/RoeFlux_3d.jaxpr?raw";
import roeFluxPoints from "../src/tasks/data/RoeFlux_3d.json?raw";

const TASKS = [
  { name: "RoeFlux_3d", text: roeFlux, reference: roeFluxPoints },
  { name: "Perceptron", text: perceptron, reference: perceptronPoints },
  { name: "f", text: f, reference: fPoints },
  { name: "Encoder", text: encoder, reference: encoderPoints },
];
const BATCH = 512;
const MILLISECONDS = 1000;

/** Prints one table. */
export async function main(): Promise<void> {
  const processor = cpus()[0]?.model ?? "unknown processor";
  print(
    `${processor}, ${availableParallelism()} cores, Node ${process.version}; ns per Jacobian: median (quartiles).\n`,
  );
  print(
    `| task | operations | entries | loops, 1 point | unrolled, 1 point | loops, ${BATCH} points | unrolled, ${BATCH} points | interpreter |`,
  );
  print("|---|---|---|---|---|---|---|---|");
  for (const task of TASKS) print(`| ${row(task).join(" | ")} |`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function row({ name, text, reference }: (typeof TASKS)[number]): string[] {
  const program = simplify(parseJaxpr(text, { name }));
  const derivative = jacobian(program, { order: reverse(linearize(program).graph) });
  const { points } = JSON.parse(reference) as { points: { inputs: unknown[] }[] };
  const point = [points[0]?.inputs ?? []].flat(Number.POSITIVE_INFINITY) as number[];
  const kernels = [-1, Number.POSITIVE_INFINITY].map((longestUnrolled) => {
    const kernel = instantiateJavaScript(derivative, "float64", { longestUnrolled });
    const { maximumRelativeError } = verify(kernel, { random: Random.seeded(1), around: point, points: 4 });
    if (maximumRelativeError > 0)
      throw new Error(`${name}: kernel and interpreter differ by ${maximumRelativeError}`);
    return kernel;
  });
  const options = { clock: () => performance.now(), milliseconds: MILLISECONDS };
  const atPoint = measure(
    [
      ...kernels.map((kernel) => pointWorkload("kernel", kernel, point)),
      { name: "interpreter", evaluations: 1, run: () => void interpret(derivative, tensors()) },
    ],
    options,
  );
  const inBatch = measure(
    kernels.map((kernel) => batchWorkload("kernel", kernel, point, BATCH)),
    options,
  );
  return [
    name,
    `${unrolledSize(derivative).operations}`,
    `${kernels[0]?.entries.length}`,
    ...[atPoint[0], atPoint[1], inBatch[0], inBatch[1], atPoint[2]].map(cell),
  ];

  function tensors() {
    let start = 0;
    return derivative.inputs.map(({ type: { shape } }) => {
      const data = Float64Array.from(point.slice(start, start + sizeOf(shape)));
      start += data.length;
      return { shape, data };
    });
  }
}

function cell(timing: Timing | undefined): string {
  if (timing === undefined) return "-";
  return `${timing.median.toFixed(0)} (${timing.low.toFixed(0)}-${timing.high.toFixed(0)})`;
}

/**
 * Jacobian kernels in JavaScript beside hand-written central differences of the same functions, at one point and over a batch.
 *
 * Central differences are the derivative that needs no tool. They are timed twice: over the task's own function as its author wrote it, and over
 * the compiled kernel of the function. All variants of a task take turns within one measurement, and their numbers are compared first.
 */

import { availableParallelism, cpus } from "node:os";
import { intermediates } from "../src/graph/graph.ts";
import { accumulate, operationsOf } from "../src/graph/operations.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { compile } from "../src/kernels/compile.ts";
import type { Kernel } from "../src/kernels/kernel.ts";
import { scatter } from "../src/kernels/kernel.ts";
import { batchWorkload, measure, pointWorkload, type Timing, type Workload } from "../src/kernels/measure.ts";
import { verify } from "../src/kernels/verify.ts";
import type { Program } from "../src/program/program.ts";
import { simplify } from "../src/program/simplify.ts";
import { Random } from "../src/random.ts";
import { BlackScholes } from "../src/tasks/BlackScholes.ts";
import { HumanHeartDipole } from "../src/tasks/HumanHeartDipole.ts";
import { programOf, referencePoints, tasks } from "../src/tasks/index.ts";
import { PropaneCombustion } from "../src/tasks/PropaneCombustion.ts";
import { RobotArm_6DOF } from "../src/tasks/RobotArm_6DOF.ts";
import { RoeFlux_1d } from "../src/tasks/RoeFlux_1d.ts";

const BATCH = 8192;
const MILLISECONDS = 400;
/** Step of the central differences, relative to the value: near the cube root of the rounding unit. */
const STEP = 2 ** -17;

type Plain = (...inputs: number[]) => number | readonly number[];

/** The tasks' own functions. */
const plainFunctions: { readonly [task: string]: Plain | undefined } = {
  RoeFlux_1d: RoeFlux_1d as Plain,
  RobotArm_6DOF: RobotArm_6DOF as Plain,
  HumanHeartDipole: HumanHeartDipole as Plain,
  PropaneCombustion: PropaneCombustion as Plain,
  BlackScholes: BlackScholes as Plain,
};

/** Prints one table per batch size. */
export async function main(): Promise<void> {
  const rows = [];
  for (const { name } of tasks) if (plainFunctions[name] !== undefined) rows.push(await measureTask(name));
  const processor = cpus()[0]?.model ?? "unknown processor";
  print(
    `${processor}, ${availableParallelism()} cores, Node ${process.version}; ns per Jacobian: median (quartiles) of interleaved samples.`,
  );
  print("Orders: forward or reverse, whichever has fewer operations on the simplified program.\n");
  const heads = [
    "kernel",
    "kernel, float32 planes",
    "central differences, plain function",
    "ratio",
    "central differences, compiled function",
    "ratio",
  ];
  for (const [title, pick] of [
    ["One point", (row: Row) => row.point],
    [`Batch of ${BATCH}`, (row: Row) => row.batch],
  ] as const) {
    const columns = title === "One point" ? heads.toSpliced(1, 1) : heads;
    print(`${title}\n`);
    print(`| task | operations | ${columns.join(" | ")} |`);
    print(`|---|---|${columns.map(() => "---|").join("")}`);
    for (const row of rows)
      print(`| ${row.task} | ${row.operations} | ${cells(pick(row), title === "One point").join(" | ")} |`);
    print("");
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

interface Row {
  readonly task: string;
  readonly operations: string;
  /** By name of the workload. */
  readonly point: ReadonlyMap<string, Timing>;
  readonly batch: ReadonlyMap<string, Timing>;
}

function cells(timings: ReadonlyMap<string, Timing>, onePoint: boolean): string[] {
  const kernel = timings.get("kernel");
  const time = (name: string) => {
    const timing = timings.get(name);
    return timing === undefined
      ? "-"
      : `${timing.median.toFixed(0)} (${timing.low.toFixed(0)}-${timing.high.toFixed(0)})`;
  };
  const ratio = (name: string) => {
    const timing = timings.get(name);
    return timing === undefined || kernel === undefined
      ? "-"
      : `${(timing.median / kernel.median).toFixed(1)}x`;
  };
  return [
    time("kernel"),
    ...(onePoint ? [] : [time("float32")]),
    time("plain"),
    ratio("plain"),
    time("compiled"),
    ratio("compiled"),
  ];
}

async function measureTask(name: string): Promise<Row> {
  const task = tasks.find((candidate) => candidate.name === name);
  if (task === undefined) throw new Error(`no task ${name}`);
  const program = simplify(programOf(task));
  const { order, operations } = cheaperOrder(program);
  const derivative = jacobian(program, { order });
  const kernel = await compile(derivative, { target: "js" });
  const narrow = await compile(derivative, { target: "js", dtype: "float32" });
  const compiled = await compile(program, { target: "js" });
  const [reference] = referencePoints(task);
  if (reference === undefined) throw new Error(`${name} has no points`);
  const point = reference.inputs;
  const { maximumRelativeError } = verify(kernel, { random: Random.seeded(1), around: point });
  if (maximumRelativeError > 0)
    throw new Error(`${name}: kernel and interpreter differ by ${maximumRelativeError}`);
  compare(`${name}: kernel against JAX`, dense(kernel, point), reference.jacobian.flat(), 1e-10);

  const plain = plainFunctions[name];
  const onCompiled = differencesOfKernel(compiled);
  compare(
    `${name}: differences of the compiled function`,
    onCompiled(Float64Array.from(point)),
    reference.jacobian.flat(),
    1e-3,
  );
  const onPlain = plain === undefined ? undefined : differencesOfFunction(plain, program.outputs.length);
  if (onPlain !== undefined)
    compare(
      `${name}: differences of the plain function`,
      onPlain(Float64Array.from(point)),
      reference.jacobian.flat(),
      1e-3,
    );

  const options = { clock: () => performance.now(), milliseconds: MILLISECONDS };
  const pointTimings = measure(
    [
      pointWorkload("kernel", kernel, point),
      ...(onPlain === undefined ? [] : [pointDifferences("plain", onPlain, point)]),
      pointDifferences("compiled", onCompiled, point),
    ],
    options,
  );
  const batchTimings = measure(
    [
      batchWorkload("kernel", kernel, point, BATCH),
      batchWorkload("float32", narrow, point, BATCH),
      ...(onPlain === undefined ? [] : [batchPlainDifferences(onPlain, program, point)]),
      batchDifferences(compiled, point),
    ],
    options,
  );
  const byName = (timings: readonly Timing[]) => new Map(timings.map((timing) => [timing.name, timing]));
  return { task: name, operations, point: byName(pointTimings), batch: byName(batchTimings) };
}

function cheaperOrder(program: Program) {
  const { graph } = linearize(program);
  const forward = intermediates(graph).map(
    (node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0,
  );
  const [best] = [forward, forward.toReversed()]
    .map((order) => ({ order, cost: operationsOf(accumulate(graph, order)) }))
    .sort((a, b) => a.cost.multiplications + a.cost.additions - b.cost.multiplications - b.cost.additions);
  if (best === undefined) throw new Error("no order");
  return { order: best.order, operations: `${best.cost.multiplications}+${best.cost.additions}` };
}

/** All blocks of a Jacobian at a point, zeros included. */
function dense(kernel: Kernel, point: readonly number[]): number[] {
  const outputs = new Float64Array(kernel.entries.length);
  kernel.run(Float64Array.from(point), outputs);
  return scatter(kernel, outputs).flatMap((block) => [...block]);
}

function compare(
  what: string,
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
): void {
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, index) => {
    if (!(Math.abs((actual[index] ?? NaN) - value) <= tolerance * Math.max(Math.abs(value), 1e-3 * scale)))
      throw new Error(`${what}: entry ${index} is ${actual[index]}, expected ${value}`);
  });
}

/** The Jacobian at a point, [outputs][inputs] row-major, in an array that the next call overwrites. */
type Differences = (point: Float64Array) => Float64Array;

/**
 * Central differences as one writes them by hand for one function: every call written out with its arguments. The text is made
 * here so that each task has code of its own, which the engine can specialise as it would the user's.
 */
function differencesOfFunction(f: Plain, outputs: number): Differences {
  const inputs = f.length;
  const indices = Array.from({ length: inputs }, (_, index) => index);
  const call = (moved: number, by: string) =>
    `f(${indices.map((index) => (index === moved ? `x${index} ${by} step` : `x${index}`)).join(", ")})`;
  const single = outputs === 1;
  const text = `
    const result = new Float64Array(${inputs * outputs});
    let step = 0, above, below;
    return (point) => {
      ${indices.map((index) => `const x${index} = point[${index}];`).join("\n")}
      ${indices
        .map(
          (index) => `
      step = ${STEP} * Math.max(Math.abs(x${index}), 1e-3);
      above = ${call(index, "+")};
      below = ${call(index, "-")};
      ${Array.from({ length: outputs }, (_, output) => {
        const element = single ? "" : `[${output}]`;
        return `result[${output * inputs + index}] = (above${element} - below${element}) / (2 * step);`;
      }).join("\n")}`,
        )
        .join("\n")}
      return result;
    };`;
  return new Function("f", text)(f) as Differences;
}

/** The same over the compiled function. */
function differencesOfKernel(kernel: Kernel): Differences {
  const [inputs, outputs] = [kernel.inputCount, kernel.entries.length];
  const [x, above, below] = [new Float64Array(inputs), new Float64Array(outputs), new Float64Array(outputs)];
  const result = new Float64Array(outputs * inputs);
  return (point) => {
    x.set(point);
    for (let i = 0; i < inputs; i++) {
      const value = point[i] ?? 0;
      const step = STEP * Math.max(Math.abs(value), 1e-3);
      x[i] = value + step;
      kernel.run(x, above);
      x[i] = value - step;
      kernel.run(x, below);
      x[i] = value;
      for (let o = 0; o < outputs; o++)
        result[o * inputs + i] = ((above[o] ?? NaN) - (below[o] ?? NaN)) / (2 * step);
    }
    return result;
  };
}

function pointDifferences(name: string, differences: Differences, point: readonly number[]): Workload {
  const variants = Array.from({ length: 16 }, (_, variant) =>
    Float64Array.from(point, (value) => value * (1 + variant * 1e-5)),
  );
  return {
    name,
    evaluations: variants.length,
    run() {
      for (const variant of variants) differences(variant);
    },
  };
}

/** Point after point, from rows to rows: the layout that suits it best. */
function batchPlainDifferences(
  differences: Differences,
  program: Program,
  point: readonly number[],
): Workload {
  const points = Array.from({ length: BATCH }, (_, index) =>
    Float64Array.from(point, (value) => value * (1 + (index % 61) * 1e-5)),
  );
  const entries = program.outputs.length * point.length;
  const results = new Float64Array(BATCH * entries);
  return {
    name: "plain",
    evaluations: BATCH,
    run() {
      points.forEach((values, index) => {
        results.set(differences(values), index * entries);
      });
    },
  };
}

/** Plane by plane: one input of the whole batch is moved up and down, the function's kernel run, the planes subtracted. */
function batchDifferences(kernel: Kernel, point: readonly number[]): Workload {
  const [above, below] = [kernel.planes(BATCH), kernel.planes(BATCH)];
  const { stride } = above;
  const outputs = kernel.entries.length;
  const results = Array.from({ length: outputs * point.length }, () => new Float64Array(stride));
  point.forEach((value, plane) => {
    for (let index = 0; index < BATCH; index++) {
      const moved = value * (1 + (index % 61) * 1e-5);
      above.inputs[plane * stride + index] = moved;
      below.inputs[plane * stride + index] = moved;
    }
  });
  return {
    name: "compiled",
    evaluations: BATCH,
    run() {
      point.forEach((value, input) => {
        const step = STEP * Math.max(Math.abs(value), 1e-3);
        const [start, end] = [input * stride, input * stride + BATCH];
        const saved = above.inputs.slice(start, end);
        for (let index = start; index < end; index++) {
          above.inputs[index] = (above.inputs[index] ?? 0) + step;
          below.inputs[index] = (below.inputs[index] ?? 0) - step;
        }
        kernel.runBatch(BATCH, above.inputs, above.outputs);
        kernel.runBatch(BATCH, below.inputs, below.outputs);
        above.inputs.set(saved, start);
        below.inputs.set(saved, start);
        const scale = 1 / (2 * step);
        for (let output = 0; output < outputs; output++) {
          const result = results[output * point.length + input];
          if (result === undefined) continue;
          for (let index = 0; index < BATCH; index++)
            result[index] =
              ((above.outputs[output * stride + index] ?? NaN) -
                (below.outputs[output * stride + index] ?? NaN)) *
              scale;
        }
      });
    },
  };
}

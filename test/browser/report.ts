/**
 * What the library computes, as numbers that can be compared: in Node and in a page the same.
 *
 * Values of kernels on both targets, at single points, in batches and on threads; and the verbs that work on source text, in code that a bundler has minified.
 */

import {
  type CompileJacobianOptions,
  compileJacobian,
  type JacobianKernel,
  jacobian,
  matrixOf,
  optimize,
  type StartThread,
  trace,
} from "../../src/index.ts";
import { findTask, programOf, referencePoints } from "../../src/tasks/index.ts";

/** The entries of a kernel at some points. */
export interface KernelReport {
  readonly name: string;
  /** How many threads a batch had. */
  readonly threads: number;
  readonly values: readonly number[];
}

export interface Report {
  readonly kernels: readonly KernelReport[];
  /** The Jacobian of [x sin y, e^(xy)] at (0.5, 1.5): by `jacobian`, and by `trace`, `optimize` and `compileJacobian`. */
  readonly jacobian: readonly (readonly number[])[];
  readonly optimized: readonly number[];
}

/** Enough for several threads, and no multiple of anything. */
const COUNT = 20_003;
/** So often that every thread comes to a share. */
const ROUNDS = 20;
const TASKS = ["RoeFlux_1d", "RobotArm_6DOF", "Encoder"];

/** Computes all. `startThread` as `compile` takes it. */
export async function report(startThread: StartThread | undefined): Promise<Report> {
  const kernels: KernelReport[] = [];
  for (const name of TASKS)
    for (const target of ["js", "wasm"] as const)
      for (const dtype of ["float64", "float32"] as const) {
        const task = findTask(name) ?? missing(name);
        const [program, base] = [programOf(task), referencePoints(task)[0]?.inputs ?? missing(name)];
        const options: CompileJacobianOptions = { target, dtype, outputs: "value and jacobian" };
        const kernel = await compileJacobian(program, options);
        const told = { name: `${name} ${target} ${dtype}`, threads: 1 };
        kernels.push({ ...told, name: `${told.name} point`, values: atPoint(kernel, base) });
        const count = name === "Encoder" ? 7 : COUNT;
        kernels.push({ ...told, name: `${told.name} batch`, values: inBatch(kernel, base, count) });
        if (name === "Encoder") continue;
        const team = await compileJacobian(program, {
          ...options,
          threads: 2,
          ...(startThread === undefined ? {} : { startThread }),
        });
        const { threads } = team;
        kernels.push({ name: `${told.name} threads`, threads, values: inBatch(team, base, count, ROUNDS) });
        team.close();
      }
  const fn = (x: number, y: number) => [x * Math.sin(y), Math.exp(x * y)];
  const program = trace(fn);
  const { order } = await optimize(program, { seconds: 0.05, seed: 1 });
  const kernel = await compileJacobian(program, { target: "wasm", order });
  const outputs = new Float64Array(kernel.entries.length);
  kernel.run(Float64Array.of(0.5, 1.5), outputs);
  return { kernels, jacobian: jacobian(fn)(0.5, 1.5), optimized: [...matrixOf(kernel, outputs)] };
}

/** The base point, moved a little from point to point. */
const moved = (value: number, point: number) => value * (1 + (point % 101) * 1e-4);

function atPoint(kernel: JacobianKernel, base: readonly number[]): number[] {
  const outputs = new Float64Array(kernel.entries.length);
  kernel.run(Float64Array.from(base), outputs);
  return [...outputs];
}

/** The entries at the first point, one in the middle and the last, and the sum of each plane. */
function inBatch(kernel: JacobianKernel, base: readonly number[], count: number, rounds = 1): number[] {
  const { inputs, outputs, stride } = kernel.planes(count);
  base.forEach((value, plane) => {
    for (let point = 0; point < count; point++) inputs[plane * stride + point] = moved(value, point);
  });
  for (let round = 0; round < rounds; round++) kernel.runBatch(count, inputs, outputs);
  return kernel.entries.flatMap((_, plane) => {
    const values = outputs.subarray(plane * stride, plane * stride + count);
    const at = [0, count >> 1, count - 1].map((point) => values[point] ?? Number.NaN);
    return [...at, Array.from(values).reduce((sum, value) => sum + value, 0) / count];
  });
}

function missing(name: string): never {
  throw new Error(`there is no task ${name} with a reference point`);
}

/** What `alphagrad optimize` finds out of the orders of a search by counting, compiling, timing and checking them. */

import type { Elimination } from "../graph/graph.ts";
import { jacobian } from "../jacobian/jacobian.ts";
import { compile, RUNNING_TARGETS, type Target } from "../kernels/compile.ts";
import { inputCountOf, type KernelDType } from "../kernels/kernel.ts";
import type { Timing } from "../kernels/measure.ts";
import { TOLERANCE, verify } from "../kernels/verify.ts";
import type { Optimized } from "../optimize.ts";
import { operandType, type Program } from "../program/program.ts";
import { sizeOf, type TensorType } from "../program/type.ts";
import { Random } from "../random.ts";
import { defaultPoint, measureRuntime } from "../runtime.ts";
import type { MethodResult } from "../search/auto.ts";
import { costsAtAnyScale } from "../search/large/costs.ts";
import type { Objective } from "../search/strategy.ts";
import { findTask, referencePoints } from "../tasks/index.ts";
import type { Check, Found, KernelCheck, MethodReport } from "./report.ts";
import type { Subject } from "./subject.ts";

/** A point to evaluate at: a task's own reference point, otherwise numbers between 0.5 and 1.5. */
export function point({ name, program }: Subject): number[] {
  const count = program === null ? 0 : inputCountOf(program);
  const task = findTask(name);
  const points = task?.reference === undefined ? [] : referencePoints(task);
  const reference = (points[0]?.inputs ?? []).flat(Number.POSITIVE_INFINITY);
  if (reference.length === count && reference.every((value) => typeof value === "number"))
    return reference as number[];
  return defaultPoint(count);
}

/** The costs of an order, null where counting would take too long. */
export type Counts = Pick<MethodReport, "multiplications" | "nontrivial" | "operations">;

/** Orders that cost more than this are not counted in full, but for the best: each would take seconds. */
const COUNT_LIMIT = 1_000_000;

/** The costs of a method's order; only the objective's own where the others would take too long to count. */
export function countsOf(
  { graph, best, certificate }: Optimized,
  found: MethodResult<Elimination>,
  objective: Objective,
): Counts {
  if (found.method === best.method) return certificate.costs;
  if (found.cost <= COUNT_LIMIT) return costsAtAnyScale(graph, found.order);
  const multiplications = objective === "multiplications" ? found.cost : null;
  return { multiplications, nontrivial: null, operations: null };
}

/** Code of more operations than this is not compiled just to be timed and checked: it would take minutes. */
const CODE_LIMIT = 20_000;

/** Nor is code that takes and gives so much: pairs of an input's and an output's element. */
const ENTRIES_LIMIT = 1e8;

/** Whether the Jacobian's code is short enough to be made without being asked for. */
export function isShort(
  program: Program,
  { multiplications, operations }: Pick<Counts, "multiplications" | "operations">,
): boolean {
  const length =
    operations === null
      ? (multiplications ?? Number.POSITIVE_INFINITY)
      : operations.multiplications + operations.additions;
  const elements = (types: readonly TensorType[]) => types.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const entries =
    elements(program.inputs.map(({ type }) => type)) *
    elements(program.outputs.map(({ operand }) => operandType(program, operand)));
  return program.equations.length + length <= CODE_LIMIT && entries <= ENTRIES_LIMIT;
}

/** Times the code of those methods whose code is short, unless that was done already; keys are positions in `methods`. */
export async function time(
  subject: Subject,
  { methods, runtime }: Found,
  counts: readonly Counts[],
): Promise<ReadonlyMap<number, Omit<Timing, "name">>> {
  const { program } = subject;
  if (program === null) return new Map();
  if (runtime !== undefined)
    return new Map(
      runtime.measured.flatMap(({ methods: names, timing }) =>
        names.map((name) => [methods.findIndex(({ method }) => method === name), timing] as const),
      ),
    );
  const timed = [...methods.keys()].filter((index) => isShort(program, counts[index] as Counts));
  if (timed.length === 0) return new Map();
  const orders = timed.map((index) => (methods[index] as MethodResult<Elimination>).order);
  const timings = await measureRuntime(program, orders, { point: point(subject) });
  return new Map(timings.map((timing, place) => [timed[place] as number, timing]));
}

/** Compares the compiled code of the best order with the interpreter, on every target that runs in this process. */
export async function checkKernels(
  subject: Subject,
  { order, methods, certificate, runtime }: Found,
  /** What is done to the program before it is compiled. */
  rewrite: (program: Program) => Program = (program) => program,
): Promise<Check | null> {
  const { program } = subject;
  if (program === null || !isShort(program, certificate.costs)) return null;
  const own = rewrite(jacobian(program, { order }));
  const options = { points: 16, around: point(subject) };
  const cases: [Target, KernelDType][] = RUNNING_TARGETS.map((target) => [target, "float64"]);
  if (runtime?.dtype === "float32") cases.push([runtime.target, runtime.dtype]);
  const kernels: KernelCheck[] = [];
  for (const [target, dtype] of cases) {
    const kernel = await compile(own, { target, dtype });
    const found = verify(kernel, { ...options, random: Random.seeded(1) });
    const { maximumRelativeError: againstInterpreter, maximumScaledError: scaled, isWithinTolerance } = found;
    const tolerance = TOLERANCE[dtype];
    kernels.push({ target, dtype, againstInterpreter, scaled, tolerance, isWithinTolerance });
  }
  const kernel = await compile(own, { target: "js" });
  const reverse = methods.find(({ method }) => method === "reverse")?.order ?? order;
  const crossed = verify(kernel, {
    ...{ ...options, random: Random.seeded(1) },
    reference: jacobian(program, { order: reverse }),
  });
  return {
    points: crossed.points,
    // Each point is evaluated alone and within a batch.
    numbers: 2 * crossed.points * kernel.entries.length,
    notFinite: crossed.notFinite,
    againstInterpreter: kernels[0]?.againstInterpreter ?? 0,
    againstReverse: crossed.maximumRelativeError,
    kernels,
  };
}

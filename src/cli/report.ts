/** What `alphagrad optimize` says of a search: the table of methods, what was gained, proved, left out and checked, as text and as JSON. */

import pc from "picocolors";
import { type Elimination, intermediates, isVertexOrder } from "../graph/graph.ts";
import type { Target } from "../kernels/compile.ts";
import type { KernelDType } from "../kernels/kernel.ts";
import type { Timing } from "../kernels/measure.ts";
import { TOLERANCE } from "../kernels/verify.ts";
import type { Optimized } from "../optimize.ts";
import type { RuntimeSelection } from "../optimizeRuntime.ts";
import { costIn } from "../search/certificate.ts";
import type { Objective } from "../search/strategy.ts";
import type { Subject } from "./subject.ts";
import { table } from "./table.ts";

/** What `optimize` can minimise: a count, or the measured time among the orders that counts propose. */
export type Selection = Objective | "runtime";

/** A search with what was measured, if the time decided. */
export interface Found extends Optimized {
  readonly runtime?: RuntimeSelection;
}

/** One row of the table. */
export interface MethodReport {
  readonly method: string;
  readonly order: Elimination;
  /** In the objective. */
  readonly cost: number;
  /** Null where counting would take too long. */
  readonly multiplications: number | null;
  /** Null, like the operations, where counting would take too long. */
  readonly nontrivial: number | null;
  readonly operations: { readonly multiplications: number; readonly additions: number } | null;
  /** Of the search. */
  readonly seconds: number;
  /** Measured on this machine, by default at one point with the JavaScript kernel; null if there is no code to measure. */
  readonly nanosecondsPerJacobian: number | null;
  /** First and third quartile of the same. */
  readonly quartiles: readonly [number, number] | null;
}

/** What a measurement adds to a row. */
export function timingReport(
  timing: Omit<Timing, "name"> | undefined,
): Pick<MethodReport, "nanosecondsPerJacobian" | "quartiles"> {
  return timing === undefined
    ? { nanosecondsPerJacobian: null, quartiles: null }
    : { nanosecondsPerJacobian: timing.median, quartiles: [timing.low, timing.high] };
}

/** How far a compiled kernel of the best order is from the interpreter. */
export interface KernelCheck {
  readonly target: Target;
  readonly dtype: KernelDType;
  /** Largest error relative to each number. */
  readonly againstInterpreter: number;
  /** Largest error relative to the largest number at its point, which is what has a tolerance. */
  readonly scaled: number;
  readonly tolerance: number;
  readonly isWithinTolerance: boolean;
}

/** How far the kernels are from the interpreter, and from the code of another order. */
export interface Check {
  readonly points: number;
  /** Numbers compared, and how many of them are NaN or infinite on both sides. */
  readonly numbers: number;
  readonly notFinite: number;
  /** Largest relative errors of the JavaScript kernel. */
  readonly againstInterpreter: number;
  readonly againstReverse: number;
  /** Every target that runs in this process. */
  readonly kernels: readonly KernelCheck[];
}

/** The table, a row per method. */
export function methodTable(reports: readonly MethodReport[], { best, runtime }: Found): string {
  const rows = reports.map(({ method, cost, multiplications, operations, ...report }) => [
    method === best.method ? `${method} ◀` : method,
    multiplications === null ? "–" : `${multiplications}`,
    operations === null
      ? multiplications === null
        ? `${cost}`
        : "–"
      : `${operations.multiplications} + ${operations.additions} = ${operations.multiplications + operations.additions}`,
    timeText(report),
  ]);
  const time = runtime === undefined ? "ns per Jacobian" : `ns per Jacobian (${kernelName(runtime)})`;
  return table(["method", "multiplications", "operations (mul + add)", time], rows);
}

function kernelName({ target, dtype, batch }: Omit<RuntimeSelection, "measured">): string {
  return batch === 1 ? target : `${target}, ${dtype}, ${batch} at once`;
}

/** The median and half the distance of the quartiles. */
function timeText({
  nanosecondsPerJacobian: median,
  quartiles,
}: Pick<MethodReport, "nanosecondsPerJacobian" | "quartiles">): string {
  if (median === null) return "–";
  const spread = quartiles === null ? 0 : (quartiles[1] - quartiles[0]) / 2;
  return `${nanosecondsText(median)} ± ${spread >= 1 ? Math.round(spread) : spread.toPrecision(1)}`;
}

function nanosecondsText(nanoseconds: number): string {
  return nanoseconds >= 100 ? `${Math.round(nanoseconds)}` : nanoseconds.toPrecision(3);
}

/** What was gained over the better of forward and reverse. */
export function summary(reports: readonly MethodReport[], { best }: Found, selection: Selection): string {
  const unit = selection === "runtime" ? "ns per Jacobian" : selection;
  const cost = (method: string): number => {
    const found = reports.find((row) => row.method === method);
    if (found === undefined) return Number.POSITIVE_INFINITY;
    if (selection === "runtime") return found.nanosecondsPerJacobian ?? Number.POSITIVE_INFINITY;
    if (selection === "multiplications" || found.operations === null) return found.cost;
    return found.operations.multiplications + found.operations.additions;
  };
  const text = (value: number) => (selection === "runtime" ? nanosecondsText(value) : `${value}`);
  const [name, usual] =
    cost("forward") < cost("reverse") ? ["forward", cost("forward")] : ["reverse", cost("reverse")];
  const own = cost(best.method);
  const ownText = pc.bold(`${text(own)} ${unit}`);
  if (usual === Number.POSITIVE_INFINITY)
    return own === Number.POSITIVE_INFINITY ? "Nothing was measured." : ownText;
  const beaten = `${name} mode (${text(usual)}), the better of forward and reverse`;
  const fewer = selection === "runtime" ? "less" : "fewer";
  if (own >= usual) return `${ownText}: no ${fewer} than ${beaten}.`;
  return `${ownText}: ${Math.round(100 * (1 - own / usual))} % ${fewer} than ${beaten}.`;
}

/** What is known about how far the best order is from the optimum. */
export function proofText({ methods, certificate }: Found): string[] {
  const { lowerBound, objective } = certificate;
  const bound = lowerBound[objective];
  if (bound === null) return [];
  // A bound for finer moves holds for them too.
  const all = methods.some(({ order }) => !isVertexOrder(order))
    ? "elimination of faces"
    : "elimination order";
  if (bound === costIn(certificate, objective)) return [`Proved optimal: no ${all} costs less.`];
  return [`Proved: no ${all} costs less than ${bound} ${objective}.`];
}

/** Which methods found the same code as another, where code was measured. */
export function sameCode({ runtime }: Found): string[] {
  return (runtime?.measured ?? [])
    .filter(({ methods }) => methods.length > 1)
    .map(({ methods: [first, ...others] }) => `The same code: ${first}; ${others.join("; ")}.`);
}

/** How the check went. */
export function checkText({ points, numbers, notFinite, againstReverse, kernels }: Check): string {
  const errors = kernels.map(
    ({ target, dtype, againstInterpreter }) =>
      `${target}${dtype === "float64" ? "" : ` (${dtype})`} to ${digits(againstInterpreter)}`,
  );
  const lines = [
    `Checked at ${points} points, alone and in a batch: compiled, the code equals the interpreter, ${errors.join(", ")}; reverse mode to ${digits(againstReverse)}.`,
  ];
  if (notFinite > 0) lines.push(`${notFinite} of the ${numbers} numbers are NaN or infinite there in both.`);
  for (const { target, dtype, scaled, tolerance, isWithinTolerance } of kernels)
    if (!isWithinTolerance)
      lines.push(
        pc.red(
          `${target} (${dtype}) is off by ${scaled.toExponential(0)} of the largest number at a point, more than the tolerance of ${tolerance}: do not use it there.`,
        ),
      );
  const tolerances = [...new Set(kernels.map(({ dtype }) => dtype))].map(
    (dtype) => `${TOLERANCE[dtype]} in ${dtype}`,
  );
  if (kernels.every(({ isWithinTolerance }) => isWithinTolerance))
    lines.push(`Within the tolerance: ${tolerances.join(", ")}, of the largest number at a point.`);
  return lines.join(" ");
}

function digits(error: number): string {
  return error === 0
    ? "the last bit"
    : Number.isFinite(error)
      ? `${error.toExponential(0)} relative`
      : "no digit";
}

/** All of it as one JSON object. */
export function jsonReport(
  { name, form, program }: Subject,
  { graph, best, certificate, skipped = [], runtime }: Found,
  methods: readonly MethodReport[],
  check: Check | null,
) {
  return {
    source: { name, program: form, equations: program?.equations.length ?? null },
    graph: {
      hash: certificate.graph,
      inputs: graph.inputs.length,
      outputs: graph.outputs.length,
      vertices: graph.vertices.length,
      intermediates: intermediates(graph).length,
      edges: graph.edges.length,
    },
    methods,
    skipped,
    best: methods.find(({ method }) => method === best.method),
    ...(runtime === undefined ? {} : { runtime }),
    check,
    certificate,
  };
}

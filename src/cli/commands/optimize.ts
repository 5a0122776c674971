/** `alphagrad optimize`: search, compare, and write the Jacobian code. */

import { join } from "node:path";
import pc from "picocolors";
import { InputError } from "../../errors.ts";
import { formOf, isCheaperScalarised } from "../../form.ts";
import { type Elimination, intermediates, isVertexOrder } from "../../graph/graph.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { compile } from "../../kernels/compile.ts";
import { inputCountOf, type KernelDType } from "../../kernels/kernel.ts";
import { measure, pointWorkload, type Timing } from "../../kernels/measure.ts";
import { verify } from "../../kernels/verify.ts";
import type { Optimized } from "../../optimize.ts";
import { programToJson } from "../../program/json.ts";
import type { Program } from "../../program/program.ts";
import { Random } from "../../random.ts";
import type { MethodResult } from "../../search/auto.ts";
import type { ProgramForm } from "../../search/certificate.ts";
import { costsAtAnyScale } from "../../search/large/costs.ts";
import type { SearchState } from "../../search/state.ts";
import type { Objective } from "../../search/strategy.ts";
import { findTask, referencePoints } from "../../tasks/index.ts";
import { prepareDirectory, writeText } from "../files.ts";
import { kernelFileName, kernelFiles } from "../kernelFiles.ts";
import { LiveLine } from "../live.ts";
import { duration, runSearch, type Searched, type SearchOptions, threadsFor } from "../search.ts";
import { readSearchState, setAsideSearchState } from "../searchState.ts";
import type { SourceOptions } from "../source.ts";
import { loadSubject, type Subject } from "../subject.ts";
import { table } from "../table.ts";
import type { FileTarget } from "../targets.ts";

interface OptimizeCommandOptions extends SourceOptions, SearchOptions {
  /** Go on with the search in the directory of the results. */
  readonly resume?: boolean;
  readonly asWritten?: boolean;
  /** Absent: whichever counts less. */
  readonly scalarise?: boolean;
  readonly target?: readonly FileTarget[];
  readonly dtype: KernelDType;
  /** A directory, true or absent for the default one, false for none. */
  readonly out?: string | boolean;
  readonly json?: boolean;
}

const DEFAULT_TARGETS: readonly FileTarget[] = ["js"];

/** One row of the table. */
interface MethodReport {
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
  /** Measured on this machine at one point, JavaScript kernel; null if there is no code to measure. */
  readonly nanosecondsPerJacobian: number | null;
}

/** How far the kernel is from the interpreter, and from the kernel of another order. */
interface Check {
  readonly points: number;
  /** Numbers compared, and how many of them are NaN or infinite on both sides. */
  readonly numbers: number;
  readonly notFinite: number;
  /** Largest relative errors. */
  readonly againstInterpreter: number;
  readonly againstReverse: number;
}

export async function optimizeCommand(source: string, options: OptimizeCommandOptions): Promise<void> {
  const subject = await loadSubject(source, options, (program) => formFor(program, options));
  const directory = outputDirectory(subject, options);
  if (directory !== null) {
    await prepareDirectory(directory);
  }
  const resume = options.resume ? await readSearchState(required(directory)) : null;
  const threads = threadsFor(subject, options, resume);
  const setAside = directory === null || resume !== null ? null : await setAsideSearchState(directory);
  if (!options.json)
    process.stdout.write(
      `${[...introduction(subject, { ...options, threads }, resume), ...(setAside === null ? [] : [setAside])].join("\n")}\n\n`,
    );

  const line = new LiveLine(process.stderr);
  const searched = await runSearch(subject, { ...options, threads }, { directory, resume, line });
  const { result } = searched;
  line.show("timing and checking the code …");
  const counts = result.methods.map((found) => countsOf(result, found, options.objective));
  const timings = await time(subject, result, counts);
  const check = await checkKernel(subject, result);
  line.clear();
  const reports = result.methods.map(({ method, order, cost, seconds }, index): MethodReport => {
    const timing = timings.get(index);
    const { multiplications, nontrivial, operations } = counts[index] as Counts;
    const nanosecondsPerJacobian = timing?.median ?? null;
    return { method, order, cost, multiplications, nontrivial, operations, seconds, nanosecondsPerJacobian };
  });
  if (options.json) process.stdout.write(`${JSON.stringify(json(subject, result, reports, check))}\n`);
  else {
    process.stdout.write(
      `${methodTable(reports, result)}\n\n${summary(reports, result, options.objective)}\n`,
    );
    for (const text of [...proofText(result), ...remarks(subject, result)]) process.stdout.write(`${text}\n`);
    if (check !== null) process.stdout.write(`${checkText(check)}\n`);
  }
  const files = directory === null ? [] : await writeFiles(directory, subject, searched, options);
  if (!options.json && files.length > 0) process.stdout.write(`\n${files.join("\n")}\n`);
  if (!options.json && searched.isInterrupted && searched.stateFile !== null)
    process.stdout.write(
      `\nInterrupted after ${duration(result.certificate.seconds)}: the same command with --resume goes on.\n`,
    );
}

function required(directory: string | null): string {
  if (directory === null)
    throw new InputError("--resume needs the directory of the search: give --out DIR, and not --no-out");
  return directory;
}

function formFor(
  program: Program,
  { asWritten = false, scalarise, objective }: OptimizeCommandOptions,
): ProgramForm {
  const scalarised = scalarise ?? (!asWritten && isCheaperScalarised(program, objective));
  return formOf({ scalarised, simplified: !asWritten });
}

function outputDirectory({ name }: Subject, { out, json }: OptimizeCommandOptions): string | null {
  if (out === false) return null;
  if (typeof out === "string") return out;
  return json ? null : join("alphagrad-out", name.replaceAll(/[^\w.-]/g, "_"));
}

function introduction(
  { name, form, program, graph }: Subject,
  {
    objective,
    method,
    moves,
    seconds,
    iterations,
    seed,
    threads,
  }: OptimizeCommandOptions & { threads: number },
  resume: SearchState | null,
): string[] {
  const equations = program === null ? "a graph" : `${counted(program.equations.length, "equation")} ${form}`;
  const budget = iterations === undefined ? budgetText(seconds) : `${iterations} iterations`;
  const sizes = [
    counted(graph.inputs.length, "input"),
    counted(graph.outputs.length, "output"),
    equations,
  ].join(", ");
  const lines = [
    `${pc.bold(name)}: ${sizes}, ${counted(intermediates(graph).length, "vertex", "vertices")} to eliminate`,
    `Minimising ${objective}, method ${method}${moves === "vertex" ? "" : `, then by ${moves}s`}, ${budget}, ${counted(threads, "thread")}, seed ${seed}. Ctrl-C ends the search with the best so far.`,
  ];
  if (resume === null) return lines;
  const best = resume.incumbent === null ? "" : `, best ${resume.incumbent.cost}`;
  return [...lines, `Going on with the search that was ${duration(resume.seconds)} old${best}.`];
}

function budgetText(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : duration(seconds);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A point to evaluate at: a task's own reference point, otherwise numbers between 0.5 and 1.5. */
function point({ name, program }: Subject): number[] {
  const count = program === null ? 0 : inputCountOf(program);
  const task = findTask(name);
  const points = task?.reference === undefined ? [] : referencePoints(task);
  const reference = (points[0]?.inputs ?? []).flat(Number.POSITIVE_INFINITY);
  if (reference.length === count && reference.every((value) => typeof value === "number"))
    return reference as number[];
  const random = Random.seeded(1);
  return Array.from({ length: count }, () => 0.5 + random.unit());
}

type Counts = Pick<MethodReport, "multiplications" | "nontrivial" | "operations">;

/** Orders that cost more than this are not counted in full, but for the best: each would take seconds. */
const COUNT_LIMIT = 1_000_000;

/** The costs of a method's order; only the objective's own where the others would take too long to count. */
function countsOf(
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

/** Whether the Jacobian's code is short enough to be made without being asked for. */
function isShort(
  program: Program,
  { multiplications, operations }: Pick<Counts, "multiplications" | "operations">,
): boolean {
  const length =
    operations === null
      ? (multiplications ?? Number.POSITIVE_INFINITY)
      : operations.multiplications + operations.additions;
  return program.equations.length + length <= CODE_LIMIT;
}

/** Times the code of those methods whose code is short; keys are positions in `methods`. */
async function time(
  subject: Subject,
  { methods }: Optimized,
  counts: readonly Counts[],
): Promise<ReadonlyMap<number, Timing>> {
  const { program } = subject;
  if (program === null) return new Map();
  const timed = [...methods.keys()].filter((index) => isShort(program, counts[index] as Counts));
  if (timed.length === 0) return new Map();
  const workloads = await Promise.all(
    timed.map(async (index) => {
      const { method, order } = methods[index] as MethodResult<Elimination>;
      return pointWorkload(
        method,
        await compile(jacobian(program, { order }), { target: "js" }),
        point(subject),
      );
    }),
  );
  const timings = await measure(workloads, { clock: () => performance.now() });
  return new Map(timings.map((timing, place) => [timed[place] as number, timing]));
}

async function checkKernel(
  subject: Subject,
  { order, methods, certificate }: Optimized,
): Promise<Check | null> {
  const { program } = subject;
  if (program === null || !isShort(program, certificate.costs)) return null;
  const kernel = await compile(jacobian(program, { order }), { target: "js" });
  const reverse = methods.find(({ method }) => method === "reverse")?.order ?? order;
  const other = jacobian(program, { order: reverse });
  const options = { points: 16, around: point(subject) };
  const own = verify(kernel, { ...options, random: Random.seeded(1) });
  const crossed = verify(kernel, { ...options, random: Random.seeded(1), reference: other });
  return {
    points: own.points,
    // Each point is evaluated alone and within a batch.
    numbers: 2 * own.points * kernel.entries.length,
    notFinite: crossed.notFinite,
    againstInterpreter: own.maximumRelativeError,
    againstReverse: crossed.maximumRelativeError,
  };
}

/** What is known about how far the best order is from the optimum. */
function proofText({ methods, certificate: { costs, lowerBound, objective } }: Optimized): string[] {
  const bound = lowerBound.multiplications;
  if (bound === null || objective !== "multiplications") return [];
  // A bound for finer moves holds for them too.
  const all = methods.some(({ order }) => !isVertexOrder(order))
    ? "elimination of faces"
    : "elimination order";
  if (bound === costs.multiplications) return [`Proved optimal: no ${all} costs less.`];
  return [`Proved: no ${all} costs less than ${bound} multiplications.`];
}

/** What was left out because of the size. */
function remarks({ name, program }: Subject, { skipped = [], certificate }: Optimized): string[] {
  const lines = skipped.map(({ method, why }) => `Left out: ${method} (${why}).`);
  if (program !== null && !isShort(program, certificate.costs))
    lines.push(
      `The code was not written, timed and checked, because it is long; alphagrad compile ${name} --order certificate.json writes it.`,
    );
  return lines;
}

function json(
  { name, form, program }: Subject,
  { graph, best, certificate, skipped = [] }: Optimized,
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
    check,
    certificate,
  };
}

function methodTable(reports: readonly MethodReport[], { best }: Optimized): string {
  const rows = reports.map(({ method, cost, multiplications, operations, nanosecondsPerJacobian }) => [
    method === best.method ? `${method} ◀` : method,
    multiplications === null ? "–" : `${multiplications}`,
    operations === null
      ? multiplications === null
        ? `${cost}`
        : "–"
      : `${operations.multiplications} + ${operations.additions} = ${operations.multiplications + operations.additions}`,
    nanosecondsPerJacobian === null ? "–" : nanosecondsText(nanosecondsPerJacobian),
  ]);
  return table(["method", "multiplications", "operations (mul + add)", "ns per Jacobian"], rows);
}

function nanosecondsText(nanoseconds: number): string {
  return nanoseconds >= 100 ? `${Math.round(nanoseconds)}` : nanoseconds.toPrecision(3);
}

function summary(reports: readonly MethodReport[], { best }: Optimized, objective: Objective): string {
  const cost = (method: string) => {
    const found = reports.find((row) => row.method === method);
    if (found === undefined) return Number.POSITIVE_INFINITY;
    if (objective === "multiplications" || found.operations === null) return found.cost;
    return found.operations.multiplications + found.operations.additions;
  };
  const [name, usual] =
    cost("forward") < cost("reverse") ? ["forward", cost("forward")] : ["reverse", cost("reverse")];
  const own = cost(best.method);
  if (usual === Number.POSITIVE_INFINITY) return pc.bold(`${own} ${objective}`);
  const beaten = `${name} mode (${usual}), the better of forward and reverse`;
  if (own >= usual) return `${pc.bold(`${own} ${objective}`)}: no fewer than ${beaten}.`;
  return `${pc.bold(`${own} ${objective}`)}: ${Math.round(100 * (1 - own / usual))} % fewer than ${beaten}.`;
}

function checkText({ points, numbers, notFinite, againstInterpreter, againstReverse }: Check): string {
  const text = `Checked at ${points} points: the kernel equals the interpreter to ${digits(againstInterpreter)}, reverse mode to ${digits(againstReverse)}.`;
  return notFinite === 0
    ? text
    : `${text} ${notFinite} of the ${numbers} numbers are NaN or infinite there in both.`;
}

function digits(error: number): string {
  return error === 0
    ? "the last bit"
    : Number.isFinite(error)
      ? `${error.toExponential(0)} relative`
      : "no digit";
}

async function writeFiles(
  directory: string,
  { name, program, graph }: Subject,
  { result, stateFile }: Searched,
  { target: targets = DEFAULT_TARGETS, dtype }: OptimizeCommandOptions,
): Promise<string[]> {
  const { certificate, history, bounds, methods } = result;
  const { drawSearch } = await import("../picture.ts");
  const files: [name: string, what: string, text: string][] = [
    [
      "certificate.json",
      "the order, its costs, how it was found",
      `${JSON.stringify(certificate, null, 2)}\n`,
    ],
    [
      "search.svg",
      "cost and lower bound over time",
      await drawSearch({
        name,
        objective: certificate.objective,
        history,
        bounds,
        methods,
        seconds: certificate.seconds,
      }),
    ],
    ["search.json", "the same as numbers", `${JSON.stringify(searchCurve(result), null, 2)}\n`],
  ];
  if (program !== null) {
    files.unshift([
      "program.json",
      "the Program whose equations the order numbers",
      `${JSON.stringify(programToJson(program), null, 2)}\n`,
    ]);
    if (isShort(program, certificate.costs))
      files.unshift(
        ...targets.flatMap((target) =>
          kernelFiles(program, certificate, {
            target,
            path: kernelFileName(target, name),
            values: true,
            dtype,
          }).map(({ path, what, text }): [string, string, string] => [path, what, text]),
        ),
      );
  } else {
    const { graphToJson } = await import("../../graph/json.ts");
    files.push(["graph.json", "the graph", `${JSON.stringify(graphToJson(graph), null, 2)}\n`]);
  }
  for (const [file, , text] of files) await writeText(join(directory, file), text);
  const listed = files.map(([file, what]): [string, string] => [join(directory, file), what]);
  if (stateFile !== null) listed.push([stateFile, "where the search stands: with --resume it goes on"]);
  const width = Math.max(...listed.map(([file]) => file.length));
  return listed.map(([file, what]) => `${file.padEnd(width)}  ${pc.dim(what)}`);
}

/** How the best cost and the lower bound came about, times in seconds since the start of the search. */
function searchCurve({ certificate, history, bounds, methods }: Optimized) {
  const { name, graph, objective, seed, seconds } = certificate;
  return {
    name,
    graph,
    objective,
    seed,
    seconds,
    best: history,
    lowerBound: bounds,
    methods: methods.map(({ method, cost, seconds }) => ({ method, cost, seconds })),
  };
}

/** `alphagrad optimize`: search, compare, and write the Jacobian code. */

import { join } from "node:path";
import pc from "picocolors";
import { InputError } from "../../errors.ts";
import { formOf, isCheaperScalarised } from "../../form.ts";
import { intermediates } from "../../graph/graph.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import type { KernelDType } from "../../kernels/kernel.ts";
import { type Optimized, type OptimizeOptions, optimizeGraph } from "../../optimize.ts";
import { optimizeRuntime } from "../../optimizeRuntime.ts";
import { programToJson } from "../../program/json.ts";
import type { Program } from "../../program/program.ts";
import { countOperations, reassociate } from "../../program/reassociate/index.ts";
import type { ProgramForm } from "../../search/certificate.ts";
import { bestCostOf, type SearchState, secondsOf } from "../../search/state.ts";
import type { Objective } from "../../search/strategy.ts";
import { prepareDirectory, writeText } from "../files.ts";
import { kernelFileName, kernelFiles } from "../kernelFiles.ts";
import { LiveLine } from "../live.ts";
import { type Counts, checkKernels, countsOf, isShort, point, time } from "../measured.ts";
import {
  checkText,
  type Found,
  jsonReport,
  type MethodReport,
  methodTable,
  proofText,
  type Selection,
  sameCode,
  summary,
  timingReport,
} from "../report.ts";
import { duration, runSearch, type Searched, type SearchOptions, threadsFor } from "../search.ts";
import { readSearchState, setAsideSearchState } from "../searchState.ts";
import type { SourceOptions } from "../source.ts";
import { loadSubject, type Subject } from "../subject.ts";
import type { FileTarget } from "../targets.ts";

interface OptimizeCommandOptions extends SourceOptions, Omit<SearchOptions, "objective"> {
  readonly objective: Selection;
  /** Points at once for the objective runtime. */
  readonly batch?: number;
  /** Go on with the search in the directory of the results. */
  readonly resume?: boolean;
  readonly asWritten?: boolean;
  /** Absent: whichever counts less. */
  readonly scalarise?: boolean;
  readonly target?: readonly FileTarget[];
  readonly dtype: KernelDType;
  readonly reassociate?: boolean;
  /** A directory, true or absent for the default one, false for none. */
  readonly out?: string | boolean;
  readonly json?: boolean;
}

const DEFAULT_TARGETS: readonly FileTarget[] = ["js"];

export async function optimizeCommand(source: string, options: OptimizeCommandOptions): Promise<void> {
  if (options.batch !== undefined && options.objective !== "runtime")
    throw new InputError("--batch says what --objective runtime measures; other objectives do not measure");
  const subject = await loadSubject(source, options, (program) => formFor(program, options));
  if (options.objective === "runtime") checkMeasurable(subject, options);
  const directory = outputDirectory(subject, options);
  if (directory !== null) await prepareDirectory(directory);
  const resume = options.resume ? await readSearchState(required(directory)) : null;
  const searchOptions = { ...options, objective: countOf(options.objective) };
  const threads = threadsFor(subject, searchOptions, resume);
  const setAside = directory === null || resume !== null ? null : await setAsideSearchState(directory);
  if (!options.json)
    process.stdout.write(
      `${[...introduction(subject, { ...options, threads }, resume), ...(setAside === null ? [] : [setAside])].join("\n")}\n\n`,
    );

  const line = new LiveLine(process.stderr);
  const searched = await runSearch(
    subject,
    { ...searchOptions, threads },
    { directory, resume, line },
    searchFor(subject, options, line),
  );
  const { result } = searched;
  line.show("timing and checking the code …");
  const counts = result.methods.map((found) => countsOf(result, found, searchOptions.objective));
  const timings = await time(subject, result, counts);
  const check = await checkKernels(subject, result, options.reassociate ? reassociate : undefined);
  line.clear();
  const reports = result.methods.map(({ method, order, cost, seconds }, index): MethodReport => {
    const { multiplications, nontrivial, operations } = counts[index] as Counts;
    const timing = timingReport(timings.get(index));
    return { method, order, cost, multiplications, nontrivial, operations, seconds, ...timing };
  });
  if (options.json) process.stdout.write(`${JSON.stringify(jsonReport(subject, result, reports, check))}\n`);
  else {
    process.stdout.write(
      `${methodTable(reports, result)}\n\n${summary(reports, result, options.objective)}\n`,
    );
    for (const text of [
      ...sameCode(result),
      ...reassociationText(subject, result, options),
      ...proofText(result),
      ...remarks(subject, result),
    ])
      process.stdout.write(`${text}\n`);
    if (check !== null) process.stdout.write(`${checkText(check)}\n`);
  }
  const files = directory === null ? [] : await writeFiles(directory, subject, searched, options);
  if (!options.json && files.length > 0) process.stdout.write(`\n${files.join("\n")}\n`);
  if (!options.json && searched.isInterrupted && searched.stateFile !== null)
    process.stdout.write(
      `\nInterrupted after ${duration(result.certificate.seconds)}: the same command with --resume goes on.\n`,
    );
}

/** What `--reassociate` saves, over the function, the local partials and the accumulation. */
function reassociationText(
  { program }: Subject,
  { order, certificate }: Found,
  { reassociate: shares = false }: OptimizeCommandOptions,
): string[] {
  if (!shares || program === null || !isShort(program, certificate.costs)) return [];
  const whole = jacobian(program, { order, values: true });
  return [
    `Reassociated: the whole code takes ${countOperations(reassociate(whole))} operations instead of ${countOperations(whole)}; results differ by rounding.`,
  ];
}

/** The count that a search goes by. */
function countOf(objective: Selection): Objective {
  return objective === "runtime" ? "operations" : objective;
}

/** Throws an InputError where time cannot decide. */
function checkMeasurable({ name, program }: Subject, { resume }: OptimizeCommandOptions): void {
  if (program === null)
    throw new InputError(
      `--objective runtime: ${name} is a graph without code, so there is nothing to measure`,
    );
  if (resume)
    throw new InputError(
      "--resume: a search by --objective runtime cannot be resumed; leave one of them out",
    );
}

/** One point at a time is measured in JavaScript, many in WebAssembly. */
function searchFor(
  subject: Subject,
  { objective, batch = 1, dtype }: OptimizeCommandOptions,
  line: LiveLine,
): (options: OptimizeOptions) => Promise<Found> {
  const { program, graph } = subject;
  if (objective !== "runtime" || program === null) return (options) => optimizeGraph(graph, options);
  return ({ onState: _, ...options }) =>
    optimizeRuntime(program, {
      ...options,
      ...(batch === 1 ? { target: "js" } : { target: "wasm", dtype }),
      batch,
      point: point(subject),
      onMeasure: () => line.show("measuring the candidates …"),
    });
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
  const scalarised = scalarise ?? (!asWritten && isCheaperScalarised(program, countOf(objective)));
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
  const what = objective === "runtime" ? "the measured runtime among orders of few operations" : objective;
  const lines = [
    `${pc.bold(name)}: ${sizes}, ${counted(intermediates(graph).length, "vertex", "vertices")} to eliminate`,
    `Minimising ${what}, method ${method}${moves === "vertex" ? "" : `, then by ${moves}s`}, ${budget}, ${counted(threads, "thread")}, seed ${seed}. Ctrl-C ends the search with the best so far.`,
  ];
  if (resume === null) return lines;
  const cost = bestCostOf(resume);
  const best = cost === null ? "" : `, best ${cost}`;
  return [...lines, `Going on with the search that was ${duration(secondsOf(resume))} old${best}.`];
}

function budgetText(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : duration(seconds);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
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

async function writeFiles(
  directory: string,
  { name, program, graph }: Subject,
  { result, stateFile }: Searched<Found>,
  { target: targets = DEFAULT_TARGETS, dtype, reassociate: shares = false }: OptimizeCommandOptions,
): Promise<string[]> {
  const { certificate, history, bounds, methods } = result;
  const { drawSearch } = await import("../picture.ts");
  const files: [name: string, what: string, text: string | Uint8Array][] = [
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
            reassociate: shares,
          }).map(({ path, what, text }): [string, string, string | Uint8Array] => [path, what, text]),
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

/** `alphagrad compare`: what all methods find on the tasks, side by side. */

import { InputError } from "../../errors.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { simplify } from "../../program/simplify.ts";
import { Random } from "../../random.ts";
import type { ProgramForm } from "../../search/certificate.ts";
import { searches } from "../../search/methods.ts";
import type { Objective } from "../../search/strategy.ts";
import { findTask, programOf, type Task, tasks } from "../../tasks/index.ts";
import { published } from "../../tasks/published.ts";
import {
  COMPARED,
  type ComparedMethod,
  type Comparison,
  comparisonOf,
  comparisonPicture,
  comparisonTables,
  type MethodComparison,
} from "../comparison.ts";
import { LiveLine } from "../live.ts";

interface CompareOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly methods?: readonly string[];
  readonly format: "text" | "markdown" | "json" | "svg";
}

/** What is compared: the paper's count on the paper's graphs, the real work on the programs that one would run. */
const CASES: readonly (readonly [Objective, ProgramForm])[] = [
  ["multiplications", "as written"],
  ["operations", "simplified"],
];

/** Compares task by task; Ctrl-C ends it with the tasks that are done. */
export async function compareCommand(names: readonly string[], options: CompareOptions): Promise<void> {
  const chosen = names.length === 0 ? tasks : names.map(taskNamed);
  const methods = (options.methods ?? Object.keys(COMPARED)).map(methodNamed);
  const line = new LiveLine(process.stderr);
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
  };
  process.on("SIGINT", interrupt);
  const rows: Comparison[] = [];
  for (const [index, task] of chosen.entries()) {
    const program = programOf(task);
    for (const [objective, form] of CASES) {
      const { graph } = linearize(form === "simplified" ? simplify(program) : program);
      const count = objective === "multiplications" ? (published[task.name]?.best ?? null) : null;
      const found: MethodComparison[] = [];
      for (const method of methods) {
        line.show(`${index + 1} of ${chosen.length}: ${task.name}, ${objective}, ${COMPARED[method]} …`);
        found.push(await run(graph, method, objective, count, options, abort.signal));
        if (abort.signal.aborted) break;
      }
      if (abort.signal.aborted) break;
      rows.push(comparisonOf({ task: task.name, objective, program: form, published: count }, found));
    }
    if (abort.signal.aborted) break;
  }
  process.off("SIGINT", interrupt);
  line.clear();
  process.stdout.write(`${(await text(rows, options.format)).trimEnd()}\n`);
}

function taskNamed(name: string): Task {
  const task = findTask(name);
  if (task === undefined)
    throw new InputError(
      `there is no task ${name}; the tasks are ${tasks.map((known) => known.name).join(", ")}`,
    );
  return task;
}

function methodNamed(name: string): ComparedMethod {
  if (Object.hasOwn(COMPARED, name)) return name as ComparedMethod;
  throw new InputError(
    `--methods: there is no ${name} to compare; there are ${Object.keys(COMPARED).join(", ")}`,
  );
}

async function run(
  graph: ComputationalGraph,
  method: ComparedMethod,
  objective: Objective,
  publishedCount: number | null,
  { seconds, seed }: CompareOptions,
  signal: AbortSignal,
): Promise<MethodComparison> {
  const start = performance.now();
  const { best, history, proof } = await searches[method](
    graph,
    { objective, budget: { seconds } },
    { random: Random.seeded(seed), now: () => performance.now(), signal },
  );
  const took = (performance.now() - start) / 1000;
  const { cost } = best;
  // These two are whole searches; the others have the classical orders beside them, whose time is not theirs.
  const isSearch = method === "auto" || method === "annealing";
  const timeTo = (mark: number) =>
    history.find((point) => point.cost <= mark && (isSearch || point.method === best.method))?.seconds;
  return {
    method,
    cost,
    seconds: isSearch ? took : best.seconds,
    secondsToBest: timeTo(cost) ?? best.seconds,
    secondsToPublished: publishedCount === null ? null : (timeTo(publishedCount) ?? null),
    lowerBound: proof?.lowerBound ?? null,
  };
}

async function text(rows: readonly Comparison[], format: CompareOptions["format"]): Promise<string> {
  switch (format) {
    case "json":
      return JSON.stringify(rows, null, 2);
    case "svg":
      return comparisonPicture(rows);
    case "text":
    case "markdown":
      return comparisonTables(rows, format);
  }
}

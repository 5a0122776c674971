/** `alphagrad compare`: the table of all methods on the tasks. */

import { InputError } from "../../errors.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { type Optimized, optimizeGraph } from "../../optimize.ts";
import type { Program } from "../../program/program.ts";
import { simplify } from "../../program/simplify.ts";
import type { ProgramForm } from "../../search/certificate.ts";
import type { Objective } from "../../search/strategy.ts";
import { findTask, programOf, type Task, tasks } from "../../tasks/index.ts";
import { published } from "../../tasks/published.ts";
import { LiveLine } from "../live.ts";
import { drawSvg } from "../plot.ts";
import { markdownTable, table } from "../table.ts";

interface CompareOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly format: "text" | "markdown" | "json" | "svg";
}

/** One task under one objective. */
interface Comparison {
  readonly task: string;
  readonly objective: Objective;
  readonly program: ProgramForm;
  readonly forward: number;
  readonly reverse: number;
  readonly markowitz: number;
  /** The best published count, in the paper's own accounting; null for operations and for tasks that are not the paper's. */
  readonly published: number | null;
  readonly best: number;
  readonly method: string;
  /** Until the best order was found, and in all. */
  readonly secondsToBest: number;
  readonly seconds: number;
  readonly lowerBound: number | null;
}

/** What is compared: the paper's count on the paper's graphs, the real work on the programs that one would run. */
const CASES: readonly (readonly [Objective, ProgramForm])[] = [
  ["multiplications", "as written"],
  ["operations", "simplified"],
];

export async function compareCommand(names: readonly string[], options: CompareOptions): Promise<void> {
  const chosen = names.length === 0 ? tasks : names.map(taskNamed);
  const line = new LiveLine(process.stderr);
  const rows: Comparison[] = [];
  for (const task of chosen) {
    const program = programOf(task);
    for (const [objective, form] of CASES) {
      line.show(`${task.name}, ${objective} …`);
      rows.push(
        await compare(task, form === "simplified" ? simplify(program) : program, objective, form, options),
      );
    }
  }
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

async function compare(
  task: Task,
  program: Program,
  objective: Objective,
  form: ProgramForm,
  { seconds, seed }: CompareOptions,
): Promise<Comparison> {
  const { graph } = linearize(program);
  const result = await optimizeGraph(graph, { objective, seconds, seed, form });
  const cost = (name: string) => result.methods.find(({ method }) => method === name)?.cost ?? Number.NaN;
  return {
    task: task.name,
    objective,
    program: form,
    forward: cost("forward"),
    reverse: cost("reverse"),
    markowitz: cost("markowitz"),
    published: objective === "multiplications" ? (published[task.name]?.best ?? null) : null,
    best: result.best.cost,
    method: result.best.method,
    secondsToBest: secondsToBest(result),
    seconds: result.certificate.seconds,
    lowerBound: objective === "multiplications" ? result.certificate.lowerBound.multiplications : null,
  };
}

function secondsToBest({ history, best }: Optimized): number {
  return history.find(({ cost }) => cost <= best.cost)?.seconds ?? 0;
}

async function text(rows: readonly Comparison[], format: CompareOptions["format"]): Promise<string> {
  if (format === "json") return JSON.stringify(rows, null, 2);
  if (format === "svg") return picture(rows);
  const draw = format === "markdown" ? markdownTable : table;
  const header = [
    "task",
    "forward",
    "reverse",
    "Markowitz",
    "published",
    "best",
    "method",
    "s to best",
    "lower bound",
  ];
  const sections = CASES.map(([objective, form]) => {
    const cells = rows
      .filter((row) => row.objective === objective)
      .map((row) => [
        row.task,
        `${row.forward}`,
        `${row.reverse}`,
        `${row.markowitz}`,
        row.published === null ? "–" : `${row.published}`,
        `${row.best}`,
        row.method,
        row.secondsToBest.toFixed(2),
        row.lowerBound === null
          ? "–"
          : row.lowerBound === row.best
            ? `${row.lowerBound}, proved`
            : `${row.lowerBound}`,
      ]);
    return `${objective}, programs ${form}\n\n${draw(header, cells)}`;
  });
  return sections.join("\n\n");
}

/** Costs relative to the better of forward and reverse, a row per task, a column per objective. */
function picture(rows: readonly Comparison[]): Promise<string> {
  const marks = rows.flatMap((row) => {
    const usual = Math.min(row.forward, row.reverse);
    const methods = [
      ["forward", row.forward],
      ["reverse", row.reverse],
      ["Markowitz", row.markowitz],
      ["published", row.published],
      ["best", row.best],
    ] as const;
    return methods.flatMap(([method, cost]) =>
      cost === null || usual === 0
        ? []
        : [{ task: row.task, objective: row.objective, method, ratio: cost / usual }],
    );
  });
  return drawSvg((Plot) => ({
    width: 820,
    height: 80 + 24 * new Set(rows.map(({ task }) => task)).size,
    marginLeft: 160,
    x: {
      label:
        "cost / better of forward and reverse → (light grey forward, grey reverse, orange Markowitz, pink published, blue best found)",
      grid: true,
      domain: [0.4, 2],
      clamp: true,
    },
    y: { label: null },
    fx: { label: null },
    color: {
      legend: false,
      domain: ["forward", "reverse", "Markowitz", "published", "best"],
      range: ["#bbb", "#888", "#e69f00", "#cc79a7", "#0b63c5"],
    },
    marks: [
      Plot.ruleX([1], { stroke: "#999" }),
      Plot.dot(marks, { x: "ratio", y: "task", fx: "objective", fill: "method", r: 5, title: "method" }),
      Plot.text(
        marks.filter(({ method }) => method === "best"),
        {
          x: "ratio",
          y: "task",
          fx: "objective",
          text: (d: { ratio: number }) => d.ratio.toFixed(2),
          dx: -20,
          fill: "#0b63c5",
        },
      ),
    ],
  }));
}

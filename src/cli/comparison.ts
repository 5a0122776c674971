/** What `alphagrad compare` shows: a table per objective, or a picture, of what the methods found on the tasks. */

import type { ProgramForm } from "../search/certificate.ts";
import type { SearchMethod } from "../search/methods.ts";
import type { Objective } from "../search/strategy.ts";
import { drawSvg } from "./plot.ts";
import { markdownTable, table } from "./table.ts";

/** What a method found. */
export interface MethodComparison {
  readonly method: SearchMethod;
  readonly cost: number;
  /** That it took. */
  readonly seconds: number;
  /** Until its best order was found. */
  readonly secondsToBest: number;
  /** Until it had an order as cheap as the best published one; null if it had none, or nothing is published. */
  readonly secondsToPublished: number | null;
  /** That it proved; null if none. */
  readonly lowerBound: number | null;
}

/** One task under one objective. */
export interface Comparison {
  readonly task: string;
  readonly objective: Objective;
  readonly program: ProgramForm;
  readonly methods: readonly MethodComparison[];
  /** The best published count, in the paper's own accounting; null for operations and for tasks that are not the paper's. */
  readonly published: number | null;
  /** The cheapest that any of the methods found, and the fastest of those that found it. */
  readonly best: MethodComparison;
  /** The highest lower bound. */
  readonly lowerBound: number | null;
  /** Whether no order is cheaper than the best. */
  readonly proved: boolean;
}

/** The methods that are compared, in the order of the columns, and their headings. */
export const COMPARED = {
  forward: "forward",
  reverse: "reverse",
  markowitz: "Markowitz",
  "relative-markowitz": "relative",
  "fill-in": "fill-in",
  lmmd: "LMMD",
  momr: "MOMR",
  moplr: "MOPLR",
  beam: "beam",
  annealing: "annealing",
  auto: "auto",
} as const satisfies { readonly [method in SearchMethod]?: string };

export type ComparedMethod = keyof typeof COMPARED;

/** A comparison of what the methods found. There is at least one. */
export function comparisonOf(
  facts: Pick<Comparison, "task" | "objective" | "program" | "published">,
  methods: readonly MethodComparison[],
): Comparison {
  const best = methods.reduce((least, method) =>
    method.cost < least.cost || (method.cost === least.cost && method.secondsToBest < least.secondsToBest)
      ? method
      : least,
  );
  const bounds = methods.flatMap(({ lowerBound }) => (lowerBound === null ? [] : [lowerBound]));
  const lowerBound = bounds.length === 0 ? null : Math.max(...bounds);
  return { ...facts, methods, best, lowerBound, proved: lowerBound === best.cost };
}

/** The time that the fastest of the methods needed to match the published count; "–" without one, or if none did. */
function secondsToPublished({ methods }: Comparison): string {
  const times = methods.flatMap(({ secondsToPublished: seconds }) => (seconds === null ? [] : [seconds]));
  return times.length === 0 ? "–" : Math.min(...times).toFixed(2);
}

/** A table per objective. In Markdown the cheapest are bold. */
export function comparisonTables(rows: readonly Comparison[], format: "text" | "markdown"): string {
  const emphasis = format === "markdown" ? (text: string) => `**${text}**` : (text: string) => text;
  const titleOf = ({ objective, program }: Comparison) => `${objective}, programs ${program}`;
  const sections = [...new Set(rows.map(titleOf))].map((title) => {
    const group = rows.filter((row) => titleOf(row) === title);
    const methods = columnsOf(group);
    const header = [
      "task",
      ...methods.map((method) => COMPARED[method]),
      "published",
      "s to published",
      "best",
      "s to best",
      "lower bound",
    ];
    const cells = group.map((row) => {
      const { task, published, best, lowerBound, proved } = row;
      return [
        task,
        ...methods.map((name) => {
          const cost = row.methods.find(({ method }) => method === name)?.cost;
          if (cost === undefined) return "–";
          return cost === best.cost ? emphasis(`${cost}`) : `${cost}`;
        }),
        published === null ? "–" : `${published}`,
        secondsToPublished(row),
        emphasis(`${best.cost}`),
        best.secondsToBest.toFixed(2),
        lowerBound === null ? "–" : proved ? `${lowerBound}, proved` : `${lowerBound}`,
      ];
    });
    return `${title}\n\n${(format === "markdown" ? markdownTable : table)(header, cells)}`;
  });
  return sections.join("\n\n");
}

function columnsOf(rows: readonly Comparison[]): ComparedMethod[] {
  const used = new Set<string>(rows.flatMap(({ methods }) => methods.map(({ method }) => method)));
  return (Object.keys(COMPARED) as ComparedMethod[]).filter((method) => used.has(method));
}

/** The families that the picture tells apart. */
const FAMILIES = {
  "forward and reverse": "#999999",
  "greedy heuristics": "#e69f00",
  beam: "#009e73",
  published: "#cc79a7",
  annealing: "#56b4e9",
  auto: "#0b63c5",
} as const;

function familyOf(method: SearchMethod): keyof typeof FAMILIES {
  if (method === "forward" || method === "reverse") return "forward and reverse";
  if (method === "beam" || method === "annealing" || method === "auto") return method;
  return "greedy heuristics";
}

/** What the better of forward and reverse costs; null if there is nothing to compare with. */
function usualCost({ methods }: Comparison): number | null {
  const costs = methods
    .filter(({ method }) => familyOf(method) === "forward and reverse")
    .map(({ cost }) => cost);
  const least = Math.min(...costs);
  return Number.isFinite(least) && least > 0 ? least : null;
}

/** An SVG document: costs relative to the better of forward and reverse, a row per task, a column per objective. */
export function comparisonPicture(rows: readonly Comparison[]): Promise<string> {
  const comparable = rows.flatMap((row) => {
    const usual = usualCost(row);
    return usual === null ? [] : [{ ...row, usual }];
  });
  const marks = comparable.flatMap(({ task, objective, methods, published, usual }) => {
    const dots = methods.map(({ method, cost }) => ({
      task,
      objective,
      name: `${COMPARED[method as ComparedMethod]} ${cost}`,
      family: familyOf(method) as string,
      ratio: cost / usual,
    }));
    const name = `published ${published}`;
    return published === null
      ? dots
      : [...dots, { task, objective, name, family: "published", ratio: published / usual }];
  });
  const bests = comparable.map(({ task, objective, best, proved, usual }) => ({
    task,
    objective,
    ratio: best.cost / usual,
    text: `${(best.cost / usual).toFixed(2)}${proved ? " proved" : ""}`,
  }));
  const tasks = new Set(rows.map(({ task }) => task)).size;
  const families = Object.keys(FAMILIES);
  return drawSvg((Plot) => ({
    width: 900,
    height: 120 + 24 * tasks,
    marginLeft: 160,
    marginTop: 56,
    marginBottom: 40,
    x: {
      label: "cost relative to the better of forward and reverse →",
      grid: true,
      domain: [0.2, 2],
      clamp: true,
    },
    y: { label: null },
    fx: { label: null, axis: "top" },
    color: { legend: false, domain: families, range: Object.values(FAMILIES) },
    marks: [
      Plot.ruleX([1], { stroke: "#999" }),
      Plot.dot(marks, {
        x: "ratio",
        y: "task",
        fx: "objective",
        stroke: "family",
        strokeWidth: 1.5,
        r: 4,
        title: "name",
      }),
      Plot.text(bests, {
        x: "ratio",
        y: "task",
        fx: "objective",
        text: "text",
        dx: -10,
        textAnchor: "end",
        fill: FAMILIES.auto,
      }),
      // The legend, as one more row of texts above the frame of the first column.
      ...families.map((family, index) =>
        Plot.text([family], {
          frameAnchor: "top-left",
          dx: 140 * index - 150,
          dy: -48,
          fx: null,
          facet: "super",
          text: () => `● ${family}`,
          fill: FAMILIES[family as keyof typeof FAMILIES],
        }),
      ),
    ],
  }));
}

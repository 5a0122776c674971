/** The learning curve: costs over time, beside what other orders cost. */

import { drawSvg } from "../plot.ts";
import type { CurvePoint } from "./log.ts";
import { costText, type Reference } from "./sources.ts";

/** What is drawn. */
export interface LearningCurve {
  readonly title: string;
  readonly points: readonly CurvePoint[];
  /** The sources with what other orders of them cost; nothing for random programs alone. */
  readonly sources: readonly { readonly name: string; readonly references: readonly Reference[] }[];
}

interface Sample {
  readonly minutes: number;
  readonly cost: number;
  readonly curve: string;
}

const WIDTH = 760;
const HEIGHT = 440;

/** An SVG document: of one source its costs, of several their ratios to the cheapest of forward, reverse and Markowitz. */
export async function drawLearning({ title, points, sources }: LearningCurve): Promise<string> {
  const [only, ...others] = sources;
  const isSingle = only !== undefined && others.length === 0;
  const samples = isSingle ? costsOf(points) : ratiosOf(points, sources);
  const rules = isSingle ? only.references : [{ name: "greedy, or cheapest usual order", cost: 1 }];
  const end = Math.max(0.01, ...samples.map(({ minutes }) => minutes));
  const lowest = Math.min(...samples.map(({ cost }) => cost), ...rules.map(({ cost }) => cost));
  // Early play and poor orders would press the rest together.
  const highest = isSingle
    ? Math.max(lowest * 1.25, ...rules.map(({ cost }) => Math.min(cost, lowest * 1.6)))
    : Math.max(1.05, Math.min(1.5, ...samples.slice(0, 1).map(({ cost }) => cost)));
  const domain = [lowest - 0.03 * (highest - lowest), highest];
  const within = rules.filter(({ cost }) => cost <= highest);
  const above = rules.filter(({ cost }) => cost > highest);
  const note = above.map(({ name, cost }) => `${name} ${costText(cost)}`).join(", ");
  return drawSvg((Plot) => ({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 56,
    marginRight: 150,
    x: { label: "minutes of training →", domain: [0, end] },
    y: { label: `↑ ${isSingle ? "cost" : "relative cost"} of ${title}`, domain, grid: true, clamp: true },
    marks: [
      Plot.ruleY(within, { y: "cost", stroke: "#999", strokeDasharray: "4 3" }),
      Plot.text(within, {
        y: "cost",
        x: () => end,
        textAnchor: "start",
        dx: 6,
        text: ({ name, cost }: Reference) => (isSingle ? `${name} ${costText(cost)}` : name),
        fill: "#666",
      }),
      Plot.line(samples, { x: "minutes", y: "cost", z: "curve", stroke: "curve", strokeWidth: 1.8 }),
      Plot.text(lastOfEach(samples), {
        x: "minutes",
        y: "cost",
        text: ({ curve, cost }: Sample) =>
          `${curve} ${isSingle ? Math.round(cost * 10) / 10 : cost.toFixed(3)}`,
        fill: "curve",
        textAnchor: "end",
        dy: -7,
      }),
      ...(note === ""
        ? []
        : [
            Plot.text([note], { frameAnchor: "top-right", text: (d: string) => `above: ${d}`, fill: "#666" }),
          ]),
    ],
  }));
}

function costsOf(points: readonly CurvePoint[]): Sample[] {
  return points.flatMap(({ seconds, best, mean, greedy }) =>
    samplesAt(seconds, { best, "mean of the last 64": mean, "without exploration": greedy }),
  );
}

function ratiosOf(points: readonly CurvePoint[], sources: LearningCurve["sources"]): Sample[] {
  return points.flatMap(({ seconds, meanRatio, validation, bests }) => {
    const relative = sources.map(({ name, references }) => {
      const usual = Math.min(...references.slice(0, 3).map(({ cost }) => cost));
      const best = bests[name] ?? null;
      return [`best of ${name}`, best === null ? null : best / usual] as const;
    });
    return samplesAt(seconds, {
      ...Object.fromEntries(relative),
      "mean of the last 64": meanRatio,
      "held-out programs": validation,
    });
  });
}

function samplesAt(seconds: number, costs: Readonly<Record<string, number | null>>): Sample[] {
  return Object.entries(costs).flatMap(([curve, cost]) =>
    cost === null ? [] : [{ minutes: seconds / 60, cost, curve }],
  );
}

function lastOfEach(samples: readonly Sample[]): Sample[] {
  return [...new Map(samples.map((sample) => [sample.curve, sample])).values()];
}

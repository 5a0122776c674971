/** The picture of a benchmark, as in the figures of Lohoff & Neftci (2024): time over batch size, both logarithmic, a panel per dtype. */

import { drawSvg } from "../plot.ts";
import { type Benchmark, type BenchmarkTarget, distinct, fastest, rowOf, withThreads } from "./result.ts";

/** A point of a line. */
interface Mark {
  readonly line: string;
  readonly dtype: string;
  readonly batch: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Colours of orders; other lines take those that are left. */
const COLOURS: Readonly<Record<string, string>> = {
  forward: "#e69f00",
  reverse: "#009e73",
  markowitz: "#cc79a7",
  ours: "#0b63c5",
};
const FURTHER = ["#777777", "#222222", "#b0b0b0", "#8c564b", "#9c755f", "#555555"];

/**
 * An SVG document: the orders on one target, the peers beside them, each peer by the fastest of its variants.
 *
 * @param target whose kernels are drawn
 */
export function benchmarkPicture(benchmark: Benchmark, target: BenchmarkTarget): Promise<string> {
  const marks = marksOf(benchmark, target);
  const lines = distinct(marks.map(({ line }) => line));
  const batches = distinct(marks.map(({ batch }) => batch)).sort((a, b) => a - b);
  const dtypes = distinct(marks.map(({ dtype }) => dtype));
  const last = batches.at(-1) ?? 1;
  const further = lines.filter((line) => COLOURS[line] === undefined);
  const colour = (line: string) => COLOURS[line] ?? FURTHER[further.indexOf(line) % FURTHER.length] ?? "#222";
  return drawSvg((Plot) => ({
    width: 120 + 420 * dtypes.length,
    height: 420,
    marginLeft: 56,
    marginRight: 150,
    marginTop: 40,
    x: { type: "log", label: "batch size →", axis: null },
    y: {
      type: "log",
      label: `↑ ns per Jacobian of ${benchmark.name}, orders in ${target}`,
      grid: true,
      tickFormat: "~s",
    },
    // Between the panels is room for the labels at the ends of the lines.
    fx: { label: null, axis: "top", domain: dtypes, padding: 0.3 },
    color: { legend: false, domain: lines, range: lines.map(colour) },
    marks: [
      Plot.axisX(batches, { text: batches.map(String), tickSize: 4 }),
      Plot.ruleX(marks, {
        x: "batch",
        y1: "low",
        y2: "high",
        fx: "dtype",
        stroke: "line",
        strokeOpacity: 0.5,
      }),
      Plot.line(marks, {
        x: "batch",
        y: "median",
        fx: "dtype",
        stroke: "line",
        z: "line",
        strokeWidth: 1.8,
      }),
      Plot.dot(marks, { x: "batch", y: "median", fx: "dtype", fill: "line", r: 2.5 }),
      Plot.text(
        spread(
          marks,
          marks.filter(({ batch }) => batch === last),
        ),
        {
          x: "batch",
          y: "at",
          fx: "dtype",
          text: "line",
          fill: "line",
          textAnchor: "start",
          dx: 7,
        },
      ),
    ],
  }));
}

function marksOf({ cases }: Benchmark, target: BenchmarkTarget): Mark[] {
  const drawn = cases.filter((found) => found.kind === "peer" || found.target === target);
  const lineOf = (found: (typeof drawn)[number]) =>
    found.kind === "kernel" ? withThreads(found.order, found) : rowOf(found);
  const keys = distinct(drawn.map((found) => `${lineOf(found)}\n${found.dtype}\n${found.batch}`));
  return keys
    .flatMap((key): Mark[] => {
      const [line = "", dtype = "", batch = ""] = key.split("\n");
      const found = fastest(
        drawn.filter((own) => lineOf(own) === line && own.dtype === dtype && own.batch === Number(batch)),
      );
      return found === null
        ? []
        : [{ line, dtype, batch: Number(batch), median: found.median, low: found.low, high: found.high }];
    })
    .sort((a, b) => a.batch - b.batch);
}

/** Labels are at least this share of the axis apart. */
const APART = 0.045;

/** Some of all marks with the places of their labels, moved apart where lines end close together. */
function spread(all: readonly Mark[], marks: readonly Mark[]): (Mark & { readonly at: number })[] {
  const times = all.flatMap(({ low, high }) => [low, high]);
  const apart = (Math.max(...times) / Math.min(...times)) ** APART;
  return distinct(marks.map(({ dtype }) => dtype)).flatMap((dtype) => {
    let before = 0;
    return marks
      .filter((mark) => mark.dtype === dtype)
      .sort((a, b) => a.median - b.median)
      .map((mark) => {
        before = Math.max(mark.median, before * apart);
        return { ...mark, at: before };
      });
  });
}

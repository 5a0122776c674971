/** The picture of a search: the best cost and the lower bound over time, beside what the classical orders cost. */

import type { BoundPoint, HistoryPoint, MethodResult } from "../search/auto.ts";
import type { Objective } from "../search/strategy.ts";
import { drawSvg } from "./plot.ts";

/** What is drawn. */
export interface SearchPicture {
  readonly name: string;
  readonly objective: Objective;
  readonly history: readonly HistoryPoint[];
  readonly bounds: readonly BoundPoint[];
  readonly methods: readonly Pick<MethodResult, "method" | "cost">[];
  /** When the search ended. */
  readonly seconds: number;
}

const WIDTH = 720;
const HEIGHT = 420;
/** Where the logarithmic time axis begins, in seconds; earlier moments are drawn there. */
const FIRST = 0.001;

/** An SVG document of cost and lower bound over time, time on a logarithmic axis. */
export async function drawSearch({
  name,
  objective,
  history,
  bounds,
  methods,
  seconds,
}: SearchPicture): Promise<string> {
  const at = (time: number) => Math.max(time, FIRST);
  const last = history.at(-1);
  const end = Math.max(seconds, 10 * FIRST);
  const curve = history.map((point) => ({ time: at(point.seconds), cost: point.cost }));
  if (last !== undefined) curve.push({ time: end, cost: last.cost });
  const highest = bounds.at(-1);
  const below = bounds.map((point) => ({ time: at(point.seconds), bound: point.bound }));
  if (highest !== undefined) below.push({ time: end, bound: highest.bound });
  const isProved = highest !== undefined && highest.bound === last?.cost;
  const beside = { y: "cost", x: () => end, textAnchor: "start", dx: 6 } as const;
  const classical = methods.filter(({ method }) => ["forward", "reverse", "markowitz"].includes(method));
  return drawSvg((Plot) => ({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 56,
    marginRight: 120,
    x: {
      type: "log",
      label: "seconds of search →",
      domain: [FIRST, end],
      tickFormat: "~g",
    },
    y: { label: `↑ ${objective} of ${name}`, grid: true, nice: true, zero: true },
    marks: [
      Plot.ruleY(classical, { y: "cost", stroke: "#999", strokeDasharray: "4 3" }),
      Plot.text(classical, { ...beside, text: (d: MethodResult) => `${d.method} ${d.cost}`, fill: "#666" }),
      Plot.line(curve, { x: "time", y: "cost", curve: "step-after", stroke: "#0b63c5", strokeWidth: 2 }),
      Plot.text(last === undefined ? [] : [last], {
        ...beside,
        text: (d: HistoryPoint) => `best ${d.cost}${isProved ? ", proved" : ""}`,
        fill: "#0b63c5",
        fontWeight: "bold",
      }),
      Plot.line(below, { x: "time", y: "bound", curve: "step-after", stroke: "#d55e00", strokeWidth: 2 }),
      Plot.text(highest === undefined || isProved ? [] : [highest], {
        ...beside,
        y: "bound",
        text: (d: BoundPoint) => `at least ${d.bound}`,
        // Below its line: the best cost is close above.
        dy: 14,
        fill: "#d55e00",
      }),
    ],
  }));
}

/** Observable Plot without a browser. */

import type * as PlotModule from "@observablehq/plot";

/** What a figure is made with. */
export type Plot = typeof PlotModule;

/** An SVG document of a figure; both libraries are loaded when the first is drawn. */
export async function drawSvg(options: (plot: Plot) => PlotModule.PlotOptions): Promise<string> {
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<html><body></body></html>");
  const figure = plot.plot({
    document,
    style: { background: "white", color: "#222", fontFamily: "system-ui, sans-serif", fontSize: "12px" },
    ...options(plot),
  });
  const svg = figure.tagName.toLowerCase() === "svg" ? figure : figure.querySelector("svg:last-of-type");
  if (svg === null) throw new Error("a figure without a picture");
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${svg.outerHTML}\n`;
}

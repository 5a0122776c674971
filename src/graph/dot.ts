/** Graphviz DOT text of a ComputationalGraph: `dot -Tsvg` draws it. */

import type { Program } from "../program/program.ts";
import type { ComputationalGraph, EdgeTerm } from "./graph.ts";
import { nodeOfVertex } from "./graph.ts";

/**
 * The DOT text of a graph, in rows from the inputs (ellipses) over the vertices (boxes, with the number of their equation) to the outputs (double
 * borders). Edges whose value is a known constant bear it.
 *
 * @param program the program that was linearized, if its primitives and output names are to be shown
 */
export function toDot(graph: ComputationalGraph, program?: Program): string {
  const outputs = new Map<number, string[]>();
  for (const [index, node] of graph.outputs.entries()) {
    const name = program?.outputs[index]?.name ?? `output ${index}`;
    if (node !== null) outputs.set(node, [...(outputs.get(node) ?? []), name]);
  }
  const nodes = [
    ...graph.inputs.map(({ name }, node) => nodeLine(node, [name], "ellipse")),
    ...graph.vertices.map(({ equation, name }, vertex) => {
      const node = nodeOfVertex(graph, vertex);
      const results = outputs.get(node);
      const primitive = equation === null ? "copy" : program?.equations[equation - 1]?.primitive;
      const first = [equation === null ? [] : `${equation}`, primitive ?? []].flat().join(" ");
      const lines = [first, ...(results ?? [name])].filter((line) => line !== "");
      return nodeLine(node, lines, results === undefined ? "box" : "box, peripheries=2");
    }),
  ];
  const edges = graph.edges.map(({ from, to, terms }) => `n${from} -> n${to}${edgeLabel(terms)};`);
  const lines = ["rankdir=TB;", 'node [fontname="Helvetica"];', ...nodes, ...edges];
  return `digraph ${quoted(graph.name)} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function nodeLine(node: number, lines: readonly string[], shape: string): string {
  return `n${node} [label=${quoted(lines.join("\n"))}, shape=${shape}];`;
}

function edgeLabel([term, ...others]: readonly EdgeTerm[]): string {
  return term?.value.kind === "constant" && others.length === 0
    ? ` [label=${quoted(String(term.value.constant))}]`
    : "";
}

/** A DOT string: only quotes and backslashes need an escape; line breaks are centred ones. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/\r?\n|\r/g, "\\n")}"`;
}

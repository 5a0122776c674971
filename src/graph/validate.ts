/** Whether a ComputationalGraph that came from outside is one: every rule of `graph.ts` that search and counting rely on. */

import type { InputError } from "../errors.ts";
import { type Dim, type Structure, structureKey } from "../structure/structure.ts";
import type { ComputationalGraph, EdgeTerm, TermValue } from "./graph.ts";

/** Keys and indices from the root of the graph, as in JSON. */
export type GraphPath = readonly (string | number)[];

type Report = (message: string, path: GraphPath) => InputError;

/**
 * Checks a graph: equations ascend, edges are sorted and lead forward to vertices, outputs are sinks, every vertex lies on a path from an
 * input to an output, structures fit their shapes, values are numbered.
 *
 * @throws the InputError that `report` makes for the first fault
 */
export function validateGraph(graph: ComputationalGraph, report: Report): void {
  checkEquations(graph, report);
  checkEdges(graph, report);
  checkOutputs(graph, report);
  for (const [index, { left, right, result }] of graph.known.entries())
    for (const [member, value] of Object.entries({ left, right, result }))
      checkValue(value, graph.valueCount, ["known", index, member], report);
}

function checkEquations({ vertices }: ComputationalGraph, report: Report): void {
  let last = 0;
  for (const [index, { equation }] of vertices.entries()) {
    if (equation === null) continue;
    if (equation <= last)
      throw report(`equation numbers start at 1 and ascend, got ${equation} after ${last}`, [
        "vertices",
        index,
        "equation",
      ]);
    last = equation;
  }
}

function checkEdges(graph: ComputationalGraph, report: Report): void {
  const { inputs, edges } = graph;
  const shapes = [...inputs, ...graph.vertices].map(({ shape }) => shape);
  let last = { from: -1, to: -1 };
  for (const [index, { from, to, terms }] of edges.entries()) {
    const path = ["edges", index];
    const [outShape, inShape] = [shapes[to], shapes[from]];
    if (outShape === undefined || inShape === undefined)
      throw report(
        `nodes are numbered from 0 to ${shapes.length - 1}, got an edge from ${from} to ${to}`,
        path,
      );
    if (from >= to) throw report(`edges lead to a node of higher number, got ${from} to ${to}`, path);
    if (to < inputs.length) throw report(`no edge leads to an input, got ${from} to ${to}`, path);
    if (to < last.to || (to === last.to && from <= last.from))
      throw report("edges are sorted by (to, from), one for each pair", path);
    last = { from, to };
    if (terms.length === 0) throw report("an edge has at least one term", [...path, "terms"]);
    const keys = new Set<string>();
    for (const [position, term] of terms.entries()) {
      const place = [...path, "terms", position];
      checkTerm(term, outShape, inShape, graph.valueCount, place, report);
      const key = structureKey(term.structure);
      if (keys.has(key)) throw report("an edge has no two terms of one structure", place);
      keys.add(key);
    }
  }
}

function checkTerm(
  { structure, counted, value }: EdgeTerm,
  outShape: readonly number[],
  inShape: readonly number[],
  valueCount: number,
  path: GraphPath,
  report: Report,
): void {
  checkDims(structure.out, outShape, structure, [...path, "structure", "out"], report);
  checkDims(structure.in, inShape, structure, [...path, "structure", "in"], report);
  const labels = [...structure.out, ...structure.in].flatMap(({ label }) => label ?? []);
  const inOrder = [...new Set(labels)].every((label, position) => label === position);
  if (!inOrder || new Set(labels).size !== structure.extents.length)
    throw report("labels are numbered by their first appearance in out, then in", [...path, "structure"]);
  if (structure.extents.includes(1))
    throw report("a label of extent 1 is written as null", [...path, "structure", "extents"]);
  if (
    counted?.some(
      (label, position) => label >= structure.extents.length || counted.indexOf(label) !== position,
    )
  )
    throw report("counted labels are labels of the structure, each at most once", [...path, "counted"]);
  checkValue(value, valueCount, [...path, "value"], report);
}

/** The dims have the node's shape and their windows lie within them. */
function checkDims(
  dims: readonly Dim[],
  shape: readonly number[],
  { extents }: Structure,
  path: GraphPath,
  report: Report,
): void {
  if (dims.length !== shape.length || dims.some(({ size }, dim) => size !== shape[dim]))
    throw report(`the sizes are those of the node's shape [${shape.join(",")}]`, path);
  for (const [dim, { size, offset, label, stride = 1 }] of dims.entries()) {
    const extent = label === null ? 1 : extents[label];
    if (extent === undefined) throw report(`label ${label} has no extent`, [...path, dim]);
    const end = offset + stride * (extent - 1);
    if (Math.min(offset, end) < 0 || Math.max(offset, end) >= size)
      throw report(`a window of ${extent} at ${offset} exceeds the size ${size}`, [...path, dim]);
    if (stride === 0) throw report("a stride is not 0", [...path, dim]);
  }
}

function checkValue(value: TermValue, valueCount: number, path: GraphPath, report: Report): void {
  if (value.kind === "value" && value.value >= valueCount)
    throw report(`values are numbered from 0 to ${valueCount - 1}, got ${value.value}`, path);
}

/** Outputs are vertices without successors; every other vertex has one, and every vertex has a predecessor. */
function checkOutputs({ inputs, vertices, edges, outputs }: ComputationalGraph, report: Report): void {
  const sources = new Set(edges.map(({ from }) => from));
  const targets = new Set(edges.map(({ to }) => to));
  for (const [index, node] of outputs.entries()) {
    if (node === null) continue;
    if (node < inputs.length || node >= inputs.length + vertices.length)
      throw report(`an output is a vertex, got node ${node}`, ["outputs", index]);
    if (sources.has(node))
      throw report(`an output has no successors, but node ${node} has`, ["outputs", index]);
  }
  const results = new Set(outputs);
  for (const index of vertices.keys()) {
    const node = inputs.length + index;
    if (!targets.has(node) || !(sources.has(node) || results.has(node)))
      throw report(`node ${node} lies on no path from an input to an output`, ["vertices", index]);
  }
}

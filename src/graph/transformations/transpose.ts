/** Transposition: all edges turned round, which is the graph of the transposed Jacobian. The strongest symmetry of the problem. */

import { renumbered } from "../../structure/structure.ts";
import { type ComputationalGraph, type EdgeTerm, type GraphVertex, intermediates } from "../graph.ts";
import type { Relabelled } from "./relabel.ts";

/**
 * The graph with its edges turned round: outputs become inputs, inputs outputs (null where nothing depends on them). An elimination multiplies the same
 * pairs of terms, so every order costs what it did in `multiplications`. Values are forgotten, as `compress` forgets them.
 */
export function transposed(graph: ComputationalGraph): Relabelled {
  const { inputs, vertices } = graph;
  const nodeOf = (node: number) => inputs[node] ?? vertices[node - inputs.length];
  const sources = [...new Set(graph.outputs)].filter((node) => node !== null);
  const inner = intermediates(graph).reverse();
  const used = new Set(graph.edges.map(({ from }) => from));
  const sinks = [...inputs.keys()].filter((input) => used.has(input));
  const number = new Map([...sources, ...inner, ...sinks].map((node, place) => [node, place]));
  const equations = new Map<number, number>();
  const vertex = (node: number, place: number): GraphVertex => {
    const { name = "", shape = [] } = nodeOf(node) ?? {};
    const equation = vertices[node - inputs.length]?.equation ?? null;
    if (equation !== null) equations.set(place + 1, equation);
    return { equation: place + 1, name, shape };
  };
  let valueCount = 0;
  const turned = ({ structure, counted, value }: EdgeTerm): EdgeTerm => {
    const { structure: turnedStructure, labels } = renumbered({
      out: structure.in,
      in: structure.out,
      extents: structure.extents,
    });
    return {
      structure: turnedStructure,
      counted: counted?.flatMap((label) => labels[label] ?? []) ?? null,
      value: value.kind === "constant" ? value : { kind: "value", value: valueCount++, negative: false },
    };
  };
  return {
    graph: {
      name: graph.name,
      inputs: sources.map((node) => ({ name: nodeOf(node)?.name ?? "", shape: nodeOf(node)?.shape ?? [] })),
      vertices: [...inner, ...sinks].map(vertex),
      edges: graph.edges
        .map(({ from, to, terms }) => ({
          from: number.get(to) ?? 0,
          to: number.get(from) ?? 0,
          terms: terms.map(turned),
        }))
        .sort((a, b) => a.to - b.to || a.from - b.from),
      outputs: [...inputs.keys()].map((input) => number.get(input) ?? null),
      valueCount,
      known: [],
    },
    equations,
  };
}

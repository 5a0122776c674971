/**
 * The least multiplications of edge and of face elimination, by trying all sequences of a small graph: the oracle of the search by finer moves.
 *
 * States are told apart by what their strands are sums of: a strand is named by the paths that it sums up.
 */

import type { EdgeAlgebra } from "../src/graph/elimination.ts";
import { FaceElimination, type NodeStep } from "../src/graph/faces.ts";
import { type ComputationalGraph, intermediates } from "../src/graph/graph.ts";

interface Position {
  readonly cost: number;
  readonly steps: readonly NodeStep[];
}

/**
 * The least that any sequence of edge eliminations costs, or of face eliminations; all edges of the graph are counted. Dijkstra's algorithm:
 * positions in the order of their costs.
 */
export function cheapestByMoves(graph: ComputationalGraph, moves: "edge" | "face"): number {
  const nodes = [...graph.inputs.keys(), ...graph.vertices.map((_, vertex) => graph.inputs.length + vertex)];
  const inner = intermediates(graph);
  const byCost: Position[][] = [[{ cost: 0, steps: [] }]];
  const seen = new Set<string>();
  for (let cost = 0; cost < byCost.length; cost++)
    for (const { steps } of byCost[cost] ?? []) {
      const here = replay(graph, steps);
      const key = keyOf(here, nodes);
      if (seen.has(key)) continue;
      seen.add(key);
      if (inner.every((node) => !here.isOpen(node))) return cost;
      for (const step of stepsAt(here, inner, moves === "face")) {
        const paid = cost + priceOf(here, step);
        byCost[paid] ??= [];
        byCost[paid].push({ cost: paid, steps: [...steps, step] });
      }
    }
  return Infinity;
}

type Paths = readonly string[];

const paths: EdgeAlgebra<Paths> = {
  term: () => [],
  product: (outgoing, incoming) =>
    outgoing.flatMap((after) => incoming.map((before) => `${before}|${after}`)),
  sum: ([present = []], added) => [[...new Set([...present, ...added])].sort()],
};

function replay(graph: ComputationalGraph, steps: readonly NodeStep[]): FaceElimination<Paths> {
  let edge = 0;
  const elimination = new FaceElimination(graph, { ...paths, term: () => [`${edge++}`] });
  for (const step of steps) elimination.take(step);
  return elimination;
}

/** How many faces a step eliminates, each of which costs one multiplication. */
function priceOf(elimination: FaceElimination<Paths>, step: NodeStep): number {
  const count = (from: number, via: number, to: number) =>
    elimination
      .strands(from, via)
      .reduce((sum, { after }) => sum + [...after].filter((strand) => strand.to === to).length, 0);
  if (step.kind === "face") return count(step.from, step.via, step.to);
  if (step.kind === "front")
    return elimination.successors(step.via).reduce((sum, to) => sum + count(step.from, step.via, to), 0);
  if (step.kind === "back")
    return elimination.predecessors(step.via).reduce((sum, from) => sum + count(from, step.via, step.to), 0);
  return 0;
}

function* stepsAt(
  here: FaceElimination<Paths>,
  inner: readonly number[],
  withFaces: boolean,
): Generator<NodeStep> {
  for (const via of inner) {
    const [sources, targets] = [here.predecessors(via), here.successors(via)];
    if (withFaces)
      for (const from of sources) for (const to of targets) yield { kind: "face", from, via, to };
    else {
      for (const from of sources) yield { kind: "front", from, via };
      for (const to of targets) yield { kind: "back", via, to };
    }
  }
}

function keyOf(here: FaceElimination<Paths>, nodes: readonly number[]): string {
  const name = ({ terms }: { readonly terms: readonly Paths[] }) => (terms[0] ?? []).join(",");
  return nodes
    .flatMap((from) =>
      nodes.flatMap((to) =>
        here
          .strands(from, to)
          .map((strand) => `${name(strand)}>${[...strand.after].map(name).sort().join(";")}`),
      ),
    )
    .sort()
    .join("\n");
}

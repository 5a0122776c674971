/** Random vertex, edge and face elimination of a graph, to its end. */

import { type FaceElimination, type NodeStep, structuralElimination } from "../src/graph/faces.ts";
import { type ComputationalGraph, intermediates } from "../src/graph/graph.ts";
import { Random } from "../src/random.ts";
import { isNamed } from "../src/search/moves/step.ts";

/** The steps of a random elimination; each does something when its turn comes. */
export function randomSteps(graph: ComputationalGraph, seed: number): NodeStep[] {
  const random = Random.seeded(seed);
  const elimination = structuralElimination(graph);
  const steps: NodeStep[] = [];
  for (;;) {
    const open = intermediates(graph).filter((node) => elimination.isOpen(node));
    if (open.length === 0) return steps;
    const via = open[random.below(open.length)]!;
    const step = drawStep(elimination, graph, via, random);
    if (elimination.take(step)) steps.push(step);
  }
}

function drawStep(
  elimination: FaceElimination<true>,
  graph: ComputationalGraph,
  via: number,
  random: Random,
): NodeStep {
  const pick = (nodes: number[]) => nodes.filter((node) => isNamed(graph, node))[random.below(nodes.length)];
  const from = pick(elimination.predecessors(via));
  const to = pick(elimination.successors(via));
  const kind = random.below(4);
  if (kind === 1 && from !== undefined) return { kind: "front", from, via };
  if (kind === 2 && to !== undefined) return { kind: "back", via, to };
  if (kind === 3 && from !== undefined && to !== undefined) return { kind: "face", from, via, to };
  return { kind: "vertex", via };
}

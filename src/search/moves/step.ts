/** Steps as the engines of edge and face elimination see them: by node numbers of the graph. */

import { type NodeStep, referencedNodes, structuralElimination } from "../../graph/faces.ts";
import type { ComputationalGraph, Elimination, EliminationStep } from "../../graph/graph.ts";

/** What a search may eliminate: whole vertices; also edges; also faces. Each admits all that the ones before it do. */
export const MOVES = ["vertex", "edge", "face"] as const;
export type Moves = (typeof MOVES)[number];

/** What steps cost, and which steps there are on the way. */
export interface StepEngine {
  /** What the steps cost in all; a step that is not there when its turn comes does nothing. */
  cost(steps: readonly NodeStep[]): number;
  /** The nodes with an edge to this one, and from it, after the first `count` steps. */
  neighbours(
    steps: readonly NodeStep[],
    count: number,
    node: number,
  ): { readonly predecessors: readonly number[]; readonly successors: readonly number[] };
}

/** The steps that do something when their turn comes, whatever the values are. */
export function effectiveSteps(graph: ComputationalGraph, steps: readonly NodeStep[]): NodeStep[] {
  const elimination = structuralElimination(graph);
  return steps.filter((step) => elimination.take(step));
}

/** The steps of an elimination between nodes. It must be one of the graph. */
export function toNodeSteps(graph: ComputationalGraph, steps: Elimination): NodeStep[] {
  const nodeOf = referencedNodes(graph);
  const node = (reference: number) => nodeOf.get(reference) ?? 0;
  return steps.map((step): NodeStep => {
    if (typeof step === "number") return { kind: "vertex", via: node(step) };
    if ("front" in step) return { kind: "front", from: node(step.front[0]), via: node(step.front[1]) };
    if ("back" in step) return { kind: "back", via: node(step.back[0]), to: node(step.back[1]) };
    const [from, via, to] = step.face;
    return { kind: "face", from: node(from), via: node(via), to: node(to) };
  });
}

/** The steps as the world sees them. All nodes are ones that a step can name (see `isNamed`). */
export function toElimination(graph: ComputationalGraph, steps: readonly NodeStep[]): Elimination {
  const name = (node: number) => nameOf(graph, node) ?? 0;
  return steps.map((step): EliminationStep => {
    if (step.kind === "vertex") return name(step.via);
    if (step.kind === "front") return { front: [name(step.from), name(step.via)] };
    if (step.kind === "back") return { back: [name(step.via), name(step.to)] };
    return { face: [name(step.from), name(step.via), name(step.to)] };
  });
}

/** Whether a step can name a node: all but the copies of outputs. */
export function isNamed(graph: ComputationalGraph, node: number): boolean {
  return nameOf(graph, node) !== null;
}

function nameOf({ inputs, vertices }: ComputationalGraph, node: number): number | null {
  return node < inputs.length ? -1 - node : (vertices[node - inputs.length]?.equation ?? null);
}

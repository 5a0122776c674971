/** Steps as the engines of edge and face elimination see them: by node numbers of the graph. */

import { type NodeStep, referencedNodes, structuralElimination } from "../../graph/faces.ts";
import {
  type ComputationalGraph,
  type Elimination,
  type EliminationStep,
  intermediates,
} from "../../graph/graph.ts";

/** What a search may eliminate: whole vertices; also edges; also faces. Each admits all that the ones before it do. */
export const MOVES = ["vertex", "edge", "face"] as const;
export type Moves = (typeof MOVES)[number];

/** A graph in the course of its elimination by steps; `take` and `undo` work like a stack. */
export interface StepEngine {
  /** Back to the graph as given. */
  restart(): void;
  /** Takes a step, which does nothing if it is not there; returns what that costs now. */
  take(step: NodeStep): number;
  /** Takes back the last `count` steps. */
  undo(count: number): void;
  /**
   * What the steps since the start cost. Where a sum cancelled to zero, work done before may have turned out not to be needed: then it is less than the sum
   * of what `take` returned.
   */
  total(): number;
  /**
   * Equal for equal edges, so that the same steps cost the same from here on; other edges have it by one chance in 2^53. NaN, which equals nothing, where what
   * steps cost depends on more than the edges.
   */
  fingerprint(): number;
  /** The nodes with an edge to this one now, and from it. */
  neighbours(node: number): {
    readonly predecessors: readonly number[];
    readonly successors: readonly number[];
  };
}

/** What steps cost in all. Leaves the engine restarted. */
export function costOfSteps(engine: StepEngine, steps: readonly NodeStep[]): number {
  engine.restart();
  for (const step of steps) engine.take(step);
  const total = engine.total();
  engine.restart();
  return total;
}

/** The steps that do something when their turn comes, whatever the values are. */
export function effectiveSteps(graph: ComputationalGraph, steps: readonly NodeStep[]): NodeStep[] {
  const elimination = structuralElimination(graph);
  return steps.filter((step) => elimination.take(step));
}

/**
 * The steps without those edges and faces that save nothing, the last ones first.
 *
 * @param steps all vertices among them, so that they eliminate all without the others too
 */
export function neededSteps(engine: StepEngine, steps: readonly NodeStep[]): readonly NodeStep[] {
  const cost = costOfSteps(engine, steps);
  let needed = steps;
  for (let place = steps.length - 1; place >= 0; place--) {
    if (steps[place]?.kind === "vertex") continue;
    const fewer = needed.toSpliced(place, 1);
    if (costOfSteps(engine, fewer) <= cost) needed = fewer;
  }
  return needed;
}

/**
 * Steps that eliminate all, however they are rearranged: vertices that edges and faces leave nothing of come last.
 *
 * @param steps as `toNodeSteps` takes them
 */
export function wholeSteps(graph: ComputationalGraph, steps: Elimination): NodeStep[] {
  const given = toNodeSteps(graph, steps);
  const there = new Set(given.flatMap(({ kind, via }) => (kind === "vertex" ? [via] : [])));
  const missing = intermediates(graph).filter((node) => !there.has(node));
  return [...given, ...missing.map((via): NodeStep => ({ kind: "vertex", via }))];
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

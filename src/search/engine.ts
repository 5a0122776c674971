/**
 * The engine: what an elimination costs, fast, with undo. All strategies stand on it.
 *
 * Inside, the intermediates are numbered densely in program order: *index* i is `intermediates(graph)[i]`. The plain reference
 * (`graph/elimination.ts`) defines what is counted; the engines agree with it to the digit.
 */

import { nodesOfOrder } from "../graph/elimination.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { isScalarGraph } from "../graph/operations.ts";
import { multiplicationsEngine } from "./multiplicationsEngine.ts";
import { operationsEngine } from "./operationsEngine.ts";
import { plainEngine } from "./plainEngine.ts";
import type { Objective } from "./strategy.ts";
import { structuredEngine } from "./structuredEngine.ts";
import { structuredValueEngine } from "./structuredValueEngine.ts";

/** A graph in the course of its elimination. It starts with nothing eliminated; `eliminate` and `undo` work like a stack. */
export interface Engine {
  /** How many intermediates there are. */
  readonly size: number;
  /**
   * Whether the cost of an elimination depends only on the *set* eliminated before it. Then a change of order within a window
   * changes costs in that window alone.
   */
  readonly local: boolean;
  /** Back to the graph as given. */
  restart(): void;
  /** Eliminates the intermediate with this index, which must not be eliminated yet; returns what that costs now. */
  eliminate(index: number): number;
  /** Takes back the last `count` eliminations. */
  undo(count: number): void;
  /**
   * What the eliminations since the start cost. Where a sum cancelled to zero, work done before may have turned out not to be needed: then it
   * is less than the sum of what `eliminate` returned.
   */
  total(): number;
  /** What `eliminate(index)` would return. */
  degree(index: number): number;
  /** Writes the intermediates that are now adjacent to this one, ascending within predecessors and within successors; returns how many. */
  neighbours(index: number, into: Int32Array): number;
  /** What this order (a permutation of the indices) costs in total. Leaves the engine restarted. */
  cost(order: Int32Array): number;
  /**
   * What eliminating `order[start]`, ..., `order[end - 1]` now adds to the total, or Infinity if that, or what `eliminate` returns on the way taken together,
   * exceeds the limit. Each cost goes to its position of `costs`. Leaves the engine as it was.
   */
  attempt(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): number;
}

/** An engine whose costs are local. */
export interface LocalEngine extends Engine {
  readonly local: true;
  /**
   * Which vertices of the window `order[start]`, ..., `order[end - 1]` may cost something else when its first vertex (`ends` has bit 0) or its last (bit 1) is
   * moved within it: those that are connected with it through vertices of the window. The costs of all others stay as they are.
   *
   * @param end at least start + 2
   * @param into is given them in the order of the window (perhaps some more)
   * @returns how many
   */
  connected(order: Int32Array, start: number, end: number, ends: number, into: Int32Array): number;
}

/** Whether an engine's costs are local. */
export function isLocal(engine: Engine): engine is LocalEngine {
  return engine.local;
}

/** Beyond so many intermediates a square table of edges is too large: hundreds of megabytes. */
const STRUCTURED_LIMIT = 5000;

/**
 * The fastest engine there is for a graph and an objective: bit rows and integers for scalar graphs, numbered lists of terms and recipes for structured
 * ones, the plain reference for those that are too large.
 *
 * @throws InputError if the objective is `operations` and the graph array-valued and too large
 */
export function createEngine(graph: ComputationalGraph, objective: Objective): Engine {
  const isSmall = intermediates(graph).length <= STRUCTURED_LIMIT;
  if (objective === "operations")
    return isSmall && !isScalarGraph(graph) ? structuredValueEngine(graph) : operationsEngine(graph);
  if (isScalarGraph(graph) && hasOnlyCopies(graph)) return multiplicationsEngine(graph);
  return isSmall ? structuredEngine(graph) : plainEngine(graph);
}

/** Whether pure structure is the constant 1 throughout: sums of it can never cancel. */
export function hasOnlyCopies(graph: ComputationalGraph): boolean {
  return graph.edges.every(({ terms }) =>
    terms.every(
      ({ counted, value }) => counted !== null || (value.kind === "constant" && value.constant === 1),
    ),
  );
}

/** An order of indices as the world sees it: equation numbers. */
export function toPublicOrder(graph: ComputationalGraph, order: Int32Array): EliminationOrder {
  const nodes = intermediates(graph);
  return Array.from(
    order,
    (index) => graph.vertices[(nodes[index] ?? 0) - graph.inputs.length]?.equation ?? 0,
  );
}

/** The indices of an order of equation numbers. Throws an InputError if it is not a permutation of the graph's intermediates. */
export function fromPublicOrder(graph: ComputationalGraph, order: EliminationOrder): Int32Array {
  const indexOf = new Map(intermediates(graph).map((node, index) => [node, index]));
  return Int32Array.from(nodesOfOrder(graph, order), (node) => indexOf.get(node) ?? 0);
}

/**
 * Vertex, edge and face elimination of any graph under either objective, it knows all steps. From the first face on it stands on the dual graph, which
 * takes a hundred times as long as bit rows, and undoing means eliminating anew.
 */

import type { EdgeAlgebra } from "../../graph/elimination.ts";
import { FaceElimination, type NodeStep, structuralElimination } from "../../graph/faces.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import { accumulateBy, isScalarGraph, operationsOf } from "../../graph/operations.ts";
import { type WeightCount, weightAlgebra } from "../../graph/weights.ts";
import { hasOnlyCopies } from "../engine.ts";
import type { Objective } from "../strategy.ts";
import { edgeEngine } from "./edgeEngine.ts";
import type { StepEngine } from "./step.ts";

/** The engine of all steps. */
export function faceEngine(graph: ComputationalGraph, objective: Objective): StepEngine {
  if (objective === "multiplications")
    return new FaceEngine(edgeEngine(graph, objective), () => countedStepByStep(graph), true);
  const edges = isScalarGraph(graph) ? edgeEngine(graph, objective) : null;
  return new FaceEngine(edges, () => countedInTheEnd(graph), false);
}

/** A dual graph on which steps are taken, and what they cost. */
interface Dual {
  readonly elimination: Pick<FaceElimination<unknown>, "take" | "predecessors" | "successors">;
  /** What the steps so far cost, as far as that is known before the end. */
  made(): number;
  /** What they cost in all, given them all. */
  total(steps: readonly NodeStep[]): number;
}

/** `multiplications`. */
function countedStepByStep(graph: ComputationalGraph): Dual {
  const count: WeightCount = { products: 0, constants: 0 };
  const elimination =
    isScalarGraph(graph) && hasOnlyCopies(graph)
      ? new FaceElimination(graph, scalarWeights(count))
      : new FaceElimination(graph, weightAlgebra("multiplications", count));
  return { elimination, made: () => count.products, total: () => count.products };
}

/** `weightAlgebra` for one number on each edge: whether it is counted. */
function scalarWeights(count: WeightCount): EdgeAlgebra<boolean> {
  return {
    term: ({ counted }) => counted !== null,
    product(outgoing, incoming) {
      if (outgoing && incoming) count.products++;
      return outgoing || incoming;
    },
    sum: ([present], term) => [term || present === true],
  };
}

/** `operations`: which of them are needed shows in the end only. */
function countedInTheEnd(graph: ComputationalGraph): Dual {
  const total = (steps: readonly NodeStep[]) => {
    const { multiplications, additions } = operationsOf(
      accumulateBy(graph, (algebra) => {
        const elimination = new FaceElimination(graph, algebra);
        for (const step of steps) elimination.take(step);
        return elimination.state;
      }),
    );
    return multiplications + additions;
  };
  return { elimination: structuralElimination(graph), made: () => 0, total };
}

/** Steps before the first face are taken on bit rows. */
class FaceEngine implements StepEngine {
  readonly #edges: StepEngine | null;
  readonly #begin: () => Dual;
  readonly #isLocal: boolean;
  readonly #steps: NodeStep[] = [];
  /** How many steps come before the first face, all if there is none: so many the engine of edges has taken. */
  #before = 0;
  /** Where all lead if there is a face; null if it is to be found anew. */
  #dual: Dual | null = null;

  /**
   * @param edges null if there is none for the graph
   * @param isLocal whether both kinds of elimination know what each step costs
   */
  constructor(edges: StepEngine | null, begin: () => Dual, isLocal: boolean) {
    this.#edges = edges;
    this.#begin = begin;
    this.#isLocal = isLocal;
  }

  restart(): void {
    this.undo(this.#steps.length);
  }

  take(step: NodeStep): number {
    const edges = this.#onRows;
    if (edges !== null && step.kind !== "face") {
      this.#before++;
      this.#steps.push(step);
      const cost = edges.take(step);
      return this.#isLocal ? cost : 0;
    }
    const { elimination, made } = this.#current();
    const before = made();
    elimination.take(step);
    this.#steps.push(step);
    return made() - before;
  }

  undo(count: number): void {
    if (count === 0) return;
    this.#steps.length -= count;
    this.#dual = null;
    const left = Math.min(this.#before, this.#steps.length);
    if (left < this.#before) this.#edges?.undo(this.#before - left);
    this.#before = left;
  }

  total(): number {
    return this.#onRows?.total() ?? this.#current().total(this.#steps);
  }

  /** After a face what steps cost depends on the faces that are left too. */
  fingerprint(): number {
    return this.#onRows?.fingerprint() ?? Number.NaN;
  }

  neighbours(node: number) {
    const edges = this.#onRows;
    if (edges !== null) return edges.neighbours(node);
    const { elimination } = this.#current();
    return { predecessors: elimination.predecessors(node), successors: elimination.successors(node) };
  }

  /** The engine of edges, if it has taken all steps. */
  get #onRows(): StepEngine | null {
    return this.#steps.length === this.#before ? this.#edges : null;
  }

  #current(): Dual {
    if (this.#dual === null) {
      this.#dual = this.#begin();
      for (const step of this.#steps) this.#dual.elimination.take(step);
    }
    return this.#dual;
  }
}

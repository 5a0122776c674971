/**
 * Vertex, edge and face elimination of any graph under either objective, on the dual graph: it knows all steps, but takes a hundred times as long as bit
 * rows, and undoing means eliminating anew.
 */

import type { EdgeAlgebra } from "../../graph/elimination.ts";
import { FaceElimination, type NodeStep, structuralElimination } from "../../graph/faces.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import { accumulateBy, isScalarGraph, operationsOf } from "../../graph/operations.ts";
import { type WeightCount, weightAlgebra } from "../../graph/weights.ts";
import { hasOnlyCopies } from "../engine.ts";
import type { Objective } from "../strategy.ts";
import type { StepEngine } from "./step.ts";

/** The engine of all steps. */
export function faceEngine(graph: ComputationalGraph, objective: Objective): StepEngine {
  return new FaceEngine(
    objective === "operations" ? () => countedInTheEnd(graph) : () => countedStepByStep(graph),
  );
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

class FaceEngine implements StepEngine {
  readonly #begin: () => Dual;
  readonly #steps: NodeStep[] = [];
  /** Where the steps lead; null if it is to be found anew. */
  #dual: Dual | null = null;

  constructor(begin: () => Dual) {
    this.#begin = begin;
  }

  restart(): void {
    this.undo(this.#steps.length);
  }

  take(step: NodeStep): number {
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
  }

  total(): number {
    return this.#current().total(this.#steps);
  }

  /** What steps cost depends on the faces that are left too. */
  fingerprint(): number {
    return Number.NaN;
  }

  neighbours(node: number) {
    const { elimination } = this.#current();
    return { predecessors: elimination.predecessors(node), successors: elimination.successors(node) };
  }

  #current(): Dual {
    if (this.#dual === null) {
      this.#dual = this.#begin();
      for (const step of this.#steps) this.#dual.elimination.take(step);
    }
    return this.#dual;
  }
}

/** Edge and face elimination of any graph under either objective, on the dual graph: slower than bit rows, but it knows all steps. */

import type { EdgeAlgebra } from "../../graph/elimination.ts";
import { FaceElimination, type NodeStep, structuralElimination } from "../../graph/faces.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import { accumulateBy, isScalarGraph, operationsOf } from "../../graph/operations.ts";
import { weightAlgebra } from "../../graph/weights.ts";
import { hasOnlyCopies } from "../engine.ts";
import type { Objective } from "../strategy.ts";
import type { StepEngine } from "./step.ts";

/** The engine of all steps. */
export function faceEngine(graph: ComputationalGraph, objective: Objective): StepEngine {
  const eliminated = <Term>(algebra: EdgeAlgebra<Term>, steps: readonly NodeStep[]) => {
    const elimination = new FaceElimination(graph, algebra);
    for (const step of steps) elimination.take(step);
    return elimination;
  };
  return {
    cost: (steps) =>
      objective === "multiplications"
        ? multiplications(graph, (algebra) => eliminated(algebra, steps))
        : total(operationsOf(accumulateBy(graph, (algebra) => eliminated(algebra, steps).state))),
    neighbours(steps, count, node) {
      const elimination = structuralElimination(graph);
      for (const step of steps.slice(0, count)) elimination.take(step);
      return { predecessors: elimination.predecessors(node), successors: elimination.successors(node) };
    },
  };
}

function multiplications(
  graph: ComputationalGraph,
  eliminate: <Term>(algebra: EdgeAlgebra<Term>) => unknown,
): number {
  const count = { products: 0, constants: 0 };
  if (isScalarGraph(graph) && hasOnlyCopies(graph)) eliminate(scalarWeights(count));
  else eliminate(weightAlgebra("multiplications", count));
  return count.products;
}

/** `weightAlgebra` for one number on each edge: whether it is counted. */
function scalarWeights(count: { products: number }): EdgeAlgebra<boolean> {
  return {
    term: ({ counted }) => counted !== null,
    product(outgoing, incoming) {
      if (outgoing && incoming) count.products++;
      return outgoing || incoming;
    },
    sum: ([present], term) => [term || present === true],
  };
}

function total({ multiplications, additions }: { multiplications: number; additions: number }): number {
  return multiplications + additions;
}

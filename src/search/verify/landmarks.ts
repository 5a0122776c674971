/**
 * Checks the evidence for a lower bound in `operations`: landmarks, sets of values of which every order of vertices computes one.
 *
 * All values that orders can compute are worked out anew (see valueGraph.ts). A set is a landmark if without its values some entry of the Jacobian cannot be
 * computed any more; if no value is in two of them, every order computes as many values as there are landmarks, and each costs an operation.
 */

import { type ComputationalGraph, isVertexOrder } from "../../graph/graph.ts";
import { accumulate, operationsOf } from "../../graph/operations.ts";
import type { Certificate } from "../certificate.ts";
import type { OperationsEvidence } from "../evidence.ts";
import type { BoundCheck } from "./bound.ts";
import { intermediatesOf } from "./graph.ts";
import { type Finding, refuted } from "./report.ts";
import { type ValueGraph, valueGraphOf } from "./valueGraph.ts";

/** Intermediates of graphs whose orders are all tried where a search has to be believed otherwise. */
const TRIED = 6;

/** Checks that the evidence proves `claimed`. */
export function checkLandmarks(
  graph: ComputationalGraph,
  { landmarks, sets, bound, expanded }: OperationsEvidence,
  order: Certificate["order"],
  claimed: number,
): BoundCheck {
  const findings: Finding[] = [];
  if (!isVertexOrder(order)) findings.push(refuted("landmarks", "they hold for orders of vertices only"));
  if (bound !== claimed) findings.push(refuted("bound", `the evidence is for ${bound}, not ${claimed}`));
  if (bound < landmarks.length || bound > landmarks.length !== (expanded !== null))
    findings.push(refuted("bound", `there are ${landmarks.length} landmarks, not ${bound}`));
  const values = valueGraphOf(graph, sets, landmarks.flat());
  if (values === null)
    findings.push(
      refuted("landmarks", "the values of this graph are not understood, or one that is named is none"),
    );
  else checkSets(values, landmarks, sets, findings);
  if (findings.length > 0) return { findings, established: 0 };
  findings.push({
    verdict: "checked",
    claim: "landmarks",
    detail: `${landmarks.length} values that every order has to compute, one of each set`,
  });
  if (expanded === null) return { findings, established: landmarks.length };
  return checkSearch(graph, landmarks.length, bound, expanded, findings);
}

function checkSets(
  values: ValueGraph,
  landmarks: OperationsEvidence["landmarks"],
  sets: number,
  findings: Finding[],
): void {
  if (values.sets !== sets)
    findings.push(refuted("sets", `of the pairs of at most ${sets} sets, that of most has ${values.sets}`));
  const used = new Map<number, number>();
  landmarks.forEach((landmark, index) => {
    const place = `landmark ${index + 1}`;
    const own = new Set<number>();
    for (const value of landmark) {
      const number = values.numberOf(value);
      own.add(number);
      const other = used.get(number) ?? index;
      used.set(number, index);
      if (other !== index) findings.push(refuted(place, `a value of it is of landmark ${other + 1} too`));
    }
    if (own.size < landmark.length) findings.push(refuted(place, "a value is named twice"));
    if (values.canCompute(own)) findings.push(refuted(place, "an order can do without its values"));
  });
}

/** What a search claims beyond the landmarks: all orders are tried if there are few. */
function checkSearch(
  graph: ComputationalGraph,
  landmarks: number,
  bound: number,
  expanded: number,
  findings: Finding[],
): BoundCheck {
  const equations = [...intermediatesOf(graph).keys()];
  if (equations.length > TRIED) {
    findings.push({
      verdict: "trusted",
      claim: "search",
      detail: `a search of ${expanded} states raised the bound from ${landmarks} to ${bound}`,
    });
    return { findings, established: landmarks };
  }
  let fewest = Number.POSITIVE_INFINITY;
  for (const order of ordersOf(equations)) {
    const { multiplications, additions } = operationsOf(accumulate(graph, order));
    fewest = Math.min(fewest, multiplications + additions);
  }
  findings.push(
    bound <= fewest
      ? { verdict: "checked", claim: "search", detail: `all orders tried: none takes fewer than ${fewest}` }
      : refuted("search", `an order takes ${fewest}, fewer than ${bound}`),
  );
  return { findings, established: bound <= fewest ? bound : 0 };
}

function* ordersOf(equations: readonly number[]): Generator<readonly number[]> {
  if (equations.length === 0) yield [];
  for (const [place, first] of equations.entries())
    for (const rest of ordersOf(equations.toSpliced(place, 1))) yield [first, ...rest];
}

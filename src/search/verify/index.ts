/**
 * The verifier of certificates. It shares nothing with the search but the types of graph and certificate: order, cost and bound are worked
 * out anew, and what it cannot check it says.
 */

import { InputError } from "../../errors.ts";
import { type Costs, costsOf } from "../../graph/costs.ts";
import { type ComputationalGraph, type Elimination, isVertexOrder } from "../../graph/graph.ts";
import { graphHash } from "../../graph/json.ts";
import type { Certificate } from "../certificate.ts";
import { arrayBoundOf } from "./arrays.ts";
import { checkEvidence, ownBound } from "./bound.ts";
import { edgesOf, eliminateEdge, eliminateNode, intermediatesOf } from "./graph.ts";
import { checkLandmarks } from "./landmarks.ts";
import { type Finding, refuted, type VerificationReport } from "./report.ts";

export type { Finding, VerificationReport } from "./report.ts";

/** Vertices up to which Menger's bound is computed where there is no evidence. */
const OWN_BOUND_LIMIT = 2000;

/** Checks all that a certificate says of a graph. Never throws: what is wrong is a finding. */
export function verifyCertificate(graph: ComputationalGraph, certificate: Certificate): VerificationReport {
  const findings: Finding[] = [];
  const hash = graphHash(graph);
  if (hash !== certificate.graph) findings.push(refuted("graph", "the certificate is for another graph"));
  else findings.push({ verdict: "checked", claim: "graph", detail: hash });
  const isOrder = checkOrder(graph, certificate, findings);
  if (isOrder) checkCosts(graph, certificate, findings);
  const { objective, costs, lowerBound } = certificate;
  const { multiplications, operations } = costs;
  const cost =
    objective === "multiplications"
      ? multiplications
      : operations && operations.multiplications + operations.additions;
  const claimedBound = lowerBound[objective];
  if (lowerBound.multiplications !== null && lowerBound.operations !== null)
    findings.push(refuted("lowerBound", "there is one for each objective, but evidence for one at most"));
  else if (claimedBound !== (lowerBound.multiplications ?? lowerBound.operations))
    findings.push(refuted("lowerBound", `it is not in ${objective}, which the order was searched for`));
  const established = checkBound(graph, certificate, claimedBound, findings);
  if (claimedBound !== null && (cost === null || claimedBound > cost))
    findings.push(refuted("lowerBound", `${claimedBound} exceeds the order's own cost of ${cost}`));
  findings.push({
    verdict: "trusted",
    claim: "origin",
    detail: "method, seed, time and version are not checked",
  });
  const valid = findings.every(({ verdict }) => verdict !== "refuted");
  return {
    valid,
    findings,
    objective,
    cost,
    claimedBound,
    establishedBound: valid ? established : null,
    optimality: !valid
      ? "open"
      : cost !== null && established === cost
        ? "proved"
        : cost !== null && claimedBound === cost
          ? "trusted"
          : "open",
  };
}

function checkOrder(graph: ComputationalGraph, certificate: Certificate, findings: Finding[]): boolean {
  const order: Elimination = certificate.order;
  // Whether finer steps eliminate all is found when they are taken.
  if (!isVertexOrder(order)) return true;
  const missing = intermediatesOf(graph);
  for (const [position, equation] of order.entries())
    if (!missing.delete(equation)) {
      findings.push(
        refuted("order", `entry ${position + 1}: equation ${equation} is no intermediate, or occurs twice`),
      );
      return false;
    }
  if (missing.size > 0) findings.push(refuted("order", `${missing.size} intermediates are missing`));
  else
    findings.push({
      verdict: "checked",
      claim: "order",
      detail: `all ${order.length} intermediates, each once`,
    });
  return missing.size === 0;
}

/** The costs by the plain reference, and `multiplications` of scalar graphs once more by the verifier's own elimination. */
function checkCosts(graph: ComputationalGraph, { order, costs }: Certificate, findings: Finding[]): void {
  const flat = ({ multiplications, nontrivial, constants, operations }: Costs) => ({
    multiplications,
    nontrivial,
    constants,
    "operations.multiplications": operations?.multiplications,
    "operations.additions": operations?.additions,
  });
  let counted: Costs;
  try {
    counted = costsOf(graph, order);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    findings.push(refuted("costs", error.message));
    return;
  }
  const claimed: Readonly<Record<string, number | undefined>> = flat(costs);
  const wrong = Object.entries(flat(counted)).filter(([name, value]) => claimed[name] !== value);
  for (const [name, value] of wrong)
    findings.push(
      refuted(`costs.${name}`, `the order costs ${value ?? "an unknown number"}, not ${claimed[name]}`),
    );
  const own = ownCount(graph, order);
  if (own !== null && own !== costs.multiplications)
    findings.push(refuted("costs.multiplications", `eliminating costs ${own}`));
  else if (wrong.length === 0)
    findings.push({ verdict: "checked", claim: "costs", detail: `${costs.multiplications} multiplications` });
}

/** What the steps cost by the verifier's own elimination; null for graphs and steps (faces) that it does not know. */
function ownCount(graph: ComputationalGraph, steps: Certificate["order"]): number | null {
  const edges = edgesOf(graph);
  if (edges === null) return null;
  const nodes = intermediatesOf(graph);
  const node = (reference: number) =>
    reference < 0
      ? -1 - reference
      : graph.inputs.length + graph.vertices.findIndex(({ equation }) => equation === reference);
  let total = 0;
  for (const step of steps) {
    if (typeof step === "number") total += eliminateNode(edges, nodes.get(step) ?? 0);
    else if ("face" in step) return null;
    else {
      const [side, [from, to]] =
        "front" in step ? (["front", step.front] as const) : (["back", step.back] as const);
      total += eliminateEdge(edges, side, node(from), node(to)) ?? 0;
    }
  }
  return total;
}

/** Returns the lower bound that is established without trust. */
function checkBound(
  graph: ComputationalGraph,
  { evidence, objective, order }: Certificate,
  claimed: number | null,
  findings: Finding[],
): number | null {
  if (evidence !== undefined && claimed === null)
    findings.push(refuted("evidence", "there is no bound that it is evidence for"));
  if (claimed === null) return null;
  if (evidence !== undefined) {
    if ("landmarks" in evidence !== (objective === "operations")) {
      findings.push(refuted("evidence", `it is not for a bound in ${objective}`));
      return 0;
    }
    const check =
      "landmarks" in evidence
        ? checkLandmarks(graph, evidence, order, claimed)
        : checkEvidence(graph, evidence, claimed);
    findings.push(...check.findings);
    return check.established;
  }
  const isSmall = objective === "multiplications" && graph.vertices.length <= OWN_BOUND_LIMIT;
  const scalar = isSmall ? ownBound(graph) : null;
  const own = scalar ?? (isSmall ? arrayBoundOf(graph) : null);
  findings.push(
    own !== null && claimed <= own
      ? { verdict: "checked", claim: "lowerBound", detail: `Menger's bound is ${own}` }
      : own !== null && scalar === null
        ? refuted("lowerBound", `of array-valued graphs none above Menger's, ${own}, is known how to prove`)
        : { verdict: "trusted", claim: "lowerBound", detail: `${claimed}, without evidence` },
  );
  return own === null ? 0 : Math.min(own, claimed);
}

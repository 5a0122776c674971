/** The portfolio behind `auto`: search first, then a proof that nothing is cheaper, then more search for what the proof left open. */

import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { type AutoOptions, type AutoResult, Findings, search } from "./auto.ts";
import { prove } from "./exact/index.ts";
import { isSupported } from "./exact/state.ts";
import { LARGE } from "./large/search.ts";
import { DEFAULT_SECONDS } from "./pace.ts";
import type { Budget, Run } from "./strategy.ts";

/** Shares of the budget: a glance at easy proofs, annealing before the proof (it finds most optima in a second), and the proof. */
const GLANCE_SHARE = 0.03;
const SEARCH_SHARE = 0.12;
const PROOF_SHARE = 0.55;

/**
 * Searches, and where it can (`multiplications` on scalar graphs) proves: it ends as soon as the best order is proved optimal.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export async function portfolio(
  graph: ComputationalGraph,
  options: AutoOptions,
  run: Run,
): Promise<AutoResult> {
  const { objective } = options;
  const { length } = intermediates(graph);
  if (objective !== "multiplications" || length >= LARGE || !isSupported(graph))
    return search(graph, options, run);

  const budget = wholeBudget(options.budget);
  const findings = new Findings(graph, objective, budget, run);
  const proveBest = (part: number) =>
    prove(graph, { budget: share(budget, part), incumbent: findings.best.order }, run);
  await findings.begin();
  const glance = await proveBest(GLANCE_SHARE);
  if (glance.lowerBound === findings.best.cost || !findings.isOpen)
    return { ...findings.result, proof: glance };
  await findings.anneal(share(budget, SEARCH_SHARE));
  const before = findings.pace.seconds;
  const proof = await proveBest(PROOF_SHARE);
  if (proof.order !== null) findings.addIfCheaper("exact", proof.order, before);
  const rest = remaining(budget, findings.pace.seconds);
  if (proof.lowerBound !== findings.best.cost && rest !== null && findings.isOpen)
    await findings.anneal(rest, ", again");
  return { ...findings.result, proof: (glance.lowerBound ?? 0) > (proof.lowerBound ?? 0) ? glance : proof };
}

/** The budget with its default made explicit, so that it can be divided. */
function wholeBudget(budget: Budget): Budget {
  return budget.seconds === undefined && budget.iterations === undefined
    ? { seconds: DEFAULT_SECONDS }
    : budget;
}

function share({ seconds, iterations }: Budget, part: number): Budget {
  return {
    ...(seconds === undefined ? {} : { seconds: seconds * part }),
    ...(iterations === undefined ? {} : { iterations: Math.floor(iterations * part) }),
  };
}

/** What is left for the last search; null if nothing is. */
function remaining({ seconds, iterations }: Budget, used: number): Budget | null {
  const left = seconds === undefined ? {} : { seconds: seconds - used };
  if (left.seconds !== undefined && left.seconds <= 0) return null;
  const part = 1 - GLANCE_SHARE - SEARCH_SHARE - PROOF_SHARE;
  return { ...left, ...(iterations === undefined ? {} : { iterations: Math.floor(iterations * part) }) };
}

/**
 * The portfolio behind `auto`. On one thread: search first, then a proof that nothing is cheaper, then more search for what the proof left open. On several,
 * all of them at once.
 */

import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { type AutoOptions, type AutoResult, search } from "./auto.ts";
import { isSupported } from "./exact/state.ts";
import { LARGE } from "./large/search.ts";
import { runStages, type Stage, share, withDefault } from "./stages.ts";
import type { Budget, Run } from "./strategy.ts";
import { usefulThreads } from "./team.ts";

/** Shares of the budget: a glance at easy proofs, annealing before the proof (it finds most optima in a second), and the proof. */
const GLANCE_SHARE = 0.03;
const SEARCH_SHARE = 0.12;
const PROOF_SHARE = 0.75;

/** A search of more seconds than this begins with a short one, for the easy proofs and a good order at once. */
const LONG = 300;
const SHORT = 60;

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
  if (intermediates(graph).length >= LARGE) return search(graph, options, run);
  const budget = withDefault(options.budget);
  return runStages(graph, planFor(graph, { ...options, budget }, run), { ...options, budget }, run);
}

function planFor(graph: ComputationalGraph, { objective, budget }: AutoOptions, run: Run): Stage[] {
  const proves = objective === "multiplications" && isSupported(graph);
  const isLong = budget.iterations === undefined && (budget.seconds ?? 0) > LONG;
  const first = isLong ? { seconds: SHORT } : budget;
  // Array-valued graphs have a bound too, though no search for a proof.
  const glance: Stage[] =
    objective === "multiplications" ? [{ kind: "glance", ...share(first, GLANCE_SHARE) }] : [];
  if (usefulThreads(graph, budget, run.executor?.threads ?? 1) > 1)
    return [{ kind: "classical" }, ...glance, { kind: "team", ...budget }];
  if (!proves) return [{ kind: "classical" }, ...glance, { kind: "annealing", ...budget }];
  const round = (whole: Budget): Stage[] => [
    { kind: "annealing", ...share(whole, SEARCH_SHARE) },
    { kind: "proof", ...share(whole, PROOF_SHARE) },
  ];
  const last: Stage = { kind: "annealing", again: true, ...remaining(budget) };
  return isLong
    ? [{ kind: "classical" }, ...glance, ...round({ seconds: SHORT }), ...round(budget), last]
    : [{ kind: "classical" }, ...glance, ...round(budget), last];
}

/** For the last search: what is left of the iterations, and all seconds that are left then. */
function remaining({ seconds, iterations }: Budget): Budget {
  const part = 1 - GLANCE_SHARE - SEARCH_SHARE - PROOF_SHARE;
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(iterations === undefined ? {} : { iterations: Math.floor(iterations * part) }),
  };
}

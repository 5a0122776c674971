/**
 * The portfolio behind `auto`. On one thread: search first, then a proof that nothing is cheaper, then more search for what the proof left open. On several,
 * all of them at once.
 */

import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { type AutoOptions, type AutoResult, search } from "./auto.ts";
import { canSearch } from "./exact/index.ts";
import { LARGE } from "./large/search.ts";
import { runStages, type Stage, share, withDefault } from "./stages.ts";
import type { Budget, Run } from "./strategy.ts";
import { usefulThreads } from "./team.ts";

/** Shares of the budget: a glance at easy proofs, annealing before the proof (it finds most optima in half a second), and the proof. */
const GLANCE_SHARE = { multiplications: 0.03, operations: 0.1 } as const;
const SEARCH_SHARE = { multiplications: 0.06, operations: 0.12 } as const;
const PROOF_SHARE = 0.75;

/** A search of more seconds than this begins with a short one, for the easy proofs and a good order at once. */
const LONG = 300;
const SHORT = 60;

/**
 * Searches, and where it can (on scalar graphs) proves: it ends as soon as the best order is proved optimal.
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
  const proves = canSearch(objective, graph);
  const isLong = budget.iterations === undefined && (budget.seconds ?? 0) > LONG;
  const first = isLong ? { seconds: SHORT } : budget;
  // All graphs have a bound, though not all a search for a proof.
  const glance: Stage[] = [{ kind: "glance", ...share(first, GLANCE_SHARE[objective]) }];
  if (usefulThreads(graph, budget, run.executor?.threads ?? 1) > 1)
    return [{ kind: "classical" }, ...glance, { kind: "team", ...budget }];
  if (!proves) return [{ kind: "classical" }, ...glance, { kind: "annealing", ...budget }];
  const round = (whole: Budget): Stage[] => [
    { kind: "annealing", ...share(whole, SEARCH_SHARE[objective]) },
    { kind: "proof", ...share(whole, PROOF_SHARE) },
  ];
  const rest = 1 - GLANCE_SHARE[objective] - SEARCH_SHARE[objective] - PROOF_SHARE;
  const last: Stage = { kind: "annealing", again: true, ...remaining(budget, rest) };
  return isLong
    ? [{ kind: "classical" }, ...glance, ...round({ seconds: SHORT }), ...round(budget), last]
    : [{ kind: "classical" }, ...glance, ...round(budget), last];
}

/** For the last search: what is left of the iterations, and all seconds that are left then. */
function remaining({ seconds, iterations }: Budget, part: number): Budget {
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(iterations === undefined ? {} : { iterations: Math.floor(iterations * part) }),
  };
}

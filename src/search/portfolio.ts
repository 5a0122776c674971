/** The portfolio behind `auto`: search first, then a proof that nothing is cheaper, then more search for what the proof left open. */

import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { simulatedAnnealing } from "./annealing.ts";
import { type AutoOptions, type AutoResult, type MethodResult, search } from "./auto.ts";
import { createEngine, fromPublicOrder } from "./engine.ts";
import { prove } from "./exact/index.ts";
import { isSupported } from "./exact/state.ts";
import { LARGE } from "./large/search.ts";
import { DEFAULT_SECONDS, Pace } from "./pace.ts";
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
  const pace = new Pace(budget, run);
  const classical = await search(graph, { objective, budget: { iterations: 0 } }, run);
  const glance = await prove(
    graph,
    { budget: share(budget, GLANCE_SHARE), incumbent: classical.best.order },
    run,
  );
  if (glance.optimal && glance.lowerBound === classical.best.cost) return { ...classical, proof: glance };
  const first = await search(graph, { objective, budget: share(budget, SEARCH_SHARE) }, run);
  const proof = await prove(graph, { budget: share(budget, PROOF_SHARE), incumbent: first.best.order }, run);
  const engine = createEngine(graph, objective);
  const methods = [...first.methods];
  const history = [...first.history];
  let { best } = first;
  const record = (method: string, order: MethodResult["order"] | null, seconds: number) => {
    const cost = order === null ? Number.POSITIVE_INFINITY : engine.cost(fromPublicOrder(graph, order));
    if (order === null || cost >= best.cost) return;
    best = { method, order, cost, seconds };
    methods.push(best);
    history.push({ seconds: pace.seconds, cost, method });
    run.onImprovement?.(order, cost);
  };
  record("exact", proof.order, pace.seconds - first.methods.reduce((sum, { seconds }) => sum + seconds, 0));
  const rest = remaining(budget, pace.seconds);
  if (
    !proof.optimal &&
    best.cost > (proof.lowerBound ?? 0) &&
    rest !== null &&
    run.signal?.aborted !== true
  ) {
    const before = pace.seconds;
    const order = await simulatedAnnealing(graph, { objective, budget: rest, start: best.order }, run);
    record("annealing, again", order, pace.seconds - before);
  }
  return { ...first, best, methods, history, proof };
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

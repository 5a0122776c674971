/**
 * `operations` on array-valued graphs that are too large for an engine that numbers their values, by way of `multiplications`: the search
 * minimises these, and of all the orders that it meets on its way the one with the fewest operations is taken.
 */

import type { ComputationalGraph, EliminationOrder } from "../graph/graph.ts";
import { accumulate, operationsOf } from "../graph/operations.ts";
import type { AutoOptions, AutoResult, HistoryPoint, MethodResult } from "./auto.ts";
import type { Met } from "./stages.ts";
import type { Run } from "./strategy.ts";

type SearchMultiplications = (
  graph: ComputationalGraph,
  options: AutoOptions,
  run: Run,
) => Promise<AutoResult>;

/** At most so many of the orders met are counted, the last ones: each takes a few milliseconds. */
const CANDIDATES = 40;

/** What an order's accumulation performs: multiplications and additions together. */
export function operationsTotal(graph: ComputationalGraph, order: EliminationOrder): number {
  const { multiplications, additions } = operationsOf(accumulate(graph, order));
  return multiplications + additions;
}

/** Searches for multiplications by the given search, and counts operations of what it finds. */
export async function searchOperationsByMultiplications(
  search: SearchMultiplications,
  graph: ComputationalGraph,
  options: AutoOptions,
  run: Run,
): Promise<AutoResult> {
  const { resume, onState } = options;
  const met: Met[] = [...(resume?.met ?? [])];
  const start = run.now() - 1000 * (resume?.seconds ?? 0);
  const found = await search(
    graph,
    {
      ...options,
      objective: "multiplications",
      onState: (capture) => onState?.(() => ({ ...capture(), met: met.slice(-CANDIDATES) })),
    },
    {
      ...run,
      onImprovement: (order) => {
        // A search that is resumed tells of its best order again.
        const isNew = met.at(-1)?.order.some((equation, place) => equation !== order[place]) ?? true;
        if (isNew) met.push({ order, seconds: (run.now() - start) / 1000 });
      },
    },
  );
  const methods = found.methods.map(
    (method): MethodResult => ({ ...method, cost: operationsTotal(graph, method.order) }),
  );
  const history: HistoryPoint[] = [];
  let best = methods.reduce((least, method) => (method.cost < least.cost ? method : least));
  for (const { order, seconds } of met.slice(-CANDIDATES)) {
    const cost = operationsTotal(graph, order);
    if (cost < (history.at(-1)?.cost ?? Number.POSITIVE_INFINITY))
      history.push({ seconds, cost, method: "annealing" });
    if (cost < best.cost) best = { method: "annealing", order, cost, seconds };
  }
  run.onImprovement?.(best.order, best.cost);
  const others = methods.filter(({ method }) => method !== best.method);
  return { best, methods: methods.includes(best) ? methods : [...others, best], history, bounds: [] };
}

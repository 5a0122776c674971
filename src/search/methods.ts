/** The searches that can be asked for by name. */

import type { ComputationalGraph } from "../graph/graph.ts";
import { type AutoOptions, type AutoResult, search } from "./auto.ts";
import type { Run } from "./strategy.ts";

type Search = (graph: ComputationalGraph, options: AutoOptions, run: Run) => Promise<AutoResult>;

/** The classical orders side by side, with no search after them; the named one is taken. */
function only(method: string): Search {
  return async (graph, { objective }, run) => {
    const { methods, history } = await search(graph, { objective, budget: { iterations: 0 } }, run);
    const best = methods.find((result) => result.method === method);
    if (best === undefined) throw new Error(`no method ${method}`);
    return { best, methods, history };
  };
}

/** `auto` is the portfolio: the classical orders, then annealing from the best of them. The others are its members. */
export const searches = {
  auto: search,
  annealing: search,
  markowitz: only("markowitz"),
  forward: only("forward"),
  reverse: only("reverse"),
} as const satisfies { readonly [method: string]: Search };

/** Names of the searches. */
export type SearchMethod = keyof typeof searches;

/** What a search strategy is: a function from a graph to an elimination order, within a budget, that can be watched and stopped. */

import type { ComputationalGraph, Elimination, EliminationOrder } from "../graph/graph.ts";
import type { Random } from "../random.ts";
import type { Executor } from "./executor.ts";

/** What a search can minimise: the paper's count, or what the generated accumulation really performs (see graph/costs.ts). */
export const OBJECTIVES = ["operations", "multiplications"] as const;
export type Objective = (typeof OBJECTIVES)[number];

/**
 * How long a search may go on: until either is used up. With `iterations` alone the result is a function of graph, options and seed; with
 * `seconds` it depends on the machine's speed too.
 */
export interface Budget {
  readonly seconds?: number;
  /** What counts as an iteration, the strategy says: about one order tried. */
  readonly iterations?: number;
}

/** How far a search has come. */
export interface Progress {
  readonly seconds: number;
  readonly iterations: number;
  /** The part of the budget that is used, in [0, 1]. */
  readonly fraction: number;
  /** The cost of the best order so far. */
  readonly cost: number;
  /** What is being done, in a search that does several things. */
  readonly method?: string;
  /** Iterations a second, where they are not those of one method on one thread. */
  readonly perSecond?: number;
}

/** The best order that several searches of one graph, running at once, have found together. */
export interface Incumbent<Order extends Elimination = EliminationOrder> {
  /** Absent until one is known to this search. */
  readonly best: { readonly order: Order; readonly cost: number } | undefined;
}

/** What a strategy gets from whoever runs it. */
export interface Run<Order extends Elimination = EliminationOrder> {
  /** Aborting ends the search early; the best order so far is still returned. */
  readonly signal?: AbortSignal;
  /** Where every random choice comes from. */
  readonly random: Random;
  /** A clock in milliseconds, such as `performance.now`. */
  now(): number;
  /** Called with every order that is better than all before it, the first included. */
  onImprovement?(order: Order, cost: number): void;
  /** Called with every lower bound on the cost of all orders that is higher than those proved before it in this run. */
  onBound?(bound: number): void;
  /** What others find that search the same graph at the same time; absent if this search is alone. */
  readonly incumbent?: Incumbent<Order>;
  /** Where members of a portfolio can run at once; absent, all is done on this thread. */
  readonly executor?: Executor;
  /** Called some twenty times a second. */
  onProgress?(progress: Progress): void;
}

/**
 * A way to find an elimination order of a graph. It never throws for a graph that the objective is defined on, yields to the event loop every
 * 50 ms or so, and ends at the latest when the budget (if its options have one) is used up or the signal aborts.
 */
export type Strategy<Options> = (
  graph: ComputationalGraph,
  options: Options,
  run: Run,
) => EliminationOrder | Promise<EliminationOrder>;

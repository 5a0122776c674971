/** Where the members of a portfolio run at once: an interface, so that the search itself knows nothing of threads or machines. See `src/cluster/`. */

import type { ComputationalGraph, Elimination, EliminationOrder } from "../graph/graph.ts";
import type { RandomState } from "../random.ts";
import type { Proof } from "./exact/index.ts";
import type { FinerMoves } from "./moves/index.ts";
import type { Budget, Objective, Progress } from "./strategy.ts";

/** The methods that a member can run. */
export const MEMBER_METHODS = ["annealing", "windows", "neighbourhoods", "exact", "steps"] as const;
export type MemberMethod = (typeof MEMBER_METHODS)[number];

/** One search among several of the same graph. Plain data. */
export interface Member {
  readonly method: MemberMethod;
  readonly budget: Budget;
  /** Of its own generator. */
  readonly random: RandomState;
  /** Of annealing: how much hotter than usual it begins. */
  readonly heat?: number;
  /** Of refining by `steps`: which. */
  readonly moves?: FinerMoves;
}

/** Several searches of one graph, by vertices or by finer steps. Plain data. */
export interface Team<Order extends Elimination = EliminationOrder> {
  readonly graph: ComputationalGraph;
  readonly objective: Objective;
  /** The best order known, and what it costs. */
  readonly start: { readonly order: Order; readonly cost: number };
  readonly members: readonly Member[];
}

/** What whoever runs a team is told; members are numbered as in the team. */
export interface TeamWatch<Order extends Elimination = EliminationOrder> {
  readonly signal: AbortSignal;
  /** An order that is cheaper than the start and all that was told before. */
  onImprovement(member: number, order: Order, cost: number): void;
  onBound(member: number, bound: number): void;
  onProgress(member: number, progress: Progress): void;
}

/** What became of a member: its last word, or why there is none. What a lost one had told before counts all the same. */
export type Outcome<Order extends Elimination = EliminationOrder> =
  | { readonly kind: "ended"; readonly order: Order | null; readonly proof: Proof | null }
  | { readonly kind: "lost"; readonly why: string };

export interface Executor {
  /** How many members run at once. */
  readonly threads: number;
  /** Runs all members at once until each has ended or is lost; they share the best order found. Never rejects because of a member. */
  run<Order extends Elimination>(
    team: Team<Order>,
    watch: TeamWatch<Order>,
  ): Promise<readonly Outcome<Order>[]>;
}

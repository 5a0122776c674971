/** Members of a portfolio that search at once: who they are, what each does, and what is made of what they find. */

import { type ComputationalGraph, type Elimination, intermediates, isVertexOrder } from "../graph/graph.ts";
import type { Random, RandomState } from "../random.ts";
import { simulatedAnnealing } from "./annealing.ts";
import { canSearch, proveIn } from "./exact/index.ts";
import type { Executor, Member, MemberMethod, Outcome, Team, TeamWatch } from "./executor.ts";
import type { Findings } from "./findings.ts";
import { largeNeighbourhoodSearch } from "./heuristics/largeNeighbourhood.ts";
import { LARGE } from "./large/search.ts";
import { windowSearch } from "./large/windows.ts";
import { refineSteps } from "./moves/index.ts";
import type { Budget, Objective, Progress, Run } from "./strategy.ts";

/** A team has no use for more members. */
const MOST_THREADS = 16;
/** Graphs of so few intermediates are done before threads have started, as are searches of so few seconds. */
const FEW_INTERMEDIATES = 12;
const FEW_SECONDS = 1;

/** How many threads `auto` can use, of those that there are. */
export function usefulThreads(graph: ComputationalGraph, { seconds }: Budget, threads: number): number {
  const { length } = intermediates(graph);
  const isShort = length <= FEW_INTERMEDIATES || (seconds !== undefined && seconds < FEW_SECONDS);
  return isShort || length >= LARGE ? 1 : Math.min(threads, MOST_THREADS);
}

interface LineUp {
  readonly objective: Objective;
  readonly threads: number;
  /** Iterations are shared out; seconds are the same for all. */
  readonly budget: Budget;
  readonly random: Random;
  /** Whether the graph is better annealed by windows. */
  readonly isByWindows: boolean;
}

/** Heats of the annealing members, in turn: the usual one finds most, others what it misses. */
const HEATS = [1, 0.5, 2] as const;

/** The members for a number of threads: a proof where there can be one, every fourth by neighbourhoods, the others annealing, each with a generator of its own. */
export function lineUp(
  graph: ComputationalGraph,
  { objective, threads, budget, random, isByWindows }: LineUp,
): Member[] {
  const proves = canSearch(objective, graph);
  const { seconds, iterations } = budget;
  const own = {
    ...(seconds === undefined ? {} : { seconds }),
    ...(iterations === undefined ? {} : { iterations: Math.ceil(iterations / threads) }),
  };
  let annealing = 0;
  return Array.from({ length: threads }, (_, index): Member => {
    const base = { budget: own, random: seededBy(random) };
    if (proves && index === 0) return { method: "exact", ...base };
    if (index % 4 === 3) return { method: "neighbourhoods", ...base };
    // Windows and the whole order by turns: they find different things.
    if (isByWindows && annealing++ % 2 === 0) return { method: "windows", ...base };
    return { method: "annealing", heat: HEATS[annealing++ % HEATS.length] ?? 1, ...base };
  });
}

/** A generator of a member's own. */
export function seededBy(random: Random): RandomState {
  return [random.bits() >>> 0, random.bits() >>> 0, random.bits() >>> 0, random.bits() >>> 0];
}

/** What a member does, on whatever thread it runs. */
export async function runMember(
  { graph, objective, start }: Pick<Team<Elimination>, "graph" | "objective" | "start">,
  { method, budget, heat = 1, moves = "edge" }: Member,
  run: Run<Elimination>,
): Promise<Outcome<Elimination> & { readonly kind: "ended" }> {
  const { order } = start;
  if (method === "steps") {
    const refined = await refineSteps(graph, { objective, moves, budget, heat, start: order }, run);
    return ended(refined.elimination);
  }
  if (!isVertexOrder(order)) throw new Error("finer steps are for members that refine");
  const options = { objective, budget, start: order };
  // Where all start from vertices, all that is shared is vertices.
  const own = run as Run;
  switch (method) {
    case "annealing":
      return ended(await simulatedAnnealing(graph, { ...options, heat }, own));
    case "windows":
      return ended(await windowSearch(graph, options, own));
    case "neighbourhoods":
      return ended(await largeNeighbourhoodSearch(graph, options, own));
    case "exact": {
      const proof = await proveIn(objective, graph, { budget, incumbent: order }, own);
      return { kind: "ended", order: proof.order, proof };
    }
  }
}

function ended<Order extends Elimination>(order: Order): Outcome<Order> & { readonly kind: "ended" } {
  return { kind: "ended", order, proof: null };
}

/** Runs a team from the best of the findings, notes what it finds, and ends it when the best order is proved optimal. */
export async function runTeam(
  { graph, objective, members }: Omit<Team, "start">,
  findings: Findings,
  executor: Executor,
  run: Run,
): Promise<readonly Outcome[]> {
  const before = findings.pace.seconds;
  const proved = new AbortController();
  const signal = run.signal === undefined ? proved.signal : AbortSignal.any([run.signal, proved.signal]);
  /** The cheapest order of each method. */
  const found = new Map<MemberMethod, { order: readonly number[]; cost: number }>();
  const progress = new Map<number, Progress>();
  const endIfProved = () => {
    if (findings.isProved) proved.abort();
  };
  const watch: TeamWatch = {
    signal,
    onImprovement: (index, order, cost) => {
      const { method } = members[index] as Member;
      if (cost < (found.get(method)?.cost ?? Infinity)) found.set(method, { order, cost });
      findings.improve(method, order, cost);
      endIfProved();
    },
    onBound: (_, bound) => {
      run.onBound?.(bound);
      endIfProved();
    },
    onProgress: (index, told) => {
      progress.set(index, told);
      run.onProgress?.(together(progress, members));
    },
  };
  const { order, cost } = findings.best;
  const outcomes = await executor.run({ graph, objective, start: { order, cost }, members }, watch);
  for (const [index, outcome] of outcomes.entries()) {
    const { method } = members[index] as Member;
    if (outcome.kind === "lost") continue;
    if (outcome.proof !== null) findings.prove(outcome.proof);
    if (outcome.order === null) continue;
    const price = findings.costOf(outcome.order);
    // A proof hands back the order that it was given, if it found none.
    if (method === "exact" && price >= findings.cost) continue;
    if (price < (found.get(method)?.cost ?? Infinity))
      found.set(method, { order: outcome.order, cost: price });
  }
  for (const [method, { order }] of found) findings.add(method, order, before);
  return outcomes;
}

/** The progress of a team: its members' moves add up, those of a proof apart, and it is as far as the one that is ahead. */
export function together(progress: ReadonlyMap<number, Progress>, members: readonly Member[]): Progress {
  const all = [...progress.values()];
  const searching = [...progress].filter(([index]) => members[index]?.method !== "exact");
  return {
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
    iterations: all.reduce((sum, { iterations }) => sum + iterations, 0),
    fraction: Math.max(...all.map(({ fraction }) => fraction)),
    cost: Math.min(...all.map(({ cost }) => cost)),
    perSecond: searching.reduce(
      (sum, [, { iterations, seconds }]) => sum + iterations / Math.max(1e-3, seconds),
      0,
    ),
  };
}

/** Refining as the second half of a search: on one thread or several, with a state, and with what it found beside what was found by vertices. */

import type { ComputationalGraph, Elimination } from "../../graph/graph.ts";
import type { AutoResult, HistoryPoint } from "../auto.ts";
import type { Executor, Member } from "../executor.ts";
import { Pace } from "../pace.ts";
import type { Budget, Progress, Run } from "../strategy.ts";
import { seededBy, together, usefulThreads } from "../team.ts";
import { mengerBound } from "./bound.ts";
import { type Refined, type RefineOptions, type RefineState, refineSteps, stepEngine } from "./index.ts";
import { costOfSteps, effectiveSteps, neededSteps, toElimination, toNodeSteps, wholeSteps } from "./step.ts";

/** How far refining has come, as JSON. */
export interface RefiningState extends RefineState {
  /** Of the whole search. */
  readonly history: readonly HistoryPoint[];
  /** Whether its budget was used up. */
  readonly ended: boolean;
}

export interface RefiningOptions extends Omit<RefineOptions, "start" | "resume" | "onState"> {
  readonly resume?: RefiningState;
  readonly onState?: (capture: () => RefiningState) => void;
  /** Seconds of the search before it. */
  readonly past: number;
}

/** What a search for orders of vertices found, with what finer moves make of its best order as one more method. */
export async function refineResult(
  graph: ComputationalGraph,
  { best, methods, history, bounds: _, proof: __, ...result }: AutoResult,
  { resume, onState, past, ...options }: RefiningOptions,
  run: Run<Elimination>,
): Promise<AutoResult<Elimination>> {
  const method = `${best.method}, by ${options.moves}s`;
  const pace = new Pace(options.budget, run, resume?.seconds);
  const found = [...(resume?.history ?? history)];
  let ended = false;
  const { elimination, cost } = await refined(
    graph,
    {
      ...options,
      start: best.order,
      ...(resume === undefined ? {} : { resume }),
      onState: (capture) => onState?.(() => ({ ...capture(), history: [...found], ended })),
    },
    {
      ...run,
      onImprovement: (order, cost) => {
        if (cost >= (found.at(-1)?.cost ?? Infinity)) return;
        found.push({ seconds: past + pace.seconds, cost, method });
        run.onImprovement?.(order, cost);
      },
      onProgress: (progress) => {
        const perSecond = progress.perSecond ?? progress.iterations / Math.max(1e-3, progress.seconds);
        const seconds = past + progress.seconds;
        run.onProgress?.({ ...progress, seconds, perSecond, method: `${options.moves}s` });
      },
    },
  );
  ended = !pace.isAborted;
  const order = cost < best.cost ? tidied(graph, elimination, options) : elimination;
  const finer = { method, order, cost, seconds: pace.seconds };
  const bound = options.objective === "multiplications" ? mengerBound(graph) : null;
  return {
    ...result,
    best: cost < best.cost ? finer : best,
    methods: [...methods, finer],
    history: found,
    bounds: [],
    ...(bound === null ? {} : { proof: { lowerBound: bound, evidence: null } }),
  };
}

/** The same cost in fewer steps: annealing leaves some in that save nothing. */
function tidied(
  graph: ComputationalGraph,
  steps: Elimination,
  { objective, moves }: Pick<RefineOptions, "objective" | "moves">,
): Elimination {
  const needed = neededSteps(stepEngine(graph, objective, moves), wholeSteps(graph, steps));
  return toElimination(graph, effectiveSteps(graph, needed));
}

/** On the threads of the executor, if there is one and they are of use. */
function refined(graph: ComputationalGraph, options: RefineOptions, run: Run<Elimination>): Promise<Refined> {
  const threads = usefulThreads(graph, options.budget, run.executor?.threads ?? 1);
  return threads > 1 && run.executor !== undefined
    ? refinedByTeam(graph, options, threads, run.executor, run)
    : refineSteps(graph, options, run);
}

/** Heats of the members, in turn: the usual one finds most, others what it misses. */
const HEATS = [1, 0.5, 1.5] as const;

/** Each member with a generator of its own, from the best so far; they share what they find. A team that is resumed begins again from there. */
async function refinedByTeam(
  graph: ComputationalGraph,
  { objective, moves, budget, start, resume, onState }: RefineOptions,
  threads: number,
  executor: Executor,
  run: Run<Elimination>,
): Promise<Refined> {
  const pace = new Pace(budget, run, resume?.seconds);
  const engine = stepEngine(graph, objective, moves);
  const costOf = (steps: Elimination) => costOfSteps(engine, toNodeSteps(graph, steps));
  const given = resume?.best ?? start;
  let best: Refined = { elimination: given, cost: costOf(given) };
  const members = Array.from({ length: threads }, (_, index): Member => {
    const heat = HEATS[index % HEATS.length] ?? 1;
    return {
      method: "steps",
      moves,
      heat,
      budget: partOf(budget, pace, threads),
      random: seededBy(run.random),
    };
  });
  const { state: random } = run.random;
  onState?.(() => {
    const { elimination } = best;
    const sweep = { position: 0, triesLeft: 1, moves: 0, cycle: 0 };
    return { seconds: pace.seconds, random, steps: elimination, best: elimination, ...sweep };
  });
  const improve = (elimination: Elimination, cost: number) => {
    if (cost >= best.cost) return;
    best = { elimination, cost };
    run.onImprovement?.(elimination, cost);
  };
  const progress = new Map<number, Progress>();
  const outcomes = await executor.run(
    { graph, objective, start: { order: best.elimination, cost: best.cost }, members },
    {
      signal: run.signal ?? new AbortController().signal,
      onImprovement: (_, steps, cost) => improve(steps, cost),
      onBound: () => {},
      onProgress: (index, told) => {
        progress.set(index, told);
        run.onProgress?.(together(progress, members));
      },
    },
  );
  // What a lost member had told before counts all the same.
  for (const outcome of outcomes)
    if (outcome.kind === "ended" && outcome.order !== null) improve(outcome.order, costOf(outcome.order));
  return best;
}

/** The seconds that are left, for all members; iterations are shared out. */
function partOf({ seconds, iterations }: Budget, pace: Pace, threads: number): Budget {
  return {
    ...(seconds === undefined ? {} : { seconds: Math.max(0, seconds - pace.seconds) }),
    ...(iterations === undefined ? {} : { iterations: Math.ceil(iterations / threads) }),
  };
}

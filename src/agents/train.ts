/**
 * Training: rounds of playing whole episodes with the present weights and learning from them; one thread learns, and plays with others or alone. After each round there is a checkpoint, from
 * which another run goes on with the same weights, optimiser and random numbers.
 */

import { InputError } from "../errors.ts";
import type { BestOrder, Checkpoint, Counters } from "./checkpoint.ts";
import type { Steps, Task } from "./episodes.ts";
import { type Losses, meanLosses } from "./learner.ts";
import type { Architecture } from "./network/network.ts";
import type { Solution } from "./solve.ts";
import type { StartThreads } from "./threads.ts";
import { type Method, type Round, Trainer } from "./trainer.ts";

export interface TrainOptions {
  readonly method: Method;
  readonly architecture: Architecture;
  /** Where fresh weights and all else that is random come from. */
  readonly seed: number;
  /** Training ends when either is used up, counted from the start of the first run. With `rounds` alone the result is a function of the other options. */
  readonly seconds?: number;
  readonly rounds?: number;
  /** Rounds between evaluations of the first task without exploration; 0 is never. */
  readonly evaluateEvery: number;
}

/** The last so many episodes are what means are taken over. */
const WINDOW = 64;

/** How a run goes, after each round. */
export interface TrainProgress extends Counters {
  /** Of this run. */
  readonly movesPerSecond: number;
  readonly simulationsPerSecond: number;
  /** The best cost for the first task; Infinity before its first episode. */
  readonly best: number;
  /** Mean cost of the last 64 episodes. */
  readonly mean: number;
  /** Mean of their costs relative to a greedy player's: comparable between tasks. */
  readonly meanRatio: number;
  /** Cost for the first task without exploration when it was last evaluated; null before. */
  readonly greedy: number | null;
  /** Means over the round. */
  readonly losses: Losses;
}

/** An episode as it is told of. */
export interface EpisodeSummary {
  /** Counts from 1. */
  readonly number: number;
  readonly task: string;
  readonly cost: number;
  /** As indices (see `toPublicOrder`). */
  readonly order: Int32Array;
  /** Whether it is better than all before of its task. */
  readonly isBest: boolean;
}

/** What training gets from whoever runs it. */
export interface TrainRun {
  /** Aborting ends training after the move or gradient step under way: episodes that are finished and gradient steps count, games under way are lost. */
  readonly signal?: AbortSignal;
  /** A clock in milliseconds. */
  now(): number;
  /** Starts threads that play beside this one. With them a run by `rounds` is a function of the other options and of how many there are. */
  readonly startThreads?: StartThreads;
  onEpisode?(episode: EpisodeSummary): void;
  /** Called after each round. The checkpoint is a copy. */
  onRound?(progress: TrainProgress, checkpoint: Checkpoint): void;
}

/** Milliseconds between turns of the event loop. */
const BREATH = 50;

/**
 * Trains.
 *
 * @param tasks drawn with equal probability for each episode; the first is the one that progress tells of
 * @param resume where to go on, with its architecture; by default from fresh weights
 * @returns where the run stands in the end
 * @throws InputError if there is no task, no budget, or the checkpoint is of another architecture
 */
export async function train(
  tasks: readonly Task[],
  options: TrainOptions,
  run: TrainRun,
  resume?: Checkpoint,
): Promise<Checkpoint> {
  const first = check(tasks, options, resume);
  const { method, architecture, seed } = options;
  const trainer = new Trainer(tasks, method, architecture, resume ?? seed, run.startThreads);
  const ledger = new Ledger(first.name, options.method, run, resume);
  let checkpoint = trainer.checkpoint(ledger.counters, ledger.best);
  const breathing = breather(run);
  const isAborted = () => run.signal?.aborted === true;
  while (!isAborted() && isWithin(options, ledger.counters)) {
    const round = await breathing(trainer.round(run.signal));
    // Aborted before a game was finished: there is nothing to keep.
    if (round.episodes.length === 0) break;
    ledger.enter(round);
    const { evaluateEvery } = options;
    if (evaluateEvery > 0 && !isAborted() && ledger.counters.rounds % evaluateEvery === 0)
      ledger.evaluated(await breathing(trainer.evaluate(first)));
    checkpoint = trainer.checkpoint(ledger.counters, ledger.best);
    run.onRound?.(ledger.progress(round.losses), checkpoint);
  }
  return checkpoint;
}

/** Takes steps to their end, with turns of the event loop between them. */
function breather(run: TrainRun): <Result>(steps: Steps<Result>) => Promise<Result> {
  let breath = run.now();
  return async (steps) => {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      if (step.value !== undefined) await step.value;
      if (run.now() - breath < BREATH) continue;
      await new Promise((resolve) => setTimeout(resolve));
      breath = run.now();
    }
  };
}

function check(tasks: readonly Task[], options: TrainOptions, resume: Checkpoint | undefined): Task {
  const [first] = tasks;
  if (first === undefined) throw new InputError("there is nothing to train on: give at least one task");
  if (options.seconds === undefined && options.rounds === undefined)
    throw new InputError("training needs an end: give seconds or rounds");
  if (resume !== undefined && JSON.stringify(resume.architecture) !== JSON.stringify(options.architecture))
    throw new InputError(
      `the checkpoint is of the network ${JSON.stringify(resume.architecture)}, not ${JSON.stringify(options.architecture)}: choose the same`,
    );
  return first;
}

function isWithin({ seconds = Infinity, rounds = Infinity }: TrainOptions, counters: Counters): boolean {
  return counters.seconds < seconds && counters.rounds < rounds;
}

const NOTHING_YET: Counters = {
  rounds: 0,
  episodes: 0,
  moves: 0,
  simulations: 0,
  gradientSteps: 0,
  seconds: 0,
};

/** What was done and found so far. */
class Ledger {
  counters: Counters;
  readonly best: Map<string, BestOrder>;
  readonly #before: Counters;
  readonly #start: number;
  readonly #recent: { cost: number; ratio: number }[] = [];
  readonly #first: string;
  readonly #run: TrainRun;
  readonly #simulationsPerMove: number;
  #greedy: number | null = null;

  constructor(first: string, method: Method, run: TrainRun, resume: Checkpoint | undefined) {
    this.#first = first;
    this.#run = run;
    this.#start = run.now();
    this.#before = resume?.counters ?? NOTHING_YET;
    this.counters = this.#before;
    this.best = new Map(Object.entries(resume?.best ?? {}));
    this.#simulationsPerMove = method.kind === "alphazero" ? method.options.search.simulations : 0;
  }

  enter({ episodes, losses }: Round): void {
    const { rounds, moves, simulations, gradientSteps } = this.counters;
    let { episodes: number } = this.counters;
    for (const { task, cost, baseline, order } of episodes) {
      const isBest = this.#keep(task, { cost, order });
      this.#recent.push({ cost, ratio: baseline === 0 ? 1 : cost / baseline });
      number++;
      this.#run.onEpisode?.({ number, task, cost, order, isBest });
    }
    this.#recent.splice(0, this.#recent.length - WINDOW);
    const made = episodes.reduce((total, episode) => total + episode.moves.length, 0);
    this.counters = {
      rounds: rounds + 1,
      episodes: number,
      moves: moves + made,
      simulations: simulations + made * this.#simulationsPerMove,
      gradientSteps: gradientSteps + losses.length,
      seconds: this.#before.seconds + (this.#run.now() - this.#start) / 1000,
    };
  }

  /** Takes in what the first task was solved with. */
  evaluated(solution: Solution): void {
    this.#greedy = solution.cost;
    this.#keep(this.#first, solution);
  }

  /** Keeps an order if it is the best of its task; whether it is. */
  #keep(task: string, { cost, order }: Solution): boolean {
    if (cost >= (this.best.get(task)?.cost ?? Infinity)) return false;
    this.best.set(task, { cost, order: [...order] });
    return true;
  }

  progress(losses: readonly Losses[]): TrainProgress {
    const { counters } = this;
    const seconds = Math.max(1e-3, counters.seconds - this.#before.seconds);
    const mean = (part: "cost" | "ratio") =>
      this.#recent.reduce((total, episode) => total + episode[part], 0) / this.#recent.length;
    return {
      ...counters,
      movesPerSecond: (counters.moves - this.#before.moves) / seconds,
      simulationsPerSecond: (counters.simulations - this.#before.simulations) / seconds,
      best: this.best.get(this.#first)?.cost ?? Infinity,
      mean: mean("cost"),
      meanRatio: mean("ratio"),
      greedy: this.#greedy,
      losses: meanLosses(losses),
    };
  }
}

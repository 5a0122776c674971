/** Restarts: policy gradients can lock in on what is good but not best; several short runs seldom do so all alike. */

import type { BestOrder, Checkpoint } from "./checkpoint.ts";
import type { Task } from "./episodes.ts";
import { type TrainOptions, type TrainProgress, type TrainRun, train } from "./train.ts";

/**
 * Several short runs from fresh weights, with seeds from `options.seed` on, that share the first half of the budget; then the one with the lowest mean cost
 * goes on alone.
 *
 * @param options its budget is that of all runs together
 * @param restarts how many short runs, at least 1
 * @returns as `train`; the best orders are those of all runs, the counters those of the run that went on
 * @throws InputError as `train`
 */
export async function trainWithRestarts(
  tasks: readonly Task[],
  options: TrainOptions,
  restarts: number,
  run: TrainRun,
): Promise<Checkpoint> {
  const part = (share: number): TrainOptions => ({
    ...options,
    ...(options.seconds === undefined ? {} : { seconds: options.seconds * share }),
    ...(options.rounds === undefined ? {} : { rounds: Math.ceil(options.rounds * share) }),
  });
  const short = 1 / (2 * restarts);
  const runs: { readonly found: Checkpoint; readonly mean: number }[] = [];
  for (let restart = 0; restart === 0 || (restart < restarts && run.signal?.aborted !== true); restart++) {
    let mean = Infinity;
    const onRound = (progress: TrainProgress, checkpoint: Checkpoint) => {
      mean = progress.meanRatio;
      run.onRound?.(progress, checkpoint);
    };
    const found = await train(tasks, { ...part(short), seed: options.seed + restart }, watched(run, onRound));
    runs.push({ found, mean });
  }
  const chosen = runs.reduce((best, other) => (other.mean < best.mean ? other : best));
  const best = bestOf(runs.map(({ found }) => found.best));
  return train(tasks, part(1 / 2 + short), run, { ...chosen.found, best });
}

function watched(run: TrainRun, onRound: NonNullable<TrainRun["onRound"]>): TrainRun {
  const { signal, onEpisode } = run;
  return {
    ...(signal === undefined ? {} : { signal }),
    now: () => run.now(),
    ...(onEpisode === undefined ? {} : { onEpisode: (episode) => onEpisode.call(run, episode) }),
    onRound,
  };
}

function bestOf(all: readonly Readonly<Record<string, BestOrder>>[]): Record<string, BestOrder> {
  const best: Record<string, BestOrder> = {};
  for (const found of all)
    for (const [task, order] of Object.entries(found))
      if (order.cost < (best[task]?.cost ?? Infinity)) best[task] = order;
  return best;
}

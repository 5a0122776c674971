/** Restarts: policy gradients can lock in on what is good but not best; several short runs seldom do so all alike. */

import type { BestOrder, Checkpoint } from "./checkpoint.ts";
import type { TrainOptions } from "./train.ts";

/** A run of a training with restarts: one of the short ones, from fresh weights, numbered from 0, or the one that goes on from the best of these. */
export type RestartPart =
  | { readonly kind: "short"; readonly number: number }
  | { readonly kind: "rest"; readonly number: number; readonly from: Checkpoint };

/** Where a run ended, and the mean ratio of its last episodes' costs to a greedy player's. */
export interface RestartResult {
  readonly end: Checkpoint;
  readonly meanRatio: number;
}

/**
 * Several short runs from fresh weights, with seeds from `options.seed` on, that share the first half of the budget; then the one with the lowest mean ratio
 * goes on alone.
 *
 * @param options their budget is that of all runs together
 * @param restarts how many short runs, at least 1
 * @param trainPart trains a part with its own options, by `train`
 * @param isAborted whether training is to end: then the best of the short runs is the result
 * @returns where it ended; the best orders are those of all runs, the counters those of the run that went on
 */
export async function trainWithRestarts(
  options: TrainOptions,
  restarts: number,
  trainPart: (options: TrainOptions, part: RestartPart) => Promise<RestartResult>,
  isAborted: () => boolean,
): Promise<Checkpoint> {
  const runs: RestartResult[] = [];
  const short = partOf(options, 1 / (2 * restarts));
  for (let number = 0; number === 0 || (number < restarts && !isAborted()); number++)
    runs.push(await trainPart({ ...short, seed: options.seed + number }, { kind: "short", number }));
  const chosen = runs.reduce((best, other) => (other.meanRatio < best.meanRatio ? other : best));
  const from = { ...chosen.end, best: bestOf(runs.map(({ end }) => end.best)) };
  if (isAborted()) return from;
  const number = runs.indexOf(chosen);
  return (await trainPart(restOf(options, restarts), { kind: "rest", number, from })).end;
}

/** What the run that goes on is trained with: its budget includes what it was given as a short run. */
export function restOf(options: TrainOptions, restarts: number): TrainOptions {
  return partOf(options, 1 / 2 + 1 / (2 * restarts));
}

/** Options with a part of the budget. */
function partOf(options: TrainOptions, share: number): TrainOptions {
  const { seconds, rounds } = options;
  return {
    ...options,
    ...(seconds === undefined ? {} : { seconds: seconds * share }),
    ...(rounds === undefined ? {} : { rounds: Math.ceil(rounds * share) }),
  };
}

function bestOf(all: readonly Readonly<Record<string, BestOrder>>[]): Record<string, BestOrder> {
  const best: Record<string, BestOrder> = {};
  for (const found of all)
    for (const [task, order] of Object.entries(found))
      if (order.cost < (best[task]?.cost ?? Infinity)) best[task] = order;
  return best;
}

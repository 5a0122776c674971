/**
 * Proximal policy optimisation (Schulman et al. 2017) with generalised advantage estimation (Schulman et al. 2016), without discount. All rewards and values are
 * in units of the game's scale, values above the lower bound: that normalises them.
 */

import type { Random } from "../random.ts";
import { chooseByPolicy, type Sampled } from "./choosing.ts";
import {
  type Aborted,
  type Episode,
  type GameShelf,
  playEpisodes,
  type Steps,
  type Task,
} from "./episodes.ts";
import { type Learner, type Loss, type Losses, smoothL1, valueTarget } from "./learner.ts";
import type { AdamOptions } from "./network/adam.ts";
import type { Player, Seen } from "./player.ts";
import { softmax } from "./search/completedValues.ts";

export interface PpoOptions {
  /** Games at a time. */
  readonly environments: number;
  /** Moves between two rounds of learning, at least: whole episodes are played. */
  readonly moves: number;
  readonly epochs: number;
  /** Samples in a gradient step. */
  readonly batch: number;
  /** How far the ratio of new to old probability may leave 1. */
  readonly clip: number;
  /** Decay of the advantage estimate: 0 trusts the network's values, 1 the returns. */
  readonly lambda: number;
  /** Weights of the entropy and of the value in the loss. */
  readonly entropy: number;
  readonly value: number;
  readonly adam: AdamOptions;
}

/**
 * What learned best on two cores (docs/learning.md), but for lambda, which was 0.95 there. The best costs after 25 s of one core on reduced games, seeds 1 and 2, with
 * 0.95 and with 1: RoeFlux_1d, 16x0: 298, 298 and 295, 295 (after 9 and 14 s; means of episodes 307, 307 and 295, 296); RoeFlux_1d, 32x3: 298, 298 and 297, 298;
 * g, 16x0: 411, 410 and 411, 411; g, 32x3: 411, 412 and 414, 412, where 1 is the slower.
 */
export const DEFAULT_PPO: PpoOptions = {
  environments: 32,
  moves: 32 * 48,
  epochs: 3,
  batch: 256,
  clip: 0.2,
  lambda: 1,
  entropy: 0.01,
  value: 0.5,
  adam: { learningRate: 1e-3, clip: 0.5 },
};

/** A move and how good it was. */
export interface PpoSample extends Seen {
  readonly row: number;
  /** Logarithm of the probability with which it was chosen. */
  readonly logProbability: number;
  readonly advantage: number;
  /** What the value should be, in units of the scale, above the lower bound. */
  readonly target: number;
}

/** Whole episodes by the policy. */
export function playPpo(
  player: Player,
  tasks: readonly Task[],
  shelf: GameShelf,
  { environments, moves }: PpoOptions,
  random: Random,
  signal?: Aborted,
): Steps<Episode<Sampled>[]> {
  const choose = (turns: Parameters<typeof chooseByPolicy>[1]) => chooseByPolicy(player, turns, random);
  return playEpisodes(tasks, shelf, choose, { environments, moves, signal }, random);
}

/** Goes over the moves of the episodes several times, in random batches. Stops after every gradient step; aborting ends it there. */
export function* learnPpo(
  learner: Learner,
  episodes: readonly Episode<Sampled>[],
  options: PpoOptions,
  random: Random,
  signal?: Aborted,
): Steps<Losses[]> {
  const samples = episodes.flatMap((episode) => advantages(episode, options.lambda));
  const losses: Losses[] = [];
  const batches = Math.max(1, Math.round(samples.length / options.batch));
  for (let epoch = 0; samples.length > 0 && epoch < options.epochs; epoch++) {
    shuffle(samples, random);
    for (let batch = 0; batch < batches && signal?.aborted !== true; batch++) {
      const start = Math.floor((batch * samples.length) / batches);
      const end = Math.floor(((batch + 1) * samples.length) / batches);
      const chosen = standardised(samples.slice(start, end));
      losses.push(learner.step(chosen, ppoLoss(options), options.adam));
      yield undefined;
    }
  }
  return losses;
}

/** The moves of an episode with their advantages: how much better things went than expected, later surprises counted less and less. */
export function advantages({ moves }: Episode<Sampled>, lambda: number): PpoSample[] {
  const samples: PpoSample[] = [];
  let advantage = 0;
  let next = 0;
  for (const move of moves.toReversed()) {
    const { observation, scale, row, reward, note } = move;
    advantage = (reward + next - note.value) / scale + lambda * advantage;
    next = note.value;
    const target = valueTarget(move, -(note.value + scale * advantage));
    samples.push({ observation, scale, row, logProbability: note.logProbability, advantage, target });
  }
  return samples.reverse();
}

/** Advantages with mean 0 and deviation 1. */
function standardised(samples: readonly PpoSample[]): PpoSample[] {
  const mean = samples.reduce((total, { advantage }) => total + advantage, 0) / samples.length;
  const variance =
    samples.reduce((total, { advantage }) => total + (advantage - mean) ** 2, 0) / samples.length;
  const deviation = Math.sqrt(variance) + 1e-8;
  return samples.map((sample) => ({ ...sample, advantage: (sample.advantage - mean) / deviation }));
}

/** The clipped objective, the smooth L1 of the value and the entropy bonus. */
export function ppoLoss({ clip, entropy, value: valueWeight }: PpoOptions): Loss<PpoSample> {
  return ({ row, logProbability, advantage, target }, { logits, value, logitGradient }, losses) => {
    const policy = softmax(logits);
    const logarithms = policy.map((share) => Math.log(Math.max(share, Number.MIN_VALUE)));
    const disorder = -policy.reduce(
      (total, share, index) => total + share * (logarithms[index] as number),
      0,
    );
    const ratio = Math.exp((logarithms[row] as number) - logProbability);
    const clipped = Math.min(1 + clip, Math.max(1 - clip, ratio));
    losses.policy -= Math.min(ratio * advantage, clipped * advantage);
    losses.entropy += disorder;
    const slope = ratio * advantage <= clipped * advantage ? ratio * advantage : 0;
    policy.forEach((share, index) => {
      const toRow = (index === row ? 1 : 0) - share;
      logitGradient[index] = -slope * toRow + entropy * share * ((logarithms[index] as number) + disorder);
    });
    const error = smoothL1(value - target);
    losses.value += error.loss;
    return valueWeight * error.slope;
  };
}

/** Fisher and Yates. */
function shuffle<T>(items: T[], random: Random): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const held = items[last] as T;
    items[last] = items[other] as T;
    items[other] = held;
  }
}

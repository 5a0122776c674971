/**
 * Gumbel AlphaZero (Danihelka et al. 2022): episodes are played by tree search; the network learns the improved policies and what was paid in the end.
 */

import type { Random } from "../random.ts";
import { chooseBySearch, type Searched } from "./choosing.ts";
import {
  type Aborted,
  costsToGo,
  type Episode,
  type GameShelf,
  playEpisodes,
  type Steps,
  type Task,
} from "./episodes.ts";
import { type Learner, type Loss, type Losses, smoothL1, valueTarget } from "./learner.ts";
import type { AdamOptions } from "./network/adam.ts";
import type { Player, Seen } from "./player.ts";
import type { ReplayBuffer } from "./replay.ts";
import { softmax } from "./search/completedValues.ts";
import { DEFAULT_GUMBEL, type GumbelOptions } from "./search/gumbel.ts";

export interface AlphaZeroOptions {
  readonly search: GumbelOptions;
  /** Games at a time. */
  readonly environments: number;
  /** Samples in a gradient step. */
  readonly batch: number;
  /** Moves played per gradient step. */
  readonly movesPerStep: number;
  /** Samples kept. */
  readonly replay: number;
  readonly adam: AdamOptions;
}

/**
 * What learned best on two cores (docs/learning.md), but with few games at a time: rounds are short then, and little is lost when one is aborted. On reduced RoeFlux_1d,
 * 32x3, 25 s of one core, seeds 1 and 2, that learns as well as 32 games: 307, 299 (means 319, 312) and 302, 302 (313, 317).
 */
export const DEFAULT_ALPHAZERO: AlphaZeroOptions = {
  search: DEFAULT_GUMBEL,
  environments: 8,
  batch: 256,
  movesPerStep: 32,
  replay: 30_000,
  adam: { learningRate: 2e-3, clip: 5 },
};

/** A state and what the network should say of it. */
export interface AlphaZeroSample extends Seen {
  /** The improved policy. [n] */
  readonly policy: Float32Array;
  /** In units of the scale, above the lower bound. */
  readonly target: number;
}

/** One episode in every environment, by tree search with exploration. */
export function playAlphaZero(
  player: Player,
  tasks: readonly Task[],
  shelf: GameShelf,
  { search, environments }: AlphaZeroOptions,
  random: Random,
  signal?: Aborted,
): Steps<Episode<Searched>[]> {
  const choose = (turns: Parameters<typeof chooseBySearch>[1]) =>
    chooseBySearch(player, turns, search, random);
  return playEpisodes(tasks, shelf, choose, { environments, moves: 0, signal }, random);
}

/** Takes episodes into the buffer and makes the gradient steps that their moves are worth. Stops after each; aborting ends it there. */
export function* learnAlphaZero(
  learner: Learner,
  replay: ReplayBuffer<AlphaZeroSample>,
  episodes: readonly Episode<Searched>[],
  { batch, movesPerStep, adam }: AlphaZeroOptions,
  random: Random,
  signal?: Aborted,
): Steps<Losses[]> {
  const samples = episodes.flatMap(samplesOf);
  for (const sample of samples) replay.add(sample);
  const losses: Losses[] = [];
  for (let step = 0; step < Math.round(samples.length / movesPerStep) && signal?.aborted !== true; step++) {
    losses.push(learner.step(replay.sample(batch, random), alphaZeroLoss, adam));
    yield undefined;
  }
  return losses;
}

/** What is learned from an episode: a sample for each move. */
export function samplesOf({ moves }: Episode<Searched>): AlphaZeroSample[] {
  const costs = costsToGo(moves);
  return moves.map((move, index) => {
    const { observation, scale, note } = move;
    const target = valueTarget(move, costs[index] as number);
    return { observation, scale, policy: note.policy, target };
  });
}

/** Cross entropy of the policies and smooth L1 of the values. */
export const alphaZeroLoss: Loss<AlphaZeroSample> = (sample, { logits, value, logitGradient }, losses) => {
  const policy = softmax(logits);
  policy.forEach((share, row) => {
    const wanted = sample.policy[row] as number;
    const logarithm = Math.log(Math.max(share, Number.MIN_VALUE));
    losses.policy -= wanted * logarithm;
    losses.entropy -= share * logarithm;
    logitGradient[row] = share - wanted;
  });
  const { loss, slope } = smoothL1(value - sample.target);
  losses.value += loss;
  return slope;
};

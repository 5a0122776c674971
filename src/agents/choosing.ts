/** How a player chooses: from its policy as it is, or after a search. */

import type { Random } from "../random.ts";
import type { Choice, Turn } from "./episodes.ts";
import type { Player } from "./player.ts";
import { softmax } from "./search/completedValues.ts";
import { type GumbelOptions, gumbelNoise, gumbelSearch } from "./search/gumbel.ts";

/** What is known of a choice by tree search: the improved policy. [n] */
export interface Searched {
  readonly policy: Float32Array;
}

/** What is known of a choice by policy. */
export interface Sampled {
  /** Logarithm of the probability with which it was chosen. */
  readonly logProbability: number;
  /** The return that was expected. */
  readonly value: number;
}

/**
 * Chooses by Gumbel search.
 *
 * @param random where the noise comes from; null is play without exploration
 */
export function chooseBySearch(
  player: Player,
  turns: readonly Turn[],
  options: GumbelOptions,
  random: Random | null,
): Choice<Searched>[] {
  const evaluations = player.evaluate(turns);
  const scales = new Map(turns.map(({ game, scale }) => [game, scale]));
  const results = gumbelSearch(
    turns.map(({ game, state }, index) => ({
      game,
      state,
      evaluation: evaluations[index] as (typeof evaluations)[number],
    })),
    (positions) =>
      player.evaluate(
        positions.map(({ game, state }) => ({
          observation: game.observe(state),
          scale: scales.get(game) as number,
        })),
      ),
    turns.map(({ observation: { size } }) =>
      random === null ? new Float64Array(size) : gumbelNoise(size, random),
    ),
    options,
  );
  return results.map(({ row, policy }) => ({ row, note: { policy } }));
}

/**
 * Chooses by the policy.
 *
 * @param random where samples come from; null takes the most probable action
 */
export function chooseByPolicy(
  player: Player,
  turns: readonly Turn[],
  random: Random | null,
): Choice<Sampled>[] {
  return player.evaluate(turns).map(({ logits, value }) => {
    const policy = softmax(logits);
    const row = random === null ? policy.indexOf(Math.max(...policy)) : sample(policy, random);
    return { row, note: { logProbability: Math.log(policy[row] as number), value } };
  });
}

function sample(policy: Float64Array, random: Random): number {
  let left = random.unit();
  for (let row = 0; row < policy.length - 1; row++) {
    left -= policy[row] as number;
    if (left < 0) return row;
  }
  return policy.length - 1;
}

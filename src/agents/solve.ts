/** Playing without learning: the orders that a player finds. */

import type { Random } from "../random.ts";
import { chooseByPolicy } from "./choosing.ts";
import { type Episode, type GameShelf, playEpisodes, type Task, type Turn } from "./episodes.ts";
import type { Player } from "./player.ts";
import { bestOrder, type Solution } from "./search/bestOrder.ts";
import type { GumbelOptions } from "./search/gumbel.ts";

export type { Solution } from "./search/bestOrder.ts";

/** How is played without exploration: by the most probable moves, by search for the cheapest order (`bestOrder`), or the best of several sampled episodes. */
export type PlayMode =
  | { readonly kind: "greedy" }
  | { readonly kind: "search"; readonly search: GumbelOptions }
  | { readonly kind: "sample"; readonly samples: number };

/**
 * The best order that a player finds for a task.
 *
 * @param random is asked by `sample` only
 */
export function solve(
  player: Player,
  task: Task,
  mode: PlayMode,
  shelf: GameShelf,
  random: Random,
): Solution {
  if (mode.kind === "search") {
    const game = shelf.take(task);
    const solution = bestOrder(player, game, mode.search);
    shelf.putBack(task, game);
    return solution;
  }
  const choose = (turns: readonly Turn[]) =>
    chooseByPolicy(player, turns, mode.kind === "sample" ? random : null);
  const environments = mode.kind === "sample" ? mode.samples : 1;
  const playing = playEpisodes<unknown>([task], shelf, choose, { environments, moves: 0 }, random);
  const episodes: readonly Episode<unknown>[] = finished(playing);
  return episodes.reduce((best, episode) => (episode.cost < best.cost ? episode : best));
}

/** What a generator returns, without stopping in between. */
function finished<Result>(generator: Generator<unknown, Result>): Result {
  for (;;) {
    const { done, value } = generator.next();
    if (done === true) return value;
  }
}

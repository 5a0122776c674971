/**
 * What is in a replay buffer, as plain data small enough for a checkpoint: which moves were played and what the search said of them. What was seen, and what was paid,
 * comes of playing them again.
 */

import { Random } from "../random.ts";
import type { Searched } from "./choosing.ts";
import { type Episode, type GameShelf, playEpisodes, type Task, type Turn } from "./episodes.ts";

/** An episode of which samples are in the buffer. */
export interface PlayedEpisode {
  readonly task: string;
  readonly cost: number;
  /** The row of each move. */
  readonly rows: readonly number[];
  /** The improved policy of each move. */
  readonly policies: readonly Float32Array[];
}

/** The content of a buffer. */
export interface Memory {
  /** Where in the buffer the first sample of the first episode stands. */
  readonly start: number;
  /** In the order in which they came; of the first, some samples may have been overwritten. */
  readonly episodes: readonly PlayedEpisode[];
}

export const NOTHING_REMEMBERED: Memory = { start: 0, episodes: [] };

/** What is to be remembered of an episode. */
export function remembered({ task, cost, moves }: Episode<Searched>): PlayedEpisode {
  return {
    task,
    cost,
    rows: moves.map(({ row }) => row),
    policies: moves.map(({ note }) => note.policy),
  };
}

/**
 * Plays an episode again.
 *
 * @returns null if it is none of this task as it is now
 */
export function playedAgain(
  { cost, rows, policies }: PlayedEpisode,
  task: Task,
  shelf: GameShelf,
): Episode<Searched> | null {
  let fits = true;
  let move = 0;
  const choose = (turns: readonly Turn[]) =>
    turns.map(({ observation: { size } }) => {
      const policy = policies[move];
      const row = rows[move++] ?? size;
      fits &&= policy?.length === size && row < size;
      return { row: fits ? row : 0, note: { policy: policy ?? new Float32Array(size) } };
    });
  const random = Random.seeded(0);
  const playing = playEpisodes([task], shelf, choose, { environments: 1, moves: 0 }, random);
  for (let step = playing.next(); ; step = playing.next())
    if (step.done === true) {
      const [episode] = step.value;
      return fits && episode !== undefined && episode.cost === cost ? episode : null;
    }
}

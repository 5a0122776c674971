/**
 * Playing whole episodes of many games in lockstep, so that what a network must say of them it says in one batch. A function of its arguments: where it runs
 * (here, or in a worker thread) makes no difference.
 */

import type { Game, GameState } from "../game/index.ts";
import type { Random } from "../random.ts";
import { type Seen, scaleOf } from "./player.ts";

/** Something to learn on. */
export interface Task {
  readonly name: string;
  /** A game of its own each time: games that are played at the same time share nothing. */
  createGame(): Game;
}

/** A game at the move of whoever plays it. */
export interface Turn extends Seen {
  readonly game: Game;
  readonly state: GameState;
}

/** What a player decides: the row of the action, and what learning wants to know of the decision. */
export interface Choice<Note> {
  readonly row: number;
  readonly note: Note;
}

/** A move of an episode, with what was seen before it. */
export interface Move<Note> extends Seen, Choice<Note> {
  readonly reward: number;
}

/** An episode played to the end. Plain data. */
export interface Episode<Note> {
  readonly task: string;
  /** What the order costs in all. */
  readonly cost: number;
  /** What a greedy player would have paid. */
  readonly baseline: number;
  /** The order, as indices (see `toPublicOrder`). */
  readonly order: Int32Array;
  readonly moves: readonly Move<Note>[];
}

/** How much is played. */
export interface PlayOptions {
  /** Games at a time. */
  readonly environments: number;
  /** New episodes are begun as long as fewer moves are made in all; each is played to the end. With 0 it is one in each environment. */
  readonly moves: number;
  /** Aborting ends play: what is finished by then counts, games under way do not. */
  readonly signal?: AbortSignal | undefined;
}

/** Keeps games that are not being played: to set one up takes longer than to play it again. */
export class GameShelf {
  readonly #free = new Map<Task, Game[]>();

  take(task: Task): Game {
    return this.#free.get(task)?.pop() ?? task.createGame();
  }

  putBack(task: Task, game: Game): void {
    const free = this.#free.get(task);
    if (free === undefined) this.#free.set(task, [game]);
    else free.push(game);
  }
}

/** An episode that is being played. */
interface Table<Note> {
  readonly task: Task;
  readonly game: Game;
  readonly moves: Move<Note>[];
  state: GameState;
  cost: number;
  baseline: number;
  scale: number;
}

/**
 * Plays episodes of tasks drawn at random. Yields after every move in all games, for whoever has other things to do.
 *
 * @param choose decides in all games at once; a choice for every turn, in their order
 */
export function* playEpisodes<Note>(
  tasks: readonly Task[],
  shelf: GameShelf,
  choose: (turns: readonly Turn[]) => readonly Choice<Note>[],
  { environments, moves, signal }: PlayOptions,
  random: Random,
): Generator<void, Episode<Note>[]> {
  const draw = () => openTable<Note>(tasks[random.below(tasks.length)] as Task, shelf);
  let tables = Array.from({ length: environments }, draw);
  const episodes: Episode<Note>[] = [];
  let made = 0;
  while (tables.length > 0 && signal?.aborted !== true) {
    const open = tables.filter(({ game, state }) => !game.isDone(state));
    move(open, choose);
    made += open.length;
    tables = tables.flatMap((table) => {
      if (!table.game.isDone(table.state)) return [table];
      episodes.push(closeTable(table, shelf));
      return made < moves && open.length > 0 ? [draw()] : [];
    });
    yield;
  }
  return episodes;
}

function openTable<Note>(task: Task, shelf: GameShelf): Table<Note> {
  const game = shelf.take(task);
  const state = game.root();
  return { task, game, moves: [], state, cost: -game.rootReward, baseline: 0, scale: 0 };
}

function move<Note>(
  tables: readonly Table<Note>[],
  choose: (turns: readonly Turn[]) => readonly Choice<Note>[],
): void {
  const turns = tables.map((table) => {
    const { game, state } = table;
    const observation = game.observe(state);
    if (table.moves.length === 0) {
      table.scale = scaleOf(observation);
      table.baseline = table.cost + observation.upperBound;
    }
    return { game, state, observation, scale: table.scale };
  });
  const choices = turns.length === 0 ? [] : choose(turns);
  tables.forEach((table, index) => {
    const { observation, scale } = turns[index] as Turn;
    const { row, note } = choices[index] as Choice<Note>;
    const { state, reward } = table.game.step(table.state, observation.actions[row] as number);
    table.moves.push({ observation, scale, row, note, reward });
    table.state = state;
    table.cost -= reward;
  });
}

function closeTable<Note>(
  { task, game, moves, state, cost, baseline }: Table<Note>,
  shelf: GameShelf,
): Episode<Note> {
  const order = game.order(state);
  shelf.putBack(task, game);
  return { task: task.name, cost, baseline: moves.length === 0 ? cost : baseline, order, moves };
}

/** What was left to pay before each move of an episode. */
export function costsToGo(moves: readonly { readonly reward: number }[]): Float64Array {
  const costs = new Float64Array(moves.length);
  let cost = 0;
  for (let index = moves.length - 1; index >= 0; index--) {
    cost -= (moves[index] as { readonly reward: number }).reward;
    costs[index] = cost;
  }
  return costs;
}

/**
 * Playing whole episodes of many games in lockstep, so that what a network must say of them it says in one batch. A function of its arguments: where it runs
 * (here, or in a worker thread) makes no difference.
 */

import { createGame, type Game, type GameOptions, type GameState } from "../game/index.ts";
import type { ComputationalGraph } from "../graph/graph.ts";
import type { Random } from "../random.ts";
import { type Seen, scaleOf } from "./player.ts";

/** Something to learn on. */
export interface Task {
  readonly name: string;
  /** A game of its own each time: games that are played at the same time share nothing. */
  createGame(): Game;
  /** What the game is made of, for other threads; a task without it is played on this thread only. */
  describe?(): TaskDescription;
  /**
   * Where the cost of a whole order takes time to find out, such as a measured runtime: the cost of an order of indices, which is paid with the last move. The
   * game itself pays nothing then.
   */
  measure?(order: Int32Array): Promise<number>;
}

/** A task as plain data, from which any thread makes the same game. */
export interface TaskDescription {
  readonly name: string;
  readonly graph: ComputationalGraph;
  readonly game: GameOptions;
}

/** The task of a description. */
export function taskOf(description: TaskDescription): Task {
  const { name, graph, game } = description;
  return { name, createGame: () => createGame(graph, game), describe: () => description };
}

/**
 * Play or learning under way, with what it comes to in the end. It stops after every step, for whoever has other things to do; where it stops with a promise, that is to be
 * awaited before it goes on.
 */
export type Steps<Result> = Generator<Promise<unknown> | undefined, Result>;

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
  readonly signal?: Aborted | undefined;
}

/** As much of an `AbortSignal` as play looks at. */
export type Aborted = Pick<AbortSignal, "aborted">;

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
 * Plays episodes of tasks drawn at random. Stops after every move in all games, and to wait for costs that are measured.
 *
 * @param choose decides in all games at once; a choice for every turn, in their order
 */
export function* playEpisodes<Note>(
  tasks: readonly Task[],
  shelf: GameShelf,
  choose: (turns: readonly Turn[]) => readonly Choice<Note>[],
  { environments, moves, signal }: PlayOptions,
  random: Random,
): Steps<Episode<Note>[]> {
  const draw = () => openTable<Note>(tasks[random.below(tasks.length)] as Task, shelf);
  let tables = Array.from({ length: environments }, draw);
  const episodes: Episode<Note>[] = [];
  let made = 0;
  while (tables.length > 0 && signal?.aborted !== true) {
    const open = tables.filter(({ game, state }) => !game.isDone(state));
    move(open, choose);
    made += open.length;
    yield measured(
      tables.filter(({ game, state, task }) => task.measure !== undefined && game.isDone(state)),
    );
    tables = tables.flatMap((table) => {
      if (!table.game.isDone(table.state)) return [table];
      episodes.push(closeTable(table, shelf));
      return made < moves && open.length > 0 ? [draw()] : [];
    });
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

/** Measures what finished episodes cost, one after the other, and charges it to their last moves; undefined if there is none. */
function measured<Note>(tables: readonly Table<Note>[]): Promise<void> | undefined {
  if (tables.length === 0) return undefined;
  return tables.reduce(async (before, table) => {
    await before;
    const cost = (await table.task.measure?.(table.game.order(table.state))) ?? 0;
    const last = table.moves.pop();
    if (last !== undefined) table.moves.push({ ...last, reward: last.reward - cost });
    table.cost += cost;
  }, Promise.resolve());
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

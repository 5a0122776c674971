/** Many episodes side by side, for agents that look at a batch of states at once. */

import type { Game, GameState } from "./game.ts";
import type { GraphObservation } from "./observation.ts";

/** What became of one episode by a move. */
export interface BatchStep<State> {
  readonly reward: number;
  readonly done: boolean;
  /** The state after the move: of a done episode its last one, before it begins anew. */
  readonly state: State;
}

/**
 * Episodes of one game or of several. Each slot needs a game of its own (`createGame` once per slot, even on the same graph): then it keeps its place between
 * moves, and stepping costs no undoing. An episode that is done begins anew at once.
 */
export class GameBatch<State extends GameState = GameState> {
  readonly #games: readonly Game<State>[];
  readonly #states: State[];

  /** @param games one for each slot; games whose root is done already are left out, since they have nothing to play */
  constructor(games: readonly Game<State>[]) {
    this.#games = games.filter((game) => !game.isDone(game.root()));
    this.#states = this.#games.map((game) => game.root());
  }

  /** How many slots there are. */
  get size(): number {
    return this.#states.length;
  }

  /** The game of each slot. */
  get games(): readonly Game<State>[] {
    return this.#games;
  }

  /** The state of each slot; none of them is done. */
  get states(): readonly State[] {
    return this.#states;
  }

  observe(): GraphObservation[] {
    return this.#games.map((game, slot) => game.observe(this.#states[slot] as State));
  }

  /**
   * One move in every slot.
   *
   * @throws InputError if an action is not legal, or missing; the slots before it have moved then
   */
  step(actions: ArrayLike<number>): BatchStep<State>[] {
    return this.#games.map((game, slot) => {
      const step = game.step(this.#states[slot] as State, actions[slot] ?? -1);
      this.#states[slot] = step.done ? game.root() : step.state;
      return step;
    });
  }
}

/** The game that agents play: eliminate all intermediates of a graph, one a move, as cheaply as possible. */

import { InputError } from "../errors.ts";
import type { GraphObservation } from "./observation.ts";

/** A state is the moves that led to it: a leaf of a tree that shares its prefixes. Immutable. */
export interface GameState {
  /** The state before the last move; null at the root. */
  readonly previous: GameState | null;
  /** The last move; -1 at the root. */
  readonly action: number;
  /** How many moves led here. */
  readonly depth: number;
}

/** What a move leads to. */
export interface Step<State> {
  readonly state: State;
  /**
   * Minus what the order costs more by this move (and by what follows from it without a choice), in the units of the cost model. Positive only in
   * `operations`, where a sum that cancels can make earlier work superfluous.
   */
  readonly reward: number;
  /** Whether nothing is left to decide. */
  readonly done: boolean;
}

/**
 * A deterministic game for one player. States are immutable: any state can be returned to at any time, cheaply where it is near the last one.
 *
 * Inputs and outputs are no actions, and only what is done has a score: `rootReward` and the rewards of an episode add up to minus the cost of its order.
 */
export interface Game<State extends GameState = GameState> {
  /** How many actions the whole game knows: actions are indices of the graph's intermediates, 0 to actions - 1. */
  readonly actions: number;
  /** Minus the cost of what is settled before the first move (safe eliminations, and all of it if nothing is to decide); 0 in the honest game. */
  readonly rootReward: number;
  /** The state before the first move. */
  root(): State;
  /** Whether nothing is left to decide. */
  isDone(state: State): boolean;
  /** The intermediates that can be eliminated, ascending; empty if and only if the state is done. */
  legalActions(state: State): Int32Array;
  /**
   * Eliminates an intermediate.
   *
   * @throws InputError if the action is not legal
   */
  step(state: State, action: number): Step<State>;
  /** What an agent sees; arrays of its own, safe to keep. */
  observe(state: State): GraphObservation;
  /**
   * The whole order of elimination that a done state stands for, as indices (see `toPublicOrder`).
   *
   * @throws InputError if the state is not done
   */
  order(state: State): Int32Array;
  /**
   * The whole order that the upper bound of `observe` stands for: the moves that led to a state that is not done, and a completion. Null where it stands for
   * none, as in a game of measured costs.
   */
  completed(state: State): Int32Array | null;
}

/** The moves that led to a state: with the game all that there is to it, as JSON. */
export function movesOf(state: GameState): number[] {
  const moves: number[] = [];
  for (let at = state; at.previous !== null; at = at.previous) moves.push(at.action);
  return moves.reverse();
}

/** The state to which moves lead. Throws an InputError if one is not legal. */
export function replay<State extends GameState>(game: Game<State>, moves: readonly number[]): State {
  return moves.reduce((state, action) => game.step(state, action).state, game.root());
}

/** The error for an action that is not legal, where so many are. */
export function illegalAction(action: number, legal: number): InputError {
  return new InputError(
    legal === 0
      ? `action ${action}: nothing is left to eliminate`
      : `action ${action} is none of the ${legal} vertices that can be eliminated: inputs, outputs and eliminated vertices can not`,
  );
}

/** The error for asking for the order of a state that is not done. */
export function unfinishedEpisode(left: number): InputError {
  return new InputError(
    `${left} vertices are left to eliminate: an unfinished episode has no order and no score`,
  );
}

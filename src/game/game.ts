/** The game that agents play: eliminate all intermediates of a graph, one a move, as cheaply as possible. */

import type { GraphObservation } from "./observation.ts";

/** What a move leads to. */
export interface Step<State> {
  readonly state: State;
  /** Minus the cost of the move (and of what follows from it), in the units of the cost model; never positive. */
  readonly reward: number;
  /** Whether nothing is left to decide: the sum of the episode's rewards is then minus the cost of its order. */
  readonly done: boolean;
}

/** A deterministic game for one player. States are immutable: any state can be returned to at any time. */
export interface Game<State> {
  /** How many actions the whole game knows: actions are indices of the graph's intermediates, 0 to actions - 1. */
  readonly actions: number;
  /** What is left of the graph before the first move. */
  root(): State;
  /** The rewards of the moves before the root (safe eliminations, minus their cost); 0 for the honest game. */
  readonly rootReward: number;
  /** Whether nothing is left to decide. */
  isDone(state: State): boolean;
  /** The intermediates that can be eliminated, ascending; empty if and only if the state is done. A view that the next call may overwrite. */
  legalActions(state: State): Int32Array;
  /**
   * Eliminates an intermediate.
   *
   * @throws InputError if the action is not legal
   */
  step(state: State, action: number): Step<State>;
  /** What an agent sees; arrays of its own, safe to keep. */
  observe(state: State): GraphObservation;
  /** The order of elimination that a done state stands for, as indices. Throws an InputError if the episode is unfinished: it has no score. */
  order(state: State): Int32Array;
}

/** Immutable states over something mutable that can do and undo: it is moved along the tree of states, from where it is to where it is wanted. */

import type { GameState } from "./game.ts";

/** What moves along. */
export interface Traveller<State> {
  /** Goes from `state.previous` to `state`. */
  advance(state: State): void;
  /** Goes back from `state` to `state.previous`. */
  retreat(state: State): void;
}

/** Keeps track of where a traveller is. */
export class Trail<State extends GameState> {
  readonly #traveller: Traveller<State>;
  #at: State;
  readonly #ahead: State[] = [];

  /** @param at where the traveller is now */
  constructor(traveller: Traveller<State>, at: State) {
    this.#traveller = traveller;
    this.#at = at;
  }

  /** The traveller was moved by others, from where it was to this child of it. */
  moved(state: State): void {
    this.#at = state;
  }

  /** Takes the traveller to a state, by way of the last one that both have in common. */
  goTo(state: State): void {
    if (this.#at === state) return;
    const ahead = this.#ahead;
    let common = state;
    while (common.depth > this.#at.depth) {
      ahead.push(common);
      common = common.previous as State;
    }
    while (this.#at !== common) {
      if (this.#at.depth === common.depth) {
        ahead.push(common);
        common = common.previous as State;
      }
      this.#traveller.retreat(this.#at);
      this.#at = this.#at.previous as State;
    }
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      this.#traveller.advance(next);
      this.#at = next;
    }
  }
}

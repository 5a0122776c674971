/**
 * Play by tree search that looks for one good order, not for a good move: what counts is the cheapest whole order that is met anywhere, by the policy's own
 * moves, at a leaf or by a completion of one that the game knows. One tree serves the whole episode: after a move it goes on with all that is known below it.
 * Branches that can not lead to a cheaper order are closed: what is done, and what costs too much by its lower bound.
 */

import type { Game, GameState } from "../../game/game.ts";
import type { GraphObservation } from "../../game/observation.ts";
import { type Player, scaleOf } from "../player.ts";
import { bestRow, type GumbelOptions } from "./gumbel.ts";
import { consideredVisits } from "./sequentialHalving.ts";
import { type Evaluation, SearchTree } from "./tree.ts";

/** An order and what it costs. */
export interface Solution {
  readonly cost: number;
  /** As indices (see `toPublicOrder`). */
  readonly order: Int32Array;
}

/** The cheapest order that is met in an episode by the most probable moves and then in one by tree search, without any noise. */
export function bestOrder(player: Player, game: Game, options: GumbelOptions): Solution {
  return new Hunt(player, game, options).run();
}

class Hunt {
  readonly #player: Player;
  readonly #game: Game;
  readonly #options: GumbelOptions;
  #best: Solution = { cost: Infinity, order: new Int32Array(0) };
  #scale = 1;

  constructor(player: Player, game: Game, options: GumbelOptions) {
    this.#player = player;
    this.#game = game;
    this.#options = options;
  }

  run(): Solution {
    const root = this.#game.root();
    const cost = 0 - this.#game.rootReward;
    if (this.#game.isDone(root)) this.#meetEnd(root, cost);
    else {
      this.#scale = scaleOf(this.#game.observe(root));
      this.#playByPolicy(root, cost);
      this.#playBySearch(root, cost);
    }
    return this.#best;
  }

  /** @param spent what the order up to the state costs; of a state that is done, the whole order */
  #playByPolicy(root: GameState, spent: number): void {
    const game = this.#game;
    let [state, cost] = [root, spent];
    while (!game.isDone(state)) {
      const { logits } = this.#evaluate(state, cost).evaluation;
      const action = game.legalActions(state)[logits.indexOf(Math.max(...logits))] as number;
      const step = game.step(state, action);
      state = step.state;
      cost -= step.reward;
    }
    this.#meetEnd(state, cost);
  }

  #playBySearch(root: GameState, spent: number): void {
    const { scaling } = this.#options;
    const game = this.#game;
    let cost = spent;
    let tree = new SearchTree(game, root, this.#evaluate(root, cost).evaluation, scaling);
    while (!tree.isClosed) {
      const row = this.#search(tree, cost);
      if (row < 0) return;
      const { state, reward } = game.step(tree.state, tree.actions[row] as number);
      cost -= reward;
      if (tree.descend(row)) continue;
      // All that was looked at is closed: the move is one that was not.
      if (game.isDone(state)) {
        this.#meetEnd(state, cost);
        return;
      }
      tree = new SearchTree(game, state, this.#evaluate(state, cost).evaluation, scaling);
    }
  }

  /** The simulations of one move; returns the row of the move, or -1 if none is worth it. */
  #search(tree: SearchTree<GameState>, spent: number): number {
    const { simulations, considered, scaling } = this.#options;
    const before = tree.root.visits.slice();
    const visits = (row: number) => (tree.root.visits[row] as number) - (before[row] as number);
    const isOpen = (row: number) => !tree.isClosedAt(row);
    for (const visited of consideredVisits(Math.min(considered, tree.actions.length), simulations)) {
      if (tree.isClosed) return -1;
      this.#simulate(tree, spent, (row) => isOpen(row) && visits(row) === visited);
    }
    let most = 0;
    for (let row = 0; row < before.length; row++) if (isOpen(row)) most = Math.max(most, visits(row));
    return bestRow(tree.root, null, (row) => isOpen(row) && visits(row) === most, scaling);
  }

  #simulate(tree: SearchTree<GameState>, spent: number, isNext: (row: number) => boolean): void {
    const { scaling } = this.#options;
    const leaf = tree.select((root) => {
      const row = bestRow(root, null, isNext, scaling);
      return row >= 0 ? row : bestRow(root, null, (other) => !tree.isClosedAt(other), scaling);
    });
    const cost = spent - leaf.rewards;
    if (leaf.isDone) {
      this.#meetEnd(leaf.state, cost);
      tree.expand(leaf, null);
      tree.close(leaf);
      return;
    }
    const { evaluation, lowerBound } = this.#evaluate(leaf.state, cost);
    tree.expand(leaf, evaluation);
    if (cost + lowerBound >= this.#best.cost) tree.close(leaf);
  }

  /** What the network says of a state; takes in its completion, too. */
  #evaluate(state: GameState, spent: number): { evaluation: Evaluation; lowerBound: number } {
    const observation: GraphObservation = this.#game.observe(state);
    const cost = spent + observation.upperBound;
    if (cost < this.#best.cost) {
      const order = this.#game.completed(state);
      if (order !== null) this.#best = { cost, order };
    }
    const [evaluation] = this.#player.evaluate([{ observation, scale: this.#scale }]);
    return { evaluation: evaluation as Evaluation, lowerBound: observation.lowerBound };
  }

  #meetEnd(state: GameState, cost: number): void {
    if (cost < this.#best.cost) this.#best = { cost, order: this.#game.order(state) };
  }
}

/** The search tree of one game: where the next simulation goes, and what is learned from its leaf (Danihelka et al. 2022; mctx's `search.py`). */

import type { Game, GameState } from "../../game/game.ts";
import { type ActionStatistics, completedValues, softmax, type ValueScaling } from "./completedValues.ts";

/** What a network says of a state that is not done. */
export interface Evaluation {
  /** One per legal action, ascending. [n] */
  readonly logits: Float32Array;
  /** The return that is expected from here on. */
  readonly value: number;
}

/** How actions are chosen at the root: a rule that sees the statistics. Returns the row of an action. */
export type RootRule = (root: ActionStatistics, simulation: number) => number;

/** A state in the tree. Actions are numbered by their rows here. */
interface Node<State extends GameState> {
  readonly state: State;
  readonly actions: Int32Array;
  readonly statistics: ActionStatistics;
  /** What each action costs at once; known once it was visited. [n] */
  readonly rewards: Float64Array;
  readonly children: (Node<State> | undefined)[];
  /** Mean return of the node's own evaluation and of all simulations through it. */
  value: number;
  simulations: number;
  /** Whether nothing below is worth another look. */
  isClosed: boolean;
}

/** A simulation that reached a new state: `path` are nodes and the rows of the actions taken there. */
export interface Leaf<State extends GameState> {
  readonly state: State;
  readonly isDone: boolean;
  readonly reward: number;
  /** All rewards from the root on, that of the last action included. */
  readonly rewards: number;
  readonly path: readonly (readonly [Node<State>, number])[];
}

/** The tree of a search. `select`, evaluate, `expand`; once for each simulation. Where a branch is known to hold nothing better, `close` it. */
export class SearchTree<State extends GameState> {
  readonly #game: Game<State>;
  readonly #scaling: ValueScaling;
  #root: Node<State>;

  /** @param evaluation of the root state, which must not be done */
  constructor(game: Game<State>, state: State, evaluation: Evaluation, scaling: ValueScaling) {
    this.#game = game;
    this.#scaling = scaling;
    this.#root = newNode(game, state, evaluation);
  }

  get root(): ActionStatistics {
    return this.#root.statistics;
  }

  /** Mean return over the root's evaluation and all simulations. */
  get value(): number {
    return this.#root.value;
  }

  /** The legal actions, ascending. [n] */
  get actions(): Int32Array {
    return this.#root.actions;
  }

  /** Whether nothing in the tree is worth another look. */
  get isClosed(): boolean {
    return this.#root.isClosed;
  }

  /** The same of what the root's action of a row leads to. */
  isClosedAt(row: number): boolean {
    return this.#root.children[row]?.isClosed === true;
  }

  /** Makes the state that an action of the root leads to the root, with all that is known below it; false, with nothing done, if it is not in the tree. */
  descend(row: number): boolean {
    const child = this.#root.children[row];
    if (child === undefined) return false;
    this.#root = child;
    return true;
  }

  get state(): State {
    return this.#root.state;
  }

  /** The logits of the improved policy: the network's plus the completed values (equation 11). [n] */
  improvedLogits(): Float64Array {
    const { logits } = this.root;
    return completedValues(this.root, this.#scaling).map((value, row) => value + (logits[row] as number));
  }

  /** Goes down to the first action that was never taken, or to the end of the game. Below the root it avoids what is closed. */
  select(rootRule: RootRule): Leaf<State> {
    const path: (readonly [Node<State>, number])[] = [];
    let node = this.#root;
    let row = rootRule(node.statistics, node.simulations);
    let rewards = 0;
    for (;;) {
      path.push([node, row]);
      const child = node.children[row];
      if (child === undefined) {
        const { state, reward, done } = this.#game.step(node.state, node.actions[row] as number);
        return { state, isDone: done, reward, rewards: rewards + reward, path };
      }
      const reward = node.rewards[row] as number;
      rewards += reward;
      if (child.actions.length === 0) return { state: child.state, isDone: true, reward, rewards, path };
      node = child;
      row = this.#interiorRow(node);
    }
  }

  /** Closes a leaf that was taken in, and all above it that is closed with it. */
  close({ path }: Leaf<State>): void {
    const [parent, row] = path.at(-1) as readonly [Node<State>, number];
    (parent.children[row] as Node<State>).isClosed = true;
    for (const [node] of path.toReversed()) {
      if (!node.children.every((child) => child?.isClosed === true)) return;
      node.isClosed = true;
    }
  }

  /** Takes a leaf in: its node, and its value into all nodes above. A state that is done is worth 0 and needs no evaluation. */
  expand({ state, isDone, reward, path }: Leaf<State>, evaluation: Evaluation | null): void {
    const [parent, row] = path.at(-1) as readonly [Node<State>, number];
    parent.rewards[row] = reward;
    const child = parent.children[row];
    if (child === undefined)
      parent.children[row] =
        isDone || evaluation === null ? doneNode(state) : newNode(this.#game, state, evaluation);
    let value = evaluation?.value ?? 0;
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const [node, taken] = path[depth] as readonly [Node<State>, number];
      value += node.rewards[taken] as number;
      node.value = (node.value * (node.simulations + 1) + value) / (node.simulations + 2);
      node.simulations++;
      const { values, visits } = node.statistics;
      visits[taken] = (visits[taken] as number) + 1;
      values[taken] = (node.rewards[taken] as number) + (node.children[taken] as Node<State>).value;
    }
  }

  /** Below the root: the action whose share of visits lags most behind the improved policy (section 5). */
  #interiorRow({ statistics, children }: Node<State>): number {
    const completed = completedValues(statistics, this.#scaling);
    const policy = softmax(completed.map((value, row) => value + (statistics.logits[row] as number)));
    let total = 0;
    for (const visit of statistics.visits) total += visit;
    let best = 0;
    let most = -Infinity;
    policy.forEach((share, row) => {
      if (children[row]?.isClosed === true) return;
      const lag = share - (statistics.visits[row] as number) / (1 + total);
      if (lag <= most) return;
      most = lag;
      best = row;
    });
    return best;
  }
}

function newNode<State extends GameState>(
  game: Game<State>,
  state: State,
  { logits, value }: Evaluation,
): Node<State> {
  const count = logits.length;
  return {
    state,
    actions: game.legalActions(state).slice(),
    statistics: { logits, rawValue: value, values: new Float64Array(count), visits: new Int32Array(count) },
    rewards: new Float64Array(count),
    children: Array<Node<State> | undefined>(count).fill(undefined),
    value,
    simulations: 0,
    isClosed: false,
  };
}

/** A state where nothing is left to decide. */
function doneNode<State extends GameState>(state: State): Node<State> {
  return {
    state,
    actions: new Int32Array(0),
    statistics: {
      logits: new Float32Array(0),
      rawValue: 0,
      values: new Float64Array(0),
      visits: new Int32Array(0),
    },
    rewards: new Float64Array(0),
    children: [],
    value: 0,
    simulations: 0,
    isClosed: false,
  };
}

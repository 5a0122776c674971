/**
 * Gumbel tree search (Danihelka, Guez, Schrittwieser & Silver 2022, "Policy improvement by planning with Gumbel"), the full variant for a game that is
 * deterministic and without discount, over many games at once so that their leaves are evaluated together. mctx is the reference: the tests
 * compare with values that it produced.
 */

import type { Game, GameState } from "../../game/game.ts";
import type { Random } from "../../random.ts";
import {
  type ActionStatistics,
  completedValues,
  MCTX_SCALING,
  softmax,
  type ValueScaling,
} from "./completedValues.ts";
import { consideredVisits } from "./sequentialHalving.ts";
import { type Evaluation, type Leaf, SearchTree } from "./tree.ts";

/** How a move is searched. */
export interface GumbelOptions {
  /** Leaves per move. */
  readonly simulations: number;
  /** How many actions sequential halving starts with. */
  readonly considered: number;
  /** Values against logits. */
  readonly scaling: ValueScaling;
}

/** What learned best (docs/learning.md). */
export const DEFAULT_GUMBEL: GumbelOptions = { simulations: 16, considered: 8, scaling: MCTX_SCALING };

/** A game at a state that is not done. */
export interface Position<State extends GameState> {
  readonly game: Game<State>;
  readonly state: State;
}

/** Where a search starts. */
export interface Root<State extends GameState> extends Position<State> {
  readonly evaluation: Evaluation;
}

/** States in, evaluations out, in their order. None of the states is done. */
export type Evaluate<State extends GameState> = (
  positions: readonly Position<State>[],
) => readonly Evaluation[];

/** What a search found. */
export interface SearchResult {
  /** The chosen action, and its row among the legal ones. */
  readonly action: number;
  readonly row: number;
  /** The improved policy, the learner's target: probabilities of the legal actions, ascending. [n] */
  readonly policy: Float32Array;
  /** Mean return over the root's evaluation and all simulations. */
  readonly value: number;
  readonly visits: Int32Array;
}

/**
 * Searches from all roots at once.
 *
 * @param noise Gumbel noise for each root [n]; zeros for play without exploration
 * @returns one result per root
 */
export function gumbelSearch<State extends GameState>(
  roots: readonly Root<State>[],
  evaluate: Evaluate<State>,
  noise: readonly Float64Array[],
  { simulations, considered, scaling }: GumbelOptions,
): SearchResult[] {
  const trees = roots.map(({ game, state, evaluation }) => new SearchTree(game, state, evaluation, scaling));
  const plans = trees.map(({ actions }) =>
    consideredVisits(Math.min(considered, actions.length), simulations),
  );
  for (let simulation = 0; simulation < simulations; simulation++) {
    const leaves = trees.map((tree, index) => {
      const visited = plans[index]?.[simulation] as number;
      const isNext = (row: number) => tree.root.visits[row] === visited;
      return tree.select((root) => bestRow(root, noise[index] as Float64Array, isNext, scaling));
    });
    expandAll(trees, leaves, roots, evaluate);
  }
  return trees.map((tree, index) => resultOf(tree, noise[index] as Float64Array, scaling));
}

/** Noise that makes the largest of logits plus noise a sample of the policy (Gumbel's trick). */
export function gumbelNoise(length: number, random: Random): Float64Array {
  return Float64Array.from({ length }, () => -Math.log(-Math.log(random.unit() + 2 ** -33)));
}

/** Evaluates the leaves that need it in one batch and takes all in. */
function expandAll<State extends GameState>(
  trees: readonly SearchTree<State>[],
  leaves: readonly Leaf<State>[],
  positions: readonly Position<State>[],
  evaluate: Evaluate<State>,
): void {
  const open = leaves.flatMap(({ state, isDone }, index) =>
    isDone ? [] : [{ game: (positions[index] as Position<State>).game, state }],
  );
  const evaluations = evaluate(open);
  let next = 0;
  leaves.forEach((leaf, index) => {
    const evaluation = leaf.isDone ? null : (evaluations[next++] as Evaluation);
    (trees[index] as SearchTree<State>).expand(leaf, evaluation);
  });
}

function resultOf<State extends GameState>(
  tree: SearchTree<State>,
  noise: Float64Array,
  scaling: ValueScaling,
): SearchResult {
  const { visits } = tree.root;
  const most = Math.max(...visits);
  const row = bestRow(tree.root, noise, (row) => visits[row] === most, scaling);
  return {
    action: tree.actions[row] as number,
    row,
    policy: Float32Array.from(softmax(tree.improvedLogits())),
    value: tree.value,
    visits,
  };
}

/**
 * Among some actions (those with exactly so many visits), the one with the largest noise + logit + completed value (section 3); -1 if there are none.
 *
 * @param noise null for none
 */
export function bestRow(
  root: ActionStatistics,
  noise: Float64Array | null,
  isAmong: (row: number) => boolean,
  scaling: ValueScaling,
): number {
  const completed = completedValues(root, scaling);
  let best = -1;
  let most = -Infinity;
  completed.forEach((value, row) => {
    if (!isAmong(row)) return;
    const score = (noise === null ? 0 : (noise[row] as number)) + (root.logits[row] as number) + value;
    if (score <= most) return;
    most = score;
    best = row;
  });
  return best;
}

/**
 * Menger's bound: what a vertex costs at least, whenever it is eliminated.
 *
 * When v is eliminated after a set E, the sources of its counted in-edges meet every path from an input to v whose last edge is counted:
 * follow such a path backwards from v through E; the first vertex outside E has a counted edge to v. So they are at least as many as the
 * smallest vertex cut of these paths, which by Menger's theorem (1927) is the largest number of paths that share no vertex but v; and
 * likewise on the side of the outputs. The cost of v is therefore at least the product of the two cuts, in the given graph and in
 * every graph on the way.
 */

import { DisjointPaths } from "./flow.ts";
import { type EliminationState, SIDES, type Side } from "./state.ts";

/** Menger's bounds in a state, as it is when they are asked for. */
export class Menger {
  readonly #state: EliminationState;
  readonly #paths: DisjointPaths;
  /** How many vertices one flow may visit; see `DisjointPaths.count`. */
  readonly #visits: number;

  constructor(state: EliminationState, visits = Infinity) {
    this.#state = state;
    this.#paths = new DisjointPaths(state.nodes);
    this.#visits = visits;
  }

  /** A lower bound on the counted edges of an open intermediate on a side, whenever it is eliminated. */
  cut(side: Side, node: number): number {
    const starts: number[] = [];
    for (const [neighbour, counted] of this.#state.edges(side, node)) if (counted) starts.push(neighbour);
    const neighbours = (inner: number) => this.#state.neighbours(side, inner);
    return this.#paths.count(starts, neighbours, this.#state.open, this.#visits);
  }

  /** A lower bound on the cost of an open intermediate, whenever it is eliminated. */
  bound(node: number): number {
    const incoming = this.cut(0, node);
    return incoming === 0 ? 0 : incoming * this.cut(1, node);
  }

  /** Whether eliminating an open intermediate now costs no more than it must, whenever that is. */
  isTight(node: number): boolean {
    const [incoming, outgoing] = [this.#state.degree(0, node), this.#state.degree(1, node)];
    if (incoming === 0 || outgoing === 0) return true;
    return SIDES.every((side) => this.cut(side, node) === this.#state.degree(side, node));
  }
}

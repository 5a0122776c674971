/**
 * The smallest cuts of a component's vertices on one side, for every state of its other vertices: eliminated, kept, or free.
 *
 * An eliminated vertex can not be cut, a kept one is a terminal, a free one may be either. Deciding a free vertex can only make a cut larger, and
 * does not if the vertex is neither in the nearest smallest cut nor before it. So each vertex has a tree of decisions: every node knows the cut and the
 * vertices on whose state the cut can depend from there. Trees grow as they are asked for; as they do not depend on what the decisions are needed for, all
 * blocks share them.
 */

import type { Component } from "./component.ts";
import { DisjointPaths, PASSABLE } from "./flow.ts";
import type { Side } from "./state.ts";

/** Vertices that one flow may visit, which is enough for a thousand; one that is cut short gives a lower bound still. */
const VISITS = 20_000;

/** Nodes of the trees that are remembered. */
const MOST_NODES = 2 ** 17;

/** What is known of a cut after some decisions. */
export interface CutNode {
  /** A lower bound on the counted edges of the vertex; exact unless the flow was cut short. */
  readonly cut: number;
  /** The free vertices whose state can change it, the nearest first: between two of them in the graph nothing later in the list lies. */
  readonly vertices: readonly number[];
  /** The node after one more decision, at [2 * index in `vertices`] if that is kept, at [2 * index + 1] if it is eliminated; undefined until asked for. */
  readonly next: (CutNode | undefined)[];
}

/** A decision: 2 * vertex if it is kept, 2 * vertex + 1 if it is eliminated. */
type Decision = number;

/** The cuts on one side of a component. */
export class SideCuts {
  readonly #component: Component;
  readonly #side: Side;
  readonly #paths: DisjointPaths;
  #roots: (CutNode | undefined)[] = [];
  #count = 0;
  /** 0 for terminals and kept vertices, 1 for free ones, PASSABLE for eliminated ones. */
  readonly #open: Uint8Array;

  constructor(component: Component, side: Side) {
    const { columns } = component.sides[side];
    this.#component = component;
    this.#side = side;
    this.#paths = new DisjointPaths(columns);
    this.#open = new Uint8Array(columns).fill(1, 0, component.size);
  }

  /** What is known of a vertex while all others are free. Forgets all trees first if they have become too many: keep no node beyond the next call. */
  root(vertex: number): CutNode {
    if (this.#count > MOST_NODES) {
      this.#roots = [];
      this.#count = 0;
    }
    let root = this.#roots[vertex];
    if (root === undefined) {
      root = this.#compute(vertex, []);
      this.#roots[vertex] = root;
    }
    return root;
  }

  /**
   * The node after one more decision.
   *
   * @param place of the decision in `node.next`
   * @param decisions all that lead from the root there, the new one included
   */
  next(vertex: number, node: CutNode, place: number, decisions: readonly Decision[]): CutNode {
    let next = node.next[place];
    if (next === undefined) {
      next = this.#compute(vertex, decisions);
      node.next[place] = next;
    }
    return next;
  }

  #compute(vertex: number, decisions: readonly Decision[]): CutNode {
    this.#count++;
    for (const decision of decisions) this.#open[decision >> 1] = (decision & 1) === 0 ? 0 : PASSABLE;
    const { all } = this.#component.sides[this.#side];
    const joined = this.#joined(vertex);
    const neighbours = (node: number) => all[node] as readonly number[];
    const cut = this.#paths.count(this.#starts(joined), neighbours, this.#open, VISITS);
    const vertices = this.#paths.isComplete ? this.#deciding(joined) : [];
    for (const decision of decisions) this.#open[decision >> 1] = 1;
    return { cut, vertices, next: [] };
  }

  /** The free vertices in the cut computed last or before it, and those joined to the vertex by pure structure, the nearest first. */
  #deciding(joined: readonly number[]): number[] {
    const { free } = this.#component.sides[this.#side];
    const found: number[] = [];
    const add = (node: number) => {
      if (this.#open[node] === 1 && !found.includes(node)) found.push(node);
    };
    for (const node of this.#paths.beforeCut()) if (this.#open[node] === 1) found.push(node);
    for (const node of joined) for (const neighbour of free[node] as readonly number[]) add(neighbour);
    return found.sort(this.#side === 0 ? (a, b) => b - a : (a, b) => a - b);
  }

  /** The vertex, and what is joined to it by pure structure through eliminated vertices. */
  #joined(vertex: number): readonly number[] {
    const { free } = this.#component.sides[this.#side];
    const joined = [vertex];
    for (const node of joined)
      for (const neighbour of free[node] as readonly number[])
        if (this.#open[neighbour] === PASSABLE && !joined.includes(neighbour)) joined.push(neighbour);
    return joined;
  }

  /** What certainly has a counted edge to the vertex: by a counted edge to one of those that are joined to it, and eliminated vertices. */
  #starts(joined: readonly number[]): number[] {
    const { all, counted } = this.#component.sides[this.#side];
    const starts: number[] = [];
    const passed: number[] = [];
    const meet = (node: number) => {
      const list = this.#open[node] === PASSABLE ? passed : starts;
      if (!list.includes(node)) list.push(node);
    };
    for (const node of joined) for (const neighbour of counted[node] as readonly number[]) meet(neighbour);
    for (const node of passed) for (const neighbour of all[node] as readonly number[]) meet(neighbour);
    return starts;
  }
}

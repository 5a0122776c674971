/**
 * Block bounds: what the vertices of a block K cost together at least, in every order.
 *
 * For a set S of eliminated K-vertices, the counted edges of v on a side are at least the smallest vertex cut between v and the terminals where S can not be cut (it is
 * eliminated), the other K-vertices are terminals too (they are still there), and the vertices outside K are free (eliminated or not, as it suits). So
 *   f_K(S) = min over v in S of f_K(S - v) + inCut(v | S - v) * outCut(v | S - v),   f_K({}) = 0
 * is a lower bound on what the vertices of S cost together, in every order of a graph part in which S is eliminated and K - S is permanent. The costs of
 * different vertices add up, so the bounds of disjoint blocks do.
 *
 * A cut depends only on K-vertices that v reaches by paths whose inner vertices are eliminated or free. Join two K-vertices if a path of free vertices leads from one to
 * the other: what v costs after S depends only on the connected part of S + v that v is in, so f_K(S) is the sum over the connected parts of S, and of connected sets
 * there are few (a block of 20 vertices of g has 500, and 2^20 subsets).
 */

import { BlockOrder } from "./blockOrder.ts";
import type { Component } from "./component.ts";
import { type CutNode, SideCuts } from "./cuts.ts";
import type { Side } from "./state.ts";
import { ConnectedSets, countConnected, type SetCosts, SetTable } from "./subsets.ts";

/** The largest block: its subsets are the bits of one integer. */
export const LARGEST_BLOCK = 30;

/** Bounds of blocks that are remembered. */
const MOST_BOUNDS = 2 ** 17;

/** What making a block takes beside its trees, in units of work. */
const OVERHEAD = 1000;

/** What asking for the cost of a vertex takes, in units of work. */
const STEP = 2;

/** f_K for every subset of a block: bit i of a set stands for `vertices[i]`. */
export interface BlockTable {
  /** Indices in the component, ascending. */
  readonly vertices: readonly number[];
  readonly sets: SetTable;
}

/** A block as costs of sets. Of the trees of cuts it has the part that decides on its own vertices, as far as it was asked for. */
class Block implements SetCosts {
  readonly size: number;
  readonly adjacent: Int32Array;
  readonly minimum: Int32Array;
  readonly #vertices: readonly number[];
  readonly #cuts: readonly [SideCuts, SideCuts];
  /** At [2 * place + side] where the tree of a vertex starts; 0 if it was not asked for. */
  readonly #roots: Int32Array;
  /** At [node]: the place to decide on, then the node if that is kept, and if it is eliminated (0 if that was not asked for); or -1 and the cut. */
  #tree = new Int32Array(256);
  #end = 3;
  /** At [node / 3] where the node comes from. */
  readonly #nodes: (CutNode | undefined)[] = [undefined];

  constructor(vertices: readonly number[], adjacent: Int32Array, cuts: readonly [SideCuts, SideCuts]) {
    this.size = vertices.length;
    this.adjacent = adjacent;
    const [incoming, outgoing] = cuts;
    this.minimum = Int32Array.from(
      vertices,
      (vertex) => incoming.root(vertex).cut * outgoing.root(vertex).cut,
    );
    this.#vertices = vertices;
    this.#cuts = cuts;
    this.#roots = new Int32Array(2 * vertices.length);
  }

  cost(place: number, set: number): number {
    const cut = this.#cut(0, place, set);
    return cut === 0 ? 0 : cut * this.#cut(1, place, set);
  }

  #cut(side: Side, place: number, set: number): number {
    const tree = this.#tree;
    let at = this.#roots[2 * place + side] as number;
    if (at === 0) return this.#grow(side, place, set);
    for (let decided = tree[at] as number; decided >= 0; decided = tree[at] as number) {
      at = tree[at + 1 + ((set >>> decided) & 1)] as number;
      if (at === 0) return this.#grow(side, place, set);
    }
    return tree[at + 1] as number;
  }

  /** The cut once more, where the tree does not reach yet. */
  #grow(side: Side, place: number, set: number): number {
    const vertex = this.#vertices[place] as number;
    const cuts = this.#cuts[side];
    const decisions: number[] = [];
    const root = 2 * place + side;
    if (this.#roots[root] === 0) this.#roots[root] = this.#plant(cuts.root(vertex));
    let at = this.#roots[root] as number;
    for (let decided = this.#tree[at] as number; decided >= 0; decided = this.#tree[at] as number) {
      const isGone = (set >>> decided) & 1;
      const other = this.#vertices[decided] as number;
      decisions.push(2 * other + isGone);
      const link = at + 1 + isGone;
      if (this.#tree[link] === 0) {
        const node = this.#nodes[at / 3] as CutNode;
        const next = cuts.next(vertex, node, 2 * node.vertices.indexOf(other) + isGone, decisions);
        const planted = this.#plant(next);
        this.#tree[link] = planted;
      }
      at = this.#tree[link] as number;
    }
    return this.#tree[at + 1] as number;
  }

  /** Adds a node; returns where it is. */
  #plant(node: CutNode): number {
    const at = this.#end;
    this.#end += 3;
    if (this.#end > this.#tree.length) {
      const larger = new Int32Array(2 * this.#tree.length);
      larger.set(this.#tree);
      this.#tree = larger;
    }
    let place = -1;
    for (let index = 0; place < 0 && index < node.vertices.length; index++)
      place = this.#vertices.indexOf(node.vertices[index] as number);
    this.#tree[at] = place;
    this.#tree[at + 1] = place < 0 ? node.cut : 0;
    this.#nodes.push(node);
    return at;
  }
}

/** What a block seems to be worth. */
export interface BlockEstimate {
  /** What `order` costs under the block's own rules: no less than its bound, and mostly equal to it. */
  readonly estimate: number;
  readonly order: readonly number[];
}

/** Bounds the blocks of one component; keeps its working memory. */
export class BlockBounds {
  readonly component: Component;
  /** What was done so far, in units of some 30 ns. */
  work = 0;
  readonly #cuts: readonly [SideCuts, SideCuts];
  readonly #known = new Map<string, number>();
  readonly #sets = new ConnectedSets();
  /** The place of each vertex in the block at hand, or -1. */
  readonly #place: Int32Array;
  readonly #stamp: Int32Array;
  #now = 0;

  constructor(component: Component) {
    this.component = component;
    this.#cuts = [new SideCuts(component, 0), new SideCuts(component, 1)];
    this.#place = new Int32Array(component.size).fill(-1);
    this.#stamp = new Int32Array(component.size);
  }

  /** All of f_K of a block of at most `LARGEST_BLOCK` vertices, ascending. */
  table(vertices: readonly number[]): BlockTable {
    return { vertices, sets: new SetTable(this.#block(vertices)) };
  }

  /**
   * What a block of at most `LARGEST_BLOCK` vertices, ascending, is worth at most; null if it has more than so many connected sets.
   *
   * @param hint a good order of most of the vertices
   */
  estimate(vertices: readonly number[], hint: readonly number[], sets: number): BlockEstimate | null {
    const block = this.#block(vertices);
    const count = countConnected(block.adjacent, sets);
    this.work += count;
    if (count > sets) return null;
    const order = new BlockOrder(
      block,
      hint.map((vertex) => vertices.indexOf(vertex)),
    );
    order.descend();
    this.work += order.steps * STEP;
    return { estimate: order.cost, order: order.order.map((place) => vertices[place] as number) };
  }

  /** The bound of a block of at most `LARGEST_BLOCK` vertices, ascending. */
  bound(vertices: readonly number[]): number {
    const key = vertices.join();
    let bound = this.#known.get(key);
    if (bound !== undefined) return bound;
    bound = this.#sets.minimum(this.#block(vertices));
    this.work += this.#sets.count * vertices.length;
    if (this.#known.size >= MOST_BOUNDS) this.#known.clear();
    this.#known.set(key, bound);
    return bound;
  }

  #block(vertices: readonly number[]): Block {
    this.work += OVERHEAD;
    return new Block(vertices, this.#adjacent(vertices), this.#cuts);
  }

  /** For each place the others, as bits, that are joined to it: by paths along the edges that have no block vertex inside. */
  #adjacent(vertices: readonly number[]): Int32Array {
    const { all } = this.component.sides[1];
    vertices.forEach((vertex, place) => {
      this.#place[vertex] = place;
    });
    const adjacent = new Int32Array(vertices.length);
    const stack: number[] = [];
    for (const [first, vertex] of vertices.entries()) {
      this.#now++;
      stack.push(vertex);
      for (let from = stack.pop(); from !== undefined; from = stack.pop()) {
        const list = all[from] as readonly number[];
        for (let index = 0; index < list.length; index++) {
          const to = list[index] as number;
          if (to >= this.#stamp.length || this.#stamp[to] === this.#now) continue;
          this.#stamp[to] = this.#now;
          const place = this.#place[to] as number;
          if (place < 0) stack.push(to);
          else {
            adjacent[first] = (adjacent[first] as number) | (1 << place);
            adjacent[place] = (adjacent[place] as number) | (1 << first);
          }
        }
      }
    }
    for (const vertex of vertices) this.#place[vertex] = -1;
    return adjacent;
  }
}

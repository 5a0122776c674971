/**
 * Block bounds: what the vertices of a block K cost together at least, in every order.
 *
 * For a set S of eliminated K-vertices, the counted edges of v on a side are at least the smallest vertex cut between v and the terminals where S can not be cut (it is
 * eliminated), the other K-vertices are terminals too (they are still there), and the vertices outside K are free (eliminated or not, as it suits). So
 *   f_K(S) = min over v in S of f_K(S - v) + inCut(v | S - v) * outCut(v | S - v),   f_K({}) = 0
 * is a lower bound on what the vertices of S cost together, in every order of a graph part in which S is eliminated and K - S is permanent. The costs of
 * different vertices add up, so the bounds of disjoint blocks do.
 *
 * The cut of v on a side depends only on those K-vertices that v reaches there without passing a K-vertex that is not eliminated: a tree of decisions
 * (eliminated or not?) over these has far fewer leaves than K has subsets.
 */

import type { Component } from "./component.ts";
import { DisjointPaths } from "./flow.ts";
import type { Side } from "./state.ts";

/** The largest block: a table of 2^20 numbers. */
export const LARGEST_BLOCK = 20;

/** f_K for every subset of a block: bit i of an index stands for `vertices[i]`. */
export interface BlockTable {
  /** Indices in the component, ascending. */
  readonly vertices: readonly number[];
  readonly values: Int32Array;
}

/** Computes block tables of one component; keeps its working memory. */
export class BlockBounds {
  readonly #component: Component;
  readonly #cuts: readonly [CutSearch, CutSearch];

  constructor(component: Component) {
    this.#component = component;
    this.#cuts = [new CutSearch(component, 0), new CutSearch(component, 1)];
  }

  /** The table of a block of at most `LARGEST_BLOCK` vertices, ascending. */
  table(vertices: readonly number[]): BlockTable {
    const [incoming, outgoing] = this.#cuts;
    return {
      vertices,
      values: minimise(vertices.length, incoming.table(vertices), outgoing.table(vertices)),
    };
  }

  /** The bound of the whole block. */
  bound(vertices: readonly number[]): number {
    return this.table(vertices).values.at(-1) ?? 0;
  }

  get component(): Component {
    return this.#component;
  }
}

/**
 * The dynamic program over the subsets of a block. As the block's vertices are in topological order, the cuts of vertex i towards the inputs depend on the bits
 * below i alone, and towards the outputs on the bits above.
 *
 * @param incoming at [2^i + bits below i]
 * @param outgoing at [2^(size - 1 - i) + (bits above i) >> (i + 1)]
 */
function minimise(size: number, incoming: Uint16Array, outgoing: Uint16Array): Int32Array {
  const best = new Int32Array(2 ** size);
  for (let set = 1; set < best.length; set++) {
    let least = 2 ** 31 - 1;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest;
      const vertex = 31 - Math.clz32(bit);
      const cutIn = incoming[set & (2 * bit - 1)] as number;
      const cutOut = outgoing[(1 << (size - 1 - vertex)) | (set >> (vertex + 1))] as number;
      const cost = (best[set ^ bit] as number) + cutIn * cutOut;
      if (cost < least) least = cost;
    }
    best[set] = least;
  }
  return best;
}

/** How many bits are set. */
export function population(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The decision tree on one side of a component. */
class CutSearch {
  readonly #component: Component;
  readonly #side: Side;
  readonly #paths: DisjointPaths;
  /** Neighbours with the eliminated K-vertices contracted, for the eliminated ones themselves too. */
  readonly #lists: (readonly number[])[];
  /** 1 for vertices that paths pass through. */
  readonly #open: Uint8Array;
  /** 1 for the eliminated K-vertices. */
  readonly #gone: Uint8Array;

  constructor(component: Component, side: Side) {
    const { columns, all } = component.sides[side];
    this.#component = component;
    this.#side = side;
    this.#paths = new DisjointPaths(columns);
    this.#lists = [...all];
    this.#open = new Uint8Array(columns).fill(1, 0, component.size);
    this.#gone = new Uint8Array(columns);
  }

  /** The cuts of all vertices of a block, for every subset of the others that can matter; see `minimise` for the places. */
  table(block: readonly number[]): Uint16Array {
    const size = block.length;
    const cuts = new Uint16Array(2 ** size);
    block.forEach((vertex, place) => {
      const shift = this.#side === 0 ? 0 : place + 1;
      const start = this.#side === 0 ? 2 ** place : 2 ** (size - 1 - place);
      this.#decide(block, vertex, 0, 0, (gone, kept, cut) => {
        const base = start + (gone >> shift);
        const rest = start - 1 - (gone >> shift) - (kept >> shift);
        for (let set = rest; ; set = (set - 1) & rest) {
          cuts[base + set] = cut;
          if (set === 0) break;
        }
      });
    });
    return cuts;
  }

  /**
   * Walks the tree; at each leaf `found` gets the block's vertices decided to be eliminated and not to be, and the cut. Undecided vertices are taken as
   * free: deciding can only make the cut larger, and does not if none of them is in the nearest cut or before it.
   */
  #decide(
    block: readonly number[],
    vertex: number,
    gone: number,
    kept: number,
    found: (gone: number, kept: number, cut: number) => void,
  ): void {
    const joined = this.#joined(vertex);
    const cut = this.#cut(joined);
    const next = block.findIndex(
      (node, place) => (((gone | kept) >> place) & 1) === 0 && this.#matters(joined, node),
    );
    if (next < 0) {
      found(gone, kept, cut);
      return;
    }
    const node = block[next] as number;
    const bit = 1 << next;
    this.#open[node] = 0;
    this.#decide(block, vertex, gone, kept | bit, found);
    this.#open[node] = 1;
    const undo = this.#contract(node);
    this.#gone[node] = 1;
    this.#decide(block, vertex, gone | bit, kept, found);
    for (const [changed, list] of undo) this.#lists[changed] = list;
    this.#gone[node] = 0;
  }

  /** Puts the neighbours of a vertex in its place wherever it is a neighbour; returns the lists as they were. */
  #contract(gone: number): [node: number, list: readonly number[]][] {
    const undo: [number, readonly number[]][] = [];
    const own = this.#lists[gone] as readonly number[];
    for (let node = 0; node < this.#component.size; node++) {
      const list = this.#lists[node] as readonly number[];
      const at = list.indexOf(gone);
      if (at < 0) continue;
      undo.push([node, list]);
      const joined = list.toSpliced(at, 1);
      for (const neighbour of own) if (!list.includes(neighbour)) joined.push(neighbour);
      this.#lists[node] = joined;
    }
    return undo;
  }

  /** The vertex, and what is joined to it by pure structure through eliminated vertices. */
  #joined(vertex: number): readonly number[] {
    const { free } = this.#component.sides[this.#side];
    const joined = [vertex];
    for (const node of joined)
      for (const neighbour of free[node] as readonly number[])
        if (this.#gone[neighbour] === 1 && !joined.includes(neighbour)) joined.push(neighbour);
    return joined;
  }

  /** Whether the decision on a vertex can change the cut that was computed last. */
  #matters(joined: readonly number[], undecided: number): boolean {
    const { free } = this.#component.sides[this.#side];
    return this.#paths.isBeforeCut(undecided) || joined.some((node) => free[node]?.includes(undecided));
  }

  #cut(joined: readonly number[]): number {
    return this.#paths.count(
      this.#starts(joined),
      (node) => this.#lists[node] as readonly number[],
      this.#open,
    );
  }

  /** What certainly has a counted edge to the vertex: by a counted edge to one of those that are joined to it. */
  #starts(joined: readonly number[]): readonly number[] {
    const { counted, free } = this.#component.sides[this.#side];
    const [vertex = 0] = joined;
    if ((free[vertex] as readonly number[]).length === 0) return this.#lists[vertex] as readonly number[];
    const starts = new Set<number>();
    for (const node of joined)
      for (const neighbour of counted[node] as readonly number[])
        for (const start of this.#gone[neighbour] === 1
          ? (this.#lists[neighbour] as readonly number[])
          : [neighbour])
          starts.add(start);
    return [...starts];
  }
}

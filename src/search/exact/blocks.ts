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
import { opposite, type Side } from "./state.ts";

/** The largest block: a table of 2^20 numbers. */
export const LARGEST_BLOCK = 20;

/** Vertices that one flow may visit, which is enough for a thousand; one that is cut short gives a lower bound still. */
const VISITS = 20_000;

/** Bounds of blocks that are remembered. */
const MOST_BOUNDS = 2 ** 17;

/** Trees of each vertex that are remembered. */
const MOST_TREES = 2 ** 10;

/** Vertices of the largest component for which it is worked out what each vertex reaches. */
const LARGEST_REACH = 1000;

/** Bounds are kept in 16 bits: larger ones are lowered to this, which leaves them lower bounds. */
const LARGEST_VALUE = 2 ** 16 - 1;

/** f_K for every subset of a block: bit i of an index stands for `vertices[i]`. */
export interface BlockTable {
  /** Indices in the component, ascending. */
  readonly vertices: readonly number[];
  readonly values: Uint16Array;
}

/** What is known of a vertex's cut: the same for all subsets that have the `gone` and not the `kept`. Bits of places in the block. */
interface Leaf {
  readonly gone: number;
  readonly kept: number;
  readonly cut: number;
}

/** The leaves of a vertex's decision trees on both sides. */
type Leaves = readonly [readonly Leaf[], readonly Leaf[]];

/** Computes block tables of one component; keeps its working memory. */
export class BlockBounds {
  readonly component: Component;
  readonly #trees: readonly [DecisionTree, DecisionTree];
  /** Bounds of groups that depend on each other, by their vertices: what else is in their block does not matter. */
  readonly #groupBounds = new Map<string, number>();
  readonly #blockBounds = new Map<string, number>();

  constructor(component: Component) {
    this.component = component;
    this.#trees = [new DecisionTree(component, 0), new DecisionTree(component, 1)];
  }

  /**
   * The tables of a block of at most `LARGEST_BLOCK` vertices, ascending: one for each group of vertices whose costs depend on each other, for these add
   * up like blocks of their own.
   */
  tables(vertices: readonly number[]): BlockTable[] {
    const leaves = this.#leaves(vertices);
    return groupsOf(leaves).map((places) => ({
      vertices: places.map((place) => vertices[place] as number),
      values: minimise(places, leaves),
    }));
  }

  /** The bound of the whole block; `onTable` is told of the size of every table that had to be made. */
  bound(vertices: readonly number[], onTable: (size: number) => void = () => {}): number {
    const block = vertices.join();
    const known = this.#blockBounds.get(block);
    if (known !== undefined) return known;
    const leaves = this.#leaves(vertices);
    let sum = 0;
    for (const places of groupsOf(leaves)) {
      const key = places.map((place) => vertices[place]).join();
      let bound = this.#groupBounds.get(key);
      if (bound === undefined) {
        const values = minimise(places, leaves);
        onTable(values.length);
        bound = values.at(-1) ?? 0;
        remember(this.#groupBounds, key, bound, MOST_BOUNDS);
      }
      sum += bound;
    }
    remember(this.#blockBounds, block, sum, MOST_BOUNDS);
    return sum;
  }

  /**
   * No less than `bound`, and much cheaper: what some good order of the block costs under the block's own rules. Enough to dismiss a block.
   */
  ceiling(vertices: readonly number[]): number {
    return this.#blockBounds.get(vertices.join()) ?? cheapOrder(this.#leaves(vertices));
  }

  #leaves(vertices: readonly number[]): Leaves[] {
    const [incoming, outgoing] = this.#trees;
    return vertices.map(
      (vertex): Leaves => [incoming.leaves(vertices, vertex), outgoing.leaves(vertices, vertex)],
    );
  }
}

/** Adds to a memory that is emptied when it is full. */
function remember<Value>(memory: Map<string, Value>, key: string, value: Value, most: number): void {
  if (memory.size >= most) memory.clear();
  memory.set(key, value);
}

/** The places of a block's vertices, in groups that depend on each other; ascending. */
function groupsOf(leaves: readonly Leaves[]): number[][] {
  const depends = leaves.map((sides) =>
    sides.flat().reduce((places, { gone, kept }) => places | gone | kept, 0),
  );
  const groups: number[][] = [];
  for (let rest = 2 ** leaves.length - 1; rest !== 0; ) {
    let group = rest & -rest;
    for (let before = 0; before !== group; ) {
      before = group;
      depends.forEach((places, place) => {
        if ((group >> place) & 1) group |= places;
        else if ((group & places) !== 0) group |= 1 << place;
      });
    }
    groups.push([...leaves.keys()].filter((place) => (group >> place) & 1));
    rest &= ~group;
  }
  return groups;
}

/**
 * The dynamic program over the subsets of a group. As its vertices are in topological order, the cuts of the i-th towards the inputs depend on the bits below i
 * alone, and towards the outputs on the bits above.
 */
function minimise(places: readonly number[], leaves: readonly Leaves[]): Uint16Array {
  const size = places.length;
  /** At [2^i + bits below i], and at [2^(size - 1 - i) + (bits above i) >> (i + 1)]. */
  const [incoming, outgoing] = [new Uint16Array(2 ** size), new Uint16Array(2 ** size)];
  places.forEach((place, index) => {
    const [before, behind] = leaves[place] as Leaves;
    spread(before, places, 0, incoming, 2 ** index);
    spread(behind, places, index + 1, outgoing, 2 ** (size - 1 - index));
  });
  const best = new Uint16Array(2 ** size);
  const end = best.length;
  for (let set = 1; set < end; set++) {
    let least = LARGEST_VALUE;
    for (let rest = set; rest !== 0; ) {
      const bit = rest & -rest;
      rest ^= bit;
      const vertex = 31 - Math.clz32(bit);
      const cutIn = incoming[set & (2 * bit - 1)] as number;
      const cutOut = outgoing[(1 << (size - 1 - vertex)) | (set >> (vertex + 1))] as number;
      const cost = (best[set ^ bit] as number) + Math.imul(cutIn, cutOut);
      if (cost < least) least = cost;
    }
    best[set] = least;
  }
  return best;
}

/** The cost of a block's vertices in the best of some orders: always the one that costs least now; then each taken out once and put in at its best place. */
function cheapOrder(leaves: readonly Leaves[]): number {
  const costAt = (place: number, set: number) => {
    const [incoming, outgoing] = leaves[place] as Leaves;
    return cutAt(incoming, set) * cutAt(outgoing, set);
  };
  /** Counted no further than to `limit`. */
  const costOf = (order: readonly number[], limit: number) => {
    let [set, cost] = [0, 0];
    for (const place of order) {
      cost += costAt(place, set);
      if (cost >= limit) return limit;
      set |= 1 << place;
    }
    return cost;
  };
  let order: readonly number[] = [];
  for (let set = 0; order.length < leaves.length; ) {
    let [best, least] = [-1, Infinity];
    for (let place = 0; place < leaves.length; place++) {
      if ((set >> place) & 1) continue;
      const cost = costAt(place, set);
      if (cost < least) [best, least] = [place, cost];
    }
    order = [...order, best];
    set |= 1 << best;
  }
  let least = costOf(order, Infinity);
  for (let place = 0; place < leaves.length; place++) {
    const others = order.filter((other) => other !== place);
    for (let position = 0; position <= others.length; position++) {
      const candidate = others.toSpliced(position, 0, place);
      const cost = costOf(candidate, least);
      if (cost < least) [order, least] = [candidate, cost];
    }
  }
  return least;
}

/** The cut of the leaf that a subset leads to. */
function cutAt(leaves: readonly Leaf[], set: number): number {
  for (const { gone, kept, cut } of leaves) if ((gone & ~set) === 0 && (kept & set) === 0) return cut;
  return 0;
}

/** Writes the cuts of the leaves to all subsets, from `start` on: bit i of an index stands for `places[first + i]`. */
function spread(
  leaves: readonly Leaf[],
  places: readonly number[],
  first: number,
  cuts: Uint16Array,
  start: number,
): void {
  const packed = (set: number) => {
    let bits = 0;
    for (let index = first; index < places.length; index++)
      bits |= ((set >> (places[index] as number)) & 1) << (index - first);
    return bits;
  };
  for (const { gone, kept, cut } of leaves) {
    const base = packed(gone);
    const rest = start - 1 - base - packed(kept);
    for (let set = rest; ; set = (set - 1) & rest) {
      cuts[start + base + set] = cut;
      if (set === 0) break;
    }
  }
}

/** A list as it was before a contraction. */
interface Change {
  readonly lists: (readonly number[])[];
  readonly index: number;
  readonly list: readonly number[];
}

/** The members of either list but one. */
function union(list: readonly number[], other: readonly number[], without: number): number[] {
  const joined = list.filter((node) => node !== without);
  for (const node of other) if (!list.includes(node)) joined.push(node);
  return joined;
}

/** The decision tree on one side of a component. */
class DecisionTree {
  readonly #component: Component;
  readonly #side: Side;
  readonly #paths: DisjointPaths;
  /** Neighbours with the eliminated K-vertices contracted, for the eliminated ones themselves too. */
  readonly #lists: (readonly number[])[];
  /** For each vertex those in whose lists it is. */
  readonly #before: (readonly number[])[];
  /** 1 for vertices that paths pass through. */
  readonly #open: Uint8Array;
  /** 1 for the eliminated K-vertices. */
  readonly #gone: Uint8Array;
  /** For each vertex what it reaches, and the leaves of its tree by the block's vertices among that. */
  readonly #reached: Uint8Array[] = [];
  readonly #known: readonly Map<string, readonly Leaf[]>[];

  constructor(component: Component, side: Side) {
    const { columns, all } = component.sides[side];
    this.#component = component;
    this.#side = side;
    this.#paths = new DisjointPaths(columns);
    this.#lists = [...all];
    this.#before = component.sides[opposite(side)].all.map((list) =>
      list.filter((node) => node < component.size),
    );
    this.#open = new Uint8Array(columns).fill(1, 0, component.size);
    this.#gone = new Uint8Array(columns);
    this.#known = component.nodes.map(() => new Map());
  }

  /** The leaves of the tree of a vertex of a block. */
  leaves(block: readonly number[], vertex: number): readonly Leaf[] {
    const reached = this.#reachedFrom(vertex);
    const places = [...block.keys()].filter(
      (place) => reached === null || reached[block[place] as number] === 1,
    );
    const relevant = places.map((place) => block[place] as number);
    const key = relevant.join();
    const known = this.#known[vertex] as Map<string, readonly Leaf[]>;
    let leaves = known.get(key);
    if (leaves === undefined) {
      const found: Leaf[] = [];
      this.#decide(relevant, vertex, 0, 0, found);
      leaves = found;
      remember(known, key, leaves, MOST_TREES);
    }
    const placed = (set: number) => {
      let bits = 0;
      for (let rest = set; rest !== 0; rest &= rest - 1)
        bits |= 1 << (places[31 - Math.clz32(rest & -rest)] as number);
      return bits;
    };
    return leaves.map(({ gone, kept, cut }) => ({ gone: placed(gone), kept: placed(kept), cut }));
  }

  /** 1 for what a vertex reaches; null in components so large that it is not worked out. */
  #reachedFrom(vertex: number): Uint8Array | null {
    if (this.#component.size > LARGEST_REACH) return null;
    let reached = this.#reached[vertex];
    if (reached === undefined) {
      reached = new Uint8Array(this.#component.size);
      for (const node of this.#component.sides[this.#side].all[vertex] as readonly number[]) {
        if (node >= reached.length) continue;
        reached[node] = 1;
        (this.#reachedFrom(node) as Uint8Array).forEach((one, other) => {
          if (one === 1) (reached as Uint8Array)[other] = 1;
        });
      }
      this.#reached[vertex] = reached;
    }
    return reached;
  }

  /**
   * Walks the tree. Undecided vertices are taken as free: deciding can only make the cut larger, and does not if none of them is in the nearest cut or
   * before it.
   */
  #decide(block: readonly number[], vertex: number, gone: number, kept: number, leaves: Leaf[]): void {
    const joined = this.#joined(vertex);
    const cut = this.#cut(joined);
    const undecided = (place: number) => (((gone | kept) >> place) & 1) === 0;
    const next = this.#paths.isComplete
      ? block.findIndex((node, place) => undecided(place) && this.#matters(joined, node))
      : -1;
    if (next < 0) {
      leaves.push({ gone, kept, cut });
      return;
    }
    const node = block[next] as number;
    const bit = 1 << next;
    this.#open[node] = 0;
    this.#decide(block, vertex, gone, kept | bit, leaves);
    this.#open[node] = 1;
    const undo = this.#contract(node);
    this.#gone[node] = 1;
    this.#decide(block, vertex, gone | bit, kept, leaves);
    for (const { lists, index, list } of undo) lists[index] = list;
    this.#gone[node] = 0;
  }

  /** Puts the neighbours of a vertex in its place wherever it is a neighbour; returns the lists as they were. */
  #contract(gone: number): Change[] {
    const undo: Change[] = [];
    const own = this.#lists[gone] as readonly number[];
    const before = this.#before[gone] as readonly number[];
    for (const index of before) {
      const list = this.#lists[index] as readonly number[];
      undo.push({ lists: this.#lists, index, list });
      this.#lists[index] = union(list, own, gone);
    }
    for (const index of own) {
      const list = this.#before[index];
      if (list === undefined) continue;
      undo.push({ lists: this.#before, index, list });
      this.#before[index] = union(list, before, -1);
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
      VISITS,
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

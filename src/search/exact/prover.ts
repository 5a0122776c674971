/**
 * What is proved of one component, by turns: a partition into blocks is annealed, then the exact search goes on with the best partitions' databases for about as
 * long. Small components are done in the first turn; each turn has larger blocks and more time.
 */

import type { Random } from "../../random.ts";
import { BlockBounds } from "./blocks.ts";
import type { Component } from "./component.ts";
import { PartitionSearch } from "./partition.ts";
import { PatternDatabases } from "./patterns.ts";
import { ComponentSearch } from "./search.ts";

/**
 * The turns: what may be a block, and how long to anneal and then to search, in units of some 30 ns. The last turn is repeated. As much annealing as search is
 * not too much: with a partition of 305 for g, 93,000 sets do not suffice; with one of 318, 53,000 do.
 */
const TURNS = [
  { capacity: 10, sets: 2 ** 10, annealing: 2 ** 17, search: 2 ** 18 },
  { capacity: 12, sets: 2 ** 10, annealing: 2 ** 20, search: 2 ** 20 },
  { capacity: 16, sets: 2 ** 11, annealing: 2 ** 22, search: 2 ** 21 },
  { capacity: 18, sets: 2 ** 11, annealing: 2 ** 23, search: 2 ** 23 },
  { capacity: 18, sets: 2 ** 12, annealing: 2 ** 23, search: 2 ** 24 },
  { capacity: 18, sets: 2 ** 13, annealing: 2 ** 24, search: 2 ** 25 },
  { capacity: 18, sets: 2 ** 13, annealing: 2 ** 24, search: 2 ** 26 },
] as const;

/** Expanding a set of n vertices takes about as long as so many units times n. */
const EXPANSION = 10;

/** Databases that the search looks up. */
const DATABASES = 3;

/** Vertices of the largest component that is searched; larger ones get a bound by blocks. */
const SEARCHABLE = 1000;

/** By how much one search is to raise the bound; a search for one more takes about as long as all before together. */
const RAISE = 3;

/** What one step does, in those units: about a hundredth of a second. */
const STEP = 2 ** 18;

export class ComponentProver {
  readonly component: Component;
  /** Sets expanded and moves of vertices between blocks tried so far. */
  iterations = 0;
  readonly #bounds: BlockBounds;
  readonly #random: Random;
  readonly #bytes: number;
  readonly #partitions: PartitionSearch[] = [];
  #annealing: PartitionSearch;
  #search: ComponentSearch | null = null;
  #turn = 0;
  /** The search at hand ends when the bound exceeds this. */
  #limit = -1;
  /** What is left of the search's turn, in expansions; 0 while a partition is annealed. */
  #expansions = 0;

  /** @param bytes that the search's memo may take */
  constructor(component: Component, random: Random, bytes: number) {
    this.component = component;
    this.#bounds = new BlockBounds(component);
    this.#random = random;
    this.#bytes = bytes;
    this.#annealing = this.#newAnnealing();
  }

  get #turns(): (typeof TURNS)[number] {
    return TURNS[Math.min(this.#turn, TURNS.length - 1)] ?? TURNS[0];
  }

  /** The best lower bound so far. */
  get bound(): number {
    return Math.max(this.blocks.bound, this.#search?.bound ?? 0);
  }

  /** Whether `bound` is what an optimal order costs, and `order` such an order. */
  get isSolved(): boolean {
    return this.#search?.isSolved ?? false;
  }

  /** The best partition so far. */
  get blocks(): PartitionSearch {
    return [this.#annealing, ...this.#partitions].reduce((best, other) =>
      other.bound > best.bound ? other : best,
    );
  }

  /** Sets that the search expanded. */
  get expanded(): number {
    return this.#search?.nodes ?? 0;
  }

  /** An optimal order, as indices, once it is solved. */
  order(): number[] {
    return this.#search?.order() ?? [];
  }

  /** Works on for about a hundredth of a second. `enough`: a bound with which the work is done. */
  step(enough: number): void {
    if (this.#expansions === 0) {
      this.iterations += this.#annealing.step(STEP);
      if (this.#annealing.isOver || this.#annealing.bound >= enough) this.#startSearch();
      return;
    }
    const search = this.#search;
    if (search === null) return;
    const before = search.nodes;
    const nodes = Math.ceil(STEP / (EXPANSION * this.component.size));
    if (search.bound > this.#limit) this.#limit = search.bound + RAISE - 1;
    search.run(Math.min(enough - 1, this.#limit), Math.min(nodes, this.#expansions));
    this.iterations += search.nodes - before;
    this.#expansions -= Math.min(nodes, this.#expansions);
    if (this.#expansions === 0) {
      this.#turn++;
      this.#annealing = this.#newAnnealing();
    }
  }

  #newAnnealing(): PartitionSearch {
    return new PartitionSearch(this.#bounds, this.#turns, this.#turns.annealing, this.#random);
  }

  /** Makes databases of the best partitions, and lets the search have its turn. */
  #startSearch(): void {
    this.#partitions.push(this.#annealing);
    this.#partitions.sort((a, b) => b.bound - a.bound).splice(DATABASES);
    const { size } = this.component;
    this.#expansions = Math.ceil(this.#turns.search / (EXPANSION * size));
    if (size > SEARCHABLE) return;
    const tables = this.#partitions.map(({ best }) =>
      best.map(({ vertices }) => this.#bounds.table(vertices)),
    );
    const patterns = new PatternDatabases(size, tables);
    if (this.#search === null) this.#search = new ComponentSearch(this.component, patterns, this.#bytes);
    else this.#search.patterns = patterns;
  }
}

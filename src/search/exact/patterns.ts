/**
 * Pattern databases: lower bounds by lookup on what any set of a component's vertices costs, all others being permanent.
 *
 * The tables of a partition into blocks add up (see `blocks.ts`): f(C) >= sum over the blocks K of f_K(C and K). Of several partitions the largest
 * sum counts. (Additive pattern databases: Korf & Felner 2002.)
 */

import { population } from "../population.ts";
import { type BlockTable, LARGEST_BLOCK } from "./blocks.ts";
import { partOf } from "./subsets.ts";

export class PatternDatabases {
  readonly #tables: readonly BlockTable[];
  /** For each partition the end of its tables. */
  readonly #ends: readonly number[];
  /** At [partition * size + vertex]: the table that has the vertex, and its bit there. */
  readonly #tableOf: Int32Array;
  readonly #bitOf: Int32Array;
  readonly #size: number;
  /** The current set in each table, and the sum of each partition. */
  readonly #index: Int32Array;
  readonly #sums: Int32Array;
  /** At [table * LARGEST_BLOCK + i]: the i-th connected part of the current set in the table, and its place there. */
  readonly #parts: Int32Array;
  readonly #places: Int32Array;

  /** @param partitions each covers all vertices, 0 to size - 1, once */
  constructor(size: number, partitions: readonly (readonly BlockTable[])[]) {
    this.#tables = partitions.flat();
    this.#size = size;
    this.#ends = partitions.map((_, partition) => partitions.slice(0, partition + 1).flat().length);
    this.#tableOf = new Int32Array(partitions.length * size);
    this.#bitOf = new Int32Array(partitions.length * size);
    this.#index = new Int32Array(this.#tables.length);
    this.#sums = new Int32Array(partitions.length);
    this.#parts = new Int32Array(this.#tables.length * LARGEST_BLOCK);
    this.#places = new Int32Array(this.#tables.length * LARGEST_BLOCK);
    let table = 0;
    for (const [partition, tables] of partitions.entries())
      for (const { vertices } of tables) {
        for (const [bit, vertex] of vertices.entries()) {
          this.#tableOf[partition * size + vertex] = table;
          this.#bitOf[partition * size + vertex] = 1 << bit;
        }
        table++;
      }
  }

  /** Makes the first `count` of these vertices the current set; returns its bound. */
  select(vertices: Int32Array, count: number): number {
    this.#index.fill(0);
    let bound = 0;
    let table = 0;
    for (let partition = 0; partition < this.#ends.length; partition++) {
      const start = partition * this.#size;
      for (let position = 0; position < count; position++) {
        const place = start + (vertices[position] as number);
        const of = this.#tableOf[place] as number;
        this.#index[of] = (this.#index[of] as number) | (this.#bitOf[place] as number);
      }
      let sum = 0;
      for (const end = this.#ends[partition] as number; table < end; table++) sum += this.#split(table);
      this.#sums[partition] = sum;
      if (sum > bound) bound = sum;
    }
    return bound;
  }

  /** Finds the connected parts of the current set in a table; returns what they cost. */
  #split(table: number): number {
    const { sets } = this.#tables[table] as BlockTable;
    let sum = 0;
    let slot = table * LARGEST_BLOCK;
    for (let rest = this.#index[table] as number; rest !== 0; slot++) {
      const part = partOf(sets.adjacent, rest);
      const place = sets.place(part);
      this.#parts[slot] = part;
      this.#places[slot] = place;
      sum += sets.leastAt(place);
      rest &= ~part;
    }
    return sum;
  }

  /** The bound of the current set without one of its vertices. */
  without(vertex: number): number {
    let bound = 0;
    for (let partition = 0; partition < this.#ends.length; partition++) {
      const table = this.#tableOf[partition * this.#size + vertex] as number;
      const bit = this.#bitOf[partition * this.#size + vertex] as number;
      const { sets } = this.#tables[table] as BlockTable;
      let slot = table * LARGEST_BLOCK;
      while (((this.#parts[slot] as number) & bit) === 0) slot++;
      const place = this.#places[slot] as number;
      const below = population((this.#parts[slot] as number) & (bit - 1));
      const sum = (this.#sums[partition] as number) - sets.leastAt(place) + sets.withoutAt(place, below);
      if (sum > bound) bound = sum;
    }
    return bound;
  }
}

/**
 * Pattern databases: lower bounds by lookup on what any set of a component's vertices costs, all others being permanent.
 *
 * The tables of a partition into blocks add up (see `blocks.ts`): f(C) >= sum over the blocks K of f_K(C and K). Of several partitions the largest
 * sum counts. (Additive pattern databases: Korf & Felner 2002.)
 */

import type { BlockTable } from "./blocks.ts";

export class PatternDatabases {
  readonly #tables: readonly Uint16Array[];
  /** For each partition the end of its tables. */
  readonly #ends: readonly number[];
  /** At [partition * size + vertex]: the table that has the vertex, and its bit there. */
  readonly #tableOf: Int32Array;
  readonly #bitOf: Int32Array;
  readonly #size: number;
  /** The packed index of the current set in each table, and the sum of each partition. */
  readonly #index: Int32Array;
  readonly #sums: Int32Array;

  /** @param partitions each covers all vertices, 0 to size - 1, once */
  constructor(size: number, partitions: readonly (readonly BlockTable[])[]) {
    const blocks = partitions.flat();
    this.#size = size;
    this.#tables = blocks.map(({ values }) => values);
    this.#ends = partitions.map((_, partition) => partitions.slice(0, partition + 1).flat().length);
    this.#tableOf = new Int32Array(partitions.length * size);
    this.#bitOf = new Int32Array(partitions.length * size);
    this.#index = new Int32Array(blocks.length);
    this.#sums = new Int32Array(partitions.length);
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
      for (const end = this.#ends[partition] as number; table < end; table++)
        sum += (this.#tables[table] as Uint16Array)[this.#index[table] as number] as number;
      this.#sums[partition] = sum;
      if (sum > bound) bound = sum;
    }
    return bound;
  }

  /** The bound of the current set without one of its vertices. */
  without(vertex: number): number {
    let bound = 0;
    for (let partition = 0; partition < this.#ends.length; partition++) {
      const place = partition * this.#size + vertex;
      const of = this.#tableOf[place] as number;
      const table = this.#tables[of] as Uint16Array;
      const index = this.#index[of] as number;
      const sum =
        (this.#sums[partition] as number) -
        (table[index] as number) +
        (table[index ^ (this.#bitOf[place] as number)] as number);
      if (sum > bound) bound = sum;
    }
    return bound;
  }
}

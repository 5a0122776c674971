/**
 * A graph in the course of its elimination as bit rows, for everything in the game that looks at neighbours: features, bounds, safe eliminations
 * and greedy completions. In `multiplications` on scalar graphs it also says what an elimination costs; for other cost models it is the pattern of
 * edges alone (none is taken to cancel).
 *
 * Columns: the intermediates first, in program order, then the terminals; an input is never a successor and an output never a predecessor, so both
 * share the columns after the intermediates.
 *
 * Each row is a *block*: its words, then how many bits they hold. A block is the unit of the log by which eliminations are taken back.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { columnsOf } from "../search/columns.ts";
import { population } from "../search/population.ts";

/** The two directions: against the edges (predecessors), along the edges (successors). */
export type Side = 0 | 1;

/** The graph; mutable. */
export class BitGraph {
  /** How many intermediates there are. */
  readonly size: number;
  /** How many columns: intermediates, then inputs or outputs. */
  readonly columns: number;
  readonly words: number;
  /** Numbers of a block: the words of the row and its population. */
  readonly stride: number;
  /** Whether edges of pure structure occur: then there are further rows, of the counted edges alone. */
  readonly structural: boolean;
  /** All blocks. See `all` and `counted` for where each is. */
  readonly blocks: Int32Array;
  /** Which intermediates are not eliminated yet, as bits. */
  readonly open: Int32Array;
  /** Which columns are terminals, as bits. */
  readonly terminals: Int32Array;
  /** Rows of columns from here on are not kept up: those of terminals in a copy. */
  readonly #kept: number;
  readonly #half: number;

  /** @param from a graph, or a BitGraph to be copied, but for the rows of its terminals */
  constructor(from: ComputationalGraph | BitGraph) {
    if (from instanceof BitGraph) {
      this.size = this.#kept = from.size;
      this.columns = from.columns;
      this.structural = from.structural;
    } else {
      const { size, count } = columnsOf(from);
      this.size = size;
      this.columns = this.#kept = count;
      this.structural = from.edges.some((edge) => !isCounted(edge));
    }
    this.words = Math.max(1, Math.ceil(this.columns / 32));
    this.stride = this.words + 1;
    this.#half = this.columns * this.stride;
    this.blocks = new Int32Array((this.structural ? 4 : 2) * this.#half);
    this.open = new Int32Array(this.words);
    this.terminals = Int32Array.from({ length: this.words }, (_, word) => {
      const below = this.size - 32 * word;
      return below <= 0 ? -1 : below >= 32 ? 0 : -1 << below;
    });
    if (from instanceof BitGraph) this.copy(from);
    else this.#read(from);
  }

  #read(graph: ComputationalGraph): void {
    const { of: column } = columnsOf(graph);
    for (let index = 0; index < this.size; index++) this.flipOpen(index);
    const set = (block: number, place: number) => {
      const word = block + (place >> 5);
      this.blocks[word] = (this.blocks[word] as number) | (1 << (place & 31));
      this.blocks[block + this.words] = (this.blocks[block + this.words] as number) + 1;
    };
    for (const edge of graph.edges) {
      const source = column.get(edge.from) ?? 0;
      const target = column.get(edge.to) ?? 0;
      set(this.all(0, target), source);
      set(this.all(1, source), target);
      if (!this.structural || !isCounted(edge)) continue;
      set(this.counted(0, target), source);
      set(this.counted(1, source), target);
    }
  }

  /** Becomes like another one of the same graph. */
  copy(other: BitGraph): void {
    this.blocks.set(other.blocks);
    this.open.set(other.open);
  }

  /** Where the block of a column's neighbours on a side begins. */
  all(side: Side, column: number): number {
    return side * this.#half + column * this.stride;
  }

  /** Where the block of those neighbours begins to which the edge is counted. */
  counted(side: Side, column: number): number {
    return (this.structural ? 2 + side : side) * this.#half + column * this.stride;
  }

  /** How many counted edges a column has on a side. */
  degree(side: Side, column: number): number {
    return this.blocks[this.counted(side, column) + this.words] as number;
  }

  /** What eliminating an open intermediate costs now, in `multiplications` on a scalar graph. */
  cost(index: number): number {
    return this.degree(0, index) * this.degree(1, index);
  }

  isOpen(index: number): boolean {
    return (((this.open[index >> 5] as number) >> (index & 31)) & 1) === 1;
  }

  protected flipOpen(index: number): void {
    this.open[index >> 5] = (this.open[index >> 5] as number) ^ (1 << (index & 31));
  }

  /** Writes the open intermediates, ascending; returns how many. */
  listOpen(into: Int32Array): number {
    return this.listBits(this.open, 0, into);
  }

  /** Writes the intermediates among a row's bits, ascending; returns how many. */
  protected listBits(row: Int32Array, start: number, into: Int32Array): number {
    let count = 0;
    for (let word = 0; word < this.words; word++)
      for (let bits = row[start + word] as number; bits !== 0; bits &= bits - 1) {
        const index = 32 * word + 31 - Math.clz32(bits & -bits);
        if (index >= this.size) return count;
        into[count++] = index;
      }
    return count;
  }

  /** Eliminates an open intermediate; returns the cost. Its own rows stay as they are. */
  eliminate(index: number): number {
    const cost = this.cost(index);
    this.flipOpen(index);
    this.#join(0, index);
    this.#join(1, index);
    return cost;
  }

  /** Called with each block before it changes. */
  protected changing(_block: number): void {}

  /** Called with each neighbour of what is eliminated, once its rows are what they will be. */
  protected changed(_column: number): void {}

  /** Joins the row on the other side to that of each neighbour on this side, and takes the vertex itself out of it. */
  #join(side: Side, index: number): void {
    const { blocks, words } = this;
    const kept = this.#kept;
    const other = (1 - side) as Side;
    const own = this.all(side, index);
    const joined = this.all(other, index);
    for (let word = 0; word < words; word++)
      for (let bits = blocks[own + word] as number; bits !== 0; bits &= bits - 1) {
        const neighbour = 32 * word + 31 - Math.clz32(bits & -bits);
        if (neighbour >= kept) return;
        this.#joinInto(this.all(other, neighbour), joined, index);
        if (this.structural) {
          // A product is counted if either factor is: if the edge to this neighbour is, then all of the products are.
          const isCounted = (blocks[this.counted(side, index) + word] as number) & bits & -bits;
          this.#joinInto(
            this.counted(other, neighbour),
            isCounted === 0 ? this.counted(other, index) : joined,
            index,
          );
        }
        this.changed(neighbour);
      }
  }

  #joinInto(block: number, joined: number, index: number): void {
    const { blocks, words } = this;
    this.changing(block);
    const own = block + (index >> 5);
    blocks[own] = (blocks[own] as number) & ~(1 << (index & 31));
    let count = 0;
    for (let word = 0; word < words; word++) {
      const bits = (blocks[block + word] as number) | (blocks[joined + word] as number);
      blocks[block + word] = bits;
      count += population(bits);
    }
    blocks[block + words] = count;
  }
}

function isCounted({ terms }: ComputationalGraph["edges"][number]): boolean {
  return terms.some(({ counted }) => counted !== null);
}

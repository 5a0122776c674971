/** Who is whose neighbour, as bit rows over the columns of a matrix of edges, for the engines of array-valued graphs. */

import type { ComputationalGraph } from "../graph/graph.ts";
import { columnsOf } from "./columns.ts";

/**
 * The rows of neighbours. Inputs and outputs have columns of their own here: an edge from an input to an output is a cell of the matrix. An eliminated
 * vertex keeps its own rows, so that it is put back by putting it into its neighbours' rows.
 */
export class NeighbourRows {
  /** How many intermediates there are; they have the first columns, in program order. */
  readonly size: number;
  readonly columns: number;
  readonly #columnOf: ReadonlyMap<number, number>;
  readonly #inputs: number;
  readonly #words: number;
  /** Row c has the predecessors (below #half) or successors (from #half on) of column c, by column. */
  readonly #rows: Int32Array;
  readonly #half: number;
  #initialRows: Int32Array;

  constructor(graph: ComputationalGraph) {
    const { size, of } = columnsOf(graph);
    this.size = size;
    this.#columnOf = of;
    this.#inputs = graph.inputs.length;
    this.columns = size + graph.inputs.length + new Set(graph.outputs).size;
    this.#words = Math.ceil(this.columns / 32);
    this.#half = this.columns * this.#words;
    this.#rows = new Int32Array(2 * this.#half);
    for (const { from, to } of graph.edges) this.join(this.column(from), this.column(to));
    this.#initialRows = this.#rows.slice();
  }

  /** The column of a node of the graph. */
  column(node: number): number {
    const shared = this.#columnOf.get(node) ?? 0;
    return shared < this.size || node < this.#inputs ? shared : shared + this.#inputs;
  }

  /** Back to the graph as given. */
  restart(): void {
    this.#rows.set(this.#initialRows);
  }

  /** Writes the columns of the predecessors, ascending; returns how many there are. */
  predecessors(column: number, into: Int32Array): number {
    return this.#list(column * this.#words, into, 0, this.columns);
  }

  /** Writes the columns of the successors, ascending; returns how many there are. */
  successors(column: number, into: Int32Array): number {
    return this.#list(this.#half + column * this.#words, into, 0, this.columns);
  }

  /** Writes the neighbours that are intermediates, predecessors first; returns how many there are. */
  intermediates(column: number, into: Int32Array): number {
    const before = this.#list(column * this.#words, into, 0, this.size);
    return this.#list(this.#half + column * this.#words, into, before, this.size);
  }

  /** Adds an edge to the rows of both its ends. */
  join(from: number, to: number): void {
    this.joinSuccessor(from, to);
    this.joinPredecessor(from, to);
  }

  /** Takes an edge out of the rows of both its ends. */
  part(from: number, to: number): void {
    this.partSuccessor(from, to);
    this.partPredecessor(from, to);
  }

  /** Adds `to` to the successors of `from`. */
  joinSuccessor(from: number, to: number): void {
    const word = this.#half + from * this.#words + (to >> 5);
    this.#rows[word] = (this.#rows[word] as number) | (1 << (to & 31));
  }

  /** Adds `from` to the predecessors of `to`. */
  joinPredecessor(from: number, to: number): void {
    const word = to * this.#words + (from >> 5);
    this.#rows[word] = (this.#rows[word] as number) | (1 << (from & 31));
  }

  /** Takes `to` out of the successors of `from`. */
  partSuccessor(from: number, to: number): void {
    const word = this.#half + from * this.#words + (to >> 5);
    this.#rows[word] = (this.#rows[word] as number) & ~(1 << (to & 31));
  }

  /** Takes `from` out of the predecessors of `to`. */
  partPredecessor(from: number, to: number): void {
    const word = to * this.#words + (from >> 5);
    this.#rows[word] = (this.#rows[word] as number) & ~(1 << (from & 31));
  }

  /** Writes the columns of a row that are less than `end`, from a place on; returns the place after them. */
  #list(start: number, into: Int32Array, place: number, end: number): number {
    let count = place;
    for (let word = 0; word < this.#words; word++)
      for (let bits = this.#rows[start + word] as number; bits !== 0; bits &= bits - 1) {
        const column = (word << 5) + 31 - Math.clz32(bits & -bits);
        if (column >= end) return count;
        into[count++] = column;
      }
    return count;
  }
}

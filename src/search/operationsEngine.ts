/**
 * The objective `operations` on scalar graphs: value numbering as `graph/values.ts` defines it, on integers.
 *
 * A value is one integer, its *code*: 2 * number + sign, where numbers are those of the graph's values, then those of the products and sums
 * that the elimination creates, and from `CONSTANT` on those of constants (by magnitude). The code 0 is the constant zero and, in
 * the matrix of edges, an absent edge. What is created is found again by a hash table with open addressing; entries are removed in the
 * reverse of the order in which they came, so undoing leaves no holes in its chains.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { requireScalar } from "../graph/operations.ts";
import { attemptInTurn } from "./attempt.ts";
import { columnsOf } from "./columns.ts";
import type { Engine } from "./engine.ts";
import { NodeTable, ZERO } from "./nodeTable.ts";

/** @throws InputError if the graph has array-valued vertices: operations are defined on scalar graphs only so far */
export function operationsEngine(graph: ComputationalGraph): Engine {
  requireScalar(graph);
  return new ValueEngine(graph);
}

class ValueEngine implements Engine {
  readonly size: number;
  readonly local = false;
  readonly #columns: number;
  readonly #words: number;
  /** The code of the edge from u to w is at u * columns + w. */
  readonly #edges: Int32Array;
  /** Bit rows: row i the predecessors of intermediate i, row size + i its successors; and what they are at the start. */
  readonly #rows: Int32Array;
  readonly #initialRows: Int32Array;
  readonly #table: NodeTable;
  /** How many edges, products and sums were zero: only then can nodes be dead. */
  #vanished = 0;
  readonly #initiallyVanished: number;
  /** Places and old codes of changed edges. */
  #log = new Int32Array(1024);
  #top = 0;
  /** The eliminated indices, and before each the log's top, the nodes created and the zeros met. */
  readonly #stack: Int32Array;
  #depth = 0;
  readonly #predecessors: Int32Array;
  readonly #successors: Int32Array;

  constructor(graph: ComputationalGraph) {
    const { size, count, of: column } = columnsOf(graph);
    this.size = size;
    this.#columns = count;
    this.#words = Math.ceil(this.#columns / 32);
    this.#table = new NodeTable(graph);
    this.#edges = new Int32Array(this.#columns * this.#columns);
    this.#rows = new Int32Array(2 * this.size * this.#words);
    for (const { from, to, terms } of graph.edges) {
      const code = this.#table.code(terms[0]?.value ?? { kind: "constant", constant: 0 });
      this.#edges[(column.get(from) ?? 0) * this.#columns + (column.get(to) ?? 0)] = code;
      if (code === ZERO) this.#vanished++;
      else this.#flip(column.get(from) ?? 0, column.get(to) ?? 0);
    }
    this.#initialRows = this.#rows.slice();
    this.#initiallyVanished = this.#vanished;
    this.#stack = new Int32Array(4 * this.size);
    this.#predecessors = new Int32Array(this.#columns);
    this.#successors = new Int32Array(this.#columns);
  }

  /** An edge comes or goes: changes its bits in the rows of its intermediates. */
  #flip(from: number, to: number): void {
    const { size } = this;
    const rows = this.#rows;
    const words = this.#words;
    if (from < size)
      rows[(size + from) * words + (to >> 5)] =
        (rows[(size + from) * words + (to >> 5)] as number) ^ (1 << (to & 31));
    if (to < size)
      rows[to * words + (from >> 5)] = (rows[to * words + (from >> 5)] as number) ^ (1 << (from & 31));
  }

  restart(): void {
    if (this.#depth === 0) return;
    const edges = this.#edges;
    const log = this.#log;
    for (let top = this.#top - 2; top >= 0; top -= 2) edges[log[top] as number] = log[top + 1] as number;
    this.#rows.set(this.#initialRows);
    this.#table.removeDownTo(0);
    this.#vanished = this.#initiallyVanished;
    this.#top = 0;
    this.#depth = 0;
  }

  eliminate(index: number): number {
    const table = this.#table;
    const created = table.created;
    const frame = 4 * this.#depth++;
    this.#stack[frame] = index;
    this.#stack[frame + 1] = this.#top;
    this.#stack[frame + 2] = created;
    this.#stack[frame + 3] = this.#vanished;
    this.#accumulate(index);
    return table.created - created;
  }

  #accumulate(index: number): void {
    const edges = this.#edges;
    const table = this.#table;
    const columns = this.#columns;
    const predecessors = this.#predecessors;
    const successors = this.#successors;
    const inDegree = this.#list(index, predecessors);
    const outDegree = this.#list(this.size + index, successors);
    if (this.#top + 2 * inDegree * outDegree > this.#log.length) this.#growLog(2 * inDegree * outDegree);
    const log = this.#log;
    let top = this.#top;
    for (let p = 0; p < inDegree; p++) {
      const from = predecessors[p] as number;
      const inner = edges[from * columns + index] as number;
      for (let s = 0; s < outDegree; s++) {
        const to = successors[s] as number;
        const place = from * columns + to;
        const old = edges[place] as number;
        const product = table.product(edges[index * columns + to] as number, inner);
        const value = old === ZERO ? product : table.sum(old, product);
        log[top++] = place;
        log[top++] = old;
        edges[place] = value;
        if (product === ZERO || value === ZERO) this.#vanished++;
        if ((old === ZERO) !== (value === ZERO)) this.#flip(from, to);
      }
    }
    this.#top = top;
    this.#detach(index, inDegree, outDegree);
  }

  /** Lists the columns in a bit row, ascending, and returns how many they are. */
  #list(row: number, into: Int32Array): number {
    const rows = this.#rows;
    const words = this.#words;
    let count = 0;
    for (let word = 0; word < words; word++)
      for (let bits = rows[row * words + word] as number; bits !== 0; ) {
        const low = bits & -bits;
        bits ^= low;
        into[count++] = (word << 5) + 31 - Math.clz32(low);
      }
    return count;
  }

  /** Takes an intermediate out of the rows of its neighbours, or back into them; its own rows stay. */
  #detach(index: number, inDegree: number, outDegree: number): void {
    const { size } = this;
    const rows = this.#rows;
    const words = this.#words;
    const bit = 1 << (index & 31);
    const offset = index >> 5;
    for (let p = 0; p < inDegree; p++) {
      const from = this.#predecessors[p] as number;
      if (from >= size) break;
      rows[(size + from) * words + offset] = (rows[(size + from) * words + offset] as number) ^ bit;
    }
    for (let s = 0; s < outDegree; s++) {
      const to = this.#successors[s] as number;
      if (to >= size) break;
      rows[to * words + offset] = (rows[to * words + offset] as number) ^ bit;
    }
  }

  undo(count: number): void {
    if (count === 0) return;
    for (let left = count; left > 0; left--) {
      const index = this.#stack[4 * --this.#depth] as number;
      this.#detach(
        index,
        this.#list(index, this.#predecessors),
        this.#list(this.size + index, this.#successors),
      );
      this.#revertEdges(this.#stack[4 * this.#depth + 1] as number);
    }
    this.#table.removeDownTo(this.#stack[4 * this.#depth + 2] as number);
    this.#vanished = this.#stack[4 * this.#depth + 3] as number;
  }

  #revertEdges(bottom: number): void {
    const edges = this.#edges;
    const log = this.#log;
    const columns = this.#columns;
    for (let top = this.#top - 2; top >= bottom; top -= 2) {
      const place = log[top] as number;
      const old = log[top + 1] as number;
      if ((old === ZERO) !== (edges[place] === ZERO))
        this.#flip(Math.floor(place / columns), place % columns);
      edges[place] = old;
    }
    this.#top = bottom;
  }

  total(): number {
    return this.#vanished === 0 ? this.#table.created : this.#table.live(this.#present());
  }

  /** The codes of all edges that are left. */
  *#present(): Generator<number> {
    const eliminated = new Set(Array.from({ length: this.#depth }, (_, depth) => this.#stack[4 * depth]));
    for (let from = 0; from < this.#columns; from++)
      for (let to = 0; to < this.#columns; to++)
        if (!eliminated.has(from) && !eliminated.has(to))
          yield this.#edges[from * this.#columns + to] as number;
  }

  degree(index: number): number {
    const cost = this.eliminate(index);
    this.undo(1);
    return cost;
  }

  neighbours(index: number, into: Int32Array): number {
    const inDegree = this.#list(index, this.#predecessors);
    const outDegree = this.#list(this.size + index, this.#successors);
    let count = 0;
    for (let p = 0; p < inDegree && (this.#predecessors[p] as number) < this.size; p++)
      into[count++] = this.#predecessors[p] as number;
    for (let s = 0; s < outDegree && (this.#successors[s] as number) < this.size; s++)
      into[count++] = this.#successors[s] as number;
    return count;
  }

  attempt(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): number {
    return attemptInTurn(this, order, start, end, limit, costs);
  }

  cost(order: Int32Array): number {
    this.restart();
    for (let position = 0; position < order.length; position++) this.eliminate(order[position] as number);
    const total = this.total();
    this.restart();
    return total;
  }

  #growLog(room: number): void {
    const log = new Int32Array(2 * this.#log.length + room);
    log.set(this.#log);
    this.#log = log;
  }
}

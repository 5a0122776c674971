/**
 * The objective `operations` on scalar graphs: value numbering as `graph/values.ts` defines it, on integers; here in typed arrays, and by a generated
 * module in `valueEngine.ts`.
 *
 * A value is one integer, its *code*: 2 * number + sign, where numbers are those of the graph's values, then those of the products and sums
 * that the elimination creates, and from `CONSTANT` on those of constants (by magnitude). The code 0 is the constant zero and, in
 * the matrix of edges, an absent edge. What is created is found again by a hash table with open addressing; entries are removed in the
 * reverse of the order in which they came, so undoing leaves no holes in its chains.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { requireScalar } from "../graph/operations.ts";
import { columnsOf, edgesLeft } from "./columns.ts";
import type { Engine } from "./engine.ts";
import { NodeTable, ZERO } from "./nodeTable.ts";
import { valueEngine } from "./valueEngine.ts";

/** Numbers of a frame on the stack of eliminations. */
const FRAME = 4;

/** Of scalar graphs. Throws an InputError for others: `structuredValueEngine.ts` is for them. */
export function operationsEngine(graph: ComputationalGraph): Engine {
  requireScalar(graph);
  return valueEngine(graph) ?? tableEngine(graph);
}

/** The engine in typed arrays, for graphs that are too wide for the generated module, and where that is not to be had. */
export function tableEngine(graph: ComputationalGraph): Engine {
  return new TableEngine(graph);
}

class TableEngine implements Engine {
  readonly size: number;
  readonly local = false;
  readonly #columns: number;
  readonly #words: number;
  /** The code of the edge from u to w is at u * columns + w. */
  readonly #edges: Int32Array;
  /**
   * Bit rows: row i the predecessors of intermediate i, row size + i its successors; and what they are at the start. Eliminated columns keep their bits.
   */
  readonly #rows: Int32Array;
  readonly #initialRows: Int32Array;
  /** The columns that are not eliminated. */
  readonly #open: Int32Array;
  readonly #table: NodeTable;
  /** How many edges, products and sums were zero: only then can nodes be dead. */
  #vanished = 0;
  readonly #initiallyVanished: number;
  /** Places and old codes of changed edges. */
  #log = new Int32Array(1024);
  #top = 0;
  /** In frames of four: the eliminated index, and before it the log's top, the nodes created and the zeros met. */
  readonly #stack: Int32Array;
  #depth = 0;
  readonly #predecessors: Int32Array;
  readonly #successors: Int32Array;
  /** The codes of the edges to the successors. */
  readonly #outgoing: Int32Array;
  /** Of an order; and an order of one vertex with its cost. */
  readonly #costs: Float64Array;
  readonly #single = new Int32Array(1);
  readonly #singleCost = new Float64Array(1);

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
    this.#open = new Int32Array(this.#words).fill(-1);
    this.#stack = new Int32Array(FRAME * this.size);
    this.#predecessors = new Int32Array(this.#columns);
    this.#successors = new Int32Array(this.#columns);
    this.#outgoing = new Int32Array(this.#columns);
    this.#costs = new Float64Array(this.size);
  }

  /** An edge comes or goes: changes its bits in the rows of its intermediates. */
  #flip(from: number, to: number): void {
    const { size } = this;
    const words = this.#words;
    if (to < size) flip(this.#rows, to * words + (from >> 5), from);
    if (from < size) flip(this.#rows, (size + from) * words + (to >> 5), to);
  }

  restart(): void {
    if (this.#depth === 0) return;
    const edges = this.#edges;
    const log = this.#log;
    for (let top = this.#top - 2; top >= 0; top -= 2) edges[log[top] as number] = log[top + 1] as number;
    this.#rows.set(this.#initialRows);
    this.#open.fill(-1);
    this.#table.removeDownTo(0);
    this.#vanished = this.#initiallyVanished;
    this.#top = 0;
    this.#depth = 0;
  }

  eliminate(index: number): number {
    this.#single[0] = index;
    this.#run(this.#single, 0, 1, Infinity, this.#singleCost);
    return this.#singleCost[0] as number;
  }

  attempt(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): number {
    const before = this.total();
    const depth = this.#depth;
    const isDone = this.#run(order, start, end, limit, costs);
    const total = isDone ? this.total() - before : Infinity;
    this.undo(this.#depth - depth);
    return total <= limit ? total : Infinity;
  }

  /** Eliminates `order[start]`, ..., `order[end - 1]`, with their costs, until these exceed the limit; whether they do not. */
  #run(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): boolean {
    // All in local variables, for speed.
    const { size } = this;
    const edges = this.#edges;
    const table = this.#table;
    const columns = this.#columns;
    const words = this.#words;
    const rows = this.#rows;
    const open = this.#open;
    const stack = this.#stack;
    const predecessors = this.#predecessors;
    const successors = this.#successors;
    const outgoing = this.#outgoing;
    const bound = table.created + limit;
    for (let position = start; position < end; position++) {
      const index = order[position] as number;
      const { created } = table;
      const frame = FRAME * this.#depth++;
      stack[frame] = index;
      stack[frame + 1] = this.#top;
      stack[frame + 2] = created;
      stack[frame + 3] = this.#vanished;
      open[index >> 5] = (open[index >> 5] as number) ^ (1 << (index & 31));
      const inDegree = listColumns(rows, index * words, open, predecessors);
      const outDegree = listColumns(rows, (size + index) * words, open, successors);
      for (let s = 0; s < outDegree; s++)
        outgoing[s] = edges[index * columns + (successors[s] as number)] as number;
      if (this.#top + 2 * inDegree * outDegree > this.#log.length) this.#growLog(2 * inDegree * outDegree);
      const log = this.#log;
      let top = this.#top;
      for (let p = 0; p < inDegree; p++) {
        const from = predecessors[p] as number;
        const row = from * columns;
        const inner = edges[row + index] as number;
        for (let s = 0; s < outDegree; s++) {
          const to = successors[s] as number;
          const old = edges[row + to] as number;
          const product = table.product(outgoing[s] as number, inner);
          const value = old === ZERO ? product : table.sum(old, product);
          edges[row + to] = value;
          log[top] = row + to;
          log[top + 1] = old;
          top += 2;
          if (product === ZERO || value === ZERO) this.#vanished++;
          if ((old === ZERO) === (value === ZERO)) continue;
          if (to < size) flip(rows, to * words + (from >> 5), from);
          if (from < size) flip(rows, (size + from) * words + (to >> 5), to);
        }
      }
      this.#top = top;
      costs[position] = table.created - created;
      if (table.created > bound) return false;
    }
    return true;
  }

  undo(count: number): void {
    if (count === 0) return;
    this.#depth -= count;
    const frame = FRAME * this.#depth;
    for (let taken = this.#depth + count - 1; taken >= this.#depth; taken--) {
      const index = this.#stack[FRAME * taken] as number;
      this.#open[index >> 5] = (this.#open[index >> 5] as number) ^ (1 << (index & 31));
    }
    this.#revertEdges(this.#stack[frame + 1] as number);
    this.#table.removeDownTo(this.#stack[frame + 2] as number);
    this.#vanished = this.#stack[frame + 3] as number;
  }

  #revertEdges(bottom: number): void {
    const edges = this.#edges;
    const log = this.#log;
    const columns = this.#columns;
    for (let top = this.#top - 2; top >= bottom; top -= 2) {
      const place = log[top] as number;
      const old = log[top + 1] as number;
      if ((old === ZERO) !== (edges[place] === ZERO)) {
        const from = (place / columns) | 0;
        this.#flip(from, place - from * columns);
      }
      edges[place] = old;
    }
    this.#top = bottom;
  }

  total(): number {
    if (this.#vanished === 0) return this.#table.created;
    const eliminated = Array.from(
      { length: this.#depth },
      (_, depth) => this.#stack[FRAME * depth] as number,
    );
    const place = { first: 0, stride: this.#columns, count: this.#columns };
    return this.#table.live(edgesLeft(this.#edges, place, eliminated));
  }

  degree(index: number): number {
    const cost = this.eliminate(index);
    this.undo(1);
    return cost;
  }

  neighbours(index: number, into: Int32Array): number {
    const inDegree = listColumns(this.#rows, index * this.#words, this.#open, this.#predecessors);
    const outDegree = listColumns(
      this.#rows,
      (this.size + index) * this.#words,
      this.#open,
      this.#successors,
    );
    let count = 0;
    for (let p = 0; p < inDegree && (this.#predecessors[p] as number) < this.size; p++)
      into[count++] = this.#predecessors[p] as number;
    for (let s = 0; s < outDegree && (this.#successors[s] as number) < this.size; s++)
      into[count++] = this.#successors[s] as number;
    return count;
  }

  cost(order: Int32Array): number {
    this.restart();
    this.#run(order, 0, order.length, Infinity, this.#costs);
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

/** Lists the columns of a bit row that are not eliminated, ascending, and returns how many they are. */
function listColumns(rows: Int32Array, start: number, open: Int32Array, into: Int32Array): number {
  let count = 0;
  for (let word = 0; word < open.length; word++)
    for (let bits = (rows[start + word] as number) & (open[word] as number); bits !== 0; bits &= bits - 1)
      into[count++] = (word << 5) + 31 - Math.clz32(bits & -bits);
  return count;
}

/** Changes the bit of a column in a word of its row. */
function flip(rows: Int32Array, word: number, column: number): void {
  rows[word] = (rows[word] as number) ^ (1 << (column & 31));
}

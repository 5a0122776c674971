/**
 * The objective `multiplications` on graphs of any structure: every list of terms that an edge can have is interned as a number.
 *
 * A product of two lists, its cost, and the sum of two lists are computed once by the reference's algebra (`graph/weights.ts`) and then looked up in
 * square tables of numbers. So an elimination is table look-ups only, whatever the shapes are.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { attemptInTurn } from "./attempt.ts";
import { columnsOf } from "./columns.ts";
import type { Engine } from "./engine.ts";
import { TermLists } from "./termLists.ts";

/** Any graph, scalar or not; counts `multiplications`. */
export function structuredEngine(graph: ComputationalGraph): Engine {
  return new StructuredEngine(graph);
}

/**
 * Rows of neighbours as bits, and a matrix of numbered edges. An eliminated vertex keeps its own rows and edges, so undoing is putting it
 * back into its neighbours' rows and restoring the edges that were logged.
 */
class StructuredEngine implements Engine {
  readonly size: number;
  /** Windows joined in another order may have other structures, so costs after a window may change. */
  readonly local = false;
  readonly #lists = new TermLists();
  readonly #columns: number;
  readonly #words: number;
  /** Row c has the predecessors (below #half) or successors (from #half on) of column c, by column. */
  readonly #rows: Int32Array;
  readonly #initialRows: Int32Array;
  readonly #half: number;
  /** At target * #columns + source the number of the edge. */
  readonly #edges: Int32Array;
  /** The place of each changed edge and what was there. */
  #log = new Int32Array(4096);
  #top = 0;
  readonly #eliminated: Int32Array;
  readonly #tops: Int32Array;
  readonly #totals: Float64Array;
  #depth = 0;
  #total = 0;
  readonly #predecessors: Int32Array;
  readonly #successors: Int32Array;

  constructor(graph: ComputationalGraph) {
    // Inputs and outputs have columns of their own here: an edge from an input to an output is a cell of the matrix.
    const { size, of } = columnsOf(graph);
    this.size = size;
    const column = (node: number) => {
      const shared = of.get(node) ?? 0;
      return shared < size || node < graph.inputs.length ? shared : shared + graph.inputs.length;
    };
    this.#columns = size + graph.inputs.length + new Set(graph.outputs).size;
    this.#words = Math.ceil(this.#columns / 32);
    this.#half = this.#columns * this.#words;
    this.#rows = new Int32Array(2 * this.#half);
    this.#edges = new Int32Array(this.#columns ** 2);
    for (const { from, to, terms } of graph.edges) {
      this.#join(column(from), column(to));
      this.#edges[column(to) * this.#columns + column(from)] = this.#lists.edge(terms);
    }
    this.#initialRows = this.#rows.slice();
    this.#eliminated = new Int32Array(size);
    this.#tops = new Int32Array(size);
    this.#totals = new Float64Array(size);
    this.#predecessors = new Int32Array(this.#columns);
    this.#successors = new Int32Array(this.#columns);
    this.restart();
  }

  restart(): void {
    this.#rows.set(this.#initialRows);
    // The log holds every edge that changed since the start: far fewer than the matrix has.
    while (this.#top > 0) {
      this.#top -= 2;
      this.#edges[this.#log[this.#top] as number] = this.#log[this.#top + 1] as number;
    }
    this.#depth = 0;
    this.#total = 0;
  }

  eliminate(index: number): number {
    const depth = this.#depth++;
    this.#tops[depth] = this.#top;
    this.#totals[depth] = this.#total;
    this.#eliminated[depth] = index;
    const cost = this.#multiply(index);
    this.#total += cost;
    return cost;
  }

  /** Multiplies all out-edges by all in-edges into the edges that bypass the vertex, takes it out of its neighbours' rows; the cost. */
  #multiply(index: number): number {
    const columns = this.#columns;
    const edges = this.#edges;
    const lists = this.#lists;
    const predecessors = this.#predecessors;
    const successors = this.#successors;
    const before = this.#list(index * this.#words, predecessors);
    const after = this.#list(this.#half + index * this.#words, successors);
    if (this.#top + 2 * before * after > this.#log.length) this.#growLog(2 * before * after);
    const log = this.#log;
    let top = this.#top;
    let cost = 0;
    for (let i = 0; i < before; i++) {
      const predecessor = predecessors[i] as number;
      const incoming = edges[index * columns + predecessor] as number;
      for (let j = 0; j < after; j++) {
        const successor = successors[j] as number;
        const outgoing = edges[successor * columns + index] as number;
        let place = 2 * (outgoing * lists.capacity + incoming);
        if (lists.products[place] === 0) {
          lists.enterProduct(outgoing, incoming);
          place = 2 * (outgoing * lists.capacity + incoming);
        }
        const product = (lists.products[place] as number) - 1;
        cost += lists.products[place + 1] as number;
        const cell = successor * columns + predecessor;
        const present = edges[cell] as number;
        if (lists.sums[present * lists.capacity + product] === 0) lists.enterSum(present, product);
        const sum = (lists.sums[present * lists.capacity + product] as number) - 1;
        if (sum === present) continue;
        log[top] = cell;
        log[top + 1] = present;
        top += 2;
        edges[cell] = sum;
        if (present === 0) this.#join(predecessor, successor);
        else if (sum === 0) this.#part(predecessor, successor);
      }
      this.#part(predecessor, index, true);
    }
    for (let j = 0; j < after; j++) this.#part(index, successors[j] as number, false);
    this.#top = top;
    return cost;
  }

  undo(count: number): void {
    const columns = this.#columns;
    for (let left = count; left > 0; left--) {
      const depth = --this.#depth;
      const index = this.#eliminated[depth] as number;
      const bottom = this.#tops[depth] as number;
      while (this.#top > bottom) {
        this.#top -= 2;
        const cell = this.#log[this.#top] as number;
        const present = this.#log[this.#top + 1] as number;
        const successor = Math.floor(cell / columns);
        const predecessor = cell - successor * columns;
        if (present === 0) this.#part(predecessor, successor);
        else if (this.#edges[cell] === 0) this.#join(predecessor, successor);
        this.#edges[cell] = present;
      }
      const before = this.#list(index * this.#words, this.#predecessors);
      const after = this.#list(this.#half + index * this.#words, this.#successors);
      for (let i = 0; i < before; i++) this.#join(this.#predecessors[i] as number, index);
      for (let j = 0; j < after; j++) this.#join(index, this.#successors[j] as number);
      this.#total = this.#totals[depth] as number;
    }
  }

  total(): number {
    return this.#total;
  }

  degree(index: number): number {
    const columns = this.#columns;
    const lists = this.#lists;
    const before = this.#list(index * this.#words, this.#predecessors);
    const after = this.#list(this.#half + index * this.#words, this.#successors);
    let cost = 0;
    for (let i = 0; i < before; i++) {
      const incoming = this.#edges[index * columns + (this.#predecessors[i] as number)] as number;
      for (let j = 0; j < after; j++) {
        const outgoing = this.#edges[(this.#successors[j] as number) * columns + index] as number;
        if (lists.products[2 * (outgoing * lists.capacity + incoming)] === 0)
          lists.enterProduct(outgoing, incoming);
        cost += lists.products[2 * (outgoing * lists.capacity + incoming) + 1] as number;
      }
    }
    return cost;
  }

  neighbours(index: number, into: Int32Array): number {
    let count = 0;
    for (const start of [index * this.#words, this.#half + index * this.#words]) {
      const found = this.#list(start, this.#predecessors);
      for (let i = 0; i < found; i++) {
        const other = this.#predecessors[i] as number;
        if (other < this.size) into[count++] = other;
      }
    }
    return count;
  }

  attempt(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): number {
    return attemptInTurn(this, order, start, end, limit, costs);
  }

  cost(order: Int32Array): number {
    this.restart();
    let total = 0;
    for (let position = 0; position < order.length; position++)
      total += this.#multiply(order[position] as number);
    this.restart();
    return total;
  }

  /** Adds the edge to the rows of both its ends. */
  #join(from: number, to: number): void {
    const incoming = to * this.#words + (from >> 5);
    const outgoing = this.#half + from * this.#words + (to >> 5);
    this.#rows[incoming] = (this.#rows[incoming] as number) | (1 << (from & 31));
    this.#rows[outgoing] = (this.#rows[outgoing] as number) | (1 << (to & 31));
  }

  /** Takes the edge out of the rows of both its ends, or of the source's (true) or the target's (false) only. */
  #part(from: number, to: number, ofSource?: boolean): void {
    const incoming = to * this.#words + (from >> 5);
    const outgoing = this.#half + from * this.#words + (to >> 5);
    if (ofSource !== true) this.#rows[incoming] = (this.#rows[incoming] as number) & ~(1 << (from & 31));
    if (ofSource !== false) this.#rows[outgoing] = (this.#rows[outgoing] as number) & ~(1 << (to & 31));
  }

  /** Writes the columns of a row; returns how many there are. */
  #list(start: number, into: Int32Array): number {
    let count = 0;
    for (let word = 0; word < this.#words; word++)
      for (let bits = this.#rows[start + word] as number; bits !== 0; bits &= bits - 1)
        into[count++] = (word << 5) + 31 - Math.clz32(bits & -bits);
    return count;
  }

  #growLog(room: number): void {
    const log = new Int32Array(2 * (this.#log.length + room));
    log.set(this.#log);
    this.#log = log;
  }
}

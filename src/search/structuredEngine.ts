/**
 * The objective `multiplications` on graphs of any structure: every list of terms that an edge can have is interned as a number.
 *
 * A product of two lists, its cost, and the sum of two lists are computed once by the reference's algebra (`graph/weights.ts`) and then looked up in
 * square tables of numbers. So an elimination is table look-ups only, whatever the shapes are.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { attemptInTurn } from "./attempt.ts";
import type { Engine } from "./engine.ts";
import { NeighbourRows } from "./neighbourRows.ts";
import { TermLists } from "./termLists.ts";

/** Any graph, scalar or not; counts `multiplications`. */
export function structuredEngine(graph: ComputationalGraph): Engine {
  return new StructuredEngine(graph);
}

/** A matrix of numbered edges. An eliminated vertex keeps its own, so undoing is restoring the edges that were logged. */
class StructuredEngine implements Engine {
  readonly size: number;
  /** Windows joined in another order may have other structures, so costs after a window may change. */
  readonly local = false;
  readonly #lists = new TermLists();
  readonly #rows: NeighbourRows;
  readonly #columns: number;
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
    const rows = new NeighbourRows(graph);
    const { size, columns } = rows;
    this.size = size;
    this.#rows = rows;
    this.#columns = columns;
    this.#edges = new Int32Array(columns ** 2);
    for (const { from, to, terms } of graph.edges)
      this.#edges[rows.column(to) * columns + rows.column(from)] = this.#lists.edge(terms);
    this.#eliminated = new Int32Array(size);
    this.#tops = new Int32Array(size);
    this.#totals = new Float64Array(size);
    this.#predecessors = new Int32Array(columns);
    this.#successors = new Int32Array(columns);
    this.restart();
  }

  restart(): void {
    this.#rows.restart();
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
    const before = this.#rows.predecessors(index, predecessors);
    const after = this.#rows.successors(index, successors);
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
        if (present === 0) this.#rows.join(predecessor, successor);
        else if (sum === 0) this.#rows.part(predecessor, successor);
      }
      this.#rows.partSuccessor(predecessor, index);
    }
    for (let j = 0; j < after; j++) this.#rows.partPredecessor(index, successors[j] as number);
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
        if (present === 0) this.#rows.part(predecessor, successor);
        else if (this.#edges[cell] === 0) this.#rows.join(predecessor, successor);
        this.#edges[cell] = present;
      }
      const before = this.#rows.predecessors(index, this.#predecessors);
      const after = this.#rows.successors(index, this.#successors);
      for (let i = 0; i < before; i++) this.#rows.joinSuccessor(this.#predecessors[i] as number, index);
      for (let j = 0; j < after; j++) this.#rows.joinPredecessor(index, this.#successors[j] as number);
      this.#total = this.#totals[depth] as number;
    }
  }

  total(): number {
    return this.#total;
  }

  degree(index: number): number {
    const columns = this.#columns;
    const lists = this.#lists;
    const before = this.#rows.predecessors(index, this.#predecessors);
    const after = this.#rows.successors(index, this.#successors);
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
    return this.#rows.intermediates(index, into);
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

  #growLog(room: number): void {
    const log = new Int32Array(2 * (this.#log.length + room));
    log.set(this.#log);
    this.#log = log;
  }
}

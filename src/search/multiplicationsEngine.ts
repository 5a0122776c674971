/**
 * The objective `multiplications` on scalar graphs: bit rows of predecessors and successors.
 *
 * Eliminating v joins the row of its predecessors to that of every successor, and the other way round; it costs the number of counted
 * in-edges times that of counted out-edges. Only intermediates need rows.
 *
 * Every row of a neighbour is logged before it changes; the rows of v itself stay as they are. So undoing is copying back.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { attemptInTurn } from "./attempt.ts";
import { bitRowEngine } from "./bitRowEngine.ts";
import { columnsOf } from "./columns.ts";
import type { LocalEngine } from "./engine.ts";
import { population } from "./population.ts";

/** @param graph scalar; its edges of pure structure are copies (the constant 1) */
export function multiplicationsEngine(graph: ComputationalGraph): LocalEngine {
  return hasStructure(graph) ? rowEngine(graph) : (bitRowEngine(graph) ?? rowEngine(graph));
}

/** The engine in typed arrays, for graphs with edges of pure structure, and where the generated module is not to be had. */
export function rowEngine(graph: ComputationalGraph): LocalEngine {
  return new RowEngine(rowsOf(graph));
}

function hasStructure(graph: ComputationalGraph): boolean {
  return graph.edges.some(({ terms }) => terms[0]?.counted === null);
}

/** The graph as bit rows: row i holds the predecessors of intermediate i, row size + i its successors. */
interface BitRows {
  readonly size: number;
  /** Whether edges of pure structure occur: then each row has a second half, which of its edges are counted. */
  readonly structural: boolean;
  /** 32-bit words of a row (of its first half). */
  readonly words: number;
  readonly bits: Int32Array;
}

function rowsOf(graph: ComputationalGraph): BitRows {
  const { size, count, of: column } = columnsOf(graph);
  const words = Math.ceil(count / 32);
  const structural = hasStructure(graph);
  const stride = structural ? 2 * words : words;
  const bits = new Int32Array(2 * size * stride);
  const set = (row: number, place: number, counted: boolean) => {
    for (const half of structural && counted ? [0, words] : [0]) {
      const word = row * stride + half + (place >> 5);
      bits[word] = (bits[word] ?? 0) | (1 << (place & 31));
    }
  };
  for (const { from, to, terms } of graph.edges) {
    const source = column.get(from) ?? 0;
    const target = column.get(to) ?? 0;
    const counted = terms[0]?.counted !== null;
    if (target < size) set(target, source, counted);
    if (source < size) set(size + source, target, counted);
  }
  return { size, structural, words, bits };
}

/** Rows of any width, with or without edges of pure structure. */
class RowEngine implements LocalEngine {
  readonly size: number;
  readonly local = true;
  readonly #words: number;
  readonly #stride: number;
  readonly #rows: Int32Array;
  /** For each changed row its old words and then its place; `top` is where the next goes. */
  #log: Int32Array;
  #top = 0;
  readonly #initial: Int32Array;
  /** What one elimination can log at most. */
  readonly #room: number;
  /** `top` and the total before each elimination. */
  readonly #tops: Int32Array;
  readonly #totals: Float64Array;
  #depth = 0;
  #total = 0;

  constructor({ size, words, structural, bits }: BitRows) {
    this.size = size;
    this.#words = words;
    this.#stride = structural ? 2 * words : words;
    this.#rows = bits.slice();
    this.#room = 2 * size * (this.#stride + 1);
    this.#log = new Int32Array(2 * this.#room);
    this.#initial = bits;
    this.#tops = new Int32Array(size);
    this.#totals = new Float64Array(size);
  }

  restart(): void {
    this.#rows.set(this.#initial);
    this.#top = 0;
    this.#depth = 0;
    this.#total = 0;
  }

  eliminate(index: number): number {
    const depth = this.#depth++;
    this.#tops[depth] = this.#top;
    this.#totals[depth] = this.#total;
    if (this.#top + this.#room > this.#log.length) this.#growLog();
    const cost = this.#join(index);
    this.#total += cost;
    return cost;
  }

  undo(count: number): void {
    if (count === 0) return;
    const rows = this.#rows;
    const log = this.#log;
    const stride = this.#stride;
    this.#depth -= count;
    const bottom = this.#tops[this.#depth] as number;
    this.#total = this.#totals[this.#depth] as number;
    let top = this.#top;
    while (top > bottom) {
      const row = log[--top] as number;
      top -= stride;
      for (let word = 0; word < stride; word++) rows[row + word] = log[top + word] as number;
    }
    this.#top = top;
  }

  total(): number {
    return this.#total;
  }

  degree(index: number): number {
    const stride = this.#stride;
    const words = this.#words;
    const counted = stride - words;
    return (
      this.#population(index * stride + counted) * this.#population((this.size + index) * stride + counted)
    );
  }

  neighbours(index: number, into: Int32Array): number {
    const own = index * this.#stride;
    const above = this.size * this.#stride + own;
    return this.#list(above, into, this.#list(own, into, 0));
  }

  /** Writes the intermediates of the row from place `count` on; returns the place after them. */
  #list(start: number, into: Int32Array, count: number): number {
    let next = count;
    for (let word = 0; 32 * word < this.size; word++)
      for (let bits = this.#rows[start + word] as number; bits !== 0; bits &= bits - 1) {
        const other = 32 * word + 31 - Math.clz32(bits & -bits);
        if (other < this.size) into[next++] = other;
      }
    return next;
  }

  cost(order: Int32Array): number {
    this.restart();
    let total = 0;
    for (let position = 0; position < order.length; position++) {
      total += this.#join(order[position] as number);
      this.#top = 0;
    }
    this.restart();
    return total;
  }

  #population(start: number): number {
    let count = 0;
    for (let word = start; word < start + this.#words; word++)
      count += population(this.#rows[word] as number);
    return count;
  }

  #growLog(): void {
    const log = new Int32Array(2 * this.#log.length);
    log.set(this.#log);
    this.#log = log;
  }

  attempt(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): number {
    return attemptInTurn(this, order, start, end, limit, costs);
  }

  /** All of the window: to find out what is connected takes as long here as to eliminate it. */
  connected(order: Int32Array, start: number, end: number, _ends: number, into: Int32Array): number {
    into.set(order.subarray(start, end));
    return end - start;
  }

  /** Joins the rows of the neighbours, logs what they were, and returns the cost. The log has room for all rows. */
  #join(index: number): number {
    const cost = this.degree(index);
    const half = this.size * this.#stride;
    const own = index * this.#stride;
    this.#joinInto(own, half + own, half, index);
    this.#joinInto(half + own, own, 0, index);
    return cost;
  }

  /** Joins row `joined` to the row of every intermediate in row `own` (the rows begin at `base`), and takes the column `index` out of it. */
  #joinInto(own: number, joined: number, base: number, index: number): void {
    const { size } = this;
    const rows = this.#rows;
    const words = this.#words;
    const stride = this.#stride;
    const structural = stride > words;
    for (let word = 0; word < words; word++) {
      for (let bits = rows[own + word] as number; bits !== 0; bits &= bits - 1) {
        const neighbour = (word << 5) + 31 - Math.clz32(bits & -bits);
        if (neighbour >= size) return;
        const row = base + neighbour * stride;
        this.#save(row);
        for (let k = 0; k < words; k++)
          rows[row + k] = (rows[row + k] as number) | (rows[joined + k] as number);
        if (structural) {
          // A product is counted if either factor is: if the edge to this neighbour is, then all of the products are.
          const counted =
            ((rows[own + words + word] as number) & bits & -bits) === 0 ? joined + words : joined;
          for (let k = 0; k < words; k++)
            rows[row + words + k] = (rows[row + words + k] as number) | (rows[counted + k] as number);
        }
        for (let place = row + (index >> 5); place < row + stride; place += words)
          rows[place] = (rows[place] as number) & ~(1 << (index & 31));
      }
    }
  }

  #save(row: number): void {
    const rows = this.#rows;
    const log = this.#log;
    const stride = this.#stride;
    for (let word = 0; word < stride; word++) log[this.#top++] = rows[row + word] as number;
    log[this.#top++] = row;
  }
}

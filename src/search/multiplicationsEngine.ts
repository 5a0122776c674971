/**
 * The objective `multiplications` on scalar graphs: bit rows of predecessors and successors.
 *
 * Eliminating v joins the row of its predecessors to that of every successor, and the other way round; it costs the number of counted
 * in-edges times that of counted out-edges. Only intermediates need rows.
 *
 * Every row of a neighbour is logged before it changes; the rows of v itself stay as they are. So undoing is copying back.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { columnsOf } from "./columns.ts";
import type { Engine } from "./engine.ts";

/** Words of a row in the narrow engine, whose inner loop is written out: up to 128 columns, which holds all tasks of the paper. */
const NARROW = 4;

/** @param graph scalar; its edges of pure structure are copies (the constant 1) */
export function multiplicationsEngine(graph: ComputationalGraph): Engine {
  const rows = rowsOf(graph);
  return rows.words === NARROW && !rows.structural ? new NarrowEngine(rows) : new WideEngine(rows);
}

/** The graph as bit rows: row i holds the predecessors of intermediate i, row size + i its successors. */
interface BitRows {
  readonly size: number;
  /** Whether edges of pure structure occur: then each row has a second half, which of its edges are counted. */
  readonly structural: boolean;
  /** 32-bit words of a row (of its first half), at least 4. */
  readonly words: number;
  readonly bits: Int32Array;
}

function rowsOf(graph: ComputationalGraph): BitRows {
  const { size, count, of: column } = columnsOf(graph);
  const words = Math.max(NARROW, Math.ceil(count / 32));
  const structural = graph.edges.some(({ terms }) => terms[0]?.counted === null);
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

/** What both widths share: the rows, the log of changed rows, and the stack of eliminations. */
abstract class RowEngine implements Engine {
  readonly size: number;
  readonly local = true;
  protected readonly words: number;
  protected readonly stride: number;
  protected readonly rows: Int32Array;
  /** For each changed row its old words and then its place; `top` is where the next goes. */
  protected log: Int32Array;
  protected top = 0;
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
    this.words = words;
    this.stride = structural ? 2 * words : words;
    this.rows = bits.slice();
    this.#room = 2 * size * (this.stride + 1);
    this.log = new Int32Array(2 * this.#room);
    this.#initial = bits;
    this.#tops = new Int32Array(size);
    this.#totals = new Float64Array(size);
  }

  /** Joins the rows of the neighbours, logs what they were, and returns the cost. The log has room for all rows. */
  protected abstract join(index: number): number;

  restart(): void {
    this.rows.set(this.#initial);
    this.top = 0;
    this.#depth = 0;
    this.#total = 0;
  }

  eliminate(index: number): number {
    const depth = this.#depth++;
    this.#tops[depth] = this.top;
    this.#totals[depth] = this.#total;
    if (this.top + this.#room > this.log.length) this.#growLog();
    const cost = this.join(index);
    this.#total += cost;
    return cost;
  }

  undo(count: number): void {
    if (count === 0) return;
    const { rows, log, stride } = this;
    this.#depth -= count;
    const bottom = this.#tops[this.#depth] as number;
    this.#total = this.#totals[this.#depth] as number;
    let top = this.top;
    while (top > bottom) {
      const row = log[--top] as number;
      top -= stride;
      for (let word = 0; word < stride; word++) rows[row + word] = log[top + word] as number;
    }
    this.top = top;
  }

  total(): number {
    return this.#total;
  }

  degree(index: number): number {
    const { stride, words } = this;
    const counted = stride - words;
    return (
      this.#population(index * stride + counted) * this.#population((this.size + index) * stride + counted)
    );
  }

  neighbours(index: number, into: Int32Array): number {
    const own = index * this.stride;
    const above = this.size * this.stride + own;
    return this.#list(above, into, this.#list(own, into, 0));
  }

  /** Writes the intermediates of the row from place `count` on; returns the place after them. */
  #list(start: number, into: Int32Array, count: number): number {
    let next = count;
    for (let word = 0; 32 * word < this.size; word++)
      for (let bits = this.rows[start + word] as number; bits !== 0; bits &= bits - 1) {
        const other = 32 * word + 31 - Math.clz32(bits & -bits);
        if (other < this.size) into[next++] = other;
      }
    return next;
  }

  cost(order: Int32Array): number {
    this.restart();
    let total = 0;
    for (let position = 0; position < order.length; position++) {
      total += this.join(order[position] as number);
      this.top = 0;
    }
    this.restart();
    return total;
  }

  #population(start: number): number {
    let count = 0;
    for (let word = start; word < start + this.words; word++) count += population(this.rows[word] as number);
    return count;
  }

  #growLog(): void {
    const log = new Int32Array(2 * this.log.length);
    log.set(this.log);
    this.log = log;
  }
}

/** Up to 128 columns, all edges counted: rows of four words, the loop over them written out (measured 1.5 times as fast). */
class NarrowEngine extends RowEngine {
  protected join(index: number): number {
    const { rows, log } = this;
    const half = NARROW * this.size;
    const end = 2 * half;
    const own = NARROW * index;
    const p0 = rows[own] as number;
    const p1 = rows[own + 1] as number;
    const p2 = rows[own + 2] as number;
    const p3 = rows[own + 3] as number;
    const s0 = rows[half + own] as number;
    const s1 = rows[half + own + 1] as number;
    const s2 = rows[half + own + 2] as number;
    const s3 = rows[half + own + 3] as number;
    const ownWord = index >> 5;
    const keep = ~(1 << (index & 31));
    let top = this.top;
    let predecessors = 0;
    let successors = 0;
    for (let word = 0; word < NARROW; word++) {
      const base = half + (word << 7) + 124;
      for (let bits = rows[own + word] as number; bits !== 0; ) {
        const low = bits & -bits;
        bits ^= low;
        predecessors++;
        const row = base - (Math.clz32(low) << 2);
        if (row < end) {
          const old0 = rows[row] as number;
          const old1 = rows[row + 1] as number;
          const old2 = rows[row + 2] as number;
          const old3 = rows[row + 3] as number;
          log[top] = old0;
          log[top + 1] = old1;
          log[top + 2] = old2;
          log[top + 3] = old3;
          log[top + 4] = row;
          top += 5;
          rows[row] = old0 | s0;
          rows[row + 1] = old1 | s1;
          rows[row + 2] = old2 | s2;
          rows[row + 3] = old3 | s3;
          rows[row + ownWord] = (rows[row + ownWord] as number) & keep;
        }
      }
    }
    for (let word = 0; word < NARROW; word++) {
      const base = (word << 7) + 124;
      for (let bits = rows[half + own + word] as number; bits !== 0; ) {
        const low = bits & -bits;
        bits ^= low;
        successors++;
        const row = base - (Math.clz32(low) << 2);
        if (row < half) {
          const old0 = rows[row] as number;
          const old1 = rows[row + 1] as number;
          const old2 = rows[row + 2] as number;
          const old3 = rows[row + 3] as number;
          log[top] = old0;
          log[top + 1] = old1;
          log[top + 2] = old2;
          log[top + 3] = old3;
          log[top + 4] = row;
          top += 5;
          rows[row] = old0 | p0;
          rows[row + 1] = old1 | p1;
          rows[row + 2] = old2 | p2;
          rows[row + 3] = old3 | p3;
          rows[row + ownWord] = (rows[row + ownWord] as number) & keep;
        }
      }
    }
    this.top = top;
    return predecessors * successors;
  }
}

/** Rows of any width, with or without edges of pure structure. */
class WideEngine extends RowEngine {
  protected join(index: number): number {
    const cost = this.degree(index);
    const half = this.size * this.stride;
    const own = index * this.stride;
    this.#joinInto(own, half + own, half, index);
    this.#joinInto(half + own, own, 0, index);
    return cost;
  }

  /** Joins row `joined` to the row of every intermediate in row `own` (the rows begin at `base`), and takes the column `index` out of it. */
  #joinInto(own: number, joined: number, base: number, index: number): void {
    const { rows, words, size, stride } = this;
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
    const { rows, log, stride } = this;
    for (let word = 0; word < stride; word++) log[this.top++] = rows[row + word] as number;
    log[this.top++] = row;
  }
}

function population(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

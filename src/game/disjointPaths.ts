/**
 * Vertex-disjoint paths on bit rows, hence by Menger's theorem smallest vertex cuts, with the cut itself: augmenting paths on the graph whose vertices
 * have capacity one (Ford & Fulkerson 1956).
 *
 * The same search as `search/exact/flow.ts`, on the rows of a `BitGraph`. Here the cut is wanted too: as long as no vertex of it is
 * eliminated, it stays a cut, so that its size need not be computed anew.
 */

import type { BitGraph, Side } from "./bitGraph.ts";

const NONE = -1;
const ROOT = -2;
/** An entry that was reached by cancelling the vertex's own use. */
const CANCELLED = -3;

/** Computes one flow after the other in graphs of one number of columns. */
export class DisjointPaths {
  /** Bits of the columns in use by the paths so far; and of those that the current search entered and left again by undoing an edge. */
  readonly #used: Int32Array;
  readonly #entered: Int32Array;
  readonly #left: Int32Array;
  /** For each column in use the one before it on its path, or ROOT. */
  readonly #before: Int32Array;
  readonly #enteredFrom: Int32Array;
  readonly #leftFrom: Int32Array;
  readonly #queue: Int32Array;
  #tail = 0;

  constructor(columns: number) {
    const words = Math.max(1, Math.ceil(columns / 32));
    this.#used = new Int32Array(words);
    this.#entered = new Int32Array(words);
    this.#left = new Int32Array(words);
    this.#before = new Int32Array(columns);
    this.#enteredFrom = new Int32Array(columns);
    this.#leftFrom = new Int32Array(columns);
    this.#queue = new Int32Array(2 * columns);
  }

  /**
   * The largest number of paths from an open intermediate to terminals on a side, by way of a counted edge first, that share nothing else.
   *
   * @param most a known upper bound; the search ends when it is reached
   * @param cut where the words of a smallest cut are written, from `start`; only if the result is less than `most`
   */
  count(graph: BitGraph, side: Side, index: number, most: number, cut: Int32Array, start: number): number {
    const { blocks, words, terminals } = graph;
    const starts = graph.counted(side, index);
    // A start that is a terminal can carry no other path than itself.
    let paths = 0;
    for (let word = 0; word < words; word++) {
      const bits = (blocks[starts + word] as number) & (terminals[word] as number);
      this.#used[word] = bits;
      for (let rest = bits; rest !== 0; rest &= rest - 1) {
        this.#before[32 * word + 31 - Math.clz32(rest & -rest)] = ROOT;
        paths++;
      }
    }
    for (; paths < most; paths++) {
      const end = this.#find(graph, side, starts);
      if (end === NONE) {
        for (let word = 0; word < words; word++)
          cut[start + word] =
            (this.#used[word] as number) & (this.#entered[word] as number) & ~(this.#left[word] as number);
        return paths;
      }
      this.#augment(end);
    }
    return paths;
  }

  /** Searches breadth first for a terminal that is not in use; NONE if there is no augmenting path. */
  #find(graph: BitGraph, side: Side, starts: number): number {
    const { blocks, words, size } = graph;
    const entered = this.#entered;
    const used = this.#used;
    for (let word = 0; word < words; word++) entered[word] = this.#left[word] = 0;
    this.#tail = 0;
    let from = ROOT;
    let row = starts;
    for (let head = 0; ; head++) {
      for (let word = 0; word < words; word++) {
        let bits = (blocks[row + word] as number) & ~(entered[word] as number);
        while (bits !== 0) {
          const low = bits & -bits;
          const column = 32 * word + 31 - Math.clz32(low);
          entered[word] = (entered[word] as number) | low;
          this.#enteredFrom[column] = from;
          if (((used[word] as number) & low) !== 0) this.#undo(column);
          else if (column >= size) return column;
          else this.#queue[this.#tail++] = column;
          // Undoing may have entered others of this word.
          bits = (bits ^ low) & ~(entered[word] as number);
        }
      }
      if (head >= this.#tail) return NONE;
      from = this.#queue[head] as number;
      row = graph.all(side, from);
    }
  }

  /** A used vertex was entered: its path may leave the vertex before it by another edge, which may be freed in turn. */
  #undo(column: number): void {
    for (let node = column; ; ) {
      const before = this.#before[node] as number;
      if (before === ROOT || has(this.#left, before)) return;
      add(this.#left, before);
      this.#leftFrom[before] = node;
      this.#queue[this.#tail++] = before;
      if (has(this.#entered, before)) return;
      add(this.#entered, before);
      this.#enteredFrom[before] = CANCELLED;
      node = before;
    }
  }

  #augment(end: number): void {
    let node = end;
    for (;;) {
      const from = this.#enteredFrom[node] as number;
      if (from === CANCELLED) {
        this.#used[node >> 5] = (this.#used[node >> 5] as number) & ~(1 << (node & 31));
        node = this.#leftFrom[node] as number;
        continue;
      }
      const wasUsed = from !== ROOT && has(this.#used, from);
      add(this.#used, node);
      this.#before[node] = from;
      if (from === ROOT) return;
      node = wasUsed ? (this.#leftFrom[from] as number) : from;
    }
  }
}

function has(bits: Int32Array, column: number): boolean {
  return (((bits[column >> 5] as number) >> (column & 31)) & 1) === 1;
}

function add(bits: Int32Array, column: number): void {
  bits[column >> 5] = (bits[column >> 5] as number) | (1 << (column & 31));
}

/**
 * Reverse-mode differentiation of what networks do, on matrices in single precision: each operation writes its result and, where gradients
 * are wanted, remembers how to pass a gradient back. The operations are in `operations.ts` and `graphOperations.ts`.
 */

import { createProducts, type Products } from "./products.ts";
import type { Layout } from "./weights.ts";

/** A row-major matrix and, on a recording tape, the derivative of the loss by it (all zero until `backward`); empty where none is wanted. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
}

const NONE = new Float32Array(0);
const BLOCK = 1 << 18;

/** Memory that is handed out piece by piece and taken back all at once: gradient steps need megabytes, the same ones each time. */
class Arena {
  readonly #blocks: Float32Array[] = [];
  #block = 0;
  #used = 0;

  /** Zeros, valid until `clear`. */
  zeros(length: number): Float32Array {
    for (; this.#block < this.#blocks.length; this.#block++, this.#used = 0) {
      const block = this.#blocks[this.#block] as Float32Array;
      if (this.#used + length > block.length) continue;
      this.#used += length;
      return block.subarray(this.#used - length, this.#used).fill(0);
    }
    this.#blocks.push(new Float32Array(Math.max(BLOCK, length)));
    this.#block = this.#blocks.length - 1;
    this.#used = length;
    return (this.#blocks[this.#block] as Float32Array).subarray(0, length);
  }

  clear(): void {
    this.#block = 0;
    this.#used = 0;
  }
}

/** What is computed with one set of weights. All matrices it gives are valid until `start` is called again. */
export class Tape {
  readonly products: Products = createProducts();
  readonly #layout: Layout;
  readonly #arena = new Arena();
  #weights: Float32Array = NONE;
  #gradient: Float32Array = NONE;
  #steps: (() => void)[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /**
   * Begins anew.
   *
   * @param weights all of them, as the layout places them
   * @param gradient where `backward` adds the derivatives by the weights; without it nothing is recorded
   */
  start(weights: Float32Array, gradient: Float32Array = NONE): void {
    this.#weights = weights;
    this.#gradient = gradient;
    this.#steps = [];
    this.#arena.clear();
  }

  get isRecording(): boolean {
    return this.#gradient.length > 0;
  }

  /** Passes the gradients that the caller has written into results back to the weights. */
  backward(): void {
    for (let step = this.#steps.length - 1; step >= 0; step--) (this.#steps[step] as () => void)();
    this.#steps = [];
  }

  /** A matrix of weights by its name; a vector is one row. */
  weights(name: string): Matrix {
    const entry = this.#layout.entries.get(name);
    if (entry === undefined) throw new RangeError(`no weights "${name}"`);
    const [rows, columns] = [entry.shape.length < 2 ? 1 : entry.shape[0], entry.shape.at(-1)];
    const end = entry.offset + entry.size;
    return {
      rows: rows as number,
      columns: columns as number,
      values: this.#weights.subarray(entry.offset, end),
      gradient: this.isRecording ? this.#gradient.subarray(entry.offset, end) : NONE,
    };
  }

  /** What the network is given: no gradient goes there. */
  constant(rows: number, columns: number, values: Float32Array): Matrix {
    return { rows, columns, values, gradient: NONE };
  }

  /** A matrix of zeros for an operation to write its result to. */
  result(rows: number, columns: number): Matrix {
    const length = rows * columns;
    return {
      rows,
      columns,
      values: this.#arena.zeros(length),
      gradient: this.isRecording ? this.#arena.zeros(length) : NONE,
    };
  }

  /** Zeros for an operation's own use. */
  scratch(length: number): Float32Array {
    return this.#arena.zeros(length);
  }

  /** Remembers how an operation passes its result's gradient on to its operands'. */
  record(step: () => void): void {
    if (this.isRecording) this.#steps.push(step);
  }
}

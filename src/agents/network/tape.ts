/**
 * Reverse-mode differentiation of what networks do, on matrices in single precision in the memory of the kernels: each operation writes its result and,
 * where gradients are wanted, remembers how to pass a gradient back. The operations are in `operations.ts` and `graphOperations.ts`.
 */

import { createKernels, growTo, type Kernels, TILE_ROWS } from "./kernels.ts";
import type { Layout } from "./weights.ts";

/** A row-major matrix and, on a recording tape, the derivative of the loss by it (all zero until `backward`); empty where none is wanted. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
}

const NONE = new Float32Array(0);

/** Thrown inside `run` when the memory is too small. */
class MemoryIsFull extends Error {}

/** What is computed with one set of weights. All matrices it gives are valid until the body of `run` returns. */
export class Tape {
  readonly kernels: Kernels = createKernels();
  readonly #layout: Layout;
  #memory = new Float32Array(this.kernels.memory.buffer);
  #used = 0;
  #weights: Float32Array = NONE;
  #gradient: Float32Array = NONE;
  #steps: (() => void)[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /**
   * Computes something. The body is run again from the start when it turns out that it needs more memory: it must be a function of what it is given.
   *
   * @param weights all of them, as the layout places them
   * @param gradient where `backward` writes the derivatives by the weights; without it nothing is recorded
   */
  run<Result>(weights: Float32Array, gradient: Float32Array | null, body: () => Result): Result {
    for (;;)
      try {
        this.#used = 0;
        this.#steps = [];
        this.#weights = this.scratch(weights.length);
        this.#weights.set(weights);
        this.#gradient = gradient === null ? NONE : this.zeros(weights.length);
        const result = body();
        gradient?.set(this.#gradient);
        return result;
      } catch (error) {
        if (!(error instanceof MemoryIsFull)) throw error;
        growTo(this.kernels.memory, 2 * this.kernels.memory.buffer.byteLength);
        this.#memory = new Float32Array(this.kernels.memory.buffer);
      }
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
      gradient: this.#isRecording ? this.#gradient.subarray(entry.offset, end) : NONE,
    };
  }

  /** What the network is given, copied: no gradient goes there. */
  constant(rows: number, columns: number, values: Float32Array): Matrix {
    const copy = this.scratch((rows + TILE_ROWS - 1) * columns);
    copy.set(values);
    return { rows, columns, values: copy.subarray(0, rows * columns), gradient: NONE };
  }

  /** A matrix for an operation to write its result to: of zeros, or of anything if it is to be filled. The gradient is zero. */
  result(rows: number, columns: number, start: "zeros" | "anything"): Matrix {
    const length = rows * columns;
    // Tiles at the end of a product reach beyond its rows.
    const padded = (rows + TILE_ROWS - 1) * columns;
    return {
      rows,
      columns,
      values: (start === "zeros" ? this.zeros(padded) : this.scratch(padded)).subarray(0, length),
      gradient: this.#isRecording ? this.zeros(padded).subarray(0, length) : NONE,
    };
  }

  zeros(length: number): Float32Array {
    return this.scratch(length).fill(0);
  }

  /** Memory for an operation's own use, at an address that is a multiple of 16; anything may be in it. */
  scratch(length: number): Float32Array {
    const start = this.#used;
    const end = start + length;
    if (end > this.#memory.length) throw new MemoryIsFull();
    this.#used = (end + 3) & ~3;
    return this.#memory.subarray(start, end);
  }

  /** Remembers how an operation passes its result's gradient on to its operands'. */
  record(step: () => void): void {
    if (this.#isRecording) this.#steps.push(step);
  }

  get #isRecording(): boolean {
    return this.#gradient.length > 0;
  }
}

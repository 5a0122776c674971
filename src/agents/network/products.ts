/**
 * Matrix products in single precision, in WebAssembly SIMD: where networks spend nine tenths of their time.
 *
 * Our own because on one gradient step of the message-passing network (batch 256, 47 vertices, width 32, 3 layers; one core, the same machine) the
 * array libraries take 0.7-1.0 s (@jax-js/jax 0.1.25) and 1.2-1.6 s (@tensorflow/tfjs 4.22, wasm), and this 0.16 s.
 */

import { Code, encodeModule, PAGE } from "../../wasm/encoder.ts";

/** Rows and columns of the tile that the kernel keeps in registers: 4 times 8 numbers in eight vectors. */
const TILE_ROWS = 4;
const TILE_COLUMNS = 8;

/** So many rows are copied into the kernel's memory at a time: enough to hide the call, few enough for the second-level cache. */
const CHUNK = 128;

/** Sums of matrix products. All matrices are row-major. */
export interface Products {
  /** c += a b, with a [rows, inner], b [inner, columns], c [rows, columns]. */
  add(a: Float32Array, b: Float32Array, c: Float32Array, rows: number, inner: number, columns: number): void;
  /** c += transpose(a) b, with a [inner, rows], b [inner, columns], c [rows, columns]. */
  addTransposed(
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
    rows: number,
    inner: number,
    columns: number,
  ): void;
}

/** The fastest products that the platform has: the SIMD kernel, plain loops where there is no SIMD or the columns do not fill its tiles. */
export function createProducts(): Products {
  const bytes = kernelModule();
  return WebAssembly.validate(bytes) ? new TiledProducts(bytes) : plainProducts;
}

/** Products in plain loops: the reference. */
export const plainProducts: Products = {
  add: (a, b, c, rows, inner, columns) => plainSum(a, inner, 1, b, c, rows, inner, columns),
  addTransposed: (a, b, c, rows, inner, columns) => plainSum(a, 1, rows, b, c, rows, inner, columns),
};

/** c[i, j] += sum over k of a[i * rowStride + k * innerStride] * b[k, j]. */
function plainSum(
  a: Float32Array,
  rowStride: number,
  innerStride: number,
  b: Float32Array,
  c: Float32Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++)
        sum += (a[i * rowStride + k * innerStride] as number) * (b[k * columns + j] as number);
      c[i * columns + j] = (c[i * columns + j] as number) + sum;
    }
}

type Kernel = (
  a: number,
  rowStride: number,
  innerStride: number,
  b: number,
  c: number,
  rows: number,
  inner: number,
  columns: number,
) => void;

/** Copies chunks into the kernel's memory: the copies take a few hundredths of the product's time and spare everyone else that memory. */
class TiledProducts implements Products {
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  readonly #kernel: Kernel;
  #words = new Float32Array(this.#memory.buffer);

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
      kernel: { memory: this.#memory },
    });
    this.#kernel = instance.exports.product as Kernel;
  }

  add(a: Float32Array, b: Float32Array, c: Float32Array, rows: number, inner: number, columns: number): void {
    if (columns % TILE_COLUMNS !== 0) {
      plainProducts.add(a, b, c, rows, inner, columns);
      return;
    }
    const atA = inner * columns;
    const atC = atA + CHUNK * inner;
    const words = this.#reserve(atC + CHUNK * columns);
    words.set(b.subarray(0, inner * columns));
    for (let start = 0; start < rows; start += CHUNK) {
      const count = Math.min(CHUNK, rows - start);
      words.set(a.subarray(start * inner, (start + count) * inner), atA);
      const target = c.subarray(start * columns, (start + count) * columns);
      words.set(target, atC);
      this.#kernel(4 * atA, 4 * inner, 4, 0, 4 * atC, count, inner, columns);
      target.set(words.subarray(atC, atC + count * columns));
    }
  }

  addTransposed(
    a: Float32Array,
    b: Float32Array,
    c: Float32Array,
    rows: number,
    inner: number,
    columns: number,
  ): void {
    if (columns % TILE_COLUMNS !== 0) {
      plainProducts.addTransposed(a, b, c, rows, inner, columns);
      return;
    }
    const atB = (rows + TILE_ROWS) * columns;
    const atA = atB + CHUNK * columns;
    const words = this.#reserve(atA + CHUNK * rows + TILE_ROWS);
    words.set(c.subarray(0, rows * columns));
    for (let start = 0; start < inner; start += CHUNK) {
      const count = Math.min(CHUNK, inner - start);
      words.set(a.subarray(start * rows, (start + count) * rows), atA);
      words.set(b.subarray(start * columns, (start + count) * columns), atB);
      this.#kernel(4 * atA, 4, 4 * rows, 4 * atB, 0, rows, count, columns);
    }
    c.set(words.subarray(0, rows * columns));
  }

  /** The memory, of at least so many numbers; what was in it is of no value. */
  #reserve(numbers: number): Float32Array {
    if (this.#words.length < numbers) {
      this.#memory.grow(Math.ceil((4 * numbers) / PAGE) - this.#memory.buffer.byteLength / PAGE);
      this.#words = new Float32Array(this.#memory.buffer);
    }
    return this.#words;
  }
}

/**
 * product(a, rowStride, innerStride, b, c, rows, inner, columns): c[i, j] += sum over k of a[i, k] b[k, j]. Addresses and strides in bytes. Tile by tile;
 * the last tile of rows reads and writes up to three rows beyond, which must be memory. `columns` is a multiple of 8, `inner` positive.
 */
function kernelModule(): Uint8Array<ArrayBuffer> {
  const code = new Code({
    parameters: ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    results: [],
  });
  const [a, rowStride, innerStride, b, c, rows, inner, columns] = [0, 1, 2, 3, 4, 5, 6, 7];
  const column = code.local("i32");
  const row = code.local("i32");
  const pointer = code.local("i32");
  const target = code.local("i32");
  const left = code.local("i32");
  const bytesPerRow = code.local("i32");
  const pointers = Array.from({ length: TILE_ROWS }, () => code.local("i32"));
  const sums = Array.from({ length: TILE_ROWS }, () => [code.local("v128"), code.local("v128")]);
  const factors = [code.local("v128"), code.local("v128")];
  const scalar = code.local("v128");

  const add = (local: number, amount: () => void) => {
    code.localGet(local);
    amount();
    code.plain("i32.add");
    code.localSet(local);
  };
  /** Runs `body` for counter = 0, step, 2 step... while below the limit (at least once). */
  const loop = (counter: number, limit: number, step: number, body: () => void) => {
    code.i32(0);
    code.localSet(counter);
    code.loop();
    body();
    add(counter, () => code.i32(step));
    code.localGet(counter);
    code.localGet(limit);
    code.plain("i32.lt_s");
    code.branchIf(0);
    code.end();
  };
  /** Every sum of the tile with its address: `target`, which moves on a row at a time, plus a constant. */
  const forTile = (access: (sum: number, offset: number) => void) => {
    code.localGet(c);
    code.localGet(row);
    code.localGet(bytesPerRow);
    code.plain("i32.mul");
    code.plain("i32.add");
    code.localGet(column);
    code.i32(4);
    code.plain("i32.mul");
    code.plain("i32.add");
    code.localSet(target);
    for (const pair of sums) {
      pair.forEach((sum, half) => {
        access(sum, 16 * half);
      });
      add(target, () => code.localGet(bytesPerRow));
    }
  };

  code.localGet(columns);
  code.i32(4);
  code.plain("i32.mul");
  code.localSet(bytesPerRow);
  loop(column, columns, TILE_COLUMNS, () => {
    loop(row, rows, TILE_ROWS, () => {
      forTile((sum, offset) => {
        code.localGet(target);
        code.memory("v128.load", offset);
        code.localSet(sum);
      });
      code.localGet(column);
      code.i32(4);
      code.plain("i32.mul");
      code.localGet(b);
      code.plain("i32.add");
      code.localSet(pointer);
      pointers.forEach((local, index) => {
        code.localGet(row);
        code.i32(index);
        code.plain("i32.add");
        code.localGet(rowStride);
        code.plain("i32.mul");
        code.localGet(a);
        code.plain("i32.add");
        code.localSet(local);
      });
      loop(left, inner, 1, () => {
        factors.forEach((factor, half) => {
          code.localGet(pointer);
          code.memory("v128.load", 16 * half);
          code.localSet(factor);
        });
        pointers.forEach((local, index) => {
          code.localGet(local);
          code.memory("v128.load32_splat");
          code.localSet(scalar);
          factors.forEach((factor, half) => {
            const sum = sums[index]?.[half] as number;
            code.localGet(sum);
            code.localGet(scalar);
            code.localGet(factor);
            code.plain("f32x4.mul");
            code.plain("f32x4.add");
            code.localSet(sum);
          });
          add(local, () => code.localGet(innerStride));
        });
        add(pointer, () => code.localGet(bytesPerRow));
      });
      forTile((sum, offset) => {
        code.localGet(target);
        code.localGet(sum);
        code.memory("v128.store", offset);
      });
    });
  });
  return encodeModule({ pages: 1, functions: [code], exports: { product: 0 }, data: [] });
}

/**
 * The inner loops of networks in WebAssembly SIMD, on matrices in the module's memory: where training and tree search spend nine tenths of their time.
 *
 * Our own because one gradient step of the message-passing network (batch 256, 47 vertices, width 32, 3 layers) takes 0.08 s of one core here, 0.45 s with
 * @jax-js/jax 0.1.25 (after 2 s of compilation, again for every new number of vertices, and that changes with every move), 1.15 s with @tensorflow/tfjs 4.22
 * on its WebAssembly backend. The tests check the gradients against jax-js.
 */

import { type Code, encodeModule, PAGE } from "../../wasm/encoder.ts";
import { BYTES_PER_VECTOR, Writer } from "./kernelWriter.ts";
import { normalise, normaliseBackward } from "./normaliseKernels.ts";
import { toShares, toSharesBackward } from "./shareKernels.ts";

/** Rows and columns of the tile that `product` keeps in registers: 4 times 8 numbers in eight vectors. */
export const TILE_ROWS = 4;
export const TILE_COLUMNS = 8;

/** All addresses and strides are in bytes, all lengths in numbers (multiples of 4), all numbers of single precision. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  /**
   * c[i, j] += sum over k of a[i, k] b[k, j], with a's strides between rows and within them given, b and c dense. `columns` is a multiple of 8. The last tile
   * of 4 rows is computed in full: what is beyond the rows of a is read, beyond those of c overwritten.
   */
  product(
    a: number,
    rowStride: number,
    innerStride: number,
    b: number,
    c: number,
    rows: number,
    inner: number,
    columns: number,
  ): void;
  /** y += factor x. */
  addScaled(factor: number, x: number, y: number, length: number): void;
  /** Rows of so many columns: the one at y + i yStride += factor times the one at x + i xStride, for i below `rows`. */
  addRows(
    factor: number,
    x: number,
    xStride: number,
    y: number,
    yStride: number,
    rows: number,
    columns: number,
  ): void;
  /** Rows of so many columns: the one at y + to[i] += factor[i] times the one at x + from[i], for i below `count`. */
  addTerms(
    factors: number,
    from: number,
    to: number,
    count: number,
    x: number,
    y: number,
    columns: number,
  ): void;
  /** y = max(x, 0). */
  relu(x: number, y: number, length: number): void;
  /** dx += dy where x > 0. */
  reluBackward(x: number, dy: number, dx: number, length: number): void;
  /** See `normalise` in operations.ts. Keeps the standardised rows, and a vector with four times 1 / deviation for each row. */
  normalise(
    x: number,
    gain: number,
    shift: number,
    standard: number,
    scales: number,
    y: number,
    rows: number,
    columns: number,
    share: number,
    epsilon: number,
  ): void;
  /** Its derivatives, added to what is there. */
  normaliseBackward(
    dy: number,
    gain: number,
    standard: number,
    scales: number,
    dgain: number,
    dshift: number,
    dx: number,
    rows: number,
    columns: number,
    share: number,
  ): void;
  /** Turns every row of x into shares in proportion to the exponentials of `factor` x, which is positive. */
  toShares(x: number, rows: number, columns: number, factor: number): void;
  /** Turns derivatives by such shares into those by x. */
  toSharesBackward(shares: number, slopes: number, rows: number, columns: number, factor: number): void;
}

/** Compiles the kernels for a memory of their own. */
export function createKernels(): Kernels {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const functions = {
    product: product(),
    addScaled: addScaled(),
    addRows: addRows(),
    addTerms: addTerms(),
    relu: relu(),
    reluBackward: reluBackward(),
    normalise: normalise(),
    normaliseBackward: normaliseBackward(),
    toShares: toShares(),
    toSharesBackward: toSharesBackward(),
  } satisfies Record<Exclude<keyof Kernels, "memory">, Code>;
  const bytes = encodeModule({
    pages: 1,
    functions: Object.values(functions),
    exports: Object.fromEntries(Object.keys(functions).map((name, index) => [name, index])),
    data: [],
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { kernel: { memory } });
  return { ...(exports as unknown as Omit<Kernels, "memory">), memory };
}

/** Makes a memory at least so many bytes large. All views of it become void. */
export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE;
  if (pages > 0) memory.grow(pages);
}

function product(): Code {
  const code = new Writer({ parameters: Array(8).fill("i32"), results: [] });
  const [a, rowStride, innerStride, b, c, rows, inner, columns] = [0, 1, 2, 3, 4, 5, 6, 7];
  const width = code.bytesOf(columns);
  const [column, row, factorAt, target, left] = Array.from({ length: 5 }, () => code.local("i32")) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const pointers = Array.from({ length: TILE_ROWS }, () => code.local("i32"));
  const sums = pointers.map(() => [code.local("v128"), code.local("v128")]);
  const factors = [code.local("v128"), code.local("v128")];
  const scalar = code.local("v128");
  /** Every sum of the tile; its address is `target`, which moves on a row at a time, plus a constant. */
  const forTile = (access: (sum: number, offset: number) => void) => {
    code.set(target, () => {
      code.get(c, row, width);
      code.plain("i32.mul");
      code.plain("i32.add");
      code.get(column);
      code.plain("i32.add");
    });
    for (const pair of sums) {
      for (const [half, sum] of pair.entries()) access(sum, BYTES_PER_VECTOR * half);
      code.advance(target, () => code.get(width));
    }
  };
  code.count(column, width, 4 * TILE_COLUMNS, () => {
    code.count(row, rows, TILE_ROWS, () => {
      forTile((sum, offset) => {
        code.get(target);
        code.memory("v128.load", offset);
        code.localSet(sum);
      });
      code.set(factorAt, () => {
        code.get(b, column);
        code.plain("i32.add");
      });
      for (const [index, pointer] of pointers.entries())
        code.set(pointer, () => {
          code.get(row);
          code.i32(index);
          code.plain("i32.add");
          code.get(rowStride);
          code.plain("i32.mul");
          code.get(a);
          code.plain("i32.add");
        });
      code.count(left, inner, 1, () => {
        for (const [half, factor] of factors.entries()) {
          code.get(factorAt);
          code.memory("v128.load", BYTES_PER_VECTOR * half);
          code.localSet(factor);
        }
        for (const [index, pointer] of pointers.entries()) {
          code.get(pointer);
          code.memory("v128.load32_splat");
          code.localSet(scalar);
          for (const [half, factor] of factors.entries()) {
            const sum = sums[index]?.[half] as number;
            code.set(sum, () => {
              code.get(sum, scalar, factor);
              code.plain("f32x4.mul");
              code.plain("f32x4.add");
            });
          }
          code.advance(pointer, () => code.get(innerStride));
        }
        code.advance(factorAt, () => code.get(width));
      });
      forTile((sum, offset) => {
        code.get(target, sum);
        code.memory("v128.store", offset);
      });
    });
  });
  return code;
}

function addScaled(): Code {
  const code = new Writer({ parameters: ["f32", "i32", "i32", "i32"], results: [] });
  const [factor, x, y, length] = [0, 1, 2, 3];
  const end = code.bytesOf(length);
  const scale = code.splat(factor);
  code.addProduct(code.local("i32"), end, scale, x, y);
  return code;
}

function addRows(): Code {
  const code = new Writer({ parameters: ["f32", ...Array(6).fill("i32")], results: [] });
  const [factor, x, xStride, y, yStride, rows, columns] = [0, 1, 2, 3, 4, 5, 6];
  const width = code.bytesOf(columns);
  const scale = code.splat(factor);
  const [row, at] = [code.local("i32"), code.local("i32")];
  code.count(row, rows, 1, () => {
    code.addProduct(at, width, scale, x, y);
    code.advance(x, () => code.get(xStride));
    code.advance(y, () => code.get(yStride));
  });
  return code;
}

function addTerms(): Code {
  const code = new Writer({ parameters: Array(7).fill("i32"), results: [] });
  const [factors, from, to, count, x, y, columns] = [0, 1, 2, 3, 4, 5, 6];
  const width = code.bytesOf(columns);
  const end = code.bytesOf(count);
  const [term, at] = [code.local("i32"), code.local("i32")];
  const [source, target, scale] = [code.local("i32"), code.local("i32"), code.local("v128")];
  /** The entry of a list that belongs to the term. */
  const entry = (list: number, read: "i32.load" | "v128.load32_splat") => {
    code.get(list, term);
    code.plain("i32.add");
    code.memory(read);
  };
  code.count(term, end, 4, () => {
    for (const [address, start, list] of [
      [source, x, from],
      [target, y, to],
    ] as const)
      code.set(address, () => {
        code.get(start);
        entry(list, "i32.load");
        code.plain("i32.add");
      });
    code.set(scale, () => entry(factors, "v128.load32_splat"));
    code.addProduct(at, width, scale, source, target);
  });
  return code;
}

function relu(): Code {
  const code = new Writer({ parameters: ["i32", "i32", "i32"], results: [] });
  const [x, y, length] = [0, 1, 2];
  const end = code.bytesOf(length);
  const at = code.local("i32");
  code.count(at, end, BYTES_PER_VECTOR, () => {
    code.store(y, at, () => {
      code.load(x, at);
      code.zero();
      code.plain("f32x4.max");
    });
  });
  return code;
}

function reluBackward(): Code {
  const code = new Writer({ parameters: ["i32", "i32", "i32", "i32"], results: [] });
  const [x, dy, dx, length] = [0, 1, 2, 3];
  const end = code.bytesOf(length);
  const at = code.local("i32");
  code.count(at, end, BYTES_PER_VECTOR, () => {
    code.store(dx, at, () => {
      code.load(dx, at);
      code.load(dy, at);
      code.load(x, at);
      code.zero();
      code.plain("f32x4.gt");
      code.plain("v128.and");
      code.plain("f32x4.add");
    });
  });
  return code;
}

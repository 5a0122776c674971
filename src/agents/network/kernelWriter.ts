/** The turns of phrase that the kernels of networks are written in. */

import { Code } from "../../wasm/encoder.ts";

/** Bytes of four numbers of single precision. */
export const BYTES_PER_VECTOR = 16;

/** A function under construction. Values are numbers of single precision, four to a vector. */
export class Writer extends Code {
  readonly zero: () => void = () => this.v128(0n, 0n);

  get(...locals: readonly number[]): void {
    for (const local of locals) this.localGet(local);
  }

  /** local = value + ... */
  set(local: number, value: () => void): void {
    value();
    this.localSet(local);
  }

  /** local += amount, both integers. */
  advance(local: number, amount: () => void): void {
    this.set(local, () => {
      this.get(local);
      amount();
      this.plain("i32.add");
    });
  }

  /** The vector at an address plus an offset, both locals. */
  load(address: number, offset: number): void {
    this.get(address, offset);
    this.plain("i32.add");
    this.memory("v128.load");
  }

  store(address: number, offset: number, value: () => void): void {
    this.get(address, offset);
    this.plain("i32.add");
    value();
    this.memory("v128.store");
  }

  /** Runs `body` for counter = 0, step, 2 step... below the limit. */
  count(counter: number, limit: number, step: number, body: () => void): void {
    this.set(counter, () => this.i32(0));
    this.block();
    this.loop();
    this.get(counter, limit);
    this.plain("i32.ge_u");
    this.branchIf(1);
    body();
    this.advance(counter, () => this.i32(step));
    this.branch(0);
    this.end();
    this.end();
  }

  /** y += factor x, so many bytes of each, which is a multiple of 16; `at` is overwritten. */
  addProduct(at: number, bytes: number, factor: number, x: number, y: number): void {
    this.count(at, bytes, BYTES_PER_VECTOR, () => {
      this.store(y, at, () => {
        this.load(y, at);
        this.load(x, at);
        this.get(factor);
        this.plain("f32x4.mul");
        this.plain("f32x4.add");
      });
    });
  }

  /** local = 4 * numbers: a length in bytes. */
  bytesOf(numbers: number): number {
    const local = this.local("i32");
    this.set(local, () => {
      this.get(numbers);
      this.i32(4);
      this.plain("i32.mul");
    });
    return local;
  }

  /** Puts the sum or the maximum of a vector's lanes into all its lanes. */
  spread(vector: number, operation: "f32x4.add" | "f32x4.pmax"): void {
    for (const bytes of [8, 4])
      this.set(vector, () => {
        this.get(vector, vector, vector);
        this.shuffle(
          Array.from({ length: BYTES_PER_VECTOR }, (_, index) => (index + bytes) % BYTES_PER_VECTOR),
        );
        this.plain(operation);
      });
  }

  /** Puts the sum of a vector's lanes, times a vector, into all its lanes. */
  spreadSum(vector: number, factor: number): void {
    this.spread(vector, "f32x4.add");
    this.set(vector, () => {
      this.get(vector, factor);
      this.plain("f32x4.mul");
    });
  }

  /** Four times a number. */
  constant(value: number): void {
    const bits = BigInt(new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0);
    const pair = (bits << 32n) | bits;
    this.v128(pair, pair);
  }

  splat(scalar: number): number {
    const vector = this.local("v128");
    this.set(vector, () => {
      this.get(scalar);
      this.plain("f32x4.splat");
    });
    return vector;
  }
}

/** The softmax of attention and its derivatives as kernels. */

import type { Code } from "../../wasm/encoder.ts";
import { BYTES_PER_VECTOR, Writer } from "./kernelWriter.ts";

/** Taylor coefficients of 2^x: for |x| <= 1/2 they err by less than 2e-7. */
const EXPONENTIAL = Array.from({ length: 7 }, (_, power) => {
  let coefficient = 1;
  for (let factor = 1; factor <= power; factor++) coefficient *= Math.LN2 / factor;
  return coefficient;
});

/** Added to a small number and taken off again it rounds to the nearest integer, which stands in the lowest bits meanwhile. */
const ROUNDER = 1.5 * 2 ** 23;

/** Shares are at least two to this power, so that none is subnormal: arithmetic on such numbers is slow. */
const LEAST_POWER = -100;

/** See `Kernels.toShares`. */
export function toShares(): Code {
  const code = new Writer({ parameters: ["i32", "i32", "i32", "f32"], results: [] });
  const [x, rows, columns, factor] = [0, 1, 2, 3];
  const width = code.bytesOf(columns);
  const scale = code.splat(factor);
  const [row, at] = [code.local("i32"), code.local("i32")];
  /** A constant that is made once, not in every turn of a loop. */
  const held = (value: number) => {
    const local = code.local("v128");
    code.set(local, () => code.constant(value));
    return local;
  };
  const [most, total, power, whole, share] = [1, 2, 3, 4, 5].map(() => code.local("v128")) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [rounder, log2e, least, one] = [ROUNDER, Math.LOG2E, LEAST_POWER, 1].map(held) as [
    number,
    number,
    number,
    number,
  ];
  const [highest, ...lower] = EXPONENTIAL.toReversed().map(held);
  code.count(row, rows, 1, () => {
    code.set(most, () => code.constant(-Infinity));
    code.count(at, width, BYTES_PER_VECTOR, () => {
      code.set(most, () => {
        code.get(most);
        code.load(x, at);
        code.plain("f32x4.pmax");
      });
    });
    code.spread(most, "f32x4.pmax");
    code.set(total, code.zero);
    code.count(at, width, BYTES_PER_VECTOR, () => {
      code.set(power, () => {
        code.load(x, at);
        code.get(most);
        code.plain("f32x4.sub");
        code.get(scale);
        code.plain("f32x4.mul");
        code.get(log2e);
        code.plain("f32x4.mul");
        code.get(least);
        code.plain("f32x4.pmax");
      });
      code.set(whole, () => {
        code.get(power, rounder);
        code.plain("f32x4.add");
      });
      code.set(power, () => {
        code.get(power, whole, rounder);
        code.plain("f32x4.sub");
        code.plain("f32x4.sub");
      });
      code.set(share, () => {
        code.get(highest as number);
        for (const coefficient of lower) {
          code.get(power);
          code.plain("f32x4.mul");
          code.get(coefficient);
          code.plain("f32x4.add");
        }
        // Times two to the whole power, whose exponent is made of the bits.
        code.get(whole);
        code.i32(23);
        code.plain("i32x4.shl");
        code.get(one);
        code.plain("i32x4.add");
        code.plain("f32x4.mul");
      });
      code.store(x, at, () => code.get(share));
      code.set(total, () => {
        code.get(total, share);
        code.plain("f32x4.add");
      });
    });
    code.spread(total, "f32x4.add");
    code.set(total, () => {
      code.get(one, total);
      code.plain("f32x4.div");
    });
    code.count(at, width, BYTES_PER_VECTOR, () => {
      code.store(x, at, () => {
        code.load(x, at);
        code.get(total);
        code.plain("f32x4.mul");
      });
    });
    code.advance(x, () => code.get(width));
  });
  return code;
}

/** See `Kernels.toSharesBackward`. */
export function toSharesBackward(): Code {
  const code = new Writer({ parameters: ["i32", "i32", "i32", "i32", "f32"], results: [] });
  const [shares, slopes, rows, columns, factor] = [0, 1, 2, 3, 4];
  const width = code.bytesOf(columns);
  const scale = code.splat(factor);
  const [row, at, mean] = [code.local("i32"), code.local("i32"), code.local("v128")];
  code.count(row, rows, 1, () => {
    code.set(mean, code.zero);
    code.count(at, width, BYTES_PER_VECTOR, () => {
      code.set(mean, () => {
        code.get(mean);
        code.load(shares, at);
        code.load(slopes, at);
        code.plain("f32x4.mul");
        code.plain("f32x4.add");
      });
    });
    code.spread(mean, "f32x4.add");
    code.count(at, width, BYTES_PER_VECTOR, () => {
      code.store(slopes, at, () => {
        code.load(slopes, at);
        code.get(mean);
        code.plain("f32x4.sub");
        code.load(shares, at);
        code.plain("f32x4.mul");
        code.get(scale);
        code.plain("f32x4.mul");
      });
    });
    for (const pointer of [shares, slopes]) code.advance(pointer, () => code.get(width));
  });
  return code;
}

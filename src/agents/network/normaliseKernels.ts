/** Layer normalisation and its derivatives as kernels. */

import type { Code } from "../../wasm/encoder.ts";
import { BYTES_PER_VECTOR, Writer } from "./kernelWriter.ts";

/** See `Kernels.normalise`. */
export function normalise(): Code {
  const code = new Writer({ parameters: [...Array(8).fill("i32"), "f32", "f32"], results: [] });
  const [x, gain, shift, standard, scales, y, rows, columns, share, epsilon] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const width = code.bytesOf(columns);
  const [shares, epsilons] = [code.splat(share), code.splat(epsilon)];
  const [row, at] = [code.local("i32"), code.local("i32")];
  const [mean, scale, value] = [code.local("v128"), code.local("v128"), code.local("v128")];
  code.count(row, rows, 1, () => {
    code.set(mean, code.zero);
    code.count(at, width, BYTES_PER_VECTOR, () => {
      code.set(mean, () => {
        code.get(mean);
        code.load(x, at);
        code.plain("f32x4.add");
      });
    });
    code.spreadSum(mean, shares);
    code.set(scale, code.zero);
    code.count(at, width, BYTES_PER_VECTOR, () => {
      code.set(value, () => {
        code.load(x, at);
        code.get(mean);
        code.plain("f32x4.sub");
      });
      code.set(scale, () => {
        code.get(scale, value, value);
        code.plain("f32x4.mul");
        code.plain("f32x4.add");
      });
    });
    code.spreadSum(scale, shares);
    code.set(scale, () => {
      code.constant(1);
      code.get(scale, epsilons);
      code.plain("f32x4.add");
      code.plain("f32x4.sqrt");
      code.plain("f32x4.div");
    });
    code.get(scales, scale);
    code.memory("v128.store");
    code.count(at, width, BYTES_PER_VECTOR, () => {
      code.set(value, () => {
        code.load(x, at);
        code.get(mean);
        code.plain("f32x4.sub");
        code.get(scale);
        code.plain("f32x4.mul");
      });
      code.store(standard, at, () => code.get(value));
      code.store(y, at, () => {
        code.get(value);
        code.load(gain, at);
        code.plain("f32x4.mul");
        code.load(shift, at);
        code.plain("f32x4.add");
      });
    });
    for (const pointer of [x, standard, y]) code.advance(pointer, () => code.get(width));
    code.advance(scales, () => code.i32(BYTES_PER_VECTOR));
  });
  return code;
}

/** See `Kernels.normaliseBackward`. */
export function normaliseBackward(): Code {
  const code = new Writer({ parameters: [...Array(9).fill("i32"), "f32"], results: [] });
  const [dy, gain, standard, scales, dgain, dshift, dx, rows, columns, share] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ];
  const width = code.bytesOf(columns);
  const shares = code.splat(share);
  const [row, at] = [code.local("i32"), code.local("i32")];
  const [mean, along, inner] = [code.local("v128"), code.local("v128"), code.local("v128")];
  /** inner = dy gain. */
  const setInner = () =>
    code.set(inner, () => {
      code.load(dy, at);
      code.load(gain, at);
      code.plain("f32x4.mul");
    });
  code.count(row, rows, 1, () => {
    code.set(mean, code.zero);
    code.set(along, code.zero);
    code.count(at, width, BYTES_PER_VECTOR, () => {
      setInner();
      code.store(dshift, at, () => {
        code.load(dshift, at);
        code.load(dy, at);
        code.plain("f32x4.add");
      });
      code.store(dgain, at, () => {
        code.load(dgain, at);
        code.load(dy, at);
        code.load(standard, at);
        code.plain("f32x4.mul");
        code.plain("f32x4.add");
      });
      code.set(mean, () => {
        code.get(mean, inner);
        code.plain("f32x4.add");
      });
      code.set(along, () => {
        code.get(along, inner);
        code.load(standard, at);
        code.plain("f32x4.mul");
        code.plain("f32x4.add");
      });
    });
    code.spreadSum(mean, shares);
    code.spreadSum(along, shares);
    code.count(at, width, BYTES_PER_VECTOR, () => {
      setInner();
      code.store(dx, at, () => {
        code.load(dx, at);
        code.get(inner, mean);
        code.plain("f32x4.sub");
        code.get(along);
        code.load(standard, at);
        code.plain("f32x4.mul");
        code.plain("f32x4.sub");
        code.get(scales);
        code.memory("v128.load");
        code.plain("f32x4.mul");
        code.plain("f32x4.add");
      });
    });
    for (const pointer of [dy, standard, dx]) code.advance(pointer, () => code.get(width));
    code.advance(scales, () => code.i32(BYTES_PER_VECTOR));
  });
  return code;
}

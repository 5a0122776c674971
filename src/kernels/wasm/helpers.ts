/**
 * Functions of the module that are not straight-line vector code: what they do is rare, so they go lane by lane with integers.
 *
 * - `hugeHead`, `hugeTail`, `hugeQuadrant`: x * 2/pi modulo 4 after Payne & Hanek (SIGNUM Newsletter 18, 1983), as a quadrant and a fraction in [-1/2, 1/2] given as the
 *   sum of two float64.
 * - `remainderWide`: x % y exactly, by shifts and subtractions as fdlibm's e_fmod.c does it.
 */

import { Code } from "../../wasm/encoder.ts";
import { TWO_OVER_PI } from "./math/coefficients.ts";

/** Where the bits of 2/pi lie in memory: a word of zeros, then the bits, most significant word first. */
export const TABLE_OFFSET = 0;
export const TABLE_BYTES = 8 * (TWO_OVER_PI.length + 1);

/** The table as it lies in memory. */
export function tableBytes(): Uint8Array {
  return new Uint8Array(BigUint64Array.from([0n, ...TWO_OVER_PI]).buffer);
}

/** Finds the index of another function of the module by its name. */
export type Resolve = (target: string) => number;

/** A scalar helper's code by its name. */
const helpers: Readonly<Record<string, (resolve: Resolve) => Code>> = {
  hugeHead: (resolve) => byLane("huge", resolve, 1, 0),
  hugeTail: (resolve) => byLane("huge", resolve, 1, 1),
  hugeQuadrant: (resolve) => byLane("huge", resolve, 1, 2),
  huge,
  multiplyHigh,
  remainderWide: (resolve) => byLane("remainder", resolve, 2, null),
  remainder,
};

/** The code of a helper, or undefined if the name is not one. */
export function helperCode(name: string, resolve: Resolve): Code | undefined {
  return Object.hasOwn(helpers, name) ? helpers[name]?.(resolve) : undefined;
}

/** A scalar function on both lanes of its operands; `argument` is its last parameter, if it has one. */
function byLane(target: string, resolve: Resolve, arity: 1 | 2, argument: number | null): Code {
  const code = new Code({ parameters: arity === 1 ? ["v128"] : ["v128", "v128"], results: ["v128"] });
  const lane = (index: number) => {
    for (let operand = 0; operand < arity; operand++) {
      code.localGet(operand);
      code.lane("f64x2.extract_lane", index);
    }
    if (argument !== null) code.i32(argument);
    code.call(resolve(target));
  };
  lane(0);
  code.plain("f64x2.splat");
  lane(1);
  code.lane("f64x2.replace_lane", 1);
  return code;
}

/** The upper 64 bits of a product of two unsigned words. */
function multiplyHigh(): Code {
  const code = new Code({ parameters: ["i64", "i64"], results: ["i64"] });
  const [a, b, low, cross] = [0, 1, code.local("i64"), code.local("i64")];
  const half = (local: number, upper: boolean) => {
    code.localGet(local);
    code.i64(upper ? 32n : 0xffffffffn);
    code.plain(upper ? "i64.shr_u" : "i64.and");
  };
  const product = (aUpper: boolean, bUpper: boolean) => {
    half(a, aUpper);
    half(b, bUpper);
    code.plain("i64.mul");
  };
  // cross = aHigh bLow + (aLow bLow >> 32); low = (cross & mask) + aLow bHigh
  product(false, false);
  code.i64(32n);
  code.plain("i64.shr_u");
  product(true, false);
  code.plain("i64.add");
  code.localTee(cross);
  code.i64(0xffffffffn);
  code.plain("i64.and");
  product(false, true);
  code.plain("i64.add");
  code.localSet(low);
  product(true, true);
  half(cross, true);
  code.plain("i64.add");
  half(low, true);
  code.plain("i64.add");
  return code;
}

/**
 * x * 2/pi modulo 4: part 0 and 1 are the two float64 of the fraction, part 2 is the quadrant from -3 to 4. For |x| >= 2^-10; anything for smaller,
 * infinite and NaN arguments.
 *
 * x = m 2^e with a whole m of 53 bits. Bits of 2/pi whose product with x is a multiple of 4 do not count; of the 192 bits after them the product with m, modulo
 * 2^192, is the value modulo 4 in units of 2^-190.
 */
function huge(resolve: Resolve): Code {
  const code = new Code({ parameters: ["f64", "i32"], results: ["f64"] });
  const [x, part] = [0, 1];
  const local64 = () => code.local("i64");
  const [m, word, shift, a, b, c] = [
    local64(),
    code.local("i32"),
    local64(),
    local64(),
    local64(),
    local64(),
  ];
  const [r0, r1, r2, high, low] = [local64(), local64(), local64(), local64(), local64()];
  const [position, quadrant] = [code.local("i32"), code.local("i32")];
  const bits = () => {
    code.localGet(x);
    code.plain("i64.reinterpret_f64");
  };
  // m = the significand with its leading bit
  bits();
  code.i64(0xfffffffffffffn);
  code.plain("i64.and");
  code.i64(1n << 52n);
  code.plain("i64.or");
  code.localSet(m);
  // position = max(0, e - 2 + 64) in bits of the table, which begins with 64 zeros
  bits();
  code.i64(52n);
  code.plain("i64.shr_u");
  code.plain("i32.wrap_i64");
  code.i32(0x7ff);
  code.plain("i32.and");
  code.i32(1075 + 2 - 64);
  code.plain("i32.sub");
  code.localSet(position);
  code.localGet(position);
  code.i32(0);
  code.localGet(position);
  code.i32(0);
  code.plain("i32.gt_s");
  code.plain("select");
  code.localTee(position);
  code.i32(6);
  code.plain("i32.shr_u");
  code.i32(3);
  code.plain("i32.shl");
  code.localSet(word);
  code.localGet(position);
  code.i32(63);
  code.plain("i32.and");
  code.plain("i64.extend_i32_u");
  code.localSet(shift);
  // a, b, c = the 192 bits from there
  [a, b, c].forEach((target, index) => {
    code.localGet(word);
    code.memory("i64.load", TABLE_OFFSET + 8 * index);
    code.localGet(shift);
    code.plain("i64.shl");
    code.localGet(word);
    code.memory("i64.load", TABLE_OFFSET + 8 * (index + 1));
    code.i64(1n);
    code.plain("i64.shr_u");
    code.i64(63n);
    code.localGet(shift);
    code.plain("i64.sub");
    code.plain("i64.shr_u");
    code.plain("i64.or");
    code.localSet(target);
  });
  // r2 r1 r0 = m * (a b c) modulo 2^192
  const times = (factor: number) => {
    code.localGet(m);
    code.localGet(factor);
    code.plain("i64.mul");
  };
  const timesHigh = (factor: number) => {
    code.localGet(m);
    code.localGet(factor);
    code.call(resolve("multiplyHigh"));
  };
  times(c);
  code.localSet(r0);
  times(b);
  timesHigh(c);
  code.plain("i64.add");
  code.localTee(r1);
  times(b);
  code.plain("i64.lt_u");
  code.plain("i64.extend_i32_u");
  timesHigh(b);
  code.plain("i64.add");
  times(a);
  code.plain("i64.add");
  code.localSet(r2);
  // quadrant = the two leading bits; high low = the 128 bits behind them
  const shifted = (upper: number, lower: number, target: number) => {
    code.localGet(upper);
    code.i64(2n);
    code.plain("i64.shl");
    code.localGet(lower);
    code.i64(62n);
    code.plain("i64.shr_u");
    code.plain("i64.or");
    code.localSet(target);
  };
  code.localGet(r2);
  code.i64(62n);
  code.plain("i64.shr_u");
  code.plain("i32.wrap_i64");
  code.localSet(quadrant);
  shifted(r2, r1, high);
  shifted(r1, r0, low);
  // A fraction of 1/2 and more is that much less than the next quadrant: negate it. `a` becomes the sign of the fraction.
  code.localGet(high);
  code.i64(1n << 63n);
  code.plain("i64.and");
  code.localTee(a);
  code.plain("i64.eqz");
  code.plain("i32.eqz");
  code.if();
  code.localGet(quadrant);
  code.i32(1);
  code.plain("i32.add");
  code.localSet(quadrant);
  code.i64(0n);
  code.localGet(high);
  code.plain("i64.sub");
  code.localGet(low);
  code.plain("i64.eqz");
  code.plain("i32.eqz");
  code.plain("i64.extend_i32_u");
  code.plain("i64.sub");
  code.localSet(high);
  code.i64(0n);
  code.localGet(low);
  code.plain("i64.sub");
  code.localSet(low);
  code.end();
  // The sign of x turns both.
  bits();
  code.i64(1n << 63n);
  code.plain("i64.and");
  code.localTee(b);
  code.localGet(a);
  code.plain("i64.xor");
  code.localSet(a);
  code.localGet(part);
  code.i32(2);
  code.plain("i32.eq");
  code.if();
  code.localGet(quadrant);
  code.plain("f64.convert_i32_s");
  signed(code, b);
  code.plain("return");
  code.end();
  // Normalise: c = leading zeros of high (63 at most: no float64 is closer than 2^-62 to a multiple of pi/2).
  code.localGet(high);
  code.i64(1n);
  code.plain("i64.or");
  code.plain("i64.clz");
  code.localSet(c);
  code.localGet(high);
  code.localGet(c);
  code.plain("i64.shl");
  code.localGet(low);
  code.i64(1n);
  code.plain("i64.shr_u");
  code.i64(63n);
  code.localGet(c);
  code.plain("i64.sub");
  code.plain("i64.shr_u");
  code.plain("i64.or");
  code.localSet(high);
  code.localGet(low);
  code.localGet(c);
  code.plain("i64.shl");
  code.localSet(low);
  // Head: the upper 53 bits. Tail: the 64 bits behind them.
  code.localGet(part);
  code.if();
  code.localGet(high);
  code.i64(53n);
  code.plain("i64.shl");
  code.localGet(low);
  code.i64(11n);
  code.plain("i64.shr_u");
  code.plain("i64.or");
  code.plain("f64.convert_i64_u");
  code.f64(2 ** -(64 + 53));
  code.plain("f64.mul");
  scaledDown(code, c);
  signed(code, a);
  code.plain("return");
  code.end();
  code.localGet(high);
  code.i64(~0x7ffn);
  code.plain("i64.and");
  code.plain("f64.convert_i64_u");
  code.f64(2 ** -64);
  code.plain("f64.mul");
  scaledDown(code, c);
  signed(code, a);
  return code;
}

/** The number on the stack, times 2^-exponent for an exponent in a local. */
function scaledDown(code: Code, exponent: number): void {
  code.i64(1023n);
  code.localGet(exponent);
  code.plain("i64.sub");
  code.i64(52n);
  code.plain("i64.shl");
  code.plain("f64.reinterpret_i64");
  code.plain("f64.mul");
}

/** The number on the stack, negated if the sign bit in a local is set. */
function signed(code: Code, sign: number): void {
  code.plain("i64.reinterpret_f64");
  code.localGet(sign);
  code.plain("i64.xor");
  code.plain("f64.reinterpret_i64");
}

/** x % y: subtracts y, shifted to the exponent of x and downwards, wherever it fits; the result has the sign of x. */
function remainder(): Code {
  const code = new Code({ parameters: ["f64", "f64"], results: ["f64"] });
  const [x, y] = [0, 1];
  const [ux, uy, ex, ey] = [code.local("i64"), code.local("i64"), code.local("i64"), code.local("i64")];
  for (const [number, bits] of [
    [x, ux],
    [y, uy],
  ] as const) {
    code.localGet(number);
    code.plain("f64.abs");
    code.plain("i64.reinterpret_f64");
    code.localSet(bits);
  }
  const infinity = 0x7ff0000000000000n;
  // NaN where y is 0 or NaN, or x is not finite
  code.localGet(uy);
  code.plain("i64.eqz");
  code.localGet(uy);
  code.i64(infinity);
  code.plain("i64.gt_u");
  code.plain("i32.or");
  code.localGet(ux);
  code.i64(infinity);
  code.plain("i64.ge_u");
  code.plain("i32.or");
  code.if();
  code.f64(NaN);
  code.plain("return");
  code.end();
  // x where it is the smaller
  code.localGet(ux);
  code.localGet(uy);
  code.plain("i64.lt_u");
  code.if();
  code.localGet(x);
  code.plain("return");
  code.end();
  // Exponents and significands with their leading bit; subnormal numbers are normalised, to exponents below 1.
  const shiftUp = (bits: number, exponent: number) => {
    code.block();
    code.loop();
    code.localGet(bits);
    code.i64(1n << 52n);
    code.plain("i64.ge_u");
    code.branchIf(1);
    double(bits, exponent);
    code.branch(0);
    code.end();
    code.end();
  };
  const double = (bits: number, exponent: number) => {
    code.localGet(bits);
    code.i64(1n);
    code.plain("i64.shl");
    code.localSet(bits);
    code.localGet(exponent);
    code.i64(1n);
    code.plain("i64.sub");
    code.localSet(exponent);
  };
  for (const [bits, exponent] of [
    [ux, ex],
    [uy, ey],
  ] as const) {
    code.localGet(bits);
    code.i64(52n);
    code.plain("i64.shr_u");
    code.localSet(exponent);
    code.localGet(bits);
    code.i64(0xfffffffffffffn);
    code.plain("i64.and");
    code.localSet(bits);
    code.localGet(exponent);
    code.plain("i64.eqz");
    code.if();
    code.i64(1n);
    code.localSet(exponent);
    shiftUp(bits, exponent);
    code.else();
    code.localGet(bits);
    code.i64(1n << 52n);
    code.plain("i64.or");
    code.localSet(bits);
    code.end();
  }
  const subtractIfItFits = () => {
    code.localGet(ux);
    code.localGet(uy);
    code.plain("i64.ge_u");
    code.if();
    code.localGet(ux);
    code.localGet(uy);
    code.plain("i64.sub");
    code.localSet(ux);
    code.end();
  };
  code.block();
  code.loop();
  subtractIfItFits();
  code.localGet(ex);
  code.localGet(ey);
  code.plain("i64.eq");
  code.branchIf(1);
  double(ux, ex);
  code.branch(0);
  code.end();
  code.end();
  code.localGet(ux);
  code.plain("i64.eqz");
  code.if();
  code.f64(0);
  code.localGet(x);
  code.plain("f64.copysign");
  code.plain("return");
  code.end();
  shiftUp(ux, ex);
  // Exponents below 1 are those of subnormal results: their bits move down again, exactly.
  code.localGet(ex);
  code.i64(0n);
  code.plain("i64.gt_s");
  code.if();
  // The leading bit counts as one in the exponent field.
  code.localGet(ux);
  code.localGet(ex);
  code.i64(1n);
  code.plain("i64.sub");
  code.i64(52n);
  code.plain("i64.shl");
  code.plain("i64.add");
  code.localSet(ux);
  code.else();
  code.localGet(ux);
  code.i64(1n);
  code.localGet(ex);
  code.plain("i64.sub");
  code.plain("i64.shr_u");
  code.localSet(ux);
  code.end();
  code.localGet(ux);
  code.plain("f64.reinterpret_i64");
  code.localGet(x);
  code.plain("f64.copysign");
  return code;
}

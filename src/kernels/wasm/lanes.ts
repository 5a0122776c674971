/**
 * Arithmetic on the lanes of a vector, two of float64 or four of float32: what the vector mathematics and the rules of the primitives are written in.
 *
 * Code is written for the common case. What a function's fast form cannot do (huge angles, the logarithm of a subnormal) it excludes by `require`:
 * points at which a requirement fails in any function are computed again by the careful form of the whole program. So the common case has neither
 * branches nor selections for the rare one.
 */

import type { Instruction } from "../../wasm/encoder.ts";
import type { Node, VectorGraph } from "./graph.ts";

export type LaneType = "f64x2" | "f32x4";

/** The layout of a lane's format (IEEE 754). */
export interface Format {
  readonly bits: number;
  /** Stored bits of the significand. */
  readonly mantissa: number;
  readonly bias: number;
  /** Bit pattern of a number. */
  readonly pattern: (value: number) => bigint;
}

const scratch = new DataView(new ArrayBuffer(8));

const FORMATS: Readonly<Record<LaneType, Format>> = {
  f64x2: {
    bits: 64,
    mantissa: 52,
    bias: 1023,
    pattern(value) {
      scratch.setFloat64(0, value);
      return scratch.getBigUint64(0);
    },
  },
  f32x4: {
    bits: 32,
    mantissa: 23,
    bias: 127,
    pattern(value) {
      scratch.setFloat32(0, value);
      return BigInt(scratch.getUint32(0));
    },
  },
};

/** Float instructions, by their name behind the lane type. */
type FloatOperation =
  | "abs"
  | "neg"
  | "sqrt"
  | "ceil"
  | "floor"
  | "trunc"
  | "nearest"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "min"
  | "max"
  | "pmin"
  | "pmax"
  | "eq"
  | "ne"
  | "lt"
  | "gt"
  | "le"
  | "ge";

export interface LanesOptions {
  /** Whether functions take their careful form, which holds everywhere. */
  readonly careful: boolean;
  /** Whether only the first lane counts: one point rather than as many as there are lanes. All lanes hold the same then. */
  readonly single: boolean;
}

export class Lanes {
  readonly type: LaneType;
  readonly format: Format;
  readonly options: LanesOptions;
  /** Masks that must hold for the results to be right. */
  readonly requirements: Node[];
  readonly #graph: VectorGraph;

  constructor(graph: VectorGraph, type: LaneType, options: LanesOptions, requirements: Node[] = []) {
    this.#graph = graph;
    this.type = type;
    this.format = FORMATS[type];
    this.options = options;
    this.requirements = requirements;
  }

  /** How many there are. */
  get lanes(): number {
    return 128 / this.format.bits;
  }

  /** For values whose lanes differ, where those of a single point are the same; requirements are noted here all the same. */
  differing(): Lanes {
    return new Lanes(this.#graph, this.type, { ...this.options, single: false }, this.requirements);
  }

  /** As many values as there are lanes at most, each the same in all lanes, in a lane each; the last also fills those that are left. */
  pack(values: readonly Node[]): Node {
    const words = this.format.bits / 32;
    return values.slice(1).reduce((packed, value, index) => {
      const own = words * (index + 1);
      return this.#words(
        packed,
        value,
        [0, 1, 2, 3].map((word) => (word < own ? word : 4 + word)),
      );
    }, values[0] as Node);
  }

  /** The value of one lane in all lanes. */
  lane(x: Node, lane: number): Node {
    const words = this.format.bits / 32;
    return this.#words(
      x,
      x,
      [0, 1, 2, 3].map((word) => words * lane + (word % words)),
    );
  }

  /** The results count only in lanes where the mask is set; elsewhere the careful form is used. */
  require(mask: Node): void {
    this.requirements.push(mask);
  }

  input(plane: number): Node {
    return this.#graph.node({ kind: "input", plane });
  }

  /** The same number, rounded to the format, in all lanes. */
  constant(value: number): Node {
    return this.bits(this.format.pattern(value));
  }

  /** The same bit pattern in all lanes; negative integers in two's complement. */
  bits(pattern: bigint): Node {
    const lane = BigInt.asUintN(this.format.bits, pattern);
    const half = this.format.bits === 64 ? lane : lane | (lane << 32n);
    return this.#graph.node({ kind: "constant", low: half, high: half });
  }

  abs = (x: Node) => this.#float("abs", x);
  neg = (x: Node) => this.#float("neg", x);
  sqrt = (x: Node) => this.#float("sqrt", x);
  ceil = (x: Node) => this.#float("ceil", x);
  floor = (x: Node) => this.#float("floor", x);
  trunc = (x: Node) => this.#float("trunc", x);
  nearest = (x: Node) => this.#float("nearest", x);
  add = (x: Node, y: Node) => this.#float("add", x, y);
  sub = (x: Node, y: Node) => this.#float("sub", x, y);
  mul = (x: Node, y: Node) => this.#float("mul", x, y);
  div = (x: Node, y: Node) => this.#float("div", x, y);
  /** NaN if either is; -0 below 0. */
  min = (x: Node, y: Node) => this.#float("min", x, y);
  max = (x: Node, y: Node) => this.#float("max", x, y);
  /** `y < x ? y : x`: one instruction, and x if either is NaN. */
  pmin = (x: Node, y: Node) => this.#float("pmin", x, y);
  /** `x < y ? y : x`. */
  pmax = (x: Node, y: Node) => this.#float("pmax", x, y);
  eq = (x: Node, y: Node) => this.#float("eq", x, y);
  ne = (x: Node, y: Node) => this.#float("ne", x, y);
  lt = (x: Node, y: Node) => this.#float("lt", x, y);
  gt = (x: Node, y: Node) => this.#float("gt", x, y);
  le = (x: Node, y: Node) => this.#float("le", x, y);
  ge = (x: Node, y: Node) => this.#float("ge", x, y);

  and = (x: Node, y: Node) => this.#plain("v128.and", x, y);
  or = (x: Node, y: Node) => this.#plain("v128.or", x, y);
  xor = (x: Node, y: Node) => this.#plain("v128.xor", x, y);
  not = (x: Node) => this.#plain("v128.not", x);
  /** x with the bits of y cleared. */
  without = (x: Node, y: Node) => this.#plain("v128.andnot", x, y);
  select = (mask: Node, whenTrue: Node, whenFalse: Node) =>
    this.#plain("v128.bitselect", whenTrue, whenFalse, mask);

  /** Integer arithmetic on bit patterns. */
  addBits = (x: Node, y: Node) => this.#plain(this.format.bits === 64 ? "i64x2.add" : "i32x4.add", x, y);
  subBits = (x: Node, y: Node) => this.#plain(this.format.bits === 64 ? "i64x2.sub" : "i32x4.sub", x, y);
  shiftLeft = (x: Node, amount: number) =>
    this.#shift(this.format.bits === 64 ? "i64x2.shl" : "i32x4.shl", x, amount);
  shiftRight = (x: Node, amount: number) =>
    this.#shift(this.format.bits === 64 ? "i64x2.shr_u" : "i32x4.shr_u", x, amount);

  call(target: string, ...operands: readonly Node[]): Node {
    return this.#graph.node({ kind: "call", target }, operands);
  }

  /** The sign bit. */
  get signBit(): Node {
    return this.constant(-0);
  }

  /** The magnitude of x, which is not negative, with the sign of y. */
  withSignOf(x: Node, y: Node): Node {
    return this.or(x, this.and(y, this.signBit));
  }

  /** c[0] + c[1] x + c[2] x^2 + ..., even and odd powers apart so that two chains run side by side. */
  polynomial(x: Node, coefficients: readonly number[]): Node {
    if (coefficients.length < 4) return this.#horner(x, coefficients);
    const even = coefficients.filter((_, power) => power % 2 === 0);
    const odd = coefficients.filter((_, power) => power % 2 === 1);
    const square = this.mul(x, x);
    return this.add(this.mul(this.#horner(square, odd), x), this.#horner(square, even));
  }

  #horner(x: Node, coefficients: readonly number[]): Node {
    const [last, ...rest] = coefficients.toReversed();
    return rest.reduce(
      (sum, coefficient) => this.add(this.mul(sum, x), this.constant(coefficient)),
      this.constant(last ?? 0),
    );
  }

  /**
   * A function of float64 applied to float32 lanes: both halves are widened, the results rounded. Requirements of the function are
   * those of the lanes.
   */
  widened(evaluate: (wide: Lanes, ...operands: Node[]) => Node, ...operands: readonly Node[]): Node {
    const half = (parts: readonly Node[]) => {
      const wide = new Lanes(this.#graph, "f64x2", this.options);
      const result = evaluate(wide, ...parts.map((part) => this.#plain("f64x2.promote_low_f32x4", part)));
      return { result: this.#plain("f32x4.demote_f64x2_zero", result), requirements: wide.requirements };
    };
    const low = half(operands);
    if (this.options.single) {
      for (const mask of low.requirements) this.require(this.#words(mask, mask, [0, 0, 0, 0]));
      return this.#words(low.result, low.result, [0, 0, 0, 0]);
    }
    const high = half(operands.map((operand) => this.#words(operand, operand, [2, 3, 2, 3])));
    low.requirements.forEach((mask, index) => {
      this.require(this.#words(mask, high.requirements[index] ?? mask, [0, 2, 4, 6]));
    });
    return this.#words(low.result, high.result, [0, 1, 4, 5]);
  }

  /** 32-bit words of two vectors, numbered 0 to 7. */
  #words(x: Node, y: Node, words: readonly number[]): Node {
    const bytes = words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte));
    return this.#graph.node({ kind: "shuffle", bytes }, [x, y]);
  }

  #float(operation: FloatOperation, ...operands: readonly Node[]): Node {
    return this.#plain(`${this.type}.${operation}`, ...operands);
  }

  #plain(instruction: Instruction, ...operands: readonly Node[]): Node {
    return this.#graph.node({ kind: "instruction", instruction }, operands);
  }

  #shift(instruction: Instruction, x: Node, amount: number): Node {
    return this.#graph.node({ kind: "shift", instruction, amount }, [x]);
  }
}

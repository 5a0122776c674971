/** Arithmetic on integers that floating-point arithmetic does not tell: division, bits. */

import { InputError } from "../../errors.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand } from "../../program/program.ts";
import { type DType, isFloating, sizeOf, type Tensor } from "../../program/type.ts";
import { constantOperand } from "./constants.ts";
import { type ControlRule, type Rule, Unsupported, type Use } from "./rule.ts";

/** The rows, by the name that JAX prints. */
export const integerRules: readonly (readonly [string, ControlRule])[] = [
  ["div", divide],
  ["and", bitwise("and", (x, y) => x & y)],
  ["or", bitwise("or", (x, y) => x | y)],
  ["xor", bitwise("ne", (x, y) => x ^ y)],
  ["not", bitwise("not", (x) => ~x)],
  ["shift_left", bitwise(undefined, (x, y) => x << y)],
  ["shift_right_logical", bitwise(undefined, (x, y) => x >> y)],
  ["shift_right_arithmetic", bitwise(undefined, (x, y) => x >> y)],
];

/** Integers are divided as reals, and the quotient loses its fraction. */
function divide(use: Use): readonly Operand[] {
  const dtype = use.types.map((type) => type.dtype).find((type) => type !== "bool");
  if (dtype === undefined || isFloating(dtype)) return [use.emit("div", use.operands)];
  const reals = use.operands.map((operand) => use.emit("convert", [operand], { dtype: "float64" }));
  return [use.emit("convert", [use.emit("div", reals)], { dtype })];
}

/** A logical operation on bools; on integers it means the bits, which only constants have. */
function bitwise(logical: PrimitiveName | undefined, bits: (x: bigint, y: bigint) => bigint): Rule {
  return (use) => {
    if (logical !== undefined && use.types.every(({ dtype }) => dtype === "bool"))
      return [use.emit(logical, use.operands)];
    const known = use.operands.map((operand) => use.constant(operand));
    const [x, y = x] = known;
    const dtype = use.types[0]?.dtype;
    if (x === undefined || y === undefined || dtype === undefined || known.includes(undefined))
      throw new Unsupported("on integers that depend on the inputs");
    return [constantOperand(use, ...elementwise(x, y, dtype, bits), dtype)];
  };
}

function elementwise(
  x: Tensor,
  y: Tensor,
  dtype: DType,
  bits: (x: bigint, y: bigint) => bigint,
): [readonly number[], Float64Array] {
  const { shape } = x.shape.length >= y.shape.length ? x : y;
  const size = sizeOf(shape);
  if ([x, y].some(({ data }) => data.length !== size && data.length !== 1))
    throw new InputError("the shapes differ");
  const at = ({ data }: Tensor, index: number) => BigInt(data[data.length === 1 ? 0 : index] ?? 0);
  const width = Number(/\d+$/.exec(dtype)?.[0] ?? 1);
  const wrap = dtype.startsWith("int") ? BigInt.asIntN : BigInt.asUintN;
  const data = Array.from({ length: size }, (_, index) =>
    Number(wrap(width, bits(at(x, index), at(y, index)))),
  );
  return [shape, Float64Array.from(data)];
}

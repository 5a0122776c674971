/** Arithmetic on integers that floating-point arithmetic does not tell: division, bits. Of the bits of a float the sign is known, or all of a constant. */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand } from "../../program/program.ts";
import { type DType, isFloating, sizeOf, type Tensor } from "../../program/type.ts";
import { constantOperand } from "./constants.ts";
import { dtypeOf } from "./parameters.ts";
import { type ControlRule, type Rule, Unsupported, type Use } from "./rule.ts";

/** The rows, by the name that JAX prints. */
export const integerRules: readonly (readonly [string, ControlRule])[] = [
  ["div", divide],
  ["and", bitwise("and", (x, y) => x & y)],
  ["or", bitwise("or", (x, y) => x | y)],
  ["xor", bitwise("ne", (x, y) => x ^ y)],
  ["not", bitwise("not", (x) => ~x)],
  ["shift_left", bitwise(undefined, (x, y) => x << y)],
  ["shift_right_logical", (use) => signOfBits(use, 1) ?? shiftLogically(use)],
  ["shift_right_arithmetic", (use) => signOfBits(use, -1) ?? shiftArithmetically(use)],
  ["bitcast_convert_type", bitcast],
];

const shiftArithmetically = bitwise(undefined, (x, y) => x >> y);

/** Zeros come in from the left, whatever the sign. */
function shiftLogically(use: Use): readonly Operand[] {
  const width = widthOf(use.types[0]?.dtype ?? "int32");
  return bitwise(undefined, (x, y) => BigInt.asUintN(width, x) >> y)(use);
}

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

/** Bits of a dtype. */
function widthOf(dtype: DType): number {
  return Number(/\d+$/.exec(dtype)?.[0] ?? 1);
}

/** The bits of constants as numbers of another dtype. Those of other floats have no value; a variable stands for them. */
function bitcast(use: Use): readonly Operand[] {
  const [x] = use.operands;
  const [from, to] = [use.types[0], use.results[0] ?? { dtype: dtypeOf(use.parameters.get("new_dtype")) }];
  if (x === undefined || from === undefined || to.dtype === undefined)
    throw new InputError("expected an operand and a dtype");
  if (widthOf(from.dtype) !== widthOf(to.dtype)) throw new Unsupported("to another width");
  const known = use.constant(x);
  if (known !== undefined) {
    const data = Float64Array.from(known.data, reinterpreted(from.dtype, to.dtype));
    return [constantOperand(use, known.shape, data, to.dtype)];
  }
  if (isFloating(from.dtype) === isFloating(to.dtype) && !isFloating(to.dtype))
    return [use.emit("convert", [x], { dtype: to.dtype })];
  if (!isFloating(from.dtype)) throw new Unsupported("on integers that depend on the inputs");
  const bits = use.emit("convert", [x], { dtype: to.dtype });
  if (bits.kind === "variable") use.bits.set(bits.variable, x);
  return [bits];
}

/** A function from a number of one dtype to that of another with the same bits. */
function reinterpreted(from: DType, to: DType): (value: number) => number {
  const view = new DataView(new ArrayBuffer(8));
  return (value) => {
    const bits = bitsOf(view, from, value);
    if (to === "float64") {
      view.setBigInt64(0, bits);
      return view.getFloat64(0);
    }
    if (to === "float32") {
      view.setInt32(0, Number(BigInt.asIntN(32, bits)));
      return view.getFloat32(0);
    }
    if (isFloating(to)) throw new Unsupported(`to ${to}`);
    return Number((to.startsWith("int") ? BigInt.asIntN : BigInt.asUintN)(widthOf(to), bits));
  };
}

function bitsOf(view: DataView, dtype: DType, value: number): bigint {
  if (dtype === "float64") {
    view.setFloat64(0, value);
    return view.getBigInt64(0);
  }
  if (dtype === "float32") {
    view.setFloat32(0, value);
    return BigInt(view.getInt32(0));
  }
  if (isFloating(dtype)) throw new Unsupported(`of ${dtype}`);
  return BigInt(value);
}

/** What is left of the bits of a float when all but the first are shifted out: 0, or `negative` if the sign is. Undefined for any other use. */
function signOfBits(use: Use, negative: 1 | -1): readonly Operand[] | undefined {
  const [bits, shift] = use.operands;
  const x = bits?.kind === "variable" ? use.bits.get(bits.variable) : undefined;
  if (bits === undefined || x === undefined) return undefined;
  const { dtype } = use.typeOf(bits);
  const places = shift && use.constant(shift)?.data;
  if (places === undefined || places.some((count) => count !== widthOf(dtype) - 1))
    throw new Unsupported("on the bits of numbers that depend on the inputs");
  const zero = literal(0, use.typeOf(x).dtype);
  const inverse = use.emit("div", [literal(1, zero.dtype), x]);
  const isNegativeZero = use.emit("and", [use.emit("eq", [x, zero]), use.emit("lt", [inverse, zero])]);
  const isNegative = use.emit("or", [use.emit("lt", [x, zero]), isNegativeZero]);
  return [use.emit("select", [isNegative, literal(0, dtype), literal(negative, dtype)])];
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
  const width = widthOf(dtype);
  const wrap = dtype.startsWith("int") ? BigInt.asIntN : BigInt.asUintN;
  const data = Array.from({ length: size }, (_, index) =>
    Number(wrap(width, bits(at(x, index), at(y, index)))),
  );
  return [shape, Float64Array.from(data)];
}

/**
 * JAX's primitives, each told by ours: a row per name. A primitive that JAX prints and that has no row here is not supported.
 *
 * A row should emit exactly one equation, so that equation numbers are those of the printed jaxpr; the exception (dot_general that also
 * loses dims) says so. What a row cannot do yet for some shapes it throws as `Unsupported`.
 */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { Emitter } from "../../program/primitive.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand } from "../../program/program.ts";
import { DTYPES, type DType, isFloating, sameShape, sizeOf, type TensorType } from "../../program/type.ts";
import type { ParameterValue } from "./tree.ts";

/** One use of a JAX primitive, as a row of the table sees it. */
export interface Use {
  readonly operands: readonly Operand[];
  /** The types of the operands. */
  readonly types: readonly TensorType[];
  /** The printed types of the results; undefined where none is printed. */
  readonly results: readonly (TensorType | undefined)[];
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  readonly emit: Emitter["emit"];
}

/**
 * Emits the equations for one use and returns one operand per result.
 * Throws `Unsupported` for what we lack, an `InputError` for parameters that make no sense.
 */
export type Rule = (use: Use) => readonly Operand[];

/** A use of a known primitive that is not supported yet. The message says which uses: "on arrays of several elements". */
export class Unsupported extends Error {}

const SEVERAL_ELEMENTS = "on arrays of several elements";

/** Primitives that call a jaxpr, which is put in their place, and the parameters that may hold it. */
export const CALLS: ReadonlySet<string> = new Set(
  [
    "jit pjit xla_call core_call closed_call core_closed_call call named_call",
    "remat remat2 remat_call checkpoint",
    "custom_jvp_call custom_jvp_call_jaxpr custom_vjp_call custom_vjp_call_jaxpr",
  ].flatMap((names) => names.split(" ")),
);
export const CALLED_JAXPR: readonly string[] = ["jaxpr", "call_jaxpr", "fun_jaxpr"];

/** The same primitive under our name. */
const same =
  (primitive: PrimitiveName): Rule =>
  ({ operands, emit }) => [emit(primitive, operands)];

/** Every operand as it is: what only matters to JAX's compiler. */
const copies: Rule = ({ operands, emit }) => operands.map((operand) => emit("copy", [operand]));

/** A logical primitive, for bools alone: on integers JAX means the bits. */
const logical =
  (primitive: PrimitiveName): Rule =>
  (use) => {
    if (use.types.some(({ dtype }) => dtype !== "bool")) throw new Unsupported("on integers");
    return same(primitive)(use);
  };

/** A reduction over dims of extent 1: the same element. */
const reduction: Rule = (use) => [reshape(use, withoutUnitDims(use, "axes"))];

/** The position of the greatest or least element along dims of extent 1. */
const position: Rule = (use) => [zeros(use, withoutUnitDims(use, "axes"), "index_dtype")];

/** A running sum, product or such along a dim of extent 1. */
const cumulative: Rule = (use) => {
  if (extentAlong(use, "axis") !== 1) throw new Unsupported(SEVERAL_ELEMENTS);
  return copies(use);
};

/** All rows, by the name that JAX prints. */
export const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  // Arithmetic and functions, for arrays of any shape.
  ...(
    "add sub mul rem atan2 max min neg abs sign floor ceil exp exp2 expm1 log log1p sqrt rsqrt cbrt square sin cos tan asin acos atan " +
    "sinh cosh tanh asinh acosh atanh logistic erf erfc is_finite eq ne lt le gt ge clamp stop_gradient copy"
  )
    .split(" ")
    .map((name): [string, Rule] => [name, same(name as PrimitiveName)]),
  ["copy_p", same("copy")],
  ["add_any", same("add")],
  ["add_jaxvals", same("add")],
  ["and", logical("and")],
  ["or", logical("or")],
  ["not", logical("not")],
  ["xor", logical("ne")],
  [
    "div",
    (use) => {
      if (!use.types.some(({ dtype }) => isFloating(dtype))) throw new Unsupported("on integers");
      return same("div")(use);
    },
  ],
  [
    "pow",
    (use) => {
      const [base, exponent] = use.operands;
      if (base === undefined || exponent?.kind !== "literal" || isFloating(exponent.dtype))
        return same("pow")(use);
      return [use.emit("integer_pow", [base], { exponent: exponent.value })];
    },
  ],
  [
    "integer_pow",
    ({ operands, parameters, emit }) => [
      emit("integer_pow", operands, { exponent: integer(parameters, "y") }),
    ],
  ],
  [
    "round",
    (use) => {
      const method = use.parameters.get("rounding_method");
      const even =
        method?.kind === "number"
          ? method.value === 1
          : method?.kind === "name" && method.text.includes("EVEN");
      if (even) throw new Unsupported("to even");
      return same("round")(use);
    },
  ],
  [
    "select_n",
    (use) => {
      if (use.operands.length !== 3) throw new Unsupported(`among ${use.operands.length - 1} cases`);
      return same("select")(use);
    },
  ],
  // Before 2022: select(condition, whenTrue, whenFalse).
  [
    "select",
    ({ operands: [condition, whenTrue, whenFalse], emit }) => {
      if (condition === undefined || whenTrue === undefined || whenFalse === undefined)
        throw new InputError("expected 3 operands");
      return [emit("select", [condition, whenFalse, whenTrue])];
    },
  ],
  [
    "convert_element_type",
    (use) => {
      const parameter = use.parameters.get("new_dtype");
      const dtype = dtypeOf(parameter) ?? use.results[0]?.dtype;
      if (dtype === undefined)
        throw new Unsupported(parameter?.kind === "name" ? `to ${parameter.text}` : "without a dtype");
      return [use.emit("convert", use.operands, { dtype })];
    },
  ],
  // What only matters to JAX's compiler.
  ...["optimization_barrier", "sharding_constraint", "device_put", "name"].map((name): [string, Rule] => [
    name,
    copies,
  ]),
  // Structure.
  [
    "broadcast_in_dim",
    ({ operands, parameters, results, emit }) => {
      const shape = parameters.has("shape") ? integers(parameters, "shape") : results[0]?.shape;
      if (shape === undefined) throw new InputError("the shape of the result is not printed");
      const dimensions = integers(parameters, "broadcast_dimensions", []);
      if (dimensions.some((dim, index) => dim <= (dimensions[index - 1] ?? -1)))
        throw new InputError(`broadcast_dimensions (${dimensions.join(", ")}) do not increase`);
      return [emit("broadcast", operands, { shape, dimensions })];
    },
  ],
  [
    "reshape",
    (use) => {
      const dimensions = use.parameters.get("dimensions");
      if (dimensions?.kind === "sequence" && sizeOf(first(use.types).shape) !== 1)
        throw new Unsupported("with permuted dimensions");
      return [reshape(use, integers(use.parameters, "new_sizes"))];
    },
  ],
  ["squeeze", (use) => [reshape(use, withoutUnitDims(use, "dimensions"))]],
  [
    "expand_dims",
    (use) => {
      const inserted = integers(use.parameters, "dimensions");
      const rest = [...first(use.types).shape];
      const rank = rest.length + inserted.length;
      return [
        reshape(
          use,
          Array.from({ length: rank }, (_, dim) => (inserted.includes(dim) ? 1 : (rest.shift() ?? 1))),
        ),
      ];
    },
  ],
  [
    "transpose",
    (use) => {
      const { shape } = first(use.types);
      const permutation = integers(use.parameters, "permutation");
      if (permutation.length !== shape.length || new Set(permutation).size !== shape.length)
        throw new InputError(
          `permutation (${permutation.join(", ")}) is no permutation of the dims of [${shape.join(",")}]`,
        );
      const moved = permutation.map((dim) => extent(shape, dim));
      const wide = permutation.filter((dim) => shape[dim] !== 1);
      if (wide.some((dim, index) => dim < (wide[index - 1] ?? 0))) throw new Unsupported(SEVERAL_ELEMENTS);
      return [reshape(use, moved)];
    },
  ],
  ...["reduce_sum", "reduce_prod", "reduce_max", "reduce_min", "reduce_and", "reduce_or", "reduce_xor"].map(
    (name): [string, Rule] => [name, reduction],
  ),
  ["argmax", position],
  ["argmin", position],
  ...["cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"].map((name): [string, Rule] => [
    name,
    cumulative,
  ]),
  ["sort", (use) => (extentAlong(use, "dimension") === 1 ? copies(use) : unsupported(SEVERAL_ELEMENTS))],
  [
    "iota",
    (use) => {
      const shape = integers(use.parameters, "shape");
      return sizeOf(shape) === 1 ? [zeros(use, shape, "dtype")] : unsupported(SEVERAL_ELEMENTS);
    },
  ],
  [
    "slice",
    (use) => {
      const { shape } = first(use.types);
      const strides =
        use.parameters.get("strides")?.kind === "sequence" ? integers(use.parameters, "strides") : [];
      const whole =
        integers(use.parameters, "start_indices").every((start) => start === 0) &&
        sameShape(integers(use.parameters, "limit_indices"), shape) &&
        strides.every((stride, dim) => stride === 1 || shape[dim] === 1);
      return whole ? copies(use) : unsupported("of a part of an array");
    },
  ],
  [
    "dynamic_slice",
    (use) => {
      const whole = sameShape(integers(use.parameters, "slice_sizes"), first(use.types).shape);
      return whole ? [use.emit("copy", use.operands.slice(0, 1))] : unsupported(SEVERAL_ELEMENTS);
    },
  ],
  [
    "dynamic_update_slice",
    (use) => {
      const [operand, update] = use.types;
      const whole = operand !== undefined && update !== undefined && sameShape(operand.shape, update.shape);
      return whole ? [use.emit("copy", use.operands.slice(1, 2))] : unsupported(SEVERAL_ELEMENTS);
    },
  ],
  ["concatenate", (use) => (use.operands.length === 1 ? copies(use) : unsupported("of several operands"))],
  [
    "split",
    (use) => (integers(use.parameters, "sizes").length === 1 ? copies(use) : unsupported(SEVERAL_ELEMENTS)),
  ],
  [
    "stack",
    (use) => {
      const [axis, shape] = [integer(use.parameters, "axis"), first(use.types).shape];
      return use.operands.length === 1
        ? [reshape(use, shape.toSpliced(axis, 0, 1))]
        : unsupported("of several operands");
    },
  ],
  [
    "rev",
    (use) => {
      const { shape } = first(use.types);
      return integers(use.parameters, "dimensions").every((dim) => extent(shape, dim) === 1)
        ? copies(use)
        : unsupported(SEVERAL_ELEMENTS);
    },
  ],
  [
    "tile",
    (use) => {
      const repeats = integers(use.parameters, "reps");
      const once = repeats.length === first(use.types).shape.length && repeats.every((count) => count === 1);
      return once ? copies(use) : unsupported(SEVERAL_ELEMENTS);
    },
  ],
  [
    "pad",
    (use) => {
      const padding = sequence(use.parameters, "padding_config").map((dim) =>
        integerList(dim, "padding_config"),
      );
      const { shape } = first(use.types);
      const unpadded = padding.every(
        ([low, high, interior], dim) => low === 0 && high === 0 && (interior === 0 || shape[dim] === 1),
      );
      return unpadded ? [use.emit("copy", use.operands.slice(0, 1))] : unsupported(SEVERAL_ELEMENTS);
    },
  ],
  ["dot_general", dotGeneral],
]);

/** The product of one-element arrays: `mul`, and one equation more where the result has fewer or more dims than a product, or another dtype. */
function dotGeneral(use: Use): readonly Operand[] {
  const [left, right] = use.types;
  if (left === undefined || right === undefined) throw new InputError("expected 2 operands");
  const [contracted, batch] = sequence(use.parameters, "dimension_numbers");
  const pairs = (value: ParameterValue | undefined) =>
    integerList(listItem(value, 0), "dimension_numbers").length;
  if (sizeOf(left.shape) !== 1 || sizeOf(right.shape) !== 1) throw new Unsupported(SEVERAL_ELEMENTS);
  const rank = left.shape.length + right.shape.length - 2 * pairs(contracted) - pairs(batch);
  if (rank < 0) throw new InputError("dimension_numbers name more dims than the operands have");
  let product = use.emit("mul", use.operands);
  if (rank !== Math.max(left.shape.length, right.shape.length))
    product = use.emit("reshape", [product], { shape: new Array<number>(rank).fill(1) });
  const dtype = dtypeOf(use.parameters.get("preferred_element_type")) ?? left.dtype;
  return [dtype === left.dtype ? product : use.emit("convert", [product], { dtype })];
}

function unsupported(which: string): never {
  throw new Unsupported(which);
}

function reshape(use: Use, shape: readonly number[]): Operand {
  return use.emit("reshape", use.operands, { shape });
}

/** The constant 0 of a shape, with the dtype that a parameter names. */
function zeros(use: Use, shape: readonly number[], parameter: string): Operand {
  const dtype = dtypeOf(use.parameters.get(parameter)) ?? use.results[0]?.dtype ?? "int32";
  return use.emit("broadcast", [literal(0, dtype)], { shape, dimensions: [] });
}

/** The first operand's shape without the dims that a parameter names, all of extent 1. */
function withoutUnitDims(use: Use, parameter: string): readonly number[] {
  const { shape } = first(use.types);
  const dims = integers(use.parameters, parameter);
  if (new Set(dims).size !== dims.length)
    throw new InputError(`the parameter ${parameter} names a dim twice`);
  if (dims.some((dim) => extent(shape, dim) !== 1)) throw new Unsupported(SEVERAL_ELEMENTS);
  return shape.filter((_, dim) => !dims.includes(dim));
}

function extentAlong(use: Use, parameter: string): number {
  return extent(first(use.types).shape, integer(use.parameters, parameter));
}

function extent(shape: readonly number[], dim: number): number {
  const found = shape[dim];
  if (found === undefined) throw new InputError(`[${shape.join(",")}] has no dim ${dim}`);
  return found;
}

function first(types: readonly TensorType[]): TensorType {
  const [type] = types;
  if (type === undefined) throw new InputError("expected an operand");
  return type;
}

function integer(parameters: Use["parameters"], name: string): number {
  return integerOf(parameters.get(name), name);
}

function integerOf(value: ParameterValue | undefined, name: string): number {
  if (value?.kind !== "number" || !Number.isSafeInteger(value.value))
    throw new InputError(`the parameter ${name} must be an integer`);
  return value.value;
}

function integers(
  parameters: Use["parameters"],
  name: string,
  otherwise?: readonly number[],
): readonly number[] {
  const value = parameters.get(name);
  return value === undefined && otherwise !== undefined ? otherwise : integerList(value, name);
}

function integerList(value: ParameterValue | undefined, name: string): readonly number[] {
  if (value?.kind !== "sequence") throw new InputError(`the parameter ${name} must be a list of integers`);
  return value.items.map((item) => integerOf(item, name));
}

function sequence(parameters: Use["parameters"], name: string): readonly ParameterValue[] {
  const value = parameters.get(name);
  if (value?.kind !== "sequence") throw new InputError(`the parameter ${name} must be a list`);
  return value.items;
}

function listItem(value: ParameterValue | undefined, index: number): ParameterValue | undefined {
  return value?.kind === "sequence" ? value.items[index] : undefined;
}

function dtypeOf(value: ParameterValue | undefined): DType | undefined {
  return value?.kind === "name" || value?.kind === "string" ? dtypeNamed(value.text) : undefined;
}

const SHORT_DTYPES: ReadonlyMap<string, DType> = new Map<string, DType>([
  ["f16", "float16"],
  ["bf16", "bfloat16"],
  ["f32", "float32"],
  ["f64", "float64"],
  ...([8, 16, 32, 64] as const).flatMap((bits): [string, DType][] => [
    [`i${bits}`, `int${bits}`],
    [`u${bits}`, `uint${bits}`],
  ]),
  // The dtype of the tangents of integers, which hold no information.
  ["float0", "bool"],
]);

/** The dtype that JAX prints as `f32`, `float32` or `jnp.float32`; undefined if we have none such (complex64, key<fry>...). */
export function dtypeNamed(text: string): DType | undefined {
  const name = text.slice(text.lastIndexOf(".") + 1);
  return SHORT_DTYPES.get(name) ?? DTYPES.find((dtype) => dtype === name);
}

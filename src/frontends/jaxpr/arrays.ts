/** JAX's primitives on whole arrays: shapes, indexing, reductions, products. The second half of the table in `primitives.ts`. */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { Operand } from "../../program/program.ts";
import type { DType } from "../../program/type.ts";
import { lookupRules } from "./lookup.ts";
import { dtypeOf, extent, first, integer, integerList, integers, listItem, sequence } from "./parameters.ts";
import { type Rule, Unsupported, type Use } from "./rule.ts";
import type { ParameterValue } from "./tree.ts";

/** Every operand as it is. */
const copies: Rule = ({ operands, emit }) => operands.map((operand) => emit("copy", [operand]));

/** A reduction. */
const reduction =
  (primitive: "reduce_sum" | "reduce_prod" | "reduce_max" | "reduce_min"): Rule =>
  ({ operands, parameters, emit }) => [emit(primitive, operands, { axes: integers(parameters, "axes") })];

/** The position of the greatest or least element along a dim. */
const position =
  (primitive: "argmax" | "argmin"): Rule =>
  (use) => {
    const [axis = 0, ...more] = integers(use.parameters, "axes");
    if (more.length > 0) throw new Unsupported("along several dims");
    return [use.emit(primitive, use.operands, { axis, dtype: dtypeParameter(use, "index_dtype") })];
  };

/** A running sum, product or such. */
const cumulative =
  (primitive: "cumsum" | "cumprod" | "cummax" | "cummin" | "cumlogsumexp"): Rule =>
  (use) => {
    const axis = integer(use.parameters, "axis");
    const reverse = use.parameters.get("reverse");
    const direction = reverse?.kind === "name" && reverse.text === "True" ? "backward" : "forward";
    if (extent(first(use.types).shape, axis) === 1) return copies(use);
    return [use.emit(primitive, use.operands, { axis, direction })];
  };

/** The rows. */
export const arrayRules: readonly (readonly [string, Rule])[] = [
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
      const shape = integers(use.parameters, "new_sizes");
      if (use.parameters.get("dimensions")?.kind !== "sequence") return [reshape(use, shape)];
      const permutation = integers(use.parameters, "dimensions");
      return [use.emit("reshape", [use.emit("transpose", use.operands, { permutation })], { shape })];
    },
  ],
  [
    "squeeze",
    (use) => {
      const { shape } = first(use.types);
      const dims = integers(use.parameters, "dimensions");
      if (dims.some((dim) => extent(shape, dim) !== 1))
        throw new InputError(`dims (${dims.join(", ")}) of [${shape.join(",")}] are not all of extent 1`);
      return [reshape(use, withoutDims(shape, dims))];
    },
  ],
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
    ({ operands, parameters, emit }) => [
      emit("transpose", operands, { permutation: integers(parameters, "permutation") }),
    ],
  ],
  ["reduce_sum", reduction("reduce_sum")],
  ["reduce_prod", reduction("reduce_prod")],
  ["reduce_max", reduction("reduce_max")],
  ["reduce_min", reduction("reduce_min")],
  ["reduce_or", reduction("reduce_max")],
  ["reduce_and", reduction("reduce_min")],
  ["argmax", position("argmax")],
  ["argmin", position("argmin")],
  ["cumsum", cumulative("cumsum")],
  ["cumprod", cumulative("cumprod")],
  ["cummax", cumulative("cummax")],
  ["cummin", cumulative("cummin")],
  ["cumlogsumexp", cumulative("cumlogsumexp")],
  [
    "iota",
    (use) => {
      const { parameters, emit } = use;
      const shape = integers(parameters, "shape");
      const dtype = dtypeParameter(use, "dtype");
      if (shape.length === 0) return [emit("broadcast", [literal(0, dtype)], { shape, dimensions: [] })];
      return [emit("iota", [], { shape, dimension: integer(parameters, "dimension"), dtype })];
    },
  ],
  [
    "slice",
    (use) => {
      const { shape } = first(use.types);
      const { parameters, emit, operands } = use;
      const strides =
        parameters.get("strides")?.kind === "sequence" ? integers(parameters, "strides") : shape.map(() => 1);
      const [start, limit] = [integers(parameters, "start_indices"), integers(parameters, "limit_indices")];
      return [emit("slice", operands, { start, limit, strides })];
    },
  ],
  [
    "concatenate",
    (use) => {
      if (use.operands.length === 1) return copies(use);
      return [use.emit("concatenate", use.operands, { dimension: integer(use.parameters, "dimension") })];
    },
  ],
  [
    "split",
    (use) => {
      const { shape } = first(use.types);
      const sizes = integers(use.parameters, "sizes");
      const axis = integer(use.parameters, "axis");
      if (sizes.length === 1) return copies(use);
      if (sizes.reduce((sum, size) => sum + size, 0) !== extent(shape, axis))
        throw new InputError(`sizes (${sizes.join(", ")}) do not add up to ${extent(shape, axis)}`);
      let end = 0;
      return sizes.map((size) => {
        const from = end;
        end += size;
        const start = shape.map((_, dim) => (dim === axis ? from : 0));
        return use.emit("slice", use.operands, {
          start,
          limit: shape.with(axis, end),
          strides: shape.map(() => 1),
        });
      });
    },
  ],
  [
    "stack",
    (use) => {
      const axis = integer(use.parameters, "axis");
      const parts = use.operands.map((operand, index) =>
        use.emit("reshape", [operand], { shape: (use.types[index]?.shape ?? []).toSpliced(axis, 0, 1) }),
      );
      return parts.length === 1 ? parts : [use.emit("concatenate", parts, { dimension: axis })];
    },
  ],
  [
    "unstack",
    (use) => {
      const { shape } = first(use.types);
      const axis = integer(use.parameters, "axis");
      return Array.from({ length: extent(shape, axis) }, (_, index) => {
        const part = use.emit("slice", use.operands, {
          start: shape.map((_, dim) => (dim === axis ? index : 0)),
          limit: shape.with(axis, index + 1),
          strides: shape.map(() => 1),
        });
        return use.emit("reshape", [part], { shape: withoutDims(shape, [axis]) });
      });
    },
  ],
  [
    "zeros_like",
    (use) => {
      const { shape, dtype } = first(use.types);
      return [use.emit("broadcast", [literal(0, dtype)], { shape, dimensions: [] })];
    },
  ],
  ...["empty", "empty2"].map((name): [string, Rule] => [
    name,
    (use) => {
      const shape = integers(use.parameters, "shape", use.results[0]?.shape ?? []);
      const zero = literal(0, dtypeParameter(use, "dtype"));
      return [use.emit("broadcast", [zero], { shape, dimensions: [] })];
    },
  ]),
  [
    "rev",
    ({ operands, parameters, emit }) => [
      emit("rev", operands, { dimensions: integers(parameters, "dimensions") }),
    ],
  ],
  [
    "tile",
    (use) => {
      const { shape } = first(use.types);
      const repeats = integers(use.parameters, "reps");
      const rank = Math.max(shape.length, repeats.length);
      const aligned = (list: readonly number[]) => [
        ...new Array<number>(rank - list.length).fill(1),
        ...list,
      ];
      const [own, counts] = [aligned(shape), aligned(repeats)];
      const split = own.flatMap((size, dim) => [counts[dim] ?? 1, size]);
      const spread = use.emit("broadcast", [reshape(use, own)], {
        shape: split,
        dimensions: own.map((_, dim) => 2 * dim + 1),
      });
      return [use.emit("reshape", [spread], { shape: own.map((size, dim) => size * (counts[dim] ?? 1)) })];
    },
  ],
  [
    "pad",
    (use) => {
      const padding = sequence(use.parameters, "padding_config").map((dim) =>
        integerList(dim, "padding_config"),
      );
      const part = (index: number) => padding.map((dim) => dim[index] ?? 0);
      return [use.emit("pad", use.operands, { low: part(0), high: part(1), interior: part(2) })];
    },
  ],
  ...lookupRules,
  ["dot_general", dotGeneral],
];

/** One equation more where the result has another dtype than the left operand. */
function dotGeneral(use: Use): readonly Operand[] {
  const [left, right] = use.types;
  if (left === undefined || right === undefined) throw new InputError("expected 2 operands");
  const [contracted, batched] = sequence(use.parameters, "dimension_numbers");
  const pair = (value: ParameterValue | undefined): [readonly number[], readonly number[]] => [
    integerList(listItem(value, 0), "dimension_numbers"),
    integerList(listItem(value, 1), "dimension_numbers"),
  ];
  const product = use.emit("dot_general", use.operands, {
    contracting: pair(contracted),
    batch: pair(batched),
  });
  const dtype = dtypeOf(use.parameters.get("preferred_element_type")) ?? left.dtype;
  return [dtype === left.dtype ? product : use.emit("convert", [product], { dtype })];
}

function reshape(use: Use, shape: readonly number[]): Operand {
  return use.emit("reshape", use.operands, { shape });
}

/** The dtype that a parameter names, or the printed one of the result. */
function dtypeParameter(use: Use, parameter: string): DType {
  return dtypeOf(use.parameters.get(parameter)) ?? use.results[0]?.dtype ?? "int32";
}

function withoutDims(shape: readonly number[], dims: readonly number[]): number[] {
  return shape.filter((_, dim) => !dims.includes(dim));
}

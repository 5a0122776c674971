/**
 * Sorting: of constants at once, of values that depend on the inputs by a network of comparisons, which is the same for all inputs.
 *
 * The network is Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.2.2, Algorithm M). All exchanges of one of its stages are done together on the
 * whole array: each element meets its partner and becomes the lesser or the greater of the two.
 */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { Operand } from "../../program/program.ts";
import { sameShape, sizeOf, type Tensor } from "../../program/type.ts";
import { rowMajorStrides } from "../../structure/dense.ts";
import { constantOperand } from "./constants.ts";
import { extent, first, integer } from "./parameters.ts";
import { type Rule, Unsupported, type Use } from "./rule.ts";

/** Elements along the sorted dim, at most. */
const MAXIMAL_EXTENT = 256;

/** The rows, by the name that JAX prints. */
export const sortingRules: readonly (readonly [string, Rule])[] = [
  [
    "sort",
    (use) => {
      if (use.types.some(({ shape }) => !sameShape(shape, first(use.types).shape)))
        throw new InputError("the shapes differ");
      const axis = integer(use.parameters, "dimension");
      if (extent(first(use.types).shape, axis) < 2)
        return use.operands.map((operand) => use.emit("copy", [operand]));
      if (integer(use.parameters, "num_keys") !== 1) throw new Unsupported("by several keys");
      return sorted(use, axis);
    },
  ],
  ["top_k", topK],
];

/** The greatest elements along the last dim in falling order, and where they stand. */
function topK(use: Use): readonly Operand[] {
  const { shape } = first(use.types);
  const [array = literal(0)] = use.operands;
  const axis = shape.length - 1;
  const k = integer(use.parameters, "k");
  const along = use.parameters.get("axis");
  if (axis < 0 || (along?.kind === "number" && along.value !== axis))
    throw new Unsupported("along another dim than the last");
  const places = use.emit("iota", [], { shape, dimension: axis, dtype: use.results[1]?.dtype ?? "int32" });
  const operands = [array, places];
  const types = operands.map((operand) => use.typeOf(operand));
  return sorted({ ...use, operands, types }, axis).map((rising) => {
    const falling = use.emit("rev", [rising], { dimensions: [axis] });
    return use.emit("slice", [falling], {
      start: shape.map(() => 0),
      limit: shape.with(axis, k),
      strides: shape.map(() => 1),
    });
  });
}

/** All operands, moved so that the first one rises along a dim. */
function sorted(use: Use, axis: number): readonly Operand[] {
  const { shape } = first(use.types);
  const n = extent(shape, axis);
  const constants = use.operands.map((operand) => use.constant(operand));
  const known = constants.filter((tensor) => tensor !== undefined);
  if (known.length === constants.length) return sortedConstants(use, known, axis);
  if (n > MAXIMAL_EXTENT) throw new Unsupported(`of more than ${MAXIMAL_EXTENT} elements`);
  let arrays = use.operands;
  for (const pairs of mergeExchange(n)) arrays = exchanged(use, arrays, shape, axis, pairs);
  return arrays;
}

type Pairs = readonly (readonly [lower: number, upper: number])[];

/** The stages of the network: pairs that are put in order, lower index first, each index in at most one. */
function mergeExchange(n: number): Pairs[] {
  const stages: Pairs[] = [];
  const top = 2 ** (Math.ceil(Math.log2(n)) - 1);
  for (let p = top; p >= 1; p /= 2) {
    let [q, r, d] = [top, 0, p];
    for (;;) {
      const pairs: [number, number][] = [];
      for (let i = 0; i + d < n; i++) if ((i & p) === r) pairs.push([i, i + d]);
      stages.push(pairs);
      if (q === p) break;
      [d, q, r] = [q - p, q / 2, p];
    }
  }
  return stages;
}

/** All operands after a stage. Elements without a partner meet themselves. */
function exchanged(
  use: Use,
  arrays: readonly Operand[],
  shape: readonly number[],
  axis: number,
  pairs: Pairs,
): readonly Operand[] {
  const n = shape[axis] ?? 0;
  const partner = Array.from({ length: n }, (_, index) => index);
  for (const [lower, upper] of pairs) [partner[lower], partner[upper]] = [upper, lower];
  const row = rowMajorStrides(shape)[axis] ?? 1;
  const indices = Array.from({ length: sizeOf(shape) }, (_, position) => Math.floor(position / row) % n);
  const positions = indices.map((index, position) => position + ((partner[index] ?? index) - index) * row);
  const isUpper = use.emit("constant", [], {
    shape,
    values: indices.map((index) => ((partner[index] ?? index) < index ? 1 : 0)),
    dtype: "bool",
  });
  const met = arrays.map((array) => use.emit("gather", [array], { shape, positions }));
  const [key, other] = [arrays[0] ?? literal(0), met[0] ?? literal(0)];
  // Equal keys stay where they are, both of them.
  const moves = use.emit("select", [isUpper, use.emit("gt", [key, other]), use.emit("lt", [key, other])]);
  return arrays.map((array, index) => use.emit("select", [moves, array, met[index] ?? array]));
}

function sortedConstants(use: Use, tensors: readonly Tensor[], axis: number): readonly Operand[] {
  const [keys] = tensors;
  if (keys === undefined) throw new InputError("expected an operand");
  const n = keys.shape[axis] ?? 1;
  const row = rowMajorStrides(keys.shape)[axis] ?? 1;
  const order = new Int32Array(keys.data.length);
  for (let start = 0; start < order.length; start++) {
    if (Math.floor(start / row) % n !== 0) continue;
    const line = Array.from({ length: n }, (_, index) => start + index * row);
    line
      .toSorted((a, b) => (keys.data[a] ?? 0) - (keys.data[b] ?? 0))
      .forEach((from, index) => {
        order[start + index * row] = from;
      });
  }
  return tensors.map(({ shape, data }, index) =>
    constantOperand(
      use,
      shape,
      Float64Array.from(order, (from) => data[from] ?? NaN),
      use.types[index]?.dtype,
    ),
  );
}

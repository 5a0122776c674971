/** Primitives that run over whole dims: reductions, positions of extrema, running sums and such. */

import { InputError } from "../../errors.ts";
import { positions, rowMajorStrides } from "../../structure/dense.ts";
import { dim, renumbered, type Structure } from "../../structure/structure.ts";
import { DTYPE, NATURAL, NATURALS, oneOf } from "../parameters.ts";
import type { Emitter, LocalPartial, PartialsContext, Primitive } from "../primitive.ts";
import type { Operand } from "../program.ts";
import { type DType, sizeOf, type Tensor, type TensorType, typeText } from "../type.ts";
import { dimsOf, exactly, reshape, structuredPartial, transpose } from "./partial.ts";

/** Dims that a reduction runs over; the result lacks them. */
type Axes = {
  readonly axes: readonly number[];
};

/** The dim along which a position is looked for, and the integer type of the position. */
type PositionParameters = {
  readonly axis: number;
  readonly dtype: DType;
};

/** The dim that a cumulative primitive runs along, and from which end. */
type Run = {
  readonly axis: number;
  readonly direction: "forward" | "backward";
};

/** Parameters of the reductions. */
export interface ReductionParameters {
  reduce_sum: Axes;
  reduce_prod: Axes;
  reduce_max: Axes;
  reduce_min: Axes;
  argmax: PositionParameters;
  argmin: PositionParameters;
  cumsum: Run;
  cumprod: Run;
  cummax: Run;
  cummin: Run;
  cumlogsumexp: Run;
}

type Combine = (sum: number, element: number) => number;

/** A reduction: its unit, its operation and the terms of its partial. */
function reduction(
  unit: number,
  combine: Combine,
  partial: (context: PartialsContext<Axes>, x: Operand) => readonly LocalPartial[],
): Primitive<Axes> {
  return {
    parameters: { axes: NATURALS },
    typeOf(operands, { axes }) {
      const [{ shape, dtype }] = exactly(1, operands);
      if (new Set(axes).size !== axes.length || axes.some((axis) => axis >= shape.length))
        throw new InputError(`[${axes.join(",")}] are no dims of an array of shape [${shape.join(",")}]`);
      return { shape: withoutAxes(shape, axes), dtype };
    },
    evaluate(operands, { axes }, { shape }) {
      const [{ shape: from, data }] = exactly(1, operands);
      const rows = rowMajorStrides(from);
      const kept = from.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
      const along = (dims: readonly number[]) =>
        positions(
          dims.map((axis) => from[axis] ?? 1),
          dims.map((axis) => rows[axis] ?? 0),
        );
      const inner = along(axes);
      const result = Float64Array.from(along(kept), (start) => {
        let sum = unit;
        for (const step of inner) sum = combine(sum, data[start + step] ?? NaN);
        return sum;
      });
      return { shape, data: result };
    },
    partials: (context) => [partial(context, exactly(1, context.operands)[0])],
  };
}

function withoutAxes(shape: readonly number[], axes: readonly number[]): number[] {
  return shape.filter((_, axis) => !axes.includes(axis));
}

/** d result / d operand of a reduction, before it is normalised: label k is dim k of the operand. */
function reducedStructure(shape: readonly number[], axes: readonly number[]): Structure {
  const inner = dimsOf(
    shape,
    shape.map((_, axis) => axis),
  );
  return { out: inner.filter((_, axis) => !axes.includes(axis)), in: inner, extents: shape };
}

/** A partial of a reduction whose value has the operand's shape. */
function overOperand(
  emitter: Emitter,
  shape: readonly number[],
  axes: readonly number[],
  value: Operand,
): LocalPartial {
  return structuredPartial(
    emitter,
    reducedStructure(shape, axes),
    value,
    shape.map((_, axis) => axis),
  );
}

/** Equal shares for the elements that equal the extremum: JAX's convention, one-hot without ties. */
function shares(
  { emitter, parameters: { axes }, result }: PartialsContext<Axes>,
  x: Operand,
): readonly LocalPartial[] {
  const { shape } = emitter.typeOf(x);
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const spread = (reduced: Operand) => broadcast(emitter, reduced, shape, kept);
  const hits = indicator(emitter, emitter.emit("eq", [x, spread(result)]), x);
  const count = emitter.emit("reduce_sum", [hits], { axes });
  return [overOperand(emitter, shape, axes, emitter.emit("div", [hits, spread(count)]))];
}

/** The product of all other elements, without division, so that zeros do no harm. */
function otherProducts(
  { emitter, parameters: { axes } }: PartialsContext<Axes>,
  x: Operand,
): readonly LocalPartial[] {
  const { shape } = emitter.typeOf(x);
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const outer = sizeOf(kept.map((axis) => shape[axis] ?? 1));
  const count = sizeOf(axes.map((axis) => shape[axis] ?? 1));
  const order = [...kept, ...axes];
  const rows = reshape(emitter, transpose(emitter, x, order), [outer, count]);
  const all = broadcast(emitter, rows, [outer, count, count], [0, 2]);
  const others = choose(
    emitter,
    compare(emitter, "ne", count),
    all,
    literal(emitter, 1, x),
    [outer, count, count],
    [1, 2],
  );
  const products = reshape(
    emitter,
    emitter.emit("reduce_prod", [others], { axes: [2] }),
    order.map((axis) => shape[axis] ?? 1),
  );
  const back = order.map((_, axis) => order.indexOf(axis));
  return [overOperand(emitter, shape, axes, transpose(emitter, products, back))];
}

/** A primitive that finds the position of the first extremum along a dim; NaN counts as an extremum, as in JAX. */
function positionOf(better: (element: number, best: number) => boolean): Primitive<PositionParameters> {
  return {
    parameters: { axis: NATURAL, dtype: DTYPE },
    typeOf(operands, { axis, dtype }) {
      const [type] = exactly(1, operands);
      checkAxis(type, axis);
      if (type.shape[axis] === 0) throw new InputError(`${typeText(type)} has no elements along dim ${axis}`);
      return { shape: withoutAxes(type.shape, [axis]), dtype };
    },
    evaluate(operands, { axis }, { shape }) {
      const [x] = exactly(1, operands);
      const { starts, step, extent } = lines(x, axis);
      const data = starts.map((start) => {
        let best = 0;
        for (let index = 1; index < extent; index++) {
          const [element, leader] = [x.data[start + index * step] ?? NaN, x.data[start + best * step] ?? NaN];
          if (!Number.isNaN(leader) && (Number.isNaN(element) || better(element, leader))) best = index;
        }
        return best;
      });
      return { shape, data: Float64Array.from(data) };
    },
    partials: () => [[]],
  };
}

function checkAxis({ shape }: TensorType, axis: number): void {
  if (axis >= shape.length) throw new InputError(`an array of shape [${shape.join(",")}] has no dim ${axis}`);
}

/** Where the lines along a dim begin, and how they go on. */
function lines({ shape }: Tensor, axis: number): { starts: Int32Array; step: number; extent: number } {
  const rows = rowMajorStrides(shape);
  const others = shape.flatMap((_, dim) => (dim === axis ? [] : [dim]));
  const starts = positions(
    others.map((dim) => shape[dim] ?? 1),
    others.map((dim) => rows[dim] ?? 0),
  );
  return { starts, step: rows[axis] ?? 1, extent: shape[axis] ?? 1 };
}

/** What the rule for the values of a cumulative partial works with, all of shape [dims of the operand, n]: result index i along the axis, operand index j along the last dim. */
interface Pairs {
  readonly emitter: Emitter;
  readonly shape: readonly number[];
  readonly axis: number;
  /** Whether element j takes part in result i, as [n, n]. */
  readonly takesPart: Operand;
  /** Operand elements j and result elements i. */
  readonly element: Operand;
  readonly result: Operand;
}

/**
 * A cumulative primitive. Its partial is a triangle along the axis, which the structure of windows cannot tell from a square: the values
 * are [i, j] along the axis with zeros where j does not take part in i, and count as data; the other dims are Kronecker deltas.
 */
function cumulative(combine: Combine, values: (pairs: Pairs) => Operand): Primitive<Run> {
  return {
    parameters: { axis: NATURAL, direction: oneOf("forward", "backward") },
    typeOf(operands, { axis }) {
      const [type] = exactly(1, operands);
      checkAxis(type, axis);
      return type;
    },
    evaluate(operands, { axis, direction }, { shape }) {
      const [x] = exactly(1, operands);
      const data = x.data.slice();
      const { starts, step, extent } = lines(x, axis);
      for (const start of starts)
        for (let index = 1; index < extent; index++) {
          const at = start + step * (direction === "forward" ? index : extent - 1 - index);
          const before = direction === "forward" ? at - step : at + step;
          data[at] = combine(data[before] ?? NaN, data[at] ?? NaN);
        }
      return { shape, data };
    },
    partials(context) {
      const { emitter, operands, result, parameters } = context;
      const [x] = exactly(1, operands);
      const { shape: own } = emitter.typeOf(x);
      const { axis, direction } = parameters;
      const extent = own[axis] ?? 1;
      const shape = [...own, extent];
      const last = own.length;
      const value = values({
        emitter,
        shape,
        axis,
        takesPart: compare(emitter, direction === "forward" ? "ge" : "le", extent),
        element: broadcast(
          emitter,
          x,
          shape,
          own.map((_, dim) => (dim === axis ? last : dim)),
        ),
        result: broadcast(
          emitter,
          result,
          shape,
          own.map((_, dim) => dim),
        ),
      });
      const labels = shape.map((_, label) => label);
      const out = dimsOf(own, labels);
      const structure = { out, in: out.with(axis, dim(extent, 0, last)), extents: shape };
      const whole = emitter.typeOf(value).shape.length === 2 ? [axis, last] : labels;
      return [[structuredPartial(emitter, structure, value, whole)]];
    },
  };
}

/** 1 where a hit takes part, shared among equal hits. */
function running({ emitter, shape, axis, takesPart, element, result }: Pairs): Operand {
  const zero = literal(emitter, 0, element);
  const equal = indicator(emitter, emitter.emit("eq", [element, result]), element);
  const hits = choose(emitter, takesPart, equal, zero, shape, [axis, shape.length - 1]);
  const count = emitter.emit("reduce_sum", [hits], { axes: [shape.length - 1] });
  const spread = broadcast(
    emitter,
    count,
    shape,
    count.kind === "literal" ? [] : shape.slice(1).map((_, dim) => dim),
  );
  return emitter.emit("div", [hits, spread]);
}

/** The product of the other elements that take part, without division. */
function runningProducts({ emitter, shape, axis, takesPart, element }: Pairs): Operand {
  const n = shape[axis] ?? 1;
  const [j, k] = [shape.length - 1, shape.length];
  const cube = [...shape, n];
  const one = literal(emitter, 1, element);
  const factors = broadcast(
    emitter,
    element,
    cube,
    shape.map((_, dim) => (dim === j ? k : dim)),
  );
  const parts = choose(emitter, takesPart, factors, one, cube, [axis, k]);
  const others = choose(emitter, compare(emitter, "ne", n), parts, one, cube, [j, k]);
  const products = emitter.emit("reduce_prod", [others], { axes: [k] });
  return choose(emitter, takesPart, products, literal(emitter, 0, element), shape, [axis, j]);
}

/** The number as a literal of the operand's dtype. */
function literal(emitter: Emitter, value: number, like: Operand): Operand {
  return { kind: "literal", value, dtype: emitter.typeOf(like).dtype };
}

function broadcast(
  emitter: Emitter,
  value: Operand,
  shape: readonly number[],
  dimensions: readonly number[],
): Operand {
  return emitter.emit("broadcast", [value], {
    shape,
    dimensions: emitter.typeOf(value).shape.length === 0 ? [] : dimensions,
  });
}

/** 1 where the condition holds, else 0. */
function indicator(emitter: Emitter, condition: Operand, like: Operand): Operand {
  return emitter.emit("convert", [condition], { dtype: emitter.typeOf(like).dtype });
}

/** [i, j] within an n x n square: how i compares to j. */
function compare(emitter: Emitter, comparison: "ge" | "le" | "ne", n: number): Operand {
  const index = (dimension: number) => emitter.emit("iota", [], { shape: [n, n], dimension, dtype: "int32" });
  return emitter.emit(comparison, [index(0), index(1)]);
}

/** `value` where the square condition over two dims holds, `otherwise` elsewhere. */
function choose(
  emitter: Emitter,
  condition: Operand,
  value: Operand,
  otherwise: Operand,
  shape: readonly number[],
  dims: readonly number[],
): Operand {
  const whole = broadcast(emitter, condition, shape, dims);
  return emitter.emit("select", [whole, otherwise, value]);
}

/** log(exp(a) + exp(b)). */
function logAddExp(a: number, b: number): number {
  const [high, low] = [Math.max(a, b), Math.min(a, b)];
  return high === -Infinity || high === Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** The family, each primitive defined once. */
export const reductionPrimitives: {
  readonly [N in keyof ReductionParameters]: Primitive<ReductionParameters[N]>;
} = {
  reduce_sum: reduction(
    0,
    (sum, element) => sum + element,
    ({ emitter, parameters: { axes } }, x) => {
      const { shape } = emitter.typeOf(x);
      const { structure, labels } = renumbered(reducedStructure(shape, axes));
      const counted = axes.map((axis) => labels[axis] ?? null).filter((label) => label !== null);
      return [{ structure, counted: counted.sort((a, b) => a - b), value: literal(emitter, 1, x) }];
    },
  ),
  reduce_prod: reduction(1, (product, element) => product * element, otherProducts),
  reduce_max: reduction(-Infinity, Math.max, shares),
  reduce_min: reduction(Infinity, Math.min, shares),
  argmax: positionOf((element, best) => element > best),
  argmin: positionOf((element, best) => element < best),
  cumsum: cumulative(
    (sum, element) => sum + element,
    ({ emitter, takesPart, element }) => indicator(emitter, takesPart, element),
  ),
  cumprod: cumulative((product, element) => product * element, runningProducts),
  cummax: cumulative(Math.max, running),
  cummin: cumulative(Math.min, running),
  cumlogsumexp: cumulative(logAddExp, ({ emitter, shape, axis, takesPart, element, result }) => {
    const difference = emitter.emit("sub", [element, result]);
    const own = choose(emitter, takesPart, difference, literal(emitter, -Infinity, element), shape, [
      axis,
      shape.length - 1,
    ]);
    return emitter.emit("exp", [own]);
  }),
};

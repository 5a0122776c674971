/**
 * Array equations as loops over scalar operations: what each primitive does, element by element.
 *
 * An equation is a few *nests*, one after the other. A nest runs over a box of indices and stores one element of the result for each; which elements it
 * reads and writes are affine functions of the indices, or given by a table. This one lowering is unrolled by `scalarise` and printed as loops by kernels.
 * The order in which elements are summed is that of the reference evaluation.
 */

import { affinePositions, rowMajorStrides } from "../structure/dense.ts";
import type { Emitter } from "./primitive.ts";
import { type ContractionParameters, extentsOfLabels, labelsOfDims } from "./primitives/contraction.ts";
import type { ElementwiseParameters } from "./primitives/elementwise.ts";
import type { PrimitiveName, PrimitiveParameters } from "./primitives/index.ts";
import { rearrangeStructure } from "./primitives/indexing.ts";
import { type Equation, type Literal, type Operand, operandType, type Program } from "./program.ts";
import { type DType, sizeOf } from "./type.ts";

type Shape = readonly number[];

/** A position in row-major data for every index of a nest: base + sum of strides[l] * index[l], or what the table holds there. */
export interface Access {
  readonly base: number;
  readonly strides: readonly number[];
  readonly table?: readonly number[];
}

/** What a body reads: an element of a value, an element of the result as it is so far, a literal, an element of a constant array, or the index of a loop. */
export type Source =
  | { readonly kind: "element"; readonly variable: number; readonly access: Access }
  | { readonly kind: "result"; readonly access: Access }
  | { readonly kind: "literal"; readonly literal: Literal }
  | {
      readonly kind: "constant";
      readonly values: readonly number[];
      readonly dtype: DType;
      readonly access: Access;
    }
  | { readonly kind: "index"; readonly loop: number };

/** A scalar computation: emits equations of scalars and hands back what it computes. */
export type Body = (emitter: Emitter, values: readonly Operand[]) => readonly Operand[];

/** How the terms of a sum, or another reduction, are put together. */
export interface Fold {
  /** What the accumulators hold before the first term; putting the first term to them gives that term. */
  readonly units: readonly Literal[];
  /** The accumulators with one more term put to them: as many as there are units. */
  readonly combine: (
    emitter: Emitter,
    sofar: readonly Operand[],
    term: readonly Operand[],
  ) => readonly Operand[];
}

export interface Nest {
  /** Extent of each loop, outermost first. */
  readonly extents: Shape;
  /** Where in the result the value goes. */
  readonly target: Access;
  readonly sources: readonly Source[];
  /** From the values of the sources to the value that is stored, or to the term of the fold. */
  readonly body: Body;
  /** If there is one, the terms along the loops that do not move the target are folded in order, and the first accumulator is stored. */
  readonly fold: Fold | null;
}

/** What a rule knows of its equation. */
interface Context<Parameters> {
  readonly primitive: PrimitiveName;
  readonly parameters: Parameters;
  readonly operands: readonly Operand[];
  /** Of the operands. */
  readonly shapes: readonly Shape[];
  /** Of the result. */
  readonly shape: Shape;
  readonly dtype: DType;
}

type Rule<Parameters> = (context: Context<Parameters>) => readonly Nest[];

/** The nests of an equation of a program. */
export function nestsOf(
  program: Pick<Program, "name" | "inputs" | "equations" | "outputs">,
  equation: Equation,
): readonly Nest[] {
  const { primitive, parameters, operands, type } = equation;
  // The union of equations pairs each primitive with its own parameters; TypeScript cannot follow that through the table.
  const rule = ((RULES as Partial<Record<PrimitiveName, unknown>>)[primitive] ??
    elementwise) as Rule<unknown>;
  return rule({
    primitive,
    parameters,
    operands,
    shapes: operands.map((operand) => operandType(program, operand).shape),
    shape: type.shape,
    dtype: type.dtype,
  });
}

/** A body that hands back its only value. */
export const IDENTITY: Body = (_, values) => values;

/** Whether a nest moves elements and computes nothing. */
export function isCopy({ body, fold }: Nest): boolean {
  return body === IDENTITY && fold === null;
}

/** The access that walks through a whole array. */
export function wholeAccess(shape: Shape): Access {
  return { base: 0, strides: rowMajorStrides(shape) };
}

function number(value: number, dtype: DType): Literal {
  return { kind: "literal", value, dtype };
}

function source(operand: Operand | undefined, access: Access): Source {
  if (operand === undefined) throw new RangeError("an operand is missing");
  if (operand.kind === "literal") return { kind: "literal", literal: operand };
  return { kind: "element", variable: operand.variable, access };
}

/** Stores `body` of the sources at every element of an array of a shape. */
function map(shape: Shape, sources: readonly Source[], body: Body): Nest {
  return { extents: shape, target: wholeAccess(shape), sources, body, fold: null };
}

/** Copies elements over a box of indices. */
function copy(extents: Shape, target: Access, from: Source): Nest {
  return { extents, target, sources: [from], body: IDENTITY, fold: null };
}

function fill(shape: Shape, from: Source): Nest {
  return copy([sizeOf(shape)], { base: 0, strides: [1] }, from);
}

function zeros({ shape, dtype }: Context<unknown>): Nest {
  return fill(shape, { kind: "literal", literal: number(0, dtype) });
}

/** An operand of one shape as seen from a larger one: its dim d is dim `dimensions[d]` there, extents of 1 are repeated. */
function broadcastAccess(own: Shape, rank: number, dimensions: Shape): Access {
  const rows = rowMajorStrides(own);
  const strides = new Array<number>(rank).fill(0);
  own.forEach((extent, axis) => {
    if (extent !== 1) strides[dimensions[axis] ?? 0] = rows[axis] ?? 0;
  });
  return { base: 0, strides };
}

/** Emits one scalar equation of a primitive. */
function call({ primitive, parameters }: Context<unknown>): Body {
  return (emitter, values) => [(emitter as LooseEmitter).emit(primitive, values, parameters)];
}

/** An emitter whose parameters are not paired with their primitive in the eyes of TypeScript. */
interface LooseEmitter {
  emit(primitive: PrimitiveName, operands: readonly Operand[], parameters: unknown): Operand;
}

/** The primitive applied at every index, operands broadcast as in NumPy. */
function elementwise(context: Context<unknown>): readonly Nest[] {
  const { operands, shapes, shape } = context;
  const sources = operands.map((operand, position) => {
    const own = shapes[position] ?? [];
    const dimensions = own.map((_, axis) => shape.length - own.length + axis);
    return source(operand, broadcastAccess(own, shape.length, dimensions));
  });
  return [map(shape, sources, call(context))];
}

/** The same elements in the same order. */
function same({ operands: [operand], shape }: Context<unknown>): readonly Nest[] {
  const flat = { base: 0, strides: [1] };
  return [copy([sizeOf(shape)], flat, source(operand, flat))];
}

/** A movement whose operand position is base + sum of strides * result index. */
function view({ operands: [operand], shape }: Context<unknown>, access: Access): readonly Nest[] {
  return [copy(shape, wholeAccess(shape), source(operand, access))];
}

function dot(
  left: Operand | undefined,
  right: Operand | undefined,
  { shapes, dtype }: Context<unknown>,
  labels: ContractionParameters["contract"],
): readonly Nest[] {
  const [leftShape = [], rightShape = []] = shapes;
  const extents = extentsOfLabels(labels, leftShape, rightShape);
  const loops = [...extents.keys()];
  const along = (own: Shape, shape: Shape): Access => {
    const rows = rowMajorStrides(shape);
    return { base: 0, strides: loops.map((label) => rows[own.indexOf(label)] ?? 0) };
  };
  const shape = labels.result.map((label) => extents.get(label) ?? 1);
  return [
    {
      extents: [...extents.values()],
      target: along(labels.result, shape),
      sources: [source(left, along(labels.left, leftShape)), source(right, along(labels.right, rightShape))],
      body: (emitter, values) => [emitter.emit("mul", values)],
      fold: foldOf("add", 0, dtype),
    },
  ];
}

function foldOf(primitive: "add" | "mul" | "max" | "min", unit: number, dtype: DType): Fold {
  return {
    units: [number(unit, dtype)],
    combine: (emitter, [sofar], [term]) => [emitter.emit(primitive, [present(sofar), present(term)])],
  };
}

function present(operand: Operand | undefined): Operand {
  if (operand === undefined) throw new RangeError("an operand is missing");
  return operand;
}

/** Loops over the dims that remain, then over those that a reduction runs along. */
function reduction(
  { operands: [operand], shapes: [from = []] }: Context<unknown>,
  axes: Shape,
  body: Body,
  fold: Fold,
): readonly Nest[] {
  const rows = rowMajorStrides(from);
  const kept = from.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const order = [...kept, ...axes];
  const target = rowMajorStrides(kept.map((axis) => from[axis] ?? 1));
  return [
    {
      extents: order.map((axis) => from[axis] ?? 1),
      target: { base: 0, strides: order.map((_, loop) => (loop < kept.length ? (target[loop] ?? 0) : 0)) },
      sources: [
        source(operand, { base: 0, strides: order.map((axis) => rows[axis] ?? 0) }),
        // The last loop is the only one that a position counts.
        ...(axes.length === 1 ? [{ kind: "index", loop: kept.length } as const] : []),
      ],
      body,
      fold,
    },
  ];
}

function reduce(primitive: "add" | "mul" | "max" | "min", unit: number): Rule<{ readonly axes: Shape }> {
  return (context) =>
    reduction(
      context,
      context.parameters.axes,
      (_, [element]) => [present(element)],
      foldOf(primitive, unit, context.dtype),
    );
}

/** The position of the first extremum; NaN counts as one. The accumulators are the position and the leading element. */
function position(better: "gt" | "lt", unit: number): Rule<{ readonly axis: number }> {
  return (context) =>
    reduction(
      context,
      [context.parameters.axis],
      (_, [element, index]) => [present(index), present(element)],
      {
        units: [number(0, context.dtype), number(unit, "float64")],
        combine(emitter, [first, leader], [index, element]) {
          const [x, best] = [present(element), present(leader)];
          const ordered = emitter.emit("eq", [best, best]);
          const ahead = emitter.emit("or", [emitter.emit("ne", [x, x]), emitter.emit(better, [x, best])]);
          const wins = emitter.emit("and", [ordered, ahead]);
          return [
            emitter.emit("select", [wins, present(first), present(index)]),
            emitter.emit("select", [wins, best, x]),
          ];
        },
      },
    );
}

type Pair = (emitter: Emitter, before: Operand, element: Operand) => Operand;

/** A copy of the operand in which every element is then put together with the one before it along the axis. */
function cumulative(
  combine: Pair,
): Rule<{ readonly axis: number; readonly direction: "forward" | "backward" }> {
  return (context) => {
    const { shape, parameters } = context;
    const { axis, direction } = parameters;
    const [rows, extent] = [rowMajorStrides(shape), shape[axis] ?? 1];
    if (extent < 2) return same(context);
    const step = (direction === "forward" ? 1 : -1) * (rows[axis] ?? 1);
    const start = direction === "forward" ? 0 : (extent - 1) * (rows[axis] ?? 1);
    const strides = rows.with(axis, step);
    const target = { base: start + step, strides };
    return [
      ...same(context),
      {
        extents: shape.with(axis, extent - 1),
        target,
        sources: [
          { kind: "result", access: { base: start, strides } },
          { kind: "result", access: target },
        ],
        body: (emitter, [before, element]) => [combine(emitter, present(before), present(element))],
        fold: null,
      },
    ];
  };
}

/** log(exp(a) + exp(b)) by the larger of the two, as the reference computes it. */
const logAddExp: Pair = (emitter, a, b) => {
  const high = emitter.emit("max", [a, b]);
  const ratio = emitter.emit("exp", [emitter.emit("sub", [emitter.emit("min", [a, b]), high])]);
  const finite = emitter.emit("is_finite", [high]);
  return emitter.emit("select", [finite, high, emitter.emit("add", [high, emitter.emit("log1p", [ratio])])]);
};

/** The elements of the second operand at positions of the result; -1 drops one. */
function scattered({ operands: [, update] }: Context<unknown>, positions: Shape, body: Body | null): Nest {
  const kept = positions.flatMap((target, from) => (target < 0 ? [] : [{ target, from }]));
  const target = { base: 0, strides: [1], table: kept.map((entry) => entry.target) };
  const from = source(update, { base: 0, strides: [1], table: kept.map((entry) => entry.from) });
  if (body === null) return copy([kept.length], target, from);
  return {
    extents: [kept.length],
    target,
    sources: [{ kind: "result", access: target }, from],
    body,
    fold: null,
  };
}

/** What each primitive that is not elementwise does; one that is missing does not compile. */
const RULES: {
  readonly [Name in Exclude<PrimitiveName, keyof ElementwiseParameters | "stop_gradient" | "convert">]: Rule<
    PrimitiveParameters[Name]
  >;
} = {
  copy: same,
  reshape: same,
  broadcast: (context) =>
    view(
      context,
      broadcastAccess(context.shapes[0] ?? [], context.shape.length, context.parameters.dimensions),
    ),
  transpose(context) {
    const rows = rowMajorStrides(context.shapes[0] ?? []);
    return view(context, { base: 0, strides: context.parameters.permutation.map((axis) => rows[axis] ?? 0) });
  },
  slice(context) {
    const { start, strides } = context.parameters;
    const rows = rowMajorStrides(context.shapes[0] ?? []);
    return view(context, {
      base: rows.reduce((sum, row, axis) => sum + row * (start[axis] ?? 0), 0),
      strides: rows.map((row, axis) => row * (strides[axis] ?? 1)),
    });
  },
  rev(context) {
    const { shape, parameters } = context;
    const rows = rowMajorStrides(shape);
    const turned = (axis: number) => parameters.dimensions.includes(axis);
    return view(context, {
      base: rows.reduce((sum, row, axis) => sum + (turned(axis) ? row * ((shape[axis] ?? 1) - 1) : 0), 0),
      strides: rows.map((row, axis) => (turned(axis) ? -row : row)),
    });
  },
  concatenate({ operands, shapes, shape, parameters: { dimension } }) {
    const rows = rowMajorStrides(shape);
    let start = 0;
    return operands.map((operand, index) => {
      const own = shapes[index] ?? [];
      const target = { base: start * (rows[dimension] ?? 1), strides: rows };
      start += own[dimension] ?? 0;
      return copy(own, target, source(operand, wholeAccess(own)));
    });
  },
  pad({ operands: [operand, filling], shapes: [own = []], shape, parameters: { low, interior } }) {
    const [rows, ownRows] = [rowMajorStrides(shape), rowMajorStrides(own)];
    // Element i along an axis goes to low + i * step: those from `first` to `last` stay inside.
    const ranges = own.map((extent, axis) => {
      const [begin, step] = [low[axis] ?? 0, (interior[axis] ?? 0) + 1];
      const first = Math.max(0, Math.ceil(-begin / step));
      const last = Math.min(extent - 1, Math.floor(((shape[axis] ?? 1) - 1 - begin) / step));
      return { begin: begin + first * step, step, first, count: Math.max(0, last - first + 1) };
    });
    const base = (rows: Shape, index: (range: (typeof ranges)[number]) => number) =>
      ranges.reduce((sum, range, axis) => sum + (rows[axis] ?? 0) * index(range), 0);
    return [
      fill(shape, source(filling, { base: 0, strides: [0] })),
      copy(
        ranges.map(({ count }) => count),
        {
          base: base(rows, ({ begin }) => begin),
          strides: ranges.map(({ step }, axis) => step * (rows[axis] ?? 0)),
        },
        source(operand, { base: base(ownRows, ({ first }) => first), strides: ownRows }),
      ),
    ];
  },
  gather(context) {
    const { positions } = context.parameters;
    const [operand] = context.operands;
    const flat = { base: 0, strides: [1] };
    if (!positions.includes(-1))
      return [copy([positions.length], flat, source(operand, { ...flat, table: positions }))];
    const kept = positions.flatMap((from, target) => (from < 0 ? [] : [{ from, target }]));
    const target = { ...flat, table: kept.map((entry) => entry.target) };
    const from = source(operand, { ...flat, table: kept.map((entry) => entry.from) });
    return [zeros(context), copy([kept.length], target, from)];
  },
  scatter: (context) => [...same(context), scattered(context, context.parameters.positions, null)],
  scatter_add: (context) => [
    ...same(context),
    scattered(context, context.parameters.positions, (emitter, values) => [emitter.emit("add", values)]),
  ],
  iota: ({ parameters: { shape, dimension } }) => [
    map(shape, [{ kind: "index", loop: dimension }], IDENTITY),
  ],
  constant({ parameters: { values, dtype } }) {
    const flat = { base: 0, strides: [1] };
    return [copy([values.length], flat, { kind: "constant", values, dtype, access: flat })];
  },
  rearrange(context) {
    const { operands, shapes, shape, dtype, parameters } = context;
    const { out, in: inner, extents } = rearrangeStructure(parameters, shapes[0] ?? []);
    const target = affinePositions(out, extents);
    const summed = extents.some((_, label) => out.every((own) => own.label !== label));
    const kept = extents.filter((_, label) => out.some((own) => own.label === label));
    const nest = {
      extents,
      target,
      sources: [source(operands[0], affinePositions(inner, extents))],
      body: IDENTITY,
      fold: summed ? foldOf("add", 0, dtype) : null,
    };
    return sizeOf(kept) === sizeOf(shape) ? [nest] : [zeros(context), nest];
  },
  dot_general: (context) =>
    dot(
      context.operands[0],
      context.operands[1],
      context,
      labelsOfDims(context.parameters, [context.shapes[0]?.length ?? 0, context.shapes[1]?.length ?? 0]),
    ),
  contract: (context) => dot(context.operands[0], context.operands[1], context, context.parameters),
  reduce_sum: reduce("add", 0),
  reduce_prod: reduce("mul", 1),
  reduce_max: reduce("max", -Infinity),
  reduce_min: reduce("min", Infinity),
  argmax: position("gt", -Infinity),
  argmin: position("lt", Infinity),
  cumsum: cumulative((emitter, before, element) => emitter.emit("add", [before, element])),
  cumprod: cumulative((emitter, before, element) => emitter.emit("mul", [before, element])),
  cummax: cumulative((emitter, before, element) => emitter.emit("max", [before, element])),
  cummin: cumulative((emitter, before, element) => emitter.emit("min", [before, element])),
  cumlogsumexp: cumulative(logAddExp),
};

/**
 * Random Programs on arrays for property-based tests: contractions, reductions, every kind of indexing, elementwise functions with broadcasting, extents of
 * 0 and 1, operands used twice. A program is made from plain numbers, so that fast-check shrinks it to a small one.
 */

import fc from "fast-check";
import { InputError } from "../src/errors.ts";
import { literal, ProgramBuilder } from "../src/program/builder.ts";
import type { Operand, Program } from "../src/program/program.ts";
import { sizeOf, type Tensor } from "../src/program/type.ts";

/** A program and a point near which it is smooth. */
export interface TensorProgram {
  readonly program: Program;
  readonly inputs: readonly Tensor[];
  /** Numbers to make an elimination order from. */
  readonly priorities: readonly number[];
}

const SHAPES = [[3], [2, 3], [], [1], [3, 2], [1, 3], [2, 1, 3], [4], [0], [2, 2]] as const;

type Step = (
  builder: ProgramBuilder,
  x: Operand,
  y: Operand,
  shape: readonly number[],
  choice: number,
) => Operand;

const last = (shape: readonly number[]) => Math.max(0, shape.length - 1);

/** What an equation may be; those that do not fit their operands are skipped. */
const STEPS: readonly Step[] = [
  (b, x, y) => b.emit("mul", [x, y]),
  (b, x, y) => b.emit("add", [x, y]),
  (b, x) => b.emit("sin", [x]),
  (b, x) => b.emit("tanh", [x]),
  (b, x, y, shape) => b.emit("dot_general", [x, y], { contracting: [[last(shape)], [0]], batch: [[], []] }),
  (b, x, y) => b.emit("dot_general", [x, y], { contracting: [[], []], batch: [[0], [0]] }),
  (b, x, _, shape, choice) => b.emit("reduce_sum", [x], { axes: [choice % Math.max(1, shape.length)] }),
  (b, x, _, shape) =>
    b.emit("transpose", [x], { permutation: shape.map((__, dim) => shape.length - 1 - dim) }),
  (b, x, _, shape) => b.emit("reshape", [x], { shape: [sizeOf(shape)] }),
  (b, x, _, shape) => b.emit("reshape", [x], { shape: [2, Math.floor(sizeOf(shape) / 2)] }),
  (b, x, _, shape, choice) =>
    b.emit("slice", [x], {
      start: shape.map((extent) => Math.min(extent, choice % 2)),
      limit: [...shape],
      strides: shape.map(() => 1 + (choice % 3)),
    }),
  (b, x, y, shape) => b.emit("concatenate", [x, y], { dimension: last(shape) }),
  (b, x, _, shape, choice) =>
    b.emit("pad", [x, literal(0.5)], {
      low: shape.map(() => (choice % 4) - 1),
      high: shape.map(() => 1),
      interior: shape.map(() => choice % 2),
    }),
  (b, x, _, shape) => b.emit("rev", [x], { dimensions: [last(shape)] }),
  (b, x, _, shape, choice) =>
    b.emit("cumsum", [x], {
      axis: choice % Math.max(1, shape.length),
      direction: choice % 2 ? "forward" : "backward",
    }),
  (b, x, _, shape) => b.emit("cumprod", [x], { axis: last(shape), direction: "forward" }),
  (b, x, _, shape) => b.emit("reduce_prod", [x], { axes: [last(shape)] }),
  (b, x, _, shape) => {
    if (sizeOf(shape) === 0) throw new InputError("the maximum of nothing is not finite");
    return b.emit("reduce_max", [x], { axes: [last(shape)] });
  },
  (b, x, _, shape) =>
    b.emit("broadcast", [x], { shape: [2, ...shape], dimensions: shape.map((__, dim) => dim + 1) }),
  (b, x, _, shape, choice) =>
    b.emit("gather", [x], {
      shape: [4],
      positions: [0, choice, 1, choice + 1].map((at) => (at % (sizeOf(shape) + 1)) - 1),
    }),
  (b, x, y, shape, choice) => {
    const count = sizeOf(b.typeOf(y).shape);
    const positions = Array.from({ length: count }, (_, k) => ((k * 5 + choice) % (sizeOf(shape) + 1)) - 1);
    return b.emit(choice % 2 ? "scatter_add" : "scatter", [x, y], { positions });
  },
  (b, x, y) => b.emit("sub", [x, y]),
];

/** The largest value that a program may hold. */
const LARGEST = 60;

const recipes = fc.record({
  shapes: fc.array(fc.nat(SHAPES.length - 1), { minLength: 1, maxLength: 3 }),
  steps: fc.array(fc.tuple(fc.nat(STEPS.length - 1), fc.nat(99), fc.nat(99), fc.nat(11)), {
    minLength: 1,
    maxLength: 9,
  }),
  priorities: fc.array(fc.nat(1000), { minLength: 20, maxLength: 20 }),
});

/** Random programs on arrays with a point. */
export const tensorPrograms: fc.Arbitrary<TensorProgram> = recipes.map(({ shapes, steps, priorities }) => {
  const builder = new ProgramBuilder();
  const values: Operand[] = shapes.map((shape, index) =>
    builder.input(`x${index}`, { shape: SHAPES[shape]!, dtype: "float64" }),
  );
  for (const [kind, first, second, choice] of steps) {
    // Later values are likelier, so that programs are deep.
    const pick = (number: number) => values[values.length - 1 - (number % Math.min(values.length, 4))]!;
    const [x, y] = [pick(first), pick(second)];
    try {
      const trial = new ProgramBuilder();
      const stand = (operand: Operand) => trial.input("", builder.typeOf(operand));
      const [a, b] = [stand(x), stand(y)];
      const { shape } = trial.typeOf(STEPS[kind]!(trial, a, b, trial.typeOf(a).shape, choice));
      if (sizeOf(shape) <= LARGEST) values.push(STEPS[kind]!(builder, x, y, builder.typeOf(x).shape, choice));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  const outputs = values.slice(-2).map((operand, index) => ({ name: `y${index}`, operand }));
  // Distinct values of moderate size: no ties for the maximum, no large products.
  const inputs = shapes.map((shape, index) => ({
    shape: SHAPES[shape]!,
    data: Float64Array.from(
      { length: sizeOf(SHAPES[shape]!) },
      (_, k) => 0.4 + 0.7 * Math.sin(1 + 3 * index + 1.7 * k),
    ),
  }));
  return { program: builder.build("random", outputs), inputs, priorities };
});

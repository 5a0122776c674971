/**
 * scalarise: a Program on arrays becomes one on scalars, an equation per element and operation.
 *
 * The elements of an array become neighbours in the signature, so callers see the same nests of numbers. Movements of elements leave no equations; what is
 * zero or constant by structure becomes a literal, which `simplify` then folds. On small programs the graph of the elements often has cheaper
 * orders than that of the arrays; on large ones it is out of reach.
 */

import { InputError } from "../errors.ts";
import { positions } from "../structure/dense.ts";
import { literal, ProgramBuilder } from "./builder.ts";
import { type Access, isCopy, type Nest, nestsOf, type Source } from "./loops.ts";
import { type Operand, operandType, type Program, signatureOf, type Tree } from "./program.ts";
import { liveEquations } from "./simplify.ts";
import { mapTree } from "./tree.ts";
import { sizeOf } from "./type.ts";

/** Programs of more scalar operations are not unrolled unless asked for. */
const LIMIT = 100_000;

export interface ScalariseOptions {
  /** The most scalar operations that the result may have, copies included; 100,000 by default. */
  readonly limit?: number;
}

/**
 * Unrolls a program: every input, equation and output of shape [a, b, ...] becomes a * b * ... scalars named `x_0_0`, `x_0_1`, ...; equations that no output
 * needs are left out. Values equal those of the arrays; only the sign of a zero may differ, as in `simplify`.
 *
 * @throws InputError if the result would have more than `limit` operations
 */
export function scalarise(program: Program, { limit = LIMIT }: ScalariseOptions = {}): Program {
  const nests = liveNests(program);
  const { steps } = unrolledSize(program);
  if (steps > limit)
    throw new InputError(
      `${program.name}: unrolled to scalars it has ${steps} operations, more than ${limit}: leave it on arrays, or allow more`,
    );
  const builder = new ProgramBuilder();
  const inputs: Tree[] = [];
  const values: Operand[][] = program.inputs.map(({ name, type: { shape, dtype } }) => {
    const elements = elementNames(name, shape).map((element) => builder.input(element, { shape: [], dtype }));
    inputs.push(nestedLeaves(shape, elements[0]?.variable ?? 0));
    return elements;
  });
  program.equations.forEach((equation, index) => {
    const result: Operand[] = [];
    for (const nest of nests[index] ?? []) unroll(nest, values, result, builder);
    if (equation.name !== undefined && result.length > 0) {
      const names = elementNames(equation.name, equation.type.shape);
      result.forEach((element, position) => {
        builder.name(element, names[position] ?? "");
      });
    }
    values.push(result);
  });
  const outputs: Tree[] = [];
  const elements = program.outputs.flatMap(({ name, operand }, index) => {
    const { shape } = operandType(program, operand);
    const own = operand.kind === "literal" ? [operand] : (values[operand.variable] ?? []);
    const names = elementNames(name, shape);
    outputs[index] = nestedLeaves(shape, firstOutput(program, index));
    return own.map((element, position) => ({ name: names[position] ?? name, operand: element }));
  });
  const signature = signatureOf(program);
  return builder.build(program.name, elements, {
    inputs: signature.inputs.map((tree) => mapTree(tree, (leaf) => inputs[leaf] ?? leaf)),
    outputs: signature.outputs.map((tree) => mapTree(tree, (leaf) => outputs[leaf] ?? leaf)),
  });
}

/** How long a program is when it is unrolled. */
export interface UnrolledSize {
  /** Scalar operations: what it costs to run, and how long its code is. */
  readonly operations: number;
  /** Those, copies of elements and elements of inputs: what unrolling takes in time and memory. */
  readonly steps: number;
}

/** How long a program would be if it were unrolled. Equations that no output needs do not count. */
export function unrolledSize(program: Program): UnrolledSize {
  let operations = 0;
  let steps = program.inputs.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
  for (const nest of liveNests(program).flat()) {
    const size = sizeOf(nest.extents);
    steps += size;
    if (!isCopy(nest)) operations += size;
  }
  return { operations, steps };
}

/** The nests of each equation; none for those that no output needs. */
function liveNests(program: Program): (readonly Nest[])[] {
  const live = liveEquations(
    program,
    program.outputs.map(({ operand }) => operand),
  );
  return program.equations.map((equation, index) => (live[index] ? nestsOf(program, equation) : []));
}

/** The number of scalars in the outputs before the given one. */
function firstOutput(program: Program, index: number): number {
  return program.outputs
    .slice(0, index)
    .reduce((sum, { operand }) => sum + sizeOf(operandType(program, operand).shape), 0);
}

/** The name itself for a scalar; `x_0`, `x_1`, ... for the elements of an array, row-major. */
function elementNames(name: string, shape: readonly number[]): string[] {
  return shape.reduce(
    (names, extent) =>
      names.flatMap((prefix) => Array.from({ length: extent }, (_, index) => `${prefix}_${index}`)),
    [name],
  );
}

/** Leaves numbered from `first`, nested as an array of a shape is. */
function nestedLeaves(shape: readonly number[], first: number): Tree {
  const [extent, ...rest] = shape;
  if (extent === undefined) return first;
  const step = sizeOf(rest);
  return Array.from({ length: extent }, (_, index) => nestedLeaves(rest, first + index * step));
}

/** Runs a nest on operands instead of numbers. */
function unroll(
  { extents, target, sources, body, fold }: Nest,
  values: readonly (readonly Operand[])[],
  result: Operand[],
  builder: ProgramBuilder,
): void {
  const targets = positionsOf(extents, target);
  const readers = sources.map((from) => reader(from, extents, values, result));
  const termAt = (step: number) =>
    body(
      builder,
      readers.map((read) => read(step)),
    );
  if (fold === null) {
    targets.forEach((element, step) => {
      result[element] = termAt(step)[0] ?? literal(NaN);
    });
    return;
  }
  const sums = new Map<number, readonly Operand[]>();
  const kept = extents.map((extent, loop) => (target.strides[loop] === 0 ? 1 : extent));
  for (const element of positionsOf(kept, target)) result[element] = fold.units[0] ?? literal(NaN);
  targets.forEach((element, step) => {
    const [sofar, term] = [sums.get(element), termAt(step)];
    sums.set(element, sofar === undefined ? term : fold.combine(builder, sofar, term));
  });
  for (const [element, [sum]] of sums) result[element] = sum ?? literal(NaN);
}

/** Positions at every step of a nest. */
function positionsOf(extents: readonly number[], { base, strides, table }: Access): Int32Array {
  const affine = positions(extents, strides, base);
  return table === undefined ? affine : affine.map((position) => table[position] ?? -1);
}

/** What a source is at every step of a nest. */
function reader(
  from: Source,
  extents: readonly number[],
  values: readonly (readonly Operand[])[],
  result: readonly Operand[],
): (step: number) => Operand {
  if (from.kind === "literal") return () => from.literal;
  if (from.kind === "index") {
    const indices = positionsOf(extents, {
      base: 0,
      strides: extents.map((_, loop) => (loop === from.loop ? 1 : 0)),
    });
    return (step) => literal(indices[step] ?? NaN, "int32");
  }
  const at = positionsOf(extents, from.access);
  if (from.kind === "constant") return (step) => literal(from.values[at[step] ?? -1] ?? NaN, from.dtype);
  const elements = from.kind === "result" ? result : (values[from.variable] ?? []);
  return (step) => elements[at[step] ?? -1] ?? literal(NaN);
}

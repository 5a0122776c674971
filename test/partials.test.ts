/** Every elementwise primitive's `partials`, evaluated, against the dual numbers' own formulas and against central differences. */

import { describe, expect, test } from "vitest";
import { evaluateEquation, ProgramBuilder } from "../src/program/builder.ts";
import { interpret } from "../src/program/interpreter.ts";
import type { LocalPartial, Primitive } from "../src/program/primitive.ts";
import { primitives } from "../src/program/primitives/index.ts";
import type { Equation, Operand } from "../src/program/program.ts";
import { sizeOf, type Tensor } from "../src/program/type.ts";
import { derivatives, type ElementwiseName, scalarPartials } from "./dualNumbers.ts";

const GRID = [-2.6, -1.4, -0.7, -0.3, 0.2, 0.6, 1.3, 2.4];
const CONDITIONS = [0, 1];

/** Which operands of a primitive are bool. */
function boolOperands(name: ElementwiseName): readonly boolean[] {
  if (name === "and" || name === "or" || name === "not") return [true, true];
  return name === "select" ? [true, false, false] : [];
}

interface Case {
  readonly title: string;
  readonly name: ElementwiseName;
  readonly parameters: object;
  readonly exponent: number;
}

const CASES: readonly Case[] = (Object.keys(derivatives) as ElementwiseName[]).flatMap((name): Case[] => {
  if (name !== "integer_pow") return [{ title: name, name, parameters: {}, exponent: NaN }];
  const exponents = [-3, -1, 0, 1, 2, 5];
  return exponents.map((exponent) => ({
    title: `${name} ${exponent}`,
    name,
    parameters: { exponent },
    exponent,
  }));
});

/** The points of the grid at which the primitive is smooth. */
function smoothPoints({ name, exponent }: Case): number[][] {
  const arity = derivatives[name].partials(1, 1, 1, 1).length;
  let points: number[][] = [[]];
  for (let operand = 0; operand < arity; operand++)
    points = points.flatMap((point) =>
      (boolOperands(name)[operand] ? CONDITIONS : GRID).map((value) => [...point, value]),
    );
  return points.filter(([x = NaN, y = NaN, z = NaN]) => derivatives[name].smoothAt(x, y, z, exponent));
}

/** The Jacobian blocks `[operand][output element][operand's element]` that the primitive's own rule gives. */
function ruleJacobians(
  { name, parameters }: Case,
  operands: readonly Tensor[],
): { equation: Equation; blocks: number[][][] } {
  const builder = new ProgramBuilder();
  const variables = operands.map(({ shape }, index) =>
    builder.input(`x${index}`, { shape, dtype: boolOperands(name)[index] ? "bool" : "float64" }),
  );
  const result = builder.append({ primitive: name, parameters } as Equation, variables);
  const equation = builder.definitionOf(result)!;
  const primitive = primitives[name] as Primitive<unknown>;
  const terms = primitive.partials({ emitter: builder, operands: variables, result, parameters });
  const evaluated = (value: Operand) =>
    interpret(builder.build(name, [{ name: "", operand: value }]), operands)[0]!;
  const blocks = operands.map(({ shape }, index) => {
    const block = zeros(sizeOf(equation.type.shape), sizeOf(shape));
    for (const term of terms[index] ?? []) addTerm(block, term, evaluated(term.value));
    return block;
  });
  return { equation, blocks };
}

function zeros(rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, () => new Array<number>(columns).fill(0));
}

/** Adds a structured term to a dense block: one entry for each assignment of its labels. */
function addTerm(block: number[][], { structure, counted, value }: LocalPartial, data: Tensor): void {
  const valueShape =
    value.kind === "literal" ? [] : (counted ?? []).map((label) => structure.extents[label]!);
  expect(data.shape).toEqual(valueShape);
  for (let flat = 0; flat < sizeOf(structure.extents); flat++) {
    const labels: number[] = [];
    let rest = flat;
    for (const extent of structure.extents) {
      labels.push(rest % extent);
      rest = Math.floor(rest / extent);
    }
    const index = (dims: typeof structure.out) =>
      dims.reduce(
        (sum, { size, offset, label }) => sum * size + offset + (label === null ? 0 : labels[label]!),
        0,
      );
    const position = (value.kind === "literal" ? [] : (counted ?? [])).reduce(
      (sum, label) => sum * structure.extents[label]! + labels[label]!,
      0,
    );
    block[index(structure.out)]![index(structure.in)]! += data.data[position]!;
  }
}

/** The same blocks from the dual numbers' scalar formulas. */
function dualJacobians(equation: Equation, operands: readonly Tensor[]): number[][][] {
  const { shape } = equation.type;
  const blocks = operands.map((operand) => zeros(sizeOf(shape), sizeOf(operand.shape)));
  for (let element = 0; element < sizeOf(shape); element++) {
    const positions = operands.map((operand) => sourceOf(element, shape, operand.shape));
    const partials = scalarPartials(
      equation,
      positions.map((position, index) => operands[index]!.data[position]!),
    );
    for (const [index, partial] of partials.entries()) blocks[index]![element]![positions[index]!] = partial;
  }
  return blocks;
}

/** The element of an operand that NumPy's broadcasting puts at an element of the result. */
function sourceOf(element: number, shape: readonly number[], own: readonly number[]): number {
  let [rest, stride, source] = [element, 1, 0];
  for (let dim = shape.length - 1; dim >= shape.length - own.length; dim--) {
    const extent = own[dim - shape.length + own.length]!;
    source += (extent === 1 ? 0 : rest % shape[dim]!) * stride;
    rest = Math.floor(rest / shape[dim]!);
    stride *= extent;
  }
  return source;
}

/** The same blocks from central differences of the primitive's evaluation. */
function differenceJacobians(equation: Equation, operands: readonly Tensor[]): number[][][] {
  return operands.map((operand, index) => {
    const block = zeros(sizeOf(equation.type.shape), operand.data.length);
    for (let column = 0; column < operand.data.length; column++) {
      const step = 2 ** -18;
      const shifted = (by: number) => {
        const data = operand.data.slice();
        data[column]! += by;
        return evaluateEquation(equation, operands.with(index, { ...operand, data })).data;
      };
      const [above, below] = [shifted(step), shifted(-step)];
      for (let row = 0; row < block.length; row++)
        block[row]![column] = (above[row]! - below[row]!) / (2 * step);
    }
    return block;
  });
}

function expectClose(
  actual: number[][][],
  wanted: number[][][],
  tolerance: number,
  operands: readonly boolean[],
): void {
  for (const [index, block] of wanted.entries()) {
    if (operands[index]) continue;
    for (const [row, entries] of block.entries())
      for (const [column, entry] of entries.entries()) {
        const error = Math.abs(actual[index]![row]![column]! - entry);
        expect(error, `operand ${index}, entry ${row},${column}`).toBeLessThanOrEqual(
          tolerance * (1 + Math.abs(entry)),
        );
      }
  }
}

function expectAllAgree(example: Case, operands: readonly Tensor[]): void {
  const { equation, blocks } = ruleJacobians(example, operands);
  const skipped = boolOperands(example.name);
  expectClose(blocks, dualJacobians(equation, operands), 1e-13, skipped);
  expectClose(blocks, differenceJacobians(equation, operands), 1e-7, skipped);
}

describe.each(CASES)("$title", (example) => {
  const points = smoothPoints(example);

  test("scalars at several points", () => {
    expect(points.length).toBeGreaterThanOrEqual(2);
    for (const point of points)
      expectAllAgree(
        example,
        point.map((value) => ({ shape: [], data: Float64Array.of(value) })),
      );
  });

  test.each([
    { shapes: [[3, 1], [1, 4], []] },
    { shapes: [[4], [2, 4], [2, 1]] },
    { shapes: [[1, 1], [2, 3], [3]] },
    { shapes: [[2, 3], [2, 3], [1]] },
  ])("broadcasting $shapes", ({ shapes }) => {
    // A point from the middle of the domain; elements differ by so little that all combinations stay smooth.
    const point = points[Math.floor(points.length / 2)]!;
    const operands = point.map((value, index) => {
      const shape = shapes[index]!;
      const exact = boolOperands(example.name)[index];
      return {
        shape,
        data: Float64Array.from({ length: sizeOf(shape) }, (_, i) => value + (exact ? 0 : 0.003 * i)),
      };
    });
    expectAllAgree(example, operands);
  });
});

test("a literal operand broadcasts against an array", () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x", { shape: [3], dtype: "float64" });
  const two: Operand = { kind: "literal", value: 2, dtype: "float64" };
  const result = builder.append({ primitive: "mul", parameters: {} }, [two, x]);
  const [, byX] = primitives.mul.partials({ emitter: builder, operands: [two, x], result, parameters: {} });
  const dim = { size: 3, offset: 0, label: 0 };
  expect(byX).toEqual([{ structure: { out: [dim], in: [dim], extents: [3] }, counted: [], value: two }]);
});

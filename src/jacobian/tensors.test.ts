/** Jacobians of programs on arrays: against JAX on the tasks, against central differences on random programs; counts to the digit. */

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensorPrograms } from "../../test/randomTensorProgram.ts";
import { parseJaxpr } from "../frontends/jaxpr/index.ts";
import { costsOf, vertexCosts } from "../graph/costs.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { ProgramBuilder } from "../program/builder.ts";
import { interpret } from "../program/interpreter.ts";
import { type Equation, type Operand, operandType, type Program } from "../program/program.ts";
import { sizeOf, type Tensor } from "../program/type.ts";
import { hessian, jacobian, jacobianInParts } from "./jacobian.ts";
import { linearize } from "./linearize.ts";

const data = (file: string) => readFileSync(new URL(`../tasks/data/${file}`, import.meta.url), "utf8");

/** multiplications, nontrivial and constants, forward / reverse: docs/architecture.md, "How multiplications are counted". */
const COUNTS = [
  { name: "RoeFlux_3d", multiplications: [1374, 879], nontrivial: [552, 425], constants: [116, 93] },
  { name: "f", multiplications: [15880, 7992], nontrivial: [11332, 5740], constants: [24, 6] },
  { name: "Perceptron", multiplications: [7542, 308], nontrivial: [4596, 197], constants: [88, 2] },
  { name: "Encoder", multiplications: [131226, 4616], nontrivial: [86480, 3600], constants: [1584, 32] },
];

function forward(graph: ComputationalGraph): number[] {
  return intermediates(graph).map((node) => graph.vertices[node - graph.inputs.length]!.equation!);
}

function shuffled(graph: ComputationalGraph, priorities: readonly number[]): EliminationOrder {
  const priority = (equation: number) => priorities[equation % priorities.length]! + equation / 1000;
  return forward(graph).sort((a, b) => priority(a) - priority(b));
}

function flat(nested: unknown): number[] {
  return Array.isArray(nested) ? nested.flatMap(flat) : [nested as number];
}

describe.each(COUNTS)("$name", ({ name, multiplications, nontrivial, constants }) => {
  const program = parseJaxpr(data(`${name}.jaxpr`));
  const { graph } = linearize(program);
  const orders = [forward(graph), forward(graph).reverse()];

  test("counts of forward and reverse", () => {
    const costs = orders.map((order) => costsOf(graph, order));
    expect(costs.map((cost) => cost.multiplications)).toEqual(multiplications);
    expect(costs.map((cost) => cost.nontrivial)).toEqual(nontrivial);
    expect(costs.map((cost) => cost.constants)).toEqual(constants);
  });

  test("JAX's Jacobians, in any order", () => {
    const { points } = JSON.parse(data(`${name}.json`)) as {
      points: { inputs: unknown[]; jacobian: unknown[][] }[];
    };
    const priorities = Array.from({ length: 20 }, (_, index) => (index * 7919) % 1009);
    for (const order of [...orders, shuffled(graph, priorities)]) {
      const derivative = jacobian(program, { order });
      for (const point of points) {
        const inputs = point.inputs.map((input, index) => ({
          shape: program.inputs[index]!.type.shape,
          data: Float64Array.from(flat(input)),
        }));
        const blocks = interpret(derivative, inputs);
        point.jacobian.flat().forEach((block, index) => {
          const wanted = flat(block);
          expect(blocks[index]!.data).toHaveLength(wanted.length);
          const scale = Math.max(1e-6, ...wanted.map(Math.abs));
          blocks[index]!.data.forEach((entry, position) => {
            expect(Math.abs(entry - wanted[position]!)).toBeLessThanOrEqual(1e-10 * scale);
          });
        });
      }
    }
  });
});

test("Perceptron in reverse, vertex by vertex", () => {
  const { graph } = linearize(parseJaxpr(data("Perceptron.jaxpr")));
  const text = (accounting: "multiplications" | "nontrivial", part: "products" | "constants") =>
    vertexCosts(graph, forward(graph).reverse(), accounting)
      .filter((cost) => cost[part] > 0)
      .map((cost) => `${cost.equation}:${cost[part]}`)
      .join(" ");
  expect(text("multiplications", "products")).toBe(
    "39:4 38:8 37:4 36:8 34:4 33:4 32:4 27:4 26:8 23:64 22:16 20:16 18:16 16:1 15:1 14:16 12:1 11:8 10:8 9:16 7:1 6:8 5:8 4:16 1:64",
  );
  expect(text("nontrivial", "products")).toBe("37:4 36:8 33:4 27:4 23:64 20:16 18:16 16:1 10:8 5:8 1:64");
  expect(text("nontrivial", "constants")).toBe("12:1 7:1");
});

/** Central differences of every output element by every input element. */
function differences(program: Program, inputs: readonly Tensor[]): Float64Array[] {
  const step = 2 ** -17;
  const blocks = program.outputs.flatMap((_, row) =>
    inputs.map(({ data }) => new Float64Array(interpret(program, inputs)[row]!.data.length * data.length)),
  );
  inputs.forEach((input, column) => {
    for (let k = 0; k < input.data.length; k++) {
      const shifted = (by: number) => {
        const moved = input.data.slice();
        moved[k]! += by;
        return interpret(program, inputs.with(column, { ...input, data: moved }));
      };
      const [above, below] = [shifted(step), shifted(-step)];
      above.forEach((output, row) => {
        output.data.forEach((value, element) => {
          blocks[row * inputs.length + column]![element * input.data.length + k] =
            (value - below[row]!.data[element]!) / (2 * step);
        });
      });
    }
  });
  return blocks;
}

function expectBlocks(blocks: readonly Tensor[], wanted: readonly Float64Array[], tolerance: number): void {
  expect(blocks).toHaveLength(wanted.length);
  for (const [index, block] of wanted.entries()) {
    const actual = blocks[index]!.data;
    expect(actual).toHaveLength(block.length);
    for (const [position, entry] of block.entries())
      expect(Math.abs(actual[position]! - entry), `block ${index}, entry ${position}`).toBeLessThanOrEqual(
        tolerance * (1 + Math.abs(entry)),
      );
  }
}

describe("random programs on arrays", () => {
  test("the Jacobian in a random order equals central differences", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs, priorities }) => {
        const { graph } = linearize(program);
        const derivative = jacobian(program, { order: shuffled(graph, priorities) });
        expectBlocks(interpret(derivative, inputs), differences(program, inputs), 2e-7);
      }),
      { numRuns: 250 },
    );
  });

  test("blocks have the output's dims, then the input's", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs }) => {
        const outputs = interpret(program, inputs);
        const shapes = outputs.flatMap((output) => inputs.map((input) => [...output.shape, ...input.shape]));
        expect(interpret(jacobian(program), inputs).map(({ shape }) => shape)).toEqual(shapes);
      }),
    );
  });

  test("the emitted accumulation performs as many multiplications as are counted", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, priorities }) => {
        const { graph } = linearize(program);
        const order = shuffled(graph, priorities);
        const { program: derivative, accumulation } = jacobianInParts(program, { order });
        const performed = derivative.equations
          .slice(accumulation)
          .reduce((sum, equation) => sum + multiplicationsIn(derivative, equation), 0);
        expect(performed).toBe(costsOf(graph, order).operations?.multiplications);
      }),
      { numRuns: 100 },
    );
  });
});

function multiplicationsIn(program: Program, equation: Equation): number {
  if (equation.primitive === "mul" || equation.primitive === "square") return sizeOf(equation.type.shape);
  if (equation.primitive !== "contract") return 0;
  const extents = new Map<number, number>();
  for (const [operand, labels] of [equation.parameters.left, equation.parameters.right].entries())
    for (const [axis, label] of labels.entries())
      extents.set(label, operandType(program, equation.operands[operand]!).shape[axis]!);
  return sizeOf([...extents.values()]);
}

describe("higher order", () => {
  test("Hessian of a quadratic form through a contraction with itself", () => {
    const builder = new ProgramBuilder();
    const x = builder.input("x", { shape: [3], dtype: "float64" });
    const a = builder.input("A", { shape: [3, 3], dtype: "float64" });
    const row = builder.emit("dot_general", [x, a], { contracting: [[0], [0]], batch: [[], []] });
    const y = builder.emit("dot_general", [row, x], { contracting: [[0], [0]], batch: [[], []] });
    const program = builder.build("form", [{ name: "y", operand: y }]);
    const entries = [1, 2, 3, 4, 5, 6, 7, 8, 10];
    const [second] = interpret(hessian(program, { wrt: [0] }), [
      { shape: [3], data: Float64Array.of(1, -2, 0.5) },
      { shape: [3, 3], data: Float64Array.from(entries) },
    ]);
    expect(second!.shape).toEqual([3, 3]);
    expect([...second!.data]).toEqual(
      entries.map((_, k) => entries[k]! + entries[(k % 3) * 3 + Math.floor(k / 3)]!),
    );
  });

  test("second derivatives of random programs equal central differences of the first", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs }) => {
        fc.pre(program.equations.length <= 4);
        const first = jacobian(program);
        expectBlocks(interpret(jacobian(first), inputs), differences(first, inputs), 1e-6);
      }),
      { numRuns: 40 },
    );
  });
});

test("one operand used twice by one equation: overlapping terms are joined", () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x", { shape: [2, 3], dtype: "float64" });
  const gram: Operand = builder.emit("dot_general", [x, x], { contracting: [[1], [1]], batch: [[], []] });
  const program = builder.build("gram", [{ name: "y", operand: gram }]);
  const inputs = [{ shape: [2, 3], data: Float64Array.from({ length: 6 }, (_, k) => Math.cos(k)) }];
  expectBlocks(interpret(jacobian(program), inputs), differences(program, inputs), 1e-8);
  expect(sizeOf(interpret(jacobian(program), inputs)[0]!.shape)).toBe(24);
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dualJacobian } from "../../test/dualNumbers.ts";
import { randomPrograms, smoothPrograms } from "../../test/randomProgram.ts";
import { InputError } from "../errors.ts";
import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { accumulate, operationsOf } from "../graph/operations.ts";
import { literal, ProgramBuilder } from "../program/builder.ts";
import { interpretScalars } from "../program/interpreter.ts";
import type { Equation, Program } from "../program/program.ts";
import { simplify } from "../program/simplify.ts";
import { hessian, jacobian, jacobianInParts } from "./jacobian.ts";
import { linearize } from "./linearize.ts";

/** The intermediates in an order drawn from random keys. */
function shuffledOrder(graph: ComputationalGraph, keys: readonly number[]): number[] {
  const equations = intermediates(graph).map((node) => graph.vertices[node - graph.inputs.length]!.equation!);
  return equations
    .map((equation, index) => ({ equation, key: keys[index % keys.length]! * (index + 1) * 0.6180339887 }))
    .sort((a, b) => (a.key % 1) - (b.key % 1))
    .map(({ equation }) => equation);
}

const keys = fc.array(fc.integer({ min: 1, max: 1e6 }), { minLength: 8, maxLength: 8 });

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, index) => {
    const reference = expected[index]!;
    expect(Math.abs(value - reference)).toBeLessThanOrEqual(1e-8 * (1 + Math.abs(reference)));
  });
}

/** Multiplications and additions among equations, as `operations` counts them. */
function countEmitted(equations: readonly Equation[]) {
  const count = (...names: string[]) => equations.filter(({ primitive }) => names.includes(primitive)).length;
  return { multiplications: count("mul", "square"), additions: count("add", "sub") };
}

describe("jacobian", () => {
  it("equals dual numbers for every order", () => {
    fc.assert(
      fc.property(smoothPrograms(), keys, ({ program, point }, random) => {
        const order = shuffledOrder(linearize(program).graph, random);
        const { outputs, jacobian: expected } = dualJacobian(program, point);
        const results = interpretScalars(jacobian(program, { order, values: true }), point);
        expectClose(results.slice(0, outputs.length), outputs);
        expectClose(results.slice(outputs.length), expected.flat());
      }),
      { numRuns: 300 },
    );
  });

  it("equals dual numbers on the simplified program", () => {
    fc.assert(
      fc.property(smoothPrograms(), keys, ({ program, point }, random) => {
        const simplified = simplify(program);
        const order = shuffledOrder(linearize(simplified).graph, random);
        const { jacobian: expected } = dualJacobian(program, point);
        expectClose(interpretScalars(jacobian(simplified, { order }), point), expected.flat());
      }),
      { numRuns: 200 },
    );
  });

  it("emits exactly the operations that are counted", () => {
    fc.assert(
      fc.property(randomPrograms({ maxEquations: 40 }), keys, (program, random) => {
        const { graph } = linearize(program);
        const order = shuffledOrder(graph, random);
        const { program: emitted, accumulation } = jacobianInParts(program, { order, values: true });
        const counted = operationsOf(accumulate(graph, order));
        expect(countEmitted(emitted.equations.slice(accumulation))).toEqual(counted);
      }),
      { numRuns: 300 },
    );
  });

  it("restricts to the wanted inputs and outputs", () => {
    fc.assert(
      fc.property(smoothPrograms(), fc.nat(), fc.nat(), ({ program, point }, a, b) => {
        const column = a % program.inputs.length;
        const row = b % program.outputs.length;
        const { jacobian: expected } = dualJacobian(program, point);
        const restricted = jacobian(program, { wrt: [column], outputs: [row] });
        expectClose(interpretScalars(restricted, point), [expected[row]![column]!]);
      }),
      { numRuns: 100 },
    );
  });

  it("is a Program again: the Hessian by nesting equals dual numbers of the Jacobian", () => {
    fc.assert(
      fc.property(smoothPrograms({ maxInputs: 3, maxEquations: 8 }), ({ program, point }) => {
        const first = jacobian(program);
        const { jacobian: expected } = dualJacobian(first, point);
        const second = interpretScalars(hessian(program), point);
        second.forEach((value, index) => {
          const reference = expected.flat()[index]!;
          // Second derivatives of a smooth program may be large near the ends of domains; NaN only where both are.
          if (Number.isFinite(reference) && Math.abs(reference) < 1e6)
            expect(Math.abs(value - reference)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(reference)));
        });
      }),
      { numRuns: 100 },
    );
  });

  it("nests its results as jacobian[output][input]", () => {
    const builder = new ProgramBuilder();
    const [x, y, z] = ["x", "y", "z"].map((name) => builder.input(name));
    const product = builder.emit("mul", [x!, y!]);
    const program: Program = builder.build(
      "f",
      [
        { name: "a", operand: product },
        { name: "b", operand: z! },
      ],
      { inputs: [0, [1, 2]], outputs: [{ a: 0, b: 1 }] },
    );
    const derivative = jacobian(program, { values: true });
    expect(derivative.signature).toEqual({
      inputs: [0, [1, 2]],
      outputs: [
        {
          values: [{ a: 0, b: 1 }],
          jacobian: [
            [
              { a: 2, b: 5 },
              { a: [3, 4], b: [6, 7] },
            ],
          ],
        },
      ],
    });
    expect(interpretScalars(derivative, [2, 3, 5])).toEqual([6, 5, 3, 2, 0, 0, 0, 1]);
  });

  it("splits an output that is used inside, and handles constant and repeated outputs and outputs that are inputs", () => {
    const builder = new ProgramBuilder();
    const x = builder.input("x");
    const square = builder.emit("square", [x]);
    const sine = builder.emit("sin", [square]);
    const outputs = [square, sine, sine, x, literal(7)].map((operand, index) => ({
      name: `o${index}`,
      operand,
    }));
    const program = builder.build("f", outputs);
    const { graph } = linearize(program);
    expect(graph.vertices.filter(({ equation }) => equation === null)).toHaveLength(4);
    expect(shuffledOrder(graph, [1, 2, 3])).toHaveLength(2);
    const value = 0.7;
    expectClose(interpretScalars(jacobian(program), [value]), [
      2 * value,
      2 * value * Math.cos(value * value),
      2 * value * Math.cos(value * value),
      1,
      0,
    ]);
  });

  it("refuses orders that are not permutations, in words", () => {
    const builder = new ProgramBuilder();
    const x = builder.input("x");
    const result = builder.emit("exp", [builder.emit("sin", [builder.emit("square", [x])])]);
    const program = builder.build("f", [{ name: "y", operand: result }]);
    expect(() => jacobian(program, { order: [1] })).toThrow(
      /1 of the 2 intermediates of f are missing, the first is equation 2/,
    );
    expect(() => jacobian(program, { order: [1, 1, 2] })).toThrow(
      /entry 2 is 1, which was eliminated before/,
    );
    expect(() => jacobian(program, { order: [1, 2, 3] })).toThrow(/entry 3 is 3, an output/);
    expect(() => jacobian(program, { order: [1, 2, 9] })).toThrow(/entry 3 is 9, which is no equation/);
    expect(() => jacobian(program, { order: "reverse" as unknown as number[] })).toThrow(
      /expected a list of equation numbers, as optimize gives it, got "reverse"/,
    );
    expect(() => jacobian(program, { wrt: [1] })).toThrow(InputError);
    expect(() => jacobian(program, { outputs: [0, 0] })).toThrow(/occurs twice/);
  });
});

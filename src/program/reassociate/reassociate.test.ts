import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { smoothPrograms } from "../../../test/randomProgram.ts";
import { tensorPrograms } from "../../../test/randomTensorProgram.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { findTask, programOf, referencePoints } from "../../tasks/index.ts";
import { literal, ProgramBuilder } from "../builder.ts";
import { interpret, interpretScalars } from "../interpreter.ts";
import type { Operand, Program } from "../program.ts";
import { simplify } from "../simplify.ts";
import { countOperations, reassociate } from "./index.ts";
import { sharePairs } from "./sharing.ts";

function expectClose(actual: readonly number[], wanted: readonly number[], tolerance = 1e-9): void {
  expect(actual).toHaveLength(wanted.length);
  wanted.forEach((value, index) => {
    if (Number.isFinite(value))
      expect(Math.abs(actual[index]! - value)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(value)));
  });
}

/** A program of three inputs, written down. */
function program(write: (builder: ProgramBuilder, ...inputs: Operand[]) => readonly Operand[]): Program {
  const builder = new ProgramBuilder();
  const inputs = ["x", "y", "z"].map((name) => builder.input(name));
  const outputs = write(builder, ...inputs).map((operand, index) => ({ name: `f${index}`, operand }));
  return builder.build("f", outputs);
}

const primitivesOf = ({ equations }: Program) => equations.map(({ primitive }) => primitive).sort();

describe("reassociate", () => {
  test("random programs and their Jacobians: the same function, never more operations", () => {
    fc.assert(
      fc.property(smoothPrograms({ maxEquations: 20 }), ({ program, point }) => {
        const derivative = simplify(jacobian(program, { values: true }));
        const other = reassociate(derivative);
        expect(countOperations(other)).toBeLessThanOrEqual(countOperations(derivative));
        expect(other.outputs.map(({ name }) => name)).toEqual(derivative.outputs.map(({ name }) => name));
        expect(other.signature).toEqual(derivative.signature);
        expectClose(interpretScalars(other, point), interpretScalars(derivative, point), 1e-7);
      }),
      { numRuns: 150 },
    );
  });

  test("what is on arrays stays as it is", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs }) => {
        const [actual, wanted] = [interpret(reassociate(program), inputs), interpret(program, inputs)];
        wanted.forEach(({ shape, data }, output) => {
          expect(actual[output]!.shape).toEqual(shape);
          expectClose([...actual[output]!.data], [...data]);
        });
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["RoeFlux_1d", 0],
    ["RobotArm_6DOF", 0],
    ["HumanHeartDipole", 10],
    ["PropaneCombustion", 5],
  ])("the Jacobian of %s, with at least %i operations less", (name, saved) => {
    const task = findTask(name)!;
    const derivative = jacobian(simplify(programOf(task)));
    const other = reassociate(derivative);
    expect(countOperations(other)).toBeLessThan(countOperations(derivative) - saved);
    for (const { inputs, jacobian: wanted } of referencePoints(task))
      expectClose(interpretScalars(other, inputs), wanted.flat(), 1e-10);
  });

  test("common factors are taken out whatever their place, constants gathered", () => {
    const f = program((e, x = literal(0), y = x, z = x) => [
      e.emit("mul", [e.emit("mul", [literal(2), x]), y]),
      e.emit("mul", [y, e.emit("mul", [e.emit("mul", [literal(3), x]), z])]),
    ]);
    // x * y, times 2, and times 3 and z.
    expect(countOperations(f)).toBe(5);
    expect(primitivesOf(reassociate(f))).toEqual(["mul", "mul", "mul", "mul"]);
    const divided = program((e, x = literal(0), y = x) => [
      e.emit("div", [literal(40), x]),
      e.emit("mul", [literal(40), e.emit("mul", [y, e.emit("div", [literal(1), x])])]),
    ]);
    expect(primitivesOf(reassociate(divided))).toEqual(["div", "mul"]);
  });

  test("signs go into constants, and into the order of differences", () => {
    const f = program((e, x = literal(0), y = x, z = x) => [
      e.emit("neg", [e.emit("mul", [literal(2), x])]),
      e.emit("neg", [e.emit("sub", [y, z])]),
      e.emit("sub", [x, e.emit("mul", [e.emit("neg", [y]), z])]),
    ]);
    const other = reassociate(f);
    expect(primitivesOf(other)).toEqual(["add", "mul", "mul", "sub"]);
    expect(interpretScalars(other, [2, 3, 5])).toEqual([-4, 2, 17]);
  });

  test("counts: powers by repeated squaring, moves are free", () => {
    const f = program((e, x = literal(0)) => [
      e.emit("integer_pow", [x], { exponent: 5 }),
      e.emit("integer_pow", [x], { exponent: -3 }),
      e.emit("copy", [x]),
      e.emit("sin", [x]),
    ]);
    expect(countOperations(f)).toBe(3 + 3 + 1);
  });
});

test("shared pairs multiply out to the products they were taken from, and none is left twice", () => {
  const factors = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(factors, { maxLength: 8 }), (lists) => {
      const products = lists.map((list) => list.toSorted((a, b) => a - b));
      const { pairs, products: rest } = sharePairs(products, 7);
      const expand = (factor: number): number[] =>
        factor < 7 ? [factor] : (pairs[factor - 7] ?? []).flatMap((part) => expand(part));
      expect(rest.map((list) => list.flatMap(expand).sort((a, b) => a - b))).toEqual(products);
      const seen = new Map<string, number>();
      for (const list of rest) {
        const distinct = new Set(
          list.flatMap((a, i) => list.slice(i + 1).map((b) => [a, b].sort((p, q) => p - q).join("*"))),
        );
        for (const pair of distinct) seen.set(pair, (seen.get(pair) ?? 0) + 1);
      }
      expect(Math.max(0, ...seen.values())).toBeLessThanOrEqual(1);
      const before = products.reduce((sum, list) => sum + list.length - 1, 0);
      const after = pairs.length + rest.reduce((sum, list) => sum + list.length - 1, 0);
      expect(after).toBeLessThanOrEqual(before);
    }),
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomPrograms } from "../../test/randomProgram.ts";
import { literal, ProgramBuilder } from "./builder.ts";
import { interpretScalars } from "./interpreter.ts";
import type { Operand } from "./program.ts";
import { simplify, withoutDeadEquations } from "./simplify.ts";

const points = fc.array(
  fc.oneof(fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(0, -0, NaN, Infinity)),
  {
    minLength: 8,
    maxLength: 8,
  },
);

/** A program of one input x and one output that `make` writes. */
function unary(make: (builder: ProgramBuilder, x: Operand) => Operand) {
  const builder = new ProgramBuilder();
  const x = builder.input("x");
  return builder.build("f", [{ name: "y", operand: make(builder, x) }]);
}

describe("simplify", () => {
  it("keeps every output to the bit, but for the sign of a zero", () => {
    fc.assert(
      fc.property(randomPrograms({ maxEquations: 40 }), points, (program, values) => {
        const point = values.slice(0, program.inputs.length);
        const before = interpretScalars(program, point);
        const after = interpretScalars(simplify(program), point);
        // Division by a zero turns its sign into that of an infinity: where one comes up the sign is not compared.
        before.forEach((value, index) => {
          if (Number.isFinite(value) && point.every((x) => Number.isFinite(x) && x !== 0))
            expect(after[index]! + 0).toBe(value + 0);
        });
      }),
      { numRuns: 500 },
    );
  });

  it("is idempotent", () => {
    fc.assert(
      fc.property(randomPrograms({ maxEquations: 40 }), (program) => {
        const once = simplify(program);
        expect(simplify(once).equations.length).toBe(once.equations.length);
      }),
    );
  });

  it("merges equal equations whatever the order of commutative operands", () => {
    const builder = new ProgramBuilder();
    const [x, y] = [builder.input("x"), builder.input("y")];
    const sum = builder.emit("add", [builder.emit("mul", [x, y]), builder.emit("mul", [y, x])]);
    expect(simplify(builder.build("f", [{ name: "s", operand: sum }])).equations).toHaveLength(2);
  });

  it("folds constants and drops factors of one", () => {
    const program = unary((b, x) =>
      b.emit("mul", [b.emit("add", [b.emit("sin", [literal(0)]), literal(1)]), x]),
    );
    expect(simplify(program).outputs[0]?.operand).toEqual({ kind: "variable", variable: 0 });
  });

  it("does not hide a NaN: 0 * x, x - x and x / x stay", () => {
    for (const program of [
      unary((b, x) => b.emit("mul", [literal(0), x])),
      unary((b, x) => b.emit("sub", [x, x])),
      unary((b, x) => b.emit("div", [x, x])),
    ])
      expect(interpretScalars(simplify(program), [Infinity])).toEqual([NaN]);
  });

  it("keeps stop_gradient", () => {
    const program = unary((b, x) => b.emit("stop_gradient", [x]));
    expect(simplify(program).equations.map(({ primitive }) => primitive)).toEqual(["stop_gradient"]);
  });

  it("drops what no output needs", () => {
    fc.assert(
      fc.property(randomPrograms(), (program) => {
        const live = withoutDeadEquations(program);
        const used = new Set<number>();
        for (const { operands } of [
          ...live.equations,
          { operands: live.outputs.map(({ operand }) => operand) },
        ])
          for (const operand of operands) if (operand.kind === "variable") used.add(operand.variable);
        live.equations.forEach((_, index) => {
          expect(used.has(live.inputs.length + index)).toBe(true);
        });
      }),
    );
  });
});

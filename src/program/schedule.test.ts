import fc from "fast-check";
import { expect, it } from "vitest";
import { randomPrograms } from "../../test/randomProgram.ts";
import { literal, ProgramBuilder } from "./builder.ts";
import { interpretScalars } from "./interpreter.ts";
import type { Operand } from "./program.ts";
import { depthFirst } from "./schedule.ts";
import { withoutDeadEquations } from "./simplify.ts";
import { validateProgram } from "./validate.ts";

it("computes the same to the bit, with the live equations alone", () => {
  fc.assert(
    fc.property(
      randomPrograms({ maxEquations: 40 }),
      fc.array(fc.double(), { minLength: 8, maxLength: 8 }),
      (program, values) => {
        const point = values.slice(0, program.inputs.length);
        const scheduled = depthFirst(program);
        validateProgram(scheduled);
        expect(interpretScalars(scheduled, point)).toEqual(interpretScalars(program, point));
        expect(scheduled.equations).toHaveLength(withoutDeadEquations(program).equations.length);
      },
    ),
    { numRuns: 300 },
  );
});

it("puts what a single output needs right before it", () => {
  const builder = new ProgramBuilder();
  const x = builder.input("x");
  const [sine, cosine] = [builder.emit("sin", [x]), builder.emit("cos", [x])];
  const outputs = [builder.emit("exp", [cosine]), builder.emit("exp", [sine])];
  const program = builder.build(
    "f",
    outputs.map((operand, index) => ({ name: `o${index}`, operand })),
  );
  expect(depthFirst(program).equations.map(({ primitive }) => primitive)).toEqual([
    "cos",
    "exp",
    "sin",
    "exp",
  ]);
});

it("takes chains of any length", () => {
  const builder = new ProgramBuilder();
  let value: Operand = builder.input("x");
  for (let index = 0; index < 50_000; index++) value = builder.emit("add", [value, literal(1)]);
  expect(depthFirst(builder.build("chain", [{ name: "y", operand: value }])).equations).toHaveLength(50_000);
});

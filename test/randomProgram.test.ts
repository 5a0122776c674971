import fc from "fast-check";
import { expect, test } from "vitest";
import { interpretScalars } from "../src/program/interpreter.ts";
import { dualJacobian } from "./dualNumbers.ts";
import { randomPrograms, SCALAR_PRIMITIVES, smoothPrograms } from "./randomProgram.ts";

test("at a smooth point the dual numbers agree with central differences", () => {
  fc.assert(
    fc.property(smoothPrograms(), ({ program, point }) => {
      const { outputs, jacobian } = dualJacobian(program, point);
      expect(outputs).toEqual(interpretScalars(program, point));
      const step = 1e-6;
      for (const input of point.keys()) {
        const shifted = (by: number) => interpretScalars(program, point.with(input, point[input]! + by));
        const [above, below] = [shifted(step), shifted(-step)];
        // The difference sees through stop_gradient, the derivative does not.
        if (program.equations.some(({ primitive }) => primitive === "stop_gradient")) continue;
        for (const [output, row] of jacobian.entries()) {
          const difference = (above[output]! - below[output]!) / (2 * step);
          expect(Math.abs(row[input]! - difference)).toBeLessThanOrEqual(1e-4 * (1 + Math.abs(difference)));
        }
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("the random programs reach every primitive and every odd case that they promise", () => {
  const seen = new Set<string>();
  for (const program of fc.sample(randomPrograms(), { numRuns: 600, seed: 2 })) {
    const inputs = program.inputs.length;
    const outputs = program.outputs.map(({ operand }) => operand);
    const read = new Set<number>();
    for (const { primitive, operands, type } of program.equations) {
      seen.add(primitive).add(`shape [${type.shape}]`);
      const variables = operands.flatMap((operand) =>
        operand.kind === "variable" ? [operand.variable] : [],
      );
      if (variables.length < operands.length) seen.add("literal operand");
      if (new Set(variables).size < variables.length) seen.add("operand twice");
      if (variables.some((variable) => read.has(variable))) seen.add("shared");
      for (const variable of variables) read.add(variable);
    }
    const results = outputs.flatMap((operand) => (operand.kind === "variable" ? [operand.variable] : []));
    if (results.length < outputs.length) seen.add("literal output");
    if (results.some((variable) => variable < inputs)) seen.add("input as output");
    if (results.some((variable) => variable >= inputs && read.has(variable))) seen.add("output used inside");
    if (new Set(results).size < results.length) seen.add("repeated output");
    if (program.equations.some((_, index) => !read.has(inputs + index) && !results.includes(inputs + index)))
      seen.add("dead equation");
  }
  const cases = ["literal operand", "operand twice", "shared", "literal output", "input as output"];
  cases.push(
    "output used inside",
    "repeated output",
    "dead equation",
    "shape []",
    "shape [1]",
    "shape [1,1]",
  );
  expect([...seen].sort()).toEqual([...SCALAR_PRIMITIVES, ...cases].sort());
});

test("smooth programs are not trivial", () => {
  const sizes = fc
    .sample(smoothPrograms(), { numRuns: 300, seed: 3 })
    .map(({ program }) => program.equations.length);
  expect(sizes.reduce((sum, size) => sum + size, 0) / sizes.length).toBeGreaterThan(7);
});

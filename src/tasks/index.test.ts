import { describe, expect, test } from "vitest";
import { parseJaxpr } from "../frontends/jaxpr/index.ts";
import { jacobian } from "../jacobian/jacobian.ts";
import { evaluateEquation } from "../program/builder.ts";
import { interpret, interpretScalars, scalar } from "../program/interpreter.ts";
import { type Operand, operandType, type Program } from "../program/program.ts";
import { sizeOf, type Tensor } from "../program/type.ts";
import blackScholes from "./data/BlackScholes.jaxpr?raw";
import humanHeartDipole from "./data/HumanHeartDipole.jaxpr?raw";
import propaneCombustion from "./data/PropaneCombustion.jaxpr?raw";
import robotArm from "./data/RobotArm_6DOF.jaxpr?raw";
import roeFlux from "./data/RoeFlux_1d.jaxpr?raw";
import { findTask, programOf, referencePoints, tasks } from "./index.ts";

const task = (name: string) => findTask(name) ?? expect.fail(`no task ${name}`);

/**
 * The equations and outputs of a program, one line each, without dtypes and without what is constant: JAX keeps `sqrt 2.0` and
 * conversions as equations, JavaScript has folded them.
 */
function lines({ inputs, equations, outputs }: Program): string[] {
  const values: (string | number)[] = inputs.map((_, index) => `input ${index}`);
  const read = (operand: Operand) =>
    operand.kind === "literal" ? operand.value : (values[operand.variable] ?? "?");
  const text: string[] = [];
  for (const equation of equations) {
    const operands = equation.operands.map(read);
    const [first] = operands;
    if (equation.primitive === "convert" && first !== undefined) values.push(first);
    else if (operands.every((operand) => typeof operand === "number"))
      values.push(evaluateEquation(equation, operands.map(scalar)).data[0] ?? NaN);
    else {
      values.push(`equation ${text.length}`);
      text.push(`${equation.primitive} ${JSON.stringify(equation.parameters)} ${operands.join(", ")}`);
    }
  }
  return [...text, ...outputs.map(({ operand }) => `output ${read(operand)}`)];
}

describe("the TypeScript sources have the equations of the paper's jaxprs", () => {
  test.each([
    ["RoeFlux_1d", roeFlux, 101],
    ["RobotArm_6DOF", robotArm, 114],
    ["HumanHeartDipole", humanHeartDipole, 86],
    ["PropaneCombustion", propaneCombustion, 62],
    ["BlackScholes", blackScholes, 30],
  ])("%s", (name, jaxpr, equations) => {
    const program = programOf(task(name));
    expect(program.equations).toHaveLength(equations);
    expect(lines(program)).toEqual(lines(parseJaxpr(jaxpr)));
  });
});

test.each(tasks.filter(({ reference }) => reference !== undefined))(
  "$name computes what JAX computes",
  (known) => {
    const program = programOf(known);
    const derivative = jacobian(program);
    for (const { inputs, outputs, jacobian: rows } of referencePoints(known)) {
      const tensors = tensorsOfNumbers(program, inputs);
      const computed = interpret(program, tensors).flatMap(({ data }) => [...data]);
      expect(computed).toHaveLength(outputs.length);
      const blocks = interpret(derivative, tensors);
      const sizes = program.outputs.map(({ operand }) => sizeOf(operandType(program, operand).shape));
      const entries = sizes.flatMap((size, output) =>
        Array.from({ length: size }, (_, row) =>
          tensors.flatMap(({ data: { length } }, input) => [
            ...(blocks[output * tensors.length + input]?.data.slice(row * length, (row + 1) * length) ?? []),
          ]),
        ),
      );
      expect(entries).toHaveLength(rows.length);
      rows.forEach((row, output) => {
        const scale = Math.max(1e-6, ...row.map(Math.abs));
        row.forEach((wanted, input) => {
          expect(Math.abs((entries[output]?.[input] ?? NaN) - wanted)).toBeLessThanOrEqual(1e-9 * scale);
        });
      });
      outputs.forEach((output, index) => {
        expect(Math.abs((computed[index] ?? NaN) - output)).toBeLessThanOrEqual(
          1e-12 * Math.max(1e-2, Math.abs(output)),
        );
      });
    }
  },
);

test("nesting gives the Greeks of the paper's BlackScholes_Jacobian", () => {
  const [published, nested] = [task("BlackScholes_Jacobian"), programOf(task("BlackScholes_Greeks"))];
  const second = jacobian(nested);
  for (const { inputs, outputs, jacobian: rows } of referencePoints(published)) {
    const wanted = [...outputs, ...rows.flat()];
    const computed = [nested, second].flatMap((program) => interpretScalars(program, inputs));
    expect(computed).toHaveLength(wanted.length);
    computed.forEach((value, index) => {
      expect(Math.abs(value - wanted[index]!)).toBeLessThanOrEqual(
        1e-9 * Math.max(1, Math.abs(wanted[index]!)),
      );
    });
  }
});

/** The inputs of a program from all their numbers. */
function tensorsOfNumbers(program: Program, numbers: readonly number[]): Tensor[] {
  let next = 0;
  return program.inputs.map(({ type: { shape } }) => {
    const first = next;
    next += sizeOf(shape);
    return { shape, data: Float64Array.from(numbers.slice(first, next)) };
  });
}

test("programs carry the names of their tasks", () => {
  for (const known of tasks) expect(programOf(known).name).toBe(known.name);
});

test("outputs have readable names", () => {
  const outputs = (name: string) => programOf(task(name)).outputs.map((output) => output.name);
  expect(outputs("RobotArm_6DOF")).toEqual(["px", "py", "pz", "z", "y", "x"]);
  expect(outputs("BlackScholes")).toEqual(["price"]);
});

test("what is not there", () => {
  expect(findTask("no such task")).toBeUndefined();
  expect(() => referencePoints(task("g"))).toThrow("task g has no reference points");
});

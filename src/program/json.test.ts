import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mutate, mutations } from "../../test/mutations.ts";
import { randomPrograms } from "../../test/randomProgram.ts";
import { InputError } from "../errors.ts";
import { literal, ProgramBuilder } from "./builder.ts";
import { programFromJson, programHash, programToJson } from "./json.ts";
import type { Program } from "./program.ts";
import { validateProgram } from "./validate.ts";

function example(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x");
  const power = builder.append({ primitive: "integer_pow", parameters: { exponent: 2 } }, [x], "p");
  const sum = builder.append({ primitive: "add", parameters: {} }, [power, literal(-0)]);
  return builder.build("example", [{ name: "F", operand: sum }], { inputs: [[0]], outputs: [{ F: 0 }] });
}

const JSON_FORM = {
  format: "alphagrad-program",
  version: 1,
  name: "example",
  inputs: [{ name: "x", type: { shape: [], dtype: "float64" } }],
  equations: [
    {
      primitive: "integer_pow",
      parameters: { exponent: 2 },
      operands: [0],
      type: { shape: [], dtype: "float64" },
      name: "p",
    },
    {
      primitive: "add",
      parameters: {},
      operands: [1, { literal: "-0", dtype: "float64" }],
      type: { shape: [], dtype: "float64" },
    },
  ],
  outputs: [{ name: "F", operand: 2 }],
  signature: { inputs: [[0]], outputs: [{ F: 0 }] },
};

test("the JSON form of a program", () => {
  expect(programToJson(example())).toEqual(JSON_FORM);
  expect(programFromJson(JSON_FORM)).toEqual(example());
});

test("JSON text loses nothing", () => {
  fc.assert(
    fc.property(randomPrograms(), (program) => {
      expect(programFromJson(JSON.parse(JSON.stringify(programToJson(program))))).toEqual(program);
    }),
  );
});

test.each([NaN, Infinity, -Infinity, -0, 5e-324])("the literal %s survives", (value) => {
  const program = new ProgramBuilder().build("constant", [{ name: "F", operand: literal(value, "float32") }]);
  const again = programFromJson(JSON.parse(JSON.stringify(programToJson(program))));
  expect(again.outputs[0]?.operand).toEqual(literal(value, "float32"));
});

test("damaged JSON gives a valid Program or an InputError with its path", () => {
  let refused = 0;
  fc.assert(
    fc.property(
      randomPrograms({ maxEquations: 6 }),
      fc.array(mutations, { minLength: 1, maxLength: 2 }),
      (program, damage) => {
        let json: unknown;
        try {
          json = JSON.parse(damage.reduce(mutate, JSON.stringify(programToJson(program))));
        } catch {
          return;
        }
        try {
          validateProgram(programFromJson(json, "file"));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).toMatch(/^file: \$[^\n]*: [^\n]+$/);
          refused++;
        }
      },
    ),
    { numRuns: 1500 },
  );
  expect(refused).toBeGreaterThan(100);
});

test("any JSON value gives an InputError", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(() => programFromJson(json)).toThrow(InputError);
    }),
  );
});

describe("errors name the path", () => {
  const [power, add] = JSON_FORM.equations;
  const withEquations = (first: object, second: object) => ({
    ...JSON_FORM,
    equations: [
      { ...power, ...first },
      { ...add, ...second },
    ],
  });
  test.each([
    ["a missing member", { ...JSON_FORM, inputs: undefined }, "$.inputs: "],
    ["a foreign member", { ...JSON_FORM, colour: "red" }, "$: "],
    ["another format", { ...JSON_FORM, version: 2 }, "$.version: "],
    [
      "an undefined variable",
      withEquations({}, { operands: [2, 0] }),
      "$.equations[1].operands[0]: variable 2 is not defined",
    ],
    ["an odd operand", withEquations({}, { operands: ["x", 0] }), "$.equations[1].operands[0]: "],
    [
      "an unknown primitive",
      withEquations({}, { primitive: "plus" }),
      "$.equations[1].primitive: there is no primitive plus",
    ],
    [
      "an inherited name",
      withEquations({}, { primitive: "toString" }),
      "$.equations[1].primitive: there is no primitive",
    ],
    ["a missing parameter", withEquations({ parameters: {} }, {}), "$.equations[0].parameters.exponent: "],
    ["a foreign parameter", withEquations({}, { parameters: { axis: 0 } }), "$.equations[1].parameters: "],
    [
      "a wrong type",
      withEquations({}, { type: { shape: [2], dtype: "float64" } }),
      "$.equations[1].type: add gives float64[]",
    ],
    [
      "a wrong arity",
      withEquations({}, { operands: [0] }),
      "$.equations[1]: add: expected 2 operands, got 1",
    ],
    [
      "an undefined output",
      { ...JSON_FORM, outputs: [{ name: "F", operand: 3 }] },
      "$.outputs[0]: variable 3",
    ],
    [
      "a signature out of range",
      { ...JSON_FORM, signature: { inputs: [1], outputs: [] } },
      "$.signature.inputs: 1 is not",
    ],
    [
      "a signature of null",
      { ...JSON_FORM, signature: { inputs: [null], outputs: [] } },
      "$.signature.inputs: null is not",
    ],
  ])("%s", (_, json, message) => {
    expect(() => programFromJson(json)).toThrow(InputError);
    expect(() => programFromJson(json)).toThrow(message);
  });
});

test("the hash is that of the content", () => {
  expect(programHash(example())).toBe(programHash(programFromJson(JSON_FORM)));
  expect(programHash({ ...example(), name: "other" })).not.toBe(programHash(example()));
});

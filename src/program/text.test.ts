import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mutate, mutations } from "../../test/mutations.ts";
import { randomPrograms } from "../../test/randomProgram.ts";
import { InputError } from "../errors.ts";
import { literal, ProgramBuilder } from "./builder.ts";
import type { Program } from "./program.ts";
import { parseProgram, printProgram } from "./text.ts";
import { validateProgram } from "./validate.ts";

function example(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x");
  const y = builder.input("two words", { shape: [2, 1], dtype: "float32" });
  const square = builder.append({ primitive: "integer_pow", parameters: { exponent: 2 } }, [x], "x");
  const sum = builder.append({ primitive: "add", parameters: {} }, [square, literal(-0)]);
  const wide = builder.append(
    { primitive: "broadcast", parameters: { shape: [2, 3], dimensions: [0, 1] } },
    [y],
    "NaN",
  );
  builder.append({ primitive: "convert", parameters: { dtype: "float64" } }, [wide], "x");
  const outputs = [
    { name: "F", operand: sum },
    { name: "F", operand: literal(Number.NaN, "float32") },
  ];
  return builder.build("example", outputs, { inputs: [0, { "two words": 1, b: [] }], outputs: [[0, 1]] });
}

const TEXT = `program example
  inputs x: float64[], "two words": float32[2,1]
  1  x#2: float64[] = integer_pow[exponent=2] x
  2  %2: float64[] = add x#2 -0
  3  "NaN": float32[2,3] = broadcast[shape=[2, 3], dimensions=[0, 1]] "two words"
  4  x#3: float64[2,3] = convert[dtype=float64] "NaN"
  outputs F = %2, F = NaN:float32
  signature [0, {"two words": 1, b: []}] -> [[0, 1]]
`;

test("a program prints like a jaxpr and parses back", () => {
  expect(printProgram(example())).toBe(TEXT);
  expect(parseProgram(TEXT)).toEqual(example());
});

test("an empty program has empty lists", () => {
  const empty = new ProgramBuilder().build("", []);
  expect(printProgram(empty)).toBe('program ""\n  inputs\n  outputs\n');
  expect(parseProgram(printProgram(empty))).toEqual(empty);
});

test("printing and parsing lose nothing", () => {
  fc.assert(
    fc.property(randomPrograms(), (program) => {
      expect(parseProgram(printProgram(program))).toEqual(program);
    }),
  );
});

test("any names survive", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "binary", maxLength: 5 }), { minLength: 1, maxLength: 6 }),
      fc.double(),
      (names, value) => {
        const builder = new ProgramBuilder();
        for (const name of names) builder.input(name);
        for (const name of names)
          builder.append({ primitive: "neg", parameters: {} }, [literal(value)], name);
        const outputs = names.map((name, variable) => ({
          name,
          operand: { kind: "variable", variable } as const,
        }));
        const program = builder.build(names[0]!, outputs, {
          inputs: [Object.fromEntries(names.map((name, index) => [name, index]))],
          outputs: [],
        });
        expect(parseProgram(printProgram(program))).toEqual(program);
      },
    ),
  );
});

test("damaged text gives a valid Program or an InputError with its line", () => {
  let refused = 0;
  fc.assert(
    fc.property(
      randomPrograms({ maxEquations: 8 }),
      fc.array(mutations, { minLength: 1, maxLength: 2 }),
      (program, damage) => {
        const text = damage.reduce(mutate, printProgram(program));
        try {
          validateProgram(parseProgram(text, "file"));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).toMatch(/^file:\d+:\d+: [^\n]+$/);
          refused++;
        }
      },
    ),
    { numRuns: 600 },
  );
  expect(refused).toBeGreaterThan(150);
});

describe("errors say where", () => {
  const replaced = (from: string, to: string) => TEXT.replace(from, to);
  test.each([
    ["an undefined variable", replaced("add x#2", "add y"), "y is not defined before this place"],
    ["use of itself", replaced("add x#2", "add %2"), "%2 is not defined before this place"],
    ["a double definition", replaced("x#3", "x#2"), "x#2 is defined twice"],
    ["a wrong number", replaced("  3 ", "  4 "), "expected equation number 3, got 4"],
    ["an unknown primitive", replaced("= add", "= plus"), "there is no primitive plus"],
    ["a wrong type", replaced("%2: float64[]", "%2: float64[2]"), "add gives float64[], not float64[2]"],
    ["a missing parameter", replaced("[exponent=2]", ""), "integer_pow needs the parameter exponent"],
    ["a wrong parameter", replaced("exponent=2", "exponent=0.5"), "expected an integer"],
    ["a foreign parameter", replaced("exponent=2", "exponent=2, base=3"), 'no parameter "base"'],
    ["a missing operand", replaced("add x#2 -0", "add x#2"), "add: expected 2 operands, got 1"],
    ["an unknown dtype", replaced("float32[2,1]", "single[2,1]"), "got single"],
    ["a signature out of range", replaced("[[0, 1]]", "[[0, 2]]"), "2 is not the index of one of 2 outputs"],
    ["a signature of words", replaced("[[0, 1]]", "[zero]"), '"zero" is not the index of one of 2 outputs'],
    ["a half signature", replaced("-> [[0, 1]]", "-> 3"), "a signature is two lists"],
    ["an odd character", replaced("add", "add ;"), 'unexpected character ";"'],
    ["a bad escape", replaced('"two words": float', '"\\q words": float'), "not a string"],
    ["rest", `${TEXT}x`, "expected the end of the text, got x"],
    ["a key twice", replaced("b: []", '"two words": []'), "a name occurs twice"],
    ["deep nesting", replaced("[[0, 1]]", `${"[".repeat(5000)}${"]".repeat(5000)}`), "nests deeper than 100"],
    ["an empty text", "", "expected 'program', got the end of the text"],
  ])("%s", (_, text, message) => {
    expect(() => parseProgram(text, "file")).toThrow(InputError);
    expect(() => parseProgram(text, "file")).toThrow(message);
  });

  test("line and column of the fault", () => {
    expect(() => parseProgram(TEXT.replace("add x#2", "add y"), "file")).toThrow(/^file:4:26: /);
    expect(() => parseProgram(TEXT.replace("%2: float64[]", "%2: float64[2]"))).toThrow(
      /^line 4, column 23: /,
    );
  });
});

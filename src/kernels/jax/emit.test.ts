import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomPrograms } from "../../../test/randomProgram.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { literal, ProgramBuilder } from "../../program/builder.ts";
import { emitJax } from "./emit.ts";

const MATRIX = { shape: [1, 1], dtype: "float64" } as const;

describe("the module", () => {
  test("reads as one would write it", () => {
    const builder = new ProgramBuilder();
    const [x, y] = [builder.input("x"), builder.input("y", MATRIX)];
    const area = builder.emit("mul", [builder.emit("add", [x, y]), builder.emit("sub", [x, literal(2)])]);
    builder.name(area, "area");
    const result = builder.emit("select", [builder.emit("lt", [x, y]), builder.emit("sin", [area]), area]);
    const outputs = [result, literal(0)].map((operand, index) => ({ name: `f${index}`, operand }));
    const { source } = emitJax(builder.build("f", outputs), {
      sections: [{ equation: 3, comment: "Choice" }],
    });
    expect(source).toContain(
      [
        "def f(x, y):",
        '    """f: 2 inputs, 2 outputs."""',
        "    dtype = jnp.result_type(x, y, float)",
        '    x = _array("x", x, (), dtype)',
        '    y = _array("y", y, (1, 1), dtype)',
        "    constant = jnp.full((), 0.0, dtype)",
        "    area = (x + y) * (x - 2.0)",
        "",
        "    # Choice",
        "    f0 = jnp.where(x < y, area, jnp.sin(area))",
        "    return (f0, constant)",
      ].join("\n"),
    );
    expect(source).not.toMatch(/import numpy|from jax import lax|_positions/);
  });

  test("a Jacobian is nested as jacrev's: a tuple of blocks per output, none around a single output", () => {
    const returned = (outputs: number) => {
      const builder = new ProgramBuilder();
      const [x, y] = [builder.input("x"), builder.input("y", MATRIX)];
      const all = [builder.emit("mul", [x, y]), builder.emit("sin", [x])].map((operand, index) => ({
        name: `f${index}`,
        operand,
      }));
      const program = jacobian(builder.build("f", all.slice(0, outputs)), { values: true });
      return emitJax(program).source.match(/ {4}jacobian = [\s\S]*$/)?.[0];
    };
    expect(returned(1)).toMatch(
      /^ {4}jacobian = \(\w+, \w+\)\n {4}if not has_aux:\n {8}return jacobian\n {4}return jacobian, \w+\n$/,
    );
    expect(returned(2)).toMatch(
      /^ {4}jacobian = \(\(\w+, \w+\), \(\w+, \w+\)\)\n[\s\S]*return jacobian, \(\w+, \w+\)\n$/,
    );
  });

  test("a Jacobian of records is nested as jacrev's: the tuple of arguments inside each result", () => {
    const builder = new ProgramBuilder();
    const [x, y, z] = [builder.input("x"), builder.input("y"), builder.input("z")];
    const outputs = [builder.emit("mul", [x, y]), builder.emit("mul", [y, z]), builder.emit("mul", [x, z])];
    const program = builder.build(
      "f",
      outputs.map((operand, index) => ({ name: `f${index}`, operand })),
      { inputs: [0, [1, { last: 2 }]], outputs: [{ a: 0, rest: [1, 2] }] },
    );
    const { source } = emitJax(jacobian(program, { values: true }));
    // d(x y), d(y z), d(x z) by x and by (y, {last: z}).
    expect(source).toContain(
      [
        "    jacobian = {",
        '        "a": (y, (x, {"last": constant})),',
        '        "rest": ((constant, (z, {"last": y})), (z, (constant, {"last": x}))),',
        "    }",
      ].join("\n"),
    );
  });

  test("arguments and results nest as in the source: lists as tuples, records as dicts", () => {
    const builder = new ProgramBuilder();
    const [a, b, c] = [builder.input("a"), builder.input("b"), builder.input("lambda")];
    const outputs = [builder.emit("add", [a, b]), c].map((operand, index) => ({
      name: `y${index}`,
      operand,
    }));
    const signature = { inputs: [[2, { "the b": 1 }], 0], outputs: [[0], { last: 1 }] };
    const { source } = emitJax(builder.build("nested", outputs, signature));
    expect(source).toContain("def nested(argument_1, a):");
    expect(source).toContain('    b = _array("b", argument_1[1]["the b"], (), dtype)');
    expect(source).toContain('    return ((y0,), {"last": lambda_2})');
  });

  test("random programs: every name is bound once, no constant is divided by Python itself", () => {
    fc.assert(
      fc.property(randomPrograms(), (program) => {
        const { source } = emitJax(program, { header: 'Say """ and \\' });
        const bound = [...source.matchAll(/^ {4}(\w+|[^\s=()]+) = /gmu)].map(([, name]) => name);
        const own = bound.filter((name) => name !== "value");
        expect(new Set(own).size).toBe(own.length);
        expect(source).not.toMatch(/(?<![\w.])-?\d+(\.\d+)? \/ -?\d/);
      }),
      { numRuns: 100 },
    );
  });
});

import { tsPlugin } from "@sveltejs/acorn-typescript";
import { type AnyNode, type Identifier, Parser } from "acorn";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { derivatives, type ElementwiseName } from "../../../test/dualNumbers.ts";
import { randomPrograms } from "../../../test/randomProgram.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { literal, ProgramBuilder } from "../../program/builder.ts";
import { interpret } from "../../program/interpreter.ts";
import type { Equation, Operand, Program, Tree } from "../../program/program.ts";
import { entriesOf } from "../kernel.ts";
import { emitJavaScript, kernelBody } from "./emit.ts";
import { instantiateJavaScript } from "./instantiate.ts";

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 0.5, -0.5, 1, -1, 2.5, 1e-310, 1e300, 2 ** 53 + 2];

/** Mostly ordinary numbers, often unusual ones. */
const numbers = fc.oneof(
  fc.double({ min: -4, max: 4, noNaN: true }),
  fc.constantFrom(...SPECIAL),
  fc.double(),
);

const programsWithPoints = randomPrograms().chain((program) =>
  fc.record({
    program: fc.constant(program),
    points: fc.array(fc.tuple(...program.inputs.map(() => numbers)), { minLength: 3, maxLength: 3 }),
  }),
);

/** What the interpreter gives for each entry. */
function expected(program: Program, point: readonly number[]): number[] {
  const tensors = program.inputs.map(({ type }, index) => ({
    shape: type.shape,
    data: Float64Array.of(point[index]!),
  }));
  const outputs = interpret(program, tensors);
  return entriesOf(program).map(({ output, element }) => outputs[output]!.data[element]!);
}

/** Equal to the bit, any NaN equal to any other. */
function expectSame(actual: ArrayLike<number>, wanted: readonly number[]): void {
  expect(Array.from(actual)).toEqual(wanted);
}

async function importModule(code: string): Promise<Record<string, unknown>> {
  return import(/* @vite-ignore */ `data:text/javascript;charset=utf-8,${encodeURIComponent(code)}`);
}

function unary(primitive: ElementwiseName, parameters: object = {}): Program {
  const builder = new ProgramBuilder();
  const operands = derivatives[primitive].partials(1, 1, 1, 1).map((_, index) => builder.input(`x${index}`));
  const equation = { primitive, parameters } as Pick<Equation, "primitive" | "parameters">;
  return builder.build(primitive, [{ name: "y", operand: builder.append(equation, operands) }]);
}

describe("against the interpreter, to the bit", () => {
  test("random programs at any numbers: run and runBatch over float64 and float32 planes", () => {
    fc.assert(
      fc.property(programsWithPoints, ({ program, points }) => {
        const kernel = instantiateJavaScript(program, "float64");
        const narrow = instantiateJavaScript(program, "float32");
        const [wide, small] = [kernel.planes(points.length), narrow.planes(points.length)];
        points.forEach((point, index) => {
          const outputs = new Float64Array(kernel.entries.length);
          kernel.run(Float64Array.from(point), outputs);
          expectSame(outputs, expected(program, point));
          point.forEach((value, plane) => {
            wide.inputs[plane * wide.stride + index] = value;
            small.inputs[plane * small.stride + index] = value;
          });
        });
        kernel.runBatch(points.length, wide.inputs, wide.outputs);
        narrow.runBatch(points.length, small.inputs, small.outputs);
        points.forEach((point, index) => {
          const planes = kernel.entries.map((_, plane) => wide.outputs[plane * wide.stride + index]!);
          expectSame(planes, expected(program, point));
          const rounded = expected(program, point.map(Math.fround)).map(Math.fround);
          expectSame(
            kernel.entries.map((_, plane) => small.outputs[plane * small.stride + index]!),
            rounded,
          );
        });
      }),
      { numRuns: 150 },
    );
  });

  test.each(Object.keys(derivatives) as ElementwiseName[])("%s at special numbers", (primitive) => {
    for (const exponent of primitive === "integer_pow" ? [-5, -2, -1, 0, 1, 2, 3, 6, 15, 31] : [0]) {
      const program = unary(primitive, primitive === "integer_pow" ? { exponent } : {});
      const kernel = instantiateJavaScript(program, "float64");
      const outputs = new Float64Array(1);
      for (let first = 0; first < SPECIAL.length; first++)
        for (let second = 0; second < SPECIAL.length; second++) {
          const point = program.inputs.map(
            (_, index) => SPECIAL[[first, second, (first + second) % SPECIAL.length][index]!]!,
          );
          kernel.run(Float64Array.from(point), outputs);
          expectSame(outputs, expected(program, point));
        }
    }
  });

  test("a Jacobian program, in one part and in many", () => {
    const program = jacobian(unary("hypot"), { values: true });
    const functionIn = (longest: number) =>
      new Function(kernelBody(program, { longestPart: longest }))() as {
        run(inputs: Float64Array, outputs: Float64Array): void;
      };
    for (const longest of [2000, 1]) {
      const outputs = new Float64Array(3);
      functionIn(longest).run(Float64Array.of(3, 4), outputs);
      expectSame(outputs, expected(program, [3, 4]));
    }
  });

  test("parts pass every value on, conditions too", () => {
    fc.assert(
      fc.property(programsWithPoints, fc.integer({ min: 1, max: 8 }), ({ program, points }, longest) => {
        const { run } = new Function(kernelBody(program, { longestPart: longest }))();
        for (const point of points) {
          const outputs = new Float64Array(entriesOf(program).length);
          run(Float64Array.from(point), outputs);
          expectSame(outputs, expected(program, point));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("the module", () => {
  test("imports as an ES module and says what its planes hold", async () => {
    const builder = new ProgramBuilder();
    const x = builder.input("x");
    const y = builder.emit("mul", [x, x]);
    const outputs = [x, literal(0), y, literal(3)].map((operand, index) => ({
      name: `out${index}`,
      operand,
    }));
    const { code } = emitJavaScript(builder.build("f", outputs), {
      header: "Cost: 1 */ multiplication\nby hand",
    });
    expect(code.startsWith("/**\n * Cost: 1 *\\/ multiplication\n * by hand\n */\n")).toBe(true);
    const module = await importModule(code);
    expect(module).toMatchObject({
      inputNames: ["x"],
      outputNames: ["out0", "out1", "out2", "out3"],
      entries: [0, 2, 3].map((output) => ({ output, element: 0 })),
    });
    expect((module.f as (x: number) => unknown)(5)).toEqual([5, 0, 25, 3]);
    const planes = new Float64Array(30);
    (module.runBatch as (...args: unknown[]) => void)(2, Float64Array.of(2, 3), 2, planes, 10);
    expect([0, 1, 10, 11, 20, 21].map((index) => planes[index])).toEqual([2, 3, 4, 9, 3, 3]);
  });

  test("reads as one would write it", () => {
    const builder = new ProgramBuilder();
    const [a, b] = [builder.input("a"), builder.input("b")];
    const sum = builder.emit("add", [a, b]);
    const product = builder.emit("mul", [
      sum,
      builder.emit("sub", [a, builder.emit("add", [b, literal(-1)])]),
    ]);
    builder.name(product, "area");
    const power = builder.emit("integer_pow", [builder.emit("neg", [product])], { exponent: 3 });
    const program = builder.build("f", [{ name: "y", operand: builder.emit("div", [literal(1), power]) }]);
    const { code } = emitJavaScript(program, { sections: [{ equation: 4, comment: "Power" }] });
    expect(code).toContain(
      [
        "function evaluate(point, inputs, inputStride, outputs, outputStride) {",
        "  const a = inputs[point];",
        "  const b = inputs[inputStride + point];",
        "  const area = (a + b) * (a - (b + -1));",
        "",
        "  // Power",
        "  const v5 = -area;",
        "  outputs[point] = 1 / (v5 * (v5 * v5)); // y",
        "}",
      ].join("\n"),
    );
  });

  test("random modules: every name is defined, once, and the declarations parse as TypeScript", async () => {
    await fc.assert(
      fc.asyncProperty(randomPrograms(), async (program) => {
        const { code, declarations } = emitJavaScript(program, { header: "random" });
        expect(undefinedNames(code)).toEqual([]);
        const exported = Object.keys(await importModule(code)).sort();
        const declared = exportedNames(
          TypeScriptParser.parse(declarations, { ecmaVersion: "latest", sourceType: "module" }),
        );
        expect(declared.sort()).toEqual(exported);
      }),
      { numRuns: 60 },
    );
  });

  test("erf is printed where it is needed, and only there", () => {
    expect(undefinedNames(emitJavaScript(unary("erfc")).code)).toEqual([]);
    expect(emitJavaScript(unary("erfc")).code).toContain("const erf = ");
    expect(emitJavaScript(unary("exp")).code).not.toContain("erf");
  });

  test("dead values and unused inputs are not computed", () => {
    const builder = new ProgramBuilder();
    const [x, unused] = [builder.input("x"), builder.input("unused")];
    builder.emit("sin", [unused]);
    const body = kernelBody(builder.build("f", [{ name: "y", operand: builder.emit("cos", [x]) }]));
    expect(body).not.toMatch(/unused|Math\.sin/);
  });
});

describe("names", () => {
  /** A program whose every input and equation has a name from the list. */
  function named(name: string, inputs: readonly string[], equations: readonly string[]): Program {
    const builder = new ProgramBuilder();
    let value: Operand = literal(0);
    for (const input of inputs) value = builder.input(input);
    for (const equation of equations) {
      value = builder.emit("add", [value, literal(1)]);
      builder.name(value, equation);
    }
    return builder.build(name, [{ name: "y", operand: value }]);
  }

  const wild = fc.oneof(
    fc.constantFrom(
      "class",
      "await",
      "run",
      "point",
      "x",
      "x_2",
      "été",
      "変数",
      "a b",
      "1st",
      "",
      "__proto__",
      "eval",
      "v2",
      "scratch",
      "erf",
      "NaN",
      "Math",
    ),
    fc.string({ unit: "grapheme", maxLength: 4 }),
  );

  test("any names give a module that imports and computes", async () => {
    await fc.assert(
      fc.asyncProperty(
        wild,
        fc.array(wild, { minLength: 1, maxLength: 5 }),
        fc.array(wild, { minLength: 1, maxLength: 8 }),
        async (name, inputs, equations) => {
          const program = named(name, inputs, equations);
          const module = await importModule(emitJavaScript(program).code);
          const own = Object.keys(module).filter(
            (key) => !["run", "runBatch", "inputNames", "outputNames", "entries"].includes(key),
          );
          expect(own).toHaveLength(1);
          const values = inputs.map((_, index) => index + 0.5);
          expect((module[own[0]!] as (...args: number[]) => number)(...values)).toBe(
            inputs.length - 0.5 + equations.length,
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  test("source names are kept where they are identifiers, repeated ones are numbered", () => {
    const code = emitJavaScript(named("f", ["été"], ["sum", "sum", "sum_2", "class", "変数", "result"])).code;
    for (const name of ["été", "sum", "sum_2", "sum_2_2", "class_2", "変数"])
      expect(code).toContain(`  const ${name} = `);
  });
});

describe("the function for people", () => {
  test("takes arguments and gives results as the signature nests them", async () => {
    const builder = new ProgramBuilder();
    const one = { shape: [1, 1], dtype: "float64" } as const;
    const [a, b, c] = [builder.input("a"), builder.input("b", one), builder.input("c")];
    const zero = builder.emit("broadcast", [literal(0)], { shape: [1], dimensions: [] });
    const outputs = [builder.emit("add", [a, b]), zero, builder.emit("mul", [a, c])].map(
      (operand, index) => ({ name: `y${index}`, operand }),
    );
    const signature: { inputs: Tree[]; outputs: Tree[] } = {
      inputs: [[2, { p: 0 }], { "a key": 1 }],
      outputs: [{ values: [0], jacobian: [[1, 2]] }],
    };
    const { code, declarations } = emitJavaScript(builder.build("nested", outputs, signature));
    const { nested } = await importModule(code);
    const result = (nested as (...args: unknown[]) => unknown)([7, { p: 2 }], { "a key": [[3]] });
    expect(result).toEqual({ values: [[[5]]], jacobian: [[[0], 14]] });
    expect(declarations).toContain(
      'export declare function nested([c, { p: a }]: readonly [number, { readonly p: number }], { "a key": [[b]] }: { readonly "a key": readonly [readonly [number]] }): ' +
        "{ values: [[[number]]]; jacobian: [[[number], number]] };",
    );
  });

  test("several results are an array, and so is a Jacobian: [output][input], zeros included", async () => {
    const builder = new ProgramBuilder();
    const [x, y] = [builder.input("x"), builder.input("y")];
    const outputs = [builder.emit("sin", [x]), builder.emit("mul", [x, y])].map((operand, index) => ({
      name: `f${index}`,
      operand,
    }));
    const program = jacobian(builder.build("f", outputs));
    const { f_jacobian } = await importModule(emitJavaScript(program).code);
    expect((f_jacobian as (x: number, y: number) => unknown)(2, 3)).toEqual([
      [Math.cos(2), 0],
      [3, 2],
    ]);
  });
});

const TypeScriptParser = Parser.extend(tsPlugin() as unknown as (base: typeof Parser) => typeof Parser);

function exportedNames(tree: AnyNode): string[] {
  const text = JSON.stringify(tree, (_, value) => (typeof value === "bigint" ? null : value));
  const { body } = JSON.parse(text) as {
    body: { type: string; declaration?: { id?: Identifier; declarations?: { id: Identifier }[] } }[];
  };
  return body.flatMap(
    ({ declaration }) => declaration?.id?.name ?? declaration?.declarations?.map(({ id }) => id.name) ?? [],
  );
}

/** Names that a module reads but neither defines nor finds among the globals that it may use; a name bound twice in a scope does not parse. */
function undefinedNames(code: string): string[] {
  const tree = Parser.parse(code, { ecmaVersion: "latest", sourceType: "module" });
  const defined = new Set(["Math", "Number", "Float64Array", "NaN", "Infinity"]);
  const read = new Set<string>();
  const bind = (pattern: AnyNode | null): void => {
    if (pattern?.type === "Identifier") defined.add(pattern.name);
    else if (pattern?.type === "RestElement") bind(pattern.argument);
    else if (pattern?.type === "ArrayPattern") pattern.elements.forEach(bind);
    else if (pattern?.type === "ObjectPattern")
      for (const field of pattern.properties) if (field.type === "Property") bind(field.value);
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    if (node === null || typeof node !== "object" || !("type" in node)) return;
    const known = node as AnyNode;
    if (known.type === "VariableDeclarator") bind(known.id);
    if (
      known.type === "FunctionDeclaration" ||
      known.type === "FunctionExpression" ||
      known.type === "ArrowFunctionExpression"
    ) {
      known.params.forEach(bind);
      if (known.type !== "ArrowFunctionExpression" && known.id) bind(known.id);
    }
    if (known.type === "Identifier") read.add(known.name);
    for (const [key, child] of Object.entries(known)) {
      const isLabel =
        (known.type === "MemberExpression" && key === "property" && !known.computed) ||
        (known.type === "Property" && key === "key");
      if (!isLabel) visit(child);
    }
  };
  visit(tree);
  return [...read].filter((name) => !defined.has(name));
}

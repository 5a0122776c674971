import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CCase, cCompilers, FAST, runC } from "../../../test/cCompiler.ts";
import { derivatives, type ElementwiseName } from "../../../test/dualNumbers.ts";
import { randomPrograms, smoothPrograms } from "../../../test/randomProgram.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { literal, ProgramBuilder } from "../../program/builder.ts";
import { interpretScalars } from "../../program/interpreter.ts";
import type { Equation, Operand, Program } from "../../program/program.ts";
import { findTask, programOf, referencePoints } from "../../tasks/index.ts";
import { entriesOf } from "../kernel.ts";
import { emitC } from "./emit.ts";

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 0.5, -0.5, 1, -1, 2.5, 1e-310, 1e300, 2 ** 53 + 2];

function expected(program: Program, point: readonly number[]): number[] {
  const outputs = interpretScalars(program, point);
  return entriesOf(program).map(({ output }) => outputs[output]!);
}

/** How far a number is from another, relative to it and to `scale`; Infinity where only one is finite. */
function distance(actual: number, wanted: number, scale: number): number {
  if (Object.is(actual, wanted) || actual === wanted) return 0;
  const error = Math.abs(actual - wanted) / (Math.abs(wanted) + scale);
  return Number.isNaN(error) ? Infinity : error;
}

/** Both functions agree with the interpreter to a relative tolerance, and to `scale` times it near 0. */
function expectAgreement(
  cases: readonly CCase[],
  results: ReturnType<typeof runC>,
  { tolerance, scale = 0 }: { tolerance: number; scale?: number },
): void {
  cases.forEach(({ program, points }, index) => {
    points.forEach((point, at) => {
      const wanted = expected(program, point);
      for (const by of ["run", "runBatch"] as const)
        wanted.forEach((value, entry) => {
          const actual = results[index]![by][at]![entry]!;
          if (distance(actual, value, scale) > tolerance)
            expect.fail(`${program.name}: ${by}(${point}) gives ${actual} for entry ${entry}, not ${value}`);
        });
    });
  });
}

/** Every elementwise primitive as an output of one program of three inputs. */
function everyPrimitive(): Program {
  const builder = new ProgramBuilder();
  const inputs = ["x", "y", "z"].map((name) => builder.input(name));
  const emit = (primitive: ElementwiseName, parameters: object = {}): Operand => {
    const arity = derivatives[primitive].partials(1, 1, 1, 1).length;
    const equation = { primitive, parameters } as Pick<Equation, "primitive" | "parameters">;
    return builder.append(equation, inputs.slice(0, arity));
  };
  const names = Object.keys(derivatives) as ElementwiseName[];
  const outputs = names
    .filter((name) => name !== "integer_pow" && name !== "erfc")
    .map((name) => ({ name, operand: emit(name) }));
  const powers = [-5, -2, -1, 0, 1, 2, 3, 6, 15].map((exponent) => ({
    name: `integer_pow ${exponent}`,
    operand: emit("integer_pow", { exponent }),
  }));
  return builder.build("every", [...outputs, ...powers]);
}

const tripleOf = (first: number, second: number) => [
  SPECIAL[first]!,
  SPECIAL[second]!,
  SPECIAL[(first + second) % SPECIAL.length]!,
];
const specialPoints = SPECIAL.flatMap((_, first) => SPECIAL.map((__, second) => tripleOf(first, second)));

describe.each(cCompilers)("compiled by %s without a warning", (compiler) => {
  test("every primitive at special numbers, sign of zero included", () => {
    const program = everyPrimitive();
    const cases = [{ program, points: specialPoints }];
    const results = runC(cases, compiler, ["-O0"]);
    expectAgreement(cases, results, { tolerance: 1e-14, scale: Number.MIN_VALUE });
    const sameZero = ["max", "min", "sign", "rem", "neg", "abs", "clamp"];
    specialPoints.forEach((point, at) => {
      expected(program, point).forEach((value, entry) => {
        const { name } = program.outputs[entry]!;
        if (value === 0 && sameZero.includes(name))
          expect({ name, point, value: results[0]!.run[at]![entry] }).toEqual({ name, point, value });
      });
    });
  });

  test("random programs and their Jacobians", () => {
    const cases = fc
      .sample(smoothPrograms({ maxEquations: 20 }), { numRuns: 4, seed: 1 })
      .map(
        ({ program, point }): CCase => ({ program: jacobian(program, { values: true }), points: [point] }),
      );
    expectAgreement(cases, runC(cases, compiler, ["-O0"]), { tolerance: 1e-9, scale: 1 });
  });

  test("any names, any literals, dead values: in both precisions", () => {
    const cases = fc
      .sample(randomPrograms({ maxEquations: 12 }), { numRuns: 2, seed: 2 })
      .map((program): CCase => ({ program, points: [program.inputs.map(() => 1)] }));
    const builder = new ProgramBuilder();
    const wild = [
      "exp",
      "M_PI",
      "_Bool",
      "j0",
      "??/",
      "a\\",
      "*/ /*",
      "double",
      "lane_sin",
      "inputs",
      "été",
      "1st",
      "sin",
    ];
    const inputs = wild.map((name) => builder.input(name));
    let sum: Operand = literal(0);
    for (const input of inputs) sum = builder.emit("sin", [builder.emit("add", [sum, input])]);
    wild.forEach((name) => {
      sum = builder.emit("exp", [builder.emit("cos", [sum])]);
      builder.name(sum, name);
    });
    const program = builder.build(
      "wild",
      wild.map((name) => ({ name, operand: sum })),
    );
    cases.push({ program, points: [wild.map((_, index) => index / 7)] });
    const options = {
      header: "ends */ here /* not\\\n??/",
      sections: [{ equation: 0, comment: "A ??/ \\" }],
    };
    const results = runC(cases, compiler, ["-O0"], options);
    expectAgreement(cases.slice(-1), results.slice(-1), { tolerance: 1e-13 });
    runC(cases, compiler, ["-O0"], { ...options, dtype: "float32" });
  });

  test("constants come out as they are, in both precisions", () => {
    const values = [...SPECIAL, 0.1, 1 / 3, 123456789, 1e21, 1e-45, 3.4e38, 1.5, -7];
    const builder = new ProgramBuilder();
    builder.input("x");
    const outputs = values
      .filter((value) => value !== 0)
      .map((value) => ({ name: "c", operand: literal(value) }));
    const cases = [{ program: builder.build("constants", outputs), points: [[1]] }];
    const wanted = outputs.map(({ operand }) => operand.value);
    expect(runC(cases, compiler, ["-O0"])[0]!.run[0]).toEqual(wanted);
    expect(runC(cases, compiler, ["-O0"], { dtype: "float32" })[0]!.run[0]).toEqual(wanted.map(Math.fround));
  });

  test.each([
    ["float64", ["RoeFlux_1d", "RobotArm_6DOF"], 1e-12],
    ["float32", ["BlackScholes"], 1e-4],
  ] as const)("tasks as the file advises to compile them, %s", (dtype, names, tolerance) => {
    const cases = names.map((name): CCase => {
      const task = findTask(name)!;
      const points = referencePoints(task).flatMap(({ inputs }) =>
        Array.from({ length: 5 }, (_, step) => inputs.map((value) => Math.fround(value * (1 + step / 100)))),
      );
      return { program: jacobian(programOf(task), { values: true }), points };
    });
    expectAgreement(cases, runC(cases, compiler, FAST, { dtype }), { tolerance, scale: 1 });
  });
});

describe("the text", () => {
  test("reads as one would write it", () => {
    const builder = new ProgramBuilder();
    const [a, b] = [builder.input("a"), builder.input("b")];
    const area = builder.emit("mul", [builder.emit("add", [a, b]), builder.emit("sub", [a, literal(2)])]);
    builder.name(area, "area");
    const larger = builder.emit("select", [builder.emit("lt", [a, b]), builder.emit("sin", [area]), area]);
    const program = builder.build("f", [{ name: "y", operand: larger }]);
    const { source, header } = emitC(program, {
      dtype: "float32",
      sections: [{ equation: 3, comment: "Choice" }],
    });
    expect(source).toContain(
      [
        "void f_run(const float *restrict inputs, float *restrict outputs) {",
        "  const float a = inputs[0];",
        "  const float b = inputs[1];",
        "  const float area = (a + b) * (a - 2.0f);",
        "",
        "  // Choice",
        "  const float v5 = sinf(area);",
        "  outputs[0] = a < b ? area : v5; // y",
        "}",
      ].join("\n"),
    );
    expect(source).toContain("    const float b = inputs[input_stride + point];");
    expect(source).toContain("    const float v5 = lane_sin(area);");
    expect(header).toContain("enum { f_inputs = 2, f_outputs = 1 };");
    expect(header).toContain("    0  y (output 0)");
  });
});

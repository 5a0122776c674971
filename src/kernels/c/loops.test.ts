import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CCase, cCompilers, FAST, runC } from "../../../test/cCompiler.ts";
import { tensorPrograms } from "../../../test/randomTensorProgram.ts";
import { parseJaxpr } from "../../frontends/jaxpr/index.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { ProgramBuilder } from "../../program/builder.ts";
import { interpret } from "../../program/interpreter.ts";
import type { Operand, Program } from "../../program/program.ts";
import { sizeOf, type Tensor } from "../../program/type.ts";
import { entriesOf, inputCountOf } from "../kernel.ts";
import { emitC } from "./emit.ts";

const FORMS = { loops: -1, unrolled: Number.POSITIVE_INFINITY } as const;

function expected(program: Program, point: readonly number[]): number[] {
  let start = 0;
  const inputs = program.inputs.map(({ type: { shape } }): Tensor => {
    start += sizeOf(shape);
    return { shape, data: Float64Array.from(point.slice(start - sizeOf(shape), start)) };
  });
  const outputs = interpret(program, inputs);
  return entriesOf(program).map(({ output, element }) => outputs[output]!.data[element]!);
}

/** The program at some points around the given one. */
function caseOf(program: Program, inputs: readonly Tensor[]): CCase {
  const point = inputs.flatMap(({ data }) => [...data]);
  return { program, points: [1, 0.9, -1.1].map((scale) => point.map((x) => Math.fround(scale * x))) };
}

/** `run` and `runBatch` agree with the interpreter, to `tolerance` of the larger of 1 and the value. */
function expectAgreement(cases: readonly CCase[], results: ReturnType<typeof runC>, tolerance: number): void {
  cases.forEach(({ program, points }, index) => {
    points.forEach((point, at) => {
      const wanted = expected(program, point);
      expect(results[index]!.runBatch[at]!.map((x) => x + 0)).toEqual(
        results[index]!.run[at]!.map((x) => x + 0),
      );
      wanted.forEach((value, entry) => {
        const actual = results[index]!.run[at]![entry]!;
        if (Object.is(actual + 0, value + 0)) return;
        const distance = Math.abs(actual - value) / Math.max(1, Math.abs(value));
        expect(distance, `case ${index}, entry ${entry}: ${actual} for ${value}`).toBeLessThan(tolerance);
      });
    });
  });
}

function single(
  shapes: readonly (readonly number[])[],
  emit: (builder: ProgramBuilder, ...inputs: Operand[]) => Operand,
): Program {
  const builder = new ProgramBuilder();
  const inputs = shapes.map((shape, index) => builder.input("xyz"[index]!, { shape, dtype: "float64" }));
  return builder.build("f", [{ name: "result", operand: emit(builder, ...inputs) }]);
}

function perceptron(): CCase {
  const data = (ending: string) =>
    readFileSync(new URL(`../../tasks/data/Perceptron.${ending}`, import.meta.url), "utf8");
  const program = parseJaxpr(data("jaxpr"));
  const { points } = JSON.parse(data("json")) as { points: { inputs: unknown[] }[] };
  const inputs = points[0]!.inputs.map((input) => ({
    shape: [],
    data: Float64Array.from([input].flat(9) as number[]),
  }));
  return caseOf(jacobian(program, { values: true }), inputs);
}

describe.each(cCompilers)("%s", (compiler) => {
  const random = fc
    .sample(tensorPrograms, { seed: 3, numRuns: 30 })
    .map(({ program, inputs }, index) =>
      caseOf(index % 3 === 0 ? jacobian(program, { values: true }) : program, inputs),
    )
    .filter(({ program }) => inputCountOf(program) > 0 && entriesOf(program).length > 0);
  const awkward = Float64Array.of(NaN, 3, 3, -Infinity, Infinity, -1);
  const special = [
    ...(["argmax", "argmin"] as const).map((primitive) =>
      single([[3, 2]], (b, x) => b.emit(primitive, [x], { axis: 0, dtype: "int32" })),
    ),
    single([[3, 2]], (b, x) => b.emit("cummax", [x], { axis: 0, direction: "backward" })),
    single([[6]], (b, x) =>
      b.emit("add", [
        b.emit("gather", [x], { shape: [6], positions: [5, -1, 0, 0, 3, 1] }),
        b.emit("constant", [], { shape: [6], dtype: "float64", values: [1, 0.1, -2, 3, 1e30, 7] }),
      ]),
    ),
  ].map((program) => ({ program, points: [[...awkward]] }));

  test.each(["loops", "unrolled"] as const)(
    "random programs and special numbers as %s, without warnings",
    (form) => {
      const cases = [...(form === "loops" ? random : random.slice(0, 6)), ...special];
      expectAgreement(cases, runC(cases, compiler, ["-O1"], { longestUnrolled: FORMS[form] }), 1e-9);
    },
  );

  test("the Jacobian of Perceptron as loops, optimised, in both dtypes", () => {
    const cases = [perceptron()];
    expectAgreement(cases, runC(cases, compiler, FAST, { longestUnrolled: -1 }), 1e-9);
    expectAgreement(cases, runC(cases, compiler, FAST, { longestUnrolled: -1, dtype: "float32" }), 1e-3);
  });
});

test("loops as one would write them", () => {
  const program = single(
    [
      [8, 5],
      [5, 7],
    ],
    (b, x, y) => b.emit("dot_general", [x, y], { contracting: [[1], [0]], batch: [[], []] }),
  );
  const { source, header } = emitC(program, { longestUnrolled: -1 });
  expect(source).toContain(
    [
      "  for (int i = 0; i < 8; i++) {",
      "    for (int j = 0; j < 5; j++) {",
      "      const double x_j = x[5 * i + j];",
      "      for (int k = 0; k < 7; k++) {",
      "        v1[7 * i + k] = v1[7 * i + k] + x_j * y[7 * j + k];",
    ].join("\n"),
  );
  expect(header).toContain("  0-39  x [8, 5]");
  expect(header).toContain("enum { f_inputs = 75, f_outputs = 56 };");
});

test("arrays too large for the stack are static, which the header says", () => {
  const square = (size: number) =>
    emitC(
      single([[size]], (b, x) => {
        const product = b.emit("dot_general", [x, x], { contracting: [[], []], batch: [[], []] });
        return b.emit("reduce_sum", [product], { axes: [0] });
      }),
      { longestUnrolled: -1 },
    );
  expect(square(100).header).not.toContain("static arrays");
  expect(square(100).source).toContain("  double v1[10000];");
  expect(square(300).header).toContain("not more than one at a time");
  expect(square(300).source).toContain("  static double v1[90000];");
});

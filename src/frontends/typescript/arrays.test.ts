/** The array vocabulary traced: the equations that it becomes, and the same numbers and derivatives as the source itself. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jacobian } from "../../jacobian/jacobian.ts";
import * as math from "../../math.ts";
import { softmax as mySoftmax } from "../../math.ts";
import { interpret } from "../../program/interpreter.ts";
import type { Program } from "../../program/program.ts";
import { type Nested, nestedResults, tensorsOf } from "../../program/tree.ts";
import { trace, traceSource } from "./index.ts";

const imports = `import { ${Object.keys(math).join(", ")}, type Matrix, type Tuple, type Vector } from "alphagrad/math";\n`;
const traced = (text: string) => traceSource(imports + text, { source: "f.ts" });
const primitives = ({ equations }: Program) => equations.map(({ primitive }) => primitive);
const inputs = (program: Program) =>
  program.inputs.map(({ name, type: { shape } }) => `${name}[${shape.join(",")}]`).join(" ");

describe("what becomes of arrays", () => {
  test("an array that is used whole is one input, its elements are taken out of it", () => {
    const program = traced(`
      export function f(W: Matrix<2, 3>, x: Vector<3>, s: number) {
        const y = matmul(W, x);
        return { y, first: x[0] * s };
      }`);
    expect(inputs(program)).toBe("W[2,3] x[3] s[]");
    expect(primitives(program)).toEqual(["gather", "dot_general", "mul"]);
    expect(program.outputs.map(({ name }) => name)).toEqual(["y", "first"]);
    expect(program.equations[1]!.name).toBe("y");
    expect(program.signature).toEqual({ inputs: [0, 1, 2], outputs: [{ y: 0, first: 1 }] });
  });

  test("arrays of which only parts are used whole come as these parts", () => {
    const program = traced(`
      export const f = ([a, b]: Matrix<2, 3>, c: [number, number], M: Matrix<3, 2>) =>
        [dot(a, b), c[0] * c[1], ...M.slice(1).map((row) => sum(row))];`);
    expect(inputs(program)).toBe("a[3] b[3] c0[] c1[] M0_0[] M0_1[] M1[2] M2[2]");
    expect(primitives(program)).toEqual(["dot_general", "mul", "reduce_sum", "reduce_sum"]);
  });

  test("JavaScript's own ways with arrays keep them whole", () => {
    const program = traced(`
      export function f(x: Vector<4>, M: Matrix<2, 2>) {
        const copy = [...x.map((e) => e)];
        const [[a, b], [c, d]] = M;
        return [sum(copy), sum([[a, b], [c, d]]), sum(x.flat())];
      }`);
    expect(inputs(program)).toBe("x[4] M[2,2]");
    expect(primitives(program)).toEqual(["reduce_sum", "reduce_sum", "reduce_sum"]);
  });

  test("arrays built from scalars, constants and parts are joined", () => {
    const program = traced(`
      export const f = (x: Vector<3>, s: number) => dot([s, 2, 3, x[2], x[1]], [x[0] * s, ...x, 1]);`);
    expect(primitives(program)).toEqual([
      "gather",
      "mul",
      "reshape",
      "constant",
      "gather",
      "concatenate",
      "reshape",
      "constant",
      "concatenate",
      "dot_general",
    ]);
  });

  test("constants alone stay numbers", () => {
    const program = traced(`
      const table = transpose(matmul([[1, 2], [3, 4]], [[0, 1], [1, 0]]));
      export const f = (x: number) => table[0][1] * x;`);
    expect(primitives(program)).toEqual(["mul"]);
    expect(program.equations[0]!.operands[0]).toMatchObject({ value: 4 });
  });

  test("sources without the vocabulary have the programs that they had", () => {
    const program = traced("export const f = (x: Vector<2>, [[a]]: Matrix<1, 1>) => [x[1] * a, x];");
    expect(inputs(program)).toBe("x0[] x1[] a[]");
    expect(primitives(program)).toEqual(["mul"]);
    expect(program.signature).toEqual({ inputs: [[0, 1], [[2]]], outputs: [0, [1, 2]] });
  });

  test("types: aliases, tuples of anything, extents with a name, shapes given", () => {
    const text = `type N = 2;
      type Layer = { W: Matrix<N, 3>; b: Vector<N> };
      export const f = (layers: Tuple<Layer, 2>, x: number[]) => layers.map(({ W, b }) => add(matmul(W, x), b));`;
    const program = traceSource(imports + text, { shapes: [undefined, [3]] });
    expect(inputs(program)).toBe("layers0_W[2,3] layers0_b[2] layers1_W[2,3] layers1_b[2] x[3]");
    expect(program.signature?.outputs).toEqual([0, 1]);
  });

  test("trace: the functions of the scope are known", () => {
    const program = trace((x: number[]) => mySoftmax(x), [[3]], { scope: { mySoftmax, softmax: mySoftmax } });
    expect(inputs(program)).toBe("x[3]");
    expect(primitives(program)).toContain("reduce_sum");
  });

  test("a result is one output unless its elements were touched", () => {
    const program = traced("export const f = (x: Vector<2>) => [exp(x), exp(x).map((e) => e + 1)];");
    expect(program.outputs.map(({ operand }) => operand.kind)).toEqual(["variable", "variable", "variable"]);
    expect(program.signature?.outputs).toEqual([0, [1, 2]]);
  });
});

describe("errors", () => {
  test.each([
    [
      "(x: Vector<3>) => matmul([[1, 2]], x)",
      "f.ts:2:36: matmul([[1, 2]], x): matmul: [1, 2] and [3] do not fit",
    ],
    ["(x: Vector<3>) => add(x, [1, 2])", "f.ts:2:36: add(x, [1, 2]): add: [3] and [2] do not fit"],
    ["(x: Vector<3>) => sum([x, [1]])", "sum([x, [1]]): a ragged array: 3 elements stand beside 1"],
    ["(x: Vector<3>) => sum([x, 1])", "sum([x, 1]): a ragged array: numbers stand beside arrays"],
    ["(x: Vector<3>) => sum(x, 1)", "sum(x, 1): sum: [3] has no axis 1"],
    ["(x: Vector<3>) => sum(x, x[0])", "sum(x, x[0]): sum: [3] has no axis of that kind"],
    ["(x: Vector<3>) => sum([x, undefined])", "sum([x, undefined]): a ragged array"],
    ["(x: Vector<3>) => dot(x, [1, 2, 'a'])", "expected numbers or arrays of numbers, got a text"],
    ["(x: Vector<3>) => sum([x[0] > 1])", "an argument is a comparison"],
    ["(x: Vector<3>) => reshape(x, [2])", "reshape: [3] has not 2 elements"],
    ["(x: Vector<3>) => max([], 0) + x[0]", "max([], 0): max: [0] has no elements"],
    ["(x: Vector<2000>) => outer(x, x)", "an array of 4000000 elements is too large to trace"],
    ["(x: Vector<3>) => { const a = [x[0]]; a[0] = a; return a; }", "nested too deeply"],
    ["(x: Vector<3>) => { const a = []; a[0] = a; return sum(a); }", "f.ts:2:"],
    ["(x: number[]) => sum(x)", "parameter x: its type (number[]) does not say which numbers it holds"],
    ["(x: Vector<0>) => sum(x)", "parameter x: its type (Vector<0>) does not say"],
    ["(x: Vector) => sum(x)", "parameter x: its type (Vector) does not say"],
    ["(x: Vector<3>) => add(x, x) + 1", "the left operand is an array of 3, not a number"],
  ])("%s", (text, message) => {
    expect(() => traced(`export const f = ${text}`)).toThrow(message);
  });
});

/** Expressions by shape. `smooth` leaves out kinks and poles. */
function expressions(smooth: boolean) {
  type Shapes = { scalar: string; two: string; three: string; wide: string; tall: string };
  const unary = fc.constantFrom(
    ...(smooth
      ? ["negate", "sin", "tanh", "sigmoid", "square"]
      : [
          "negate",
          "abs",
          "sqrt",
          "exp",
          "expm1",
          "log",
          "log1p",
          "cos",
          "tan",
          "asin",
          "atan",
          "cosh",
          "square",
        ]),
  );
  const binary = fc.constantFrom(
    ...(smooth ? ["add", "subtract", "multiply"] : ["add", "divide", "maximum", "minimum", "power"]),
  );
  const reduction = fc.constantFrom(
    ...(smooth ? ["sum", "mean", "logSumExp"] : ["sum", "max", "min", "mean", "norm"]),
  );
  return fc.letrec<Shapes>((tie) => {
    const call = (name: fc.Arbitrary<string> | string, ...parameters: (fc.Arbitrary<string> | string)[]) =>
      fc
        .tuple(...[name, ...parameters].map((part) => (typeof part === "string" ? fc.constant(part) : part)))
        .map(([callee, ...rest]) => `${callee}(${rest.join(", ")})`);
    const common = (shape: keyof Shapes) => [
      call(unary, tie(shape)),
      call(binary, tie(shape), tie(shape)),
      call(binary, tie("scalar"), tie(shape)),
    ];
    const limit = { maxDepth: 4, depthIdentifier: "arrays" } as const;
    const list = (...items: fc.Arbitrary<string>[]) =>
      fc.tuple(...items).map((parts) => `[${parts.join(", ")}]`);
    return {
      scalar: fc.oneof(
        limit,
        fc.constantFrom("s", "v[0]", "w[2]", "M[1][0]", "0.5"),
        call(reduction, tie("two")),
        call(reduction, tie("wide")),
        call("dot", tie("three"), tie("three")),
        fc.tuple(tie("scalar"), tie("scalar")).map(([a, b]) => `(${a} * ${b})`),
        tie("three").map((a) => `${a}[1]`),
      ),
      two: fc.oneof(
        limit,
        fc.constantFrom("v", "[s, 1]", "M.map((row) => row[1])", "w.slice(1)"),
        ...common("two"),
        list(tie("scalar"), tie("scalar")),
        call("matmul", tie("wide"), tie("three")),
        call("matmul", tie("three"), tie("tall")),
        call(reduction, tie("wide"), "1"),
        call("softmax", tie("two")),
      ),
      three: fc.oneof(
        limit,
        fc.constantFrom("w", "M[0]", "[...v, s]"),
        ...common("three"),
        call(reduction, tie("wide"), "0"),
        call("matmul", tie("two"), tie("wide")),
        fc.tuple(tie("two"), tie("scalar")).map(([a, b]) => `concatenate([${a}, [${b}]])`),
        tie("three").map((a) => `${a}.map((e, i) => e * (i + w[i]))`),
      ),
      wide: fc.oneof(
        limit,
        fc.constantFrom("M", "[w, M[0]]"),
        ...common("wide"),
        call(binary, tie("wide"), tie("three")),
        list(tie("three"), tie("three")),
        call("outer", tie("two"), tie("three")),
        call("transpose", tie("tall")),
        call("softmax", tie("wide"), fc.constantFrom("0", "1")),
        fc.tuple(tie("tall")).map(([a]) => `reshape(${a}, [2, 3])`),
      ),
      tall: fc.oneof(limit, fc.constant("transpose(M)"), ...common("tall"), call("transpose", tie("wide"))),
    };
  });
}

const source = (smooth: boolean) => {
  const { scalar, two, three, wide, tall } = expressions(smooth);
  return fc
    .array(fc.oneof(scalar, two, three, wide, tall), { minLength: 1, maxLength: 3 })
    .map(
      (results) =>
        `export function f(s: number, v: Vector<2>, w: Vector<3>, M: Matrix<2, 3>) { const all = { ${results
          .map((result, index) => `r${index}: ${result}`)
          .join(", ")} }; return all; }`,
    );
};

/** The source run as JavaScript. */
function plainly(text: string): (...parameters: unknown[]) => Nested {
  const names = Object.keys(math);
  const javascript = text
    .replace("export function", "return function")
    .replace(/: (Vector|Matrix)<[^>]*>|: number/g, "");
  return new Function(...names, javascript)(...Object.values(math));
}

const points = fc
  .array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 12, maxLength: 12 })
  .map((n) => [n[0]!, n.slice(1, 3), n.slice(3, 6), [n.slice(6, 9), n.slice(9, 12)]] as const);

/** Inputs as the program has them, whichever arrays it keeps whole. */
const evaluated = (program: Program, point: readonly unknown[]) =>
  nestedResults(program, interpret(program, tensorsOf(program, point)))[0]!;

describe("random sources", () => {
  test("tracing keeps every bit", () => {
    fc.assert(
      fc.property(source(false), points, (text, point) => {
        const wanted = plainly(text)(...point);
        if (/NaN/.test(String(numbers(wanted)))) return;
        expect(evaluated(traced(text), point)).toEqual(wanted);
      }),
      { numRuns: 100 },
    );
  });

  test("the Jacobian equals central differences of the source", () => {
    fc.assert(
      fc.property(source(true), points, (text, point) => {
        const plain = plainly(text);
        const program = traced(text);
        const derivative = jacobian(program);
        const flat = numbers(point);
        const step = 2 ** -18;
        const at = (index: number, by: number) =>
          numbers(plain(...renested(flat.with(index, flat[index]! + by))));
        const rows = numbers(plain(...point)).length;
        const differences = flat.map((_, index) => {
          const [above, below] = [at(index, step), at(index, -step)];
          return above.map((value, row) => (value - below[row]!) / (2 * step));
        });
        const blocks = interpret(derivative, tensorsOf(program, point));
        let firstRow = 0;
        program.outputs.forEach((_, output) => {
          const own = program.inputs.map((__, input) => blocks[output * program.inputs.length + input]!);
          const columns = program.inputs.map(({ type: { shape } }) => shape.reduce((a, b) => a * b, 1));
          const height = own[0]!.data.length / columns[0]!;
          for (let row = 0; row < height; row++) {
            const entries = own.flatMap(({ data }, input) => [
              ...data.slice(row * columns[input]!, (row + 1) * columns[input]!),
            ]);
            entries.forEach((entry, column) => {
              const wanted = differences[column]![firstRow + row]!;
              const scale = Math.max(
                1,
                ...differences.map((difference) => Math.abs(difference[firstRow + row]!)),
              );
              expect(Math.abs(entry - wanted)).toBeLessThanOrEqual(1e-4 * scale);
            });
          }
          firstRow += height;
        });
        expect(firstRow).toBe(rows);
      }),
      { numRuns: 30 },
    );
  });
});

function numbers(value: unknown): number[] {
  if (typeof value === "number") return [value];
  return Object.values(value as object).flatMap(numbers);
}

function renested(n: readonly number[]): readonly unknown[] {
  return [n[0], n.slice(1, 3), n.slice(3, 6), [n.slice(6, 9), n.slice(9, 12)]];
}

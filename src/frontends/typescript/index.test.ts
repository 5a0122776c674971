import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { doublePendulum } from "../../../test/sources/doublePendulum.ts";
import neuron from "../../../test/sources/neuron.js";
import { erf, where } from "../../math.ts";
import { interpretScalars } from "../../program/interpreter.ts";
import type { Program } from "../../program/program.ts";
import { type ModuleLoader, trace, traceSource } from "./index.ts";

const sources = new URL("../../../test/sources/", import.meta.url);
const modules: ModuleLoader = (specifier, importer) => {
  const url = new URL(specifier, new URL(importer, sources));
  return { text: readFileSync(fileURLToPath(url), "utf8"), source: url.pathname.split("/").at(-1) ?? "" };
};
const traceFile = (name: string) =>
  traceSource(readFileSync(fileURLToPath(new URL(name, sources)), "utf8"), { source: name, modules });
const primitives = (program: Program) => program.equations.map(({ primitive }) => primitive).join(" ");
const inputNames = (program: Program) => program.inputs.map(({ name }) => name).join(" ");
const outputNames = (program: Program) => program.outputs.map(({ name }) => name).join(" ");
const body = (code: string, parameters = "x: number, y: number") =>
  traceSource(`import { erf, where } from "alphagrad/math";\nexport function f(${parameters}) { ${code} }`, {
    source: "f.ts",
  });

describe("sources as users write them", () => {
  test("a double pendulum with an imported integrator computes what it computes as plain TypeScript", () => {
    const program = traceFile("doublePendulum.ts");
    expect(inputNames(program)).toBe(
      "state0 state1 state2 state3 pendulum_masses0 pendulum_masses1 pendulum_lengths0 pendulum_lengths1 step",
    );
    expect(program.signature).toEqual({
      inputs: [[0, 1, 2, 3], { masses: [4, 5], lengths: [6, 7] }, 8],
      outputs: [0, 1, 2, 3],
    });
    const [state, pendulum, step] = [
      [0.3, -1.2, 0.7, 2.5],
      { masses: [1.5, 0.8], lengths: [0.9, 1.1] },
      0.02,
    ] as const;
    const expected = doublePendulum([...state], { ...pendulum }, step);
    expect(interpretScalars(program, [...state, ...pendulum.masses, ...pendulum.lengths, step])).toEqual(
      expected,
    );
  });

  test("plain JavaScript, default export, object result", () => {
    const program = traceFile("neuron.js");
    expect(program.name).toBe("neuron");
    expect(inputNames(program)).toBe("a b c bias0 bias1");
    expect(outputNames(program)).toBe("hidden0 hidden1 norm");
    expect(program.signature?.outputs).toEqual([{ hidden: [0, 1], norm: 2 }]);
    const { hidden, norm } = neuron([0.1, 0.2, -0.3], [0.4, 0.5]);
    const [h0, h1, n] = interpretScalars(program, [0.1, 0.2, -0.3, 0.4, 0.5]);
    expect([h0, h1]).toEqual(hidden);
    expect(n).toBeCloseTo(norm, 14);
  });

  test("modules: named, default, namespace, re-exported and type imports", () => {
    const files: Record<string, string> = {
      "types.ts": "export interface Base { readonly x: number }\nexport type V = readonly [number, number];",
      "a.ts": "export default (x: number) => x * scale; export const scale = 3; export * from './b.ts';",
      "b.ts": "export function twice(x: number): number { return 2 * x; } export { twice as double };",
    };
    const text = `
      import type { V } from "./types.ts";
      import { type Base } from "./types.ts";
      import triple, { twice, double as again } from "./a.ts";
      import * as everything from "./a.ts";
      type Both = Base & { v: V };
      export { traced as f };
      function traced(p: Both) { return triple(p.x) + twice(p.v[0]) + again(p.v[1]) + everything.scale; }`;
    const load: ModuleLoader = (specifier) => {
      const found = files[specifier.slice(2)];
      return found === undefined ? undefined : { text: found, source: specifier.slice(2) };
    };
    const program = traceSource(text, { source: "main.ts", modules: load });
    expect(inputNames(program)).toBe("p_x p_v0 p_v1");
    expect(interpretScalars(program, [1, 10, 100])).toEqual([3 + 20 + 200 + 3]);
  });

  test("where and erf are ordinary functions outside a trace", () => {
    expect(where(1 < 2, 3, 4)).toBe(3);
    expect(where(2 < 1, 3, 4)).toBe(4);
    expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15);
  });
});

describe("equations are those that were written", () => {
  test("constants fold, nothing else does", () => {
    const program = body("const gamma = 0.5; return (gamma - 1) * (x - 0.5 * y ** 2 / x);");
    expect(primitives(program)).toBe("integer_pow mul div sub mul");
    expect(program.equations.at(-1)?.operands[0]).toEqual({ kind: "literal", value: -0.5, dtype: "float64" });
    expect(primitives(body("return x * 1 + 0;"))).toBe("mul add");
    expect(primitives(body("return Math.sin(x) * Math.sin(x);"))).toBe("sin sin mul");
  });

  test("every operator", () => {
    expect(primitives(body("return -x;"))).toBe("neg");
    expect(primitives(body("return +x % y;"))).toBe("rem");
    expect(primitives(body("x += y; x -= y; x *= y; x /= y; x **= 2; x++; --x; return x;"))).toBe(
      "add sub mul div integer_pow add sub",
    );
    expect(primitives(body("return x ** y + x ** 0.5 + 2 ** x + Math.pow(x, 3);"))).toBe(
      "pow pow add pow add integer_pow add",
    );
    expect(primitives(body("return Math.max(0, x, y, 1) + Math.hypot(x, y, 2);"))).toBe(
      "max max max hypot hypot add",
    );
    expect(primitives(body("return where(x !== y, x, y) + where(x >= 1, erf(x), 0);"))).toBe(
      "ne select ge erf select add",
    );
    expect(primitives(body("let i = 3; const v = [x, y]; v[i - 3] *= 2; v[1]++; return v;"))).toBe("mul add");
    expect(interpretScalars(body("let a = x++; const b = ++a; return [a, b, x];"), [1, 0])).toEqual([
      2, 2, 2,
    ]);
    expect(interpretScalars(body("const v = [x]; const a = v[0]++; return [a, v[0]];"), [1, 0])).toEqual([
      1, 2,
    ]);
  });

  test("rounding is JavaScript's", () => {
    const program = body("return [Math.round(x), Math.trunc(x), Math.floor(x), Math.ceil(x), Math.sign(x)];");
    for (const x of [-2.5, -1.5, -0.5, 0.49999999999999994, 0.5, 2.5, 1.2, -1.7, 4503599627370497, -Infinity])
      expect(interpretScalars(program, [x, 0]).map((value) => value + 0)).toEqual(
        [Math.round(x), Math.trunc(x), Math.floor(x), Math.ceil(x), Math.sign(x)].map((value) => value + 0),
      );
  });

  test("equations carry the names of their variables", () => {
    const program = body(
      "const product = x * y; let [a, b] = [x + 1, y]; a = a * 2; const f = (z) => z * 3; return f(a) + product;",
    );
    expect(program.equations.map(({ name }) => name)).toEqual(["product", "a", "a", undefined, undefined]);
  });

  test("results are named by variables, keys, or numbers", () => {
    expect(outputNames(body("const px = x + 1; return [px, x * y, y];"))).toBe("px out1 y");
    expect(outputNames(body("return { a: x, b: [y, 2] };"))).toBe("a b0 b1");
    expect(outputNames(body("const v = [x, y]; return v;"))).toBe("v0 v1");
    expect(outputNames(body("return x / y;"))).toBe("out0");
    expect(body("return 3;").outputs[0]?.operand).toEqual({ kind: "literal", value: 3, dtype: "float64" });
  });
});

describe("JavaScript runs", () => {
  test.each([
    ["let s = 0; for (let i = 0; i < 4; i++) { if (i === 2) continue; s += x * i; } return s;", 4],
    [
      "let s = 0; outer: for (const i of [1, 2]) for (const j of [1, 2]) { if (j === 2) continue outer; s += i * x; } return s;",
      3,
    ],
    ["let s = 0, n = 3; while (n-- > 0) s += x; return s;", 3],
    ["const o = { a: x, b: 2 }; let s = 0; for (const k in o) s += o[k]; return s;", 3],
    [
      "switch ([1, 2].length) { case 1: return x; case 2: { const t = 5; return t * x; } default: return y; }",
      5,
    ],
    ["const { a = 7, ...rest } = { b: x, c: 2 }; return a * rest.b * rest.c;", 14],
    ["const fact = (n) => (n === 0 ? 1 : n * fact(n - 1)); return fact(4) * x;", 24],
    ["return Array.from({ length: 3 }, (_, i) => i * x).slice(1).concat([x]).reduce((a, b) => a + b);", 4],
    [
      "let [a, b] = [x, 2]; [a, b] = [b, a]; const v = [0, 0]; [v[0], v[1]] = [a, b]; return v[0] + v[1] * 10;",
      12,
    ],
    ["const add = (...terms) => terms.reduce((a, b) => a + b, 0); return add(...[x, 1, 2]);", 4],
    [
      "return [[1, 2], [3, 4]].map((row) => row.map((e) => e * x)).flat().every((e) => e !== null) ? x * 6 : y;",
      6,
    ],
    ["var t = hoisted(x); return t; function hoisted(z: number) { return z * 8; }", 8],
    ["const v = new Float64Array(2); v[0] = x; return (v[0] as number) + v[1]!;", 1],
    [
      "const v: number[] = []; const n: any = null; return v[0]?.a === undefined && n?.b.c.d(x) === undefined ? x * 3 : y;",
      3,
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in the source under test
    ["const s = 'a' + 1; return s === `a${1}` && typeof x === 'number' ? x * 9 : y;", 9],
    ["let u; u ??= x; return ((z: number) => z * 2)(u satisfies number);", 2],
    ["const key = 'b'; const o = { [key]: x, m(z) { return z + 1; } }; return o.m(o.b);", 2],
    ["return Number(true) + Math.max() === -Infinity ? x : y;", 1],
    ["return where(true, x, y) + (undefined ?? 1) + (x === undefined ? 5 : 0);", 2],
    ["if (!Array.isArray(x)) console.log('traced'); return Number.isFinite(3) ? Math.sqrt(16) * x : y;", 4],
  ])("%s", (code, expected) => {
    expect(interpretScalars(body(code), [1, 100])).toEqual([expected]);
  });

  test("unsupported code that is not reached does no harm", () => {
    const text = `
      enum Colour { red }
      class Unused { x = 1 }
      async function main() { await fetch("x"); }
      declare const ambient: number;
      function overloaded(x: number): number;
      function overloaded(x: any) { return x; }
      namespace N { export type T = number }
      export const f = <T>(x: number, t?: number) => overloaded(x as number) * 2;`;
    expect(primitives(traceSource(text))).toBe("mul");
  });

  test("a sum of many terms", () => {
    expect(
      body(`return ${Array.from({ length: 500 }, (_, i) => `x * ${i}`).join(" + ")};`).equations,
    ).toHaveLength(999);
  });
});

describe("parameters", () => {
  test.each([
    ["v: [number, number]", "v0 v1"],
    ["m1: [[number, number], [number, number]]", "m1_0_0 m1_0_1 m1_1_0 m1_1_1"],
    ["[a, b]: readonly [number, number], { x: [p], y }: { x: [number]; y: number }", "a b p y"],
    ["[a, [b, c]], { d }", "a b c d"],
    ["v = [1, 2, -3], n = 0.5", "v0 v1 v2 n"],
    ["...rest: [number, number]", "rest0 rest1"],
    ["v0: number, v: Readonly<[number]>", "v0 v0_2"],
    ["x?: number, p: { q: number } = { q: 1 }", "x p_q"],
  ])("(%s)", (parameters, names) => {
    expect(inputNames(body("return 1;", parameters))).toBe(names);
  });

  test("shapes say what the source does not", () => {
    const text = "export const norm = (v: number[], p) => v.reduce((s, e) => s + e * e * p.w[0][1], 0);";
    const program = traceSource(text, { shapes: [[2], { w: [1, 2] }] });
    expect(inputNames(program)).toBe("v0 v1 p_w0_0 p_w0_1");
    expect(program.name).toBe("norm");
  });

  test("an interface that extends another", () => {
    const text =
      "interface A { a: number }\nexport interface B extends A { b: [number] }\nexport const f = (p: B) => p.a * p.b[0];";
    expect(inputNames(traceSource(text))).toBe("p_a p_b0");
  });
});

describe("trace", () => {
  const gain = 3;
  const even = (n: number): number => (n === 0 ? 1 : odd(n - 1));
  const odd = (n: number): number => (n === 0 ? 0 : even(n - 1));
  const helper = (x: number) => where(x > 0, erf(x), gain * even(4));

  test("a function of numbers", () => {
    const program = trace((x: number, y: number) => [x * Math.sin(y), Math.exp(x * y)]);
    expect(primitives(program)).toBe("sin mul mul exp");
    expect(program.name).toBe("f");
  });

  test("imports, helpers and constants of the scope", () => {
    const table = { rows: [[1, 2]], apply: (x: number) => x + 1 };
    const g = (x: number) => helper(x) * (table.rows[0]?.[1] ?? 0) + table.apply(x) + where(x < 0, 1, erf(x));
    const program = trace(g, [], { scope: { helper, gain, even, odd, table } });
    expect(interpretScalars(program, [-0.5])).toEqual([g(-0.5)]);
    expect(interpretScalars(program, [0.5])).toEqual([g(0.5)]);
    expect(program.name).toBe("g");
  });

  test("methods, function expressions, recursion by name, passed built-ins", () => {
    const power = (x: number, n: number): number => (n === 0 ? 1 : x * power(x, n - 1));
    expect(primitives(trace((x: number) => power(x, 3), [], { scope: { power } }))).toBe("mul mul mul");
    const object = {
      cube(x: number) {
        return x * x * x;
      },
    };
    expect(trace(object.cube).name).toBe("cube");
    const sine = Math.sin;
    expect(primitives(trace((x: number) => [x].map(sine), [], { scope: { sine } }))).toBe("sin");
    expect(primitives(trace((v: number[]) => v.map(Math.cos), [[2]]))).toBe("cos cos");
    expect(inputNames(trace((p: { a: number[] }) => p.a[0]! * 2, [{ a: [1] }]))).toBe("p_a0");
  });

  test.each([
    [
      () => trace((x: number) => helper(x)),
      /helper is not defined here.*trace\(fn, shapes, \{ scope: \{ helper \} \}\)/,
    ],
    [() => trace(Math.sin), /is not written out as a function/],
    [() => trace(((x: number) => x).bind(null)), /is not available \(it is built in or bound\)/],
    [() => trace(async (x: number) => x), /async functions/],
    [() => trace(class {} as never), /not a plain function/],
    [() => trace(3 as never), /needs a function, got number/],
    [() => trace((v: number[]) => v, [[-1]]), /positive integers/],
    [() => trace((x: number) => x, [[], []]), /2 shapes are given, but the function has 1 parameters/],
    [() => trace((v: number[]) => v[0]! * 2), /line 1, column \d+: .*give its shape/],
  ])("refusal %#", (run, message) => expect(run).toThrow(message));
});

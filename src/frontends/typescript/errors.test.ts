import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mutate, mutations } from "../../../test/mutations.ts";
import { InputError } from "../../errors.ts";
import { programOf, tasks } from "../../tasks/index.ts";
import { traceSource } from "./index.ts";

/** Traces `text` as f.ts and gives the message of its refusal. */
function refusal(text: string): string {
  try {
    traceSource(text, { source: "f.ts", limits: { equations: 1000, steps: 5000, length: 10_000 } });
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    const { message } = error as InputError;
    expect(message).not.toContain("\n");
    return message;
  }
  throw new Error(`not refused: ${text}`);
}

/** The refusal of a function with two number parameters; its body begins at column 44. */
const refusalOf = (body: string) => refusal(`export function f(x: number, y: number) { ${body} }`);

describe("branches on traced values", () => {
  test.each([
    ["return x > 0 ? x : y;", 50],
    ["if (x > y) return x; return y;", 47],
    ["while (x < 3) x++; return x;", 50],
    ["do x++; while (x < 3); return x;", 58],
    ["for (; x < 3; ) x++; return x;", 50],
    ["return (x > 0 && y > 0) ? 1 : 2;", 51],
    ["return x || y;", 50],
    ["return !x ? 1 : 2;", 51],
    ["switch (x) { case 1: return 2; } return y;", 51],
    ["x ||= y; return x;", 43],
  ])("%s", (body, column) => {
    expect(refusalOf(body)).toMatch(`f.ts:1:${column}: a branch on a value that depends on the inputs`);
    expect(refusalOf(body)).toContain("where(condition, a, b)");
  });
});

test.each([
  // Values in the wrong place
  ["return [1, 2][x];", /1:50: \[1, 2\]\[x\]: an index cannot depend on the inputs/],
  ["return [x, y].sort((a, b) => a - b);", /plain value is needed/],
  ["return [x, y].filter((a) => a > 0);", /callback of filter/],
  ["return [x, y].includes(x) ? 1 : 0;", /search for equal elements/],
  ["return x | 0;", /bit operator \|/],
  ["return ~x;", /bit operator ~/],
  ["return 'a' + x;", /cannot become part of a text/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in the source under test
  ["return `${x}`;", /plain value is needed/],
  ["return (x > 0) * 2;", /the left operand is a comparison.*condition of where/],
  ["return Number.isInteger(x) ? 1 : 2;", /Number.isInteger cannot be applied/],
  ["return new Array(x);", /length of an array cannot depend/],
  ["const v = [1]; return v[1] * x;", /1:65: v\[1\] \* x: the left operand is undefined/],
  ["const v = undefined; return v.a;", /v\.a: the value before \.a is undefined/],
  ["return x[0];", /the value before \[0\] is a number.*annotate that as a tuple/],
  ["const [a] = x; return a;", /x is a number, not an array or object/],
  ["const { a } = x; return a;", /x is a number, not an array or object/],
  ["let s = 0; for (const a of x) s += a; return s;", /a number is used as an array/],
  ["return Math.max(...x);", /a number is used as an array/],
  // Results
  ["x * 2;", /the result is undefined: a non-numeric result/],
  ["return [x, 'a'];", /the result\[1\] is a text/],
  ["return { a: NaN };", /the result.a is NaN/],
  ["return x > 0;", /the result is a boolean/],
  ["return [];", /returns no numbers/],
  ["const a = [x]; a.push(a); return a;", /nested too deeply/],
  // Names and calls
  ["return Math.sine(x);", /1:50: Math\.sine\(x\): \.sine is undefined, not a function/],
  ["return x(2);", /what is called is a number/],
  ["return sin(x);", /1:50: sin is not defined here/],
  ["return x * Math.random();", /pass the random number as a parameter/],
  ["return x * Date.now();", /Date is not available/],
  ["const a = x; a = 2; return a;", /Assignment to constant/],
  ["const b = a; const a = x; return b;", /before initialization/],
  ["throw new RangeError('no\\ngood');", /1:43: the function throws: no good/],
  // Syntax that is not supported
  ["class A {} return new A();", /classes are not supported/],
  ["try { return x; } catch { return y; }", /try is not supported/],
  ["return this.x;", /this is not supported/],
  ["return x * 10n;", /big integers/],
  ["return (async () => x)();", /async functions/],
  ["return arguments[0];", /arguments is not defined here/],
  ["return x instanceof Number ? 1 : 2;", /instanceof is not supported/],
  ["return import('fs');", /ImportExpression is not supported/],
  // Without end
  ["for (;;) {}", /1:52: still running after 5000/],
  ["while (true) x = x * 2;", /more than 1000 equations/],
  ["const g = (n) => g(n + 1); return g(0);", /recursion is too deep|still running/],
  ["let a = [x]; for (;;) a = [...a, ...a];", /too large to trace/],
  ["let a = 'a'; for (;;) a += a;", /grows without bound/],
  ["const a = []; a[1e9] = x; return a;", /too large to trace/],
  ["return Array(1e9).fill(x);", /too large to trace/],
  ["return Array.from({ length: 1e9 });", /too large to trace/],
  ["return 'a'.repeat(1e9).length;", /too long/],
])("%s", (body, message) => expect(refusalOf(body)).toMatch(message));

test.each([
  ["export function f(x: number) {\n  return x +; }", /f\.ts:2:13: syntax error/],
  ["function f(x: number) { return x; }", /f\.ts: exports no function/],
  [
    "export const f = (x: number) => x, g = f;",
    /exports several functions \(f, g\): choose one with --function/,
  ],
  ["export async function f(x: number) { return x; }", /f\.ts:1:8: .*async functions/],
  ["export function* f(x: number) { yield x; }", /f\.ts:1:8: .*async functions and generators/],
  ["export const f = Math.sin;", /f\.ts: f is not written out as a function/],
  ["export const f = (v: number[]) => v[0];", /f\.ts:1:19: parameter v: its type \(number\[\]\).*shapes/],
  ["export const f = (b: boolean) => b;", /parameter b: its type \(boolean\)/],
  [
    "import { sum } from 'lodash';\nexport const f = (x: number) => sum(x);",
    /f\.ts:1:10: cannot trace into "lodash"/,
  ],
  [
    "import { sum } from './sum.ts';\nexport const f = (x: number) => sum(x);",
    /cannot find the imported module/,
  ],
  [
    "import { erfc } from 'alphagrad/math';\nexport const f = (x: number) => erfc(x);",
    /does not export erfc/,
  ],
  [
    "import { where } from 'alphagrad/math';\nexport const f = (x: number) => where(x, 1, 2);",
    /f\.ts:2:33: the condition of where must be a comparison/,
  ],
  ["export const f = ($alphagrad: number) => $alphagrad;", /reserved/],
])("%s", (text, message) => expect(refusal(text)).toMatch(message));

test.each([
  ["parentheses", `${"(".repeat(20_000)}x${")".repeat(20_000)}`],
  ["signs", `${"- ".repeat(20_000)}x`],
  ["terms", `x${" + x".repeat(20_000)}`],
])("an expression nested too deeply: %s", (_, expression) => {
  expect(refusal(`export const f = (x: number) => ${expression};`)).toMatch(/nested too deeply/);
});

test("the exported function that is asked for", () => {
  const text =
    "export const f = (x: number) => x; export default function g(x: number) { return 2 * x; } export const n = 1;";
  expect(traceSource(text, { function: "f" }).name).toBe("f");
  expect(traceSource(text).name).toBe("g");
  expect(() => traceSource(text, { function: "n" })).toThrow("exports no function n; it exports f, default");
  expect(traceSource("export default (x: number) => x;", { source: "a/model.ts" }).name).toBe("model");
});

test("imports in a circle are refused", () => {
  const modules = (specifier: string) => ({
    text: "import { b } from './b.ts'; export const a = b;",
    source: specifier,
  });
  const text = "import { a } from './a.ts'; export const f = (x: number) => a * x;";
  expect(() => traceSource(text, { modules })).toThrow(/imports this module in turn/);
});

describe("rewritten code reaches nothing but what it is given", () => {
  test.each([
    "globalThis",
    "process",
    "require('fs')",
    "Function('return 1')()",
    "eval('1')",
    "(() => 1).constructor('return process')()",
    "(() => 1)['const' + 'ructor']('return process')()",
    "[].map['constructor']('return process')()",
    "Math.sin.constructor('return process')()",
    "(({ constructor: c }) => c('return process')())(() => 1)",
    "(() => { const { ['con' + 'structor']: c } = () => 1; return c('return process')(); })()",
    "(() => { let c; ({ constructor: c } = () => 1); return c('return process')(); })()",
    "(() => { for (const { constructor: c } of [() => 1]) return c('return process')(); })()",
    "[].__proto__",
    "({}).__lookupGetter__('a')",
    "(() => 1).prototype",
    "$alphagrad",
    "new Math.sin.constructor('return process')()",
    "Object.getPrototypeOf(() => 1)",
    "Object.getOwnPropertyDescriptors(Math)",
    "Reflect.get(Math, 'constructor')",
    "(Math.sin = 1)",
    "(Array.from = 1)",
    "[].map.call.constructor",
  ])("%s", (code) => {
    expect(
      refusalOf(
        `const value = ${code}; return typeof value === 'object' || typeof value === 'function' ? x : x;`,
      ),
    ).not.toBe("");
  });
});

test("any damage to a source gives a program or a clear refusal", () => {
  const texts = tasks.filter(({ kind }) => kind === "typescript").map(({ text }) => text);
  texts.push(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a template in the source under test
    "export function f(v: [number, number], { a, b } = { a: 1, b: [2] }) { let s = 0; for (let i = 0; i < 2; i++) { if (i > 5) break; s += v[i]! ** i; } do { s--; } while (false); return { s, t: v.map((e) => e * a).reduce((p, q) => p + q), u: `${b.length}` === '1' ? b[0] : 0 }; }",
  );
  const damage = fc.array(mutations, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.constantFrom(...texts), damage, (text, list) => {
      const damaged = list.reduce(mutate, text);
      try {
        traceSource(damaged, { source: "f.ts", limits: { equations: 5000, steps: 5000, length: 10_000 } });
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        expect((error as InputError).message).not.toMatch(/\n|is not a function$|Cannot read properties/);
      }
    }),
    { numRuns: 400 },
  );
});

test("every task traces", () => {
  for (const task of tasks) expect(programOf(task).equations.length).toBeGreaterThan(0);
});

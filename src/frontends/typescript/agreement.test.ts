/** Random sources, run as plain JavaScript and as traced programs: the numbers must be the same to the last bit. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { erf, where } from "../../math.ts";
import { interpretScalars } from "../../program/interpreter.ts";
import { traceSource } from "./index.ts";

const unary =
  "abs acos acosh asin asinh atan atanh cbrt ceil cos cosh exp expm1 floor log log10 log1p log2 sign sin sinh sqrt tan tanh trunc".split(
    " ",
  );
const binary = ["+", "-", "*", "/", "%"];

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, depthIdentifier: "source" },
    fc.constantFrom("x", "y", "v[0]", "v[1]", "p.a", "s", "t[i % 2]", "i", "0.5", "2", "Math.PI"),
    fc
      .tuple(tie("expression"), fc.constantFrom(...binary), tie("expression"))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(fc.constantFrom(...unary), tie("expression")).map(([name, a]) => `Math.${name}(${a})`),
    fc
      .tuple(fc.constantFrom("pow", "atan2", "max", "min", "hypot"), tie("expression"), tie("expression"))
      .map(
        // An integer exponent that is constant is computed by products, which differ from pow in the last bit.
        ([name, a, b]) => (name === "pow" ? `Math.pow(${a}, x + ${b})` : `Math.${name}(${a}, ${b})`),
      ),
    tie("expression").map((a) => `-(${a})`),
    tie("expression").map((a) => `erf(${a})`),
    tie("expression").map((a) => `helper(${a})`),
    fc
      .tuple(
        tie("expression"),
        fc.constantFrom("<", "<=", ">", ">=", "===", "!=="),
        tie("expression"),
        tie("expression"),
        tie("expression"),
      )
      .map(([a, comparison, b, c, d]) => `where(${a} ${comparison} ${b}, ${c}, ${d})`),
    fc
      .tuple(tie("expression"), tie("expression"))
      .map(([a, b]) => `[${a}, ${b}].map((e, k) => e * (k + 1)).reduce((a, b) => a - b)`),
  ),
}));

const statement = fc.oneof(
  expression.map((e) => `s = ${e};`),
  fc.tuple(fc.constantFrom("+=", "-=", "*=", "/="), expression).map(([op, e]) => `s ${op} ${e};`),
  fc.tuple(fc.constantFrom("0", "1", "i"), expression).map(([key, e]) => `t[${key} % 2] += ${e};`),
  expression.map((e) => `[s, t[0]] = [${e}, s];`),
  fc.constantFrom("s++;", "--s;", "t[1]--;", "if (i > 0) continue;", "i % 2 === 0 ? s++ : s--;"),
);

const source = fc.array(statement, { minLength: 1, maxLength: 5 }).map(
  (statements) => `
    const helper = (z) => z * z - scale;
    const scale = 1 / 3;
    export function f(x, y, v = [1, 1], p = { a: 1 }) {
      let s = x;
      const t = [y, 1];
      for (let i = 0; i < 3; i++) { ${statements.join(" ")} }
      return { s, t };
    }`,
);

const value = fc.oneof(
  fc.double({ min: -4, max: 4, noNaN: true }),
  fc.constantFrom(0, 1, -1, 0.5, 1e300, -1e-300),
);

function refuses(trace: () => unknown): boolean {
  try {
    trace();
    return false;
  } catch (error) {
    return /is NaN: a non-numeric result/.test(String(error));
  }
}

test("tracing keeps every bit", () => {
  fc.assert(
    fc.property(source, fc.array(value, { minLength: 5, maxLength: 5 }), (text, inputs) => {
      const plain = new Function("erf", "where", text.replace("export function f", "return function f"))(
        erf,
        where,
      );
      const [x, y, v0, v1, a] = inputs;
      const { s, t } = plain(x, y, [v0, v1], { a });
      const traced = () =>
        traceSource(`import { erf, where } from "alphagrad/math";${text}`, { source: "f.js" });
      // What is NaN whatever the inputs are is no result.
      if ([s, ...t].some(Number.isNaN) && refuses(traced)) return;
      expect(interpretScalars(traced(), inputs)).toEqual([s, ...t]);
    }),
    { numRuns: 500 },
  );
});

test("integer powers agree to rounding", () => {
  fc.assert(
    fc.property(fc.integer({ min: -6, max: 9 }), fc.double({ min: 0.1, max: 4, noNaN: true }), (n, x) => {
      const program = traceSource(
        `export const f = (x) => [x ** ${n < 0 ? `(${n})` : n}, Math.pow(-x, ${n})];`,
      );
      expect(program.equations.map(({ primitive }) => primitive)).toEqual([
        "integer_pow",
        "neg",
        "integer_pow",
      ]);
      const [a, b] = interpretScalars(program, [x]);
      expect(Math.abs((a ?? NaN) / x ** n - 1)).toBeLessThan(1e-14);
      expect(Math.abs((b ?? NaN) / (-x) ** n - 1)).toBeLessThan(1e-14);
    }),
  );
});

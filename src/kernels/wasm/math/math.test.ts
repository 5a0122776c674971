import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { functionKernel, readReferences, ulp, worstCase } from "../../../../test/mathReference.ts";
import { evaluateEquation, ProgramBuilder } from "../../../program/builder.ts";
import { scalar } from "../../../program/interpreter.ts";
import type { Equation } from "../../../program/program.ts";
import { KERNEL_DTYPES } from "../../kernel.ts";
import { type VectorFunctionName, vectorFunctions } from "./index.ts";

const names = Object.keys(vectorFunctions) as VectorFunctionName[];
const references = readReferences(new URL("./data/reference.json", import.meta.url));

/** What is promised, in ulp. */
const PROMISED = { float64: 4, float32: 2 };

/** What the reference gives, in float64. */
function referenceValue(name: VectorFunctionName, operands: readonly number[]): number {
  const builder = new ProgramBuilder();
  const inputs = operands.map((_, index) => builder.input(`x${index}`));
  const equation = { primitive: name, parameters: {} } as Pick<Equation, "primitive" | "parameters">;
  return evaluateEquation(builder.definitionOf(builder.append(equation, inputs))!, operands.map(scalar))
    .data[0]!;
}

describe("against 60 digits", () => {
  test.each(names)(
    "%s: error within the promise, for huge, tiny, subnormal and adversarial arguments",
    async (name) => {
      for (const dtype of KERNEL_DTYPES) {
        const worst = await worstCase(name, references.get(name)!, dtype);
        expect(worst.count).toBeGreaterThan(50);
        expect(worst.error, `${dtype} ${JSON.stringify(worst)}`).toBeLessThanOrEqual(PROMISED[dtype]);
      }
    },
  );
});

const SPECIAL = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1,
  -1,
  2,
  -2,
  3,
  -3,
  0.5,
  -0.5,
  5e-324,
  -5e-324,
  2 ** -1022,
  1e308,
  -1e308,
  710,
  -746,
  1e5,
];

/** NaN, infinities and zeros with their signs: where the reference has one, the kernel has the same. */
function expectSameKind(actual: number, expected: number, what: string): void {
  if (Number.isNaN(expected) || !Number.isFinite(expected) || expected === 0)
    expect(
      Object.is(actual, expected) || (Number.isNaN(actual) && Number.isNaN(expected)),
      `${what}: ${actual} for ${expected}`,
    ).toBe(true);
  else expect(Math.abs(actual / expected - 1), `${what}: ${actual} for ${expected}`).toBeLessThan(1e-12);
}

test.each(names)(
  "%s at infinities, NaN, signed zeros and ends of domains: as the interpreter",
  async (name) => {
    const { arity } = vectorFunctions[name];
    const kernel = await functionKernel(name, arity, "float64");
    const narrow = await functionKernel(name, arity, "float32");
    const outputs = new Float64Array(1);
    for (const x of SPECIAL)
      for (const y of arity === 1 ? [0] : SPECIAL) {
        const operands = [x, y].slice(0, arity);
        const expected = referenceValue(name, operands);
        // The interpreter's 1 / (1 + exp(-x)) and 1 - erf(x) have fewer digits where the function is small.
        const coarse = (name === "logistic" || name === "erfc") && Math.abs(expected) < 1e-3;
        kernel.run(Float64Array.from(operands), outputs);
        if (coarse) expect(Math.abs(outputs[0]! - expected)).toBeLessThan(1e-15);
        else expectSameKind(outputs[0]!, expected, `${name}(${operands})`);
        if (operands.some((operand) => Math.fround(operand) !== operand && !Number.isNaN(operand))) continue;
        narrow.run(Float64Array.from(operands), outputs);
        const rounded = Math.fround(expected);
        if (Number.isNaN(rounded) || (expected !== 0 && !Number.isFinite(rounded)))
          expect(outputs[0], `${name}(${operands}) in float32`).toBe(rounded);
        if (expected === 0 && !coarse) expect(outputs[0], `${name}(${operands}) in float32`).toBe(expected);
      }
  },
);

test.each(names)("%s in float32 is within 2 ulp of float64, over a dense sweep", async (name) => {
  const { arity } = vectorFunctions[name];
  const count = 20_000;
  const wide = await functionKernel(name, arity, "float64");
  const narrow = await functionKernel(name, arity, "float32");
  const [exact, rounded] = [wide.planes(count), narrow.planes(count)];
  const bits = new DataView(new ArrayBuffer(4));
  for (let index = 0; index < count; index++)
    for (let plane = 0; plane < arity; plane++) {
      // By turns all bit patterns, evenly (plane 1 at another pace), and numbers of moderate size.
      bits.setUint32(0, Math.imul(index, plane === 0 ? 214_757 : 1_107_131) >>> 0);
      const x =
        index % 2 === 0
          ? bits.getFloat32(0)
          : Math.fround(((index * (plane + 1) * 7919) % 20_011) / 2501 - 4);
      exact.inputs[plane * exact.stride + index] = x;
      rounded.inputs[plane * rounded.stride + index] = x;
    }
  wide.runBatch(count, exact.inputs, exact.outputs);
  narrow.runBatch(count, rounded.inputs, rounded.outputs);
  let worst = 0;
  for (let index = 0; index < count; index++) {
    const [expected, actual] = [exact.outputs[index]!, rounded.outputs[index]!];
    const nearest = Math.fround(expected);
    if (!Number.isFinite(nearest)) {
      // Next to overflow either neighbour may come out.
      if (Number.isNaN(nearest) || Math.abs(expected) > 3.41e38) expect(actual).toBe(nearest);
    } else worst = Math.max(worst, Math.abs(actual - expected) / ulp(expected, "float32"));
  }
  expect(worst).toBeLessThanOrEqual(2);
});

test("angles of any size: sin and cos of the same angle are on the unit circle, and agree with each other's shift", async () => {
  const [sin, cos] = [await functionKernel("sin", 1, "float64"), await functionKernel("cos", 1, "float64")];
  const value = (kernel: typeof sin, x: number) => {
    const outputs = new Float64Array(1);
    kernel.run(Float64Array.of(x), outputs);
    return outputs[0]!;
  };
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const [s, c] = [value(sin, x), value(cos, x)];
      expect(Math.abs(s * s + c * c - 1)).toBeLessThan(5e-16);
      expect(value(sin, -x)).toBe(-s);
      expect(value(cos, -x)).toBe(c);
      expect(Math.abs(s - Math.sin(x))).toBeLessThan(3e-16);
    }),
    { numRuns: 500 },
  );
});

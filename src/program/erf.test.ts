import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { erf } from "./erf.ts";

/** Rows [x, high, low]: high + low is erf(x) to about 32 digits (see bench/data/make_erf.py). */
const REFERENCE = JSON.parse(readFileSync(new URL("../../bench/data/erf.json", import.meta.url), "utf8")) as [
  x: number,
  high: number,
  low: number,
][];

/** The distance from a float64 to the next larger one. */
function ulp(value: number): number {
  const bits = new BigUint64Array(Float64Array.of(Math.abs(value)).buffer);
  const next = new Float64Array(BigUint64Array.of(bits[0]! + 1n).buffer);
  return next[0]! - Math.abs(value);
}

test("below 1 ulp of error at the reference points", () => {
  const errors = REFERENCE.map(([x, high, low]) => Math.abs(erf(x) - high - low) / ulp(high));
  expect(errors.length).toBeGreaterThan(100);
  expect(Math.max(...errors)).toBeLessThan(1);
});

test("the complement keeps its digits where it is small: below 5 ulp", () => {
  const text = readFileSync(new URL("../../bench/data/erfc.json", import.meta.url), "utf8");
  const errors = (JSON.parse(text) as [number, number, number][]).map(
    ([x, high, low]) => Math.abs(erf(x, true) - high - low) / ulp(high),
  );
  expect(errors.length).toBeGreaterThan(200);
  expect(Math.max(...errors)).toBeLessThan(5);
  expect([erf(Infinity, true), erf(-Infinity, true), erf(30, true), erf(NaN, true), erf(0, true)]).toEqual([
    0,
    2,
    0,
    NaN,
    1,
  ]);
});

test("odd", () => {
  for (const [x] of REFERENCE) expect(erf(-x)).toBe(-erf(x));
});

test("zeros, infinities and NaN", () => {
  expect([erf(0), erf(-0), erf(Infinity), erf(-Infinity), erf(1e300), erf(NaN)]).toEqual([
    0,
    -0,
    1,
    -1,
    1,
    NaN,
  ]);
});

test("its source text stands alone, as kernels print it", () => {
  const alone = new Function(`return ${erf.toString()}`)() as typeof erf;
  for (const [x] of REFERENCE) expect(alone(x)).toBe(erf(x));
});

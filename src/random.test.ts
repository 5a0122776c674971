import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "./random.ts";

test("is xoshiro128**: the published algorithm's output from the state 1, 2, 3, 4", () => {
  const random = new Random([1, 2, 3, 4]);
  const words = Array.from({ length: 10 }, () => random.bits() >>> 0);
  expect(words).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
});

test("a state continues its stream", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(50), (seed, steps) => {
      const random = Random.seeded(seed);
      for (let step = 0; step < steps; step++) random.bits();
      const copy = new Random(JSON.parse(JSON.stringify(random.state)));
      for (let step = 0; step < 10; step++) expect(copy.bits()).toBe(random.bits());
    }),
  );
});

test("seeds that differ in any bit, high ones too, give different streams", () => {
  const seeds = [0, 1, 2, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 52];
  const streams = new Set(seeds.map((seed) => Random.seeded(seed).state.join()));
  expect(streams.size).toBe(seeds.length);
});

test("below and unit stay in range and reach all of it", () => {
  const random = Random.seeded(7);
  const counts = new Array<number>(6).fill(0);
  for (let draw = 0; draw < 6000; draw++) {
    const index = random.below(6);
    counts[index] = (counts[index] ?? NaN) + 1;
    const unit = random.unit();
    expect(unit >= 0 && unit < 1).toBe(true);
  }
  expect(counts).toHaveLength(6);
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

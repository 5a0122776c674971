import { describe, expect, test } from "vitest";
import { linearize } from "../jacobian/linearize.ts";
import { optimizeGraph } from "../optimize.ts";
import { findTask, programOf } from "../tasks/index.ts";
import { type Check, checkText, type MethodReport, methodTable, summary, timingReport } from "./report.ts";

const kernel = {
  target: "js",
  dtype: "float64",
  againstInterpreter: 0,
  scaled: 0,
  tolerance: 1e-11,
  isWithinTolerance: true,
} as const;
const check: Check = {
  points: 16,
  numbers: 64,
  notFinite: 0,
  againstInterpreter: 0,
  againstReverse: 2e-14,
  kernels: [kernel],
};

describe("the check", () => {
  test("says its tolerance if it went well", () => {
    expect(checkText(check)).toMatch(
      /js to the last bit; reverse mode to 2e-14 relative.*Within the tolerance: 1e-11 in float64/,
    );
  });

  test("warns of the kernel that is off, and counts what is not finite", () => {
    const off = {
      ...kernel,
      target: "wasm",
      againstInterpreter: Infinity,
      scaled: 0.25,
      isWithinTolerance: false,
    } as const;
    const text = checkText({ ...check, notFinite: 4, kernels: [kernel, off] });
    expect(text).toMatch(/wasm to no digit/);
    expect(text).toMatch(/4 of the 64 numbers/);
    expect(text).toMatch(/wasm \(float64\) is off by 3e-1 .* more than the tolerance of 1e-11/);
    expect(text).not.toContain("Within");
  });
});

test("the table marks the best, has a spread and dashes; the summary goes by the objective", async () => {
  const { graph } = linearize(programOf(findTask("HumanHeartDipole")!));
  const result = await optimizeGraph(graph, { iterations: 0, method: "reverse" });
  const row = (method: string, cost: number, time?: number): MethodReport => ({
    ...{ method, order: [], cost, multiplications: cost, nontrivial: cost, seconds: 0 },
    operations: { multiplications: cost - 10, additions: 10 },
    ...timingReport(
      time === undefined ? undefined : { median: time, low: time - 3, high: time + 1, samples: 9 },
    ),
  });
  const rows = [row("forward", 100, 250), row("reverse", 50, 200), row("annealing", 40)];
  const text = methodTable(rows, result);
  expect(text).toMatch(/reverse ◀ +50 +40 \+ 10 = 50 +200 ± 2/);
  expect(text).toMatch(/annealing +40 +30 \+ 10 = 40 +–/);
  const found = { ...result, best: { ...result.best, method: "annealing" } };
  expect(summary(rows, found, "operations")).toMatch(/40 operations: 20 % fewer than reverse mode \(50\)/);
  expect(
    summary([row("forward", 9, 90), row("reverse", 9, 80), row("annealing", 9, 60)], found, "runtime"),
  ).toMatch(/60\.0 ns per Jacobian: 25 % less than reverse mode \(80\.0\)/);
});

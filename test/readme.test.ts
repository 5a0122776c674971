/** The README's code runs as it stands, and its example function is understood. */

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it, vi } from "vitest";
import { interpretScalars, jacobian, traceSource } from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");
const file = fileURLToPath(new URL("./readmeExample.generated.ts", import.meta.url));

afterAll(() => {
  rmSync(file, { force: true });
});

it("the library example computes the Jacobian that it says", async () => {
  const example = blocks.find((code) => code.includes("kernel.run("))!;
  writeFileSync(
    file,
    example.replaceAll('"alphagrad"', '"../src/index.ts"').replace("seconds: 1", "seconds: 0.1"),
  );
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await import(/* @vite-ignore */ file);
  const [entries, batch, operations] = log.mock.calls[0]!;
  log.mockRestore();
  const [x, y] = [0.5, 2];
  const expected = [Math.sin(y), x * Math.cos(y), y * Math.exp(x * y), x * Math.exp(x * y)];
  expected.forEach((value, index) => {
    expect(entries[index]).toBeCloseTo(value, 14);
  });
  expect(batch).toBeCloseTo(0.5 * Math.exp(0.25), 14);
  expect(operations).toMatchObject({ multiplications: expect.any(Number) });
});

it("the example function is traced and differentiated", () => {
  const program = traceSource(blocks.find((code) => code.includes("spring("))!);
  expect(program.outputs.map(({ name }) => name)).toEqual(["force", "energy", "clipped"]);
  const [x, stiffness, damping, v] = [0.3, 2, 0.5, -0.4];
  const entries = interpretScalars(jacobian(program), [x, stiffness, damping, v]);
  expect(entries.slice(0, 4)).toEqual([
    -stiffness,
    -x,
    expect.closeTo(-v * Math.abs(v)),
    expect.closeTo(-2 * damping * Math.abs(v)),
  ]);
});

it("the example on arrays is traced to equations on arrays", () => {
  const program = traceSource(blocks.find((code) => code.includes("energy = "))!);
  expect(program.inputs.map(({ type }) => type.shape)).toEqual([[3, 4], [3], [4]]);
  expect(program.equations.length).toBeLessThan(10);
});

it("the Jacobian of a function is what the comment says", () => {
  const compiled = jacobian((x: number, y: number) => [x * Math.sin(y), Math.exp(x * y)]);
  const [[a, b], [c, d]] = compiled(1, 2) as [[number, number], [number, number]];
  expect([a, b]).toEqual([Math.sin(2), Math.cos(2)]);
  expect([c, d]).toEqual([expect.closeTo(2 * Math.exp(2)), expect.closeTo(Math.exp(2))]);
  expect(readme).toContain(
    "[x * Math.sin(y), Math.exp(x * y)])(1, 2); // [[sin 2, cos 2], [2 exp 2, exp 2]]",
  );
});

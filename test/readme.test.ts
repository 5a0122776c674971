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

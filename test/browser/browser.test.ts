/**
 * The library in a browser: the kernels of a page have Node's numbers, on threads where the page may share memory, on one elsewhere.
 *
 * Opt-in: `npm run test:browser` wants Chromium.
 */

import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { startThread } from "../../src/cluster/kernels.ts";
import { chromium, openPage } from "./chromium.ts";
import type { Report } from "./report.ts";

describe.skipIf(process.env.ALPHAGRAD_BROWSER === undefined)("in a page", () => {
  let module: string;
  let expected: Report;
  beforeAll(async () => {
    expect(chromium, "Chromium is not installed: ALPHAGRAD_CHROMIUM says where it is").toBeDefined();
    module = await bundle(fileURLToPath(new URL("page.ts", import.meta.url)));
    const { report } = await import("./report.ts");
    expected = await report(startThread);
  }, 100_000);

  test("no module of Node is in the bundle", () => {
    expect(module).not.toMatch(/["'`]node:/);
  });

  test.each([
    ["cross-origin isolated", true, 2],
    ["an ordinary one", false, 1],
  ])(
    "%s",
    async (_, isolated, threads) => {
      const found = (await openPage(chromium!, module, { isolated })) as { report: Report };
      expect(found).toMatchObject({ isolated });
      const { report: own } = found;
      expect(own.kernels.map(({ name }) => name)).toEqual(expected.kernels.map(({ name }) => name));
      for (const { name, threads: used, values } of own.kernels) {
        expect(used, name).toBe(name.endsWith("threads") ? threads : 1);
        const wanted = expected.kernels.find((kernel) => kernel.name === name)!.values;
        expect(distance(values, wanted), name).toBeLessThan(name.includes("float32") ? 1e-4 : 1e-9);
      }
      expect(distance(own.jacobian.flat(), expected.jacobian.flat())).toBeLessThan(1e-12);
      expect(distance(own.optimized, expected.jacobian.flat())).toBeLessThan(1e-12);
    },
    200_000,
  );
});

/** The largest distance of two lists, relative where they are above 1; their mathematics may differ in the last places. */
function distance(values: readonly number[], wanted: readonly number[]): number {
  expect(values).toHaveLength(wanted.length);
  return Math.max(
    ...values.map((value, index) => Math.abs(value - wanted[index]!) / Math.max(1, Math.abs(wanted[index]!))),
  );
}

/** A module with all that it imports, minified. */
async function bundle(entry: string): Promise<string> {
  // Loaded only where they are needed: the test is skipped elsewhere.
  const [{ build }, { rawText }] = await Promise.all([import("tsdown"), import("../../tsdown.config.ts")]);
  const bundles = await build({
    ...{ config: false, entry, format: "esm", platform: "browser", target: "es2023" },
    ...{ dts: false, write: false, clean: false, minify: true, logLevel: "error", plugins: [rawText] },
    deps: { alwaysBundle: [/.*/], neverBundle: ["@jax-js/jax"], onlyBundle: false },
    outputOptions: { codeSplitting: false },
  });
  const [chunk] = bundles.flatMap(({ chunks }) => chunks);
  if (chunk?.type !== "chunk") throw new Error("no bundle");
  return chunk.code;
}

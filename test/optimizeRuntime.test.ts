/** `alphagrad optimize --objective runtime` as users run it, built. */

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildCommand } from "./buildCommand.ts";

const command = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
let directory: string;

beforeAll(() => {
  buildCommand();
  directory = mkdtempSync(join(tmpdir(), "alphagrad-runtime-"));
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [command, ...args], {
    cwd: directory,
  });

const search = ["optimize", "HumanHeartDipole", "--objective", "runtime", "--iterations", "200"];

test("the fastest order is certified with what was measured, checked on every target, and verified", async () => {
  const { stdout } = await run(...search, "--batch", "256", "--dtype", "float32", "--json", "--out", "heart");
  const { best, methods, runtime, check, certificate } = JSON.parse(stdout);
  expect(runtime).toMatchObject({ target: "wasm", dtype: "float32", batch: 256 });
  expect(runtime.measured[0].methods).toContain(best.method);
  for (const { nanosecondsPerJacobian: median, quartiles } of methods) {
    expect(best.nanosecondsPerJacobian).toBeLessThanOrEqual(median);
    expect(quartiles[0]).toBeLessThanOrEqual(median);
    expect(quartiles[1]).toBeGreaterThanOrEqual(median);
  }
  expect(certificate).toMatchObject({
    objective: "operations",
    order: best.order,
    runtime: { target: "wasm", dtype: "float32", batch: 256, nanoseconds: best.nanosecondsPerJacobian },
  });
  expect(check.kernels.map(({ target, dtype }: Record<string, string>) => `${target} ${dtype}`)).toEqual([
    "js float64",
    "wasm float64",
    "wasm float32",
  ]);
  for (const { isWithinTolerance } of check.kernels) expect(isWithinTolerance).toBe(true);
  expect(JSON.parse(readFileSync(join(directory, "heart/certificate.json"), "utf8"))).toEqual(certificate);
  const verified = await run("verify", "heart/certificate.json");
  expect(verified.stdout).toMatch(/checked +costs/);
});

test("the table says what was measured, the check its tolerance", async () => {
  const { stdout } = await run(...search, "--no-out");
  expect(stdout).toContain("Minimising the measured runtime");
  expect(stdout).toContain("ns per Jacobian (js)");
  expect(stdout).toMatch(/the code equals the interpreter, js to .*, wasm to .*Within the tolerance: 1e-11/);
});

test.each([
  ["--resume", [...search, "--resume"], /--resume: a search by --objective runtime cannot be resumed/],
  ["a batch without measuring", ["optimize", "HumanHeartDipole", "--batch", "8"], /--batch says what/],
  ["a batch of none", [...search, "--batch", "0"], /--batch: expected a whole number from 1, got "0"/],
])("bad input: %s", async (_, args, message) => {
  await expect(run(...args)).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
});

/** The command line is tested as users run it, built. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const built = join(root, "dist/cli/main.js");

const lock = join(root, "node_modules/.cache/alphagrad-build.lock");

/** Builds the project if a source is newer than the build; test files that run at the same time wait for each other. */
export function buildCommand(): void {
  mkdirSync(join(lock, ".."), { recursive: true });
  while (!hasMade(lock)) sleep(200);
  try {
    build();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** Milliseconds after which a lock was left behind by a process that was killed. */
const STALE = 100_000;

function hasMade(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch {
    const made = statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    return Date.now() - made > STALE;
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function build(): void {
  const newest = Math.max(
    ...readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
    statSync(join(root, "package.json")).mtimeMs,
  );
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  execFileSync("npx", ["tsdown", "--logLevel", "error"], { cwd: root, stdio: "inherit" });
}

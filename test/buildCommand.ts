/** The command line is tested as users run it, built. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const built = join(root, "dist/cli/main.js");

/** Builds the project if a source is newer than the build. */
export function buildCommand(): void {
  const newest = Math.max(
    ...readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts"))
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
    statSync(join(root, "package.json")).mtimeMs,
  );
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  execFileSync("npx", ["tsdown", "--logLevel", "error"], { cwd: root, stdio: "inherit" });
}

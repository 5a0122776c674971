/** The build: the library and the command line as ES modules that share their chunks, with declarations. */

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { defineConfig, type Rolldown } from "tsdown";

/**
 * `import text from "./file.ext?raw"` gives the file's text, as in vite and vitest: the tasks keep their sources as ordinary files.
 */
export const rawText: Rolldown.Plugin = {
  name: "raw-text",
  resolveId: {
    filter: { id: /\?raw$/ },
    handler: (id, importer) => resolve(importer ?? "", "..", id),
  },
  load: {
    filter: { id: /\?raw$/ },
    async handler(id) {
      const file = id.slice(0, -"?raw".length);
      this.addWatchFile(file);
      return { code: `export default ${JSON.stringify(await readFile(file, "utf8"))};`, moduleType: "js" };
    },
  },
};

export default defineConfig({
  entry: {
    index: "src/index.ts",
    math: "src/math.ts",
    "cluster/index": "src/cluster/index.ts",
    "cluster/worker": "src/cluster/worker.ts",
    "cluster/selfPlay": "src/cluster/selfPlay.ts",
    "cluster/selfPlayWorker": "src/cluster/selfPlayWorker.ts",
    "cli/main": "src/cli/main.ts",
  },
  format: "esm",
  // The library runs in browsers too; only the command line and the worker threads import Node's own modules.
  platform: "neutral",
  deps: { neverBundle: [/^node:/] },
  target: "es2023",
  dts: true,
  plugins: [rawText],
});

/** Builds and runs benchmarks: `npm run bench`, or `npm run bench NAME...` for some of the files in this folder. */

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsdown";

const folder = fileURLToPath(new URL(".", import.meta.url));
const outDir = join(folder, "..", "node_modules", ".cache", "alphagrad-bench");
const all = readdirSync(folder)
  .filter((file) => file.endsWith(".bench.ts"))
  .map((file) => file.slice(0, -".bench.ts".length));
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all;
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(", ")}; there are: ${all.join(", ")}\n`);
  process.exit(1);
}

/** `import text from "./file?raw"`, as in tsdown.config.ts. */
const rawText = {
  name: "raw-text",
  resolveId: { filter: { id: /\?raw$/ }, handler: (id, importer) => resolve(importer ?? "", "..", id) },
  load: {
    filter: { id: /\?raw$/ },
    handler: (id) => ({
      code: `export default ${JSON.stringify(readFileSync(id.slice(0, -"?raw".length), "utf8"))};`,
      moduleType: "js",
    }),
  },
};

await build({
  config: false,
  entry: Object.fromEntries(wanted.map((name) => [name, join(folder, `${name}.bench.ts`)])),
  outDir,
  format: "esm",
  platform: "node",
  target: "es2023",
  dts: false,
  logLevel: "warn",
  alias: { "alphagrad/math": join(folder, "..", "src", "math.ts") },
  plugins: [rawText],
});

for (const name of wanted) {
  const files = readdirSync(outDir).filter((file) => file.startsWith(`${name}.`) && /\.m?js$/.test(file));
  for (const file of files) {
    const { main } = await import(pathToFileURL(join(outDir, file)).href);
    await main();
  }
}

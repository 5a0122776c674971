import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jacobian } from "../../jacobian/jacobian.ts";
import { interpretScalars } from "../../program/interpreter.ts";
import { findTask, programOf, referencePoints } from "../../tasks/index.ts";
import { entriesOf } from "../kernel.ts";
import { emitWasmFiles } from "./loader.ts";

const task = findTask("RobotArm_6DOF")!;
const program = jacobian(programOf(task), { values: true });
const point = referencePoints(task)[0]!.inputs;
const expected = (() => {
  const all = interpretScalars(program, point);
  return entriesOf(program).map(({ output }) => all[output]!);
})();

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "alphagrad-loader-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What a script prints as JSON, in a process of its own that knows nothing of this library. */
async function run(script: string): Promise<unknown> {
  writeFileSync(join(directory, "script.mjs"), script);
  const { stdout } = await promisify(execFile)(process.execPath, [join(directory, "script.mjs")]);
  return JSON.parse(stdout);
}

function write(name: string, dtype: "float64" | "float32"): string {
  const { module, loader, declarations } = emitWasmFiles(program, {
    dtype,
    header: "A robot arm */ in WebAssembly.",
    moduleName: `${name}.wasm`,
  });
  writeFileSync(join(directory, `${name}.wasm`), module);
  writeFileSync(join(directory, `${name}.mjs`), loader);
  for (const exported of ["run", "planes", "runBatch", "inputNames", "outputNames", "entries"])
    expect(declarations).toMatch(new RegExp(`export declare (function|const) ${exported}\\b`));
  return loader;
}

/** Single points, batches in place and elsewhere, and what is refused. */
const USE = `
const COUNT = 13;
const point = ${JSON.stringify(point)};
const single = new Float64Array(kernel.entries.length);
kernel.run(point, single);
const { inputs, outputs, stride } = kernel.planes(COUNT);
const other = { inputs: new inputs.constructor(point.length * 20), outputs: new outputs.constructor(single.length * 15) };
point.forEach((value, plane) => {
  for (let index = 0; index < COUNT; index++) {
    inputs[plane * stride + index] = value;
    other.inputs[plane * 20 + index] = value;
  }
});
kernel.runBatch(COUNT, inputs, outputs);
kernel.runBatch(COUNT, other.inputs, other.outputs);
const at = (array, distance, index) => kernel.entries.map((_, plane) => array[plane * distance + index]);
const refused = (call) => {
  try {
    call();
    return null;
  } catch (error) {
    return error.message;
  }
};
console.log(JSON.stringify({
  names: [kernel.inputNames, kernel.outputNames.length],
  single: [...single],
  first: at(outputs, stride, 0),
  last: at(outputs, stride, COUNT - 1),
  beyond: at(other.outputs, 15, COUNT),
  elsewhere: at(other.outputs, 15, COUNT - 1),
  refused: [
    refused(() => kernel.run([1], single)),
    refused(() => kernel.planes(0)),
    refused(() => kernel.runBatch(stride + 1, inputs, outputs)),
    refused(() => kernel.runBatch(1, [...inputs], outputs)),
  ],
}));`;

test.each([
  ["float64", 12],
  ["float32", 2],
] as const)("%s: the files run by themselves in Node, single points and batches", async (dtype, digits) => {
  write(dtype, dtype);
  const found = (await run(`import * as kernel from "./${dtype}.mjs";${USE}`)) as Record<string, number[]>;
  expect(found.names).toEqual([program.inputs.map(({ name }) => name), program.outputs.length]);
  for (const values of [found.single!, found.first!, found.last!, found.elsewhere!]) {
    expect(values).toHaveLength(expected.length);
    values.forEach((value, plane) => {
      expect(value).toBeCloseTo(expected[plane]!, digits);
    });
  }
  expect(found.last).toEqual(found.single);
  expect(found.beyond).toEqual(expected.map(() => 0));
  expect(found.refused).toEqual([
    `run takes ${point.length} inputs and ${expected.length} outputs, got 1 and ${expected.length}`,
    "a batch has a whole number of points, at least 1, got 0",
    expect.stringMatching(/^\d+ input planes of \d+ points need/),
    expect.stringMatching(/^input planes are a Float\d\dArray/),
  ]);
});

test("from a server, as in a page; a module that is not there is said to be missing", async () => {
  const loader = write("served", "float64");
  const { module } = emitWasmFiles(program, { moduleName: "served.wasm" });
  const server = createServer(({ url }, response) => {
    if (url === "/served.wasm") response.end(module);
    else response.writeHead(404, "Not Found").end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const base = JSON.stringify(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x.mjs`);
    writeFileSync(join(directory, "page.mjs"), loader.replaceAll("import.meta.url", base));
    const found = (await run(`import * as kernel from "./page.mjs";${USE}`)) as { single: number[] };
    found.single.forEach((value, plane) => {
      expect(value).toBeCloseTo(expected[plane]!, 12);
    });
    const missing = loader.replaceAll("import.meta.url", base).replaceAll("served.wasm", "other.wasm");
    writeFileSync(join(directory, "missing.mjs"), missing);
    await expect(run('import "./missing.mjs";')).rejects.toThrow(/cannot load http.*other\.wasm: 404/);
  } finally {
    server.close();
  }
});

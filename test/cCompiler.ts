/** Generated C compiled and run by whatever compilers the machine has. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CFiles, type COptions, emitC } from "../src/kernels/c/emit.ts";
import { entriesOf, inputCountOf, type KernelDType } from "../src/kernels/kernel.ts";
import type { Program } from "../src/program/program.ts";

/** The compilers that there are. */
export const cCompilers: readonly string[] = ["gcc", "clang"].filter((compiler) => {
  try {
    execFileSync(compiler, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
if (cCompilers.length === 0)
  process.stderr.write("no gcc and no clang on this machine: generated C is not compiled here\n");

/** Warnings are errors. */
export const STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
/** What emitted files advise. */
export const FAST = ["-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math"];

/** A program and points of one number per input. */
export interface CCase {
  readonly program: Program;
  readonly points: readonly (readonly number[])[];
}

/** Per point the entries, by the scalar and by the batch function. */
export interface CResult {
  readonly run: readonly (readonly number[])[];
  readonly runBatch: readonly (readonly number[])[];
}

/** Runs every program at its points. Throws with the compiler's words if it has any. */
export function runC(
  cases: readonly CCase[],
  compiler: string,
  flags: readonly string[],
  { dtype = "float64", ...options }: COptions = {},
): CResult[] {
  const directory = mkdtempSync(join(tmpdir(), "alphagrad-c-"));
  try {
    const renamed = cases.map(({ program, points }, index) => ({
      points,
      program: { ...program, name: `case${index}` },
    }));
    const files = renamed.map(({ program }) => emitC(program, { ...options, dtype }));
    const sources = files.map(({ source, header }: CFiles, index) => {
      writeFileSync(join(directory, `case${index}.h`), header);
      const path = join(directory, `case${index}.c`);
      // The definitions must fit the declarations.
      writeFileSync(path, `#include "case${index}.h"\n${source}`);
      return path;
    });
    const main = join(directory, "main.c");
    writeFileSync(main, mainText(renamed, dtype));
    const program = join(directory, "program");
    execFileSync(compiler, [...STRICT, ...flags, "-o", program, ...sources, main, "-lm"], {
      stdio: "pipe",
      encoding: "utf8",
    });
    const numbers = renamed.flatMap(({ points }) => points.flat());
    const input = dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers);
    const bytes = execFileSync(program, { input: new Uint8Array(input.buffer), maxBuffer: 2 ** 28 });
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const output = dtype === "float64" ? new Float64Array(buffer) : new Float32Array(buffer);
    let read = 0;
    const take = (count: number) => {
      read += count;
      return Array.from(output.subarray(read - count, read));
    };
    return renamed.map(({ program, points }) => {
      const width = entriesOf(program).length;
      const rows = () => points.map(() => take(width));
      return { run: rows(), runBatch: rows() };
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A program that reads all points and writes, per case, what run gives for each, then what runBatch gives for each. */
function mainText(cases: readonly CCase[], dtype: KernelDType): string {
  const real = dtype === "float64" ? "double" : "float";
  const blocks = cases.map(({ program, points }) => {
    const { name } = program;
    const [ins, outs, count] = [inputCountOf(program), entriesOf(program).length, points.length];
    const stride = count + 3;
    return `  {
    static ${real} points[${count}][${ins}], planes[${ins}][${stride}], results[${outs + 1}][${stride}], row[${outs + 1}];
    if (fread(points, sizeof(${real}), ${count * ins}, stdin) != ${count * ins}) return 1;
    for (size_t point = 0; point < ${count}; point++) {
      for (size_t input = 0; input < ${ins}; input++) planes[input][point] = points[point][input];
      ${name}_run(points[point], row);
      fwrite(row, sizeof(${real}), ${name}_outputs, stdout);
    }
    ${name}_run_batch(${count}, &planes[0][0], ${stride}, &results[0][0], ${stride});
    for (size_t point = 0; point < ${count}; point++)
      for (size_t output = 0; output < ${name}_outputs; output++) fwrite(&results[output][point], sizeof(${real}), 1, stdout);
  }`;
  });
  const includes = cases.map(({ program }) => `#include "${program.name}.h"`);
  return ["#include <stdio.h>", ...includes, "int main(void) {", ...blocks, "  return 0;", "}", ""].join(
    "\n",
  );
}

/**
 * The JAX target beside JAX: opt-in, it runs where a Python with jax is found (the one that ALPHAGRAD_PYTHON names, otherwise python3).
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseJaxpr } from "../src/frontends/jaxpr/index.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { emitJax } from "../src/kernels/jax/emit.ts";
import { interpret } from "../src/program/interpreter.ts";
import type { Program } from "../src/program/program.ts";
import { simplify } from "../src/program/simplify.ts";
import type { Tensor } from "../src/program/type.ts";
import { smoothPrograms } from "./randomProgram.ts";
import { tensorPrograms } from "./randomTensorProgram.ts";

const python = [process.env.ALPHAGRAD_PYTHON, "python3"].find((candidate) => {
  try {
    execFileSync(candidate ?? "", ["-c", "import jax"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
if (python === undefined)
  process.stderr.write(
    "no Python with jax here: the JAX target is not run (set ALPHAGRAD_PYTHON to one that has it)\n",
  );

const script = fileURLToPath(new URL("jax/compare.py", import.meta.url));
let directory: string;

function compare(command: "print" | "jacobians" | "values"): string {
  return execFileSync(python ?? "", ["-B", script, command, directory], {
    encoding: "utf8",
    stdio: "pipe",
    maxBuffer: 2 ** 28,
    env: { ...process.env, JAX_PLATFORMS: "cpu" },
  });
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "alphagrad-jax-"));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe.skipIf(python === undefined)("with JAX", () => {
  test("a printed jaxpr becomes a module that is jax.jacrev of its function, under jit and vmap", () => {
    compare("print");
    const files = readdirSync(directory).filter((file) => file.endsWith(".jaxpr"));
    for (const file of files) {
      const name = file.slice(0, -".jaxpr".length);
      const program = simplify(
        parseJaxpr(readFileSync(join(directory, file), "utf8"), { name, source: file }),
      );
      const { source } = emitJax(jacobian(program, { values: true }), { header: `Of ${name}: """ \\ "` });
      writeFileSync(join(directory, `${name}.py`), source);
    }
    expect(compare("jacobians").trim().split("\n")).toHaveLength(files.length);
  }, 600_000);

  test("random programs, on scalars and on arrays, and their Jacobians equal the interpreter", () => {
    const scalars = fc
      .sample(smoothPrograms({ maxEquations: 15 }), { numRuns: 8, seed: 1 })
      .map(({ program, point }) => ({
        program,
        inputs: program.inputs.map(({ type: { shape } }, index) => ({
          shape,
          data: Float64Array.of(point[index]!),
        })),
      }));
    const arrays = fc.sample(tensorPrograms, { numRuns: 8, seed: 1 });
    const cases = [...scalars, ...arrays].map(({ program, inputs }) => ({
      program: flat(jacobian(program, { values: true })),
      inputs,
    }));
    const results = evaluate(cases);
    cases.forEach(({ program, inputs }, index) => {
      interpret(program, inputs).forEach(({ data }, output) => {
        const actual = results[index]![output]!;
        expect(actual).toHaveLength(data.length);
        data.forEach((value, element) => {
          const error = Math.abs(actual[element]! - value) / (1 + Math.abs(value));
          if (!(error < 1e-9))
            expect.fail(
              `case ${index}, output ${output}: ${actual[element]}, not ${value}\n${emitJax(program).source}`,
            );
        });
      });
    });
  }, 600_000);
});

/** The program with its outputs as a plain list. */
function flat({ signature: _, ...program }: Program): Program {
  return program;
}

/** The results of each program, row-major per output. */
function evaluate(cases: readonly { program: Program; inputs: readonly Tensor[] }[]): number[][][] {
  const listed = cases.map(({ program, inputs }, index) => {
    writeFileSync(join(directory, `case${index}.py`), emitJax({ ...program, name: "f" }).source);
    return {
      module: `case${index}`,
      data: inputs.map(({ data }) => [...data]),
      shapes: inputs.map(({ shape }) => shape),
    };
  });
  writeFileSync(join(directory, "cases.json"), JSON.stringify(listed));
  return JSON.parse(compare("values"));
}

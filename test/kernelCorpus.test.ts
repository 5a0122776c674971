/** Kernels and unrolled programs of functions that JAX printed: the same numbers as the interpreter's, for the functions and their Jacobians. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { InputError } from "../src/errors.ts";
import { parseJaxpr } from "../src/frontends/jaxpr/index.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { instantiateJavaScript } from "../src/kernels/javascript/instantiate.ts";
import { interpret } from "../src/program/interpreter.ts";
import type { Program } from "../src/program/program.ts";
import { scalarise } from "../src/program/scalarise.ts";
import { nestedResults, nestedTensor, tensorsOf } from "../src/program/tree.ts";
import type { Tensor } from "../src/program/type.ts";

interface Entry {
  readonly name: string;
  readonly jaxpr: string;
  readonly inputs: readonly unknown[];
}

const folder = new URL("data/", import.meta.url);

/** The program of an entry, or null if it is one that is refused (see tensorCorpus.test.ts). */
function programOf({ jaxpr, name }: Entry): Program | null {
  try {
    return parseJaxpr(jaxpr, { name });
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/** Numbers without the signs of zeros. */
function plain(tensors: readonly Tensor[]): number[][] {
  return tensors.map(({ data }) => Array.from(data, (x) => x + 0));
}

function expectSame(program: Program, inputs: readonly Tensor[]): void {
  const wanted = interpret(program, inputs);
  const nested = nestedResults(
    program,
    wanted.map(({ shape, data }) => ({ shape, data: data.map((x) => x + 0) })),
  );
  const scalars = scalarise(program);
  const unrolled = interpret(scalars, tensorsOf(scalars, inputs.map(nestedTensor)));
  expect(
    nestedResults(
      scalars,
      unrolled.map(({ shape, data }) => ({ shape, data: data.map((x) => x + 0) })),
    ),
  ).toEqual(nested);
  for (const longestUnrolled of [-1, 4000]) {
    const kernel = instantiateJavaScript(program, "float64", { longestUnrolled });
    const outputs = new Float64Array(kernel.entries.length);
    kernel.run(Float64Array.from(inputs.flatMap(({ data }) => [...data])), outputs);
    const values = plain(wanted);
    expect(Array.from(outputs, (x) => x + 0)).toEqual(
      kernel.entries.map(({ output, element }) => values[output]?.[element]),
    );
  }
}

for (const file of readdirSync(folder).filter((name) => /^tensors-.*\.json$/.test(name)))
  describe(file, () => {
    const { entries } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { entries: Entry[] };
    test.each(entries.map((entry) => [entry.name, entry] as const))("%s", (_, entry) => {
      const program = programOf(entry);
      if (program === null) return;
      const inputs = program.inputs.map(({ type: { shape } }, index) => ({
        shape,
        data: Float64Array.from([entry.inputs[index]].flat(9) as number[]),
      }));
      expectSame(program, inputs);
      expectSame(jacobian(program), inputs);
    });
  });

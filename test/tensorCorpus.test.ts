/** Functions on arrays as two versions of JAX print them: outputs and Jacobians equal JAX's (data: bench/data/make_tensor_corpus.py). */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseJaxpr } from "../src/frontends/jaxpr/index.ts";
import { intermediates } from "../src/graph/graph.ts";
import { jacobian } from "../src/jacobian/jacobian.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { interpret } from "../src/program/interpreter.ts";
import type { Tensor } from "../src/program/type.ts";

interface Entry {
  readonly name: string;
  readonly jaxpr: string;
  readonly inputs: readonly unknown[];
  readonly output: unknown;
  readonly jacobian: readonly unknown[];
}

/** What cannot be read yet, and what is said of it. */
const REFUSED: { readonly [fileAndName: string]: RegExp | undefined } = {
  "tensors-jax-0.4.13.json strided": /the jaxpr has the constants a:i32\[3\] b:i32\[3\]/,
};

const folder = new URL("data/", import.meta.url);

function flat(nested: unknown): number[] {
  return Array.isArray(nested) ? nested.flatMap(flat) : [nested as number];
}

function expectClose({ data }: Tensor, nested: unknown): void {
  const wanted = flat(nested);
  expect(data).toHaveLength(wanted.length);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  data.forEach((value, index) => {
    expect(Math.abs(value - wanted[index]!)).toBeLessThanOrEqual(1e-11 * scale);
  });
}

for (const file of readdirSync(folder).filter((name) => /^tensors-.*\.json$/.test(name)))
  describe(file, () => {
    const { entries } = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { entries: Entry[] };
    test.each(entries)("$name", ({ name, jaxpr, inputs, output, jacobian: blocks }) => {
      const refused = REFUSED[`${file} ${name}`];
      if (refused !== undefined) {
        expect(() => parseJaxpr(jaxpr, { name })).toThrow(refused);
        return;
      }
      const program = parseJaxpr(jaxpr, { name });
      const point = inputs.map((input, index) => ({
        shape: program.inputs[index]!.type.shape,
        data: Float64Array.from(flat(input)),
      }));
      expectClose(interpret(program, point)[0]!, output);
      const { graph } = linearize(program);
      const forward = intermediates(graph).map(
        (node) => graph.vertices[node - graph.inputs.length]!.equation!,
      );
      const mixed = forward.toSorted((a, b) => ((a * 37) % 17) - ((b * 37) % 17));
      for (const order of [forward, forward.toReversed(), mixed]) {
        const results = interpret(jacobian(program, { order }), point);
        for (const [index, block] of blocks.entries()) expectClose(results[index]!, block);
      }
    });
  });

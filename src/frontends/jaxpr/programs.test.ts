/** Programs on arrays as JAX prints them, from a line to some hundred equations: JAX's values and Jacobians in several orders. */

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { intermediates } from "../../graph/graph.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { interpret } from "../../program/interpreter.ts";
import { isFloating, type Tensor } from "../../program/type.ts";
import { Random } from "../../random.ts";
import { parseJaxpr } from "./index.ts";

/** Numbers, those that are not finite as text. */
type Numbers = (number | string)[];

interface Entry {
  readonly name: string;
  readonly jaxpr: string;
  readonly constants: Numbers[];
  readonly inputs: Numbers[];
  readonly outputs: Numbers[];
  /** [output][input that is a float]; null for outputs that are not. */
  readonly jacobian: (Numbers[] | null)[];
}

const folder = new URL("data/", import.meta.url);

function expectClose(actual: Tensor | undefined, numbers: Numbers, tolerance: number): void {
  const wanted = numbers.map(Number);
  expect(actual?.data).toHaveLength(wanted.length);
  const scale = Math.max(1e-3, ...wanted.filter(Number.isFinite).map(Math.abs));
  wanted.forEach((value, index) => {
    const found = actual?.data[index] ?? NaN;
    if (!Object.is(found, value))
      expect(Math.abs(found - value), `element ${index}: ${found} instead of ${value}`).toBeLessThanOrEqual(
        tolerance * scale,
      );
  });
}

describe.each(readdirSync(folder).filter((name) => name.startsWith("programs-")))("%s", (file) => {
  const entries = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Entry[];

  test.each(entries)("$name", ({ jaxpr, constants, inputs, outputs, jacobian: blocks }) => {
    const program = parseJaxpr(jaxpr, { constants: constants.map((numbers) => numbers.map(Number)) });
    const tensors = program.inputs.map(({ type: { shape } }, index) => ({
      shape,
      data: Float64Array.from(inputs[index] ?? [], Number),
    }));
    const values = interpret(program, tensors);
    expect(values).toHaveLength(outputs.length);
    outputs.forEach((output, index) => {
      expectClose(values[index], output, 1e-10);
    });

    const floats = outputs.flatMap((_, index) => (blocks[index] === null ? [] : [index]));
    const wrt = program.inputs.flatMap(({ type }, index) => (isFloating(type.dtype) ? [index] : []));
    const { graph } = linearize(program, { outputs: floats, wrt });
    const forward = intermediates(graph).map(
      (node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0,
    );
    const random = Random.seeded(1);
    const shuffled = forward
      .map((equation) => ({ equation, key: random.unit() }))
      .sort((a, b) => a.key - b.key)
      .map(({ equation }) => equation);
    // Long programs take one order only, so that the file stays quick.
    const orders = forward.length > 150 ? [forward.toReversed()] : [forward, forward.toReversed(), shuffled];
    for (const order of orders) {
      const derivative = interpret(jacobian(program, { outputs: floats, wrt, order }), tensors);
      blocks
        .flatMap((row) => row ?? [])
        .forEach((block, index) => {
          expectClose(derivative[index], block, 1e-9);
        });
    }
  });
});

/** Functions of jax-js: its own values, and its own derivatives, in the float32 that it computes with. */

import { grad, type Array as JaxArray, jit, nn, numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import { jacobian } from "../../jacobian/jacobian.ts";
import { interpret } from "../../program/interpreter.ts";
import { Random } from "../../random.ts";
import { fromJaxJs } from "./index.ts";

const random = Random.seeded(1);

/** A new array of jax-js and its elements; jax-js uses arrays up, so that each is made where it is needed. */
function sample(...shape: number[]): { shape: number[]; data: Float64Array } {
  const size = shape.reduce((product, extent) => product * extent, 1);
  return { shape, data: Float64Array.from({ length: size }, () => Math.fround(0.2 + random.unit())) };
}
const array = ({ shape, data }: { shape: number[]; data: Float64Array }) =>
  np.array([...data]).reshape(shape);

function expectClose(actual: Iterable<number>, wanted: Iterable<number>): void {
  const expected = [...wanted];
  const found = [...actual];
  expect(found).toHaveLength(expected.length);
  const scale = Math.max(1e-3, ...expected.map(Math.abs));
  found.forEach((value, index) => {
    expect(Math.abs(value - (expected[index] ?? NaN))).toBeLessThanOrEqual(2e-5 * scale);
  });
}

type F = (...inputs: JaxArray[]) => JaxArray;

const functions: { readonly [name: string]: readonly [F, ...number[][]] } = {
  mlp: [(x, w, v) => np.sum(np.matmul(np.tanh(np.matmul(x, w)), v)), [2, 3], [3, 2], [2, 2]],
  softmax: [(x) => np.sum(nn.softmax(x.ref).mul(np.sin(x))), [4]],
  "closed over": [(x) => np.sum(x.mul(np.array([1, 2, 3]))), [3]],
  jit: [(x) => np.sum(jit((y: JaxArray) => np.exp(y.ref).mul(y))(x)), [3]],
  power: [(x, y) => np.sum(np.power(x, y).div(3)), [2], [2]],
  shapes: [
    (x) =>
      np.sum(np.concatenate([x.ref.reshape([3, 2]), np.flip(x.ref, 0).transpose()]).mul(x.slice(0, [0, 2]))),
    [2, 3],
  ],
  reductions: [(x) => np.max(x.ref).mul(np.prod(x.ref)).sub(np.min(x.ref)).add(np.mean(x)), [5]],
  where: [(x) => np.sum(np.where(x.ref.less(0.7), np.cos(x.ref), np.log(x))), [6]],
  gradient: [(x) => np.sum(grad((y: JaxArray) => np.sum(np.sin(y.ref).mul(y)))(x)), [3]],
  stack: [(x, y) => np.sum(np.square(np.stack([np.sqrt(x), y]))), [3], [3]],
  pad: [(x) => np.sum(np.square(np.pad(x, 1).add(2))), [2, 2]],
  activations: [
    (x) => np.sum(nn.gelu(x.ref).add(nn.silu(x.ref)).add(nn.softplus(x.ref)).add(nn.relu(x))),
    [3],
  ],
};

describe("jax-js", () => {
  test.each(Object.entries(functions))("%s: its values and gradients", async (_, [f, ...shapes]) => {
    const inputs = shapes.map((shape) => sample(...shape));
    const program = await fromJaxJs(f, ...inputs.map(array));
    const [value] = interpret(program, inputs);
    expectClose(value?.data ?? [], f(...inputs.map(array)).dataSync());
    const blocks = interpret(jacobian(program), inputs);
    for (const [index, block] of blocks.entries()) {
      const gradient = (grad as unknown as (f: F, options: { argnums: number }) => F)(f, { argnums: index });
      expectClose(block.data, gradient(...inputs.map(array)).dataSync());
    }
  });

  test("numbers are inputs, results may nest, what is not supported is named", async () => {
    const program = await fromJaxJs((x, y) => ({ sum: x.ref.add(y.ref), product: x.mul(y) }), 2, 3);
    expect(
      interpret(
        program,
        [2, 3].map((x) => ({ shape: [], data: Float64Array.of(x) })),
      ),
    ).toMatchObject([{ data: Float64Array.of(5) }, { data: Float64Array.of(6) }]);
    await expect(fromJaxJs((x) => np.sort(x), np.ones([3]))).rejects.toThrow(
      "not supported yet in functions of jax-js: sort",
    );
  });
});

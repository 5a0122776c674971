/** Higher derivatives by nesting, on arrays: against central differences and against what mathematics says. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensorPrograms } from "../../test/randomTensorProgram.ts";
import { traceSource } from "../frontends/typescript/index.ts";
import { intermediates } from "../graph/graph.ts";
import { interpret } from "../program/interpreter.ts";
import type { Program } from "../program/program.ts";
import { scalarise } from "../program/scalarise.ts";
import { sizeOf, type Tensor } from "../program/type.ts";
import { hessian, jacobian } from "./jacobian.ts";
import { linearize } from "./linearize.ts";
import { beforeDerivative } from "./nested.ts";

/** A moved input for every number of the inputs, and the central difference of the program's outputs there. */
function differences(program: Program, inputs: readonly Tensor[], step: number): Float64Array[][] {
  return inputs.flatMap((input, index) =>
    Array.from(input.data, (value, k) => {
      const at = (by: number) =>
        interpret(program, inputs.with(index, { ...input, data: input.data.with(k, value + by) }));
      const [above, below] = [at(step), at(-step)];
      return above.map(({ data }, output) =>
        data.map((entry, i) => (entry - below[output]!.data[i]!) / (2 * step)),
      );
    }),
  );
}

/** Entry [output element, number of the inputs] of a derivative program's blocks against central differences of what it is the derivative of. */
function expectDerivative(of: Program, inputs: readonly Tensor[], tolerance: number): void {
  const blocks = interpret(jacobian(of), inputs);
  const wanted = differences(of, inputs, 2 ** -16);
  const firsts = inputs.map((_, index) =>
    inputs.slice(0, index).reduce((sum, { data }) => sum + data.length, 0),
  );
  of.outputs.forEach((_, output) => {
    inputs.forEach(({ data: { length } }, input) => {
      blocks[output * inputs.length + input]!.data.forEach((entry, position) => {
        const [row, column] = [Math.floor(position / length), position % length];
        const difference = wanted[firsts[input]! + column]![output]![row]!;
        expect(Math.abs(entry - difference)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(difference)));
      });
    });
  });
}

const tensor = (shape: readonly number[], of: (k: number) => number): Tensor => ({
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, (_, k) => of(k)),
});

/** A function on arrays that has every kind of second and third derivative: contractions, shared values, softmax. */
const layer = traceSource(`
  import { add, dot, logSumExp, matmul, multiply, softmax, sum, tanh, type Matrix, type Vector } from "alphagrad/math";
  export function layer(W: Matrix<2, 2>, x: Vector<2>, b: Vector<2>) {
    const h = tanh(add(matmul(W, x), b));
    return [logSumExp(multiply(h, h)) * x[0], softmax(add(h, b)), dot(h, b)];
  }`);
const point = [
  tensor([2, 2], (k) => Math.sin(1 + k)),
  tensor([2], (k) => 0.3 + 0.4 * k),
  tensor([2], (k) => 0.2 - 0.5 * k),
];

describe("a layer with softmax", () => {
  test.each([1, 2, 3])("derivatives of order %i equal central differences of those before", (order) => {
    expectDerivative(beforeDerivative(layer, order), point, 1e-6);
  });

  test("Hessians are symmetric, third derivatives in all three inputs", () => {
    const n = layer.inputs.length;
    const second = interpret(hessian(layer), point);
    const third = interpret(jacobian(hessian(layer)), point);
    const size = (input: number) => point[input]!.data.length;
    const triples = [0, 1, 2].flatMap((i) =>
      [0, 1, 2].flatMap((j) => [0, 1, 2].map((k) => [i, j, k] as const)),
    );
    let [furthest2, furthest3] = [0, 0];
    layer.outputs.forEach((_, output) => {
      const height = interpret(layer, point)[output]!.data.length;
      for (const [i, j, k] of triples)
        for (let row = 0; row < height; row++)
          for (let a = 0; a < size(i); a++)
            for (let b = 0; b < size(j); b++) {
              const at = (p: number, q: number, x: number, y: number) =>
                second[(output * n + p) * n + q]!.data[(row * size(p) + x) * size(q) + y]!;
              furthest2 = Math.max(furthest2, Math.abs(at(i, j, a, b) - at(j, i, b, a)));
              for (let c = 0; c < size(k); c++) {
                const in3 = (p: number, q: number, r: number, x: number, y: number, z: number) =>
                  third[((output * n + p) * n + q) * n + r]!.data[
                    ((row * size(p) + x) * size(q) + y) * size(r) + z
                  ]!;
                furthest3 = Math.max(furthest3, Math.abs(in3(i, j, k, a, b, c) - in3(k, i, j, c, a, b)));
              }
            }
    });
    expect(furthest2).toBeLessThan(1e-12);
    expect(furthest3).toBeLessThan(1e-11);
  });

  test("unrolled to scalars they are the same", () => {
    const second = beforeDerivative(layer, 3);
    const numbers = (program: Program, inputs: readonly Tensor[]) =>
      interpret(program, inputs).flatMap(({ data }) => [...data]);
    const scalars = point.flatMap(({ data }) => [...data].map((value) => tensor([], () => value)));
    const unrolled = numbers(scalarise(second), scalars);
    numbers(second, point).forEach((value, index) => {
      expect(unrolled[index]).toBeCloseTo(value, 12);
    });
  });

  test("any order of elimination gives the same Hessian", () => {
    const first = jacobian(layer);
    const { graph } = linearize(first);
    const eliminated = intermediates(graph).map(
      (node) => graph.vertices[node - graph.inputs.length]!.equation!,
    );
    const order = eliminated.toSorted((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101));
    const inOrder = interpret(jacobian(first), point);
    interpret(jacobian(first, { order }), point).forEach(({ data }, block) => {
      data.forEach((entry, k) => {
        expect(entry).toBeCloseTo(inOrder[block]!.data[k]!, 11);
      });
    });
  });
});

test("x^T diag(x) x has third derivatives 6 on the diagonal", () => {
  const cubes = traceSource(`
    import { multiply, dot, type Vector } from "alphagrad/math";
    export const cubes = (x: Vector<3>) => dot(multiply(x, x), x);`);
  const [third] = interpret(jacobian(hessian(cubes)), [tensor([3], (k) => k - 1.5)]);
  expect(third!.shape).toEqual([3, 3, 3]);
  expect([...third!.data]).toEqual(Array.from({ length: 27 }, (_, k) => (k % 13 === 0 ? 6 : 0)));
});

test("third derivatives of random programs equal central differences of the second", () => {
  fc.assert(
    fc.property(tensorPrograms, ({ program, inputs }) => {
      const numbers = inputs.reduce((sum, { data }) => sum + data.length, 0);
      fc.pre(program.equations.length <= 3 && numbers <= 6);
      expectDerivative(beforeDerivative(program, 3), inputs, 2e-5);
    }),
    { numRuns: 10 },
  );
});

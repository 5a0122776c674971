import { expect, test } from "vitest";
import { interpretScalars } from "../../program/interpreter.ts";
import { Random } from "../../random.ts";
import { intermediates } from "../graph.ts";
import { validateGraph } from "../validate.ts";
import {
  type GeneratorName,
  generatedGraph,
  generators,
  integrator,
  randomProgram,
  stencil,
} from "./index.ts";

const names = Object.keys(generators) as GeneratorName[];

test.each(names)("%s gives valid graphs of about the size asked for", (name) => {
  for (const size of [10, 100, 2000]) {
    const graph = generatedGraph(name, size, 3);
    validateGraph(graph, (message, path) => new RangeError(`${path.join(".")}: ${message}`) as never);
    expect(graph.edges.length).toBeGreaterThan(0);
    const vertices = graph.vertices.length;
    expect(vertices).toBeGreaterThan(0.5 * size);
    expect(vertices).toBeLessThan(size < 100 ? 30 * size : 2 * size);
    expect(intermediates(graph).length).toBeGreaterThan(0);
  }
});

test("random programs are a function of the seed, and differ between seeds", () => {
  const program = (seed: number) => randomProgram({ inputs: 4, equations: 60 }, Random.seeded(seed));
  expect(program(5)).toEqual(program(5));
  expect(program(5)).not.toEqual(program(6));
});

test("random programs without sharing use every value once", () => {
  const program = randomProgram({ inputs: 100, equations: 60, sharing: 0 }, Random.seeded(1));
  const uses = new Map<number, number>();
  for (const { operands } of program.equations)
    for (const operand of operands)
      if (operand.kind === "variable") uses.set(operand.variable, (uses.get(operand.variable) ?? 0) + 1);
  expect(Math.max(...uses.values())).toBe(1);
});

test("the integrator integrates the Lorenz system", () => {
  // From the fixed point (sqrt(beta (rho - 1)), the same, rho - 1) nothing moves.
  const [sigma, rho, beta] = [10, 28, 8 / 3];
  const x = Math.sqrt(beta * (rho - 1));
  const result = interpretScalars(integrator({ steps: 20 }), [x, x, rho - 1, sigma, rho, beta]);
  expect(result[0]).toBeCloseTo(x, 10);
  expect(result[1]).toBeCloseTo(x, 10);
  expect(result[2]).toBeCloseTo(rho - 1, 10);
});

test("the 1-d stencil keeps the sum of the cells, up to the flux that advection adds", () => {
  const state = [0.3, 0.3, 0.3, 0.3, 0.3];
  expect(interpretScalars(stencil({ shape: [5], steps: 3 }), state)).toEqual(
    state.map((u) => expect.closeTo(u, 12)),
  );
});

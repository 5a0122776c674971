import { expect, test } from "vitest";
import { Random } from "../../random.ts";
import { vertexCosts } from "../costs.ts";
import { intermediates } from "../graph.ts";
import { isScalarGraph } from "../operations.ts";
import { validateGraph } from "../validate.ts";
import { randomTrainingGraph } from "./trainingGraph.ts";

test("training graphs are valid scalar graphs of the size asked for, of many kinds", () => {
  const random = Random.seeded(1);
  const graphs = Array.from({ length: 40 }, () => randomTrainingGraph(random));
  for (const graph of graphs) {
    validateGraph(graph, (message, path) => new RangeError(`${path.join(".")}: ${message}`) as never);
    expect(isScalarGraph(graph)).toBe(true);
    const size = intermediates(graph).length;
    expect(size).toBeGreaterThanOrEqual(20);
    expect(size).toBeLessThanOrEqual(120);
  }
  expect(new Set(graphs.map(({ name }) => name)).size).toBeGreaterThanOrEqual(6);
  const numbers = (of: (graph: (typeof graphs)[number]) => number) => new Set(graphs.map(of)).size;
  expect(numbers(({ inputs }) => inputs.length)).toBeGreaterThan(8);
  expect(numbers(({ outputs }) => outputs.length)).toBeGreaterThan(8);
  expect(numbers((graph) => intermediates(graph).length)).toBeGreaterThan(20);
});

test("orders of elimination matter on them", () => {
  const random = Random.seeded(2);
  const ratios = Array.from({ length: 12 }, () => {
    const graph = randomTrainingGraph(random, { most: 40 });
    const forward = intermediates(graph).map(
      (node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0,
    );
    const costs = [forward, forward.toReversed()].map((order) =>
      vertexCosts(graph, order, "multiplications").reduce((total, { products }) => total + products, 0),
    );
    return Math.max(...costs) / Math.min(...costs);
  });
  expect(ratios.filter((ratio) => ratio > 1.2).length).toBeGreaterThan(6);
});

test("they are a function of the seed, within the limits given", () => {
  const graphs = (seed: number) => {
    const random = Random.seeded(seed);
    return [1, 2, 3].map(() => randomTrainingGraph(random, { least: 5, most: 12 }));
  };
  expect(graphs(3)).toEqual(graphs(3));
  expect(graphs(3)).not.toEqual(graphs(4));
  for (const graph of graphs(5)) expect(intermediates(graph).length).toBeLessThanOrEqual(12);
});

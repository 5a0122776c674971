import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { optimum, randomGraph } from "../../../test/bruteForce.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { Random } from "../../random.ts";
import { markowitz } from "../../search/orders.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { costsOf, vertexCosts } from "../costs.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph.ts";
import { validateGraph } from "../validate.ts";
import { clean } from "./clean.ts";
import { compress } from "./compress.ts";
import { ofOriginal, type Relabelled, randomlyRelabelled, relabelledBy } from "./relabel.ts";
import { transposed } from "./transpose.ts";

const graphs = fc.integer().map((seed) => {
  const random = Random.seeded(seed);
  return randomGraph(random, {
    inputs: 1 + random.below(3),
    intermediates: 1 + random.below(7),
    outputs: 1 + random.below(3),
    operands: 1 + random.below(3),
    structure: 0.1,
  });
});

const graphOf = (task: string) => linearize(programOf(findTask(task)!)).graph;

function validate(graph: ComputationalGraph): void {
  validateGraph(graph, (message, path) => new RangeError(`${path.join(".")}: ${message}`) as never);
}

const equationsOf = (graph: ComputationalGraph) =>
  intermediates(graph).map((node) => graph.vertices[node - graph.inputs.length]!.equation!);

function multiplications(graph: ComputationalGraph, order: EliminationOrder): number {
  return vertexCosts(graph, order, "multiplications").reduce((total, { products }) => total + products, 0);
}

/** The graph without dead vertices: the random ones may have some that no input reaches. */
const cleaned = graphs.map(clean);

test("clean graphs are valid, with the optimum they had", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const dead = withDeadEnds(graph);
      const result = clean(dead);
      validate(result);
      expect(optimum(result)).toBe(optimum(graph));
      expect(clean(result)).toBe(result);
    }),
  );
});

test("a compressed graph goes on where the eliminated vertices end", () => {
  fc.assert(
    fc.property(cleaned, fc.integer(), (graph, seed) => {
      const random = Random.seeded(seed);
      const order = equationsOf(graph).sort(() => random.unit() - 0.5);
      const count = random.below(order.length + 1);
      const { graph: rest, eliminated, cost } = compress(graph, order.slice(0, count));
      validate(rest);
      expect(eliminated).toEqual(order.slice(0, count));
      const whole = multiplications(graph, order);
      expect(cost + multiplications(rest, order.slice(count))).toBe(whole);
      expect(cost + optimum(rest)).toBeGreaterThanOrEqual(optimum(graph));
    }),
  );
});

test("arrays are compressed like scalars", () => {
  const graph = graphOf("Perceptron");
  const order = equationsOf(graph).reverse();
  for (const count of [1, 10, 30]) {
    const { graph: rest, cost } = compress(graph, order.slice(0, count));
    validate(rest);
    expect(cost + multiplications(rest, order.slice(count))).toBe(308);
  }
});

describe.each<[string, (graph: ComputationalGraph, seed: number) => Relabelled]>([
  ["Markowitz ordering", (graph) => relabelledBy(graph, markowitz(graph, { ties: "first" }))],
  ["random relabelling", (graph, seed) => randomlyRelabelled(graph, Random.seeded(seed))],
  ["transposition", (graph) => transposed(graph)],
])("%s", (_, change) => {
  test("keeps the optimum", () => {
    fc.assert(
      fc.property(cleaned, fc.integer(), (graph, seed) => {
        const { graph: changed } = change(graph, seed);
        validate(changed);
        expect(optimum(changed)).toBe(optimum(graph));
      }),
    );
  });

  test.each(["SpikingLayer", "Perceptron"])("keeps the cost of every order: %s", (task) => {
    const graph = graphOf(task);
    const changed = change(graph, 7);
    validate(changed.graph);
    const order = equationsOf(changed.graph);
    for (const own of [order, order.toReversed()])
      expect(costsOf(changed.graph, own).multiplications).toBe(
        costsOf(graph, ofOriginal(changed, own)).multiplications,
      );
  });
});

test("relabelling keeps operations too", () => {
  const graph = graphOf("RoeFlux_1d");
  const changed = randomlyRelabelled(graph, Random.seeded(2));
  const order = equationsOf(changed.graph);
  expect(order).not.toEqual(ofOriginal(changed, order));
  expect(costsOf(changed.graph, order).operations).toEqual(
    costsOf(graph, ofOriginal(changed, order)).operations,
  );
});

test("Markowitz ordering numbers as Markowitz eliminates, as far as edges allow", () => {
  const graph = graphOf("RoeFlux_1d");
  const order = markowitz(graph, { ties: "first" });
  const changed = relabelledBy(graph, order);
  const rank = new Map(order.map((equation, place) => [equation, place]));
  const ranks = ofOriginal(changed, equationsOf(changed.graph)).map((equation) => rank.get(equation)!);
  const before = equationsOf(graph).map((equation) => rank.get(equation)!);
  expect(ranks.toSorted((a, b) => a - b)).toEqual([...order.keys()]);
  expect(descents(ranks)).toBeLessThan(descents(before));
});

function descents(numbers: readonly number[]): number {
  return numbers.filter((number, place) => number < (numbers[place - 1] ?? 0)).length;
}

/** Adds a vertex that no input reaches and one that reaches no output. */
function withDeadEnds(graph: ComputationalGraph): ComputationalGraph {
  const nodes = graph.inputs.length + graph.vertices.length;
  const last = graph.vertices.at(-1)?.equation ?? 0;
  const [edge] = graph.edges;
  if (edge === undefined) return graph;
  const vertex = (equation: number) => ({ equation, name: `dead${equation}`, shape: [] });
  return {
    ...graph,
    vertices: [...graph.vertices, vertex(last + 1), vertex(last + 2), vertex(last + 3)],
    edges: [...graph.edges, { ...edge, from: 0, to: nodes }, { ...edge, from: nodes + 1, to: nodes + 2 }],
    outputs: [...graph.outputs, nodes + 2],
  };
}

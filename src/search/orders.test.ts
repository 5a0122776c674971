import fc from "fast-check";
import { expect, test } from "vitest";
import { randomGraphs } from "../../test/randomGraph.ts";
import { costsOf } from "../graph/costs.ts";
import type { ComputationalGraph } from "../graph/graph.ts";
import { linearize } from "../jacobian/linearize.ts";
import { Random } from "../random.ts";
import { findTask, programOf } from "../tasks/index.ts";
import { createEngine, fromPublicOrder } from "./engine.ts";
import { forward, markowitz, reverse } from "./orders.ts";
import { plainEngine } from "./plainEngine.ts";
import { OBJECTIVES } from "./strategy.ts";

test("forward and reverse are program order and its opposite", () => {
  fc.assert(
    fc.property(randomGraphs(), (graph) => {
      const order = forward(graph);
      expect([...order]).toEqual(order.toSorted((a, b) => a - b));
      expect(reverse(graph)).toEqual(order.toReversed());
      expect(() => fromPublicOrder(graph, order)).not.toThrow();
    }),
  );
});

/** For each step of an order the chosen index and the indices that were cheapest then. */
function* choices(
  graph: ComputationalGraph,
  order: Int32Array,
): Generator<[chosen: number, cheapest: number[]]> {
  const engine = plainEngine(graph);
  for (const [position, chosen] of order.entries()) {
    const left = order.slice(position).sort();
    const degrees = Array.from(left, (index) => engine.degree(index));
    const least = Math.min(...degrees);
    yield [chosen, [...left].filter((_, place) => degrees[place] === least)];
    engine.eliminate(chosen);
  }
}

test("Markowitz takes a cheapest vertex at each step, the first or the last in program order", () => {
  fc.assert(
    fc.property(randomGraphs({ maxVertices: 14 }), fc.integer(), (graph, seed) => {
      const order = (ties: "first" | "last") => fromPublicOrder(graph, markowitz(graph, { ties }));
      for (const [chosen, cheapest] of choices(graph, order("first"))) expect(chosen).toBe(cheapest[0]);
      for (const [chosen, cheapest] of choices(graph, order("last"))) expect(chosen).toBe(cheapest.at(-1));
      const random = markowitz(graph, { ties: "random", random: Random.seeded(seed) });
      for (const [chosen, cheapest] of choices(graph, fromPublicOrder(graph, random)))
        expect(cheapest).toContain(chosen);
    }),
  );
});

test("random ties reach every cheapest vertex alike", () => {
  // Three chains x -> u_i -> y: all are equally cheap.
  const structure = { out: [], in: [], extents: [] };
  const value = { kind: "value", value: 0, negative: false } as const;
  const edge = (from: number, to: number) => ({ from, to, terms: [{ structure, counted: [], value }] });
  const graph: ComputationalGraph = {
    name: "three",
    inputs: [{ name: "x", shape: [] }],
    vertices: [1, 2, 3, 4].map((equation) => ({ equation, name: `v${equation}`, shape: [] })),
    edges: [edge(0, 1), edge(0, 2), edge(0, 3), edge(1, 4), edge(2, 4), edge(3, 4)],
    outputs: [4],
    valueCount: 1,
    known: [],
  };
  const random = Random.seeded(1);
  const counts = new Map<number, number>();
  for (let run = 0; run < 600; run++) {
    const [first = 0] = markowitz(graph, { ties: "random", random });
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  for (const equation of [1, 2, 3]) expect(Math.abs((counts.get(equation) ?? 0) - 200)).toBeLessThan(60);
});

test.each(OBJECTIVES)("Markowitz by %s takes what adds least at each step", (objective) => {
  fc.assert(
    fc.property(randomGraphs({ maxVertices: 14 }), (graph) => {
      const order = fromPublicOrder(graph, markowitz(graph, { ties: "first", objective }));
      const engine = createEngine(graph, objective);
      for (const [position, index] of order.entries()) {
        const degrees = Array.from(order.subarray(position), (other) => engine.degree(other));
        expect(engine.eliminate(index)).toBe(Math.min(...degrees));
      }
    }),
  );
});

test.each([
  ["RoeFlux_1d", 407, 344],
  ["RobotArm_6DOF", 288, 221],
  ["HumanHeartDipole", 194, 148],
  ["PropaneCombustion", 111, 88],
])("ties decide much: %s costs %i with the first, %i with the last", (name, first, last) => {
  const task = findTask(name);
  if (task === undefined) throw new Error(name);
  const { graph } = linearize(programOf(task));
  expect(costsOf(graph, markowitz(graph, { ties: "first" })).multiplications).toBe(first);
  expect(costsOf(graph, markowitz(graph, { ties: "last" })).multiplications).toBe(last);
});

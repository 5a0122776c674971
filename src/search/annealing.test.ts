import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraphs } from "../../test/randomGraph.ts";
import type { ComputationalGraph, EliminationOrder } from "../graph/graph.ts";
import { linearize } from "../jacobian/linearize.ts";
import { simplify } from "../program/simplify.ts";
import { Random } from "../random.ts";
import { findTask, programOf } from "../tasks/index.ts";
import { simulatedAnnealing } from "./annealing.ts";
import { auto, search } from "./auto.ts";
import { createEngine, fromPublicOrder } from "./engine.ts";
import { reverse } from "./orders.ts";
import { OBJECTIVES, type Objective, type Run, type Strategy } from "./strategy.ts";

/** A run with a clock that goes on by so many milliseconds whenever it is looked at. */
function runWith(seed: number, tick = 0): Run {
  let time = 0;
  return {
    random: Random.seeded(seed),
    now: () => {
      time += tick;
      return time;
    },
  };
}

function costOf(graph: ComputationalGraph, order: EliminationOrder, objective: Objective): number {
  return createEngine(graph, objective).cost(fromPublicOrder(graph, order));
}

/** The least cost over all orders. */
function bruteForce(graph: ComputationalGraph, objective: Objective): number {
  const engine = createEngine(graph, objective);
  const order = new Int32Array(engine.size);
  const least = (left: readonly number[]): number => {
    if (left.length === 0) return engine.cost(order);
    return Math.min(
      ...left.map((index) => {
        order[engine.size - left.length] = index;
        return least(left.filter((other) => other !== index));
      }),
    );
  };
  return least([...order.keys()]);
}

const strategies: readonly [
  string,
  Strategy<{ objective: Objective; budget: { iterations?: number; seconds?: number } }>,
][] = [
  ["simulatedAnnealing", simulatedAnnealing],
  ["auto", auto],
];

describe.each(strategies)("%s", (_, strategy) => {
  test.each(OBJECTIVES)("finds the optimum of small graphs (%s)", async (objective) => {
    await fc.assert(
      fc.asyncProperty(randomGraphs({ maxVertices: 10 }), fc.integer(), async (graph, seed) => {
        fc.pre(createEngine(graph, objective).size <= 6);
        const order = await strategy(graph, { objective, budget: { iterations: 3000 } }, runWith(seed));
        expect(costOf(graph, order, objective)).toBe(bruteForce(graph, objective));
      }),
      { numRuns: 30 },
    );
  });

  test.each(OBJECTIVES)("gives the same order for the same seed and iterations (%s)", async (objective) => {
    await fc.assert(
      fc.asyncProperty(randomGraphs({ maxVertices: 30 }), fc.integer(), async (graph, seed) => {
        const options = { objective, budget: { iterations: 500 } };
        const orders = [
          await strategy(graph, options, runWith(seed)),
          await strategy(graph, options, runWith(seed, 17)),
        ];
        expect(orders[1]).toEqual(orders[0]);
      }),
      { numRuns: 15 },
    );
  });

  test("tells of every improvement with the order's cost, and returns an order of the last cost", async () => {
    await fc.assert(
      fc.asyncProperty(
        randomGraphs({ minVertices: 12, maxVertices: 30 }),
        fc.integer(),
        async (graph, seed) => {
          const told: [EliminationOrder, number][] = [];
          const run: Run = { ...runWith(seed), onImprovement: (order, cost) => told.push([order, cost]) };
          const order = await strategy(graph, { objective: "operations", budget: { iterations: 2000 } }, run);
          expect(told.map(([order]) => costOf(graph, order, "operations"))).toEqual(
            told.map(([, cost]) => cost),
          );
          const costs = told.map(([, cost]) => cost);
          expect(costs).toEqual([...new Set(costs)].sort((a, b) => b - a));
          // Of orders that cost the same it may be another one: what is cheaper in the other objective.
          expect(costs.at(-1)).toBe(costOf(graph, order, "operations"));
        },
      ),
      { numRuns: 8 },
    );
  });

  test("aborted, it returns the best so far", async () => {
    const graph = graphOf("RoeFlux_1d");
    const abort = new AbortController();
    let best = Infinity;
    let breaths = 0;
    const run: Run = {
      ...runWith(1, 1),
      signal: abort.signal,
      onImprovement: (_, cost) => {
        best = cost;
      },
      onProgress: ({ fraction, cost }) => {
        expect(cost).toBe(best);
        expect(fraction).toBeLessThan(0.01);
        if (++breaths === 3) abort.abort();
      },
    };
    const order = await strategy(graph, { objective: "multiplications", budget: { iterations: 1e9 } }, run);
    expect(breaths).toBe(3);
    expect(costOf(graph, order, "multiplications")).toBe(best);
    expect(best).toBeLessThan(364);
  });

  test("keeps to its seconds", async () => {
    const graph = graphOf("RoeFlux_1d");
    const run = runWith(1, 1);
    await strategy(graph, { objective: "multiplications", budget: { seconds: 2 } }, run);
    const seconds = run.now() / 1000;
    expect(seconds).toBeGreaterThan(1.9);
    expect(seconds).toBeLessThan(2.1);
  });

  test("an aborted signal and no iterations still give an order", async () => {
    const graph = graphOf("PropaneCombustion");
    for (const [iterations, signal] of [
      [1000, AbortSignal.abort()] as const,
      [0, new AbortController().signal] as const,
    ]) {
      const order = await strategy(
        graph,
        { objective: "multiplications", budget: { iterations } },
        { ...runWith(1), signal },
      );
      expect(costOf(graph, order, "multiplications")).toBe(88);
    }
  });
});

function graphOf(name: string, simplified = false): ComputationalGraph {
  const task = findTask(name);
  if (task === undefined) throw new Error(name);
  const program = programOf(task);
  return linearize(simplified ? simplify(program) : program).graph;
}

test("annealing starts where it is told", async () => {
  const graph = graphOf("RobotArm_6DOF");
  const start = reverse(graph);
  const options = { objective: "multiplications", budget: { iterations: 0 }, start } as const;
  expect(await simulatedAnnealing(graph, options, runWith(1))).toEqual(start);
});

test.each([
  ["RoeFlux_1d", "multiplications", 600_000, 297],
  ["g", "multiplications", 600_000, 412],
  ["RoeFlux_1d", "operations", 40_000, 290],
  ["RobotArm_6DOF", "operations", 40_000, 138],
] as const)("anneals %s in %s with %i moves to %i or less", async (name, objective, iterations, bound) => {
  const graph = graphOf(name, objective === "operations");
  const order = await simulatedAnnealing(graph, { objective, budget: { iterations } }, runWith(1));
  expect(costOf(graph, order, objective)).toBeLessThanOrEqual(bound);
});

test.each(OBJECTIVES)("search tells what each method found and how the best fell (%s)", async (objective) => {
  await fc.assert(
    fc.asyncProperty(randomGraphs({ maxVertices: 20 }), async (graph) => {
      const { best, methods, history } = await search(
        graph,
        { objective, budget: { iterations: 300 } },
        runWith(1, 1),
      );
      expect(methods.slice(0, 3).map(({ method }) => method)).toEqual(["forward", "reverse", "markowitz"]);
      for (const { order, cost } of methods) expect(costOf(graph, order, objective)).toBe(cost);
      expect(best.cost).toBe(Math.min(...methods.map(({ cost }) => cost)));
      expect(methods).toContain(best);
      expect(history[0]?.cost).toBe(methods[0]?.cost);
      expect(history.at(-1)?.cost).toBe(best.cost);
      const { size } = createEngine(graph, objective);
      if (size < 2) expect(methods.map(({ method }) => method)).not.toContain("annealing");
    }),
    { numRuns: 30 },
  );
});

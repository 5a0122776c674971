import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraphs } from "../../../test/randomGraph.ts";
import { generatedGraph } from "../../graph/generators/index.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../../graph/graph.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { Random } from "../../random.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { createEngine, type Engine, fromPublicOrder } from "../engine.ts";
import { multiplicationsArithmetic } from "../large/arithmetic.ts";
import { SparseGraph } from "../large/sparseGraph.ts";
import { forward, type MarkowitzOptions, markowitz, reverse } from "../orders.ts";
import { OBJECTIVES, type Objective, type Run, type Strategy } from "../strategy.ts";
import { beamSearch } from "./beam.ts";
import { lowestMarkowitzMinimalDamage, maximalMarkowitzReduction } from "./damage.ts";
import { lowestFillIn } from "./fillIn.ts";
import { largeNeighbourhoodSearch } from "./largeNeighbourhood.ts";
import { maximalPathLengthReduction } from "./pathLength.ts";
import { lowestRelativeMarkowitz } from "./relativeMarkowitz.ts";
import { markowitzRestarts } from "./restarts.ts";
import { bestLocalOrder, bestOrder } from "./window.ts";

type Greedy = (graph: ComputationalGraph, options: MarkowitzOptions) => EliminationOrder;

/** A run with a clock that goes on by so many milliseconds whenever it is looked at. */
function runWith(seed: number, tick = 0, rest: Partial<Run> = {}): Run {
  let time = 0;
  return {
    random: Random.seeded(seed),
    now: () => {
      time += tick;
      return time;
    },
    ...rest,
  };
}

function costOf(graph: ComputationalGraph, order: EliminationOrder, objective: Objective): number {
  return createEngine(graph, objective).cost(fromPublicOrder(graph, order));
}

/** The least total over all orders of these vertices, after what is eliminated already. */
function leastTotal(engine: Engine, left: readonly number[]): number {
  if (left.length === 0) return engine.total();
  return Math.min(
    ...left.map((index) => {
      engine.eliminate(index);
      const total = leastTotal(
        engine,
        left.filter((other) => other !== index),
      );
      engine.undo(1);
      return total;
    }),
  );
}

function bruteForce(graph: ComputationalGraph, objective: Objective): number {
  const engine = createEngine(graph, objective);
  return leastTotal(engine, [...new Array(engine.size).keys()]);
}

/** What a heuristic's definition says of eliminating a node of a state, computed afresh; the least is to be chosen. */
type Definition = (state: () => SparseGraph, node: number, left: readonly number[]) => number;

const degreeSum = (state: SparseGraph, nodes: readonly number[]) =>
  nodes.reduce((sum, node) => sum + state.degree(node), 0);

/** The total length of all paths from inputs to outputs. */
function pathLength(graph: ComputationalGraph, state: SparseGraph): number {
  const outputs = new Set(graph.outputs);
  const walk = (node: number, length: number): number =>
    outputs.has(node)
      ? length
      : state.successors(node).reduce((sum, next) => sum + walk(next, length + 1), 0);
  return graph.inputs.reduce((sum, _, input) => sum + walk(input, 0), 0);
}

function terminalsFrom(graph: ComputationalGraph, node: number, side: "inputs" | "outputs"): number {
  const found = new Set<number>();
  const walk = (at: number): void => {
    if (side === "inputs" ? at < graph.inputs.length : graph.outputs.includes(at)) found.add(at);
    for (const { from, to } of graph.edges) {
      if (side === "inputs" && to === at) walk(from);
      if (side === "outputs" && from === at) walk(to);
    }
  };
  walk(node);
  return found.size;
}

const greedies: readonly [string, Greedy, (graph: ComputationalGraph) => Definition][] = [
  [
    "lowestRelativeMarkowitz",
    lowestRelativeMarkowitz,
    (graph) => (state, node) =>
      state().degree(node) - terminalsFrom(graph, node, "inputs") * terminalsFrom(graph, node, "outputs"),
  ],
  [
    "lowestFillIn",
    lowestFillIn,
    () => (state, node) => {
      const before = state();
      const own = before.predecessors(node).length + before.successors(node).length;
      const after = state();
      after.eliminate(node);
      return after.edgeCount - (before.edgeCount - own);
    },
  ],
  [
    "lowestMarkowitzMinimalDamage",
    lowestMarkowitzMinimalDamage,
    () => (state, node, left) => {
      const others = left.filter((other) => other !== node);
      const after = state();
      after.eliminate(node);
      return state().degree(node) + degreeSum(after, others) - degreeSum(state(), others);
    },
  ],
  [
    "maximalMarkowitzReduction",
    maximalMarkowitzReduction,
    () => (state, node, left) => {
      const after = state();
      after.eliminate(node);
      return degreeSum(after, left) - degreeSum(state(), left);
    },
  ],
  [
    "maximalPathLengthReduction",
    maximalPathLengthReduction,
    (graph) => (state, node) => {
      const after = state();
      after.eliminate(node);
      return pathLength(graph, after) - pathLength(graph, state());
    },
  ],
];

describe.each(greedies)("%s", (_, heuristic, definitionOf) => {
  test("chooses by its definition at each step, ties to the first, the last or any", () => {
    fc.assert(
      fc.property(randomGraphs({ maxVertices: 12, copies: false }), fc.integer(), (graph, seed) => {
        const definition = definitionOf(graph);
        const inputs = graph.inputs.length;
        const check = (options: MarkowitzOptions) => {
          const gone: number[] = [];
          let left = intermediates(graph);
          for (const equation of heuristic(graph, options)) {
            const node = inputs + graph.vertices.findIndex((vertex) => vertex.equation === equation);
            const state = () => {
              const made = new SparseGraph(graph, multiplicationsArithmetic);
              for (const before of gone) made.eliminate(before);
              return made;
            };
            const scores = left.map((other) => definition(state, other, left));
            const tied = left.filter((__, place) => scores[place] === Math.min(...scores));
            if (options.ties === "random") expect(tied).toContain(node);
            else expect(node).toBe(tied.at(options.ties === "first" ? 0 : -1));
            gone.push(node);
            left = left.filter((other) => other !== node);
          }
          expect(left).toEqual([]);
        };
        check({ ties: "first" });
        check({ ties: "last" });
        check({ ties: "random", random: Random.seeded(seed) });
      }),
      { numRuns: 25 },
    );
  });

  test("gives an order for either objective, on graphs with copies and known zeros too", () => {
    fc.assert(
      fc.property(randomGraphs({ maxVertices: 25 }), fc.constantFrom(...OBJECTIVES), (graph, objective) => {
        const order = heuristic(graph, { ties: "last", objective });
        expect(order.toSorted((a, b) => a - b)).toEqual(forward(graph));
      }),
      { numRuns: 30 },
    );
  });
});

test.each([
  ["RoeFlux_1d", lowestFillIn, 306],
  ["RoeFlux_1d", lowestMarkowitzMinimalDamage, 324],
  ["RobotArm_6DOF", lowestRelativeMarkowitz, 221],
  ["HumanHeartDipole", lowestMarkowitzMinimalDamage, 148],
])("on %s a heuristic finds what it found", (name, heuristic, cost) => {
  const task = findTask(name);
  if (task === undefined) throw new Error(name);
  const { graph } = linearize(programOf(task));
  expect(costOf(graph, heuristic(graph, { ties: "last" }), "multiplications")).toBe(cost);
});

type Options = { objective: Objective; budget: { iterations?: number; seconds?: number } };

const strategies: readonly [string, Strategy<Options>][] = [
  ["markowitzRestarts", markowitzRestarts],
  ["beamSearch", beamSearch],
  ["largeNeighbourhoodSearch", largeNeighbourhoodSearch],
];

describe.each(strategies)("%s", (_, strategy) => {
  test.each(OBJECTIVES)("gives an order, the best that it told of (%s)", async (objective) => {
    await fc.assert(
      fc.asyncProperty(randomGraphs({ maxVertices: 25 }), fc.integer(), async (graph, seed) => {
        const told: number[] = [];
        const run = runWith(seed, 0, {
          onImprovement: (order, cost) => {
            expect(costOf(graph, order, objective)).toBe(cost);
            told.push(cost);
          },
        });
        const order = await strategy(graph, { objective, budget: { iterations: 40 } }, run);
        expect(order.toSorted((a, b) => a - b)).toEqual(forward(graph));
        expect(told).toEqual(told.toSorted((a, b) => b - a));
        expect(costOf(graph, order, objective)).toBe(told.at(-1));
      }),
      { numRuns: 30 },
    );
  });

  test("gives the same order for the same seed and iterations", async () => {
    await fc.assert(
      fc.asyncProperty(randomGraphs({ maxVertices: 30 }), fc.integer(), async (graph, seed) => {
        const options: Options = { objective: "multiplications", budget: { iterations: 50 } };
        expect(await strategy(graph, options, runWith(seed, 17))).toEqual(
          await strategy(graph, options, runWith(seed)),
        );
      }),
      { numRuns: 15 },
    );
  });

  test("ends when it is aborted, and when the time is up", async () => {
    const graph = generatedGraph("random", 120);
    const options: Options = { objective: "multiplications", budget: {} };
    const abort = new AbortController();
    abort.abort();
    for (const order of [
      await strategy(graph, options, runWith(1, 0, { signal: abort.signal })),
      await strategy(graph, { ...options, budget: { seconds: 1 } }, runWith(1, 10)),
    ])
      expect(order.toSorted((a, b) => a - b)).toEqual(forward(graph));
  });
});

test("restarts are no worse than either rule for ties", async () => {
  await fc.assert(
    fc.asyncProperty(randomGraphs({ maxVertices: 30 }), async (graph) => {
      const budget = { iterations: 2 };
      const order = await markowitzRestarts(graph, { objective: "multiplications", budget }, runWith(1));
      for (const ties of ["first", "last"] as const)
        expect(costOf(graph, order, "multiplications")).toBeLessThanOrEqual(
          costOf(graph, markowitz(graph, { ties }), "multiplications"),
        );
    }),
    { numRuns: 30 },
  );
});

test.each(OBJECTIVES)("a beam without limits is exhaustive (%s)", async (objective) => {
  await fc.assert(
    fc.asyncProperty(randomGraphs({ maxVertices: 9 }), async (graph) => {
      fc.pre(intermediates(graph).length <= (objective === "operations" ? 5 : 7));
      const options = { objective, budget: { iterations: 1e6 }, width: Infinity, branches: Infinity };
      const order = await beamSearch(graph, options, runWith(1));
      expect(costOf(graph, order, objective)).toBe(bruteForce(graph, objective));
    }),
    { numRuns: 40 },
  );
});

test("the best order of a window is the best of all its orders", () => {
  fc.assert(
    fc.property(
      randomGraphs({ maxVertices: 20 }),
      fc.integer(),
      fc.nat(10),
      fc.constantFrom(...OBJECTIVES),
      (graph, seed, start, objective) => {
        const engine = createEngine(graph, objective);
        const random = Random.seeded(seed);
        const order = Int32Array.from(fromPublicOrder(graph, reverse(graph)));
        for (const index of order.subarray(0, start)) engine.eliminate(index);
        const window = [...order.subarray(start, start + 5)];
        const before = engine.total();
        if (engine.local) {
          const found = bestLocalOrder(engine, window, random);
          expect(found.order.toSorted()).toEqual(window.toSorted());
          expect(before + found.cost).toBe(leastTotal(engine, window));
          for (const index of found.order) engine.eliminate(index);
          expect(engine.total() - before).toBe(found.cost);
        } else {
          const rest = order.subarray(start + 5);
          const found = bestOrder(engine, window, rest);
          for (const index of [...found.order, ...rest]) engine.eliminate(index);
          expect(engine.total()).toBe(found.total);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test.each(OBJECTIVES)("large neighbourhoods of the whole graph are exact (%s)", async (objective) => {
  await fc.assert(
    fc.asyncProperty(randomGraphs({ maxVertices: 8 }), fc.integer(), async (graph, seed) => {
      const size = intermediates(graph).length;
      fc.pre(size > 1 && size <= 5);
      const options = { objective, budget: { iterations: 30 }, window: size };
      const order = await largeNeighbourhoodSearch(graph, options, runWith(seed));
      expect(costOf(graph, order, objective)).toBe(bruteForce(graph, objective));
    }),
    { numRuns: 40 },
  );
});

test("large neighbourhoods find the optimum of the smaller tasks", async () => {
  for (const [name, optimum] of [
    ["RobotArm_6DOF", 221],
    ["HumanHeartDipole", 148],
    ["PropaneCombustion", 88],
  ] as const) {
    const { graph } = linearize(programOf(findTask(name)!));
    const options = { objective: "multiplications", budget: { iterations: 200 } } as const;
    const order = await largeNeighbourhoodSearch(graph, options, runWith(1));
    expect(costOf(graph, order, "multiplications")).toBe(optimum);
  }
});

test.each([
  ["lowest relative Markowitz", lowestRelativeMarkowitz],
  ["lowest fill-in", lowestFillIn],
  ["LMMD", lowestMarkowitzMinimalDamage],
  ["MOMR", maximalMarkowitzReduction],
  ["MOPLR", maximalPathLengthReduction],
])("%s lets the event loop turn, and ends when the run is aborted", async (_, heuristic) => {
  const graph = generatedGraph("random", 60);
  const expected = heuristic(graph, { ties: "last" });
  // A clock by which the event loop has waited long enough at every look.
  let turns = 0;
  const controller = new AbortController();
  const run = (onProgress: () => void) => runWith(1, 100, { signal: controller.signal, onProgress });
  const count = () => {
    turns++;
  };
  expect(await heuristic(graph, { ties: "last" }, run(count))).toEqual(expected);
  expect(turns).toBe(expected.length);
  const stop = () => controller.abort();
  const aborted = await heuristic(graph, { ties: "last" }, run(stop));
  const rest = forward(graph).filter((equation) => !expected.slice(0, 2).includes(equation));
  expect(aborted).toEqual([...expected.slice(0, 2), ...rest]);
});

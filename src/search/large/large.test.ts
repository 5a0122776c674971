import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraphs } from "../../../test/randomGraph.ts";
import { costsOf } from "../../graph/costs.ts";
import { eliminate, startElimination } from "../../graph/elimination.ts";
import { type GeneratorName, generatedGraph, generators } from "../../graph/generators/index.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../../graph/graph.ts";
import { weightAlgebra } from "../../graph/weights.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { Random } from "../../random.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { createEngine, fromPublicOrder } from "../engine.ts";
import { forward, markowitz, reverse } from "../orders.ts";
import { Pace } from "../pace.ts";
import { OBJECTIVES, type Objective, type Run } from "../strategy.ts";
import { ListArithmetic, multiplicationsArithmetic, OperationsArithmetic } from "./arithmetic.ts";
import { sparseCosts } from "./costs.ts";
import { Effort } from "./effort.ts";
import { eliminationTree, postorder } from "./eliminationTree.ts";
import { Heap } from "./heap.ts";
import { forwardCost, reverseCost } from "./modes.ts";
import { countingPass, greedyPass } from "./passes.ts";
import { searchLarge } from "./search.ts";
import { SparseGraph } from "./sparseGraph.ts";
import { sweep } from "./sweep.ts";
import { windowOf } from "./window.ts";
import { windowSearch } from "./windows.ts";

const names = Object.keys(generators) as GeneratorName[];

function runWith(seed: number, rest: Partial<Run> = {}): Run {
  return { random: Random.seeded(seed), now: () => 0, ...rest };
}

function shuffled(graph: ComputationalGraph, seed: number): EliminationOrder {
  const random = Random.seeded(seed);
  const order = [...forward(graph)];
  for (let index = order.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    [order[index], order[other]] = [order[other]!, order[index]!];
  }
  return order;
}

function costOf(graph: ComputationalGraph, order: EliminationOrder, objective: Objective): number {
  return createEngine(graph, objective).cost(fromPublicOrder(graph, order));
}

function nodesOf(graph: ComputationalGraph, order: EliminationOrder): Int32Array {
  const nodes = intermediates(graph);
  return fromPublicOrder(graph, order).map((index) => nodes[index]!);
}

function equationsOf(graph: ComputationalGraph, order: Int32Array): EliminationOrder {
  return Array.from(order, (node) => graph.vertices[node - graph.inputs.length]!.equation!);
}

describe("SparseGraph", () => {
  test("has the edges of the plain elimination at every step", () => {
    fc.assert(
      fc.property(randomGraphs({ maxVertices: 40 }), fc.integer(), (graph, seed) => {
        const sparse = new SparseGraph(graph, multiplicationsArithmetic);
        const plain = startElimination(
          graph,
          weightAlgebra("multiplications", { products: 0, constants: 0 }),
        );
        for (const node of nodesOf(graph, shuffled(graph, seed))) {
          sparse.eliminate(node);
          eliminate(plain, node);
          const sorted = (nodes: Iterable<number>) => [...nodes].sort((a, b) => a - b);
          expect(plain.incoming.map((_, to) => sorted(sparse.predecessors(to)))).toEqual(
            plain.incoming.map((sources) => sorted(sources.keys())),
          );
          expect(plain.outgoing.map((_, from) => sorted(sparse.successors(from)))).toEqual(
            plain.outgoing.map(sorted),
          );
          expect(sparse.edgeCount).toBe(plain.outgoing.reduce((sum, targets) => sum + targets.size, 0));
        }
      }),
      { numRuns: 30 },
    );
  });

  test("counts all that the reference counts", () => {
    fc.assert(
      fc.property(randomGraphs({ maxVertices: 40 }), fc.integer(), (graph, seed) => {
        const order = shuffled(graph, seed);
        expect(sparseCosts(graph, order)).toEqual(costsOf(graph, order));
      }),
      { numRuns: 200 },
    );
  });

  test.each(names)("counts what the reference counts on %s", (name) => {
    const graph = generatedGraph(name, 150, 2);
    for (const order of [reverse(graph), shuffled(graph, 1)])
      expect(sparseCosts(graph, order)).toEqual(costsOf(graph, order));
  });
});

test("the costs of the modes are those of their orders", () => {
  fc.assert(
    fc.property(randomGraphs({ maxVertices: 40 }), (graph) => {
      expect(forwardCost(graph)).toBe(costOf(graph, forward(graph), "multiplications"));
      expect(reverseCost(graph)).toBe(costOf(graph, reverse(graph), "multiplications"));
    }),
  );
  // More than 32 inputs and outputs.
  const graph = generatedGraph("kinematicChain", 1000);
  expect(graph.inputs.length).toBeGreaterThan(32);
  expect(forwardCost(graph)).toBe(costOf(graph, forward(graph), "multiplications"));
  expect(reverseCost(graph)).toBe(costOf(graph, reverse(graph), "multiplications"));
});

test("a heap gives its keys in ascending order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 300 }), (keys) => {
      const heap = new Heap();
      for (const key of keys) heap.push(key);
      expect(keys.map(() => heap.pop())).toEqual(keys.toSorted((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
  );
});

test.each(["first", "last"] as const)("the greedy pass is Markowitz, ties to the %s", async (ties) => {
  await fc.assert(
    fc.asyncProperty(randomGraphs({ maxVertices: 40 }), async (graph) => {
      const pace = new Pace({}, runWith(1));
      const found = await greedyPass(graph, multiplicationsArithmetic, ties, new Effort(pace));
      if (found.kind === "cut") throw new Error(found.why);
      const expected = markowitz(graph, { ties });
      expect([...found.order]).toEqual([...nodesOf(graph, expected)]);
      expect(found.cost).toBe(costOf(graph, expected, "multiplications"));
      const operations = new OperationsArithmetic(graph);
      // One arithmetic serves many passes.
      for (const order of [found.order, found.order.toReversed(), found.order]) {
        const counted = await countingPass(graph, operations, order, new Effort(pace));
        expect(counted).toEqual({
          kind: "done",
          order,
          cost: costOf(graph, equationsOf(graph, order), "operations"),
        });
      }
    }),
  );
});

test.each(["first", "last"] as const)("on arrays too, ties to the %s", async (ties) => {
  for (const task of ["Perceptron", "SoftmaxAttention", "Encoder"]) {
    const { graph } = linearize(programOf(findTask(task)!));
    const pace = new Pace({}, runWith(1));
    const lists = new ListArithmetic();
    const found = await greedyPass(graph, lists, ties, new Effort(pace));
    if (found.kind === "cut") throw new Error(found.why);
    expect(equationsOf(graph, found.order)).toEqual(markowitz(graph, { ties }));
    for (const order of [forward(graph), reverse(graph), markowitz(graph, { ties })]) {
      const counted = await countingPass(graph, lists, nodesOf(graph, order), new Effort(pace));
      expect(counted).toMatchObject({ kind: "done", cost: costOf(graph, order, "multiplications") });
    }
  }
});

test("searches array-valued graphs by the classical orders, aborted or not", async () => {
  const { graph } = linearize(programOf(findTask("Perceptron")!));
  const options = { objective: "multiplications", budget: { seconds: 1 } } as const;
  const { best, methods, skipped } = await searchLarge(graph, options, runWith(1));
  expect(methods.map(({ method }) => method)).toContain("reverse");
  expect(best.cost).toBe(Math.min(...methods.map(({ cost }) => cost)));
  expect(best.cost).toBe(costOf(graph, best.order, "multiplications"));
  expect(skipped).toContainEqual({ method: "windows", why: "the graph has array-valued vertices" });
  const abort = new AbortController();
  abort.abort();
  const hasty = await searchLarge(graph, options, runWith(1, { signal: abort.signal }));
  expect(hasty.best.cost).toBe(costOf(graph, hasty.best.order, "multiplications"));
});

test("a pass ends when its cost or its work is too high", async () => {
  const graph = generatedGraph("random", 200);
  const pass = (options: { limit?: number; bound?: number; deadline?: number }) =>
    greedyPass(graph, multiplicationsArithmetic, "last", new Effort(new Pace({}, runWith(1)), options));
  const whole = await pass({});
  if (whole.kind === "cut") throw new Error(whole.why);
  expect(await pass({ bound: whole.cost + 1 })).toEqual(whole);
  expect(await pass({ bound: whole.cost })).toEqual({ kind: "cut", why: "no better than the best" });
  expect(await pass({ limit: whole.cost - 1 })).toEqual({ kind: "cut", why: "too much work" });
  expect(await pass({ deadline: 0 })).toEqual({ kind: "cut", why: "no time left" });
});

test("a postorder of the elimination tree costs the same, and has children before parents", () => {
  fc.assert(
    fc.property(
      randomGraphs({ maxVertices: 40 }),
      fc.integer(),
      fc.constantFrom("ascending" as const, "descending" as const),
      (graph, seed, children) => {
        const order = shuffled(graph, seed);
        const nodes = nodesOf(graph, order);
        const parents = eliminationTree(graph.edges, nodes, graph.inputs.length + graph.vertices.length);
        const positions = postorder(parents, children);
        expect([...positions].sort((a, b) => a - b)).toEqual([...order.keys()]);
        const place = new Map([...positions].map((position, index) => [position, index]));
        parents.forEach((parent, child) => {
          if (parent >= 0) expect(place.get(parent)).toBeGreaterThan(place.get(child)!);
        });
        const reordered = [...positions].map((position) => order[position]!);
        expect(costOf(graph, reordered, "multiplications")).toBe(costOf(graph, order, "multiplications"));
      },
    ),
  );
});

test.each(OBJECTIVES)("a window costs in its own graph what it costs in the whole (%s)", (objective) => {
  fc.assert(
    fc.property(
      randomGraphs({ maxVertices: 30 }),
      fc.integer(),
      fc.nat(10),
      fc.nat(10),
      (graph, seed, before, length) => {
        const nodes = nodesOf(graph, shuffled(graph, seed));
        const arithmetic =
          objective === "multiplications" ? multiplicationsArithmetic : new OperationsArithmetic(graph);
        const state = new SparseGraph(graph, arithmetic);
        for (const node of nodes.subarray(0, before)) state.eliminate(node);
        const inside = nodes.subarray(before, before + length);
        const found = windowOf(state, inside, 1000);
        if (found === null) throw new Error("too wide");
        const order = [...inside].map((node) => found.nodes.indexOf(node) + 1);
        const own = createEngine(found.graph, objective);
        own.restart();
        const costs = [...fromPublicOrder(found.graph, order)].map((index) => own.eliminate(index));
        const created = () => (arithmetic instanceof OperationsArithmetic ? arithmetic.table.created : 0);
        [...inside].forEach((node, index) => {
          const previous = created();
          const products = state.eliminate(node);
          // The window does not know what was computed outside it.
          if (objective === "multiplications") expect(costs[index]).toBe(products);
          else expect(costs[index]).toBeGreaterThanOrEqual(created() - previous);
        });
      },
    ),
  );
});

test("a sweep never makes an order worse in multiplications, and tells its cost", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomGraphs({ maxVertices: 60 }),
      fc.integer(),
      fc.nat(9),
      async (graph, seed, offset) => {
        const order = shuffled(graph, seed);
        const found = await sweep(
          graph,
          multiplicationsArithmetic,
          nodesOf(graph, order),
          { objective: "multiplications", window: 10, offset, moves: 20, goesOn: async () => true },
          runWith(seed),
        );
        const inputs = graph.inputs.length;
        const better = [...found.order].map((node) => graph.vertices[node - inputs]!.equation!);
        expect(found.complete).toBe(true);
        expect(found.cost).toBe(costOf(graph, better, "multiplications"));
        expect(found.cost).toBeLessThanOrEqual(costOf(graph, order, "multiplications"));
      },
    ),
    { numRuns: 40 },
  );
});

describe("searchLarge", () => {
  test.each(OBJECTIVES)(
    "gives orders at their cost, no worse than the classical ones (%s)",
    async (objective) => {
      for (const name of ["integrator", "random", "kinematicChain"] as const) {
        const graph = generatedGraph(name, 600);
        const costs: number[] = [];
        const { best, methods, history } = await searchLarge(
          graph,
          { objective, budget: { iterations: 10_000 } },
          runWith(1, { onImprovement: (order, cost) => costs.push(cost - costOf(graph, order, objective)) }),
        );
        expect(costs.every((difference) => difference === 0)).toBe(true);
        for (const { order, cost } of [best, ...methods]) expect(costOf(graph, order, objective)).toBe(cost);
        expect(history.map(({ cost }) => cost)).toEqual(
          history.map(({ cost }) => cost).sort((a, b) => b - a),
        );
        expect(history.at(-1)?.cost).toBe(best.cost);
        for (const order of [
          forward(graph),
          reverse(graph),
          markowitz(graph, { ties: "first" }),
          markowitz(graph, { ties: "last" }),
        ])
          expect(best.cost).toBeLessThanOrEqual(costOf(graph, order, objective));
      }
    },
  );

  test("finds what the small search finds on a graph of one window", async () => {
    await fc.assert(
      fc.asyncProperty(randomGraphs({ maxVertices: 10 }), fc.integer(), async (graph, seed) => {
        const budget = { iterations: 20_000 };
        const { best } = await searchLarge(graph, { objective: "multiplications", budget }, runWith(seed));
        const engine = createEngine(graph, "multiplications");
        fc.pre(engine.size <= 6);
        expect(best.cost).toBe(leastCost(graph));
      }),
      { numRuns: 25 },
    );
  });

  test("is a function of the seed and the iterations", async () => {
    const graph = generatedGraph("random", 1500);
    const search = (seed: number, tick: number) => {
      let time = 0;
      return searchLarge(
        graph,
        { objective: "multiplications", budget: { iterations: 30_000 } },
        runWith(seed, {
          now: () => {
            time += tick;
            return time;
          },
        }),
      );
    };
    const [first, second, other] = [await search(4, 0), await search(4, 3), await search(5, 0)];
    expect(second.best.order).toEqual(first.best.order);
    expect(other.best.order).not.toEqual(first.best.order);
  });

  test("ends when it is aborted, with an order", async () => {
    const graph = generatedGraph("integrator", 2000);
    const abort = new AbortController();
    abort.abort();
    const { best, skipped } = await searchLarge(
      graph,
      { objective: "multiplications", budget: { iterations: 1e9 } },
      runWith(1, { signal: abort.signal }),
    );
    expect(costOf(graph, best.order, "multiplications")).toBe(best.cost);
    expect(skipped?.map(({ why }) => why)).toContain("no time left");
    const counted = await searchLarge(
      graph,
      { objective: "operations", budget: { iterations: 1e9 } },
      runWith(1, { signal: abort.signal }),
    );
    expect(costOf(graph, counted.best.order, "operations")).toBe(counted.best.cost);
  });
});

function leastCost(graph: ComputationalGraph): number {
  const engine = createEngine(graph, "multiplications");
  const least = (left: readonly number[]): number =>
    left.length === 0
      ? 0
      : Math.min(
          ...left.map((index) => {
            const cost = engine.eliminate(index);
            const rest = least(left.filter((other) => other !== index));
            engine.undo(1);
            return cost + rest;
          }),
        );
  return least([...forward(graph).keys()]);
}

test.each(OBJECTIVES)("windows go on from an order and never make it worse (%s)", async (objective) => {
  await fc.assert(
    fc.asyncProperty(randomGraphs({ maxVertices: 60 }), fc.integer(), async (graph, seed) => {
      const start = shuffled(graph, seed);
      const told: number[] = [];
      const order = await windowSearch(
        graph,
        { objective, budget: { iterations: 2000 }, start },
        runWith(seed, {
          onImprovement: (better, cost) => {
            expect(costOf(graph, better, objective)).toBe(cost);
            told.push(cost);
          },
        }),
      );
      const cost = costOf(graph, order, objective);
      expect(cost).toBe(told.at(-1) ?? costOf(graph, start, objective));
      expect(cost).toBeLessThanOrEqual(costOf(graph, start, objective));
    }),
    { numRuns: 25 },
  );
});

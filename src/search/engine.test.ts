import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraphs } from "../../test/randomGraph.ts";
import { shuffled } from "../../test/shuffled.ts";
import { costsOf } from "../graph/costs.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { Random } from "../random.ts";
import { bitRowEngine } from "./bitRowEngine.ts";
import { bitRowLayout, bitRowModule } from "./bitRowModule.ts";
import { createEngine, type Engine, fromPublicOrder, isLocal, toPublicOrder } from "./engine.ts";
import { rowEngine } from "./multiplicationsEngine.ts";
import { tableEngine } from "./operationsEngine.ts";
import { plainEngine } from "./plainEngine.ts";
import { OBJECTIVES, type Objective } from "./strategy.ts";
import { valueEngine } from "./valueEngine.ts";
import { valueLayout } from "./valueLayout.ts";
import { valueModule } from "./valueModule.ts";

/** What the reference counts. */
function referenceCost(graph: ComputationalGraph, order: EliminationOrder, objective: Objective): number {
  const { multiplications, operations } = costsOf(graph, order);
  return objective === "multiplications"
    ? multiplications
    : (operations?.multiplications ?? NaN) + (operations?.additions ?? NaN);
}

const engines: readonly [
  name: string,
  objective: Objective,
  create: (graph: ComputationalGraph) => Engine,
][] = [
  ["multiplications", "multiplications", (graph) => createEngine(graph, "multiplications")],
  ["typed arrays", "multiplications", rowEngine],
  ["operations", "operations", (graph) => createEngine(graph, "operations")],
  ["operations in typed arrays", "operations", tableEngine],
  ["plain", "multiplications", plainEngine],
];

describe.each(engines)("the engine %s", (_, objective, create) => {
  const agrees = (graph: ComputationalGraph, seeds: readonly number[]) => {
    const engine = create(graph);
    for (const seed of seeds) {
      const order = shuffled(engine.size, Random.seeded(seed));
      expect(engine.cost(order)).toBe(referenceCost(graph, toPublicOrder(graph, order), objective));
    }
  };

  test("counts what the reference counts", () => {
    fc.assert(
      fc.property(randomGraphs(), fc.integer(), (graph, seed) => agrees(graph, [seed, seed + 1])),
      { numRuns: 500 },
    );
  });

  test("counts what the reference counts where all edges are counted", () => {
    fc.assert(
      fc.property(randomGraphs({ copies: false, maxVertices: 40 }), fc.integer(), (graph, seed) =>
        agrees(graph, [seed]),
      ),
      { numRuns: 100 },
    );
  });

  test.each([true, false])(
    "counts what the reference counts on graphs of 200 vertices (copies: %s)",
    (copies) => {
      const graphs = randomGraphs({ minVertices: 200, maxVertices: 220, copies });
      fc.assert(
        fc.property(graphs, (graph) => agrees(graph, [1, 2])),
        { numRuns: 3, seed: 1, endOnFailure: true },
      );
    },
  );

  test("undo takes back exactly what was done", () => {
    const steps = fc.array(fc.nat(6), { maxLength: 30 });
    fc.assert(
      fc.property(randomGraphs(), fc.integer(), steps, (graph, seed, steps) => {
        const engine = create(graph);
        const order = shuffled(engine.size, Random.seeded(seed));
        const totals = [engine.total()];
        const degrees = [Array.from(order, (index) => engine.degree(index))];
        for (const index of order) {
          engine.eliminate(index);
          totals.push(engine.total());
          const left = order.subarray(totals.length - 1);
          degrees.push(Array.from(left, (index) => engine.degree(index)));
        }
        let depth = engine.size;
        for (const step of steps) {
          const target = Math.min(step, engine.size);
          if (target <= depth) engine.undo(depth - target);
          else for (const index of order.subarray(depth, target)) engine.eliminate(index);
          depth = target;
          expect(engine.total()).toBe(totals[depth]);
          expect(Array.from(order.subarray(depth), (index) => engine.degree(index))).toEqual(degrees[depth]);
        }
        engine.restart();
        expect(engine.total()).toBe(0);
        expect(engine.cost(order)).toBe(totals.at(-1));
      }),
    );
  });

  test("an attempt is what the eliminations cost, up to the limit, and leaves no trace", () => {
    const part = fc.tuple(fc.nat(20), fc.nat(20), fc.nat(40));
    fc.assert(
      fc.property(
        randomGraphs({ copies: false }),
        fc.integer(),
        part,
        (graph, seed, [first, length, limit]) => {
          const engine = create(graph);
          const order = shuffled(engine.size, Random.seeded(seed));
          const start = Math.min(first, engine.size);
          const end = Math.min(start + length, engine.size);
          for (const index of order.subarray(0, start)) engine.eliminate(index);
          const before = engine.total();
          const costs = Array.from(order.subarray(start, end), (index) => engine.eliminate(index));
          const total = engine.total() - before;
          engine.undo(end - start);
          const sum = costs.reduce((a, b) => a + b, 0);
          const tried = new Float64Array(engine.size);
          for (const bound of [Infinity, sum, limit]) {
            const expected = sum <= bound ? total : Infinity;
            expect(engine.attempt(order, start, end, bound, tried)).toBe(expected);
            if (sum <= bound) expect(Array.from(tried.subarray(start, end))).toEqual(costs);
            expect(engine.total()).toBe(before);
          }
          for (const index of order.subarray(start)) engine.eliminate(index);
          expect(engine.total()).toBe(engine.cost(order));
        },
      ),
    );
  });

  test("names the neighbours that are left", () => {
    fc.assert(
      fc.property(randomGraphs({ copies: false }), fc.integer(), (graph, seed) => {
        const engine = create(graph);
        const other = plainEngine(graph);
        // Values can cancel, so that `operations` may have fewer edges than structure alone.
        if (objective === "operations" && hasCancellation(graph)) return;
        const lists = [engine, other].map((one) => (index: number) => {
          const into = new Int32Array(2 * one.size);
          return Array.from(into.subarray(0, one.neighbours(index, into))).sort((a, b) => a - b);
        });
        const order = shuffled(engine.size, Random.seeded(seed));
        order.forEach((index, position) => {
          for (const left of order.subarray(position)) expect(lists[0]?.(left)).toEqual(lists[1]?.(left));
          engine.eliminate(index);
          other.eliminate(index);
        });
      }),
    );
  });
});

function hasCancellation(graph: ComputationalGraph): boolean {
  return (
    graph.known.length > 0 ||
    graph.edges.some(({ terms }) => terms.some(({ value }) => value.kind === "constant" || value.negative))
  );
}

test("where costs are local, they do not depend on the order of what was eliminated before", () => {
  fc.assert(
    fc.property(randomGraphs(), fc.integer(), (graph, seed) => {
      const engine = createEngine(graph, "multiplications");
      fc.pre(engine.local && engine.size > 1);
      const order = shuffled(engine.size, Random.seeded(seed));
      const last = order[engine.size - 1] as number;
      for (const index of order.subarray(0, -1)) engine.eliminate(index);
      const cost = engine.degree(last);
      engine.restart();
      for (const index of order.subarray(0, -1).toReversed()) engine.eliminate(index);
      expect(engine.degree(last)).toBe(cost);
    }),
  );
});

test.each(OBJECTIVES)("orders go out as equation numbers and come back (%s)", (objective) => {
  fc.assert(
    fc.property(randomGraphs(), fc.integer(), (graph, seed) => {
      const order = shuffled(createEngine(graph, objective).size, Random.seeded(seed));
      const equations = toPublicOrder(graph, order);
      expect(equations.toSorted((a, b) => a - b)).toEqual(
        intermediates(graph).map((node) => graph.vertices[node - graph.inputs.length]?.equation),
      );
      expect(fromPublicOrder(graph, equations)).toEqual(order);
    }),
  );
});

/** x -> u -> y, all vectors of two, with diagonal edges. */
const vectors: ComputationalGraph = (() => {
  const dim = { size: 2, offset: 0, label: 0 };
  const structure = { out: [dim], in: [dim], extents: [2] };
  const edge = (from: number, to: number, value: number) => ({
    from,
    to,
    terms: [{ structure, counted: [0], value: { kind: "value" as const, value, negative: false } }],
  });
  return {
    name: "vectors",
    inputs: [{ name: "x", shape: [2] }],
    vertices: [
      { equation: 1, name: "u", shape: [2] },
      { equation: 2, name: "y", shape: [2] },
    ],
    edges: [edge(0, 1, 0), edge(1, 2, 1)],
    outputs: [2],
    valueCount: 2,
    known: [],
  };
})();

test.each(OBJECTIVES)("array-valued vertices are counted entry by entry in %s", (objective) => {
  expect(createEngine(vectors, objective).cost(Int32Array.of(0))).toBe(2);
});

test("pure structure that can cancel is left to the reference", () => {
  const scalar = { out: [], in: [], extents: [] };
  const edge = (from: number, to: number, constant: number | null) => ({
    from,
    to,
    terms: [
      constant === null
        ? { structure: scalar, counted: [], value: { kind: "value" as const, value: 0, negative: false } }
        : { structure: scalar, counted: null, value: { kind: "constant" as const, constant } },
    ],
  });
  // x -> a -> c and x -> b -> c with opposite constants: the path x -> c is gone once a and b are.
  const graph: ComputationalGraph = {
    name: "cancelling",
    inputs: [{ name: "x", shape: [] }],
    vertices: [1, 2, 3, 4].map((equation) => ({ equation, name: `v${equation}`, shape: [] })),
    edges: [edge(0, 1, 1), edge(0, 2, -1), edge(1, 3, 1), edge(2, 3, 1), edge(3, 4, null)],
    outputs: [4],
    valueCount: 1,
    known: [],
  };
  for (let seed = 0; seed < 6; seed++) {
    const order = shuffled(3, Random.seeded(seed));
    const expected = costsOf(graph, toPublicOrder(graph, order)).multiplications;
    expect(createEngine(graph, "multiplications").cost(order)).toBe(expected);
  }
});

test.each([
  ["the module", (graph: ComputationalGraph) => createEngine(graph, "multiplications")],
  ["typed arrays", rowEngine],
])("a vertex moved within a window changes the costs of those connected with it only: %s", (_, create) => {
  const window = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(1, 2, 3));
  const graphs = randomGraphs({ copies: false, minVertices: 3, maxVertices: 30 });
  fc.assert(
    fc.property(graphs, fc.integer(), window, (graph, seed, [first, last, ends]) => {
      const engine = create(graph);
      fc.pre(isLocal(engine) && engine.size > 1);
      if (!isLocal(engine)) return;
      const order = shuffled(engine.size, Random.seeded(seed));
      const start = first % (engine.size - 1);
      const end = start + 2 + (last % (engine.size - start - 1));
      const old = order.slice(start, end);
      const moved = [...old];
      if (ends === 1) moved.push(moved.shift() as number);
      else if (ends === 2) moved.unshift(moved.pop() as number);
      else [moved[0], moved[moved.length - 1]] = [moved.at(-1) as number, moved[0] as number];
      for (const index of order.subarray(0, start)) engine.eliminate(index);
      const into = new Int32Array(engine.size);
      const connected = new Set(into.subarray(0, engine.connected(order, start, end, ends, into)));
      expect([...connected]).toEqual([...old].filter((index) => connected.has(index)));
      expect(connected.has(old[0] as number) || (ends & 1) === 0).toBe(true);
      expect(connected.has(old.at(-1) as number) || (ends & 2) === 0).toBe(true);
      const costsOfAll = (list: readonly number[]) => {
        const costs = new Map(list.map((index) => [index, engine.eliminate(index)]));
        engine.undo(list.length);
        return costs;
      };
      const [before, after] = [costsOfAll([...old]), costsOfAll(moved)];
      const alone = costsOfAll(moved.filter((index) => connected.has(index)));
      for (const index of old)
        expect(after.get(index)).toBe(connected.has(index) ? alone.get(index) : before.get(index));
    }),
  );
});

test("what is connected with a vertex of a window is no more than it must be", () => {
  // Two chains of three that share nothing but the output.
  const edge = (from: number, to: number) => ({
    from,
    to,
    terms: [
      {
        structure: { out: [], in: [], extents: [] },
        counted: [],
        value: { kind: "value" as const, value: 0, negative: false },
      },
    ],
  });
  const graph: ComputationalGraph = {
    name: "chains",
    inputs: [{ name: "x", shape: [] }],
    vertices: Array.from({ length: 7 }, (_, index) => ({
      equation: index + 1,
      name: `v${index}`,
      shape: [],
    })),
    edges: [
      [0, 1],
      [1, 2],
      [2, 3],
      [0, 4],
      [4, 5],
      [5, 6],
      [3, 7],
      [6, 7],
    ].map(([a = 0, b = 0]) => edge(a, b)),
    outputs: [7],
    valueCount: 1,
    known: [],
  };
  const engine = bitRowEngine(graph);
  const into = new Int32Array(6);
  const order = Int32Array.of(3, 0, 1, 4, 2, 5);
  expect(into.slice(0, engine?.connected(order, 0, 4, 1, into))).toEqual(Int32Array.of(3, 4));
  expect(into.slice(0, engine?.connected(order, 1, 5, 3, into))).toEqual(Int32Array.of(0, 1, 2));
  engine?.eliminate(1);
  expect(into.slice(0, engine?.connected(Int32Array.of(2, 0), 0, 2, 1, into))).toEqual(Int32Array.of(2, 0));
});

test("the module serves rows of up to a thousand columns, in less than the 4 KB that browsers compile at once; wider ones are left to typed arrays", () => {
  for (let vectors = 1; vectors <= 8; vectors++)
    expect(bitRowModule(bitRowLayout(vectors)).length).toBeLessThan(4096);
  const sizes = fc.constantFrom(120, 300, 900, 1100);
  const graphs = sizes.chain((size) =>
    randomGraphs({ minVertices: size, maxVertices: size + 30, copies: false }),
  );
  fc.assert(
    fc.property(graphs, (graph) => {
      const engine = bitRowEngine(graph);
      if (engine === null) {
        expect(intermediates(graph).length).toBeGreaterThan(800);
        return;
      }
      // A log of many rows grows the memory.
      const order = shuffled(engine.size, Random.seeded(1));
      const other = rowEngine(graph);
      const costs = Array.from(order, (index) => engine.eliminate(index));
      expect(costs).toEqual(Array.from(order, (index) => other.eliminate(index)));
      const half = engine.size >> 1;
      for (const one of [engine, other]) one.undo(half);
      expect(engine.total()).toBe(other.total());
      const left = order.subarray(engine.size - half);
      expect(Array.from(left, (index) => engine.degree(index))).toEqual(
        Array.from(left, (index) => other.degree(index)),
      );
      expect(engine.cost(order)).toBe(other.cost(order));
    }),
    { numRuns: 6, endOnFailure: true },
  );
});

describe("the module of operations", () => {
  /** Says that both engines count the same, all the way of an order: costs, totals, attempts, degrees, undoing. */
  const expectSame = (graph: ComputationalGraph, seed: number) => {
    const engine = valueEngine(graph)!;
    const other = tableEngine(graph);
    const order = shuffled(engine.size, Random.seeded(seed));
    const part = engine.size >> 2;
    expect(engine.cost(order)).toBe(other.cost(order));
    for (let start = 0; start + part <= engine.size; start += Math.max(1, part)) {
      const attempts = [engine, other].map((one) => {
        const costs = new Float64Array(engine.size);
        const rest = one.attempt(order, start, engine.size, Infinity, costs);
        return [rest, one.attempt(order, start, engine.size, rest - 0.5, costs), ...costs];
      });
      expect(attempts[0]).toEqual(attempts[1]);
      for (const index of order.subarray(start, start + part)) {
        expect(engine.eliminate(index)).toBe(other.eliminate(index));
        expect(engine.total()).toBe(other.total());
      }
      if (part === 0) break;
    }
    for (const one of [engine, other]) one.undo(part);
    expect(engine.total()).toBe(other.total());
    const left = order.subarray(engine.size - part);
    expect(Array.from(left, (index) => engine.degree(index))).toEqual(
      Array.from(left, (index) => other.degree(index)),
    );
  };

  test("folds constants as typed arrays do: products and sums that are known, cancel, overflow or are not a number", () => {
    const constants = fc.array(fc.constantFrom(0, 1, -1, 2, -2, 0.5, 3, 1e200, -1e200), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        randomGraphs({ maxVertices: 25 }),
        constants,
        fc.nat(6),
        fc.integer(),
        (graph, constants, share, seed) => {
          const edges = graph.edges.map((edge, index) => {
            const constant = constants[index % constants.length] ?? 0;
            const value = { kind: "constant" as const, constant };
            const isKept = (7 * index) % 6 >= share || edge.terms[0]?.counted === null;
            return isKept ? edge : { ...edge, terms: edge.terms.map((term) => ({ ...term, value })) };
          });
          expectSame({ ...graph, edges }, seed);
        },
      ),
      { numRuns: 150 },
    );
  });

  test("makes room as it goes; graphs of more than a thousand columns are left to typed arrays", () => {
    const sizes = fc.constantFrom(60, 120, 240, 1100);
    const graphs = sizes.chain((size) =>
      randomGraphs({ minVertices: size, maxVertices: size + 10, copies: false }),
    );
    fc.assert(
      fc.property(graphs, fc.integer(), (graph, seed) => {
        if (graph.vertices.length > 1000) {
          expect(valueEngine(graph)).toBeNull();
          return;
        }
        // Without zeros, whose totals take time.
        const edges = graph.edges.map((edge, index) => ({
          ...edge,
          terms: edge.terms.map((term) => ({
            ...term,
            value: { kind: "value" as const, value: index % graph.valueCount, negative: false },
          })),
        }));
        expectSame({ ...graph, edges, known: [] }, seed);
      }),
      { numRuns: 12, endOnFailure: true },
    );
  });

  test("has less than the 4 KB that browsers compile at once", () => {
    for (let columns = 32; columns <= 1024; columns += 32)
      expect(valueModule(valueLayout(columns)).length).toBeLessThan(4096);
  });
});

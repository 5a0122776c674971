import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { optimum, randomGraph } from "../../../test/bruteForce.ts";
import { cheapestByMoves } from "../../../test/bruteForceMoves.ts";
import { randomGraphs } from "../../../test/randomGraph.ts";
import { randomSteps } from "../../../test/randomSteps.ts";
import { costsOf } from "../../graph/costs.ts";
import type { NodeStep } from "../../graph/faces.ts";
import { type ComputationalGraph, isVertexOrder } from "../../graph/graph.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { optimizeGraph } from "../../optimize.ts";
import { Random } from "../../random.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { parseCertificate } from "../certificate.ts";
import { reverse } from "../orders.ts";
import { OBJECTIVES } from "../strategy.ts";
import { verifyCertificate } from "../verify/index.ts";
import { mengerBound } from "./bound.ts";
import { edgeEngine } from "./edgeEngine.ts";
import { faceEngine } from "./faceEngine.ts";
import { refineSteps } from "./index.ts";
import { costOfSteps, effectiveSteps, neededSteps, toElimination, toNodeSteps, wholeSteps } from "./step.ts";

function total(graph: ComputationalGraph, order: Parameters<typeof costsOf>[1], objective: string): number {
  const { multiplications, operations } = costsOf(graph, order);
  return objective === "multiplications"
    ? multiplications
    : operations!.multiplications + operations!.additions;
}

describe.each(OBJECTIVES)("engines for %s", (objective) => {
  it("count what the plain elimination counts", () => {
    fc.assert(
      fc.property(randomGraphs(), fc.integer(), (graph, seed) => {
        const steps = randomSteps(graph, seed);
        const expected = total(graph, toElimination(graph, steps), objective);
        expect(costOfSteps(faceEngine(graph, objective), steps)).toBe(expected);
        const edges = steps.every(({ kind }) => kind !== "face");
        if (edges) expect(costOfSteps(edgeEngine(graph, objective), steps)).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });

  it("cost the same without the steps that do nothing", () => {
    fc.assert(
      fc.property(randomGraphs({ maxVertices: 14 }), fc.integer(), (graph, seed) => {
        const steps = randomSteps(graph, seed).filter(({ kind }) => kind !== "face");
        const twice = [...steps, ...toNodeSteps(graph, reverse(graph)), ...steps];
        const effective = effectiveSteps(graph, twice);
        for (const engine of [edgeEngine(graph, objective), faceEngine(graph, objective)])
          expect(costOfSteps(engine, effective)).toBe(costOfSteps(engine, twice));
        expect(effectiveSteps(graph, effective)).toEqual(effective);
        expect(total(graph, toElimination(graph, effective), objective)).toBe(
          costOfSteps(edgeEngine(graph, objective), twice),
        );
      }),
      { numRuns: 150 },
    );
  });
});

test.each(OBJECTIVES)("what was taken and undone leaves no trace (%s)", (objective) => {
  const taken = fc.array(fc.tuple(fc.nat(12), fc.nat(12)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(randomGraphs(), fc.integer(), taken, (graph, seed, taken) => {
      const steps = randomSteps(graph, seed).filter(({ kind }) => kind !== "face");
      const all = [...steps, ...toNodeSteps(graph, reverse(graph))];
      fc.pre(all.length > 0);
      for (const create of [edgeEngine, faceEngine]) {
        const engine = create(graph, objective);
        const held: NodeStep[] = [];
        for (const [first, left] of taken) {
          for (const step of all.slice(0, 1 + (first % all.length))) {
            engine.take(step);
            held.push(step);
          }
          const undone = Math.max(0, held.length - left);
          engine.undo(undone);
          held.length -= undone;
          const fresh = create(graph, objective);
          for (const step of held) fresh.take(step);
          const node = graph.inputs.length + (first % graph.vertices.length);
          expect(engine.neighbours(node)).toEqual(fresh.neighbours(node));
        }
        const rest = toNodeSteps(graph, reverse(graph));
        for (const step of rest) engine.take(step);
        expect(engine.total()).toBe(costOfSteps(create(graph, objective), [...held, ...rest]));
      }
    }),
    { numRuns: 60 },
  );
});

test("the engine of edges counts array-valued graphs as the plain elimination does", () => {
  for (const task of ["SoftmaxAttention", "Perceptron", "Encoder"]) {
    const { graph } = linearize(programOf(findTask(task)!));
    for (let seed = 1; seed <= 2; seed++) {
      const steps = randomSteps(graph, seed).filter(({ kind }) => kind !== "face");
      const whole = effectiveSteps(graph, [...steps, ...toNodeSteps(graph, reverse(graph))]);
      expect(costOfSteps(edgeEngine(graph, "multiplications"), whole)).toBe(
        total(graph, toElimination(graph, whole), "multiplications"),
      );
    }
  }
});

describe("refining", () => {
  const run = (seed: number) => ({ random: Random.seeded(seed), now: () => 0 });
  const small = { inputs: 2, intermediates: 3, outputs: 2, operands: 2 };

  it("finds what brute force finds: faces cost at most what edges do, edges at most what vertices do", async () => {
    for (let seed = 1; seed <= 12; seed++) {
      const graph = randomGraph(Random.seeded(seed), small);
      const [edges, faces] = [cheapestByMoves(graph, "edge"), cheapestByMoves(graph, "face")];
      expect(faces).toBeLessThanOrEqual(edges);
      expect(edges).toBeLessThanOrEqual(optimum(graph));
      for (const [moves, least] of [["edge", edges] as const, ["face", faces] as const]) {
        const options = { objective: "multiplications", moves, budget: { iterations: 200 } } as const;
        const refined = await refineSteps(graph, { ...options, start: reverse(graph) }, run(seed));
        expect(refined.cost).toBe(least);
        expect(total(graph, refined.elimination, "multiplications")).toBe(least);
      }
    }
  });

  it("beats every order of vertices where an edge does", async () => {
    const graph = randomGraph(Random.seeded(770), { ...small, intermediates: 5, operands: 3 });
    expect(optimum(graph)).toBe(8);
    expect(cheapestByMoves(graph, "edge")).toBe(7);
    const options = { objective: "multiplications", moves: "edge", budget: { iterations: 800 } } as const;
    expect((await refineSteps(graph, { ...options, start: reverse(graph) }, run(1))).cost).toBe(7);
  });

  it("keeps the start where nothing is cheaper, and tells of falling costs only", async () => {
    const graph = randomGraph(Random.seeded(3), { ...small, intermediates: 10 });
    const costs: number[] = [];
    const start = reverse(graph);
    const refined = await refineSteps(
      graph,
      { objective: "multiplications", moves: "edge", budget: { iterations: 3000 }, start },
      { ...run(1), onImprovement: (_, cost) => costs.push(cost) },
    );
    expect(costs).toEqual([...costs].sort((a, b) => b - a));
    expect(refined.cost).toBe(costs.at(-1) ?? total(graph, start, "multiplications"));
    const nothing = await refineSteps(
      graph,
      { objective: "multiplications", moves: "edge", budget: { iterations: 0 }, start },
      run(1),
    );
    expect(isVertexOrder(nothing.elimination)).toBe(true);
  });

  it("leaves out what saves nothing, and nothing else", () => {
    fc.assert(
      fc.property(randomGraphs({ maxVertices: 12 }), fc.integer(), (graph, seed) => {
        const steps = randomSteps(graph, seed).filter(({ kind }) => kind !== "face");
        const whole = wholeSteps(graph, toElimination(graph, steps));
        const engine = edgeEngine(graph, "multiplications");
        const needed = toElimination(graph, effectiveSteps(graph, neededSteps(engine, whole)));
        expect(total(graph, needed, "multiplications")).toBeLessThanOrEqual(costOfSteps(engine, whole));
      }),
      { numRuns: 60 },
    );
  });

  it("ends in certificates of no more steps than are needed, which the verifier checks by an elimination of its own", async () => {
    const graph = randomGraph(Random.seeded(770), { ...small, intermediates: 5, operands: 3 });
    const options = { objective: "multiplications", moves: "edge", iterations: 3000, now: () => 0 } as const;
    const { best, certificate, order } = await optimizeGraph(graph, options);
    expect([best.cost, certificate.costs.multiplications, isVertexOrder(order)]).toEqual([7, 7, false]);
    const read = parseCertificate(JSON.parse(JSON.stringify(certificate)));
    expect(read).toEqual(certificate);
    const bound = mengerBound(graph)!;
    expect(verifyCertificate(graph, read)).toMatchObject({ valid: true, cost: 7, establishedBound: bound });
    for (const index of read.order.keys())
      expect(verifyCertificate(graph, { ...read, order: read.order.toSpliced(index, 1) }).valid).toBe(false);
    expect(verifyCertificate(graph, { ...read, costs: { ...read.costs, multiplications: 6 } }).valid).toBe(
      false,
    );
  });
});

test("Menger's bound holds for faces", () => {
  for (let seed = 1; seed <= 12; seed++) {
    const graph = randomGraph(Random.seeded(seed), { inputs: 2, intermediates: 3, outputs: 2, operands: 2 });
    expect(mengerBound(graph)).toBeLessThanOrEqual(cheapestByMoves(graph, "face"));
  }
});

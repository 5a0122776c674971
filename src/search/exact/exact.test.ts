import { describe, expect, it } from "vitest";
import { optima, optimum, randomGraph } from "../../../test/bruteForce.ts";
import { costsOf } from "../../graph/costs.ts";
import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { Random } from "../../random.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { certify } from "../certificate.ts";
import { forward, markowitz } from "../orders.ts";
import { verifyCertificate } from "../verify/index.ts";
import { arrayBound } from "./arrays.ts";
import { BlockBounds } from "./blocks.ts";
import { componentOf } from "./component.ts";
import { exact, type Proof, prove } from "./index.ts";
import { PartitionSearch } from "./partition.ts";
import { PatternDatabases } from "./patterns.ts";
import { components, eliminateSafely } from "./safe.ts";
import { ComponentSearch } from "./search.ts";
import { EliminationState } from "./state.ts";

const run = (seed = 1, signal?: AbortSignal) => ({
  random: Random.seeded(seed),
  now: () => 0,
  ...(signal === undefined ? {} : { signal }),
});
const taskGraph = (name: string) => linearize(programOf(findTask(name)!)).graph;
const cost = (graph: ComputationalGraph, { order }: Proof) => costsOf(graph, order!).multiplications;

function* graphs(count: number, seed: number, most: number): Generator<ComputationalGraph> {
  const random = Random.seeded(seed);
  for (let left = count; left > 0; left--)
    yield randomGraph(random, {
      inputs: 1 + random.below(5),
      intermediates: 2 + random.below(most - 1),
      outputs: 1 + random.below(4),
      operands: 2 + random.below(2),
      window: 2 + random.below(8),
      structure: random.below(3) === 0 ? 0.3 : 0,
    });
}

describe("exact search", () => {
  it("equals brute force, and its certificates hold without trust", async () => {
    for (const graph of graphs(150, 11, 9)) {
      const proof = await prove(graph, { budget: { iterations: 1e6 } }, run());
      expect(proof.optimal).toBe(true);
      expect(proof.lowerBound).toBe(optimum(graph));
      expect(cost(graph, proof)).toBe(proof.lowerBound);
      const certificate = certify(
        graph,
        proof.order!,
        {
          program: "as written",
          objective: "multiplications",
          method: "exact",
          seed: 1,
          seconds: 0,
          alphagrad: "0",
        },
        proof,
      );
      const report = verifyCertificate(graph, certificate);
      expect(report.findings.filter(({ verdict }) => verdict === "refuted")).toEqual([]);
      expect(report.optimality).toBe("proved");
    }
  });

  it("equals brute force on components as they are, with weak databases, in small steps, with little memory", () => {
    const random = Random.seeded(12);
    for (const graph of graphs(150, 13, 11)) {
      const state = new EliminationState(graph);
      for (const nodes of components(state)) {
        const component = componentOf(state, nodes);
        const bounds = new BlockBounds(component);
        const singles = nodes.map((_, index) => bounds.table([index]));
        const annealed = new PartitionSearch(bounds, { capacity: 3, sets: 8 }, 2 ** 14, random);
        annealed.step(2 ** 14);
        const patterns = new PatternDatabases(component.size, [
          singles,
          annealed.best.map(({ vertices }) => bounds.table(vertices)),
        ]);
        const search = new ComponentSearch(component, patterns, 2 ** 14);
        const whole = bounds.bound(nodes.map((_, index) => index));
        for (let steps = 0; !search.run(Infinity, 1 + random.below(40)); steps++) {
          expect(search.bound).toBeLessThanOrEqual(whole);
          expect(steps).toBeLessThan(10_000);
        }
        expect(search.bound).toBe(whole);
        const copy = new EliminationState(state);
        expect(search.order().reduce((sum, index) => sum + copy.eliminate(nodes[index]!), 0)).toBe(whole);
      }
    }
  });

  it("stops at a bound that is enough, never above the optimum", () => {
    for (const graph of graphs(200, 14, 9)) {
      const state = new EliminationState(graph);
      const best = optima(graph).at(-1)!;
      const safe = eliminateSafely(state).reduce((sum, { cost }) => sum + cost, 0);
      let total = safe;
      for (const nodes of components(state)) {
        const component = componentOf(state, nodes);
        const singles = nodes.map((_, index) => new BlockBounds(component).table([index]));
        const search = new ComponentSearch(
          component,
          new PatternDatabases(component.size, [singles]),
          2 ** 16,
        );
        search.run(search.bound + 1, Infinity);
        total += search.bound;
      }
      expect(total).toBeLessThanOrEqual(best);
    }
  });
});

describe("prove", () => {
  it.each([
    ["RobotArm_6DOF", 221],
    ["HumanHeartDipole", 148],
    ["PropaneCombustion", 88],
  ] as const)("%s costs %i multiplications at least, and at most", async (name, optimum) => {
    const graph = taskGraph(name);
    const proof = await prove(graph, { budget: { iterations: 1e6 } }, run());
    expect(proof).toMatchObject({ optimal: true, lowerBound: optimum });
    expect(cost(graph, proof)).toBe(optimum);
  });

  it("is the same for the same seed and iterations, and its bound grows with them", async () => {
    const graph = taskGraph("g");
    const incumbent = markowitz(graph, { ties: "last" });
    const of = (iterations: number) => prove(graph, { budget: { iterations }, incumbent }, run(3));
    const [short, again, long] = [await of(300), await of(300), await of(2000)];
    expect(again).toEqual(short);
    expect(short.optimal).toBe(false);
    expect(long.lowerBound!).toBeGreaterThan(short.lowerBound!);
    expect(long.lowerBound!).toBeLessThanOrEqual(409);
    expect(costsOf(graph, short.order!).multiplications).toBeLessThanOrEqual(
      costsOf(graph, incumbent).multiplications,
    );
  });

  it("ends when aborted, with what it has", async () => {
    const graph = taskGraph("g");
    const proof = await prove(graph, { budget: { iterations: 1e9 } }, run(1, AbortSignal.abort()));
    expect(proof).toMatchObject({ optimal: false, order: null });
    expect(proof.lowerBound!).toBeLessThanOrEqual(409);
    expect(await exact(graph, { budget: { iterations: 1e9 } }, run(1, AbortSignal.abort()))).toHaveLength(
      intermediates(graph).length,
    );
  });

  it("has a bound without evidence for graphs that are not scalar", async () => {
    const [scalar] = graphs(1, 15, 9);
    const dim = { size: 2, offset: 0, label: 0 };
    const term = {
      structure: { out: [dim], in: [dim], extents: [2] },
      counted: [0],
      value: { kind: "value", value: 0, negative: false },
    } as const;
    const graph: ComputationalGraph = {
      ...scalar!,
      inputs: scalar!.inputs.map((input) => ({ ...input, shape: [2] })),
      vertices: scalar!.vertices.map((vertex) => ({ ...vertex, shape: [2] })),
      edges: scalar!.edges.map((edge) => ({ ...edge, terms: [term] })),
    };
    const order = forward(graph);
    expect(await prove(graph, { budget: { iterations: 10 }, incumbent: order }, run())).toEqual({
      lowerBound: arrayBound(graph),
      order,
      optimal: arrayBound(graph) === costsOf(graph, order).multiplications,
      evidence: null,
    });
  });
});

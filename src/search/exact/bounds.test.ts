import { describe, expect, it } from "vitest";
import { optima, optimum, type RandomGraphOptions, randomGraph } from "../../../test/bruteForce.ts";
import { costsOf } from "../../graph/costs.ts";
import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { Random } from "../../random.ts";
import { BlockBounds, type BlockTable } from "./blocks.ts";
import { componentOf } from "./component.ts";
import { Menger } from "./menger.ts";
import { components, eliminateSafely } from "./safe.ts";
import { EliminationState, isSupported } from "./state.ts";
import { countConnected, partOf } from "./subsets.ts";

/** Random graphs of all kinds: sparse and dense, narrow and wide, with and without edges of pure structure. */
function* graphs(count: number, seed: number, most = 7): Generator<ComputationalGraph> {
  const random = Random.seeded(seed);
  for (let left = count; left > 0; left--) {
    const options: RandomGraphOptions = {
      inputs: 1 + random.below(4),
      intermediates: 2 + random.below(most - 1),
      outputs: 1 + random.below(3),
      operands: 1 + random.below(3),
      window: 1 + random.below(6),
      structure: random.below(2) === 0 ? 0 : 0.3,
    };
    yield randomGraph(random, options);
  }
}

describe("the oracle", () => {
  it("agrees with the plain elimination on orders", () => {
    const random = Random.seeded(5);
    for (const graph of graphs(100, 1, 4)) {
      const open = intermediates(graph).map((node) => node - graph.inputs.length + 1);
      let least = Infinity;
      for (let tries = 0; tries < 40; tries++) {
        const order = open.map((equation) => [random.unit(), equation] as const).sort(([a], [b]) => a - b);
        least = Math.min(
          least,
          costsOf(
            graph,
            order.map(([, equation]) => equation),
          ).multiplications,
        );
      }
      expect(isSupported(graph)).toBe(true);
      expect(least).toBeGreaterThanOrEqual(optimum(graph));
      if (open.length <= 3) expect(least).toBe(optimum(graph));
    }
  });
});

describe("Menger's bound", () => {
  it("never exceeds what a vertex pays, in the graph as given and after eliminations", () => {
    for (const graph of graphs(1500, 2)) {
      const state = new EliminationState(graph);
      const menger = new Menger(state);
      const open = state.intermediates();
      expect(open.reduce((sum, node) => sum + menger.bound(node), 0)).toBeLessThanOrEqual(optimum(graph));
      const before = new Map(open.map((node) => [node, menger.bound(node)]));
      for (const node of open) expect(state.eliminate(node)).toBeGreaterThanOrEqual(before.get(node)!);
    }
  });

  it("is a lower bound when the flow is cut short", () => {
    for (const graph of graphs(200, 3, 12)) {
      const state = new EliminationState(graph);
      for (const node of state.intermediates())
        for (const visits of [1, 3, 8])
          expect(new Menger(state, visits).bound(node)).toBeLessThanOrEqual(new Menger(state).bound(node));
    }
  });
});

describe("safe elimination", () => {
  it("keeps the optimum, at every step, and the components add up to it", () => {
    let eliminated = 0;
    for (const graph of graphs(2000, 4, 8)) {
      const state = new EliminationState(graph);
      const open = state.intermediates();
      const values = optima(graph);
      const place = new Map(open.map((node, index) => [node, 1 << index]));
      const safe = eliminateSafely(state);
      eliminated += safe.length;
      const paid = safe.reduce((sum, { cost }) => sum + cost, 0);
      const rest = components(state).map((nodes) => optimumOfRest(state, nodes));
      expect(paid + rest.reduce((sum, cost) => sum + cost, 0)).toBe(values.at(-1));
      expect(safe.reduce((set, { node }) => set | place.get(node)!, 0)).toBe(
        values.length -
          1 -
          components(state)
            .flat()
            .reduce((set, node) => set | place.get(node)!, 0),
      );
    }
    expect(eliminated).toBeGreaterThan(2000);
  });
});

describe("block bounds", () => {
  it("never exceed the optimum, and are exact for a whole component", () => {
    const random = Random.seeded(6);
    let [estimates, count] = [0, 0];
    for (const graph of graphs(700, 7)) {
      const values = optima(graph);
      const state = new EliminationState(graph);
      const open = state.intermediates();
      const component = componentOf(state, open);
      const bounds = new BlockBounds(component);
      const whole = [bounds.table(open.map((_, index) => index))];
      for (let set = 0; set < values.length; set++) expect(lookup(whole, set)).toBe(values[set]);
      const groups = [...open.keys()].map((index) => [index, random.below(3)] as const);
      const blocks = [0, 1, 2].map((group) => groups.flatMap(([index, of]) => (of === group ? [index] : [])));
      const tables = blocks.filter((block) => block.length > 0).map((block) => bounds.table(block));
      for (let set = 0; set < values.length; set++)
        expect(lookup(tables, set)).toBeLessThanOrEqual(values[set]!);
      for (const block of blocks) {
        const estimated = bounds.estimate(block, [], Infinity);
        expect(estimated?.estimate).toBeGreaterThanOrEqual(bounds.bound(block));
        expect([...(estimated?.order ?? [])].sort((a, b) => a - b)).toEqual(block);
        count += block.length > 0 ? 1 : 0;
        estimates += block.length > 0 && estimated?.estimate === bounds.bound(block) ? 1 : 0;
      }
      const single = open.map((_, index) => bounds.bound([index]));
      const menger = new Menger(state);
      expect(single).toEqual(open.map((node) => menger.bound(node)));
    }
    expect(estimates).toBeGreaterThan(0.95 * count);
  });
});

describe("countConnected", () => {
  it("counts the sets that are one part, no further than asked", () => {
    const random = Random.seeded(8);
    for (let trial = 0; trial < 200; trial++) {
      const size = 1 + random.below(9);
      const adjacent = new Int32Array(size);
      for (let left = random.below(2 * size); left > 0; left--) {
        const [one, other] = [random.below(size), random.below(size)];
        if (one === other) continue;
        adjacent[one]! |= 1 << other;
        adjacent[other]! |= 1 << one;
      }
      let count = 0;
      for (let set = 1; set < 2 ** size; set++) if (partOf(adjacent, set) === set) count++;
      expect(countConnected(adjacent, Infinity)).toBe(count);
      const most = random.below(count + 2);
      expect(countConnected(adjacent, most)).toBe(Math.min(count, most + 1));
    }
  });
});

/** The sum of the tables' values for a set. */
function lookup(tables: readonly BlockTable[], set: number): number {
  return tables.reduce((sum, { vertices, sets }) => sum + sets.least(packed(set, vertices)), 0);
}

function packed(set: number, vertices: readonly number[]): number {
  return vertices.reduce((bits, vertex, place) => bits | (((set >> vertex) & 1) << place), 0);
}

/** What the open vertices of a component cost at least: eliminations tried in every order. */
function optimumOfRest(state: EliminationState, nodes: readonly number[]): number {
  return new BlockBounds(componentOf(state, nodes)).bound(nodes.map((_, index) => index));
}

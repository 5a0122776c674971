import { describe, expect, it } from "vitest";
import { optima, randomGraph } from "../../../test/bruteForce.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import { Random } from "../../random.ts";
import { componentOf } from "./component.ts";
import { adjacencyOf, Reduction } from "./reduction.ts";
import { EliminationState } from "./state.ts";

function* graphs(count: number, seed: number, most: number): Generator<ComputationalGraph> {
  const random = Random.seeded(seed);
  for (let left = count; left > 0; left--)
    yield randomGraph(random, {
      inputs: 1 + random.below(5),
      intermediates: 2 + random.below(most - 1),
      outputs: 1 + random.below(4),
      operands: 2 + random.below(2),
      window: 2 + random.below(8),
      structure: random.below(2) === 0 ? 0 : 0.3,
    });
}

describe("Reduction", () => {
  it("keeps the least cost of every set, as that of its parts, and leaves a vertex that may be last", () => {
    let [gone, split] = [0, 0];
    for (const graph of graphs(250, 21, 10)) {
      const values = optima(graph);
      const state = new EliminationState(graph);
      const open = state.intermediates();
      const component = componentOf(state, open);
      const reduction = new Reduction(component, adjacencyOf(component));
      const parts = new Int32Array(open.length);
      const costs = new Int32Array(open.length);
      for (let set = 1; set < values.length; set++) {
        reduction.reduce(Int32Array.of(set), 0);
        const count = reduction.split(Int32Array.of(set), 0, parts);
        const sum = parts.subarray(0, count).reduce((total, part) => total + values[part]!, 0);
        expect(sum + reduction.excess).toBe(values[set]);
        expect(reduction.leftCount + reduction.goneCount).toBe(sizeOf(set));
        gone += reduction.goneCount;
        if (count > 1) split++;
        if (count !== 1 || parts[0] !== set) continue;
        reduction.lastCosts(costs);
        const last = Array.from(
          reduction.left.subarray(0, reduction.leftCount),
          (vertex, place) => costs[place]! + values[set & ~(1 << vertex)]!,
        );
        expect(Math.min(...last)).toBe(values[set]);
      }
    }
    expect(gone).toBeGreaterThan(5000);
    expect(split).toBeGreaterThan(60);
  });

  it("keeps what a set pays, eliminated in the order that it says", () => {
    for (const graph of graphs(300, 22, 9)) {
      const state = new EliminationState(graph);
      const open = state.intermediates();
      const component = componentOf(state, open);
      const reduction = new Reduction(component, adjacencyOf(component));
      const whole = 2 ** open.length - 1;
      reduction.reduce(Int32Array.of(whole), 0);
      const before = reduction.excess;
      const paid = Array.from(reduction.gone.subarray(0, reduction.goneCount), (index) =>
        state.eliminate(open[index]!),
      );
      expect(before).toBe(paid.reduce((sum, cost) => sum + cost, 0));
    }
  });
});

function sizeOf(set: number): number {
  return set === 0 ? 0 : (set & 1) + sizeOf(set >>> 1);
}

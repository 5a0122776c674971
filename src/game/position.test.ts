import fc from "fast-check";
import { expect, test } from "vitest";
import { randomGraph } from "../../test/bruteForce.ts";
import { intermediates } from "../graph/graph.ts";
import { Random } from "../random.ts";
import { Menger } from "../search/exact/menger.ts";
import { eliminateSafely as eliminateSafelyPlainly } from "../search/exact/safe.ts";
import { EliminationState } from "../search/exact/state.ts";
import { GreedyCompletion } from "./completion.ts";
import { Position } from "./position.ts";
import { eliminateSafely, isSafe } from "./safe.ts";

/** Graphs of one word and of several. */
const graphs = fc.integer().map((seed) => {
  const random = Random.seeded(seed);
  return randomGraph(random, {
    inputs: 1 + random.below(6),
    intermediates: 1 + random.below(random.below(4) === 0 ? 90 : 20),
    outputs: 1 + random.below(4),
    operands: 1 + random.below(4),
    window: 3 + random.below(20),
    structure: random.below(3) === 0 ? 0.2 : 0,
  });
});

const openOf = (position: Position) => {
  const open = new Int32Array(position.size);
  return [...open.subarray(0, position.listOpen(open))];
};

test("costs and bounds stay those of the plain reference, forth and back", () => {
  fc.assert(
    fc.property(graphs, fc.integer(), (graph, seed) => {
      const random = Random.seeded(seed);
      const nodes = intermediates(graph);
      const position = new Position(graph, true);
      let eliminated: number[] = [];
      for (let move = 0; move < 12; move++) {
        const open = openOf(position);
        if (eliminated.length > 0 && (open.length === 0 || random.below(4) === 0)) {
          const count = 1 + random.below(eliminated.length);
          position.undo(count);
          eliminated = eliminated.slice(0, -count);
        } else if (open.length > 0) {
          const index = open[random.below(open.length)]!;
          position.eliminate(index);
          eliminated.push(index);
        }
        const state = new EliminationState(graph);
        const total = eliminated.reduce((sum, index) => sum + state.eliminate(nodes[index]!), 0);
        expect(position.total).toBe(total);
        const menger = new Menger(state);
        // Some bounds are left stale now and then.
        for (const index of openOf(position)) {
          expect(position.cost(index)).toBe(state.degree(0, nodes[index]!) * state.degree(1, nodes[index]!));
          if (random.below(3) > 0) expect(position.cut(0, index)).toBe(menger.cut(0, nodes[index]!));
          if (random.below(3) > 0) expect(position.cut(1, index)).toBe(menger.cut(1, nodes[index]!));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("what is eliminated safely leaves what the plain reference leaves", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const nodes = intermediates(graph);
      const position = new Position(graph, true);
      const eliminated = new Int32Array(position.size);
      const count = eliminateSafely(position, eliminated, new Int32Array(position.size));
      const state = new EliminationState(graph);
      const plain = eliminateSafelyPlainly(state);
      expect(openOf(position).map((index) => nodes[index])).toEqual(state.intermediates());
      expect(position.total).toBe(plain.reduce((sum, { cost }) => sum + cost, 0));
      expect(count).toBe(plain.length);
      for (const index of openOf(position)) expect(isSafe(position, index)).toBe(false);
    }),
  );
});

test("completions are orders of what is left, at their cost", () => {
  fc.assert(
    fc.property(graphs, fc.integer(), (graph, seed) => {
      const random = Random.seeded(seed);
      const position = new Position(graph, true);
      const completions = new GreedyCompletion(position);
      for (let left = openOf(position); left.length > 0; left = openOf(position)) {
        const { lowerBound, upperBound, order } = completions.complete(position);
        expect([...order].sort((a, b) => a - b)).toEqual(left);
        expect(lowerBound).toBe(left.reduce((sum, index) => sum + position.bound(index), 0));
        const cost = [...order].reduce((sum, index) => sum + position.eliminate(index), 0);
        expect(upperBound).toBe(cost);
        position.undo(order.length);
        position.eliminate(left[random.below(left.length)]!);
      }
    }),
    { numRuns: 30 },
  );
});

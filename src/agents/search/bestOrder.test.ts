import fc from "fast-check";
import { expect, test } from "vitest";
import { optima, randomGraph } from "../../../test/bruteForce.ts";
import { createGame, VertexGame } from "../../game/index.ts";
import { Random } from "../../random.ts";
import { createEngine } from "../../search/engine.ts";
import { GameShelf } from "../episodes.ts";
import { createNetwork } from "../network/network.ts";
import { initialWeights } from "../network/weights.ts";
import { Player } from "../player.ts";
import { solve } from "../solve.ts";
import { bestOrder } from "./bestOrder.ts";
import { DEFAULT_GUMBEL } from "./gumbel.ts";

const network = createNetwork({ kind: "graph", width: 8, layers: 1 });
const random = Random.seeded(1);
/** Some player: what it says is arbitrary. */
const player = new Player(
  network,
  initialWeights(network.layout, random).map((weight) => weight + random.unit() - 0.5),
);

const graphs = (intermediates: number) =>
  fc.integer().map((seed) => {
    const random = Random.seeded(seed);
    return randomGraph(random, {
      inputs: 1 + random.below(4),
      intermediates: 1 + random.below(intermediates),
      outputs: 1 + random.below(3),
      operands: 1 + random.below(3),
      window: 3 + random.below(10),
      structure: random.below(3) === 0 ? 0.2 : 0,
    });
  });

test("orders come at their cost, no dearer than what the policy alone plays", () => {
  fc.assert(
    fc.property(graphs(30), fc.constantFrom("multiplications", "operations"), (graph, cost) => {
      const task = { name: "", createGame: () => createGame(graph, { cost }) };
      const found = bestOrder(player, task.createGame(), { ...DEFAULT_GUMBEL, simulations: 4 });
      expect([...found.order].sort((a, b) => a - b)).toEqual([...found.order.keys()]);
      expect(createEngine(graph, cost).cost(found.order)).toBe(found.cost);
      const played = solve(player, task, { kind: "greedy" }, new GameShelf(), random);
      expect(found.cost).toBeLessThanOrEqual(played.cost);
    }),
    { numRuns: 25 },
  );
});

test("with simulations enough to close the whole tree the order is optimal", () => {
  fc.assert(
    fc.property(graphs(5), fc.boolean(), (graph, isHonest) => {
      const game = isHonest ? new VertexGame(graph) : createGame(graph);
      const { cost } = bestOrder(player, game, { ...DEFAULT_GUMBEL, simulations: 400, considered: 5 });
      expect(cost).toBe(optima(graph).at(-1));
    }),
    { numRuns: 25 },
  );
});

test("measured costs have no completions to be met", () => {
  const graph = randomGraph(Random.seeded(4), {
    inputs: 2,
    intermediates: 6,
    outputs: 2,
    operands: 2,
    window: 5,
  });
  const measured: number[] = [];
  const measure = (order: readonly number[]) => {
    measured.push(100 + (order[0] as number));
    return measured.at(-1) as number;
  };
  const game = new VertexGame(graph, { measure, baseline: 50 });
  expect(bestOrder(player, game, DEFAULT_GUMBEL).cost).toBe(Math.min(...measured));
});

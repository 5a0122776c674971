import { expect, test } from "vitest";
import { costsOf } from "../graph/costs.ts";
import { generatedGraph } from "../graph/generators/index.ts";
import { intermediates } from "../graph/graph.ts";
import { Random } from "../random.ts";
import { forward, markowitz } from "../search/orders.ts";
import type { Run } from "../search/strategy.ts";
import { createNetwork } from "./network/network.ts";
import { initialWeights } from "./network/weights.ts";
import { Player } from "./player.ts";
import { windowPlay } from "./policyWindows.ts";

const network = createNetwork({ kind: "graph", width: 8, layers: 0 });
const player = new Player(network, initialWeights(network.layout, Random.seeded(1)));

const runOf = (rest: Partial<Run> = {}): Run => ({ random: Random.seeded(3), now: () => 0, ...rest });

test.each(["integrator", "random"] as const)("windows of %s never make an order dearer", async (name) => {
  const graph = generatedGraph(name, 200);
  const start = name === "random" ? markowitz(graph, { ties: "first" }) : forward(graph);
  const costs: number[] = [];
  const run = runOf({
    onImprovement(order, cost) {
      costs.push(cost);
      expect(costsOf(graph, order).multiplications).toBe(cost);
    },
  });
  const order = await windowPlay(player)(graph, { budget: { iterations: 3 }, start }, run);
  expect(order).toHaveLength(intermediates(graph).length);
  const before = costsOf(graph, start).multiplications;
  const after = costsOf(graph, order).multiplications;
  expect(after).toBe(costs.at(-1) ?? before);
  expect([before, ...costs]).toEqual([before, ...costs].sort((a, b) => b - a));
  if (name === "integrator") expect(after).toBeLessThan(before);
});

test("the same seed gives the same order; an aborted run gives the order that it began with, at its cost", async () => {
  const graph = generatedGraph("integrator", 120);
  const start = forward(graph);
  const play = (run: Run) => windowPlay(player)(graph, { budget: { iterations: 3 }, start }, run);
  expect(await play(runOf())).toEqual(await play(runOf()));
  const order = await play(runOf({ signal: AbortSignal.abort() }));
  expect(order).toEqual(start);
});

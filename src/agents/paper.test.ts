import { expect, test } from "vitest";
import { createGame, frameOf } from "../game/index.ts";
import { generatedGraph } from "../graph/generators/index.ts";
import { Random } from "../random.ts";
import { GameShelf, type Task } from "./episodes.ts";
import { createNetwork } from "./network/network.ts";
import { Player } from "./player.ts";
import { DEFAULT_PPO } from "./ppo.ts";
import { solve } from "./solve.ts";
import { train } from "./train.ts";

test("the paper's transformer learns from the paper's observation: two thirds of the way from random play to the best of it", async () => {
  const graph = generatedGraph("random", 10, 3);
  const frame = frameOf([graph]);
  const task: Task = { name: "small", createGame: () => createGame(graph, { frame }) };
  const architecture = { kind: "transformer", width: 8, layers: 1, heads: 1, frame } as const;
  const options = {
    ...DEFAULT_PPO,
    environments: 4,
    moves: 0,
    epochs: 2,
    batch: 40,
    adam: { learningRate: 1e-2, clip: 0.5 },
  };
  const network = createNetwork(architecture);
  // Zero weights: every move is as probable as any other.
  const random = new Player(network, new Float32Array(network.layout.size));
  const shelf = new GameShelf();
  const costs = Array.from(
    { length: 50 },
    (_, seed) => solve(random, task, { kind: "sample", samples: 1 }, shelf, Random.seeded(seed)).cost,
  );
  const mean = costs.reduce((total, cost) => total + cost) / costs.length;
  const best = Math.min(...costs);
  let learned = Infinity;
  await train(
    [task],
    { method: { kind: "ppo", options }, architecture, seed: 1, rounds: 150, evaluateEvery: 0 },
    {
      now: () => 0,
      onRound(progress) {
        learned = progress.mean;
      },
    },
  );
  expect(mean).toBeGreaterThan(1.1 * best);
  expect(learned).toBeLessThan(best + (mean - best) / 3);
});

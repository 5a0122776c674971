import { describe, expect, test } from "vitest";
import { createGame, type Game } from "../game/index.ts";
import { generatedGraph } from "../graph/generators/index.ts";
import { intermediates } from "../graph/graph.ts";
import { Random } from "../random.ts";
import { createEngine, toPublicOrder } from "../search/engine.ts";
import { alphaZeroLoss, DEFAULT_ALPHAZERO } from "./alphazero.ts";
import { type Checkpoint, readCheckpoint, readNetwork, writeCheckpoint, writeNetwork } from "./checkpoint.ts";
import { costsToGo, type Episode, GameShelf, type Task, taskOf } from "./episodes.ts";
import type { Loss, Losses } from "./learner.ts";
import { createNetwork } from "./network/network.ts";
import { initialWeights } from "./network/weights.ts";
import { Player } from "./player.ts";
import { advantages, DEFAULT_PPO, ppoLoss } from "./ppo.ts";
import { ReplayBuffer } from "./replay.ts";
import { type RestartPart, trainWithRestarts } from "./restarts.ts";
import { solve } from "./solve.ts";
import { type PlayShare, type StartThreads, threadPlayer } from "./threads.ts";
import { type EpisodeSummary, type TrainOptions, type TrainProgress, type TrainRun, train } from "./train.ts";
import type { Method } from "./trainer.ts";

/** A graph of which every order can be tried, where orders matter; unreduced, so that there is something to learn. */
const graph = generatedGraph("random", 10, 3);
const task: Task = { name: "small", createGame: () => createGame(graph, { honest: true }) };
const architecture = { kind: "graph", width: 8, layers: 1 } as const;

/** The least cost of any order, by trying all. */
function optimum(): number {
  const engine = createEngine(graph, "multiplications");
  const left = new Set(intermediates(graph).keys());
  let best = Infinity;
  const visit = () => {
    if (left.size === 0) best = Math.min(best, engine.total());
    if (engine.total() >= best) return;
    for (const index of [...left]) {
      left.delete(index);
      engine.eliminate(index);
      visit();
      engine.undo(1);
      left.add(index);
    }
  };
  visit();
  return best;
}

/** Mean cost of games with random moves. */
function randomPlay(game: Game, games: number): number {
  const random = Random.seeded(5);
  let cost = 0;
  for (let episode = 0; episode < games; episode++) {
    cost -= game.rootReward;
    for (let state = game.root(); !game.isDone(state); ) {
      const legal = game.legalActions(state);
      const step = game.step(state, legal[random.below(legal.length)]!);
      cost -= step.reward;
      state = step.state;
    }
  }
  return cost / games;
}

const methods: Record<string, { method: Method; rounds: number }> = {
  alphazero: {
    method: {
      kind: "alphazero",
      options: {
        ...DEFAULT_ALPHAZERO,
        environments: 8,
        batch: 64,
        movesPerStep: 16,
        adam: { learningRate: 1e-2, clip: 5 },
      },
    },
    rounds: 8,
  },
  ppo: {
    method: {
      kind: "ppo",
      options: {
        ...DEFAULT_PPO,
        environments: 16,
        moves: 256,
        batch: 64,
        adam: { learningRate: 1e-2, clip: 0.5 },
      },
    },
    rounds: 15,
  },
};

const optionsOf = (name: string): TrainOptions => ({
  ...methods[name]!,
  architecture,
  seed: 1,
  evaluateEvery: 1,
});
const quietly = { now: () => 0 };

describe.each(Object.keys(methods))("%s", (name) => {
  const options = optionsOf(name);

  test("learns a small graph: finds its optimum, and plays halfway from random play to it or better", async () => {
    const best = optimum();
    const random = randomPlay(task.createGame(), 200);
    expect(random).toBeGreaterThan(1.2 * best);
    let [mean, greedy] = [Infinity, Infinity];
    const episodes: EpisodeSummary[] = [];
    const found = await train([task], options, {
      now: () => 0,
      onEpisode: (episode) => episodes.push(episode),
      onRound(progress) {
        mean = progress.mean;
        greedy = progress.greedy!;
        expect(progress.episodes).toBe(episodes.length);
      },
    });
    expect(found.best.small!.cost).toBe(best);
    expect(mean).toBeLessThan(0.5 * (random + best));
    expect(greedy).toBeLessThan(0.5 * (random + best));
    const engine = createEngine(graph, "multiplications");
    for (const { order, cost } of episodes.slice(0, 20)) {
      expect(engine.cost(order)).toBe(cost);
      expect(toPublicOrder(graph, order)).toHaveLength(order.length);
    }
  });

  test("is a function of its seed, and goes on from a checkpoint on file", async () => {
    const short = { ...options, rounds: 2 };
    const whole = await train([task], short, quietly);
    expect(await train([task], short, quietly)).toEqual(whole);
    expect((await train([task], { ...short, seed: 2 }, quietly)).weights).not.toEqual(whole.weights);
    const first = await train([task], { ...short, rounds: 1 }, quietly);
    const file = readCheckpoint(writeCheckpoint(first));
    expect(file).toEqual(first);
    const resumed = await train([task], short, quietly, file);
    expect(resumed.counters.rounds).toBe(2);
    expect(resumed.counters.episodes).toBeGreaterThan(first.counters.episodes);
    expect(resumed).toEqual(whole);
  });
});

/** Trains the parts of restarts. */
const partsBy = (run: TrainRun) => async (options: TrainOptions, part: RestartPart) => {
  let meanRatio = Infinity;
  const onRound = (progress: TrainProgress, checkpoint: Checkpoint) => {
    ({ meanRatio } = progress);
    run.onRound?.(progress, checkpoint);
  };
  const from = part.kind === "rest" ? part.from : undefined;
  return { end: await train([task], options, { ...run, onRound }, from), meanRatio };
};

test("restarts go on with the run of the lowest mean, keep the best of all, and keep to the budget", async () => {
  const options = { ...optionsOf("ppo"), rounds: 8, evaluateEvery: 0 };
  const means: number[] = [];
  let least = Infinity;
  const run = {
    now: () => 0,
    onEpisode({ cost }: EpisodeSummary) {
      least = Math.min(least, cost);
    },
    onRound: ({ meanRatio }: TrainProgress) => means.push(meanRatio),
  };
  const found = await trainWithRestarts(options, 2, partsBy(run), () => false);
  expect(means).toHaveLength(2 + 2 + 4);
  expect(found.counters.rounds).toBe(6);
  expect(found.best.small!.cost).toBe(least);
  const better = means[1]! <= means[3]! ? 1 : 2;
  const alone = await train([task], { ...options, rounds: 6, seed: better }, quietly);
  expect(found.weights).toEqual(alone.weights);
});

test.each(Object.keys(methods))(
  "aborting %s in the middle of a round keeps what is finished",
  async (name) => {
    const options = { ...optionsOf(name), rounds: 2, evaluateEvery: 0 };
    const [whole] = await Promise.all([train([task], { ...options, rounds: 1 }, quietly)]);
    /** Aborts at the so manyth breath, with a breath after each step. */
    const abortedAfter = async (breaths: number) => {
      const abort = new AbortController();
      let [clock, episodes] = [0, 0];
      const found = await train([task], options, {
        signal: abort.signal,
        now() {
          clock += 100;
          if (clock === 200 * breaths) abort.abort();
          return clock;
        },
        onEpisode: () => episodes++,
      });
      expect(found.counters.episodes).toBe(episodes);
      return found;
    };
    // While the first games are played there is nothing to keep.
    const playing = await abortedAfter(3);
    expect(playing.counters).toMatchObject({ rounds: 0, episodes: 0, gradientSteps: 0 });
    expect(playing.weights).toEqual((await train([task], { ...options, rounds: 0 }, quietly)).weights);
    // While the first round is learned from, its gradient steps are.
    const longest = Math.ceil(whole.counters.moves / whole.counters.episodes) * 3;
    const learning = await abortedAfter(longest);
    expect(learning.counters.rounds).toBeGreaterThan(0);
    expect(learning.counters.gradientSteps).toBeGreaterThan(0);
    expect(learning.best).toEqual(whole.best);
  },
);

test("a replay buffer that is full is the same again after an interruption; what no longer fits is left out", async () => {
  const { method } = methods.alphazero!;
  if (method.kind !== "alphazero") throw new Error("not alphazero");
  const options = {
    ...optionsOf("alphazero"),
    method: { ...method, options: { ...method.options, environments: 3, replay: 50 } },
    evaluateEvery: 0,
  };
  const first = await train([task], { ...options, rounds: 3 }, quietly);
  const moves = first.memory.episodes.map(({ rows }) => rows.length);
  const samples = moves.reduce((total, count) => total + count);
  expect(samples).toBeGreaterThanOrEqual(50);
  expect(samples - moves[0]!).toBeLessThan(50);
  const file = readCheckpoint(writeCheckpoint(first));
  expect(file).toEqual(first);
  const whole = await train([task], { ...options, rounds: 5 }, quietly);
  expect(await train([task], { ...options, rounds: 5 }, quietly, file)).toEqual(whole);
  const other = generatedGraph("random", 10, 4);
  const changed = { name: "small", createGame: () => createGame(other, { honest: true }) };
  expect((await train([changed], { ...options, rounds: 3 }, quietly, file)).memory.episodes).toEqual([]);
});

test("costs that are measured are paid at the end of an episode, and learned from", async () => {
  const engine = createEngine(graph, "multiplications");
  const measuredGame = () => createGame(graph, { cost: { measure: () => 0, baseline: 100 } });
  const measured: Task = {
    name: "measured",
    createGame: measuredGame,
    measure: async (order) => {
      await null;
      return engine.cost(order);
    },
  };
  const costs: number[] = [];
  const found = await train(
    [measured],
    { ...optionsOf("ppo"), rounds: 15, evaluateEvery: 5 },
    {
      now: () => 0,
      onEpisode({ cost, order }) {
        expect(cost).toBe(engine.cost(order));
        costs.push(cost);
      },
    },
  );
  const mean = (part: number[]) => part.reduce((total, cost) => total + cost) / part.length;
  expect(found.best.measured!.cost).toBeLessThanOrEqual(Math.min(...costs));
  expect(mean(costs.slice(-50))).toBeLessThan(0.9 * mean(costs.slice(0, 50)));
  const startThreads = () => [];
  await expect(train([measured], optionsOf("ppo"), { now: () => 0, startThreads })).rejects.toThrow(
    /measured can be played on one thread only/,
  );
});

describe("threads", () => {
  const described = taskOf({ name: "small", graph, game: { honest: true } });
  /** Threads that play here, later. */
  const startThreads =
    (count: number, shares: PlayShare[] = []): StartThreads =>
    (setting) =>
      Array.from({ length: count }, () => {
        const play = threadPlayer(setting);
        return {
          play: async (share) => {
            shares.push(share);
            await new Promise((resolve) => setTimeout(resolve));
            return play(share);
          },
        };
      });

  test.each(Object.keys(methods))("%s shares out its games, and is a function of its seed", async (name) => {
    const shares: PlayShare[] = [];
    const options = { ...optionsOf(name), rounds: 2 };
    const run = { now: () => 0, startThreads: startThreads(1, shares) };
    const found = await train([described], options, run);
    const { environments } = options.method.options;
    expect(shares.map((share) => share.environments)).toEqual([environments / 2, environments / 2]);
    expect(new Set(shares.map(({ random }) => String(random))).size).toBe(2);
    const again = { now: () => 0, startThreads: startThreads(1) };
    expect(await train([described], options, again)).toEqual(found);
    if (name === "alphazero") expect(found.counters.episodes).toBe(2 * environments);
    const alone = { now: () => 0, startThreads: startThreads(0) };
    expect(await train([described], options, alone)).toEqual(await train([task], options, quietly));
  });

  test("a thread that fails ends training with its error", async () => {
    const failing = () => [{ play: () => Promise.reject(new Error("lost")) }];
    const run = { now: () => 0, startThreads: failing };
    await expect(train([described], optionsOf("ppo"), run)).rejects.toThrow("lost");
  });
});

test("aborted before they begin, restarts give back fresh weights", async () => {
  const run = { now: () => 0, signal: AbortSignal.abort() };
  const found = await trainWithRestarts(optionsOf("ppo"), 3, partsBy(run), () => true);
  expect(found.counters.rounds).toBe(0);
});

test("aborting gives back the last whole round", async () => {
  const abort = new AbortController();
  let rounds = 0;
  const options = { ...optionsOf("ppo"), rounds: 1000 };
  const found = await train([task], options, {
    signal: abort.signal,
    now: () => performance.now(),
    onRound() {
      if (++rounds === 2) abort.abort();
    },
  });
  expect(found.counters.rounds).toBe(2);
});

test("a task without decisions is done before the first move", async () => {
  const trivial = generatedGraph("chain", 5);
  const createGameOf = () => createGame(trivial);
  for (const name of Object.keys(methods)) {
    const found = await train(
      [{ name: "chain", createGame: createGameOf }],
      { ...optionsOf(name), rounds: 2 },
      quietly,
    );
    expect(found.best.chain!.cost).toBe(-createGameOf().rootReward);
  }
});

test("what cannot be trained is refused in one line", async () => {
  const options = optionsOf("ppo");
  await expect(train([], options, quietly)).rejects.toThrow(/at least one task/);
  const { rounds: _, ...endless } = options;
  await expect(train([task], endless, quietly)).rejects.toThrow(/seconds or rounds/);
  const found = await train([task], { ...options, rounds: 0 }, quietly);
  const wider = { ...architecture, width: 16 };
  await expect(train([task], { ...options, architecture: wider }, quietly, found)).rejects.toThrow(
    /choose the same/,
  );
});

test("weights alone can be written, read and taken from a checkpoint; damaged files are refused", async () => {
  const found = await train([task], { ...optionsOf("ppo"), rounds: 1 }, quietly);
  const { weights } = found;
  const network = { architecture, weights };
  expect(readNetwork(writeNetwork(architecture, weights))).toEqual(network);
  expect(readNetwork(writeCheckpoint(found))).toEqual(network);
  expect(() => readCheckpoint(writeNetwork(architecture, weights), "w")).toThrow(/^w: .*cannot be resumed/);
  expect(() => readNetwork(writeCheckpoint(found).subarray(0, 5000))).toThrow(/damaged|too short/);
});

test("search with an untrained network, and the best of samples, beat random play", () => {
  const network = createNetwork(architecture);
  const player = new Player(network, initialWeights(network.layout, Random.seeded(1)));
  const random = randomPlay(task.createGame(), 200);
  const shelf = new GameShelf();
  const { search } = DEFAULT_ALPHAZERO;
  const modes = [
    { kind: "search", search },
    { kind: "sample", samples: 32 },
  ] as const;
  for (const mode of modes) {
    const { cost, order } = solve(player, task, mode, shelf, Random.seeded(2));
    expect(cost).toBeLessThan(random);
    expect(createEngine(graph, "multiplications").cost(order)).toBe(cost);
  }
});

test("the losses' derivatives agree with central differences", () => {
  const observation = { lowerBound: 0 } as Episode<unknown>["moves"][0]["observation"];
  const seen = { observation, scale: 1 };
  const check = <Sample>(sample: Sample, loss: Loss<Sample>, whole: (losses: Losses) => number) => {
    const logits = Float32Array.of(0.5, -1, 0.25);
    const at = (changed: Float32Array, value: number) => {
      const losses = { policy: 0, value: 0, entropy: 0 };
      const logitGradient = new Float32Array(3);
      const slope = loss(sample, { logits: changed, value, logitGradient }, losses);
      return { loss: whole(losses), slope, logitGradient };
    };
    const { slope, logitGradient } = at(logits, 0.3);
    const step = 2 ** -8;
    expect(slope).toBeCloseTo((at(logits, 0.3 + step).loss - at(logits, 0.3 - step).loss) / (2 * step), 3);
    logitGradient.forEach((derivative, row) => {
      const [above, below] = [step, -step].map(
        (change) =>
          at(
            logits.map((logit, index) => logit + (index === row ? change : 0)),
            0.3,
          ).loss,
      );
      expect(derivative).toBeCloseTo((above! - below!) / (2 * step), 3);
    });
  };
  const policy = Float32Array.of(0.2, 0.5, 0.3);
  check({ ...seen, policy, target: 0.7 }, alphaZeroLoss, (losses) => losses.policy + losses.value);
  for (const [row, logProbability, advantage] of [
    [0, -0.6, 1.5],
    [0, -0.6, -1.5],
    [1, -4, 1],
    [1, -4, -1],
  ] as const)
    check(
      { ...seen, row, logProbability, advantage, target: -2 },
      ppoLoss(DEFAULT_PPO),
      (losses) => losses.policy + DEFAULT_PPO.value * losses.value - DEFAULT_PPO.entropy * losses.entropy,
    );
});

test("advantages: with lambda 1 the return less what was expected, with 0 one step's surprise", () => {
  const move = (reward: number, value: number) => ({
    observation: { lowerBound: 1 } as Episode<unknown>["moves"][0]["observation"],
    scale: 2,
    row: 0,
    reward,
    note: { logProbability: 0, value },
  });
  const moves = [move(-3, -10), move(-4, -5), move(-2, -3)];
  const episode = { task: "", cost: 9, baseline: 9, order: new Int32Array(0), moves };
  expect([...costsToGo(moves)]).toEqual([9, 6, 2]);
  expect(advantages(episode, 1).map(({ advantage }) => advantage)).toEqual([0.5, -0.5, 0.5]);
  expect(advantages(episode, 1).map(({ target }) => target)).toEqual([4, 2.5, 0.5]);
  expect(advantages(episode, 0).map(({ advantage }) => advantage)).toEqual([1, -1, 0.5]);
});

test("the replay buffer keeps the newest samples", () => {
  const buffer = new ReplayBuffer<number>(3);
  for (let sample = 0; sample < 7; sample++) buffer.add(sample);
  expect(buffer.size).toBe(3);
  expect(new Set(buffer.sample(100, Random.seeded(1)))).toEqual(new Set([4, 5, 6]));
});

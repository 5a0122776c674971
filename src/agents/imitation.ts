/** Imitation: fresh weights learn to make the moves of orders that were found by other means. Where a warm start comes from. */

import { Random } from "../random.ts";
import { type AlphaZeroSample, alphaZeroLoss } from "./alphazero.ts";
import type { BestOrder, Checkpoint } from "./checkpoint.ts";
import { costsToGo, GameShelf, playEpisodes, type Task } from "./episodes.ts";
import { Learner, valueTarget } from "./learner.ts";
import { NOTHING_REMEMBERED } from "./memory.ts";
import { initialAdam } from "./network/adam.ts";
import { type Architecture, createNetwork } from "./network/network.ts";
import { initialWeights } from "./network/weights.ts";

/** A good order of a task. */
export interface Example {
  readonly task: Task;
  /** As indices (see `toPublicOrder`). */
  readonly order: Int32Array;
}

export interface ImitationOptions {
  readonly architecture: Architecture;
  readonly seed: number;
  /** Gradient steps. */
  readonly steps: number;
  /** Samples in each. */
  readonly batch: number;
  readonly learningRate: number;
}

/** Learns the moves and the costs of the examples. Yields after each gradient step; what it returns is where training goes on. */
export function* imitate(
  examples: readonly Example[],
  { architecture, seed, steps, batch, learningRate }: ImitationOptions,
): Generator<void, Checkpoint> {
  const random = Random.seeded(seed);
  const network = createNetwork(architecture);
  const weights = initialWeights(network.layout, random);
  const learner = new Learner(network, weights, initialAdam(weights.length));
  const best: Record<string, BestOrder> = {};
  const samples: AlphaZeroSample[] = [];
  for (const example of examples) {
    const { cost, order, moves } = replayed(example, random);
    best[example.task.name] = { cost, order: [...order] };
    samples.push(...moves);
  }
  for (let step = 0; samples.length > 0 && step < steps; step++) {
    const chosen = Array.from(
      { length: batch },
      () => samples[random.below(samples.length)] as AlphaZeroSample,
    );
    learner.step(chosen, alphaZeroLoss, { learningRate, clip: 5 });
    yield;
  }
  const counters = { rounds: 0, episodes: 0, moves: 0, simulations: 0, gradientSteps: 0, seconds: 0 };
  const adam = initialAdam(weights.length);
  return { architecture, weights, adam, random: random.state, counters, best, memory: NOTHING_REMEMBERED };
}

/** The episode of an order: what is settled without a decision is left out. */
function replayed({ task, order }: Example, random: Random) {
  const rank = new Map([...order].map((action, place) => [action, place]));
  const playing = playEpisodes<null>(
    [task],
    new GameShelf(),
    (turns) =>
      turns.map(({ observation: { actions } }) => {
        const places = [...actions].map((action) => rank.get(action) ?? Infinity);
        return { row: places.indexOf(Math.min(...places)), note: null };
      }),
    { environments: 1, moves: 0 },
    random,
  );
  let step = playing.next();
  while (step.done !== true) step = playing.next();
  const [episode] = step.value;
  if (episode === undefined) throw new Error("an order without an episode");
  const costs = costsToGo(episode.moves);
  const moves = episode.moves.map((move, index): AlphaZeroSample => {
    const { observation, scale, row } = move;
    const policy = new Float32Array(observation.size);
    policy[row] = 1;
    return { observation, scale, policy, target: valueTarget(move, costs[index] as number) };
  });
  return { cost: episode.cost, order: episode.order, moves };
}

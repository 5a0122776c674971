/** What a training run consists of between two breaths: rounds of playing and learning, by either method. */

import { Random } from "../random.ts";
import { type AlphaZeroOptions, type AlphaZeroSample, learnAlphaZero, playAlphaZero } from "./alphazero.ts";
import type { BestOrder, Checkpoint, Counters } from "./checkpoint.ts";
import { type Episode, GameShelf, type Task } from "./episodes.ts";
import { Learner, type Losses } from "./learner.ts";
import { initialAdam } from "./network/adam.ts";
import { type Architecture, createNetwork } from "./network/network.ts";
import { initialWeights } from "./network/weights.ts";
import { Player } from "./player.ts";
import { learnPpo, type PpoOptions, playPpo } from "./ppo.ts";
import { ReplayBuffer } from "./replay.ts";
import { type PlayMode, type Solution, solve } from "./solve.ts";

/** How is learned. */
export type Method =
  | { readonly kind: "alphazero"; readonly options: AlphaZeroOptions }
  | { readonly kind: "ppo"; readonly options: PpoOptions };

/** What came of a round. */
export interface Round {
  readonly episodes: readonly Episode<unknown>[];
  /** One per gradient step. */
  readonly losses: readonly Losses[];
}

/** A training run, round by round. All randomness is in its seed or checkpoint. */
export class Trainer {
  readonly #tasks: readonly Task[];
  readonly #method: Method;
  readonly #architecture: Architecture;
  readonly #random: Random;
  readonly #learner: Learner;
  readonly #player: Player;
  readonly #replay: ReplayBuffer<AlphaZeroSample>;
  readonly #shelf = new GameShelf();

  /** @param start a checkpoint to go on from, or the seed of fresh weights; the checkpoint is copied */
  constructor(
    tasks: readonly Task[],
    method: Method,
    architecture: Architecture,
    start: Checkpoint | number,
  ) {
    this.#tasks = tasks;
    this.#method = method;
    this.#architecture = architecture;
    const network = createNetwork(architecture);
    this.#random = typeof start === "number" ? Random.seeded(start) : new Random(start.random);
    const weights =
      typeof start === "number" ? initialWeights(network.layout, this.#random) : start.weights.slice();
    const adam = typeof start === "number" ? initialAdam(weights.length) : copyOf(start.adam);
    this.#learner = new Learner(network, weights, adam);
    this.#player = new Player(network, weights);
    this.#replay = new ReplayBuffer(method.kind === "alphazero" ? method.options.replay : 1);
  }

  /** Plays and learns. Yields after each move in all games and after each gradient step; aborting ends the round there, with what is finished. */
  *round(signal?: AbortSignal): Generator<void, Round> {
    const [player, learner, random] = [this.#player, this.#learner, this.#random];
    if (this.#method.kind === "alphazero") {
      const { options } = this.#method;
      const episodes = yield* playAlphaZero(player, this.#tasks, this.#shelf, options, random, signal);
      const losses = yield* learnAlphaZero(learner, this.#replay, episodes, options, random, signal);
      return { episodes, losses };
    }
    const { options } = this.#method;
    const episodes = yield* playPpo(player, this.#tasks, this.#shelf, options, random, signal);
    return { episodes, losses: yield* learnPpo(learner, episodes, options, random, signal) };
  }

  /** Solves a task with the present weights, without exploration: by search if that is how they learn, else by their policy alone. */
  evaluate(task: Task): Solution {
    const mode: PlayMode =
      this.#method.kind === "alphazero"
        ? { kind: "search", search: this.#method.options.search }
        : { kind: "greedy" };
    return solve(this.#player, task, mode, this.#shelf, this.#random);
  }

  /** Where the run stands, in copies. */
  checkpoint(counters: Counters, best: ReadonlyMap<string, BestOrder>): Checkpoint {
    return {
      architecture: this.#architecture,
      weights: this.#learner.weights.slice(),
      adam: copyOf(this.#learner.adam),
      random: this.#random.state,
      counters,
      best: Object.fromEntries(best),
    };
  }
}

function copyOf({ steps, mean, square }: Checkpoint["adam"]): Checkpoint["adam"] {
  return { steps, mean: mean.slice(), square: square.slice() };
}

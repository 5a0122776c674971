/** What a training run consists of between two breaths: rounds of playing and learning, by either method. */

import { InputError } from "../errors.ts";
import { Random } from "../random.ts";
import {
  type AlphaZeroOptions,
  type AlphaZeroSample,
  learnAlphaZero,
  playAlphaZero,
  samplesOf,
} from "./alphazero.ts";
import type { BestOrder, Checkpoint, Counters } from "./checkpoint.ts";
import { chooseByPolicy, chooseBySearch, type Searched } from "./choosing.ts";
import {
  type Choice,
  type Episode,
  GameShelf,
  playEpisodes,
  type Steps,
  type Task,
  type TaskDescription,
  type Turn,
} from "./episodes.ts";
import { Learner, type Losses } from "./learner.ts";
import { type Memory, type PlayedEpisode, playedAgain, remembered } from "./memory.ts";
import { initialAdam } from "./network/adam.ts";
import { type Architecture, createNetwork } from "./network/network.ts";
import { initialWeights } from "./network/weights.ts";
import { Player } from "./player.ts";
import { learnPpo, type PpoOptions, playPpo } from "./ppo.ts";
import { ReplayBuffer } from "./replay.ts";
import type { Solution } from "./solve.ts";
import { PlayTeam, type StartThreads } from "./threads.ts";

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
  /** The episodes whose samples are in the buffer. */
  readonly #memory: PlayedEpisode[] = [];
  readonly #shelf = new GameShelf();
  readonly #team: PlayTeam;

  /**
   * @param start a checkpoint to go on from, or the seed of fresh weights; the checkpoint is copied
   * @param startThreads what starts the threads that play beside this one, if there are to be any
   */
  constructor(
    tasks: readonly Task[],
    method: Method,
    architecture: Architecture,
    start: Checkpoint | number,
    startThreads?: StartThreads,
  ) {
    this.#tasks = tasks;
    this.#method = method;
    this.#architecture = architecture;
    const network = createNetwork(architecture);
    this.#random = typeof start === "number" ? Random.seeded(start) : new Random(start.random);
    const first = typeof start === "number" ? initialWeights(network.layout, this.#random) : start.weights;
    const adam = typeof start === "number" ? initialAdam(first.length) : copyOf(start.adam);
    const size = Float32Array.BYTES_PER_ELEMENT * first.length;
    const isShared = startThreads !== undefined;
    const weights = isShared ? new Float32Array(new SharedArrayBuffer(size)) : new Float32Array(first.length);
    weights.set(first);
    this.#learner = new Learner(network, weights, adam);
    this.#player = new Player(network, weights);
    this.#replay = new ReplayBuffer(method.kind === "alphazero" ? method.options.replay : 1);
    if (typeof start !== "number") this.#recall(start.memory);
    const end = isShared ? new Int32Array(new SharedArrayBuffer(4)) : new Int32Array(1);
    const descriptions = isShared ? tasks.map(descriptionOf) : [];
    const threads = startThreads?.({ tasks: descriptions, method, architecture, weights, end }) ?? [];
    this.#team = new PlayTeam(threads, end);
  }

  /** Plays and learns. Stops after each move in all games and after each gradient step; aborting ends the round there, with what is finished. */
  *round(signal?: AbortSignal): Steps<Round> {
    const [player, learner, random, team] = [this.#player, this.#learner, this.#random, this.#team];
    if (this.#method.kind === "alphazero") {
      const options = team.shareOf(this.#method.options);
      const { environments } = options;
      const playing = playAlphaZero(player, this.#tasks, this.#shelf, options, random, signal);
      const episodes = yield* team.beside(playing, { environments, moves: 0 }, random, signal);
      this.#remember(episodes);
      const losses = yield* learnAlphaZero(learner, this.#replay, episodes, options, random, signal);
      return { episodes, losses };
    }
    const options = team.shareOf(this.#method.options);
    const { environments, moves } = options;
    const playing = playPpo(player, this.#tasks, this.#shelf, options, random, signal);
    const episodes = yield* team.beside(playing, { environments, moves }, random, signal);
    return { episodes, losses: yield* learnPpo(learner, episodes, options, random, signal) };
  }

  /** Plays a task with the present weights, without exploration: by search if that is how they learn, else by their policy alone. */
  *evaluate(task: Task): Steps<Solution> {
    const method = this.#method;
    const choose = (turns: readonly Turn[]): Choice<unknown>[] =>
      method.kind === "alphazero"
        ? chooseBySearch(this.#player, turns, method.options.search, null)
        : chooseByPolicy(this.#player, turns, null);
    const once = { environments: 1, moves: 0 };
    const [episode] = yield* playEpisodes([task], this.#shelf, choose, once, this.#random);
    return episode as Episode<unknown>;
  }

  /** Keeps what the buffer is made of in step with it: episodes that it no longer holds anything of are forgotten. */
  #remember(episodes: readonly Episode<Searched>[]): void {
    this.#memory.push(...episodes.filter(({ moves }) => moves.length > 0).map(remembered));
    let samples = this.#memory.reduce((total, { rows }) => total + rows.length, 0);
    let kept = 0;
    for (; samples - (this.#memory[kept]?.rows.length ?? 0) >= this.#replay.capacity; kept++)
      samples -= this.#memory[kept]?.rows.length ?? 0;
    this.#memory.splice(0, kept);
  }

  /** Fills the buffer with what a checkpoint remembers: of tasks that are as they were. */
  #recall({ start, episodes }: Memory): void {
    const samples: AlphaZeroSample[] = [];
    for (const past of episodes) {
      const task = this.#tasks.find(({ name }) => name === past.task);
      const episode = task === undefined ? null : playedAgain(past, task, this.#shelf);
      if (episode === null) continue;
      this.#memory.push(past);
      samples.push(...samplesOf(episode));
    }
    this.#replay.restore(samples, start);
  }

  #remembered(): Memory {
    const samples = this.#memory.reduce((total, { rows }) => total + rows.length, 0);
    const { capacity, next } = this.#replay;
    return { start: (((next - samples) % capacity) + capacity) % capacity, episodes: [...this.#memory] };
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
      memory: this.#remembered(),
    };
  }
}

/** What other threads need to know of a task. Throws an InputError if it can be played on this thread only. */
function descriptionOf(task: Task): TaskDescription {
  const description = task.describe?.();
  if (description === undefined)
    throw new InputError(
      `${task.name} can be played on one thread only, since its costs are measured: train with one`,
    );
  return description;
}

function copyOf({ steps, mean, square }: Checkpoint["adam"]): Checkpoint["adam"] {
  return { steps, mean: mean.slice(), square: square.slice() };
}

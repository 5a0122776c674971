/** Self-play on several threads: each plays a share of a round with the same weights, which stand in shared memory. What threads are made of is for others to say. */

import { Random, type RandomState } from "../random.ts";
import { playAlphaZero } from "./alphazero.ts";
import {
  type Aborted,
  type Episode,
  GameShelf,
  type Steps,
  type TaskDescription,
  taskOf,
} from "./episodes.ts";
import { type Architecture, createNetwork } from "./network/network.ts";
import { Player } from "./player.ts";
import { playPpo } from "./ppo.ts";
import type { Method } from "./trainer.ts";

/** How much a thread plays: environments, and moves at least, of a round. */
export interface PlayShare {
  readonly environments: number;
  readonly moves: number;
  readonly random: RandomState;
}

/** A thread that plays. */
export interface PlayThread {
  /** Plays with the weights as they stand: nobody changes them until it is done. */
  play(share: PlayShare): Promise<readonly Episode<unknown>[]>;
}

/** What a thread is told once. Plain data, but for what is shared. */
export interface ThreadSetting {
  readonly tasks: readonly TaskDescription[];
  readonly method: Method;
  readonly architecture: Architecture;
  /** In shared memory. */
  readonly weights: Float32Array;
  /** In shared memory: one number, not 0 once play is to end with the episodes that are finished. */
  readonly end: Int32Array;
}

/** Starts threads that play beside the one that trains. */
export type StartThreads = (setting: ThreadSetting) => readonly PlayThread[];

/** The threads of a run that play beside its own, if there are any. */
export class PlayTeam {
  readonly #threads: readonly PlayThread[];
  readonly #end: Int32Array;

  constructor(threads: readonly PlayThread[], end: Int32Array) {
    this.#threads = threads;
    this.#end = end;
  }

  /** Options with one thread's share of the games and moves: all of them if it is alone. */
  shareOf<Options extends { readonly environments: number; readonly moves?: number }>(
    options: Options,
  ): Options {
    const threads = 1 + this.#threads.length;
    const share = (number: number) => Math.ceil(number / threads);
    const { environments, moves } = options;
    return {
      ...options,
      environments: share(environments),
      ...(moves === undefined ? {} : { moves: share(moves) }),
    };
  }

  /** The episodes of the run's own play, then those of the other threads, which play such shares meanwhile. */
  *beside<Note>(
    own: Steps<Episode<Note>[]>,
    share: Omit<PlayShare, "random">,
    random: Random,
    signal?: AbortSignal,
  ): Steps<readonly Episode<Note>[]> {
    if (this.#threads.length === 0) return yield* own;
    const asked = this.#ask(share, random, signal);
    // What fails meanwhile is told when it is waited for.
    asked.catch(() => {});
    const episodes = yield* own;
    let others: readonly Episode<unknown>[] = [];
    yield asked.then((found) => {
      others = found.flat();
    });
    // They play by the method that this run plays by, so their notes are of the same kind.
    return [...episodes, ...(others as readonly Episode<Note>[])];
  }

  async #ask(
    share: Omit<PlayShare, "random">,
    random: Random,
    signal?: AbortSignal,
  ): Promise<(readonly Episode<unknown>[])[]> {
    Atomics.store(this.#end, 0, signal?.aborted === true ? 1 : 0);
    const end = () => Atomics.store(this.#end, 0, 1);
    signal?.addEventListener("abort", end);
    try {
      return await Promise.all(
        this.#threads.map((thread) =>
          thread.play({ ...share, random: Random.seeded(random.below(2 ** 32)).state }),
        ),
      );
    } finally {
      signal?.removeEventListener("abort", end);
    }
  }
}

/** What a thread does with what it was told: a function that plays shares, one after the other. */
export function threadPlayer({
  tasks: descriptions,
  method,
  architecture,
  weights,
  end,
}: ThreadSetting): (share: PlayShare) => readonly Episode<unknown>[] {
  const player = new Player(createNetwork(architecture), weights);
  const tasks = descriptions.map(taskOf);
  const shelf = new GameShelf();
  const signal: Aborted = {
    get aborted() {
      return Atomics.load(end, 0) !== 0;
    },
  };
  return ({ random, environments, moves }) => {
    const seeded = new Random(random);
    const playing: Generator<unknown, readonly Episode<unknown>[]> =
      method.kind === "alphazero"
        ? playAlphaZero(player, tasks, shelf, { ...method.options, environments }, seeded, signal)
        : playPpo(player, tasks, shelf, { ...method.options, environments, moves }, seeded, signal);
    for (let step = playing.next(); ; step = playing.next()) if (step.done === true) return step.value;
  };
}

/** The memory of episodes that can be given to another thread instead of being copied: that of what was seen. */
export function movableMemory(episodes: readonly Episode<unknown>[]): ArrayBuffer[] {
  return episodes.flatMap(({ moves }) =>
    moves.map(({ observation }) => observation.vertices.buffer as ArrayBuffer),
  );
}

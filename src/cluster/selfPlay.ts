/** Threads of Node that play beside the one that trains. */

import { Worker } from "node:worker_threads";
import type { PlayShare, PlayThread, StartThreads, ThreadSetting } from "../agents/index.ts";

/** What a thread answers: episodes. */
export type Played = Awaited<ReturnType<PlayThread["play"]>>;

/** Threads that were asked for, and how to end them. */
export interface PlayThreads {
  readonly start: StartThreads;
  close(): Promise<void>;
}

/**
 * Threads that play beside the one that trains.
 *
 * @param count how many
 * @param module what they run, for tests
 */
export function playThreads(
  count: number,
  module: URL = new URL("./selfPlayWorker.js", import.meta.url),
): PlayThreads {
  const workers: Worker[] = [];
  return {
    start: (setting) =>
      Array.from({ length: count }, () => {
        const worker = new Worker(module, { workerData: setting satisfies ThreadSetting });
        workers.push(worker);
        return threadOf(worker);
      }),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function threadOf(worker: Worker): PlayThread {
  return {
    play: (share: PlayShare) =>
      new Promise<Played>((resolve, reject) => {
        const settle = (end: () => void) => {
          worker.off("message", answered).off("error", failed).off("exit", ended);
          end();
        };
        const answered = (episodes: Played) => settle(() => resolve(episodes));
        const failed = (error: Error) => settle(() => reject(error));
        const ended = () => settle(() => reject(new Error("a thread of self-play ended")));
        worker.on("message", answered).on("error", failed).on("exit", ended);
        worker.postMessage(share);
      }),
  };
}

/** What runs on a thread of self-play: told what to play once, it plays a share whenever it is asked. */

import { parentPort, workerData } from "node:worker_threads";
import { movableMemory, type PlayShare, type ThreadSetting, threadPlayer } from "../agents/index.ts";

const play = threadPlayer(workerData as ThreadSetting);

parentPort?.on("message", (share: PlayShare) => {
  const episodes = play(share);
  parentPort?.postMessage(episodes, movableMemory(episodes));
});

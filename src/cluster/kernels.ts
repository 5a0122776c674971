/** Threads for kernels, in Node: `compile(program, { target: "wasm", threads: 4, startThread })`. */

import { Worker } from "node:worker_threads";
import type { StartThread } from "../kernels/threads/thread.ts";

/** Node's worker threads with the names of a Web Worker. */
const PRELUDE = `
const { parentPort } = require("node:worker_threads");
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => globalThis.onmessage({ data }));
`;

/** Starts worker threads of Node for a kernel. */
export const startThread: StartThread = (source) => {
  const worker = new Worker(PRELUDE + source, { eval: true, execArgv: [] });
  return {
    post: (message) => worker.postMessage(message),
    listen(onMessage, onFailure) {
      worker.on("message", onMessage);
      worker.on("error", (error) => onFailure(error.message));
      worker.on("exit", () => onFailure("it ended"));
    },
    release: () => worker.unref(),
    terminate: () => void worker.terminate(),
  };
};

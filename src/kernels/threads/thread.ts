/** What a threaded kernel needs of its surroundings: a way to start a thread. In Node, `alphagrad/cluster` has it; in a page, it is here. */

/** A running thread. */
export interface Thread {
  /** Sends a message, which the thread's `onmessage` gets as `data`. */
  post(message: unknown): void;
  /** Hears what the thread sends with `postMessage`, and if it fails or ends by itself. */
  listen(onMessage: (message: unknown) => void, onFailure: (why: string) => void): void;
  /** From now on the thread alone does not keep the process alive. */
  release(): void;
  terminate(): void;
}

/** Starts a thread that runs a text of JavaScript with `onmessage` and `postMessage` of a Web Worker. */
export type StartThread = (source: string) => Thread;

/** `StartThread` in pages that may share memory (cross-origin isolated ones); undefined elsewhere. */
export function pageThreads(): StartThread | undefined {
  const { crossOriginIsolated, Worker } = globalThis;
  if (!crossOriginIsolated || Worker === undefined) return undefined;
  return (source) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url);
    return {
      post: (message) => worker.postMessage(message),
      listen(onMessage, onFailure) {
        worker.onmessage = ({ data }) => onMessage(data);
        worker.onerror = ({ message }) => onFailure(message ?? "it could not be started");
      },
      release: () => URL.revokeObjectURL(url),
      terminate: () => worker.terminate(),
    };
  };
}

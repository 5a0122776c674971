/**
 * A kernel on several threads: `runBatch` divides the points among them.
 *
 * All planes lie in one shared memory in which every thread computes, so nothing is copied. The thread that calls takes part and returns when all is done,
 * as with one thread; nothing is asynchronous but the start. What the threads do is in `batch.js`.
 */

import { InputError } from "../../errors.ts";
import type { Program } from "../../program/program.ts";
import { unrolledSize } from "../../program/scalarise.ts";
import { MOST_PAGES, PAGE } from "../../wasm/encoder.ts";
import {
  checkCount,
  type Kernel,
  type KernelDType,
  type PlaneArray,
  type Planes,
  planeStride,
  strideOf,
} from "../kernel.ts";
import batchText from "./batch.js?raw";
import type { StartThread, Thread } from "./thread.ts";

/** A kernel that may have threads. */
export interface ThreadedKernel extends Kernel {
  /** How many threads compute a batch, the caller's included; 1 where none can be started. */
  readonly threads: number;
  /**
   * As of every kernel: the planes that several threads can use. They stay in memory until the kernel is closed, so ask for them once. Other arrays work too, on one
   * thread.
   */
  planes(count: number): Planes;
  /** Ends the threads; the kernel then goes on with one. */
  close(): void;
}

/** What one thread runs. Every thread has its own, since the modules keep numbers of their own in the common memory. */
export type ThreadCode =
  | { readonly kind: "js"; readonly body: string }
  | { readonly kind: "wasm"; readonly module: WebAssembly.Module };

/** Code for so many threads, and how many bytes at the beginning of the common memory it keeps for itself. */
export interface ThreadCodes {
  readonly codes: readonly ThreadCode[];
  readonly reserved: number;
}

type Evaluate = (...batch: [count: number, first: number, ...planes: number[]]) => void;

/** The words of the control memory. */
const SLOTS = {
  rings: 0,
  gate: 1,
  next: 2,
  failure: 3,
  count: 4,
  chunk: 5,
  inputs: 6,
  inputStride: 7,
  outputs: 8,
  outputStride: 9,
  text: 16,
} as const;
const WORDS = 512;

/** The functions of `batch.js` that the caller's thread needs. */
interface BatchFunctions {
  evaluator(kernel: ThreadKernel, memory: WebAssembly.Memory): Evaluate;
  takeChunks(evaluate: Evaluate, control: Int32Array, slots: typeof SLOTS): void;
  closeGate(control: Int32Array, slots: typeof SLOTS, maySleep: boolean): void;
  readonly CLOSED: number;
}

interface ThreadKernel {
  readonly code: ThreadCode;
  readonly dtype: KernelDType;
}

/** Operations in a chunk: some twenty microseconds, about as long as it takes to wake a thread. */
const CHUNK_OPERATIONS = 2 ** 19;
/** Batches of fewer chunks are not shared. */
const FEWEST_CHUNKS = 3;
const LINE = 64;

/**
 * Starts threads for a kernel.
 *
 * @param single the same kernel on one thread, for single points and foreign arrays
 * @param codes one per thread, the caller's first
 * @throws InputError if a thread cannot be started
 */
export async function startThreads(
  single: Kernel,
  { codes, reserved }: ThreadCodes,
  startThread: StartThread,
): Promise<ThreadedKernel> {
  const [own, ...others] = codes;
  if (own === undefined || others.length === 0) return withoutThreads(single);
  const memory = sharedMemory(single.program, reserved);
  const control = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  const functions = new Function(`"use strict"; ${batchText}\nreturn functions;`)() as BatchFunctions;
  Atomics.store(control, SLOTS.gate, functions.CLOSED);
  const source = `${batchText}\nglobalThis.onmessage = ({ data }) => functions.begin(data, (message) => globalThis.postMessage(message));`;
  const threads = others.map(() => startThread(source));
  const { dtype } = single;
  const health: Health = { failure: null };
  try {
    await Promise.all(
      threads.map((thread, index) => {
        const ready = readiness(thread, health);
        const code = others[index];
        thread.post({ kernel: { code, dtype }, memory, control, slots: SLOTS });
        return ready;
      }),
    );
  } catch (error) {
    for (const thread of threads) thread.terminate();
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError(`${single.program.name}: a thread of the kernel could not be started: ${why}`);
  }
  const evaluate = functions.evaluator({ code: own, dtype }, memory);
  return new SharedKernel(single, {
    ...{ memory, control, functions, evaluate },
    ...{ threads, health, reserved },
  });
}

/** A kernel on one thread in the form of one with several. */
export function withoutThreads(single: Kernel): ThreadedKernel {
  return {
    ...{ program: single.program, dtype: single.dtype, inputCount: single.inputCount },
    entries: single.entries,
    threads: 1,
    run: (inputs, outputs) => single.run(inputs, outputs),
    runBatch: (count, inputs, outputs) => single.runBatch(count, inputs, outputs),
    planes: (count) => single.planes(count),
    close: () => {},
  };
}

/** Why a thread ended that should not have. */
interface Health {
  failure: string | null;
}

/** Waits until a thread serves; later on its end is noted. */
function readiness(thread: Thread, health: Health): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      health.failure ??= why;
      reject(new Error(why));
    };
    thread.listen((message) => {
      const { kind, why = "unknown" } = message as { kind: "ready" | "failed"; why?: string };
      if (kind === "failed") fail(why);
      else {
        thread.release();
        resolve();
      }
    }, fail);
  });
}

/** A memory that may grow as far as the machine allows: some engines reserve the address space at once. */
function sharedMemory({ name }: Program, bytes: number): WebAssembly.Memory {
  const initial = Math.max(1, Math.ceil(bytes / PAGE));
  for (let maximum = MOST_PAGES; maximum >= initial; maximum = Math.floor(maximum / 4))
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch {
      // The next one is smaller.
    }
  throw new InputError(
    `${name}: the engine gives no shared memory of ${initial} pages; compile without threads`,
  );
}

/** What a `SharedKernel` is made of. */
interface Team {
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array;
  readonly functions: BatchFunctions;
  readonly evaluate: Evaluate;
  readonly threads: readonly Thread[];
  readonly health: Health;
  readonly reserved: number;
}

class SharedKernel implements ThreadedKernel {
  readonly program: Program;
  readonly dtype: KernelDType;
  readonly inputCount: number;
  readonly entries: Kernel["entries"];
  readonly #single: Kernel;
  readonly #team: Team;
  /** Points in a chunk: whole cache lines, so that no two threads write to one. */
  readonly #chunk: number;
  readonly #maySleep: boolean;
  /** The buffers of the memory: growing makes a new one, and the ones before stay valid. */
  readonly #buffers = new WeakSet<ArrayBufferLike>();
  /** Bytes of the memory that are taken. */
  #used: number;
  #isClosed = false;

  constructor(single: Kernel, team: Team) {
    this.#single = single;
    this.#team = team;
    this.program = single.program;
    this.dtype = single.dtype;
    this.inputCount = single.inputCount;
    this.entries = single.entries;
    this.#used = team.reserved;
    const points = Math.ceil(CHUNK_OPERATIONS / Math.max(1, unrolledSize(single.program).operations));
    this.#chunk = Math.ceil(points / LINE) * LINE;
    this.#maySleep = maySleep(team.control);
  }

  get threads(): number {
    return this.#isClosed ? 1 : this.#team.threads.length + 1;
  }

  run(inputs: Float64Array, outputs: Float64Array): void {
    this.#single.run(inputs, outputs);
  }

  runBatch(count: number, inputs: PlaneArray, outputs: PlaneArray): void {
    const isShared = (array: PlaneArray) => array.length === 0 || this.#buffers.has(array.buffer);
    if (this.#isClosed || !isShared(inputs) || !isShared(outputs)) {
      this.#single.runBatch(count, inputs, outputs);
      return;
    }
    checkCount(count);
    const inputStride = strideOf(inputs, this.inputCount, count, this.dtype, "input");
    const outputStride = strideOf(outputs, this.entries.length, count, this.dtype, "output");
    const { failure } = this.#team.health;
    if (failure !== null) throw this.#failed(failure);
    const planes = [inputs.byteOffset, inputStride, outputs.byteOffset, outputStride] as const;
    if (count <= (FEWEST_CHUNKS - 1) * this.#chunk) this.#team.evaluate(count, 0, ...planes);
    else this.#share(count, planes);
  }

  planes(count: number): Planes {
    checkCount(count);
    const stride = planeStride(count, this.dtype);
    const [inputs, outputs] = [this.inputCount * stride, this.entries.length * stride];
    return { inputs: this.#take(inputs, count), outputs: this.#take(outputs, count), stride };
  }

  close(): void {
    this.#isClosed = true;
    for (const thread of this.#team.threads) thread.terminate();
  }

  /** All threads take chunks of the batch; returns when it is done. */
  #share(count: number, planes: readonly [number, number, number, number]): void {
    const { control, functions, evaluate } = this.#team;
    [count, this.#chunk, ...planes].forEach((value, index) => {
      control[SLOTS.count + index] = value;
    });
    Atomics.store(control, SLOTS.next, 0);
    Atomics.store(control, SLOTS.failure, 0);
    Atomics.store(control, SLOTS.gate, 0);
    Atomics.add(control, SLOTS.rings, 1);
    Atomics.notify(control, SLOTS.rings);
    try {
      functions.takeChunks(evaluate, control, SLOTS);
    } finally {
      functions.closeGate(control, SLOTS, this.#maySleep);
    }
    const length = Atomics.load(control, SLOTS.failure);
    if (length > 0)
      throw this.#failed(String.fromCharCode(...control.subarray(SLOTS.text, SLOTS.text + length)));
  }

  #failed(why: string): Error {
    return new Error(`${this.program.name}: a thread of the kernel failed: ${why}`);
  }

  /** The next elements of the memory, on lines of their own. */
  #take(elements: number, count: number): PlaneArray {
    const { memory } = this.#team;
    const size = this.dtype === "float64" ? 8 : 4;
    const start = Math.ceil(this.#used / LINE) * LINE;
    const end = start + size * elements;
    const missing = Math.ceil((end - memory.buffer.byteLength) / PAGE);
    if (missing > 0)
      try {
        memory.grow(missing);
      } catch {
        throw new InputError(
          `${this.program.name}: no room for planes of ${count} points in the ${(memory.buffer.byteLength / 2 ** 20).toFixed(0)} MiB that the kernel's threads share; use the same planes again, or smaller batches`,
        );
      }
    this.#used = end;
    this.#buffers.add(memory.buffer);
    return this.dtype === "float64"
      ? new Float64Array(memory.buffer, start, elements)
      : new Float32Array(memory.buffer, start, elements);
  }
}

/** Whether this thread may wait in `Atomics.wait`. */
function maySleep(control: Int32Array): boolean {
  try {
    Atomics.wait(control, SLOTS.text, 1, 0);
    return true;
  } catch {
    return false;
  }
}

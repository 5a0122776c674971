/**
 * A WebAssembly module as a running kernel.
 *
 * Planes live in the module's memory, so that a batch is computed without copying. Growing a memory would detach all views of it; so each *arena*, a memory with an instance of the
 * module, has its size for good, and hands out planes until it is full. Planes that somebody still uses keep their arena alive, nothing else does.
 */

import { InputError } from "../../errors.ts";
import type { Program } from "../../program/program.ts";
import { Code, encodeModule, MOST_PAGES, PAGE } from "../../wasm/encoder.ts";
import {
  checkCount,
  entriesOf,
  inputCountOf,
  type Kernel,
  type KernelDType,
  type PlaneArray,
  type Planes,
  planeStride,
  strideOf,
} from "../kernel.ts";
import type { ThreadCodes } from "../threads/kernel.ts";
import { emitWasm, type WasmModule } from "./emit.ts";
import type { WasmOptions } from "./module.ts";

/** What a module exports; see `emitWasm`. */
interface KernelFunctions {
  run(): void;
  batch(count: number, inputs: number, inputStride: number, outputs: number, outputStride: number): void;
}

/** New arenas double in size up to this, so that many small planes share a few. */
const LARGEST_SHARED = 1 << 24;
const LINE = 64;
/** Longer arrays are copied faster by `set` (36 numbers: 20 ns instead of 65). */
const LONGEST_LOOP = 12;
/** Up to so many numbers are copied by code of their own. */
const LONGEST_UNROLLED = 200;

/**
 * Compiles a program to WebAssembly. Arithmetic is in the kernel's dtype, in `run` as well.
 *
 * @throws InputError if the program is too large for WebAssembly
 */
export async function instantiateWasm(
  program: Program,
  dtype: KernelDType,
  limits: Pick<WasmOptions, "longestUnrolled"> = {},
): Promise<Kernel> {
  if (!supports("f64x2.add")) throw new InputError("this engine has no WebAssembly SIMD; use the target js");
  const emitted = emitWasm(program, { ...limits, dtype, fused: supports("f64x2.relaxed_madd") });
  return new WasmKernel(program, dtype, await compiled(program, emitted.bytes), emitted);
}

async function compiled(program: Program, bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError(
      `${program.name}: the engine refuses the module of ${bytes.length} bytes (${reason}); use the target js for programs of this size`,
    );
  }
}

/**
 * The program's code for several threads that share a memory, each with a part of it for itself.
 *
 * @throws InputError as `instantiateWasm`
 */
export async function wasmThreadCodes(
  program: Program,
  dtype: KernelDType,
  threads: number,
): Promise<ThreadCodes> {
  const modules: Promise<WebAssembly.Module>[] = [];
  const fused = supports("f64x2.relaxed_madd");
  let free = 0;
  for (let thread = 0; thread < threads; thread++) {
    const emitted = emitWasm(program, { dtype, fused, sharedFrom: Math.ceil(free / LINE) * LINE });
    modules.push(compiled(program, emitted.bytes));
    free = emitted.free;
  }
  const codes = (await Promise.all(modules)).map((module) => ({ kind: "wasm" as const, module }));
  return { codes, reserved: free };
}

/** Whether the engine validates an instruction on two or three float64 vectors. */
function supports(instruction: "f64x2.add" | "f64x2.relaxed_madd"): boolean {
  const code = new Code({ parameters: ["v128"], results: ["v128"] });
  const operands = instruction === "f64x2.add" ? 2 : 3;
  for (let operand = 0; operand < operands; operand++) code.localGet(0);
  code.plain(instruction);
  return WebAssembly.validate(encodeModule({ pages: 0, functions: [code], exports: {}, data: [] }));
}

/** Evaluates one point. */
type PointFunction = Kernel["run"];

/**
 * Checks the lengths, copies the inputs to their place, runs, and copies the outputs: a function of the kernel's own, without loops, where the page's content security policy lets it be
 * made, which is 25 ns faster than code that all kernels share (HumanHeartDipole: 50 ns).
 *
 * @param refuse throws for arrays of other lengths
 */
function pointFunction(
  { run }: KernelFunctions,
  runInputs: Float64Array,
  runOutputs: Float64Array,
  refuse: PointFunction,
): PointFunction {
  const copies = (target: string, source: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${target}[${index}] = ${source}[${index}];`);
  const [inputCount, outputCount] = [runInputs.length, runOutputs.length];
  if (inputCount + outputCount <= LONGEST_UNROLLED)
    try {
      const body = [
        `if (inputs.length !== ${inputCount} || outputs.length !== ${outputCount}) refuse(inputs, outputs);`,
        ...copies("runInputs", "inputs", inputCount),
        "run();",
        ...copies("outputs", "runOutputs", outputCount),
      ].join("\n");
      return new Function(
        "run",
        "runInputs",
        "runOutputs",
        "refuse",
        `"use strict"; return (inputs, outputs) => {\n${body}\n};`,
      )(run, runInputs, runOutputs, refuse) as PointFunction;
    } catch (error) {
      if (!(error instanceof EvalError)) throw error;
    }
  return (inputs, outputs) => {
    if (inputs.length !== inputCount || outputs.length !== outputCount) refuse(inputs, outputs);
    for (let index = 0; index < inputs.length; index++) runInputs[index] = inputs[index] as number;
    run();
    if (outputs.length > LONGEST_LOOP) outputs.set(runOutputs);
    else for (let index = 0; index < outputs.length; index++) outputs[index] = runOutputs[index] as number;
  };
}

/** The buffer of a memory, an instance on it, and how much of it is handed out. */
interface Arena {
  readonly buffer: ArrayBufferLike;
  readonly functions: KernelFunctions;
  used: number;
}

/** Planes within an arena. */
interface Placed {
  readonly arena: Arena;
  readonly planes: Planes;
}

class WasmKernel implements Kernel {
  readonly program: Program;
  readonly dtype: KernelDType;
  readonly inputCount: number;
  readonly entries: Kernel["entries"];
  readonly run: PointFunction;
  readonly #module: WebAssembly.Module;
  /** Bytes that the module keeps for itself at the start of every memory. */
  readonly #reserved: number;
  readonly #size: number;
  /** Where arrays that were handed out live. */
  readonly #arenas = new WeakMap<ArrayBufferLike, Arena>();
  #current: Arena;
  /** For batches whose planes lie elsewhere. */
  #copies: Placed | null = null;

  constructor(
    program: Program,
    dtype: KernelDType,
    module: WebAssembly.Module,
    { free, runInputs, runOutputs }: WasmModule,
  ) {
    this.program = program;
    this.dtype = dtype;
    this.inputCount = inputCountOf(program);
    this.entries = entriesOf(program);
    this.#module = module;
    this.#reserved = free;
    this.#size = dtype === "float64" ? 8 : 4;
    this.#current = this.#newArena(0);
    const { buffer, functions } = this.#current;
    // In float64 for both dtypes, so that V8 sees one type of array.
    this.run = pointFunction(
      functions,
      new Float64Array(buffer, runInputs, this.inputCount),
      new Float64Array(buffer, runOutputs, this.entries.length),
      (inputs, outputs) => {
        throw new InputError(
          `${program.name}: run takes ${this.inputCount} inputs and ${this.entries.length} outputs, got ${inputs.length} and ${outputs.length}`,
        );
      },
    );
  }

  runBatch(count: number, inputs: PlaneArray, outputs: PlaneArray): void {
    checkCount(count);
    const inputStride = strideOf(inputs, this.inputCount, count, this.dtype, "input");
    const outputStride = strideOf(outputs, this.entries.length, count, this.dtype, "output");
    const arena = this.#arenaOf(inputs, outputs);
    if (arena !== undefined) this.#batch(arena, count, inputs, inputStride, outputs, outputStride);
    else this.#copiedBatch(count, inputs, inputStride, outputs, outputStride);
  }

  planes(count: number): Planes {
    checkCount(count);
    return this.#place(count).planes;
  }

  /** The arena in which both sides lie. */
  #arenaOf(inputs: PlaneArray, outputs: PlaneArray): Arena | undefined {
    const { buffer } = outputs.length > 0 ? outputs : inputs;
    if (inputs.length > 0 && inputs.buffer !== buffer) return undefined;
    return buffer === this.#current.buffer ? this.#current : this.#arenas.get(buffer);
  }

  #batch(
    { functions }: Arena,
    count: number,
    inputs: PlaneArray,
    inputStride: number,
    outputs: PlaneArray,
    outputStride: number,
  ): void {
    const size = this.#size;
    functions.batch(count, inputs.byteOffset, inputStride * size, outputs.byteOffset, outputStride * size);
  }

  /** Goes by way of planes of our own, kept for the next time. */
  #copiedBatch(
    count: number,
    inputs: PlaneArray,
    inputStride: number,
    outputs: PlaneArray,
    outputStride: number,
  ): void {
    if (this.#copies === null || this.#copies.planes.stride < count) this.#copies = this.#place(count);
    const { arena, planes } = this.#copies;
    for (let plane = 0; plane < this.inputCount; plane++)
      planes.inputs.set(
        inputs.subarray(plane * inputStride, plane * inputStride + count),
        plane * planes.stride,
      );
    this.#batch(arena, count, planes.inputs, planes.stride, planes.outputs, planes.stride);
    for (let plane = 0; plane < this.entries.length; plane++)
      outputs.set(
        planes.outputs.subarray(plane * planes.stride, plane * planes.stride + count),
        plane * outputStride,
      );
  }

  #place(count: number): Placed {
    const stride = planeStride(count, this.dtype);
    const [inputs, outputs] = [this.inputCount * stride, this.entries.length * stride];
    const bytes = (inputs + outputs) * this.#size + 2 * LINE;
    if (bytes + this.#reserved > MOST_PAGES * PAGE)
      throw new InputError(
        `${this.program.name}: planes of ${count} points need ${gibibytes(bytes)} GiB, WebAssembly has 4; use smaller batches`,
      );
    if (this.#current.used + bytes > this.#current.buffer.byteLength) this.#current = this.#newArena(bytes);
    const arena = this.#current;
    return {
      arena,
      planes: { inputs: this.#take(arena, inputs), outputs: this.#take(arena, outputs), stride },
    };
  }

  /** The next elements of an arena, on lines of their own. */
  #take(arena: Arena, elements: number): PlaneArray {
    const start = Math.ceil(arena.used / LINE) * LINE;
    arena.used = start + elements * this.#size;
    return this.dtype === "float64"
      ? new Float64Array(arena.buffer, start, elements)
      : new Float32Array(arena.buffer, start, elements);
  }

  #newArena(bytes: number): Arena {
    const least = this.#reserved + bytes;
    const before = this.#current === undefined ? 0 : this.#current.buffer.byteLength;
    const memory = this.#newMemory(Math.max(least, Math.min(2 * before, LARGEST_SHARED)));
    const instance = new WebAssembly.Instance(this.#module, { kernel: { memory } });
    const functions = instance.exports as unknown as KernelFunctions;
    const arena = { buffer: memory.buffer, functions, used: this.#reserved };
    this.#arenas.set(arena.buffer, arena);
    return arena;
  }

  #newMemory(bytes: number): WebAssembly.Memory {
    const pages = Math.ceil(bytes / PAGE);
    try {
      return new WebAssembly.Memory({
        initial: Math.min(pages, MOST_PAGES),
        maximum: Math.min(pages, MOST_PAGES),
      });
    } catch {
      throw new InputError(
        `${this.program.name}: the engine gives no ${gibibytes(bytes)} GiB for planes; use smaller batches, or the same planes again`,
      );
    }
  }
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toPrecision(3);
}

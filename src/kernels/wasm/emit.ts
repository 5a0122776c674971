/**
 * A Program as a WebAssembly module.
 *
 * The module imports its memory and exports
 * - `run()`: one point, in float64 whatever the kernel's dtype, at a fixed place in memory: inputs from `runInputs`, outputs from `runOutputs`;
 * - `batch(count, inputs, inputStride, outputs, outputStride)`: points 0 to count - 1, as many at a time as a vector has lanes, the rest one by one.
 *   All are addresses and distances in bytes; plane k of a side begins at k times its stride.
 *
 * Both do the same arithmetic, so their results are equal to the bit. Programs of scalars, and small ones on arrays, are straight-line code; larger ones on arrays are loops.
 */

import type { Program } from "../../program/program.ts";
import { entriesOf, inputCountOf } from "../kernel.ts";
import { scalarCode } from "../straightline/unroll.ts";
import { defineArrays } from "./arrays.ts";
import { ModuleWriter, type WasmOptions } from "./module.ts";
import { defineStraightLine } from "./straightLine.ts";

export interface WasmModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Addresses of the values of `run`, multiples of 16. */
  readonly runInputs: number;
  readonly runOutputs: number;
  /** The first byte of memory that the module does not use itself. */
  readonly free: number;
}

/**
 * Programs on arrays of at most this many scalar operations and outputs are unrolled: 1.5 times as fast as loops (Encoder, 6,000 operations: 1.0 us instead of 1.5 us in float32), and optimised
 * by V8 within 0.1 s.
 */
const LONGEST_UNROLLED = 12_000;

/**
 * Emits the module of a program.
 *
 * @throws InputError if its arrays do not fit into the memory of WebAssembly
 */
export function emitWasm(program: Program, options: WasmOptions): WasmModule {
  const module = new ModuleWriter(program.name, options);
  const places = {
    runInputs: module.reserve(8 * inputCountOf(program)),
    runOutputs: module.reserve(8 * entriesOf(program).length),
  };
  const scalars = scalarCode(program, options.longestUnrolled ?? LONGEST_UNROLLED);
  if (scalars !== null) defineStraightLine(module, scalars, places);
  else defineArrays(module, program, places);
  return { ...module.finish(["run", "batch"]), ...places };
}

/**
 * Generated JavaScript as a running kernel.
 *
 * The code is evaluated with `new Function`, in Node and in browsers alike; a page whose content security policy forbids
 * `unsafe-eval` imports the emitted module as a file instead.
 */

import { InputError } from "../../errors.ts";
import type { Program } from "../../program/program.ts";
import { depthFirst } from "../../program/schedule.ts";
import {
  allocatePlanes,
  checkCount,
  entriesOf,
  inputCountOf,
  type Kernel,
  type KernelDType,
  type PlaneArray,
  strideOf,
} from "../kernel.ts";
import { type KernelLimits, kernelBody } from "./emit.ts";

/** What an emitted module exports for machines. */
interface KernelFunctions {
  run(inputs: Float64Array, outputs: Float64Array): void;
  runBatch(
    count: number,
    inputs: PlaneArray,
    inputStride: number,
    outputs: PlaneArray,
    outputStride: number,
  ): void;
}

/** The body of a function that gives `run` and `runBatch`, for planes of a dtype. */
export function functionText(program: Program, dtype: KernelDType, limits: KernelLimits = {}): string {
  // Equal texts share V8's type feedback, which is better kept apart by dtype.
  return `"use strict"; // ${dtype} planes\n${kernelBody(depthFirst(program), limits)}`;
}

/** Compiles a program to JavaScript and runs it. Arithmetic is in float64 whatever the dtype of the planes. */
export function instantiateJavaScript(
  program: Program,
  dtype: KernelDType,
  limits: KernelLimits = {},
): Kernel {
  const functionsFor = (planes: KernelDType) =>
    new Function(functionText(program, planes, limits))() as KernelFunctions;
  const batch = functionsFor(dtype);
  // Single points are always float64. Code that meets both types of array is thrown away and optimised anew at the first batch, and a fifth slower then (Perceptron).
  const point = dtype === "float64" ? batch : functionsFor("float64");
  const entries = entriesOf(program);
  const inputCount = inputCountOf(program);
  return {
    program,
    dtype,
    inputCount,
    entries,
    run(inputs, outputs) {
      if (inputs.length !== inputCount || outputs.length !== entries.length)
        throw new InputError(
          `${program.name}: run takes ${inputCount} inputs and ${entries.length} outputs, got ${inputs.length} and ${outputs.length}`,
        );
      point.run(inputs, outputs);
    },
    runBatch(count, inputs, outputs) {
      checkCount(count);
      const inputStride = strideOf(inputs, inputCount, count, dtype, "input");
      const outputStride = strideOf(outputs, entries.length, count, dtype, "output");
      batch.runBatch(count, inputs, inputStride, outputs, outputStride);
    },
    planes: (count) => allocatePlanes(count, inputCount, entries.length, dtype),
  };
}

/** A Program as files: a WebAssembly module, and the ES module that loads it in Node and in pages, without this library. */

import type { Program } from "../../program/program.ts";
import { METADATA_DECLARATIONS, metadata } from "../javascript/metadata.ts";
import { entriesOf, inputCountOf, type KernelDType } from "../kernel.ts";
import { blockComment } from "../straightline/comment.ts";
import { emitWasm } from "./emit.ts";

export interface WasmFileOptions {
  /** The type that it computes in; float64 by default. */
  readonly dtype?: KernelDType;
  /** Text of the comment at the top of the loader, such as the certificate in brief. */
  readonly header?: string;
  /** The name of the module's file, beside the loader. */
  readonly moduleName: string;
}

export interface WasmFiles {
  /** The bytes of the WebAssembly module. */
  readonly module: Uint8Array<ArrayBuffer>;
  /** The text of the ES module that loads it. */
  readonly loader: string;
  /** The text of the loader's `.d.ts`. */
  readonly declarations: string;
}

/**
 * Writes a program's module and its loader, which exports
 * - `run(inputs, outputs)`: one point;
 * - `planes(count)`: storage for a batch, and `runBatch(count, inputs, outputs)`, which uses it in place and copies other arrays (see `Kernel`);
 * - `inputNames`, `outputNames` and `entries`, which say what each plane holds.
 *
 * The module keeps to instructions that all engines with SIMD have.
 *
 * @throws InputError as `emitWasm`
 */
export function emitWasmFiles(
  program: Program,
  { dtype = "float64", header, moduleName }: WasmFileOptions,
): WasmFiles {
  const { bytes, runInputs, runOutputs, free } = emitWasm(program, { dtype, fused: false });
  const top = header === undefined ? [] : [blockComment(header)];
  const array = dtype === "float64" ? "Float64Array" : "Float32Array";
  const constants = [
    `const [INPUTS, OUTPUTS] = [${inputCountOf(program)}, ${entriesOf(program).length}];`,
    "// Addresses in bytes: of the values of a single point, and the first that the module leaves free.",
    `const [RUN_INPUTS, RUN_OUTPUTS, FREE] = [${runInputs}, ${runOutputs}, ${free}];`,
    `const Plane = ${array};`,
    `const url = new URL(${JSON.stringify(moduleName)}, import.meta.url);`,
  ].join("\n");
  return {
    module: bytes,
    loader: `${[...top, metadata(program), constants, LOADER].join("\n\n")}\n`,
    declarations: `${[...top, METADATA_DECLARATIONS, declarations(array)].join("\n\n")}\n`,
  };
}

const RUN_DOC = `/**
 * Evaluates at one point: one number per input in \`inputs\`, one per entry in \`outputs\`. Throws a RangeError for
 * other lengths.
 */`;
const PLANES_DOC = `/**
 * Storage for a batch of \`count\` points in a memory of its own: plane k of a side begins at element k * stride. Keep
 * it and use it again.
 */`;
const BATCH_DOC = `/**
 * Evaluates at points 0 to count - 1. With arrays of \`planes\` nothing is copied; others have any one stride of at
 * least \`count\` for all planes of a side. Throws a RangeError for other lengths, a TypeError for other arrays.
 */`;

const LOADER = `async function read() {
  if (url.protocol !== "file:") {
    const response = await fetch(url);
    if (!response.ok) throw new Error(\`cannot load \${url}: \${response.status} \${response.statusText}\`);
    return response.arrayBuffer();
  }
  const { readFile } = await import("node:fs/promises");
  return readFile(url);
}

const compiled = await WebAssembly.compile(await read());

/** The functions of the module on a memory with so many bytes beside the module's own. */
function instantiate(bytes) {
  const pages = Math.ceil((FREE + bytes) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { run, batch } = new WebAssembly.Instance(compiled, { kernel: { memory } }).exports;
  return { run, batch, buffer: memory.buffer };
}

const single = instantiate(0);
const runInputs = new Float64Array(single.buffer, RUN_INPUTS, INPUTS);
const runOutputs = new Float64Array(single.buffer, RUN_OUTPUTS, OUTPUTS);

${RUN_DOC}
export function run(inputs, outputs) {
  if (inputs.length !== INPUTS || outputs.length !== OUTPUTS)
    throw new RangeError(
      \`run takes \${INPUTS} inputs and \${OUTPUTS} outputs, got \${inputs.length} and \${outputs.length}\`,
    );
  for (let plane = 0; plane < INPUTS; plane++) runInputs[plane] = inputs[plane];
  single.run();
  for (let plane = 0; plane < OUTPUTS; plane++) outputs[plane] = runOutputs[plane];
}

function checkCount(count) {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(\`a batch has a whole number of points, at least 1, got \${count}\`);
}

const LINE = 64;
/** The function for batches of the memory of each buffer that planes lie in. */
const batches = new WeakMap();

${PLANES_DOC}
export function planes(count) {
  checkCount(count);
  const perLine = LINE / Plane.BYTES_PER_ELEMENT;
  // Whole cache lines and an odd number of them, so that planes do not fight for the same cache sets.
  const lines = Math.ceil(count / perLine);
  const stride = (lines % 2 === 0 ? lines + 1 : lines) * perLine;
  const { batch, buffer } = instantiate(2 * LINE + (INPUTS + OUTPUTS) * stride * Plane.BYTES_PER_ELEMENT);
  batches.set(buffer, batch);
  const start = Math.ceil(FREE / LINE) * LINE;
  const inputs = new Plane(buffer, start, INPUTS * stride);
  const outputs = new Plane(buffer, start + inputs.byteLength, OUTPUTS * stride);
  return { inputs, outputs, stride };
}

function strideOf(array, count, planes, side) {
  if (!(array instanceof Plane)) throw new TypeError(\`\${side} planes are a \${Plane.name}; use planes(count)\`);
  if (planes === 0) return 0;
  const stride = array.length / planes;
  if (!Number.isInteger(stride) || stride < count)
    throw new RangeError(
      \`\${planes} \${side} planes of \${count} points need \${planes} times the same stride >= \${count}, got \${array.length} elements; use planes(count)\`,
    );
  return stride;
}

/** For arrays that lie elsewhere, kept for the next time. */
let copies = null;

${BATCH_DOC}
export function runBatch(count, inputs, outputs) {
  checkCount(count);
  const inputStride = strideOf(inputs, count, INPUTS, "input");
  const outputStride = strideOf(outputs, count, OUTPUTS, "output");
  const batch = inputs.buffer === outputs.buffer ? batches.get(inputs.buffer) : undefined;
  if (batch !== undefined) {
    const size = Plane.BYTES_PER_ELEMENT;
    batch(count, inputs.byteOffset, inputStride * size, outputs.byteOffset, outputStride * size);
    return;
  }
  if (copies === null || copies.stride < count) copies = planes(count);
  const own = copies;
  for (let plane = 0; plane < INPUTS; plane++)
    own.inputs.set(inputs.subarray(plane * inputStride, plane * inputStride + count), plane * own.stride);
  runBatch(count, own.inputs, own.outputs);
  for (let plane = 0; plane < OUTPUTS; plane++)
    outputs.set(own.outputs.subarray(plane * own.stride, plane * own.stride + count), plane * outputStride);
}`;

function declarations(array: string): string {
  return `${RUN_DOC}
export declare function run(inputs: ArrayLike<number>, outputs: Float64Array | Float32Array | number[]): void;

${PLANES_DOC}
export declare function planes(count: number): {
  readonly inputs: ${array};
  readonly outputs: ${array};
  readonly stride: number;
};

${BATCH_DOC}
export declare function runBatch(count: number, inputs: ${array}, outputs: ${array}): void;`;
}

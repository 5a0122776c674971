/** A Program as a readable, dependency-free ES module. */

import { erf } from "../../program/erf.ts";
import type { Program } from "../../program/program.ts";
import { blockComment, oneLine } from "../straightline/comment.ts";
import type { Names } from "../straightline/names.ts";
import { planeIndex } from "../straightline/planes.ts";
import { type Section, type Statement, statementsOf } from "../straightline/statements.ts";
import { type ScalarCode, scalarCode } from "../straightline/unroll.ts";
import { ERF, javascript } from "./language.ts";
import { ARRAYS, loopCode } from "./loops.ts";
import { METADATA_DECLARATIONS, metadata } from "./metadata.ts";
import { javascriptNames } from "./names.ts";
import { type Part, partition } from "./parts.ts";
import { functionsOf, type PointCode } from "./pointCode.ts";
import { NESTED, pointwiseFunction } from "./signature.ts";

export interface JavaScriptOptions {
  /** Text of the comment at the top of the module, such as the certificate in brief. */
  readonly header?: string;
  /** Comments within the code, by the index of the equation that they stand before. */
  readonly sections?: readonly Section[];
}

export interface JavaScriptModule {
  /** The text of the module. */
  readonly code: string;
  /** The text of its `.d.ts`. */
  readonly declarations: string;
}

/**
 * Operations per function. V8 does not optimise functions of more than 60 KB of bytecode: 20,000 operations take 147 us a point in one
 * function and 4.2 us in parts of 500 to 4,000 (Node 20).
 */
const LONGEST_PART = 2000;

/**
 * Programs on arrays of at most this many scalar operations and outputs are unrolled, longer ones become loops. Unrolled code is 2 to 10 times as fast in
 * the end (bench/tensors.bench.ts), but at 6,000 operations it takes V8 more than a second to get there.
 */
const LONGEST_UNROLLED = 4000;

/** Where code is cut and where it becomes loops, for tests and measurements. */
export interface KernelLimits {
  readonly longestPart?: number;
  readonly longestUnrolled?: number;
}

/** What generated code calls things; no value may take these names. */
const OWN_NAMES = [
  "run",
  "runBatch",
  "inputs",
  "outputs",
  "count",
  "inputStride",
  "outputStride",
  "point",
  "scratch",
  ERF,
  NESTED,
  ARRAYS,
];
const OWN_EXPORTS = ["inputNames", "outputNames", "entries"];

/**
 * Writes the module of a program. It exports
 * - the program by its name, with arguments and results nested as in the source;
 * - `run(inputs, outputs)` and `runBatch(count, inputs, inputStride, outputs, outputStride)`, for flat arrays and planes (see `Kernel`);
 * - `inputNames`, `outputNames` and `entries`, which say what each plane holds.
 *
 * Programs on arrays become straight-line code if they are small and loops otherwise. Results equal the interpreter's to the bit on float64 planes; with
 * arrays, the sign of a zero may differ.
 */
export function emitJavaScript(program: Program, options: JavaScriptOptions = {}): JavaScriptModule {
  const names = javascriptNames([...OWN_NAMES, ...OWN_EXPORTS]);
  const own = names.take(program.name);
  const pointwise = pointwiseFunction(program, own);
  const kernel = kernelCode(program, names, options.sections ?? [], "export ");
  const header = options.header === undefined ? [] : [blockComment(options.header)];
  return {
    code: `${[...header, metadata(program), `${friendlyDoc(program)}\n${pointwise.code}`, kernel].join("\n\n")}\n`,
    declarations: `${[...header, `${friendlyDoc(program)}\n${pointwise.declaration}`, DECLARATIONS].join("\n\n")}\n`,
  };
}

/** The functions `run` and `runBatch` alone, as the body of a function that returns them. */
export function kernelBody(program: Program, limits: KernelLimits = {}): string {
  return `${kernelCode(program, javascriptNames(OWN_NAMES), [], "", limits)}\nreturn { run, runBatch };`;
}

function kernelCode(
  program: Program,
  names: Names,
  sections: readonly Section[],
  exported: "export " | "",
  { longestPart = LONGEST_PART, longestUnrolled = LONGEST_UNROLLED }: KernelLimits = {},
): string {
  const scalars = scalarCode(program, longestUnrolled);
  const { declarations, functions } =
    scalars === null
      ? loopCode(program, names, sections)
      : // Sections are by equation of the program as it is given.
        straightLineCode(scalars, names, scalars.program === program ? sections : [], longestPart);
  const usesErf = program.equations.some(({ primitive }) => primitive === "erf" || primitive === "erfc");
  const calls = (point: string, inputStride: string, outputStride: string, indent: string) =>
    functions.map(
      ({ name }) => `${indent}${name}(${point}, inputs, ${inputStride}, outputs, ${outputStride});`,
    );
  return [
    ...(usesErf ? [erfSource()] : []),
    ...(declarations.length > 0 ? [declarations.join("\n")] : []),
    ...functions.map(({ code }) => code),
    [RUN_DOC, `${exported}function run(inputs, outputs) {`, ...calls("0", "1", "1", "  "), "}"].join("\n"),
    [
      BATCH_DOC,
      `${exported}function runBatch(count, inputs, inputStride, outputs, outputStride) {`,
      "  for (let point = 0; point < count; point++) {",
      ...calls("point", "inputStride", "outputStride", "    "),
      "  }",
      "}",
    ].join("\n"),
  ].join("\n\n");
}

function straightLineCode(
  { program, results }: ScalarCode,
  names: Names,
  sections: readonly Section[],
  longestPart: number,
): PointCode {
  const statements = statementsOf(program, { language: javascript, names, results, sections });
  const { parts, slots } = partition(statements, longestPart);
  const scratch = `/** Values that pass from one part of the computation to a later one. */\nconst scratch = new Float64Array(${slots});`;
  return { declarations: slots > 0 ? [scratch] : [], functions: functionsOf(parts.map(partLines), names) };
}

/** The reference's own source, which refers to nothing outside itself. Bundlers may rename it, so it is bound to its name here. */
function erfSource(): string {
  return `const ${ERF} = ${erf.toString()};`;
}

const RUN_DOC =
  "/** Evaluates at one point: one number per input in `inputs`, one per entry in `outputs`. */";
const BATCH_DOC =
  "/** Evaluates at points 0 to count - 1; plane k of a side begins at k times its stride. */";

/**
 * One point of a batch, or the part of the work that `part` is. A function of its own rather than the body of the loop: V8 then optimises
 * it for single points and batches alike, at 4 % of the time of a batch.
 */
function partLines({ statements, loads, saves }: Part): string[] {
  return [
    ...loads.map((load) => `  const ${load.name} = scratch[${load.slot}];`),
    ...statements.map(line),
    ...saves.map((save) => `  scratch[${save.slot}] = ${save.name};`),
  ];
}

function line(statement: Statement): string {
  switch (statement.kind) {
    case "comment":
      return `\n  // ${oneLine(statement.text)}`;
    case "input":
      return `  const ${statement.name} = inputs[${planeIndex(statement.plane, "inputStride")}];`;
    case "const":
      return `  const ${statement.name} = ${statement.value.text};`;
    case "output":
      return `  outputs[${planeIndex(statement.plane, "outputStride")}] = ${statement.value.text}; // ${oneLine(statement.name)}`.trimEnd();
  }
}

function friendlyDoc({ name, inputs, outputs }: Program): string {
  return blockComment(`${name} at one point: ${inputs.length} inputs, ${outputs.length} outputs.`);
}

const DECLARATIONS = `${METADATA_DECLARATIONS}

${RUN_DOC}
export declare function run(inputs: ArrayLike<number>, outputs: Float64Array | Float32Array): void;

${BATCH_DOC}
export declare function runBatch(
  count: number,
  inputs: Float64Array | Float32Array,
  inputStride: number,
  outputs: Float64Array | Float32Array,
  outputStride: number,
): void;`;

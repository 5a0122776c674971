/** A Program as one self-contained C99 file and its header. */

import { operandType, type Program } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
import { entriesOf, inputCountOf, type KernelDType } from "../kernel.ts";
import { blockComment, oneLine } from "../straightline/comment.ts";
import { planeIndex } from "../straightline/planes.ts";
import { type Section, type Statement, statementsOf } from "../straightline/statements.ts";
import { type ScalarCode, scalarCode } from "../straightline/unroll.ts";
import { cTypes, functionsFor, laneName, OWN_FUNCTIONS } from "./functions.ts";
import { cLanguage } from "./language.ts";
import { cLoops } from "./loops.ts";
import { cNames } from "./names.ts";

export interface COptions {
  /** The type that it computes in: double for float64 (the default), float for float32. */
  readonly dtype?: KernelDType;
  /** Text of the comment at the top of both files, such as the certificate in brief. */
  readonly header?: string;
  /** Comments within the code, by the index of the equation that they stand before. */
  readonly sections?: readonly Section[];
  /** Programs on arrays are unrolled up to so many operations and entries, longer ones become loops; 4000 by default. */
  readonly longestUnrolled?: number;
}

/** Unrolled programs on arrays are vectorised over points, but at -O3 compilers take seconds for 4,000 operations. */
const LONGEST_UNROLLED = 4000;

export interface CFiles {
  /** The text of the .c file, which includes nothing but math.h and stddef.h. */
  readonly source: string;
  /** The text of the .h file. */
  readonly header: string;
}

/** Names that no value may take: parameters, and the functions that generated code calls. */
const OWN_NAMES = [
  ..."inputs outputs count input_stride output_stride point isfinite HAVE_LANES LANES".split(" "),
  ...OWN_FUNCTIONS,
  ..."acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh erf erfc exp exp2 expm1 fabs floor fmod hypot log log10 log1p log2 pow sin sinh sqrt tan tanh trunc"
    .split(" ")
    .flatMap((name) => [name, `${name}f`, laneName(name)]),
];

/** How a function addresses its arrays. */
interface Addressing {
  readonly lanes: boolean;
  input(plane: number): string;
  output(plane: number): string;
}

/**
 * Writes the C of a program NAME. It defines
 * - `NAME_run(inputs, outputs)`: one point, one number per input plane and output plane;
 * - `NAME_run_batch(count, inputs, input_stride, outputs, output_stride)`: points 0 to count - 1 of planes (see `Kernel`). The loop is free
 *   of branches and of dependencies between points, so that compilers vectorise it.
 *
 * Arithmetic is the interpreter's in the given precision, operation by operation; functions are those of math.h. Programs on arrays become straight-line code if they are
 * small; otherwise loops, and the vectors are then along those, not over points.
 */
export function emitC(program: Program, options: COptions = {}): CFiles {
  const { dtype = "float64", header, longestUnrolled = LONGEST_UNROLLED } = options;
  const name = cNames(OWN_NAMES).take(program.name);
  const { type } = cTypes[dtype];
  const top = header === undefined ? [] : [header, ""];
  const scalars = scalarCode(program, longestUnrolled);
  // Sections are by equation of the program as it is given.
  const sections = scalars === null || scalars.program === program ? (options.sections ?? []) : [];
  const { declarations, functions, reentrant } =
    scalars === null
      ? loopFunctions(program, name, { dtype, sections })
      : straightLineFunctions(scalars, name, { dtype, sections });
  const source = [
    blockComment([...top, ...ADVICE].join("\n")),
    "#include <math.h>\n#include <stddef.h>",
    CLANG,
    ...declarations,
    ...functionsFor(functions.join("\n"), dtype),
    ...functions,
  ];
  return { source: `${source.join("\n\n")}\n`, header: headerText(program, name, type, top, reentrant) };
}

/** What a file defines. */
interface FileParts {
  readonly declarations: readonly string[];
  readonly functions: readonly string[];
  /** Whether calls may run at the same time. */
  readonly reentrant: boolean;
}

interface PartOptions {
  readonly dtype: KernelDType;
  readonly sections: readonly Section[];
}

function straightLineFunctions(
  scalars: ScalarCode,
  name: string,
  { dtype, sections }: PartOptions,
): FileParts {
  const body = (addressing: Addressing, indent: string) =>
    bodyText(scalars, { dtype, sections, addressing, indent });
  const pointBody = body({ lanes: false, input: String, output: String }, "  ");
  const batchBody = body(
    {
      lanes: true,
      input: (plane) => planeIndex(plane, "input_stride"),
      output: (plane) => planeIndex(plane, "output_stride"),
    },
    "    ",
  );
  const usesInputs = pointBody.includes(" = inputs[");
  const functions = [
    [
      `${runSignature(name, dtype)} {`,
      ...unused(["inputs", usesInputs], ["outputs", pointBody.includes("  outputs[")]),
      pointBody,
      "}",
    ].join("\n"),
    [
      `${batchSignature(name, dtype)} {`,
      ...unused(
        ["inputs", usesInputs],
        ["input_stride", batchBody.includes("input_stride")],
        ["outputs", batchBody.includes("  outputs[")],
        ["output_stride", batchBody.includes("output_stride")],
      ),
      INDEPENDENT,
      "  for (size_t point = 0; point < count; point++) {",
      batchBody,
      "  }",
      "}",
    ].join("\n"),
  ];
  return { declarations: [], functions, reentrant: true };
}

/** One function for a point of planes, which the two others call. */
function loopFunctions(program: Program, name: string, { dtype, sections }: PartOptions): FileParts {
  const { type } = cTypes[dtype];
  const names = cNames([...OWN_NAMES, name]);
  const point = names.take(`${name}_point`);
  const { declarations, body, reentrant } = cLoops(program, { dtype, names, sections });
  const parameters = `const ${type} *restrict inputs, size_t input_stride, ${type} *restrict outputs, size_t output_stride`;
  const functions = [
    [
      `static void ${point}(${parameters}) {`,
      ...unused(
        ["inputs", body.includes(" = inputs[")],
        ["input_stride", body.includes("input_stride")],
        ["outputs", body.includes(" outputs[")],
        ["output_stride", body.includes("output_stride")],
      ),
      body,
      "}",
    ].join("\n"),
    `${runSignature(name, dtype)} {\n  ${point}(inputs, 1, outputs, 1);\n}`,
    [
      `${batchSignature(name, dtype)} {`,
      "  for (size_t point = 0; point < count; point++)",
      `    ${point}(inputs + point, input_stride, outputs + point, output_stride);`,
      "}",
    ].join("\n"),
  ];
  return { declarations, functions, reentrant };
}

function runSignature(name: string, dtype: KernelDType): string {
  const { type } = cTypes[dtype];
  return `void ${name}_run(const ${type} *restrict inputs, ${type} *restrict outputs)`;
}

function batchSignature(name: string, dtype: KernelDType): string {
  const { type } = cTypes[dtype];
  return `void ${name}_run_batch(size_t count, const ${type} *restrict inputs, size_t input_stride, ${type} *restrict outputs, size_t output_stride)`;
}

const ADVICE = [
  "Build with: cc -std=c99 -O3 -march=native -fno-math-errno -fno-trapping-math, link with -lm.",
  "With clang and glibc on x86-64 add -fveclib=libmvec: it has vector forms of sin, exp and others; gcc finds them by itself.",
  "Without the last two options compilers keep branches for errno and traps, and do not vectorise the loop over points.",
];

/** Clang says at every loop that it cannot vectorise, as where it has no vector form of a function, that it was asked to. */
const CLANG = `#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"
#endif`;

/** Planes do not overlap, whatever their strides: no point depends on another. */
const INDEPENDENT = `#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#elif defined(__GNUC__)
#pragma GCC ivdep
#endif`;

/** Casts that keep compilers from warning of parameters that this program does not need. */
function unused(...parameters: readonly (readonly [name: string, used: boolean])[]): string[] {
  return parameters.flatMap(([name, used]) => (used ? [] : [`  (void)${name};`]));
}

interface BodyOptions {
  readonly dtype: KernelDType;
  readonly sections: readonly Section[];
  readonly addressing: Addressing;
  readonly indent: string;
}

function bodyText(
  { program, results }: ScalarCode,
  { dtype, sections, addressing, indent }: BodyOptions,
): string {
  const statements = statementsOf(program, {
    language: cLanguage(dtype, addressing.lanes),
    names: cNames(OWN_NAMES),
    results,
    sections,
  });
  return statements.map((statement) => line(statement, cTypes[dtype].type, addressing, indent)).join("\n");
}

function line(statement: Statement, type: string, { input, output }: Addressing, indent: string): string {
  switch (statement.kind) {
    case "comment":
      return `\n${indent}// ${oneLine(statement.text)}`;
    case "input":
      return `${indent}const ${type} ${statement.name} = inputs[${input(statement.plane)}];`;
    case "const":
      return `${indent}const ${statement.value.boolean ? "int" : type} ${statement.name} = ${statement.value.text};`;
    case "output":
      return `${indent}outputs[${output(statement.plane)}] = ${statement.value.text}; // ${oneLine(statement.name)}`.trimEnd();
  }
}

function headerText(
  program: Program,
  name: string,
  type: string,
  top: readonly string[],
  reentrant: boolean,
): string {
  const guard = `${name.toUpperCase()}_H`;
  const [inputs, entries] = [inputCountOf(program), entriesOf(program)];
  const row = (plane: number, size: number, text: string) =>
    `  ${(size === 1 ? `${plane}` : `${plane}-${plane + size - 1}`).padStart(3)}  ${oneLine(text)}`;
  let plane = 0;
  const inputRows = program.inputs.flatMap(({ name: input, type: { shape } }) => {
    const size = sizeOf(shape);
    plane += size;
    return size === 0 ? [] : [row(plane - size, size, `${input}${shapeText(shape)}`)];
  });
  const outputRows = program.outputs.flatMap((output, index) => {
    const size = entries.filter((entry) => entry.output === index).length;
    const first = entries.findIndex((entry) => entry.output === index);
    const { shape } = operandType(program, output.operand);
    return size === 0 ? [] : [row(first, size, `${output.name}${shapeText(shape)} (output ${index})`)];
  });
  const about = [
    ...top,
    `Inputs, ${inputs} planes:`,
    ...inputRows,
    `Outputs, ${entries.length} planes of ${program.outputs.length} outputs; those that are always 0 have no plane:`,
    ...outputRows,
    ...(reentrant ? [] : ["", "Calls share static arrays: not more than one at a time."]),
  ];
  return `${blockComment(about.join("\n"))}
#ifndef ${guard}
#define ${guard}

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ${name}_inputs = ${inputs}, ${name}_outputs = ${entries.length} };

/* One point. The arrays must not overlap. */
void ${name}_run(const ${type} *inputs, ${type} *outputs);

/*
 * Points 0 to count - 1. Plane k of a side begins at element k * stride; strides are at least count and best an odd number of cache lines,
 * for with powers of two all planes fight for the same cache sets. Inputs and outputs must not overlap.
 */
void ${name}_run_batch(size_t count, const ${type} *inputs, size_t input_stride, ${type} *outputs, size_t output_stride);

#ifdef __cplusplus
}
#endif

#endif
`;
}

/** The shape of an array behind its name. */
function shapeText(shape: readonly number[]): string {
  return sizeOf(shape) === 1 ? "" : ` [${shape.join(", ")}]`;
}

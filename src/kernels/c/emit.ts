/** A Program as one self-contained C99 file and its header. */

import type { Program } from "../../program/program.ts";
import { entriesOf, type KernelDType } from "../kernel.ts";
import { blockComment, oneLine } from "../straightline/comment.ts";
import { checkScalars, planeIndex, planeResults } from "../straightline/planes.ts";
import { type Section, type Statement, statementsOf } from "../straightline/statements.ts";
import { cTypes, functionsFor, laneName, OWN_FUNCTIONS } from "./functions.ts";
import { cLanguage } from "./language.ts";
import { cNames } from "./names.ts";

export interface COptions {
  /** The type that it computes in: double for float64 (the default), float for float32. */
  readonly dtype?: KernelDType;
  /** Text of the comment at the top of both files, such as the certificate in brief. */
  readonly header?: string;
  /** Comments within the code, by the index of the equation that they stand before. */
  readonly sections?: readonly Section[];
}

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
 * Arithmetic is the interpreter's in the given precision, operation by operation; functions are those of math.h.
 *
 * @throws InputError if a value has more than one element
 */
export function emitC(program: Program, { dtype = "float64", header, sections = [] }: COptions = {}): CFiles {
  checkScalars(program, "C");
  const name = cNames(OWN_NAMES).take(program.name);
  const { type } = cTypes[dtype];
  const top = header === undefined ? [] : [header, ""];
  const body = (addressing: Addressing, indent: string) =>
    bodyText(program, { dtype, sections, addressing, indent });
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
  const source = [
    blockComment([...top, ...ADVICE].join("\n")),
    "#include <math.h>\n#include <stddef.h>",
    CLANG,
    ...functionsFor(`${pointBody}\n${batchBody}`, dtype),
    [
      `void ${name}_run(const ${type} *restrict inputs, ${type} *restrict outputs) {`,
      ...unused(["inputs", usesInputs], ["outputs", pointBody.includes("  outputs[")]),
      pointBody,
      "}",
    ].join("\n"),
    [
      `void ${name}_run_batch(size_t count, const ${type} *restrict inputs, size_t input_stride, ${type} *restrict outputs, size_t output_stride) {`,
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
  return { source: `${source.join("\n\n")}\n`, header: headerText(program, name, type, top) };
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

function bodyText(program: Program, { dtype, sections, addressing, indent }: BodyOptions): string {
  const statements = statementsOf(program, {
    language: cLanguage(dtype, addressing.lanes),
    names: cNames(OWN_NAMES),
    results: planeResults(program),
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

function headerText(program: Program, name: string, type: string, top: readonly string[]): string {
  const guard = `${name.toUpperCase()}_H`;
  const entries = entriesOf(program);
  const row = (plane: number, text: string) => `  ${String(plane).padStart(3)}  ${oneLine(text)}`;
  const about = [
    ...top,
    `Inputs, ${program.inputs.length} planes:`,
    ...program.inputs.map((input, plane) => row(plane, input.name)),
    `Outputs, ${entries.length} planes of ${program.outputs.length} outputs; those that are always 0 have no plane:`,
    ...entries.map(({ output }, plane) => row(plane, `${program.outputs[output]?.name} (output ${output})`)),
  ];
  return `${blockComment(about.join("\n"))}
#ifndef ${guard}
#define ${guard}

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ${name}_inputs = ${program.inputs.length}, ${name}_outputs = ${entries.length} };

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

/** The functions that generated C needs beside those of math.h, in the meaning of the reference. */

import type { KernelDType } from "../kernel.ts";
import type { UnaryFunction } from "../straightline/scalarRules.ts";

/** The C type of a dtype, and what the names of its mathematical functions end with. */
export const cTypes: { readonly [D in KernelDType]: { readonly type: string; readonly suffix: string } } = {
  float64: { type: "double", suffix: "" },
  float32: { type: "float", suffix: "f" },
};

/** A function by its name in a batch, where calls stand side by side in vector registers. */
export function laneName(name: string): string {
  return `lane_${name}`;
}

/** Functions of which glibc has vector forms on x86-64, and the minor version of glibc 2 since which it has. */
const VECTOR_FORMS: readonly {
  readonly since: number;
  readonly unary: readonly UnaryFunction[];
  readonly binary: readonly string[];
}[] = [
  { since: 22, unary: ["cos", "exp", "log", "sin"], binary: ["pow"] },
  {
    since: 35,
    unary: [
      "acos",
      "acosh",
      "asin",
      "asinh",
      "atan",
      "atanh",
      "cbrt",
      "cosh",
      "erf",
      "erfc",
      "exp2",
      "expm1",
      "log10",
      "log1p",
      "log2",
      "sinh",
      "tan",
      "tanh",
    ],
    binary: ["atan2", "hypot"],
  },
];

/** Whether a function goes by its `laneName` in a batch. */
export function hasVectorForm(name: string): boolean {
  return VECTOR_FORMS.some(({ unary, binary }) => [...unary, ...binary].includes(name));
}

/** Definitions of functions of our own; `real` stands for the type. */
const DEFINITIONS: { readonly [name: string]: string } = {
  sign: `static inline real sign(real x) {
  return x > 0 ? 1 : x < 0 ? -1 : x;
}`,
  // As in IEEE 754-2019: NaN if either is, and 0 is above -0. Equal zeros add up to the one that is wanted.
  maximum: `static inline real maximum(real x, real y) {
  const real equal = x == 0 ? x + y : x;
  return x == y ? equal : x > y || x != x ? x : y;
}`,
  minimum: `static inline real minimum(real x, real y) {
  const real equal = x == 0 ? -(-x - y) : x;
  return x == y ? equal : x < y || x != x ? x : y;
}`,
  power: power("power", "pow"),
  [laneName("power")]: power(laneName("power"), laneName("pow")),
};

/** Names of the functions of our own. */
export const OWN_FUNCTIONS = Object.keys(DEFINITIONS);

/** C's pow but for the powers of 1 and -1 with an exponent that is NaN or infinite: those are NaN. */
function power(name: string, pow: string): string {
  return `static inline real ${name}(real x, real y) {
  const real raised = ${pow}(x, y);
  return (x == 1 || x == -1) && y - y != 0 ? NAN : raised;
}`;
}

/** Declarations and definitions of what some code calls. */
export function functionsFor(code: string, dtype: KernelDType): string[] {
  const { type, suffix } = cTypes[dtype];
  const calls = (name: string, text: string) => new RegExp(`\\b${name}\\(`).test(text);
  const own = Object.entries(DEFINITIONS).flatMap(([name, definition]) =>
    calls(name, code)
      ? [definition.replaceAll(/\breal\b/g, type).replaceAll(/(?<=\W)pow\(/g, `pow${suffix}(`)]
      : [],
  );
  const all = [code, ...own].join("\n");
  const groups = VECTOR_FORMS.map(({ since, unary, binary }) => ({
    since,
    declarations: [
      ...unary.map((name) => ({ name: String(name), parameters: type })),
      ...binary.map((name) => ({ name, parameters: `${type}, ${type}` })),
    ].filter(({ name }) => calls(laneName(name), all)),
  })).filter(({ declarations }) => declarations.length > 0);
  if (groups.length === 0) return own;
  const direct = ({ name }: { readonly name: string }) => `#define ${laneName(name)} ${name}${suffix}`;
  const lanes = groups.flatMap(({ since, declarations }) => [
    `#if defined(HAVE_LANES) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= ${since})`,
    ...declarations.map(
      ({ name, parameters }) => `${type} ${laneName(name)}(${parameters}) LANES(${name}${suffix});`,
    ),
    "#else",
    ...declarations.map(direct),
    "#endif",
  ]);
  return [[LANES, ...lanes].join("\n"), ...own];
}

const LANES = `/*
 * In a batch, functions of which the C library has vector forms (glibc on x86-64, at most 4 ulp of error) are called by names of their own:
 * a compiler that knows them as sin and cos of one argument fuses the two into a call that has no vector form.
 */
#if defined(__GNUC__) && __GNUC__ >= 6 && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__) && defined(__OPTIMIZE__)
#define HAVE_LANES
#define LANES(function) __asm__(#function) __attribute__((const, simd("notinbranch")))
#endif`;

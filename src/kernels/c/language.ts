/** C as a language of straight-line code. */

import type { KernelDType } from "../kernel.ts";
import { call, comparison, conditional, literalText, Precedence } from "../straightline/expression.ts";
import { functionsAlike, scalarRules, type Vocabulary } from "../straightline/scalarRules.ts";
import type { Language } from "../straightline/statements.ts";
import { cTypes, hasVectorForm, laneName } from "./functions.ts";

/** C in one precision; `lanes` is for the body of a loop over points, see `functions.ts`. */
export function cLanguage(dtype: KernelDType, lanes: boolean): Language {
  const { suffix } = cTypes[dtype];
  const math = (name: string) => call(lanes && hasVectorForm(name) ? laneName(name) : `${name}${suffix}`);
  const number = (value: number) => literalText(numberText(value, dtype));
  const notEqual = comparison("!=", Precedence.equality);
  const vocabulary: Vocabulary = {
    number,
    numeric: (x) => (x.boolean ? conditional(x, number(1), number(0)) : x),
    condition: (x) => (x.boolean ? x : notEqual(x, number(0))),
    isFinite: (x) => ({ ...call("isfinite")(x), boolean: true }),
    unary: {
      ...functionsAlike(math),
      abs: math("fabs"),
      sign: call("sign"),
      exp2: math("exp2"),
      erf: math("erf"),
      erfc: math("erfc"),
    },
    binary: {
      rem: math("fmod"),
      pow: call(lanes ? laneName("power") : "power"),
      atan2: math("atan2"),
      hypot: math("hypot"),
      max: call("maximum"),
      min: call("minimum"),
    },
    comparisons: {
      eq: comparison("==", Precedence.equality),
      ne: notEqual,
      lt: comparison("<", Precedence.relational),
      le: comparison("<=", Precedence.relational),
      gt: comparison(">", Precedence.relational),
      ge: comparison(">=", Precedence.relational),
    },
    // Both cases are computed beforehand, so that a loop over points has no branches.
    select: (test, whenTrue, whenFalse, local) => conditional(test, local(whenTrue), local(whenFalse)),
  };
  return {
    rules: scalarRules(vocabulary),
    literal: ({ value }) => number(value),
    result: vocabulary.numeric,
  };
}

/** The shortest constant of a dtype that reads as the value, rounded to it. */
function numberText(value: number, dtype: KernelDType): string {
  const rounded = dtype === "float32" ? Math.fround(value) : value;
  if (Number.isNaN(rounded)) return "NAN";
  const sign = rounded < 0 || Object.is(rounded, -0) ? "-" : "";
  const magnitude = Math.abs(rounded);
  if (magnitude === Infinity) return `${sign}INFINITY`;
  const digits = dtype === "float32" ? shortestFloat(magnitude) : String(magnitude);
  return `${sign}${/[.e]/.test(digits) ? digits : `${digits}.0`}${cTypes[dtype].suffix}`;
}

/** Nine digits tell every float32 from its neighbours; most need fewer. */
function shortestFloat(value: number): string {
  for (let precision = 1; precision < 9; precision++) {
    const near = Number(value.toPrecision(precision));
    if (Math.fround(near) === value) return String(near);
  }
  return String(Number(value.toPrecision(9)));
}

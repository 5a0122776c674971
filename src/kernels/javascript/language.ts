/**
 * JavaScript as a language of straight-line code. Its functions are those that the reference evaluation calls, so a kernel equals the
 * interpreter to the bit.
 */

import {
  call,
  comparison,
  compound,
  conditional,
  type Expression,
  literalText,
  operator,
  Precedence,
  parenthesised,
} from "../straightline/expression.ts";
import { functionsAlike, scalarRules, type Vocabulary } from "../straightline/scalarRules.ts";
import type { Language } from "../straightline/statements.ts";

/** The name under which the source of `erf` stands in modules that need it. */
export const ERF = "erf";

const math = (name: keyof Math) => call(`Math.${String(name)}`);
const erf = call(ERF);
const TRUE = literalText("true");

/** A number; the sign of zero, infinities and NaN included. */
function number(value: number): Expression {
  return literalText(Object.is(value, -0) ? "-0" : String(value));
}

/** `x ** y`: associates to the right, and its base may not be a signed number. */
function power(x: Expression, y: Expression): Expression {
  const text = `${parenthesised(x, Precedence.call)} ** ${parenthesised(y, Precedence.power)}`;
  return compound(text, Precedence.power, [x, y]);
}

const notEqual = comparison("!==", Precedence.equality);

const vocabulary: Vocabulary = {
  number,
  numeric: (x) => (x.boolean ? conditional(x, number(1), number(0)) : x),
  condition: (x) => (x.boolean ? x : notEqual(x, number(0))),
  isFinite: (x) => ({ ...call("Number.isFinite")(x), boolean: true }),
  unary: {
    ...functionsAlike(math),
    abs: math("abs"),
    sign: math("sign"),
    exp2: (x) => power(number(2), x),
    erf,
    erfc: (x) => erf(x, TRUE),
  },
  binary: {
    rem: operator("%", Precedence.multiplicative),
    pow: power,
    atan2: math("atan2"),
    hypot: math("hypot"),
    max: math("max"),
    min: math("min"),
  },
  comparisons: {
    eq: comparison("===", Precedence.equality),
    ne: notEqual,
    lt: comparison("<", Precedence.relational),
    le: comparison("<=", Precedence.relational),
    gt: comparison(">", Precedence.relational),
    ge: comparison(">=", Precedence.relational),
  },
  // Only the case that holds is computed.
  select: conditional,
};

export const javascript: Language = {
  rules: scalarRules(vocabulary),
  literal: ({ value }) => number(value),
  result: vocabulary.numeric,
};

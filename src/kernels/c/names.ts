/** Names in generated C. */

import { Names } from "../straightline/names.ts";

/** Keywords, macros of the headers that generated code includes, and those that compilers define without a leading underscore. */
const RESERVED = [
  ..."auto break case char const continue default do double else enum extern float for goto if inline int long register".split(
    " ",
  ),
  ..."restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof".split(
    " ",
  ),
  ..."NAN INFINITY HUGE HUGE_VAL HUGE_VALF HUGE_VALL MAXFLOAT MATH_ERRNO MATH_ERREXCEPT math_errhandling NULL".split(
    " ",
  ),
  ..."DOMAIN SING OVERFLOW UNDERFLOW PLOSS TLOSS X_TLOSS signgam linux unix i386 size_t main".split(" "),
];

/** A scope of C. */
export function cNames(taken: Iterable<string> = []): Names {
  return new Names(identifier, [...RESERVED, ...taken]);
}

/**
 * The text with everything that a C99 identifier cannot hold in every compiler made `_`. Names that begin with an underscore or, as math.h's
 * constants, with M_ or FP_ get a letter before them.
 */
function identifier(text: string): string {
  const cleaned = text.replace(/[^A-Za-z0-9_]/g, "_");
  return /^(?![A-Za-z])|^(M|FP)_/.test(cleaned) ? `v${cleaned}` : cleaned;
}

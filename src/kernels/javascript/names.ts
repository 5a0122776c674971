/** Names in generated JavaScript. */

import { Names } from "../straightline/names.ts";

/** Words that a module's code may not bind, and the globals that generated code uses. */
const RESERVED = [
  ..."arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally".split(
    " ",
  ),
  ..."for function if implements import in instanceof interface let new null package private protected public return static".split(
    " ",
  ),
  ..."super switch this throw true try typeof var void while with yield undefined NaN Infinity Math Number Float64Array".split(
    " ",
  ),
];

/** A scope of JavaScript. */
export function javascriptNames(taken: Iterable<string> = []): Names {
  return new Names(identifier, [...RESERVED, ...taken]);
}

/** The text with everything that an identifier cannot hold made `_`. */
function identifier(text: string): string {
  const cleaned = text.replace(/[^\p{ID_Continue}$]/gu, "_");
  return /^[\p{ID_Start}$_]/u.test(cleaned) ? cleaned : `_${cleaned}`;
}

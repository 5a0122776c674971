/** Names in generated Python. */

import { Names } from "../straightline/names.ts";

/** Keywords, and the built-in names that generated code uses. */
const RESERVED = [
  ..."False None True and as assert async await break class continue def del elif else except finally for from global".split(
    " ",
  ),
  ..."if import in is lambda nonlocal not or pass raise return try while with yield float int TypeError".split(
    " ",
  ),
];

/** A scope of Python. */
export function pythonNames(taken: Iterable<string> = []): Names {
  return new Names(identifier, [...RESERVED, ...taken]);
}

/** The text in the normal form in which Python compares identifiers, with everything that they cannot hold made `_`. */
function identifier(text: string): string {
  const cleaned = text.normalize("NFKC").replace(/\P{XID_Continue}/gu, "_");
  return /^[\p{XID_Start}_]/u.test(cleaned) ? cleaned : `_${cleaned}`;
}

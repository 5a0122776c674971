/**
 * The lexer of jaxpr text. Every text has tokens, so nothing is thrown here; what makes no sense is found by the parser.
 *
 * White space is kept only as far as the grammar needs it: JAX separates equations by new lines, and wraps long ones.
 */

import type { Place } from "../../errors.ts";

/**
 * A token. `number` is a Python number (`-1`, `1e-07`, `-inf`), `malformed` one with letters stuck to it (`1j`, `0x7f`), `mark` a
 * single other character; the last token is `end`.
 */
export interface Token {
  readonly kind: "name" | "number" | "malformed" | "string" | "mark" | "end";
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** Whether it is the first token on its line. */
  readonly first: boolean;
  /** Offsets in the text, the end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** The sequences that colour the text in terminals begin with it. */
const ESCAPE = String.fromCharCode(27);

/** Blanks, comments (JAX prints source places as such), colours. */
const SKIPPED = new RegExp(`(?:[ \\t\\r\\f\\v]|#[^\\n]*|${ESCAPE}\\[[0-9;]*m)+`, "y");

/** One pattern per kind, tried in this order. */
const PATTERNS: readonly (readonly [Token["kind"], RegExp])[] = [
  // JAX prints a dash in the names of its scatters alone.
  ["name", /scatter-\w+|[A-Za-z_]\w*/y],
  ["number", /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])|-(?:inf|nan)(?!\w)/y],
  ["malformed", /-?\.?\d[\w.]*/y],
  ["string", /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/y],
  ["mark", /./suy],
];

/** The tokens of a text, the last one of kind `end`. O(length) time. */
export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let [line, lineStart, first] = [1, 0, true];
  const push = (kind: Token["kind"], start: number, end: number) => {
    tokens.push({
      kind,
      text: text.slice(start, end),
      line,
      column: start - lineStart + 1,
      first,
      start,
      end,
    });
    first = false;
  };
  const matchEnd = (pattern: RegExp, position: number): number | undefined => {
    pattern.lastIndex = position;
    return pattern.test(text) ? pattern.lastIndex : undefined;
  };
  for (let position = 0; position < text.length; ) {
    if (text[position] === "\n") {
      position++;
      [line, lineStart, first] = [line + 1, position, true];
      continue;
    }
    const blankEnd = matchEnd(SKIPPED, position);
    if (blankEnd !== undefined) {
      position = blankEnd;
      continue;
    }
    for (const [kind, pattern] of PATTERNS) {
      const end = matchEnd(pattern, position);
      if (end === undefined) continue;
      push(kind, position, end);
      position = end;
      break;
    }
  }
  push("end", text.length, text.length);
  return tokens;
}

/** Where a token stands, for an error about it. */
export function placeOf(token: Token, source: string | undefined): Place {
  const { line, column } = token;
  return source === undefined ? { line, column } : { source, line, column };
}

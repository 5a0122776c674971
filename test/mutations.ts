/** Damage to texts, for tests that any damage is met by a clear error. */

import fc from "fast-check";

/** Where and how a text is to be damaged; `position` is taken modulo its length. */
export interface Mutation {
  readonly position: number;
  readonly kind: "replace" | "delete" | "insert" | "truncate" | "repeat";
  readonly character: string;
}

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  position: fc.nat(),
  kind: fc.constantFrom(
    "replace" as const,
    "delete" as const,
    "insert" as const,
    "truncate" as const,
    "repeat" as const,
  ),
  character: fc.oneof(
    fc.constantFrom(..."0123456789-+.eE:=,[]{}()\"'\\%# \n\tNaxtruef_$"),
    fc.string({ minLength: 1, maxLength: 1 }),
  ),
});

/** The text with one place damaged. */
export function mutate(text: string, { position, kind, character }: Mutation): string {
  const at = position % Math.max(1, text.length);
  const [before, after] = [text.slice(0, at), text.slice(at + 1)];
  switch (kind) {
    case "replace":
      return before + character + after;
    case "delete":
      return before + after;
    case "insert":
      return before + character + text.slice(at);
    case "truncate":
      return before;
    case "repeat":
      return text.slice(0, at + 20) + text.slice(at);
  }
}

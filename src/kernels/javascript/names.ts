/** Names in generated JavaScript: valid identifiers, each given once, as close to the source's as can be. */

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

/** A scope that hands out each identifier once. */
export class Names {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  /** @param taken identifiers of the surrounding code that the scope must not shadow */
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set([...RESERVED, ...taken]);
  }

  /** `wanted` if it is an identifier and free, otherwise the nearest that is: `sum`, `sum_2`, `sum_3`. */
  take(wanted: string): string {
    const base = identifier(wanted);
    if (!this.#taken.has(base)) {
      this.#taken.add(base);
      return base;
    }
    let number = this.#next.get(base) ?? 2;
    while (this.#taken.has(`${base}_${number}`)) number++;
    this.#next.set(base, number + 1);
    this.#taken.add(`${base}_${number}`);
    return `${base}_${number}`;
  }
}

/** The text with everything that an identifier cannot hold made `_`. */
function identifier(text: string): string {
  const cleaned = text.replace(/[^\p{ID_Continue}$]/gu, "_");
  return /^[\p{ID_Start}$_]/u.test(cleaned) ? cleaned : `_${cleaned}`;
}

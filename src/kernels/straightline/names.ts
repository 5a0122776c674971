/** Names in generated code: valid identifiers of its language, each given once, as close to the source's as can be. */

/** A scope that hands out each identifier once. */
export class Names {
  readonly #identifier: (text: string) => string;
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();

  /**
   * @param identifier makes any text an identifier of the language
   * @param taken words of the language and identifiers of the surrounding code that the scope must not shadow
   */
  constructor(identifier: (text: string) => string, taken: Iterable<string>) {
    this.#identifier = identifier;
    this.#taken = new Set(taken);
  }

  /** `wanted` if it is an identifier and free, otherwise the nearest that is: `sum`, `sum_2`, `sum_3`. */
  take(wanted: string): string {
    const base = this.#identifier(wanted);
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

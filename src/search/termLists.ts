/**
 * The lists of terms that edges of a graph have, each interned as a number, and tables of what products and sums of them are (`graph/weights.ts` says), each
 * computed when it is first needed.
 */

import type { EdgeAlgebra } from "../graph/elimination.ts";
import type { ComputationalGraph } from "../graph/graph.ts";
import { type Weight, weightAlgebra } from "../graph/weights.ts";

/** Lists of terms as numbers; 0 is the empty list, no edge. */
export class TermLists {
  readonly #lists: (readonly Weight[])[] = [[]];
  readonly #numberOf = new Map<string, number>([["", 0]]);
  readonly #count = { products: 0, constants: 0 };
  readonly #algebra: EdgeAlgebra<Weight> = weightAlgebra("multiplications", this.#count);
  /** Numbers below this have a place in the tables, at row * capacity + column. */
  capacity = 64;
  /** For each pair (outgoing, incoming) the number of the list of products plus 1, and its cost; 0 where it is not known yet. */
  products = new Int32Array(2 * this.capacity ** 2);
  /** For each pair (present, added) the number of the sum plus 1; 0 where it is not known yet. */
  sums = new Int32Array(this.capacity ** 2);

  /** The number of the terms of an original edge. */
  edge(terms: ComputationalGraph["edges"][number]["terms"]): number {
    return this.#intern(terms.map((term) => this.#algebra.term(term)));
  }

  /** Computes the products of a pair of lists and enters them. */
  enterProduct(outgoing: number, incoming: number): void {
    this.#count.products = 0;
    const terms = (this.#lists[outgoing] ?? []).flatMap((outer) =>
      (this.#lists[incoming] ?? []).flatMap((inner) => this.#algebra.product(outer, inner) ?? []),
    );
    const cost = this.#count.products;
    const result = this.#intern(terms);
    const place = 2 * (outgoing * this.capacity + incoming);
    this.products[place] = result + 1;
    this.products[place + 1] = cost;
  }

  /** Computes the sum of two lists and enters it. */
  enterSum(present: number, added: number): void {
    const terms = (this.#lists[added] ?? []).reduce(
      (sum, term) => this.#algebra.sum(sum, term),
      this.#lists[present] ?? [],
    );
    const result = this.#intern(terms);
    this.sums[present * this.capacity + added] = result + 1;
  }

  #intern(terms: readonly Weight[]): number {
    const key = terms
      .map(({ key, labels, value }) => `${key}:${value.kind === "constant" ? value.constant : labels}`)
      .join(";");
    let number = this.#numberOf.get(key);
    if (number === undefined) {
      number = this.#lists.push(terms) - 1;
      this.#numberOf.set(key, number);
      if (number >= this.capacity) this.#grow();
    }
    return number;
  }

  #grow(): void {
    const before = this.capacity;
    this.capacity *= 2;
    const products = new Int32Array(2 * this.capacity ** 2);
    const sums = new Int32Array(this.capacity ** 2);
    for (let row = 0; row < before; row++) {
      products.set(this.products.subarray(2 * row * before, 2 * (row + 1) * before), 2 * row * this.capacity);
      sums.set(this.sums.subarray(row * before, (row + 1) * before), row * this.capacity);
    }
    this.products = products;
    this.sums = sums;
  }
}

/**
 * What the edges of a sparse graph carry: an integer code each, and what products and sums of codes are. One arithmetic for each count; the
 * plain edge algebras of `graph/` (`weights.ts`, `values.ts`) define what they compute.
 */

import type { ComputationalGraph, EdgeTerm } from "../../graph/graph.ts";
import { NodeTable } from "../nodeTable.ts";
import { TermLists } from "../termLists.ts";

/** The edge algebra on codes; 0 is no edge. */
export interface Arithmetic {
  /** Forgets all that was multiplied and added: codes of sums and products are void. A table keeps its size, which is half the work of making one. */
  restart(): void;
  code(terms: readonly EdgeTerm[]): number;
  /** Of two codes that are not 0. */
  product(outgoing: number, incoming: number): number;
  /** Of what is there, 0 if there is no edge, and a code that is not 0. */
  sum(present: number, added: number): number;
  /** Whether products with this edge are counted. */
  isCounted(code: number): boolean;
  /** What a product costs; absent where it is 1 if both are counted. */
  cost?(outgoing: number, incoming: number): number;
}

/** Codes in `multiplications`: bit 1 is set where a product with the edge is counted. */
const STRUCTURE = 1;
const COUNTED = 3;

/** `multiplications`: a product or sum is counted if one of its parts is. Pure structure is the constant 1 throughout (see `engine.ts`). */
export const multiplicationsArithmetic: Arithmetic = {
  restart: () => {},
  code: ([term]) => (term === undefined ? 0 : term.counted === null ? STRUCTURE : COUNTED),
  product: (outgoing, incoming) => outgoing | incoming,
  sum: (present, added) => present | added,
  isCounted: (code) => code === COUNTED,
};

const VALUES = 1;

/**
 * `multiplications` and `nontrivial` in one: twice a code of the latter, plus 1 where products with the edge count in the former. An edge is not known (1) or
 * a known constant (from 2 on), or 0 where constants have cancelled, which only `nontrivial` heeds. Counts the products of `nontrivial`.
 */
export class WeightsArithmetic implements Arithmetic {
  /** Products of two values that are not known constants. */
  products = 0;
  /** Products of such a value by a constant other than +1 and -1. */
  constants = 0;
  /** Constants by code - 2. */
  readonly #constants: number[] = [];
  readonly #codes = new Map<number, number>();

  restart(): void {
    this.products = this.constants = 0;
  }

  code([term]: readonly EdgeTerm[]): number {
    if (term === undefined) return 0;
    const { counted, value } = term;
    if (counted === null) return 2 * this.#codeOf(value.kind === "constant" ? value.constant : 1);
    return 2 * (value.kind === "constant" ? this.#codeOf(value.constant) : VALUES) + 1;
  }

  product(outgoing: number, incoming: number): number {
    return 2 * this.#product(outgoing >> 1, incoming >> 1) + ((outgoing | incoming) & 1);
  }

  sum(present: number, added: number): number {
    return 2 * this.#sum(present >> 1, added >> 1) + ((present | added) & 1);
  }

  isCounted(code: number): boolean {
    return (code & 1) === 1;
  }

  #product(outgoing: number, incoming: number): number {
    if (outgoing === 0 || incoming === 0) return 0;
    if (outgoing === VALUES && incoming === VALUES) this.products++;
    else if (outgoing === VALUES || incoming === VALUES) {
      if (Math.abs(this.#constantOf(outgoing === VALUES ? incoming : outgoing)) !== 1) this.constants++;
    } else return this.#codeOf(this.#constantOf(outgoing) * this.#constantOf(incoming));
    return VALUES;
  }

  #sum(present: number, added: number): number {
    if (present === 0 || added === 0) return present + added;
    if (present === VALUES || added === VALUES) return VALUES;
    const constant = this.#constantOf(present) + this.#constantOf(added);
    return constant === 0 ? 0 : this.#codeOf(constant);
  }

  /** The plain count keeps edges that are the constant 0 from the start, so they have a code of their own. */
  #codeOf(constant: number): number {
    let code = this.#codes.get(constant);
    if (code === undefined) {
      code = this.#constants.push(constant) + 1;
      this.#codes.set(constant, code);
    }
    return code;
  }

  #constantOf(code: number): number {
    return this.#constants[code - 2] ?? 0;
  }
}

/** `operations`: value numbers of products and sums; what was created is what was computed. */
export class OperationsArithmetic implements Arithmetic {
  readonly table: NodeTable;

  /** @param expected products and sums that there is to be room for at once */
  constructor(graph: ComputationalGraph, expected = 0) {
    this.table = new NodeTable(graph, expected);
  }

  restart(): void {
    this.table.removeDownTo(0);
  }

  code([term]: readonly EdgeTerm[]): number {
    return term === undefined ? 0 : this.table.code(term.value);
  }

  product(outgoing: number, incoming: number): number {
    return this.table.product(outgoing, incoming);
  }

  sum(present: number, added: number): number {
    return this.table.sum(present, added);
  }

  isCounted(): boolean {
    return true;
  }
}

/** Tables of more lists than this would fill memory. */
const MOST_LISTS = 2048;

/** `multiplications` of array-valued graphs: numbered lists of terms. */
export class ListArithmetic implements Arithmetic {
  readonly #lists = new TermLists();

  /** Lists stay: they are what they are, whatever was multiplied. */
  restart(): void {}

  /** Whether there are too many different lists to go on. */
  get isFull(): boolean {
    return this.#lists.capacity > MOST_LISTS;
  }

  code(terms: readonly EdgeTerm[]): number {
    return this.#lists.edge(terms);
  }

  product(outgoing: number, incoming: number): number {
    const place = this.#placeOf(outgoing, incoming);
    return (this.#lists.products[place] as number) - 1;
  }

  sum(present: number, added: number): number {
    const lists = this.#lists;
    if (lists.sums[present * lists.capacity + added] === 0) lists.enterSum(present, added);
    return (lists.sums[present * lists.capacity + added] as number) - 1;
  }

  isCounted(): boolean {
    return true;
  }

  cost(outgoing: number, incoming: number): number {
    const place = this.#placeOf(outgoing, incoming);
    return this.#lists.products[place + 1] as number;
  }

  /** Where the tables have the product; they may be others than before. */
  #placeOf(outgoing: number, incoming: number): number {
    const lists = this.#lists;
    if (lists.products[2 * (outgoing * lists.capacity + incoming)] === 0)
      lists.enterProduct(outgoing, incoming);
    return 2 * (outgoing * lists.capacity + incoming);
  }
}

/**
 * What the edges carry in the course of an elimination: an integer code each, and what products and sums of codes are and cost. One kind for each count;
 * what values are and what making them costs is the cost model's business (`graph/weights.ts`, `graph/values.ts`).
 */

import type { ComputationalGraph, EdgeTerm } from "../../graph/graph.ts";
import { NodeTable, ZERO } from "../nodeTable.ts";
import { TermLists } from "../termLists.ts";

/** Values of edges as integers; 0 is no edge. */
export interface EdgeValues {
  /** Of an original edge. */
  code(terms: readonly EdgeTerm[]): number;
  product(outgoing: number, incoming: number): number;
  /** Of what is there, 0 if there is no edge, and a product that is not 0. */
  sum(present: number, added: number): number;
  /** What all products and sums cost. */
  made(): number;
  /** Back to where they cost this. */
  unmake(made: number): void;
  /** What those cost that these codes need. */
  needed(left: Iterable<number>): number;
  /** Whether what a product or a sum costs depends on its operands alone. */
  readonly isLocal: boolean;
}

const STRUCTURE = 1;
const COUNTED = 3;

/** `multiplications` of scalar graphs: products of two counted edges cost. */
export function weightValues(): EdgeValues {
  let products = 0;
  return {
    isLocal: true,
    code: ([term]) => (term === undefined ? ZERO : term.counted === null ? STRUCTURE : COUNTED),
    product(outgoing, incoming) {
      products += (outgoing & incoming) >> 1;
      return outgoing | incoming;
    },
    sum: (present, added) => present | added,
    made: () => products,
    unmake(made) {
      products = made;
    },
    needed: () => products,
  };
}

/** `operations` of scalar graphs: numbered values. */
export function numberedValues(graph: ComputationalGraph): EdgeValues {
  const table = new NodeTable(graph);
  return {
    isLocal: false,
    code: ([term]) => (term === undefined ? ZERO : table.code(term.value)),
    product: (a, b) => (a === ZERO || b === ZERO ? ZERO : table.product(a, b)),
    sum: (a, b) => table.sum(a, b),
    made: () => table.created,
    unmake: (made) => table.removeDownTo(made),
    needed: (left) => table.live(left),
  };
}

/** `multiplications` of any graph: numbered lists of terms. */
export function listValues(): EdgeValues {
  const lists = new TermLists();
  let products = 0;
  return {
    isLocal: true,
    code: (terms) => lists.edge(terms),
    product(outgoing, incoming) {
      let place = 2 * (outgoing * lists.capacity + incoming);
      if (lists.products[place] === 0) {
        lists.enterProduct(outgoing, incoming);
        place = 2 * (outgoing * lists.capacity + incoming);
      }
      products += lists.products[place + 1] as number;
      return (lists.products[place] as number) - 1;
    },
    sum(present, added) {
      if (lists.sums[present * lists.capacity + added] === 0) lists.enterSum(present, added);
      return (lists.sums[present * lists.capacity + added] as number) - 1;
    },
    made: () => products,
    unmake(made) {
      products = made;
    },
    needed: () => products,
  };
}

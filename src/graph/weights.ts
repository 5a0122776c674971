/**
 * The two counts that a graph's structure alone determines, as an edge algebra that counts while it multiplies.
 *
 * `multiplications` is the paper's convention (Lohoff & Neftci 2024): every product of two local partials costs, +1 and -1 included; only
 * pure structure is free. `nontrivial` counts products of two values that are not known constants; a constant other than +1 and -1
 * times a value is counted apart.
 */

import { structureKey } from "../structure/structure.ts";
import type { EdgeAlgebra } from "./elimination.ts";
import type { EdgeTerm } from "./graph.ts";
import { addTerm, productOfTerms, type Term, type ValueOperations } from "./terms.ts";

/** Which convention decides what a value is. */
export type Accounting = "multiplications" | "nontrivial";

/** A value as the counts see it: data, or a known constant. */
export type WeightValue =
  | { readonly kind: "values" }
  | { readonly kind: "constant"; readonly constant: number };

/** A term as the counts see it. */
export type Weight = Term<WeightValue>;

/** Products of two values, and apart from them products of a value by a constant other than +1 and -1. */
export interface WeightCount {
  products: number;
  constants: number;
}

/** The algebra of weights under an accounting; every product adds what it costs to `count`. */
export function weightAlgebra(accounting: Accounting, count: WeightCount): EdgeAlgebra<Weight> {
  const operations = weightOperations(count);
  return {
    term: (term) => weightOf(term, accounting),
    product: (outgoing, incoming) => productOfTerms(outgoing, incoming, operations),
    sum: (terms, term) => addTerm(terms, term, operations),
  };
}

function weightOf({ structure, counted, value }: EdgeTerm, accounting: Accounting): Weight {
  const key = structureKey(structure);
  const constant: WeightValue = value.kind === "constant" ? value : { kind: "constant", constant: 1 };
  if (counted === null || (accounting === "nontrivial" && value.kind === "constant"))
    return { structure, key, labels: [], value: constant };
  return { structure, key, labels: [...counted].sort((a, b) => a - b), value: VALUES };
}

const VALUES: WeightValue = { kind: "values" };

function weightOperations(count: WeightCount): ValueOperations<WeightValue> {
  return {
    isConstant: ({ kind }) => kind === "constant",
    rearranged: () => VALUES,
    sum(left, right) {
      if (left.kind !== "constant" || right.kind !== "constant") return VALUES;
      const constant = left.constant + right.constant;
      return constant === 0 ? null : { kind: "constant", constant };
    },
    contraction(left, right, factor, { left: leftAxes, right: rightAxes, extents }) {
      if (left.kind === "constant" && right.kind === "constant")
        return { kind: "constant", constant: left.constant * right.constant * factor };
      let size = 1;
      for (const group of leftAxes) size *= extents[group] ?? 1;
      for (const group of rightAxes) if (!leftAxes.includes(group)) size *= extents[group] ?? 1;
      if (left.kind === "values" && right.kind === "values") count.products += size;
      else {
        const constant =
          left.kind === "constant" ? left.constant : right.kind === "constant" ? right.constant : 1;
        if (Math.abs(constant * factor) !== 1) count.constants += size;
      }
      return VALUES;
    },
  };
}

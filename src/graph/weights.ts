/**
 * The two counts that a graph's structure alone determines, as an edge algebra that counts while it multiplies.
 *
 * `multiplications` is the paper's convention (Lohoff & Neftci 2024): every product of two local partials costs, +1 and -1 included; only
 * pure structure is free. `nontrivial` counts products of two values that are not known constants; a constant other than +1 and -1
 * times a value is counted apart.
 */

import { compose, disjoint, type Placement, type Structure, structureKey } from "../structure/structure.ts";
import { type Embedding, join } from "../structure/sum.ts";
import type { EdgeAlgebra } from "./elimination.ts";
import type { EdgeTerm } from "./graph.ts";

/** Which convention decides what a value is. */
export type Accounting = "multiplications" | "nontrivial";

/** A term as the counts see it: values over some labels, or a known constant. */
export interface Weight {
  readonly structure: Structure;
  readonly key: string;
  readonly content:
    | { readonly kind: "values"; readonly labels: readonly number[] }
    | { readonly kind: "constant"; readonly constant: number };
}

/** Products of two values, and apart from them products of a value by a constant other than +1 and -1. */
export interface WeightCount {
  products: number;
  constants: number;
}

/** The algebra of weights under an accounting; every product adds what it costs to `count`. */
export function weightAlgebra(accounting: Accounting, count: WeightCount): EdgeAlgebra<Weight> {
  return {
    term: (term) => weightOf(term, accounting),
    product: (outgoing, incoming) => product(outgoing, incoming, count),
    sum,
  };
}

function weightOf({ structure, counted, value }: EdgeTerm, accounting: Accounting): Weight {
  const key = structureKey(structure);
  if (counted === null)
    return {
      structure,
      key,
      content: { kind: "constant", constant: value.kind === "constant" ? value.constant : 1 },
    };
  if (accounting === "nontrivial" && value.kind === "constant") return { structure, key, content: value };
  return { structure, key, content: { kind: "values", labels: counted } };
}

function product(outgoing: Weight, incoming: Weight, count: WeightCount): Weight | null {
  const meeting = compose(outgoing.structure, incoming.structure);
  if (meeting === null) return null;
  const classes = (weight: Weight, of: readonly Placement[]): Set<number> => {
    const labels = weight.content.kind === "values" ? weight.content.labels : [];
    return new Set(labels.map((label) => of[label]?.class ?? null).filter((group) => group !== null));
  };
  const left = classes(outgoing, meeting.left);
  const right = classes(incoming, meeting.right);
  // A contracted label that only one side's values depend on is summed before the product; one that neither depends on is a factor.
  let factor = 1;
  meeting.kept.forEach((label, group) => {
    if (label !== null || (left.has(group) && right.has(group))) return;
    if (!left.delete(group) && !right.delete(group)) factor *= meeting.extents[group] ?? 1;
  });
  const union = new Set([...left, ...right]);
  const extent = (groups: Iterable<number>) =>
    [...groups].reduce((size, group) => size * (meeting.extents[group] ?? 1), 1);
  const labels = [...union]
    .map((group) => meeting.kept[group] ?? null)
    .filter((label) => label !== null)
    .sort((a, b) => a - b);
  const { structure } = meeting;
  const values: Weight = { structure, key: structureKey(structure), content: { kind: "values", labels } };
  const [a, b] = [outgoing.content, incoming.content];
  if (a.kind === "constant" && b.kind === "constant")
    return { ...values, content: { kind: "constant", constant: a.constant * b.constant * factor } };
  if (a.kind === "values" && b.kind === "values") {
    count.products += extent(union);
    return values;
  }
  const constant = (a.kind === "constant" ? a.constant : b.kind === "constant" ? b.constant : 1) * factor;
  if (Math.abs(constant) !== 1) count.constants += extent(union);
  return values;
}

/** Terms of one structure become one; terms that overlap are joined, which may make them overlap with others. */
function sum(terms: readonly Weight[], term: Weight): readonly Weight[] {
  const same = terms.findIndex(({ key }) => key === term.key);
  const present = terms[same];
  if (present !== undefined) {
    const content = added(present.content, term.content);
    return content === null ? terms.toSpliced(same, 1) : terms.with(same, { ...term, content });
  }
  const overlapping = terms.findIndex(({ structure }) => !disjoint(structure, term.structure));
  const other = terms[overlapping];
  return other === undefined ? [...terms, term] : sum(terms.toSpliced(overlapping, 1), joined(other, term));
}

/** The sum of two contents under one structure; null if it is zero. */
function added(a: Weight["content"], b: Weight["content"]): Weight["content"] | null {
  if (a.kind === "constant" && b.kind === "constant") {
    const constant = a.constant + b.constant;
    return constant === 0 ? null : { kind: "constant", constant };
  }
  return { kind: "values", labels: union(labelsOf(a), labelsOf(b)) };
}

function joined(a: Weight, b: Weight): Weight {
  const { structure, left, right } = join(a.structure, b.structure);
  const labels = union(embedded(a, left), embedded(b, right));
  return { structure, key: structureKey(structure), content: { kind: "values", labels } };
}

/** The labels of a join on which a term that is embedded into it depends. */
function embedded({ content }: Weight, { structure, depends }: Embedding): number[] {
  const own = new Set(labelsOf(content));
  return structure.out.flatMap(({ label }, position) =>
    depends[position] || (label !== null && own.has(label)) ? [position] : [],
  );
}

function labelsOf(content: Weight["content"]): readonly number[] {
  return content.kind === "values" ? content.labels : [];
}

function union(a: readonly number[], b: readonly number[]): number[] {
  return [...new Set([...a, ...b])].sort((x, y) => x - y);
}

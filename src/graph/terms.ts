/**
 * The algebra of structured terms: how blocks multiply and add, whatever their values are.
 *
 * A term is a structure and a value over some of its labels. What is done with values is asked of `ValueOperations`: the counts forget all
 * but their labels (`weights.ts`), accumulation numbers them (`operations.ts`), linearization emits code for them.
 */

import {
  compose,
  dim,
  disjoint,
  type Meeting,
  type Placement,
  type Structure,
  structureKey,
} from "../structure/structure.ts";
import { type Embedding, join } from "../structure/sum.ts";
import { type Located, TermIndex } from "./termIndex.ts";

/** One term of an edge. Terms of one edge have no entry in common. */
export interface Term<Value> {
  readonly structure: Structure;
  readonly key: string;
  /** The labels on which the value depends, ascending: its axes. A known constant has none. */
  readonly labels: readonly number[];
  readonly value: Value;
}

/** How the axes of two values meet in a product: each axis belongs to a class, classes that the result lacks are summed. */
export interface Contraction {
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly result: readonly number[];
  /** Extent of each class. */
  readonly extents: readonly number[];
}

/** What the algebra asks of values. A value is an array over a list of axes, or a known constant that has none. */
export interface ValueOperations<Value> {
  /** Pure structure times the value: the in dims are the value's axes, the out dims those of the result. */
  rearranged(value: Value, structure: Structure): Value;
  /** factor * sum of left * right. Every class is in at least two of left, right and result. */
  contraction(left: Value, right: Value, factor: number, contraction: Contraction): Value;
  /** left + right, over the same axes or constant; null if it is known to be zero. */
  sum(left: Value, right: Value): Value | null;
  isConstant(value: Value): boolean;
}

/** (d w / d v) (d v / d u), or null if it is structurally zero. */
export function productOfTerms<Value>(
  outgoing: Term<Value>,
  incoming: Term<Value>,
  operations: ValueOperations<Value>,
): Term<Value> | null {
  const meeting = compose(outgoing.structure, incoming.structure);
  if (meeting === null) return null;
  const left = classesOf(outgoing.labels, meeting.left);
  const right = classesOf(incoming.labels, meeting.right);
  // A contracted class that only one side's values depend on is summed before the product; one that neither depends on is a factor.
  let factor = 1;
  for (const [group, label] of meeting.kept.entries()) {
    if (label !== null || (left.has(group) && right.has(group))) continue;
    if (!left.delete(group) && !right.delete(group)) factor *= meeting.extents[group] ?? 1;
  }
  const kept = [...new Set([...left, ...right])].flatMap((group) => {
    const label = meeting.kept[group] ?? null;
    return label === null ? [] : [{ group, label }];
  });
  kept.sort((a, b) => a.label - b.label);
  // Beside a constant a value is the result, so it must have the result's axes in their order.
  const result = kept.map(({ group }) => group);
  const leftAxes = operations.isConstant(incoming.value) ? result : ascending(left);
  const rightAxes = operations.isConstant(outgoing.value) ? result : ascending(right);
  const contraction = { left: leftAxes, right: rightAxes, result, extents: meeting.extents };
  const value = operations.contraction(
    restricted(outgoing, meeting.left, leftAxes, meeting, operations),
    restricted(incoming, meeting.right, rightAxes, meeting, operations),
    factor,
    contraction,
  );
  const { structure } = meeting;
  return { structure, key: structureKey(structure), labels: kept.map(({ label }) => label), value };
}

function classesOf(labels: readonly number[], placements: readonly Placement[]): Set<number> {
  return new Set(labels.map((label) => placements[label]?.class ?? null).filter((group) => group !== null));
}

/** The part of a term's value that takes part in a product, with the given classes as axes, all others summed. */
function restricted<Value>(
  { value, labels, structure }: Term<Value>,
  placements: readonly Placement[],
  axes: readonly number[],
  meeting: Meeting,
  operations: ValueOperations<Value>,
): Value {
  if (operations.isConstant(value)) return value;
  const whole = labels.every((label, axis) => {
    const { class: group, start, step } = placements[label] ?? { class: null, start: 0, step: 0 };
    return (
      group !== null &&
      group === axes[axis] &&
      start === 0 &&
      step === 1 &&
      meeting.extents[group] === structure.extents[label]
    );
  });
  if (whole && labels.length === axes.length) return value;
  const inner = labels.map((label) => {
    const { class: group, start, step } = placements[label] ?? { class: null, start: 0, step: 0 };
    return dim(structure.extents[label] ?? 1, start, group, step);
  });
  const out = axes.map((group) => dim(meeting.extents[group] ?? 1, 0, group));
  return operations.rearranged(value, { out, in: inner, extents: meeting.extents });
}

/** Adds a term: terms of one structure become one; terms that overlap are joined, which may make them overlap with others. */
export function addTerm<Value>(
  terms: readonly Term<Value>[],
  term: Term<Value>,
  operations: ValueOperations<Value>,
): readonly Term<Value>[] {
  const index = indexOf(terms);
  const same = index?.same(term) ?? terms.findIndex(({ key }) => key === term.key);
  const present = terms[same];
  if (present !== undefined) {
    const sum = sumOfSame(present, term, operations);
    return sum === null ? terms.toSpliced(same, 1) : handedOn(index, terms, terms.with(same, sum));
  }
  const overlapping =
    index?.overlapping(term) ?? terms.findIndex(({ structure }) => !disjoint(structure, term.structure));
  const other = terms[overlapping];
  if (other === undefined) {
    index?.append(term);
    return handedOn(index, terms, [...terms, term]);
  }
  return addTerm(terms.toSpliced(overlapping, 1), joined(other, term, operations), operations);
}

/** From so many terms on a list has an index. */
const MANY = 64;

/** The indexes of long lists, each with the list that came of the last addition to it. */
const indexes = new WeakMap<readonly Located[], TermIndex>();

function indexOf(terms: readonly Located[]): TermIndex | undefined {
  if (terms.length < MANY) return undefined;
  const known = indexes.get(terms);
  if (known !== undefined) return known;
  const index = new TermIndex(terms);
  indexes.set(terms, index);
  return index;
}

/** A list that the index of the list before it holds for as well; the one before has it no longer. */
function handedOn<List extends readonly Located[]>(
  index: TermIndex | undefined,
  before: readonly Located[],
  list: List,
): List {
  if (index === undefined) return list;
  indexes.delete(before);
  indexes.set(list, index);
  return list;
}

/** The sum of two terms of one structure; null if it is zero. */
function sumOfSame<Value>(
  a: Term<Value>,
  b: Term<Value>,
  operations: ValueOperations<Value>,
): Term<Value> | null {
  const labels = union(a.labels, b.labels);
  const spread = (term: Term<Value>): Value => {
    if (operations.isConstant(term.value) || term.labels.length === labels.length) return term.value;
    const axis = (label: number) => dim(term.structure.extents[label] ?? 1, 0, label);
    const { extents } = term.structure;
    return operations.rearranged(term.value, { out: labels.map(axis), in: term.labels.map(axis), extents });
  };
  const value = operations.sum(spread(a), spread(b));
  return value === null ? null : { ...b, labels, value };
}

/** The sum of two terms whose entries overlap, as one term of the structure that bounds both. */
function joined<Value>(a: Term<Value>, b: Term<Value>, operations: ValueOperations<Value>): Term<Value> {
  const { structure, left, right } = join(a.structure, b.structure);
  const labels = union(embeddedLabels(a, left), embeddedLabels(b, right));
  const value = operations.sum(embedded(a, left, labels, operations), embedded(b, right, labels, operations));
  if (value === null) throw new RangeError("terms of different structure cannot cancel");
  return { structure, key: structureKey(structure), labels, value };
}

/** The labels of a join on which a term that is embedded into it depends. */
function embeddedLabels<Value>({ labels }: Term<Value>, { structure, depends }: Embedding): number[] {
  return structure.out.flatMap(({ label }, position) =>
    depends[position] || (label !== null && labels.includes(label)) ? [position] : [],
  );
}

/** A term's value among zeros, over some labels of the join. */
function embedded<Value>(
  { value, labels }: Term<Value>,
  { structure, depends }: Embedding,
  axes: readonly number[],
  operations: ValueOperations<Value>,
): Value {
  if (operations.isConstant(value) && !depends.includes(true)) return value;
  const out = axes.flatMap((axis) => structure.out[axis] ?? []);
  const inner = labels.flatMap((label) => structure.in[label] ?? []);
  return operations.rearranged(value, { out, in: inner, extents: structure.extents });
}

function ascending(groups: ReadonlySet<number>): number[] {
  return [...groups].sort((a, b) => a - b);
}

function union(a: readonly number[], b: readonly number[]): number[] {
  return ascending(new Set([...a, ...b]));
}

/**
 * Exact search for the fewest `operations`, for graphs of few intermediates.
 *
 * Which values an elimination computes depends on more than the set of those eliminated before: a + b first and then + c is another sum than b + c first. A
 * *state* is therefore the edges with their values and the values computed so far; orders that lead to the same state are continued once. Values are
 * interned in one table for the whole search, so that states can be compared.
 *
 * Of the landmarks (landmarks.ts) every order computes a value each: a state costs what was computed so far and one for each landmark that was not met. Iterative deepening: each
 * round that finds no order within its limit proves that one more operation is needed.
 *
 * When the intermediates that are left fall into components that add to different entries, what is computed does not depend on how the components'
 * orders are interleaved: one after the other will do.
 */

import { type ComputationalGraph, intermediates, type TermValue } from "../../../graph/graph.ts";
import { ValueTable } from "../../../graph/values.ts";
import { isConstant, plus, type Sample, times } from "./samples.ts";
import type { ValueSpace } from "./values.ts";

/** Intermediates of the largest graphs that are searched. */
export const MOST_INTERMEDIATES = 24;

/** States kept in a round: beyond, it is given up. */
const MOST_STATES = 300_000;

/** What came of a round: an order of nodes within the limit, none, or it was given up. */
export type Round =
  | { readonly kind: "found"; readonly order: readonly number[]; readonly cost: number }
  | { readonly kind: "none" }
  | { readonly kind: "open" };

/** A search that goes on from round to round. */
export class Exhaustion {
  /** States met in all rounds. */
  expanded = 0;
  readonly #graph: ComputationalGraph;
  readonly #space: ValueSpace;
  readonly #table: ValueTable;
  readonly #open: readonly number[];
  /** How many nodes there are. */
  readonly #size: number;
  /** For each value the landmark that it is of; -1 if of none. */
  readonly #landmarkOf: Int32Array;
  readonly #landmarks: number;
  /** For each node of the table the landmark that it is of, once it is known. */
  readonly #ofNode: number[] = [];
  readonly #samples: Sample[];

  /** @param space solid: where nothing is ever zero, all that is computed is needed */
  constructor(graph: ComputationalGraph, space: ValueSpace, landmarks: readonly (readonly number[])[]) {
    this.#graph = graph;
    this.#space = space;
    this.#table = new ValueTable(graph.valueCount, graph.known);
    this.#open = intermediates(graph);
    this.#size = graph.inputs.length + graph.vertices.length;
    this.#landmarkOf = new Int32Array(space.count).fill(-1);
    for (const [index, values] of landmarks.entries())
      for (const value of values) this.#landmarkOf[value] = index;
    this.#landmarks = landmarks.length;
    this.#samples = [...space.atoms];
  }

  /** Looks for an order of at most `limit` operations; yields now and then. */
  *round(limit: number): Generator<void, Round> {
    const start: State = { edges: new Map(), made: new Set(), met: new Set(), left: new Set(this.#open) };
    for (const { from, to, terms } of this.#graph.edges)
      for (const { value } of terms) start.edges.set(from * this.#size + to, value);
    const order: number[] = [];
    const outcome = yield* this.#visit(start, limit, order, new Set());
    if (outcome !== "found") return { kind: outcome };
    const cost = order.reduce((state, node) => this.#eliminated(state, node), start).made.size;
    return { kind: "found", order, cost };
  }

  /** Goes on from a state; the order is that of its eliminations, and of all if one is found. */
  *#visit(state: State, limit: number, order: number[], seen: Set<string>): Generator<void, Round["kind"]> {
    if (state.made.size + this.#landmarks - state.met.size > limit) return "none";
    if (state.left.size === 0) return "found";
    const name = nameOf(state);
    if (seen.has(name)) return "none";
    if (seen.size >= MOST_STATES) return "open";
    seen.add(name);
    this.expanded++;
    yield;
    const next = this.#choices(state)
      .map((node) => ({ node, after: this.#eliminated(state, node) }))
      .sort((a, b) => beyond(a.after) - beyond(b.after));
    for (const { node, after } of next) {
      order.push(node);
      const outcome = yield* this.#visit(after, limit, order, seen);
      if (outcome !== "none") return outcome;
      order.pop();
    }
    return "none";
  }

  #eliminated({ edges, made, met, left }: State, node: number): State {
    const next: State = {
      edges: new Map(edges),
      made: new Set(made),
      met: new Set(met),
      left: new Set(left),
    };
    next.left.delete(node);
    const [before, behind] = this.#neighbours(edges, node);
    for (const [from, inner] of before)
      for (const [to, outer] of behind) {
        const place = from * this.#size + to;
        const product = this.#made(next, this.#table.product(outer, inner), [outer, inner], times);
        const present = edges.get(place);
        next.edges.set(
          place,
          present === undefined
            ? product
            : this.#made(next, this.#table.sum(present, product), [present, product], plus),
        );
      }
    for (const from of before.keys()) next.edges.delete(from * this.#size + node);
    for (const to of behind.keys()) next.edges.delete(node * this.#size + to);
    return next;
  }

  /** Notes a value that is computed. */
  #made(
    { made, met }: State,
    value: TermValue,
    [left, right]: readonly [TermValue, TermValue],
    combine: (a: Sample, b: Sample) => Sample,
  ): TermValue {
    if (value.kind === "constant" || value.value < this.#graph.valueCount) return value;
    const node = value.value;
    if (this.#samples[node] === undefined) {
      const sample = combine(this.#sampleOf(left), this.#sampleOf(right));
      this.#samples[node] = value.negative ? [-sample[0], -sample[1], sample[2], sample[3]] : sample;
      const found = isConstant(sample) ? null : this.#space.find(sample);
      this.#ofNode[node] = found === null ? -1 : (this.#landmarkOf[found] ?? -1);
    }
    made.add(node);
    const landmark = this.#ofNode[node] ?? -1;
    if (landmark >= 0) met.add(landmark);
    return value;
  }

  #sampleOf(value: TermValue): Sample {
    if (value.kind === "constant") {
      const size = Math.abs(value.constant);
      return [value.constant, value.constant, size, size];
    }
    const sample = this.#samples[value.value] ?? [0, 0, 0, 0];
    return value.negative ? [-sample[0], -sample[1], sample[2], sample[3]] : sample;
  }

  /** The intermediates of which one is next: those of a group of components that adds to entries of its own. */
  #choices({ edges, left }: State): number[] {
    const groups: { nodes: number[]; entries: Set<number> }[] = [];
    for (const nodes of this.#components(edges, left)) {
      const before = new Set<number>();
      const behind = new Set<number>();
      for (const node of nodes) {
        const [sources, targets] = this.#neighbours(edges, node);
        for (const from of sources.keys()) if (!left.has(from)) before.add(from);
        for (const to of targets.keys()) if (!left.has(to)) behind.add(to);
      }
      const entries = new Set([...before].flatMap((from) => [...behind].map((to) => from * this.#size + to)));
      const touching = groups.filter((group) => [...entries].some((entry) => group.entries.has(entry)));
      const rest = groups.filter((group) => !touching.includes(group));
      groups.length = 0;
      groups.push(...rest, {
        nodes: [...nodes, ...touching.flatMap((group) => group.nodes)],
        entries: new Set([...entries, ...touching.flatMap((group) => [...group.entries])]),
      });
    }
    return groups.reduce<number[]>(
      (least, { nodes }) => (least.length === 0 || nodes.length < least.length ? nodes : least),
      [],
    );
  }

  /** The edges into a node and those out of it, by the node at the other end. */
  #neighbours(edges: Edges, node: number): [before: Map<number, TermValue>, behind: Map<number, TermValue>] {
    const [before, behind] = [new Map<number, TermValue>(), new Map<number, TermValue>()];
    for (const [place, value] of edges) {
      const from = Math.floor(place / this.#size);
      const to = place - from * this.#size;
      if (to === node) before.set(from, value);
      if (from === node) behind.set(to, value);
    }
    return [before, behind];
  }

  #components(edges: Edges, left: ReadonlySet<number>): number[][] {
    const waiting = new Set(left);
    const components: number[][] = [];
    for (const first of left) {
      if (!waiting.delete(first)) continue;
      const nodes = [first];
      for (const node of nodes)
        for (const side of this.#neighbours(edges, node))
          for (const other of side.keys()) if (waiting.delete(other)) nodes.push(other);
      components.push(nodes);
    }
    return components;
  }
}

/** Values by edge: its first node times the number of nodes, plus its last. */
type Edges = Map<number, TermValue>;

interface State {
  readonly edges: Edges;
  /** The nodes of the table that were computed. */
  readonly made: Set<number>;
  /** Landmarks that were met. */
  readonly met: Set<number>;
  readonly left: Set<number>;
}

/** What was computed beyond the landmarks. */
function beyond({ made, met }: State): number {
  return made.size - met.size;
}

function nameOf({ edges, made }: State): string {
  const values = [...edges]
    .sort(([a], [b]) => a - b)
    .map(([place, value]) =>
      value.kind === "constant"
        ? `${place}=${value.constant}`
        : `${place}:${value.negative ? "-" : ""}${value.value}`,
    );
  return `${values.join()};${[...made].sort((a, b) => a - b).join()}`;
}

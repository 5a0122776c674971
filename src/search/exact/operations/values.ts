/**
 * The values that eliminations can compute on the way to a Jacobian, and from what each can be computed.
 *
 * When a set E of intermediates is eliminated, the edge from u to w has the value c(u, w | E): the sum over all paths from u to w through E, of the products of
 * their edges. Eliminating v computes the products c(u, v | E) c(v, w | E) and the sums c(u, w | E) + product = c(u, w | E + v), and nothing else is computed by
 * any order. c(u, w | E) depends only on those vertices of E that lie on a path from u to w through E. The *useful sets* of the pair are the sets of vertices where all
 * do: unions of paths (pairs.ts). For each useful set N and each v in it there is thus one product and one sum; these are all that there are.
 *
 * Pairs with too many useful sets are left *vague*: that they have any value at all costs nothing, but takes values of a pair (u, v) and a pair (v, w).
 * What they are in the end (an entry of the Jacobian) is a value like others.
 */

import type { ComputationalGraph } from "../../../graph/graph.ts";
import type { Random } from "../../../random.ts";
import { type Pair, pairsOf } from "./pairs.ts";
import {
  classesOf,
  type GraphSamples,
  isConstant,
  isZero,
  plus,
  type Sample,
  sampleGraph,
  times,
  without,
  ZERO_SAMPLE,
} from "./samples.ts";

/** A value by what it is: paths from a node to another through a set of nodes; by way of `via` if it is a product. */
export interface NamedValue {
  readonly from: number;
  readonly to: number;
  readonly through: readonly number[];
  readonly via: number | null;
}

/** All values up to their sign, equal ones as one, and how they come about. */
export interface ValueSpace {
  /** Values are numbered from 0; those from `named` on are vague. */
  readonly count: number;
  readonly named: number;
  /** For each value whether it costs nothing: constants, local partials, what the function computes anyway; vague values of an edge that is there. */
  readonly free: Uint8Array;
  /** In threes: a value can be computed from two others. The two are the same where the second is not needed. */
  readonly derivations: Int32Array;
  /** The entries of the Jacobian, each value once. */
  readonly entries: readonly number[];
  /** The useful sets of the pair that has most, of those that are not vague. */
  readonly sets: number;
  /** How many pairs are vague. */
  readonly vague: number;
  /** Whether no value that is computed is ever zero, so that nothing is computed in vain; only known if there are no vague pairs. */
  readonly isSolid: boolean;
  /** Of the numbered values of the graph. */
  readonly atoms: readonly Sample[];
  /** The value that is equal to this one, if there is one. */
  find(sample: Sample): number | null;
  name(value: number): NamedValue;
}

/**
 * All values of a scalar graph.
 *
 * @param most useful sets of a pair; pairs of more are left vague
 * @returns null if the graph is too large, or its known values are not understood
 */
export function valueSpace(graph: ComputationalGraph, most: number, random: Random): ValueSpace | null {
  const samples = sampleGraph(graph, random);
  const pairs = pairsOf(graph, most);
  return samples === null || pairs === null ? null : new SpaceBuilder(graph, samples, pairs).build();
}

class SpaceBuilder {
  readonly #graph: ComputationalGraph;
  readonly #size: number;
  /** For each node the nodes that it has edges from, with the samples. */
  readonly #incoming: readonly Map<number, Sample>[];
  readonly #pairs: readonly Pair[];
  readonly #atoms: readonly Sample[];
  readonly #samples: Sample[] = [];
  #isSolid = true;
  readonly #names: (() => NamedValue)[] = [];
  readonly #free: number[] = [];
  /** Derivations by samples, in threes. */
  readonly #steps: number[] = [];
  readonly #entries: number[] = [];
  /** Of the entries, those of vague pairs with their pair. */
  readonly #vagueEntries: [entry: number, pair: number][] = [];
  readonly #ofPairs: [sample: number, pair: number][] = [];

  constructor(graph: ComputationalGraph, { atoms, of }: GraphSamples, pairs: readonly Pair[]) {
    this.#graph = graph;
    this.#atoms = atoms;
    this.#size = graph.inputs.length + graph.vertices.length;
    this.#incoming = Array.from({ length: this.#size }, () => new Map<number, Sample>());
    for (const { from, to, terms } of graph.edges)
      for (const { value } of terms) this.#incoming[to]?.set(from, of(value));
    this.#pairs = pairs;
    for (const atom of atoms) this.#free.push(this.#add(atom));
  }

  build(): ValueSpace {
    for (const [index, pair] of this.#pairs.entries()) {
      if (pair.sets === null) this.#addVague(pair, index);
      else for (const set of pair.sets) this.#addSet(pair, index, set);
    }
    return this.#numbered();
  }

  #add(sample: Sample, name?: () => NamedValue): number {
    const index = this.#samples.push(sample) - 1;
    if (name !== undefined) this.#names[index] = name;
    return index;
  }

  /** What is computed to have the value of a pair through a set, whatever is the last to be eliminated. */
  #addSet({ from, to, between }: Pair, pair: number, set: bigint): void {
    const through = between.filter((node) => ((set >> BigInt(node)) & 1n) === 1n);
    const name = (via: number | null) => () => ({ from, to, through, via });
    const [before, behind] = this.#sweep(from, to, through);
    const whole = before.get(to) ?? ZERO_SAMPLE;
    const result = this.#add(whole, name(null));
    if ((set !== 0n || this.#incoming[to]?.has(from) === true) && isZero(whole)) this.#isSolid = false;
    this.#ofPairs.push([result, pair]);
    for (const via of through) {
      const first = before.get(via) ?? ZERO_SAMPLE;
      const second = behind.get(via) ?? ZERO_SAMPLE;
      const product = times(first, second);
      const made = this.#add(product, name(via));
      this.#steps.push(this.#add(first), this.#add(second), made);
      this.#steps.push(this.#add(without(whole, product)), made, result);
    }
    if (this.#isEntry(from, to) && through.length === between.length) this.#entries.push(result);
  }

  #isEntry(from: number, to: number): boolean {
    return from < this.#graph.inputs.length && this.#graph.outputs.includes(to);
  }

  /** Sums over the paths through a set: from the first node to each, and from each to the last. */
  #sweep(
    from: number,
    to: number,
    through: readonly number[],
  ): [before: Map<number, Sample>, behind: Map<number, Sample>] {
    const one: Sample = [1, 1, 1, 1];
    const nodes = [...through, to];
    const before = new Map([[from, one]]);
    for (const node of nodes) {
      let sum = ZERO_SAMPLE;
      for (const [source, edge] of this.#incoming[node] ?? []) {
        const paths = before.get(source);
        if (paths !== undefined) sum = plus(sum, times(paths, edge));
      }
      before.set(node, sum);
    }
    const behind = new Map([[to, one]]);
    for (const node of nodes.toReversed()) {
      const paths = behind.get(node) ?? ZERO_SAMPLE;
      for (const [source, edge] of this.#incoming[node] ?? [])
        if (before.has(source))
          behind.set(source, plus(behind.get(source) ?? ZERO_SAMPLE, times(paths, edge)));
    }
    return [before, behind];
  }

  #addVague({ from, to, between }: Pair, pair: number): void {
    if (!this.#isEntry(from, to)) return;
    const [before] = this.#sweep(from, to, between);
    const entry = this.#add(before.get(to) ?? ZERO_SAMPLE, () => ({ from, to, through: between, via: null }));
    this.#entries.push(entry);
    this.#vagueEntries.push([entry, pair]);
  }

  /** Equal values become one; vague ones follow. */
  #numbered(): ValueSpace {
    const vague = this.#pairs.filter(({ sets }) => sets === null).length;
    const { classOf, count: named, find } = classesOf(this.#samples);
    const value = (sample: number) => classOf[sample] ?? 0;
    const count = named + this.#pairs.length;
    const free = new Uint8Array(count);
    for (const sample of this.#free) free[value(sample)] = 1;
    for (const [sample, place] of this.#samples.entries()) if (isConstant(place)) free[value(sample)] = 1;
    const steps = new Steps(count, free);
    for (let step = 0; step < this.#steps.length; step += 3)
      steps.add(
        value(this.#steps[step] ?? 0),
        value(this.#steps[step + 1] ?? 0),
        value(this.#steps[step + 2] ?? 0),
      );
    this.#addVagueSteps(named, value, free, steps);
    const names = new Map<number, () => NamedValue>();
    this.#names.forEach((name, sample) => {
      if (!names.has(value(sample))) names.set(value(sample), name);
    });
    return {
      count,
      named,
      free,
      derivations: steps.done(),
      entries: [...new Set(this.#entries.map(value))],
      sets: this.#pairs.reduce((most, { sets }) => Math.max(most, sets?.length ?? 0), 0),
      vague,
      isSolid: this.#isSolid && vague === 0,
      atoms: this.#atoms,
      find,
      name: (wanted) => names.get(wanted)?.() ?? { from: 0, to: 0, through: [], via: null },
    };
  }

  #addVagueSteps(named: number, value: (sample: number) => number, free: Uint8Array, steps: Steps): void {
    if (this.#pairs.every(({ sets }) => sets !== null)) return;
    const indexOf = new Map(this.#pairs.map(({ from, to }, index) => [from * this.#size + to, index]));
    const vague = (from: number, to: number) => named + (indexOf.get(from * this.#size + to) ?? 0);
    for (const { from, to } of this.#pairs) if (this.#incoming[to]?.has(from)) free[vague(from, to)] = 1;
    for (const [sample, pair] of this.#ofPairs) {
      if (free[value(sample)]) free[named + pair] = 1;
      else steps.add(value(sample), value(sample), named + pair);
    }
    for (const { from, to, between, sets } of this.#pairs)
      if (sets === null)
        for (const via of between) steps.add(vague(from, via), vague(via, to), vague(from, to));
    for (const [entry, pair] of this.#vagueEntries) steps.add(named + pair, named + pair, value(entry));
  }
}

/** Derivations, each once. */
class Steps {
  readonly #count: number;
  readonly #free: Uint8Array;
  readonly #seen = new Set<number>();
  readonly #steps: number[] = [];

  constructor(count: number, free: Uint8Array) {
    this.#count = count;
    this.#free = free;
  }

  /** Does nothing for what is free, or comes from itself. */
  add(left: number, right: number, result: number): void {
    if (this.#free[result] || left === result || right === result) return;
    const [a, b] = [this.#free[left] ? right : left, this.#free[right] ? left : right];
    const [first, second] = a <= b ? [a, b] : [b, a];
    const key = (first * this.#count + second) * this.#count + result;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#steps.push(first, second, result);
  }

  done(): Int32Array {
    return Int32Array.from(this.#steps);
  }
}

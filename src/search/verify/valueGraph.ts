/**
 * The verifier's own view of the values that orders of vertices can compute. Nothing here is shared with the search.
 *
 * A value is a sum over paths through a set of nodes, or a product of two such sums that meet in a node. Sets are unions of paths; those of pairs of nodes with too many
 * are not looked at: what is computed between them counts as known as soon as something is known between the first and a node, and that node and the last. Equal
 * values are recognised by what they are at a point: that two differ there proves that they differ; that they agree can only spoil the evidence.
 */

import type { ComputationalGraph, TermValue } from "../../graph/graph.ts";
import type { OperationsEvidence } from "../evidence.ts";
import { intermediatesOf } from "./graph.ts";

type Named = OperationsEvidence["landmarks"][number][number];

export interface ValueGraph {
  /** Sets of the pair that has most, of those that are looked at. */
  readonly sets: number;
  /** The number of a value that was named beforehand. */
  numberOf(value: Named): number;
  /** Whether all entries can be computed without some values. */
  canCompute(without: ReadonlySet<number>): boolean;
}

/** A number with the magnitude of what it is summed from, against which rounding is measured. */
interface Measured {
  readonly value: number;
  readonly size: number;
}

const NOTHING: Measured = { value: 0, size: 0 };
const ROUNDING = 1e-12;

/** A rule: with all of `needs` known, `gives` can be computed. What is given is a value, or a pair of nodes by its name. */
interface Rule {
  readonly needs: readonly Fact[];
  readonly gives: Fact;
}
type Fact = number | string;

/**
 * @param sets that a pair may have to be looked at
 * @param named values that will be asked for
 * @returns null if the known values of the graph contradict each other, or a named value is none
 */
export function valueGraphOf(
  graph: ComputationalGraph,
  sets: number,
  named: readonly Named[],
): ValueGraph | null {
  const [point, other] = [pointOf(graph, 20_260_101), pointOf(graph, 1_618_033)];
  if (point === null || other === null) return null;
  if (!named.every((value) => isProper(point, value))) return null;
  const builder = new RuleBuilder(graph, point, other);
  const samples = named.map((value) => builder.named(value));
  const most = builder.addPairs(sets);
  return builder.finish(most, samples, named);
}

/** Values of edges at a point, by the node that they lead to and the node that they come from; and of all numbered values. */
interface Point {
  readonly into: readonly ReadonlyMap<number, Measured>[];
  readonly atoms: readonly Measured[];
}

/** A point drawn by Park and Miller's generator. Null if the known values of the graph contradict each other. */
function pointOf(graph: ComputationalGraph, seed: number): Point | null {
  let state = seed;
  const draw = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const atoms = new Map<number, Measured>();
  const isResult = new Set(graph.known.map(({ result }) => (result.kind === "value" ? result.value : -1)));
  for (let atom = 0; atom < graph.valueCount; atom++) {
    if (isResult.has(atom)) continue;
    const value = (0.5 + draw()) * (draw() < 0.5 ? -1 : 1);
    atoms.set(atom, { value, size: Math.abs(value) });
  }
  const read = (value: TermValue): Measured | null => {
    if (value.kind === "constant") return { value: value.constant, size: Math.abs(value.constant) };
    const atom = atoms.get(value.value);
    return atom === undefined ? null : { value: value.negative ? -atom.value : atom.value, size: atom.size };
  };
  for (const { kind, left, right, result } of graph.known) {
    const [a, b] = [read(left), read(right)];
    if (a === null || b === null) return null;
    const value =
      kind === "product" ? a.value * b.value : kind === "sum" ? a.value + b.value : a.value - b.value;
    const size = kind === "product" ? a.size * b.size : a.size + b.size;
    const before = read(result);
    if (before !== null && Math.abs(before.value - value) > ROUNDING * (before.size + size)) return null;
    if (before === null && result.kind === "value")
      atoms.set(result.value, { value: result.negative ? -value : value, size });
  }
  const into = Array.from(
    { length: graph.inputs.length + graph.vertices.length },
    () => new Map<number, Measured>(),
  );
  for (const { from, to, terms } of graph.edges)
    for (const term of terms) into[to]?.set(from, read(term.value) ?? NOTHING);
  return { into, atoms: [...atoms.values()] };
}

class RuleBuilder {
  readonly #graph: ComputationalGraph;
  readonly #point: Point;
  readonly #other: Point;
  readonly #open: ReadonlySet<number>;
  readonly #samples: Measured[] = [];
  readonly #free = new Set<number>();
  readonly #known = new Set<string>();
  readonly #rules: Rule[] = [];
  readonly #entries: number[] = [];

  constructor(graph: ComputationalGraph, point: Point, other: Point) {
    this.#graph = graph;
    this.#point = point;
    this.#other = other;
    this.#open = new Set(intermediatesOf(graph).values());
    for (const atom of point.atoms) this.#free.add(this.#samples.push(atom) - 1);
  }

  /** Sums over the paths from a node to another through some nodes, or products of two. */
  named([from, to, through, via]: Named): number {
    const inner = new Set(through);
    return via === undefined
      ? this.#sum(from, to, inner)
      : this.#sample((point) => {
          const first = pathSum(point, from, via, inner);
          const second = pathSum(point, via, to, inner);
          return { value: first.value * second.value, size: first.size * second.size };
        });
  }

  #sum(from: number, to: number, through: ReadonlySet<number>): number {
    return this.#sample((point) => pathSum(point, from, to, through));
  }

  #sample(measure: (point: Point) => Measured): number {
    const [here, there] = [measure(this.#point), measure(this.#other)];
    const sample = this.#samples.push(here) - 1;
    if (Math.abs(here.value - there.value) <= ROUNDING * (here.size + there.size)) this.#free.add(sample);
    return sample;
  }

  /** All rules of all pairs of nodes; returns how many sets the pair has that has most, of those with at most `limit`. */
  addPairs(limit: number): number {
    const { into } = this.#point;
    const outputs = new Set(this.#graph.outputs);
    let most = 0;
    for (let from = 0; from < into.length; from++) {
      const reached = new Set([from]);
      for (let to = from + 1; to < into.length; to++) {
        const before = [...(into[to]?.keys() ?? [])].filter(
          (node) => reached.has(node) && (node === from || this.#open.has(node)),
        );
        if (before.length === 0) continue;
        reached.add(to);
        const isEntry = from < this.#graph.inputs.length && outputs.has(to);
        const between = betweenOf(into, from, to, reached);
        const pair = `${from} ${to}`;
        if (into[to]?.has(from) === true) this.#known.add(pair);
        const sets = unionsOfPaths(into, from, to, reached, limit);
        most = Math.max(most, sets?.length ?? 0);
        if (sets !== null) for (const set of sets) this.#addSet(from, to, set, pair);
        else
          for (const via of between)
            this.#rules.push({ needs: [`${from} ${via}`, `${via} ${to}`], gives: pair });
        if (!isEntry) continue;
        const entry = this.#sum(from, to, new Set(between));
        this.#entries.push(entry);
        if (sets === null) this.#rules.push({ needs: [pair], gives: entry });
      }
    }
    return most;
  }

  #addSet(from: number, to: number, set: ReadonlySet<number>, pair: string): void {
    const whole = this.#sum(from, to, set);
    this.#rules.push({ needs: [whole], gives: pair });
    for (const via of set) {
      const product = this.named([from, to, [...set], via]);
      this.#rules.push({ needs: [this.#sum(from, via, set), this.#sum(via, to, set)], gives: product });
      const rest = new Set(set);
      rest.delete(via);
      this.#rules.push({ needs: [this.#sum(from, to, rest), product], gives: whole });
    }
  }

  finish(sets: number, samples: readonly number[], named: readonly Named[]): ValueGraph {
    const numbers = numbered(this.#samples);
    const number = (sample: number) => numbers[sample] ?? 0;
    const factOf = (fact: Fact): Fact => (typeof fact === "string" ? fact : number(fact));
    const rules = new Map<string, Rule>();
    for (const { needs, gives } of this.#rules) {
      const rule = { needs: [...new Set(needs.map(factOf))], gives: factOf(gives) };
      if (!rule.needs.includes(rule.gives)) rules.set(JSON.stringify(rule), rule);
    }
    const facts = [...new Set([...this.#free].map(number)), ...this.#known];
    const entries = new Set(this.#entries.map(number));
    const byName = new Map(named.map((value, index) => [JSON.stringify(value), number(samples[index] ?? 0)]));
    const all = [...rules.values()];
    const users = new Map<Fact, number[]>();
    all.forEach(({ needs }, index) => {
      for (const fact of needs) users.set(fact, [...(users.get(fact) ?? []), index]);
    });
    return {
      sets,
      numberOf: (value) => byName.get(JSON.stringify(value)) ?? -1,
      canCompute: (without) => {
        const missing = all.map(({ needs }) => needs.length);
        const known = new Set<Fact>(facts);
        for (const fact of known)
          for (const rule of users.get(fact) ?? []) {
            missing[rule] = (missing[rule] ?? 0) - 1;
            const gives = all[rule]?.gives;
            if (
              missing[rule] === 0 &&
              gives !== undefined &&
              !(typeof gives === "number" && without.has(gives))
            )
              known.add(gives);
          }
        return [...entries].every((entry) => known.has(entry));
      },
    };
  }
}

/** The sum over all paths through some nodes of the products of their edges. */
function pathSum({ into }: Point, from: number, to: number, through: ReadonlySet<number>): Measured {
  const sums = new Map<number, Measured>([[from, { value: 1, size: 1 }]]);
  const inner = [...through].filter((node) => node > from && node < to).sort((a, b) => a - b);
  for (const node of [...inner, to]) {
    let [value, size] = [0, 0];
    for (const [source, edge] of into[node] ?? []) {
      const paths = sums.get(source);
      value += (paths?.value ?? 0) * edge.value;
      size += (paths?.size ?? 0) * edge.size;
    }
    sums.set(node, { value, size });
  }
  return sums.get(to) ?? NOTHING;
}

/** Whether a name is as it should be: its nodes exist and ascend, and each lies on a path through the others. */
function isProper({ into }: Point, [from, to, through, via]: Named): boolean {
  const chain = [from, ...through, to];
  if (to >= into.length || chain.some((node, place) => place > 0 && node <= (chain[place - 1] ?? 0)))
    return false;
  if (via !== undefined && !through.includes(via)) return false;
  const reached = new Set([from]);
  for (const node of chain.slice(1))
    if ([...(into[node]?.keys() ?? [])].some((source) => reached.has(source))) reached.add(node);
  const reaching = new Set([to]);
  for (const node of chain.toReversed())
    if (reaching.has(node)) for (const source of into[node]?.keys() ?? []) reaching.add(source);
  return chain.every((node) => reached.has(node) && reaching.has(node));
}

/** The nodes from which `to` is reached, of those that are reached from `from`. */
function betweenOf(into: Point["into"], from: number, to: number, reached: ReadonlySet<number>): number[] {
  const found = new Set([to]);
  for (const node of found)
    for (const source of into[node]?.keys() ?? [])
      if (source !== from && reached.has(source)) found.add(source);
  found.delete(to);
  return [...found].sort((a, b) => a - b);
}

/** The sets of inner nodes of paths, and all unions of them; null if they are more than the limit. */
function unionsOfPaths(
  into: Point["into"],
  from: number,
  to: number,
  reached: ReadonlySet<number>,
  limit: number,
): ReadonlySet<number>[] | null {
  const paths: number[][] = [];
  const follow = (node: number, path: readonly number[]): boolean => {
    for (const source of into[node]?.keys() ?? []) {
      if (!reached.has(source)) continue;
      if (source === from) {
        if (path.length > 0) paths.push([...path]);
        if (paths.length >= limit) return false;
      } else if (!follow(source, [...path, source])) return false;
    }
    return true;
  };
  if (!follow(to, [])) return null;
  const unions = new Map<string, ReadonlySet<number>>([["", new Set()]]);
  for (const path of paths)
    for (const union of [...unions.values()]) {
      const larger = new Set([...union, ...path]);
      unions.set([...larger].sort((a, b) => a - b).join(), larger);
      if (unions.size > limit) return null;
    }
  return [...unions.values()];
}

/** Numbers for samples, equal ones for those that are equal up to sign and rounding. */
function numbered(samples: readonly Measured[]): readonly number[] {
  const byMagnitude = samples
    .map(({ value, size }, index) => ({
      index,
      low: Math.abs(value) - ROUNDING * size,
      high: Math.abs(value) + ROUNDING * size,
    }))
    .sort((a, b) => a.low - b.low);
  const numbers = new Array<number>(samples.length).fill(0);
  let [number, end] = [0, Number.NEGATIVE_INFINITY];
  for (const { index, low, high } of byMagnitude) {
    if (low > end) number++;
    end = Math.max(end, high);
    numbers[index] = number;
  }
  return numbers;
}

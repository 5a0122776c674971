/**
 * Landmarks: sets of values of which every order must compute one. Disjoint ones add up to a lower bound.
 *
 * What an order computes is a set of values in which each comes from others of the set or from free ones. Forget that it comes from an order: the least such set
 * that has all entries is a problem of planning without deletions, each value an action of cost one. LM-cut (Helmert & Domshlak, "Landmarks, critical paths and
 * abstractions: what's the difference anyway?", ICAPS 2009) bounds it: the depth of an entry is one more than that of the deeper of its two operands, at the best derivation; take the
 * deepest entry, of every derivation the deeper operand only, and in the graph that is left a cut between what is free and the entry. Every order computes
 * a value of the cut. These cost nothing from then on; again, until the entries cost nothing.
 */

import type { Random } from "../../../random.ts";
import type { ValueSpace } from "./values.ts";

/** Deeper than anything. */
const UNREACHED = 2 ** 30;

/**
 * Disjoint sets of values, one after the other; every set from which the entries can be computed has a value of each.
 *
 * @param random where ties are broken at random: how many sets there are in the end depends on it
 */
export function* landmarks(space: ValueSpace, random?: Random): Generator<readonly number[], void> {
  const cutter = new Cutter(space, random);
  for (let cut = cutter.next(); cut !== null; cut = cutter.next()) yield cut;
}

class Cutter {
  readonly #space: ValueSpace;
  readonly #random: Random | undefined;
  readonly #cost: Uint8Array;
  readonly #byOperand: Lists;
  readonly #byResult: Lists;
  readonly #depth: Int32Array;
  /** For each derivation the deeper operand; -1 if an operand cannot be computed. */
  readonly #supporter: Int32Array;

  constructor(space: ValueSpace, random: Random | undefined) {
    this.#space = space;
    this.#random = random;
    const { count, named, derivations } = space;
    this.#cost = Uint8Array.from({ length: count }, (_, value) => (value < named ? 1 : 0));
    const steps = derivations.length / 3;
    this.#byOperand = new Lists(count, steps, (step) => {
      const [first, second] = [derivations[3 * step] ?? 0, derivations[3 * step + 1] ?? 0];
      return first === second ? [first] : [first, second];
    });
    this.#byResult = new Lists(count, steps, (step) => [derivations[3 * step + 2] ?? 0]);
    this.#depth = new Int32Array(count);
    this.#supporter = new Int32Array(steps);
  }

  /** A cut that is disjoint from those before; null if the entries cost nothing any more. */
  next(): number[] | null {
    this.#measure();
    const entries = this.#anyhow(this.#space.entries);
    const depth = (value: number) => this.#depth[value] ?? 0;
    let goal: number | undefined;
    for (const entry of entries)
      if (depth(entry) > (goal === undefined ? 0 : depth(goal)) && depth(entry) < UNREACHED) goal = entry;
    if (goal === undefined) return null;
    const cut = this.#smallest(this.#cut(goal), goal);
    for (const value of cut) this.#cost[value] = 0;
    return cut.length > 0 ? cut : null;
  }

  /** Depths by Dijkstra's method, in buckets. */
  #measure(): void {
    const depth = this.#depth.fill(UNREACHED);
    const supporter = this.#supporter.fill(-1);
    const { free, derivations } = this.#space;
    const waiting = new Uint8Array(supporter.length);
    for (let step = 0; step < waiting.length; step++)
      waiting[step] = derivations[3 * step] === derivations[3 * step + 1] ? 1 : 2;
    const isDone = new Uint8Array(free.length);
    const buckets: number[][] = [[]];
    for (let value = 0; value < free.length; value++)
      if (free[value]) {
        depth[value] = 0;
        buckets[0]?.push(value);
      }
    for (let level = 0; level < buckets.length; level++) {
      const bucket = buckets[level] ?? [];
      for (let value = bucket.pop(); value !== undefined; value = bucket.pop()) {
        if (isDone[value] || depth[value] !== level) continue;
        isDone[value] = 1;
        for (const step of this.#byOperand.of(value)) {
          waiting[step] = (waiting[step] as number) - 1;
          if (waiting[step] !== 0) continue;
          supporter[step] = value;
          const result = derivations[3 * step + 2] as number;
          const reached = level + (this.#cost[result] as number);
          if (reached >= (depth[result] as number)) continue;
          depth[result] = reached;
          if (buckets[reached] === undefined) buckets[reached] = [];
          buckets[reached]?.push(result);
        }
      }
    }
  }

  /** Of a cut as much as is needed: what is left out of it may be part of another. */
  #smallest(cut: readonly number[], goal: number): number[] {
    let needed = [...cut];
    for (const value of this.#anyhow(cut)) {
      const rest = needed.filter((other) => other !== value);
      if (!this.#isReached(goal, rest)) needed = rest;
    }
    return needed;
  }

  /** In random order, if ties are broken at random. */
  #anyhow(values: readonly number[]): readonly number[] {
    const random = this.#random;
    if (random === undefined) return values;
    const keyed = values.map((value) => ({ value, key: random.unit() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
  }

  /** Whether a value can be computed without some others. */
  #isReached(goal: number, avoided: readonly number[]): boolean {
    const { free, derivations } = this.#space;
    const waiting = new Uint8Array(this.#supporter.length);
    for (let step = 0; step < waiting.length; step++)
      waiting[step] = derivations[3 * step] === derivations[3 * step + 1] ? 1 : 2;
    const isSeen = free.slice();
    for (const value of avoided) isSeen[value] = 1;
    const pending: number[] = [];
    for (let value = 0; value < free.length; value++) if (free[value]) pending.push(value);
    for (let value = pending.pop(); value !== undefined; value = pending.pop())
      for (const step of this.#byOperand.of(value)) {
        waiting[step] = (waiting[step] as number) - 1;
        const result = derivations[3 * step + 2] as number;
        if (waiting[step] !== 0 || isSeen[result]) continue;
        if (result === goal) return true;
        isSeen[result] = 1;
        pending.push(result);
      }
    return false;
  }

  #cut(goal: number): number[] {
    const { free, derivations } = this.#space;
    const supporter = this.#supporter;
    // From where the entry is reached at no cost.
    const isNear = new Uint8Array(free.length);
    isNear[goal] = 1;
    const pending = [goal];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      if (this.#cost[value]) continue;
      for (const step of this.#byResult.of(value)) {
        const source = supporter[step] as number;
        if (source < 0 || isNear[source]) continue;
        isNear[source] = 1;
        pending.push(source);
      }
    }
    const isFar = new Uint8Array(free.length);
    for (let value = 0; value < free.length; value++)
      if (free[value] && !isNear[value]) {
        isFar[value] = 1;
        pending.push(value);
      }
    const cut = new Set<number>();
    for (let value = pending.pop(); value !== undefined; value = pending.pop())
      for (const step of this.#byOperand.of(value)) {
        if (supporter[step] !== value) continue;
        const result = derivations[3 * step + 2] as number;
        if (isNear[result]) {
          if (this.#cost[result]) cut.add(result);
        } else if (!isFar[result]) {
          isFar[result] = 1;
          pending.push(result);
        }
      }
    return [...cut];
  }
}

/** Lists of derivations by value, side by side in one array. */
class Lists {
  readonly #starts: Int32Array;
  readonly #items: Int32Array;

  constructor(count: number, steps: number, keysOf: (step: number) => readonly number[]) {
    const starts = new Int32Array(count + 2);
    for (let step = 0; step < steps; step++)
      for (const key of keysOf(step)) starts[key + 2] = (starts[key + 2] as number) + 1;
    for (let key = 1; key < starts.length; key++)
      starts[key] = (starts[key] as number) + (starts[key - 1] as number);
    this.#items = new Int32Array(starts.at(-1) ?? 0);
    for (let step = 0; step < steps; step++)
      for (const key of keysOf(step)) {
        const place = starts[key + 1] as number;
        this.#items[place] = step;
        starts[key + 1] = place + 1;
      }
    this.#starts = starts;
  }

  of(key: number): Int32Array {
    return this.#items.subarray(this.#starts[key], this.#starts[key + 1]);
  }
}

/**
 * Least costs of the subsets of a block: f(S) = min over v in S of f(S - v) + cost(v | S - v), f of several connected parts being the sum of theirs.
 *
 * Worked out for connected sets only, from the whole downwards. A set is the bits of an integer.
 */

/** Up to 30 elements, what each costs after the others of a set, and which are joined. */
export interface SetCosts {
  readonly size: number;
  /** For each element those joined to it, as bits. */
  readonly adjacent: Int32Array;
  /** What each costs at least, after whatever set. */
  readonly minimum: Int32Array;
  /** What an element costs after those of a set; depends only on those that are in its connected part of set and element. */
  cost(element: number, set: number): number;
}

/** The element of a set of one. */
export function bitOf(set: number): number {
  return 31 - Math.clz32(set);
}

/** The connected part of a set that the lowest element is in. */
export function partOf(adjacent: Int32Array, set: number): number {
  let part = set & -set;
  for (let fresh = part; fresh !== 0; ) {
    let next = 0;
    for (let rest = fresh; rest !== 0; rest &= rest - 1)
      next |= adjacent[31 - Math.clz32(rest & -rest)] as number;
    fresh = next & set & ~part;
    part |= fresh;
  }
  return part;
}

/** How many connected sets there are; counted no further than one above `most`. */
export function countConnected(adjacent: Int32Array, most: number): number {
  let count = 0;
  // All that contain the set and, of the others, candidates and what these lead to, but none of the excluded.
  const extend = (candidates: number, excluded: number): void => {
    count++;
    let [left, out] = [candidates, excluded];
    for (; left !== 0 && count <= most; left &= left - 1) {
      const bit = left & -left;
      out |= bit;
      extend((left | (adjacent[bitOf(bit)] as number)) & ~out, out);
    }
  };
  for (let first = 0; first < adjacent.length && count <= most; first++) {
    const upTo = 2 ** (first + 1) - 1;
    extend((adjacent[first] as number) & ~upTo, upTo);
  }
  return Math.min(count, most + 1);
}

/** A hash table from sets that are not empty to numbers. */
class SetMap {
  #keys = new Int32Array(1024);
  #values = new Int32Array(1024);
  count = 0;

  /** Forgets all sets. */
  clear(): void {
    this.#keys.fill(0);
    this.count = 0;
  }

  /** The value of a set; -1 if there is none. */
  get(set: number): number {
    const slot = this.#slot(set);
    return this.#keys[slot] === 0 ? -1 : (this.#values[slot] as number);
  }

  set(set: number, value: number): void {
    const slot = this.#slot(set);
    if (this.#keys[slot] === 0) {
      this.count++;
      this.#keys[slot] = set;
    }
    this.#values[slot] = value;
    if (2 * this.count > this.#keys.length) this.#grow();
  }

  #slot(set: number): number {
    const mask = this.#keys.length - 1;
    let hash = Math.imul(set, 0x9e3779b1);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask)
      if (this.#keys[slot] === set || this.#keys[slot] === 0) return slot;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(4 * keys.length);
    this.#values = new Int32Array(4 * keys.length);
    for (let slot = 0; slot < keys.length; slot++) {
      if (keys[slot] === 0) continue;
      const to = this.#slot(keys[slot] as number);
      this.#keys[to] = keys[slot] as number;
      this.#values[to] = values[slot] as number;
    }
  }
}

/** Finds the least cost of whole blocks, one after the other. */
export class ConnectedSets {
  readonly #known = new SetMap();
  #costs: SetCosts = {
    size: 0,
    adjacent: new Int32Array(0),
    minimum: new Int32Array(0),
    cost: () => 0,
  };
  /** Connected sets that the last `minimum` worked out. */
  get count(): number {
    return this.#known.count;
  }

  /** What the cheapest order of all elements costs. */
  minimum(costs: SetCosts): number {
    this.#costs = costs;
    this.#known.clear();
    return this.#sum(2 ** costs.size - 1, Infinity);
  }

  /** Of the connected parts of a set; stops where the sum is at least `limit`. */
  #sum(set: number, limit: number): number {
    let sum = 0;
    for (let rest = set; rest !== 0 && sum < limit; ) {
      const part = partOf(this.#costs.adjacent, rest);
      rest &= ~part;
      sum += this.#least(part);
    }
    return sum;
  }

  /** Of a connected set. */
  #least(set: number): number {
    const known = this.#known.get(set);
    if (known >= 0) return known;
    const { minimum } = this.#costs;
    let least = Infinity;
    let all = 0;
    for (let rest = set; rest !== 0; rest &= rest - 1) all += minimum[bitOf(rest & -rest)] as number;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest;
      const cost = this.#costs.cost(bitOf(bit), set ^ bit);
      if (cost + all - (minimum[bitOf(bit)] as number) >= least) continue;
      const sum = cost + this.#sum(set ^ bit, least - cost);
      if (sum < least) least = sum;
    }
    this.#known.set(set, least);
    return least;
  }
}

/** The least cost of every connected set, and of it without any one element. */
export class SetTable {
  readonly adjacent: Int32Array;
  readonly #costs: SetCosts;
  /** For each connected set where its numbers start. */
  readonly #places = new SetMap();
  /** The least cost of a set, then of it without each of its elements, ascending. */
  #numbers = new Int32Array(1024);
  #end = 0;

  constructor(costs: SetCosts) {
    this.adjacent = costs.adjacent;
    this.#costs = costs;
    this.least(2 ** costs.size - 1);
  }

  /** The least cost of a set. */
  least(set: number): number {
    let sum = 0;
    for (let rest = set; rest !== 0; ) {
      const part = partOf(this.adjacent, rest);
      rest &= ~part;
      sum += this.leastAt(this.place(part));
    }
    return sum;
  }

  /** Where the numbers of a connected set are, for `leastAt` and `withoutAt`. */
  place(set: number): number {
    const known = this.#places.get(set);
    if (known >= 0) return known;
    const rests: number[] = [];
    let least = Infinity;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const bit = rest & -rest;
      const before = this.least(set ^ bit);
      rests.push(before);
      least = Math.min(least, before + this.#costs.cost(bitOf(bit), set ^ bit));
    }
    const place = this.#end;
    this.#end += rests.length + 1;
    if (this.#end > this.#numbers.length) {
      const larger = new Int32Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[place] = least;
    this.#numbers.set(rests, place + 1);
    this.#places.set(set, place);
    return place;
  }

  leastAt(place: number): number {
    return this.#numbers[place] as number;
  }

  /** The least cost of the set at a place without the element of which so many of the set are below. */
  withoutAt(place: number, below: number): number {
    return this.#numbers[place + 1 + below] as number;
  }
}

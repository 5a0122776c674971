/** What the search knows of the sets it has met: a hash table in typed arrays, bounded in size. */

import { sizeOf } from "./bitSets.ts";

/** Words of an entry after its key: the bound (doubled, plus one if it is exact) and the vertex eliminated last in an optimal order. */
const VALUE_WORDS = 2;
const EMPTY = -1;

export class Memo {
  readonly #words: number;
  readonly #stride: number;
  readonly #mostSlots: number;
  #slots: Int32Array;
  #mask: number;
  #count = 0;

  /**
   * @param words of a set
   * @param bytes that the table may take at most
   */
  constructor(words: number, bytes: number) {
    this.#words = words;
    this.#stride = words + VALUE_WORDS;
    this.#mostSlots = Math.max(1024, 2 ** Math.floor(Math.log2(bytes / (4 * this.#stride))));
    this.#mask = 1023;
    this.#slots = this.#allocate(1024);
  }

  /** Number of sets known. */
  get count(): number {
    return this.#count;
  }

  /** The place of a set, for the accessors below, or -1. Valid until the next `store`. */
  find(sets: Int32Array, start: number): number {
    const place = this.#place(sets, start);
    return this.#slots[place + this.#words] === EMPTY ? -1 : place;
  }

  /** A lower bound of what the set costs; the cost itself if `isExact`. */
  bound(place: number): number {
    return (this.#slots[place + this.#words] as number) >> 1;
  }

  isExact(place: number): boolean {
    return ((this.#slots[place + this.#words] as number) & 1) === 1;
  }

  /** The vertex that an optimal order eliminates last, if the bound is exact. */
  last(place: number): number {
    return this.#slots[place + this.#words + 1] as number;
  }

  /** @param last the vertex eliminated last if the bound is the exact cost, else -1 */
  store(sets: Int32Array, start: number, bound: number, last: number): void {
    let place = this.#place(sets, start);
    if (this.#slots[place + this.#words] === EMPTY) {
      if (2 * (this.#count + 1) > this.#mask) {
        this.#makeRoom();
        place = this.#place(sets, start);
      }
      this.#count++;
      for (let word = 0; word < this.#words; word++) this.#slots[place + word] = sets[start + word] as number;
    }
    this.#slots[place + this.#words] = 2 * bound + (last >= 0 ? 1 : 0);
    this.#slots[place + this.#words + 1] = last;
  }

  #allocate(slots: number): Int32Array {
    return new Int32Array(slots * this.#stride).fill(EMPTY);
  }

  #place(sets: Int32Array, start: number): number {
    let hash = 0;
    for (let word = 0; word < this.#words; word++) {
      hash = Math.imul(hash ^ (sets[start + word] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0x85ebca6b);
    hash ^= hash >>> 13;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const place = slot * this.#stride;
      if (this.#slots[place + this.#words] === EMPTY) return place;
      let word = 0;
      while (word < this.#words && this.#slots[place + word] === sets[start + word]) word++;
      if (word === this.#words) return place;
    }
  }

  /** Doubles the table; once it has its full size, forgets the smaller half of the sets, which are the cheapest to search again. */
  #makeRoom(): void {
    const old = this.#slots;
    const slots = this.#mask + 1;
    const grows = 2 * slots <= this.#mostSlots;
    const sizes = new Int32Array(32 * this.#words + 1);
    for (let place = 0; place < old.length; place += this.#stride)
      if (old[place + this.#words] !== EMPTY) count(sizes, sizeOf(old, place, this.#words));
    let least = 0;
    if (!grows) for (let kept = this.#count; kept > this.#count / 2; least++) kept -= sizes[least] as number;
    this.#slots = this.#allocate(grows ? 2 * slots : slots);
    this.#mask = this.#slots.length / this.#stride - 1;
    this.#count = 0;
    for (let place = 0; place < old.length; place += this.#stride) {
      if (old[place + this.#words] === EMPTY || sizeOf(old, place, this.#words) < least) continue;
      const to = this.#place(old, place);
      for (let word = 0; word < this.#stride; word++) this.#slots[to + word] = old[place + word] as number;
      this.#count++;
    }
  }
}

function count(histogram: Int32Array, value: number): void {
  histogram[value] = (histogram[value] as number) + 1;
}

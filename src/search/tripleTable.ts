/**
 * A hash table from three integers to one, with open addressing. Entries are removed in the reverse of the order in which they came, so that removing leaves no
 * holes in its chains.
 */

/** Integers of a slot: the key and the value plus 1; that is 0 in an empty slot. */
const SLOT = 4;

/** Keys are triples of 32-bit integers, values integers from 0 on. */
export class TripleTable {
  /** Entries that are there. */
  size = 0;
  #slots = new Int32Array(SLOT * 1024);
  /** For each entry, in the order in which they came, where its slot begins. */
  #places = new Int32Array(512);
  /** Where the last key that was not found would be. */
  #vacancy = 0;

  /** The value of a key, or -1 if it is absent. */
  get(a: number, b: number, c: number): number {
    const slots = this.#slots;
    const end = slots.length - 1;
    let place = (hash(a, b, c) * SLOT) & end;
    while (slots[place + 3] !== 0) {
      if (slots[place] === a && slots[place + 1] === b && slots[place + 2] === c)
        return (slots[place + 3] as number) - 1;
      place = (place + SLOT) & end;
    }
    this.#vacancy = place;
    return -1;
  }

  /** Adds the key that the last `get` did not find. */
  add(a: number, b: number, c: number, value: number): void {
    const slots = this.#slots;
    const place = this.#vacancy;
    slots[place] = a;
    slots[place + 1] = b;
    slots[place + 2] = c;
    slots[place + 3] = value + 1;
    this.#places[this.size++] = place;
    if (this.size === this.#places.length) this.#grow();
  }

  /** Removes what was added last until `size` entries are left. */
  shrinkTo(size: number): void {
    for (let entry = this.size - 1; entry >= size; entry--)
      this.#slots[(this.#places[entry] as number) + 3] = 0;
    this.size = size;
  }

  #grow(): void {
    const [slots, places, { size }] = [this.#slots, this.#places, this];
    this.#slots = new Int32Array(2 * slots.length);
    this.#places = new Int32Array(2 * places.length);
    this.size = 0;
    for (let entry = 0; entry < size; entry++) {
      const [a = 0, b = 0, c = 0, value = 0] = slots.subarray(
        places[entry],
        (places[entry] as number) + SLOT,
      );
      this.get(a, b, c);
      this.add(a, b, c, value - 1);
    }
  }
}

function hash(a: number, b: number, c: number): number {
  const mixed = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) & 0x0fffffff;
}

/** The cost of the best order that several threads have found together: a number in shared memory that only falls. */

/** A cost that all threads see at once. Costs are whole numbers. */
export class SharedCost {
  /** To hand to another thread, which makes its own `SharedCost` of it. */
  readonly memory: SharedArrayBuffer;
  readonly #cell: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#cell = new BigInt64Array(memory);
  }

  /** A new one. */
  static of(cost: number): SharedCost {
    const shared = new SharedCost(new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT));
    Atomics.store(shared.#cell, 0, BigInt(cost));
    return shared;
  }

  get value(): number {
    return Number(Atomics.load(this.#cell, 0));
  }

  /** Lowers the cost to this one; false if it was as low already. Of several threads that try the same cost, one succeeds. */
  lower(cost: number): boolean {
    const wanted = BigInt(cost);
    for (let known = Atomics.load(this.#cell, 0); wanted < known; ) {
      const before = Atomics.compareExchange(this.#cell, 0, known, wanted);
      if (before === known) return true;
      known = before;
    }
    return false;
  }
}

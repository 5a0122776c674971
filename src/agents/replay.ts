/** The replay buffer: the newest samples, drawn uniformly. */

import type { Random } from "../random.ts";

export class ReplayBuffer<Sample> {
  readonly capacity: number;
  readonly #samples: Sample[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#samples.length;
  }

  /** Where the next sample goes. */
  get next(): number {
    return this.#next;
  }

  /** Takes a sample in, in the place of the oldest if there is no room. */
  add(sample: Sample): void {
    this.#samples[this.#next] = sample;
    this.#next = (this.#next + 1) % this.capacity;
  }

  /** Puts samples as they came where they were: the first at a place, the others behind it, the last over the first if there are too many. */
  restore(samples: readonly Sample[], start: number): void {
    this.#next = samples.length < this.capacity ? 0 : start;
    for (const sample of samples) this.add(sample);
  }

  /** So many samples, with replacement. The buffer must not be empty. */
  sample(count: number, random: Random): Sample[] {
    return Array.from({ length: count }, () => this.#samples[random.below(this.size)] as Sample);
  }
}

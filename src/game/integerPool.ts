/** Memory for many short arrays that live about as long as each other: a typed array of its own for each takes three times as long. */

const CHUNK = 1 << 14;

/** Hands out pieces of larger arrays. A chunk is freed when none of its pieces is in use any more. */
export class IntegerPool {
  #chunk = new Int32Array(CHUNK);
  #top = 0;

  /** An array of zeros of this length that nobody else has. */
  take(length: number): Int32Array {
    if (this.#top + length > this.#chunk.length) {
      this.#chunk = new Int32Array(Math.max(CHUNK, length));
      this.#top = 0;
    }
    const start = this.#top;
    this.#top += length;
    return this.#chunk.subarray(start, this.#top);
  }
}

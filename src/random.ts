/**
 * The seeded generator behind every random choice: xoshiro128** 1.1 (Blackman & Vigna 2021, public domain), four 32-bit words of state.
 *
 * Our own because it sits in the innermost loop of the search, where the generators on npm cost a call through an interface that hands out
 * 32-bit integers only; its output is checked against the published algorithm's in the test.
 */

/** The four words of a generator's state, as unsigned 32-bit integers: JSON, to resume a run where it stopped. */
export type RandomState = readonly [number, number, number, number];

/** A deterministic stream of pseudo-random numbers with period 2^128 - 1. Not for cryptography. */
export class Random {
  #a = 1;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @param state as `state` gave it, or any four words that are not all zero; see `seeded` for a start from one number. */
  constructor(state: RandomState) {
    this.state = state;
  }

  /** The generator of a seed: any number, of which the 53 bits of an integer count. Neighbouring seeds give unrelated streams. */
  static seeded(seed: number): Random {
    const low = splitMix32(seed | 0);
    const high = splitMix32(~Math.floor(seed / 2 ** 32));
    return new Random([low(), low(), high(), high()]);
  }

  /** The words from which the constructor continues this very stream. */
  get state(): RandomState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  /** Goes on with the stream that had this state. */
  set state([a, b, c, d]: RandomState) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#d = d | 0;
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1;
  }

  /** The next 32 bits, as an integer in [-2^31, 2^31). */
  bits(): number {
    const b = this.#b;
    const scrambled = Math.imul(b, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9);
    this.#c ^= this.#a;
    this.#d ^= b;
    this.#b = b ^ this.#c;
    this.#a ^= this.#d;
    this.#c ^= b << 9;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  unit(): number {
    return (this.bits() >>> 0) * 2 ** -32;
  }

  /** A uniform integer in [0, bound), for a bound from 1 to 2^32; the bias of at most bound / 2^32 is accepted for speed. */
  below(bound: number): number {
    return Math.floor((this.bits() >>> 0) * 2 ** -32 * bound);
  }
}

/** Spreads one word over many (Steele, Lea & Flood 2014, in its 32-bit form), so that similar seeds start far apart. */
function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
}

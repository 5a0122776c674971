/**
 * Which of many terms a term meets: products of irregular reshapes have thousands of terms of a few entries each, and comparing all with all takes
 * minutes where this takes seconds.
 */

import { disjoint, type Structure } from "../structure/structure.ts";

/** A term as far as it matters here. */
export interface Located {
  readonly structure: Structure;
  readonly key: string;
}

/** The terms of one list, in slices along the longest dim of their block. */
export class TermIndex {
  readonly #positionOf = new Map<string, number>();
  /** The dim, out dims first. */
  readonly #along: number;
  /** Positions of the terms that reach into each slice, ascending. */
  readonly #slices = new Map<number, number[]>();
  readonly #terms: Located[] = [];

  constructor(terms: readonly Located[]) {
    const sizes = terms.slice(0, 1).flatMap(({ structure }) => dimsOf(structure).map(({ size }) => size));
    this.#along = sizes.indexOf(Math.max(...sizes));
    for (const term of terms) this.append(term);
  }

  /** Takes note of a term that was put at the end of the list. */
  append(term: Located): void {
    const position = this.#terms.push(term) - 1;
    this.#positionOf.set(term.key, position);
    const [first, last] = this.#range(term);
    for (let slice = first; slice <= last; slice++) {
      const positions = this.#slices.get(slice);
      if (positions === undefined) this.#slices.set(slice, [position]);
      else positions.push(position);
    }
  }

  /** The position of the term with the same structure, or -1. */
  same({ key }: Located): number {
    return this.#positionOf.get(key) ?? -1;
  }

  /** The position of the first term that has an entry in common, or -1. */
  overlapping(term: Located): number {
    let found = Infinity;
    const [first, last] = this.#range(term);
    for (let slice = first; slice <= last; slice++)
      for (const position of this.#slices.get(slice) ?? []) {
        if (position >= found) break;
        const other = this.#terms[position];
        if (other !== undefined && !disjoint(other.structure, term.structure)) found = position;
      }
    return found === Infinity ? -1 : found;
  }

  /** The first and the last slice that a term reaches into. */
  #range({ structure }: Located): [first: number, last: number] {
    const own = dimsOf(structure)[this.#along];
    if (own === undefined) return [0, 0];
    const width = Math.ceil(own.size / SLICES);
    const extent = own.label === null ? 1 : (structure.extents[own.label] ?? 1);
    const end = own.offset + (own.stride ?? 1) * (extent - 1);
    return [Math.floor(Math.min(own.offset, end) / width), Math.floor(Math.max(own.offset, end) / width)];
  }
}

/** At most. */
const SLICES = 128;

function dimsOf({ out, in: inner }: Structure): Structure["out"] {
  return [...out, ...inner];
}

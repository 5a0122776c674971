/** Sets of a component's vertices as bits of consecutive words, from some word on. */

import { population } from "../population.ts";
import { bitOf } from "./subsets.ts";

/** Adds a vertex. */
export function add(sets: Int32Array, start: number, vertex: number): void {
  const word = start + (vertex >> 5);
  sets[word] = (sets[word] as number) | (1 << (vertex & 31));
}

/** Removes a vertex. */
export function remove(sets: Int32Array, start: number, vertex: number): void {
  const word = start + (vertex >> 5);
  sets[word] = (sets[word] as number) & ~(1 << (vertex & 31));
}

/** Writes the vertices of a set from `offset` on, ascending; returns the offset behind them. */
export function list(sets: Int32Array, start: number, words: number, into: Int32Array, offset = 0): number {
  let end = offset;
  for (let word = 0; word < words; word++)
    for (let bits = sets[start + word] as number; bits !== 0; bits &= bits - 1)
      into[end++] = (word << 5) + bitOf(bits & -bits);
  return end;
}

/** How many vertices a set has. */
export function sizeOf(sets: Int32Array, start: number, words: number): number {
  let size = 0;
  for (let word = 0; word < words; word++) size += population(sets[start + word] as number);
  return size;
}

/**
 * Moves from `rest` to the set at `start` whatever is joined to the vertices of the set, directly or by others of `rest`.
 *
 * @param rows for each vertex those that it is joined to: bit rows of `words` words, united; of each as many words as `rest` has are looked at
 * @param stack room for all vertices
 */
export function flood(
  sets: Int32Array,
  start: number,
  rest: Int32Array,
  rows: readonly { readonly all: Int32Array; readonly words: number }[],
  stack: Int32Array,
): void {
  const words = rest.length;
  let top = list(sets, start, words, stack);
  while (top > 0) {
    const vertex = stack[--top] as number;
    for (let word = 0; word < words; word++) {
      let next = 0;
      for (let index = 0; index < rows.length; index++) {
        const { all, words: stride } = rows[index] as { all: Int32Array; words: number };
        next |= all[vertex * stride + word] as number;
      }
      next &= rest[word] as number;
      if (next === 0) continue;
      rest[word] = (rest[word] as number) ^ next;
      sets[start + word] = (sets[start + word] as number) | next;
      for (; next !== 0; next &= next - 1) stack[top++] = (word << 5) + bitOf(next & -next);
    }
  }
}

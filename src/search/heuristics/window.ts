/** The best order of a few consecutive vertices of an order, all else as it is. */

import type { Random } from "../../random.ts";
import type { Engine } from "../engine.ts";

/**
 * The cheapest order of the vertices, by dynamic programming over their subsets (Held & Karp 1962): the least cost of having eliminated a set is the least, over
 * the vertex v eliminated last, of that of the set without v and of what v costs after it. Exact where costs are local.
 *
 * @param engine with all before the window eliminated; left as it was
 * @param random which of several optimal orders is given
 * @returns the order, and what the window costs in it; O(2^n n) eliminations for n vertices
 */
export function bestLocalOrder(
  engine: Engine,
  vertices: readonly number[],
  random: Random,
): { readonly order: number[]; readonly cost: number } {
  const { length } = vertices;
  const costs = new Float64Array(2 ** length * length);
  const explore = (set: number, from: number): void => {
    for (let last = 0; last < length; last++)
      if ((set & (1 << last)) === 0) costs[set * length + last] = engine.degree(vertices[last] as number);
    for (let next = from; next < length; next++) {
      engine.eliminate(vertices[next] as number);
      explore(set | (1 << next), next + 1);
      engine.undo(1);
    }
  };
  explore(0, 0);
  const least = new Float64Array(2 ** length).fill(Infinity);
  const lastOf = new Uint8Array(2 ** length);
  least[0] = 0;
  for (let set = 1; set < least.length; set++) {
    let ties = 0;
    for (let last = 0; last < length; last++) {
      if ((set & (1 << last)) === 0) continue;
      const rest = set ^ (1 << last);
      const cost = (least[rest] as number) + (costs[rest * length + last] as number);
      if (cost > (least[set] as number)) continue;
      ties = cost < (least[set] as number) ? 1 : ties + 1;
      least[set] = cost;
      if (ties === 1 || random.below(ties) === 0) lastOf[set] = last;
    }
  }
  const order: number[] = [];
  for (let set = least.length - 1; set !== 0; set ^= 1 << (lastOf[set] as number))
    order.unshift(vertices[lastOf[set] as number] as number);
  return { order, cost: least.at(-1) as number };
}

/**
 * The cheapest order of the vertices by trying all, with what comes after them, where the order within the window changes that.
 *
 * @param engine with all before the window eliminated; left as it was
 * @param rest what is eliminated after the window
 * @returns the order, and the total of the whole; tries n! orders
 */
export function bestOrder(
  engine: Engine,
  vertices: readonly number[],
  rest: Int32Array,
): { readonly order: number[]; readonly total: number } {
  let best: { order: number[]; total: number } = { order: [...vertices], total: Infinity };
  const order: number[] = [];
  const extend = (left: readonly number[]): void => {
    if (left.length === 0) {
      for (const index of rest) engine.eliminate(index);
      const total = engine.total();
      engine.undo(rest.length);
      if (total < best.total) best = { order: [...order], total };
      return;
    }
    for (const index of left) {
      engine.eliminate(index);
      order.push(index);
      extend(left.filter((other) => other !== index));
      order.pop();
      engine.undo(1);
    }
  };
  extend(vertices);
  return best;
}

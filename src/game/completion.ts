/** Greedy completions: what the rest of a game costs by Markowitz's rule, which bounds the optimum from above. */

import { BitGraph } from "./bitGraph.ts";

/** How a game can be completed. */
export interface Completion {
  readonly cost: number;
  /** The remaining intermediates in the order of their elimination. A view that the next completion overwrites. */
  readonly order: Int32Array;
}

/** Completes positions of one graph; keeps the memory for it. */
export class GreedyCompletion {
  readonly #graph: Eliminator;
  readonly #orders: [Int32Array, Int32Array];

  /** @param graph any position of the graph whose positions will be completed */
  constructor(graph: BitGraph) {
    this.#graph = new Eliminator(graph);
    this.#orders = [new Int32Array(graph.size), new Int32Array(graph.size)];
  }

  /**
   * The cheaper of two completions by lowest Markowitz degree: with ties to the first in program order and to the last. Ties decide much (RobotArm_6DOF:
   * 288 and 221).
   */
  complete(position: BitGraph): Completion {
    const [first, last] = this.#orders;
    const byFirst = this.#graph.complete(position, 1, first, Infinity);
    const byLast = this.#graph.complete(position, 0, last, byFirst);
    const count = this.#graph.count;
    return byLast < byFirst
      ? { cost: byLast, order: last.subarray(0, count) }
      : { cost: byFirst, order: first.subarray(0, count) };
  }
}

/** A copy in which everything is eliminated. */
class Eliminator extends BitGraph {
  readonly #left = new Int32Array(this.size);
  readonly #costs = new Int32Array(this.size);
  readonly #neighbours = new Int32Array(this.size);
  /** How many intermediates the last completion eliminated. */
  count = 0;

  /**
   * Eliminates everything, the cheapest first.
   *
   * @param margin by how much a later vertex must be cheaper to go before an earlier one: 1 for ties to the first, 0 to the last
   * @param limit gives up as soon as it costs so much
   */
  complete(position: BitGraph, margin: 0 | 1, order: Int32Array, limit: number): number {
    this.copy(position);
    const costs = this.#costs;
    const list = this.#left;
    let left = this.listOpen(list);
    this.count = left;
    for (let place = 0; place < left; place++) {
      const index = list[place] as number;
      costs[index] = this.cost(index);
    }
    let total = 0;
    let eliminated = -1;
    for (let position = 0; position < this.count; position++) {
      // Finds the cheapest and closes the gap of the one before in one pass.
      let best = -1;
      let least = 2 ** 30;
      let kept = 0;
      for (let place = 0; place < left; place++) {
        const index = list[place] as number;
        if (index === eliminated) continue;
        list[kept++] = index;
        const cost = costs[index] as number;
        if (cost + margin > least) continue;
        least = cost;
        best = index;
      }
      left = kept;
      total += this.eliminate(best);
      if (total >= limit) return total;
      order[position] = best;
      eliminated = best;
      this.#update(0, best);
      this.#update(1, best);
    }
    return total;
  }

  #update(side: 0 | 1, index: number): void {
    const count = this.listBits(this.blocks, this.all(side, index), this.#neighbours);
    for (let place = 0; place < count; place++) {
      const neighbour = this.#neighbours[place] as number;
      this.#costs[neighbour] = this.cost(neighbour);
    }
  }
}

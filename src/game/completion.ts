/** Greedy completions: what the rest of a game costs by Markowitz's rule, which bounds the optimum from above. */

import { BitGraph } from "./bitGraph.ts";
import type { Position } from "./position.ts";

/** How a game can be completed, and what that must cost. */
export interface Completion {
  /** The sum of the bounds of all that is left. */
  readonly lowerBound: number;
  /** What the order costs. */
  readonly upperBound: number;
  /** The remaining intermediates in the order of their elimination. A view that the next completion overwrites. */
  readonly order: Int32Array;
}

/** Completes positions of one graph; keeps the memory for it. */
export class GreedyCompletion {
  readonly #graph: Eliminator;
  readonly #first: Int32Array;
  readonly #last: Int32Array;

  /** @param graph any position of the graph whose positions will be completed */
  constructor(graph: Position) {
    this.#graph = new Eliminator(graph);
    this.#first = new Int32Array(graph.size);
    this.#last = new Int32Array(graph.size);
  }

  /**
   * The cheaper of two completions by lowest Markowitz degree: with ties to the first in program order and to the last. Ties decide much (RobotArm_6DOF:
   * 288 and 221).
   */
  complete(position: Position): Completion {
    const graph = this.#graph;
    const lowerBound = graph.readBounds(position);
    let order = this.#first;
    let upperBound = graph.complete(position, 1, order, Infinity);
    if (upperBound > lowerBound) {
      const byLast = graph.complete(position, 0, this.#last, upperBound);
      if (byLast < upperBound) {
        upperBound = byLast;
        order = this.#last;
      }
    }
    return { lowerBound, upperBound, order: order.subarray(0, graph.count) };
  }
}

/** A copy in which everything is eliminated. */
class Eliminator extends BitGraph {
  readonly #left = new Int32Array(this.size);
  readonly #costs = new Int32Array(this.size);
  readonly #bounds = new Int32Array(this.size);
  #lowerBound = 0;
  /** How many intermediates are open in the position. */
  count = 0;

  /** Reads the bounds of a position; returns their sum. */
  readBounds(position: Position): number {
    this.count = position.listOpen(this.#left);
    this.#lowerBound = 0;
    for (let place = 0; place < this.count; place++) {
      const index = this.#left[place] as number;
      const bound = position.bound(index);
      this.#bounds[index] = bound;
      this.#lowerBound += bound;
    }
    return this.#lowerBound;
  }

  /**
   * Eliminates everything, the cheapest first, after `readBounds`; returns the cost.
   *
   * @param margin by how much a later vertex must be cheaper to go before an earlier one: 1 for ties to the first, 0 to the last
   * @param limit gives up as soon as it is clear that it will cost so much
   */
  complete(position: BitGraph, margin: 0 | 1, order: Int32Array, limit: number): number {
    this.copy(position);
    const costs = this.#costs;
    const list = this.#left;
    let left = this.listOpen(list);
    for (let place = 0; place < left; place++) {
      const index = list[place] as number;
      costs[index] = this.cost(index);
    }
    // What all costs at least, given what the first ones cost.
    let total = this.#lowerBound;
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
      total += this.eliminate(best) - (this.#bounds[best] as number);
      if (total >= limit) return total;
      order[position] = best;
      eliminated = best;
    }
    return total;
  }

  protected override changed(index: number): void {
    this.#costs[index] = this.cost(index);
  }
}

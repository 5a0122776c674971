/** A network with its weights, as a player sees it: what it thinks of states, in the units of the game. */

import type { GraphObservation } from "../game/index.ts";
import { type Batch, createBatch } from "./network/batch.ts";
import type { Network } from "./network/network.ts";
import { Tape } from "./network/tape.ts";
import type { Evaluation } from "./search/tree.ts";

/** A state as it is seen, and the scale of its game. */
export interface Seen {
  readonly observation: GraphObservation;
  readonly scale: number;
}

/** Below this a difference of costs is not stretched further: networks should not learn the noise of tiny games. */
const LEAST_SCALE = 10;

/** Bounds within this fraction are usual; where they happen to be closer at the root, later ones need not be. */
const LEAST_GAP = 0.15;

/**
 * The scale of a game: what costs above the lower bound are measured in. It is one for a whole episode, so that values of its states are comparable.
 *
 * @param root what is seen before the first move
 */
export function scaleOf({ lowerBound, upperBound }: GraphObservation): number {
  const least = Math.min(LEAST_SCALE, upperBound);
  return Math.max(least, upperBound - lowerBound, LEAST_GAP * lowerBound) || 1;
}

/** Evaluates batches of states. Holds memory for them: one player for each thread. */
export class Player {
  readonly network: Network;
  readonly weights: Float32Array;
  readonly #tape: Tape;

  /** @param weights in the network's layout; they may change between evaluations */
  constructor(network: Network, weights: Float32Array) {
    this.network = network;
    this.weights = weights;
    this.#tape = new Tape(network.layout);
  }

  /** What the network says of states with something left to decide: logits, and minus the cost that it expects, within the bounds. */
  evaluate(seen: readonly Seen[]): Evaluation[] {
    if (seen.length === 0) return [];
    const batch = createBatch(seen.map(({ observation }) => observation));
    return this.#tape.run(this.weights, null, () => this.#evaluate(seen, batch));
  }

  #evaluate(seen: readonly Seen[], batch: Batch): Evaluation[] {
    const { logits, values } = this.network.forward(this.#tape, batch);
    return seen.map(({ observation: { lowerBound, upperBound }, scale }, graph) => {
      const cost = lowerBound + scale * (values.values[graph] as number);
      return {
        logits: logits.values.slice(batch.starts[graph], batch.starts[graph + 1]),
        value: -Math.min(upperBound, Math.max(lowerBound, cost)),
      };
    });
  }
}

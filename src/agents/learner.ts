/** The learner: weights, optimiser, and one gradient step of a loss on a batch. */

import { type AdamOptions, type AdamState, adamStep } from "./network/adam.ts";
import { type Batch, createBatch } from "./network/batch.ts";
import type { Network } from "./network/network.ts";
import { Tape } from "./network/tape.ts";
import type { Seen } from "./player.ts";

/** What a loss sees of one sample: its logits [n] and value (in units of the scale, above the lower bound), and where its derivatives go. */
export interface SampleOutput {
  readonly logits: Float32Array;
  readonly value: number;
  /** The loss writes the derivatives by the logits here. [n] */
  readonly logitGradient: Float32Array;
}

/** Parts of a loss: means over a batch. */
export interface Losses {
  policy: number;
  value: number;
  /** Mean entropy of the policy. */
  entropy: number;
}

/** Adds a sample's losses to `losses`, writes the derivatives by the logits, returns the derivative by the value. */
export type Loss<Sample> = (sample: Sample, output: SampleOutput, losses: Losses) => number;

export class Learner {
  readonly network: Network;
  readonly weights: Float32Array;
  readonly adam: AdamState;
  readonly #tape: Tape;
  readonly #gradient: Float32Array;

  /** @param weights and @param adam are changed by every step */
  constructor(network: Network, weights: Float32Array, adam: AdamState) {
    this.network = network;
    this.weights = weights;
    this.adam = adam;
    this.#tape = new Tape(network.layout);
    this.#gradient = new Float32Array(weights.length);
  }

  /** One step down the mean loss of a batch; returns the mean losses before it. */
  step<Sample extends Seen>(batch: readonly Sample[], loss: Loss<Sample>, options: AdamOptions): Losses {
    const graphs = createBatch(batch.map(({ observation }) => observation));
    const losses = this.#tape.run(this.weights, this.#gradient, () =>
      this.#differentiate(batch, graphs, loss),
    );
    adamStep(this.weights, this.#gradient, this.adam, options);
    return losses;
  }

  #differentiate<Sample>(batch: readonly Sample[], graphs: Batch, loss: Loss<Sample>): Losses {
    const { logits, values } = this.network.forward(this.#tape, graphs);
    const losses: Losses = { policy: 0, value: 0, entropy: 0 };
    batch.forEach((sample, graph) => {
      const [start, end] = [graphs.starts[graph], graphs.starts[graph + 1]];
      const output = {
        logits: logits.values.subarray(start, end),
        value: values.values[graph] as number,
        logitGradient: logits.gradient.subarray(start, end),
      };
      values.gradient[graph] = loss(sample, output, losses) / batch.length;
    });
    for (let row = 0; row < logits.gradient.length; row++)
      logits.gradient[row] = (logits.gradient[row] as number) / batch.length;
    this.#tape.backward();
    return {
      policy: losses.policy / batch.length,
      value: losses.value / batch.length,
      entropy: losses.entropy / batch.length,
    };
  }
}

/** Smooth L1 (Huber's loss with threshold 1): quadratic near zero, linear beyond; with its derivative. */
export function smoothL1(error: number): { readonly loss: number; readonly slope: number } {
  const size = Math.abs(error);
  return size < 1 ? { loss: error ** 2 / 2, slope: error } : { loss: size - 1 / 2, slope: Math.sign(error) };
}

/** The value that a network should give for what was left to pay: the inverse of how `Player` reads it. */
export function valueTarget({ observation, scale }: Seen, costToGo: number): number {
  return (costToGo - observation.lowerBound) / scale;
}

/** Means of losses over steps. */
export function meanLosses(steps: readonly Losses[]): Losses {
  const mean = (part: keyof Losses) =>
    steps.reduce((total, losses) => total + losses[part], 0) / Math.max(1, steps.length);
  return { policy: mean("policy"), value: mean("value"), entropy: mean("entropy") };
}

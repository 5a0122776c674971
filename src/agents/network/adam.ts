/** Adam (Kingma & Ba 2015) with the gradient clipped to a greatest norm. */

export interface AdamOptions {
  readonly learningRate: number;
  /** The greatest Euclidean norm of a gradient; larger ones are scaled down to it. */
  readonly clip: number;
}

const DECAY = 0.9;
const SQUARE_DECAY = 0.999;
const EPSILON = 1e-8;

/** What Adam remembers between steps: plain data. */
export interface AdamState {
  steps: number;
  /** Running means of the gradient and of its squares. */
  readonly mean: Float32Array;
  readonly square: Float32Array;
}

export function initialAdam(size: number): AdamState {
  return { steps: 0, mean: new Float32Array(size), square: new Float32Array(size) };
}

/** One step: changes the weights and the state. */
export function adamStep(
  weights: Float32Array,
  gradient: Float32Array,
  state: AdamState,
  { learningRate, clip }: AdamOptions,
): void {
  let squares = 0;
  for (const slope of gradient) squares += slope * slope;
  const factor = Math.min(1, clip / Math.max(Math.sqrt(squares), EPSILON));
  state.steps++;
  const rate = (learningRate * Math.sqrt(1 - SQUARE_DECAY ** state.steps)) / (1 - DECAY ** state.steps);
  const { mean, square } = state;
  for (let index = 0; index < weights.length; index++) {
    const slope = factor * (gradient[index] as number);
    const average = DECAY * (mean[index] as number) + (1 - DECAY) * slope;
    const spread = SQUARE_DECAY * (square[index] as number) + (1 - SQUARE_DECAY) * slope * slope;
    mean[index] = average;
    square[index] = spread;
    weights[index] = (weights[index] as number) - (rate * average) / (Math.sqrt(spread) + EPSILON);
  }
}

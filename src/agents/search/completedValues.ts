/** Completed and rescaled action values (Danihelka et al. 2022, section 4 and appendix D): what policies are improved with. */

/** What a node knows of its actions. */
export interface ActionStatistics {
  /** [n] */
  readonly logits: Float32Array;
  /** What the network says the node is worth. */
  readonly rawValue: number;
  /** Reward and value of what each visited action leads to; anything for the others. [n] */
  readonly values: Float64Array;
  /** [n] */
  readonly visits: Int32Array;
}

/** How far values count beside logits. */
export interface ValueScaling {
  /** Factor of the values, which are rescaled to [0, 1]. */
  readonly valueScale: number;
  /** Added to the largest number of visits, which is another factor. */
  readonly initialVisits: number;
}

/** The constants of mctx. */
export const MCTX_SCALING: ValueScaling = { valueScale: 0.1, initialVisits: 50 };

const EPSILON = 1e-8;

/**
 * The completed values, rescaled so that they can be added to logits: unvisited actions have the mixed value (appendix D, equation 33), all are
 * brought to [0, 1] and multiplied by (initialVisits + most visits) * valueScale.
 *
 * @returns [n]
 */
export function completedValues(
  node: ActionStatistics,
  { valueScale, initialVisits }: ValueScaling,
): Float64Array {
  const { values, visits } = node;
  const mixed = mixedValue(node);
  const completed = values.map((value, action) => (visits[action] === 0 ? mixed : value));
  let [least, largest, mostVisits] = [Infinity, -Infinity, 0];
  completed.forEach((value, action) => {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
    mostVisits = Math.max(mostVisits, visits[action] as number);
  });
  const factor = ((initialVisits + mostVisits) * valueScale) / Math.max(largest - least, EPSILON);
  return completed.map((value) => (value - least) * factor);
}

/** The network's value and the visited actions' values, these weighted by the policy, in proportion 1 to the number of visits. */
function mixedValue({ logits, rawValue, values, visits }: ActionStatistics): number {
  const policy = softmax(logits);
  let [count, weights, weighted] = [0, 0, 0];
  visits.forEach((visit, action) => {
    if (visit === 0) return;
    const weight = Math.max(policy[action] as number, Number.MIN_VALUE);
    count += visit;
    weights += weight;
    weighted += weight * (values[action] as number);
  });
  return count === 0 ? rawValue : (rawValue + (count * weighted) / weights) / (count + 1);
}

/** Probabilities in proportion to exp(logit). */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const shares = Float64Array.from(logits);
  let largest = -Infinity;
  for (const logit of shares) largest = Math.max(largest, logit);
  let total = 0;
  shares.forEach((logit, index) => {
    const share = Math.exp(logit - largest);
    shares[index] = share;
    total += share;
  });
  return shares.map((share) => share / total);
}

/** Attention of two queries over three keys, of dimension two: softmax(Q K' / sqrt(2)) V. */

type Pair = [number, number];
type Triple = [Pair, Pair, Pair];

const sum = (terms: number[]) => terms.reduce((total, term) => total + term);

const softmax = (scores: number[]) => {
  const exponentials = scores.map(Math.exp);
  const total = sum(exponentials);
  return exponentials.map((value) => value / total);
};

/** The mean of the values with the weights that a query gives to their keys. */
function attention([q, r]: Pair, keys: Triple, values: Triple): number[] {
  const weights = softmax(keys.map(([k, l]) => (q * k + r * l) / Math.sqrt(2)));
  const mean = (column: number[]) => sum(column.map((value, j) => (weights[j] ?? 0) * value));
  return [mean(values.map(([v]) => v)), mean(values.map(([, v]) => v))];
}

export function SoftmaxAttention(queries: [Pair, Pair], keys: Triple, values: Triple) {
  return queries.map((query) => attention(query, keys, values));
}

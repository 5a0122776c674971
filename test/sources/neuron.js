// A small neural network written in plain JavaScript: loops, closures, a default export, names that are reused.
const weights = [
  [0.5, -0.25, 0.125],
  [-1, 2, 0.75],
];

const dense = (matrix) => (x) => {
  const y = new Array(matrix.length).fill(0);
  for (const [row, coefficients] of matrix.entries()) {
    for (let column = 0; column < coefficients.length; column++) y[row] += coefficients[column] * x[column];
  }
  return y;
};

export default function neuron([a, b, c], bias = [0, 0]) {
  const layer = dense(weights);
  let i = 0;
  const hidden = layer([a, b, c]).map((x) => Math.tanh(x + bias[i++]));
  let norm = 0;
  do {
    norm += hidden[--i] ** 2;
  } while (i > 0);
  return { hidden, norm: Math.sqrt(norm) };
}

/** The training loss of a small network, tanh in its hidden layer and cross-entropy on top, over eight labelled points: what a Newton step minimises. */

import {
  add,
  logSumExp,
  type Matrix,
  matmul,
  mean,
  multiply,
  subtract,
  sum,
  tanh,
  transpose,
  type Vector,
} from "alphagrad/math";

type Hidden = 4;
type Classes = 2;

/** Points of the exclusive or, and the class of each as one of two unit vectors. */
const points: Matrix<8, 2> = [
  [0.9, 0.8],
  [-0.7, -1.1],
  [-0.8, 0.9],
  [1.1, -0.6],
  [0.6, 1.2],
  [-1.2, -0.5],
  [-0.5, 0.7],
  [0.8, -0.9],
];
const zero: Vector<Classes> = [1, 0];
const one: Vector<Classes> = [0, 1];
const labels: Matrix<8, Classes> = [zero, zero, one, one, zero, zero, one, one];

/** Weights and biases of the two layers. */
export function MLP(
  W1: Matrix<Hidden, 2>,
  b1: Vector<Hidden>,
  W2: Matrix<Classes, Hidden>,
  b2: Vector<Classes>,
) {
  const hidden = tanh(add(matmul(points, transpose(W1)), b1));
  const scores = add(matmul(hidden, transpose(W2)), b2);
  const right = sum(multiply(scores, labels), 1);
  const loss = mean(subtract(logSumExp(scores, 1), right));
  return loss;
}

/** Attention of two queries over three keys, of dimension two: softmax(Q K' / sqrt(2)) V. */

import { divide, type Matrix, matmul, softmax, transpose } from "alphagrad/math";

export function SoftmaxAttention(queries: Matrix<2, 2>, keys: Matrix<3, 2>, values: Matrix<3, 2>) {
  const scores = divide(matmul(queries, transpose(keys)), Math.sqrt(2));
  const attention = matmul(softmax(scores), values);
  return attention;
}

/** Sums and products without error, as the rounded result and what was rounded away (Knuth 1969; Dekker 1971). */

import type { Node } from "../graph.ts";
import type { Lanes } from "../lanes.ts";

/** x + y = sum + error exactly, in any order of magnitude. */
export function twoSum(l: Lanes, x: Node, y: Node): { sum: Node; error: Node } {
  const sum = l.add(x, y);
  const b = l.sub(sum, x);
  return { sum, error: l.add(l.sub(x, l.sub(sum, b)), l.sub(y, b)) };
}

/** x + y = sum + error exactly, if |x| >= |y| or x = 0. */
export function fastTwoSum(l: Lanes, x: Node, y: Node): { sum: Node; error: Node } {
  const sum = l.add(x, y);
  return { sum, error: l.sub(y, l.sub(sum, x)) };
}

/** x with the lower half of its significand cleared: its square is exact. */
export function head(l: Lanes, x: Node): Node {
  const lower = l.format.bits === 64 ? 27n : 12n;
  return l.and(x, l.bits(-(1n << lower)));
}

/** x y = product + error, to some 2^-106 in float64. Magnitudes must be far from overflow and underflow. */
export function twoProduct(l: Lanes, x: Node, y: Node): { product: Node; error: Node } {
  const product = l.mul(x, y);
  const [xHead, yHead] = [head(l, x), head(l, y)];
  const [xTail, yTail] = [l.sub(x, xHead), l.sub(y, yHead)];
  const first = l.sub(l.mul(xHead, yHead), product);
  const cross = l.add(l.add(first, l.mul(xHead, yTail)), l.mul(xTail, yHead));
  return { product, error: l.add(cross, l.mul(xTail, yTail)) };
}

/** Attention of the vertices of a graph to one another. */

import type { Batch } from "./batch.ts";
import type { Matrix, Tape } from "./tape.ts";

/** What each row of a graph pays attention to, for one head. */
interface Block {
  readonly start: number;
  readonly count: number;
  readonly head: number;
  /** [count, count] */
  readonly shares: Float32Array;
}

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017, section 3.2) of the rows of each graph to one another. The eliminated
 * vertices, which the paper masks, are not among the rows.
 *
 * @param x queries, keys and values beside each other: [N, 3 C], C a multiple of the number of heads, with 4 numbers per head or a multiple of that
 * @returns [N, C]
 */
export function attention(tape: Tape, x: Matrix, batch: Batch, heads: number): Matrix {
  const { kernels } = tape;
  const wide = x.columns;
  const columns = wide / 3;
  const width = columns / heads;
  const factor = 1 / Math.sqrt(width);
  const result = tape.result(x.rows, columns, "zeros");
  /** Addresses within x of a row's query, key (1) and value (2), and within the result. */
  const part = (row: number, head: number, kind: 0 | 1 | 2) => row * wide + kind * columns + head * width;
  const own = (row: number, head: number) => row * columns + head * width;
  const [from, to] = [x.values.byteOffset, result.values.byteOffset];
  const blocks: Block[] = [];
  for (let graph = 0; graph < batch.graphs; graph++)
    for (let head = 0; head < heads; head++) {
      const start = batch.starts[graph] as number;
      const count = (batch.starts[graph + 1] as number) - start;
      const shares = tape.scratch(count * count);
      blocks.push({ start, count, head, shares });
      for (let i = 0; i < count; i++) {
        const row = shares.subarray(i * count, (i + 1) * count);
        const query = part(start + i, head, 0);
        for (let j = 0; j < count; j++)
          row[j] = factor * dot(x.values, query, x.values, part(start + j, head, 1), width);
        toShares(row);
        for (let j = 0; j < count; j++)
          kernels.addScaled(
            row[j] as number,
            from + 4 * part(start + j, head, 2),
            to + 4 * own(start + i, head),
            width,
          );
      }
    }
  tape.record(() => {
    const [inner, outer] = [x.gradient.byteOffset, result.gradient.byteOffset];
    for (const { start, count, head, shares } of blocks)
      for (let i = 0; i < count; i++) {
        const query = 4 * part(start + i, head, 0);
        const slopes = new Float64Array(count);
        let mean = 0;
        for (let j = 0; j < count; j++) {
          const value = part(start + j, head, 2);
          const share = shares[i * count + j] as number;
          kernels.addScaled(share, outer + 4 * own(start + i, head), inner + 4 * value, width);
          const slope = dot(result.gradient, own(start + i, head), x.values, value, width);
          slopes[j] = slope;
          mean += share * slope;
        }
        for (let j = 0; j < count; j++) {
          const key = 4 * part(start + j, head, 1);
          const slope = factor * (shares[i * count + j] as number) * ((slopes[j] as number) - mean);
          kernels.addScaled(slope, from + key, inner + query, width);
          kernels.addScaled(slope, from + query, inner + key, width);
        }
      }
  });
  return result;
}

/** Turns logits into shares in proportion to their exponentials. */
function toShares(logits: Float32Array): void {
  let largest = -Infinity;
  for (let index = 0; index < logits.length; index++) largest = Math.max(largest, logits[index] as number);
  let total = 0;
  for (let index = 0; index < logits.length; index++) {
    const weight = Math.exp((logits[index] as number) - largest);
    logits[index] = weight;
    total += weight;
  }
  for (let index = 0; index < logits.length; index++) logits[index] = (logits[index] as number) / total;
}

function dot(a: Float32Array, atA: number, b: Float32Array, atB: number, length: number): number {
  let total = 0;
  for (let index = 0; index < length; index++)
    total += (a[atA + index] as number) * (b[atB + index] as number);
  return total;
}

/** The operations that know which rows belong together: neighbours, whole graphs. `tape.ts` says how they are differentiated. */

import type { Adjacency, Batch } from "./batch.ts";
import type { Matrix, Tape } from "./tape.ts";

/** [own, sum over predecessors / sqrt(their number), sum over successors / sqrt(their number)]: [N, C] to [N, 3 C]. */
export function neighbourhood(tape: Tape, x: Matrix, batch: Batch): Matrix {
  const { rows, columns } = x;
  const result = tape.result(rows, 3 * columns);
  for (let row = 0; row < rows; row++)
    result.values.set(x.values.subarray(row * columns, (row + 1) * columns), 3 * row * columns);
  const sides = [batch.predecessors, batch.successors];
  sides.forEach((side, index) => {
    forEdges(side, (row, neighbour, weight) => {
      const to = (3 * row + 1 + index) * columns;
      const from = neighbour * columns;
      for (let column = 0; column < columns; column++)
        result.values[to + column] =
          (result.values[to + column] as number) + weight * (x.values[from + column] as number);
    });
  });
  tape.record(() => {
    const pass = (from: number, to: number, weight: number) => {
      for (let column = 0; column < columns; column++)
        x.gradient[to + column] =
          (x.gradient[to + column] as number) + weight * (result.gradient[from + column] as number);
    };
    for (let row = 0; row < rows; row++) pass(3 * row * columns, row * columns, 1);
    sides.forEach((side, index) => {
      forEdges(side, (row, neighbour, weight) => {
        pass((3 * row + 1 + index) * columns, neighbour * columns, weight);
      });
    });
  });
  return result;
}

function forEdges(
  { offsets, rows }: Adjacency,
  visit: (row: number, neighbour: number, weight: number) => void,
): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    const weight = 1 / Math.sqrt(end - start);
    for (let edge = start; edge < end; edge++) visit(row, rows[edge] as number, weight);
  }
}

/** [mean, maximum] over the rows of each graph: [N, C] to [G, 2 C]. */
export function pool(tape: Tape, x: Matrix, batch: Batch): Matrix {
  const { columns } = x;
  const { graphs, starts } = batch;
  const result = tape.result(graphs, 2 * columns);
  const largest = new Int32Array(graphs * columns);
  for (let graph = 0; graph < graphs; graph++) {
    const start = starts[graph] as number;
    const end = starts[graph + 1] as number;
    for (let column = 0; column < columns; column++) {
      let total = 0;
      let best = start;
      for (let row = start; row < end; row++) {
        const value = x.values[row * columns + column] as number;
        total += value;
        if (value > (x.values[best * columns + column] as number)) best = row;
      }
      largest[graph * columns + column] = best;
      const at = 2 * graph * columns + column;
      result.values[at] = total / (end - start);
      result.values[at + columns] = x.values[best * columns + column] as number;
    }
  }
  tape.record(() => {
    for (let graph = 0; graph < graphs; graph++) {
      const start = starts[graph] as number;
      const end = starts[graph + 1] as number;
      for (let column = 0; column < columns; column++) {
        const at = 2 * graph * columns + column;
        const share = (result.gradient[at] as number) / (end - start);
        for (let row = start; row < end; row++)
          x.gradient[row * columns + column] = (x.gradient[row * columns + column] as number) + share;
        const best = (largest[graph * columns + column] as number) * columns + column;
        x.gradient[best] = (x.gradient[best] as number) + (result.gradient[at + columns] as number);
      }
    }
  });
  return result;
}

/** To every row of x what its graph has: x [N, C] plus y [G, C]. */
export function sumWithGraph(tape: Tape, x: Matrix, y: Matrix, batch: Batch): Matrix {
  const { rows, columns } = x;
  const result = tape.result(rows, columns);
  const forRows = (visit: (at: number, ofGraph: number) => void) => {
    for (let graph = 0; graph < batch.graphs; graph++)
      for (let row = batch.starts[graph] as number; row < (batch.starts[graph + 1] as number); row++)
        for (let column = 0; column < columns; column++)
          visit(row * columns + column, graph * columns + column);
  };
  forRows((at, ofGraph) => {
    result.values[at] = (x.values[at] as number) + (y.values[ofGraph] as number);
  });
  tape.record(() => {
    forRows((at, ofGraph) => {
      const outer = result.gradient[at] as number;
      x.gradient[at] = (x.gradient[at] as number) + outer;
      y.gradient[ofGraph] = (y.gradient[ofGraph] as number) + outer;
    });
  });
  return result;
}

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017, section 3.2) of the rows of each graph to one another. The eliminated
 * vertices, which the paper masks, are not among the rows.
 *
 * @param x queries, keys and values beside each other: [N, 3 C], C a multiple of the number of heads
 * @returns [N, C]
 */
export function attention(tape: Tape, x: Matrix, batch: Batch, heads: number): Matrix {
  const wide = x.columns;
  const columns = wide / 3;
  const width = columns / heads;
  const result = tape.result(x.rows, columns);
  const factor = 1 / Math.sqrt(width);
  /** Per graph and head, what each row pays attention to: [n, n]. */
  const blocks: { start: number; count: number; head: number; shares: Float32Array }[] = [];
  for (let graph = 0; graph < batch.graphs; graph++)
    for (let head = 0; head < heads; head++) {
      const start = batch.starts[graph] as number;
      const count = (batch.starts[graph + 1] as number) - start;
      const shares = tape.scratch(count * count);
      blocks.push({ start, count, head, shares });
      for (let i = 0; i < count; i++) {
        const query = (start + i) * wide + head * width;
        const own = shares.subarray(i * count, (i + 1) * count);
        for (let j = 0; j < count; j++)
          own[j] =
            factor * dot(x.values, query, x.values, (start + j) * wide + columns + head * width, width);
        softmaxInPlace(own);
        const to = (start + i) * columns + head * width;
        for (let j = 0; j < count; j++)
          addScaled(
            own[j] as number,
            x.values,
            (start + j) * wide + 2 * columns + head * width,
            result.values,
            to,
            width,
          );
      }
    }
  tape.record(() => {
    for (const { start, count, head, shares } of blocks) {
      const slopes = new Float32Array(count);
      for (let i = 0; i < count; i++) {
        const outer = (start + i) * columns + head * width;
        const query = (start + i) * wide + head * width;
        let mean = 0;
        for (let j = 0; j < count; j++) {
          const value = (start + j) * wide + 2 * columns + head * width;
          const share = shares[i * count + j] as number;
          addScaled(share, result.gradient, outer, x.gradient, value, width);
          slopes[j] = dot(result.gradient, outer, x.values, value, width);
          mean += share * (slopes[j] as number);
        }
        for (let j = 0; j < count; j++) {
          const key = (start + j) * wide + columns + head * width;
          const slope = factor * (shares[i * count + j] as number) * ((slopes[j] as number) - mean);
          addScaled(slope, x.values, key, x.gradient, query, width);
          addScaled(slope, x.values, query, x.gradient, key, width);
        }
      }
    }
  });
  return result;
}

/** Turns logits into probabilities. */
export function softmaxInPlace(logits: Float32Array | Float64Array): void {
  let largest = -Infinity;
  for (const logit of logits) largest = Math.max(largest, logit);
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

/** to += factor * from, over `length` numbers. */
function addScaled(
  factor: number,
  from: Float32Array,
  atFrom: number,
  to: Float32Array,
  atTo: number,
  length: number,
): void {
  for (let index = 0; index < length; index++)
    to[atTo + index] = (to[atTo + index] as number) + factor * (from[atFrom + index] as number);
}

/** The operations of the paper's columns, of which few entries are not zero. `tape.ts` says how they are differentiated. */

import type { ColumnBatch } from "./batch.ts";
import type { Matrix, Tape } from "./tape.ts";

/** x W + b, with the columns as rows of x [M, H], W [H, C] and b [1, C]: [M, C]. */
export function embedColumns(tape: Tape, columns: ColumnBatch, weights: Matrix, bias: Matrix): Matrix {
  const { kernels } = tape;
  const { offsets, places, values } = columns;
  const rows = columns.vertices.length;
  const width = 4 * weights.columns;
  const result = tape.result(rows, weights.columns, "anything");
  /** Visits every entry; addresses from the start of the weights and of the result. */
  const forEntries = (visit: (value: number, weight: number, row: number) => void) => {
    for (let row = 0; row < rows; row++)
      for (let entry = offsets[row] as number; entry < (offsets[row + 1] as number); entry++)
        visit(values[entry] as number, (places[entry] as number) * width, row * width);
  };
  for (let row = 0; row < rows; row++) result.values.set(bias.values, row * weights.columns);
  const [from, to] = [weights.values.byteOffset, result.values.byteOffset];
  forEntries((value, weight, row) => {
    kernels.addScaled(value, from + weight, to + row, weights.columns);
  });
  tape.record(() => {
    const [inner, outer] = [weights.gradient.byteOffset, result.gradient.byteOffset];
    for (let row = 0; row < rows; row++)
      kernels.addScaled(1, outer + row * width, bias.gradient.byteOffset, weights.columns);
    forEntries((value, weight, row) => {
      kernels.addScaled(value, outer + row, inner + weight, weights.columns);
    });
  });
  return result;
}

/** Some rows of x, in any order: x [M, C] to [N, C], with N `rows`. */
export function gatherRows(tape: Tape, x: Matrix, rows: Int32Array): Matrix {
  const { columns } = x;
  const width = 4 * columns;
  const result = tape.result(rows.length, columns, "anything");
  rows.forEach((row, index) => {
    result.values.set(x.values.subarray(row * columns, (row + 1) * columns), index * columns);
  });
  tape.record(() => {
    const [inner, outer] = [x.gradient.byteOffset, result.gradient.byteOffset];
    rows.forEach((row, index) => {
      tape.kernels.addScaled(1, outer + index * width, inner + row * width, columns);
    });
  });
  return result;
}

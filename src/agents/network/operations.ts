/** The operations of any network: each row for itself. `tape.ts` says how they are differentiated. */

import { TILE_ROWS } from "./kernels.ts";
import type { Matrix, Tape } from "./tape.ts";

/** Keeps layer normalisation finite on rows of equal values. */
const EPSILON = 1e-5;

/** x W + b, with x [N, I], W [I, O] and b [1, O]; I a multiple of 8 (of 4, if x is a constant) and O one of 8. */
export function linear(tape: Tape, x: Matrix, weights: Matrix, bias: Matrix): Matrix {
  const { kernels } = tape;
  const { rows, columns: inner } = x;
  const { columns } = weights;
  const width = 4 * columns;
  const result = tape.result(rows, columns, "zeros");
  const [from, to] = [x.values.byteOffset, result.values.byteOffset];
  kernels.addRows(1, bias.values.byteOffset, 0, to, width, rows, columns);
  kernels.product(from, 4 * inner, 4, weights.values.byteOffset, to, rows, inner, columns);
  tape.record(() => {
    const outer = result.gradient.byteOffset;
    kernels.addRows(1, outer, width, bias.gradient.byteOffset, 0, rows, columns);
    // In parts, so that what all tiles read stays in the cache.
    for (let row = 0; row < rows; row += CHUNK)
      kernels.product(
        from + 4 * row * inner,
        4,
        4 * inner,
        outer + row * width,
        weights.gradient.byteOffset,
        inner,
        Math.min(CHUNK, rows - row),
        columns,
      );
    if (x.gradient.length === 0) return;
    const transposed = tape.scratch(inner * columns);
    for (let i = 0; i < inner; i++)
      for (let j = 0; j < columns; j++) transposed[j * inner + i] = weights.values[i * columns + j] as number;
    kernels.product(outer, width, 4, transposed.byteOffset, x.gradient.byteOffset, rows, columns, inner);
  });
  return result;
}

/** Rows at a time of the product for the derivative by weights. */
const CHUNK = 128;

/** x w + b, one number per row: x [N, I], w [I, 1], b [1, 1]. */
export function project(tape: Tape, x: Matrix, weights: Matrix, bias: Matrix): Matrix {
  const { rows, columns } = x;
  const result = tape.result(rows, 1, "anything");
  for (let row = 0; row < rows; row++) {
    let total = bias.values[0] as number;
    for (let column = 0; column < columns; column++)
      total += (x.values[row * columns + column] as number) * (weights.values[column] as number);
    result.values[row] = total;
  }
  tape.record(() => {
    const { kernels } = tape;
    const slopes = result.gradient;
    for (let row = 0; row < rows; row++)
      bias.gradient[0] = (bias.gradient[0] as number) + (slopes[row] as number);
    // The tile of a product reaches beyond its one row.
    const ofWeights = tape.zeros(TILE_ROWS * columns);
    kernels.product(slopes.byteOffset, 0, 4, x.values.byteOffset, ofWeights.byteOffset, 1, rows, columns);
    kernels.addScaled(1, ofWeights.byteOffset, weights.gradient.byteOffset, columns);
    kernels.product(
      slopes.byteOffset,
      4,
      4,
      weights.values.byteOffset,
      x.gradient.byteOffset,
      rows,
      1,
      columns,
    );
  });
  return result;
}

/** max(x, 0). */
export function relu(tape: Tape, x: Matrix): Matrix {
  const { kernels } = tape;
  const { length, byteOffset } = x.values;
  const result = tape.result(x.rows, x.columns, "anything");
  kernels.relu(byteOffset, result.values.byteOffset, length);
  tape.record(() => {
    kernels.reluBackward(byteOffset, result.gradient.byteOffset, x.gradient.byteOffset, length);
  });
  return result;
}

/** x + y. */
export function sum(tape: Tape, x: Matrix, y: Matrix): Matrix {
  const { kernels } = tape;
  const result = tape.result(x.rows, x.columns, "anything");
  const { length } = result.values;
  result.values.set(x.values);
  kernels.addScaled(1, y.values.byteOffset, result.values.byteOffset, length);
  tape.record(() => {
    for (const { gradient } of [x, y])
      if (gradient.length > 0) kernels.addScaled(1, result.gradient.byteOffset, gradient.byteOffset, length);
  });
  return result;
}

/** The columns of x, then those of y, a constant. */
export function beside(tape: Tape, x: Matrix, y: Matrix): Matrix {
  const columns = x.columns + y.columns;
  const result = tape.result(x.rows, columns, "anything");
  for (let row = 0; row < x.rows; row++) {
    result.values.set(x.values.subarray(row * x.columns, (row + 1) * x.columns), row * columns);
    result.values.set(y.values.subarray(row * y.columns, (row + 1) * y.columns), row * columns + x.columns);
  }
  tape.record(() => {
    for (let row = 0; row < x.rows; row++)
      tape.kernels.addScaled(
        1,
        result.gradient.byteOffset + 4 * row * columns,
        x.gradient.byteOffset + 4 * row * x.columns,
        x.columns,
      );
  });
  return result;
}

/** Layer normalisation (Ba, Kiros & Hinton 2016): (x - mean) / deviation * gain + shift in every row, with gain and shift [1, C]. */
export function normalise(tape: Tape, x: Matrix, gain: Matrix, shift: Matrix): Matrix {
  const { kernels } = tape;
  const { rows, columns } = x;
  const result = tape.result(rows, columns, "anything");
  const standard = tape.scratch(rows * columns).byteOffset;
  const scales = tape.scratch(4 * rows).byteOffset;
  kernels.normalise(
    x.values.byteOffset,
    gain.values.byteOffset,
    shift.values.byteOffset,
    standard,
    scales,
    result.values.byteOffset,
    rows,
    columns,
    1 / columns,
    EPSILON,
  );
  tape.record(() => {
    kernels.normaliseBackward(
      result.gradient.byteOffset,
      gain.values.byteOffset,
      standard,
      scales,
      gain.gradient.byteOffset,
      shift.gradient.byteOffset,
      x.gradient.byteOffset,
      rows,
      columns,
      1 / columns,
    );
  });
  return result;
}

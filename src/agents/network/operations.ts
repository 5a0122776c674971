/** The operations of any network: each row for itself. `tape.ts` says how they are differentiated. */

import type { Matrix, Tape } from "./tape.ts";

/** Keeps layer normalisation finite on rows of equal values. */
const EPSILON = 1e-5;

/** x W + b, with x [N, I], W [I, O] and b [1, O]. */
export function linear(tape: Tape, x: Matrix, weights: Matrix, bias: Matrix): Matrix {
  const { rows, columns: inner } = x;
  const { columns } = weights;
  const result = tape.result(rows, columns);
  for (let row = 0; row < rows; row++) result.values.set(bias.values, row * columns);
  tape.products.add(x.values, weights.values, result.values, rows, inner, columns);
  tape.record(() => {
    tape.products.addTransposed(x.values, result.gradient, weights.gradient, inner, rows, columns);
    for (let row = 0, at = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        bias.gradient[column] = (bias.gradient[column] as number) + (result.gradient[at++] as number);
    if (x.gradient.length === 0) return;
    const transposed = tape.scratch(inner * columns);
    for (let i = 0; i < inner; i++)
      for (let j = 0; j < columns; j++) transposed[j * inner + i] = weights.values[i * columns + j] as number;
    tape.products.add(result.gradient, transposed, x.gradient, rows, columns, inner);
  });
  return result;
}

/** max(x, 0). */
export function relu(tape: Tape, x: Matrix): Matrix {
  const result = tape.result(x.rows, x.columns);
  for (let index = 0; index < x.values.length; index++)
    result.values[index] = Math.max(0, x.values[index] as number);
  tape.record(() => {
    for (let index = 0; index < x.values.length; index++)
      if ((x.values[index] as number) > 0)
        x.gradient[index] = (x.gradient[index] as number) + (result.gradient[index] as number);
  });
  return result;
}

/** x + y. */
export function sum(tape: Tape, x: Matrix, y: Matrix): Matrix {
  const result = tape.result(x.rows, x.columns);
  for (let index = 0; index < x.values.length; index++)
    result.values[index] = (x.values[index] as number) + (y.values[index] as number);
  tape.record(() => {
    for (const { gradient } of [x, y])
      for (let index = 0; index < gradient.length; index++)
        gradient[index] = (gradient[index] as number) + (result.gradient[index] as number);
  });
  return result;
}

/** The columns of x, then those of y. */
export function beside(tape: Tape, x: Matrix, y: Matrix): Matrix {
  const columns = x.columns + y.columns;
  const result = tape.result(x.rows, columns);
  for (let row = 0; row < x.rows; row++) {
    result.values.set(x.values.subarray(row * x.columns, (row + 1) * x.columns), row * columns);
    result.values.set(y.values.subarray(row * y.columns, (row + 1) * y.columns), row * columns + x.columns);
  }
  tape.record(() => {
    for (const [part, shift] of [
      [x, 0],
      [y, x.columns],
    ] as const)
      for (let index = 0; index < part.gradient.length; index++) {
        const row = Math.floor(index / part.columns);
        const from = row * columns + shift + (index - row * part.columns);
        part.gradient[index] = (part.gradient[index] as number) + (result.gradient[from] as number);
      }
  });
  return result;
}

/** Layer normalisation (Ba, Kiros & Hinton 2016): (x - mean) / deviation * gain + shift in every row, with gain and shift [1, C]. */
export function normalise(tape: Tape, x: Matrix, gain: Matrix, shift: Matrix): Matrix {
  const { rows, columns } = x;
  const result = tape.result(rows, columns);
  const standard = tape.scratch(rows * columns);
  const scales = tape.scratch(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let mean = 0;
    for (let at = start; at < start + columns; at++) mean += x.values[at] as number;
    mean /= columns;
    let variance = 0;
    for (let at = start; at < start + columns; at++) variance += ((x.values[at] as number) - mean) ** 2;
    const scale = 1 / Math.sqrt(variance / columns + EPSILON);
    scales[row] = scale;
    for (let column = 0; column < columns; column++) {
      const value = ((x.values[start + column] as number) - mean) * scale;
      standard[start + column] = value;
      result.values[start + column] =
        value * (gain.values[column] as number) + (shift.values[column] as number);
    }
  }
  tape.record(() => {
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      let mean = 0;
      let along = 0;
      for (let column = 0; column < columns; column++) {
        const outer = result.gradient[start + column] as number;
        const value = standard[start + column] as number;
        shift.gradient[column] = (shift.gradient[column] as number) + outer;
        gain.gradient[column] = (gain.gradient[column] as number) + outer * value;
        const inner = outer * (gain.values[column] as number);
        mean += inner;
        along += inner * value;
      }
      mean /= columns;
      along /= columns;
      const scale = scales[row] as number;
      for (let column = 0; column < columns; column++) {
        const at = start + column;
        const inner = (result.gradient[at] as number) * (gain.values[column] as number);
        x.gradient[at] =
          (x.gradient[at] as number) + scale * (inner - mean - along * (standard[at] as number));
      }
    }
  });
  return result;
}

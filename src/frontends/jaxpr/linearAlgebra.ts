/**
 * Factorizations and triangular systems, written out: one step per row of the matrix, each on whole blocks of it.
 *
 * `lu` takes its pivots from the diagonal, as they come: which rows JAX would exchange depends on the inputs. What is computed with the factors (determinants,
 * solutions) is the same, as long as no pivot vanishes. `cholesky` reads the lower triangle, so that its derivative is JAX's for symmetric
 * matrices only, as `jnp.linalg.cholesky` makes them.
 */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { Emitter } from "../../program/primitive.ts";
import type { Operand } from "../../program/program.ts";
import { extent, first, flag } from "./parameters.ts";
import { type Rule, Unsupported, type Use } from "./rule.ts";

/** Rows of a matrix that is written out, at most. */
const MAXIMAL_ROWS = 64;

/** The rows, by the name that JAX prints. */
export const linearAlgebraRules: readonly (readonly [string, Rule])[] = [
  ["cholesky", (use) => [cholesky(use, matrix(use))]],
  [
    "lu",
    (use) => {
      const { shape } = first(use.types);
      const [factors, n] = [lu(use, matrix(use)), shape.at(-1) ?? 0];
      const numbers = [...shape.slice(0, -2), n];
      const rows = use.emit("iota", [], { shape: numbers, dimension: numbers.length - 1, dtype: "int32" });
      return [factors, rows, rows];
    },
  ],
  ["lu_pivots_to_permutation", (use) => [use.emit("copy", [...use.operands])]],
  ["triangular_solve", triangularSolve],
  ["tridiagonal_solve", tridiagonalSolve],
];

/** The operand, if it is a square matrix or a stack of them. */
function matrix(use: Use): Operand {
  const { shape } = first(use.types);
  const [rows, columns] = shape.slice(-2);
  if (columns === undefined || rows !== columns) throw new Unsupported("of matrices that are not square");
  if (columns > MAXIMAL_ROWS) throw new Unsupported(`of matrices of more than ${MAXIMAL_ROWS} rows`);
  return use.operands[0] ?? literal(0);
}

/** The lower triangular factor. Reads the lower triangle. */
function cholesky(use: Emitter, a: Operand): Operand {
  const n = size(use, a);
  const columns: Operand[] = [];
  let rest = a;
  for (let k = 0; k < n; k++) {
    const diagonal = use.emit("sqrt", [block(use, rest, [0, 1], [0, 1])]);
    const m = n - k;
    const below = m > 1 ? use.emit("div", [block(use, rest, [1, m], [0, 1]), diagonal]) : undefined;
    columns.push(padded(use, joined(use, -2, [diagonal, below]), k));
    if (below === undefined) break;
    const product = use.emit("mul", [below, transposed(use, below)]);
    rest = use.emit("sub", [block(use, rest, [1, m], [1, m]), product]);
  }
  return joined(use, -1, columns);
}

/** Both factors in one matrix, the unit diagonal of the lower one left out. */
function lu(use: Emitter, a: Operand): Operand {
  const m = size(use, a);
  if (m < 2) return a;
  const pivot = block(use, a, [0, 1], [0, 1]);
  const right = block(use, a, [0, 1], [1, m]);
  const below = use.emit("div", [block(use, a, [1, m], [0, 1]), pivot]);
  const rest = use.emit("sub", [block(use, a, [1, m], [1, m]), use.emit("mul", [below, right])]);
  return joined(use, -2, [joined(use, -1, [pivot, right]), joined(use, -1, [below, lu(use, rest)])]);
}

/** Solves a x = b, or x a = b, for a triangular a: one row of x after the other, each taken out of the rows that remain. */
function triangularSolve(use: Use): readonly Operand[] {
  const [, b] = use.operands;
  const given = use.operands[0];
  if (given === undefined || b === undefined) throw new InputError("expected a matrix and right-hand sides");
  matrix(use);
  const { parameters } = use;
  if (!(parameters.get("left_side")?.kind === "name"))
    throw new InputError("the parameter left_side is missing");
  const left = flag(parameters, "left_side");
  const turned = flag(parameters, "transpose_a") === left;
  const a = turned ? transposed(use, given) : given;
  const lower = flag(parameters, "lower") !== turned;
  const x = substituted(use, a, left ? b : transposed(use, b), lower, flag(parameters, "unit_diagonal"));
  return [left ? x : transposed(use, x)];
}

/** Operands: the diagonals below, on and above the main one, each [stack..., n], and right-hand sides [stack..., n, columns]. Thomas' algorithm. */
function tridiagonalSolve(use: Use): readonly Operand[] {
  const [lower, middle, upper, b] = use.operands;
  if (lower === undefined || middle === undefined || upper === undefined || b === undefined)
    throw new InputError("expected three diagonals and right-hand sides");
  const { shape } = use.typeOf(b);
  const [n = 0, columns = 0] = shape.slice(-2);
  if (n > MAXIMAL_ROWS) throw new Unsupported(`of matrices of more than ${MAXIMAL_ROWS} rows`);
  const diagonals = [lower, middle, upper].map((diagonal) =>
    use.emit("reshape", [diagonal], { shape: [...use.typeOf(diagonal).shape, 1] }),
  );
  const at = (diagonal: number, k: number) =>
    block(use, diagonals[diagonal] ?? literal(0), [k, k + 1], [0, 1]);
  const ratios: Operand[] = [];
  const rows: Operand[] = [];
  for (let k = 0; k < n; k++) {
    const side = block(use, b, [k, k + 1], [0, columns]);
    const [ratio, above] = [ratios[k - 1], rows[k - 1]];
    const eliminated = (from: Operand, by: Operand) =>
      use.emit("sub", [from, use.emit("mul", [at(0, k), by])]);
    const pivot = ratio === undefined ? at(1, k) : eliminated(at(1, k), ratio);
    ratios.push(use.emit("div", [at(2, k), pivot]));
    rows.push(use.emit("div", [above === undefined ? side : eliminated(side, above), pivot]));
  }
  for (let k = n - 2; k >= 0; k--) {
    const [row, ratio, below] = [rows[k], ratios[k], rows[k + 1]];
    if (row === undefined || ratio === undefined || below === undefined) continue;
    rows[k] = use.emit("sub", [row, use.emit("mul", [ratio, below])]);
  }
  return [joined(use, -2, rows)];
}

/** The solution x of a x = b, [stack..., n, columns]. */
export function solved(use: Emitter, a: Operand, b: Operand): Operand {
  const factors = lu(use, a);
  return substituted(use, factors, substituted(use, factors, b, true, true), false, false);
}

function substituted(use: Emitter, a: Operand, b: Operand, lower: boolean, unit: boolean): Operand {
  const n = size(use, a);
  const rows: Operand[] = [];
  let rest = b;
  for (let k = 0; k < n; k++) {
    // The rows of `rest` are those of x that are not known yet.
    const [own, m] = [lower ? k : n - 1 - k, n - k];
    const [from, others] = lower ? [0, [1, m] as const] : [m - 1, [0, m - 1] as const];
    const all = use.typeOf(b).shape.at(-1) ?? 0;
    const side = block(use, rest, [from, from + 1], [0, all]);
    const row = unit ? side : use.emit("div", [side, block(use, a, [own, own + 1], [own, own + 1])]);
    lower ? rows.push(row) : rows.unshift(row);
    if (m === 1) break;
    const below = block(use, a, lower ? [k + 1, n] : [0, own], [own, own + 1]);
    rest = use.emit("sub", [block(use, rest, others, [0, all]), use.emit("mul", [below, row])]);
  }
  return joined(use, -2, rows);
}

/** Number of columns. */
function size(use: Emitter, a: Operand): number {
  return use.typeOf(a).shape.at(-1) ?? 0;
}

/** Some rows and columns of a matrix, or of each of a stack. */
function block(
  use: Emitter,
  a: Operand,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): Operand {
  const { shape } = use.typeOf(a);
  const stack = shape.slice(0, -2);
  if (top === 0 && left === 0 && bottom === extent(shape, stack.length) && right === shape.at(-1)) return a;
  const start = [...stack.map(() => 0), top, left];
  return use.emit("slice", [a], { start, limit: [...stack, bottom, right], strides: shape.map(() => 1) });
}

/** Blocks side by side (axis -1) or one below the other (-2). */
function joined(use: Emitter, axis: -1 | -2, blocks: readonly (Operand | undefined)[]): Operand {
  const parts = blocks.filter((part) => part !== undefined);
  const [part = literal(0)] = parts;
  return parts.length === 1
    ? part
    : use.emit("concatenate", parts, { dimension: use.typeOf(part).shape.length + axis });
}

/** A column with zeros above it. */
function padded(use: Emitter, column: Operand, above: number): Operand {
  if (above === 0) return column;
  const { shape, dtype } = use.typeOf(column);
  const none = shape.map(() => 0);
  return use.emit("pad", [column, literal(0, dtype)], {
    low: none.with(-2, above),
    high: none,
    interior: none,
  });
}

function transposed(use: Emitter, a: Operand): Operand {
  const dims = use.typeOf(a).shape.map((_, dim) => dim);
  return use.emit("transpose", [a], {
    permutation: [...dims.slice(0, -2), dims.length - 1, dims.length - 2],
  });
}

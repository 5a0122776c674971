/**
 * Sparse Jacobians: the values of the structured blocks, and where in the Jacobian matrix they stand.
 *
 * The matrix has a row for each element of the wanted outputs and a column for each element of the inputs, one output or input after the other,
 * row-major. Values that the structure repeats (the 1 of an identity, the scale of a diagonal) are computed and returned once; nothing here is larger than
 * the number of nonzeros.
 */

import { accumulate } from "../graph/operations.ts";
import { literal } from "../program/builder.ts";
import { type Output, operandType, type Program, signatureOf } from "../program/program.ts";
import { withoutDeadEquations } from "../program/simplify.ts";
import { sizeOf, type Tensor } from "../program/type.ts";
import { positionsOfDims, positionsOfValues } from "../structure/dense.ts";
import type { Structure } from "../structure/structure.ts";
import { emitNodes, emitSigned } from "./emission.ts";
import { defaultOrder, type JacobianOptions } from "./jacobian.ts";
import { linearize } from "./linearize.ts";

/** The entries that one output of the program holds. */
export interface SparseTerm {
  /** Where the block of the term begins in the matrix. */
  readonly row: number;
  readonly column: number;
  /** Which entries of the block it has. */
  readonly structure: Structure;
  /** The labels of the structure on which the values depend: the axes of the program's output. */
  readonly labels: readonly number[];
}

/** A program for the nonzeros of a Jacobian. */
export interface SparseJacobian {
  /** One output for the values of each term, in order; with `values`, the function's own outputs come before them. */
  readonly program: Program;
  readonly terms: readonly SparseTerm[];
  /** Rows and columns of the matrix. */
  readonly shape: readonly [rows: number, columns: number];
}

/** The entries of a matrix in any order: entry k is at (rows[k], columns[k]). No two are at the same place. */
export interface Coordinates {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  /** The position of each entry's value among the elements of all outputs of the program, one output after the other. */
  readonly sources: Int32Array;
}

/** Compressed sparse rows: the entries of row r are those from pointers[r] to pointers[r + 1] - 1, columns ascending. */
export interface CompressedRows {
  readonly pointers: Int32Array;
  readonly columns: Int32Array;
  /** As in `Coordinates`. */
  readonly sources: Int32Array;
}

/**
 * The program that computes the structured values of the Jacobian, and where they stand.
 *
 * @throws InputError as `jacobian` does
 */
export function sparseJacobian(program: Program, options: JacobianOptions = {}): SparseJacobian {
  const { graph, builder, values, outputs } = linearize(program, options);
  const accumulation = accumulate(graph, options.order ?? defaultOrder(graph));
  const emitted = emitNodes(graph, accumulation, values, builder);
  const heights = outputs.map(({ operand }) => sizeOf(builder.typeOf(operand).shape));
  const widths = graph.inputs.map(({ shape }) => sizeOf(shape));
  const [rows, columns] = [starts(heights), starts(widths)];
  const terms: SparseTerm[] = [];
  const results: Output[] = options.values ? [...outputs] : [];
  graph.outputs.forEach((to, row) => {
    graph.inputs.forEach((input, column) => {
      for (const { structure, labels, value } of to === null ? [] : accumulation.terms(to, column)) {
        const { dtype } = builder.typeOf(outputs[row]?.operand ?? literal(0));
        const operand = emitSigned(value, emitted, builder, dtype);
        if (operand.kind === "literal" && operand.value === 0) continue;
        results.push({ name: `d${outputs[row]?.name}_d${input.name}`, operand });
        terms.push({ row: rows[row] ?? 0, column: columns[column] ?? 0, structure, labels });
      }
    });
  });
  const signature = { inputs: signatureOf(program).inputs, outputs: results.map((_, index) => index) };
  const whole = builder.build(`${program.name}_jacobian`, results, signature);
  return { program: withoutDeadEquations(whole), terms, shape: [sum(heights), sum(widths)] };
}

/** Every nonzero of the matrix, term by term. */
export function coordinates({ program, terms }: SparseJacobian): Coordinates {
  const counts = terms.map(({ structure }) => sizeOf(structure.extents));
  const size = sum(counts);
  const [rows, columns, sources] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
  const first = starts(
    program.outputs.map(({ operand }) => sizeOf(operandType(program, operand).shape)),
  ).slice(program.outputs.length - terms.length);
  let start = 0;
  terms.forEach(({ row, column, structure, labels }, index) => {
    const { out, in: inner, extents } = structure;
    const put = (target: Int32Array, positions: Int32Array, base: number) =>
      positions.forEach((position, entry) => {
        target[start + entry] = base + position;
      });
    put(rows, positionsOfDims(out, extents), row);
    put(columns, positionsOfDims(inner, extents), column);
    put(sources, positionsOfValues(labels, extents), first[index] ?? 0);
    start += counts[index] ?? 0;
  });
  return { rows, columns, sources };
}

/** The nonzeros of the matrix by rows. O(nonzeros + rows + columns). */
export function compressedRows(jacobian: SparseJacobian): CompressedRows {
  const [height, width] = jacobian.shape;
  const { rows, columns, sources } = coordinates(jacobian);
  const all = Int32Array.from(rows.keys());
  const { order, pointers } = sortedBy(rows, height, sortedBy(columns, width, all).order);
  return {
    pointers,
    columns: order.map((entry) => columns[entry] ?? 0),
    sources: order.map((entry) => sources[entry] ?? 0),
  };
}

/** The values of the entries, in the order of `sources`, from the outputs of the program. */
export function valuesAt(
  { sources }: Pick<Coordinates, "sources">,
  outputs: readonly Tensor[],
): Float64Array {
  const all = new Float64Array(sum(outputs.map(({ data }) => data.length)));
  let start = 0;
  for (const { data } of outputs) {
    all.set(data, start);
    start += data.length;
  }
  return Float64Array.from(sources, (source) => all[source] ?? Number.NaN);
}

/** Entries sorted by a key from 0 to range - 1, equal ones in the given order, and where each key begins. */
function sortedBy(
  keys: Int32Array,
  range: number,
  entries: Int32Array,
): { readonly order: Int32Array; readonly pointers: Int32Array } {
  const pointers = new Int32Array(range + 1);
  for (const key of keys) pointers[key + 1] = (pointers[key + 1] ?? 0) + 1;
  for (let key = 0; key < range; key++) pointers[key + 1] = (pointers[key + 1] ?? 0) + (pointers[key] ?? 0);
  const next = pointers.slice();
  const order = new Int32Array(entries.length);
  for (const entry of entries) {
    const key = keys[entry] ?? 0;
    const place = next[key] ?? 0;
    next[key] = place + 1;
    order[place] = entry;
  }
  return { order, pointers };
}

function starts(sizes: readonly number[]): number[] {
  let start = 0;
  return sizes.map((size) => {
    const own = start;
    start += size;
    return own;
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, own) => total + own, 0);
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensorPrograms } from "../../test/randomTensorProgram.ts";
import { instantiateJavaScript } from "../kernels/javascript/instantiate.ts";
import { ProgramBuilder } from "../program/builder.ts";
import { interpret } from "../program/interpreter.ts";
import { type Operand, operandType, type Program } from "../program/program.ts";
import { sizeOf, type Tensor } from "../program/type.ts";
import { jacobian } from "./jacobian.ts";
import { compressedRows, coordinates, type SparseJacobian, sparseJacobian, valuesAt } from "./sparse.ts";

/** The matrix of the dense blocks. */
function denseMatrix(
  program: Program,
  inputs: readonly Tensor[],
  [rows, columns]: readonly [number, number],
): Float64Array {
  const matrix = new Float64Array(rows * columns);
  const blocks = interpret(jacobian(program), inputs);
  const outputs = interpret(program, inputs);
  let row = 0;
  outputs.forEach((output, r) => {
    let column = 0;
    inputs.forEach((input, c) => {
      const width = input.data.length;
      blocks[r * inputs.length + c]!.data.forEach((value, k) => {
        matrix[(row + Math.floor(k / width)) * columns + column + (k % width)] = value;
      });
      column += width;
    });
    row += output.data.length;
  });
  return matrix;
}

function densified(sparse: SparseJacobian, inputs: readonly Tensor[]): Float64Array {
  const [rows, columns] = sparse.shape;
  const matrix = new Float64Array(rows * columns);
  const entries = coordinates(sparse);
  valuesAt(entries, interpret(sparse.program, inputs)).forEach((value, k) => {
    const place = entries.rows[k]! * columns + entries.columns[k]!;
    expect(matrix[place]).toBe(0);
    matrix[place] = value;
  });
  return matrix;
}

const unsigned = (values: ArrayLike<number>) => Array.from(values, (x) => x + 0);

describe("random programs on arrays", () => {
  test("coordinates are the dense Jacobian, each place once", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program, inputs }) => {
        const sparse = sparseJacobian(program);
        expect(unsigned(densified(sparse, inputs))).toEqual(
          unsigned(denseMatrix(program, inputs, sparse.shape)),
        );
      }),
      { numRuns: 150 },
    );
  });

  test("compressed rows hold the same entries, rows and columns ascending", () => {
    fc.assert(
      fc.property(tensorPrograms, ({ program }) => {
        const sparse = sparseJacobian(program);
        const entries = coordinates(sparse);
        const { pointers, columns, sources } = compressedRows(sparse);
        expect(pointers).toHaveLength(sparse.shape[0] + 1);
        expect(pointers.at(-1)).toBe(entries.rows.length);
        const listed = [...entries.rows.keys()].map((k) => [
          entries.rows[k]!,
          entries.columns[k]!,
          entries.sources[k]!,
        ]);
        listed.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]!);
        const byRows = Array.from({ length: sparse.shape[0] }, (_, row) =>
          [...columns.subarray(pointers[row], pointers[row + 1])].map((column, k) => [
            row,
            column,
            sources[pointers[row]! + k]!,
          ]),
        ).flat();
        expect(byRows).toEqual(listed);
      }),
      { numRuns: 100 },
    );
  });
});

/** Elements of the largest value of a program. */
function largestValue(program: Program): number {
  return Math.max(...[...program.inputs, ...program.equations].map(({ type }) => sizeOf(type.shape)));
}

function onVector(length: number, emit: (builder: ProgramBuilder, x: Operand) => Operand): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", { shape: [length], dtype: "float64" });
  return builder.build("f", [{ name: "y", operand: emit(builder, x) }]);
}

describe("what is made grows with the nonzeros", () => {
  test("a diagonal of 10,000", () => {
    const n = 10_000;
    const sparse = sparseJacobian(onVector(n, (b, x) => b.emit("mul", [b.emit("sin", [x]), x])));
    expect(sparse.shape).toEqual([n, n]);
    expect(largestValue(sparse.program)).toBe(n);
    const { pointers, columns } = compressedRows(sparse);
    expect(columns).toEqual(Int32Array.from({ length: n }, (_, k) => k));
    expect(pointers).toEqual(Int32Array.from({ length: n + 1 }, (_, k) => k));
    const kernel = instantiateJavaScript(sparse.program, "float64");
    const outputs = new Float64Array(n);
    kernel.run(
      Float64Array.from({ length: n }, (_, k) => k / 7),
      outputs,
    );
    expect(outputs[123]).toBeCloseTo(Math.sin(123 / 7) + (123 / 7) * Math.cos(123 / 7), 12);
  });

  test("a band: the residuals of a chain, two neighbours each", () => {
    const n = 3000;
    const sparse = sparseJacobian(
      onVector(n, (b, x) => {
        const part = (start: number) =>
          b.emit("slice", [x], { start: [start], limit: [start + n - 2], strides: [1] });
        return b.emit("sub", [b.emit("mul", [part(0), part(2)]), b.emit("square", [part(1)])]);
      }),
    );
    expect(coordinates(sparse).rows).toHaveLength(3 * (n - 2));
    expect(largestValue(sparse.program)).toBe(n);
    const { pointers, columns } = compressedRows(sparse);
    expect([...columns.subarray(pointers[5], pointers[6])]).toEqual([5, 6, 7]);
  });

  test("100 blocks of 4 x 4 on a diagonal; a copy has one value for all of its ones", () => {
    const builder = new ProgramBuilder();
    const a = builder.input("a", { shape: [100, 4, 4], dtype: "float64" });
    const x = builder.input("x", { shape: [100, 4], dtype: "float64" });
    const product = builder.emit("dot_general", [a, x], { contracting: [[2], [1]], batch: [[0], [0]] });
    const program = builder.build("f", [
      { name: "y", operand: product },
      { name: "z", operand: builder.emit("reshape", [x], { shape: [400] }) },
    ]);
    const sparse = sparseJacobian(program, { wrt: [1] });
    expect(sparse.shape).toEqual([800, 400]);
    expect(coordinates(sparse).rows).toHaveLength(100 * 16 + 400);
    const values = sparse.program.outputs.map(({ operand }) =>
      sizeOf(operandType(sparse.program, operand).shape),
    );
    expect(values).toEqual([1600, 1, 1, 1, 1]);
    expect(largestValue(sparse.program)).toBe(1600);
  });
});

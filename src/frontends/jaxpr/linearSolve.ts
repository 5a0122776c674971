/**
 * custom_linear_solve: what jnp.linalg.solve and inv become.
 *
 * JAX prints four functions: how the matrix multiplies a vector, the same transposed, and how to solve both; the solution's derivative comes from the
 * first two. We find the matrix in the first and solve with it ourselves, so that derivatives of any order go through the solver. Where it is no product
 * with a matrix (conjugate gradients on a function, custom_root), its columns are what it makes of the unit vectors.
 */

import { InputError } from "../../errors.ts";
import type { Operand } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
import { constantOperand } from "./constants.ts";
import { solved } from "./linearAlgebra.ts";
import { integerOf } from "./parameters.ts";
import { type ControlUse, Unsupported } from "./rule.ts";
import type { Jaxpr, ParameterValue } from "./tree.ts";

/** Unknowns of an operator that is known as a function only, at most: it is written out once for each. */
const MAXIMAL_UNKNOWNS = 64;

/** What a dim of the right-hand sides is: one of the batch's, the one that the matrix acts on, or one more among the columns. */
type Label = `batch ${number}` | "row" | `column ${number}`;

/** A product of a matrix with an array. */
interface MatrixProduct {
  readonly matrix: Operand;
  /** Dims of the matrix: [batch..., row, column]. */
  readonly dims: readonly number[];
  /** For each dim of the array, and of the product, what it is. */
  readonly array: readonly Label[];
  readonly product: readonly Label[];
}

/** Operands: the constants of the four functions, then right-hand sides. */
export function linearSolve(use: ControlUse): readonly Operand[] {
  const part = (parameter: string, name: string): ParameterValue | undefined => {
    const value = use.parameters.get(parameter);
    return value?.kind === "call" ? value.named.get(name) : undefined;
  };
  const [matvec = 0, ...others] = ["matvec", "vecmat", "solve", "transpose_solve"].map((name) =>
    integerOf(part("const_lengths", name), `const_lengths.${name}`),
  );
  const constants = use.operands.slice(0, matvec);
  const [side, ...more] = use.operands.slice(others.reduce((sum, count) => sum + count, matvec));
  if (side === undefined) throw new InputError("expected a right-hand side");
  if (more.length > 0) throw new Unsupported("of several right-hand sides at once");
  const unknown = use.emit("copy", [side]);
  const operator = use.jaxprOf(part("jaxprs", "matvec"), "jaxprs.matvec");
  const [product] = use.inline(operator, [...constants, unknown]);
  const found = product && matrixProduct(use, product, unknown);
  if (found !== undefined) return [solution(use, found, side)];
  const { shape } = use.typeOf(side);
  const n = sizeOf(shape);
  const matrix = columnsOf(use, operator, constants, side);
  const solutions = solved(use, matrix, use.emit("reshape", [side], { shape: [n, 1] }));
  return [use.emit("reshape", [solutions], { shape })];
}

/** The matrix of an operator on arrays like `like`, from what it makes of the unit vectors. */
function columnsOf(use: ControlUse, operator: Jaxpr, constants: readonly Operand[], like: Operand): Operand {
  const { shape, dtype } = use.typeOf(like);
  const n = sizeOf(shape);
  if (n > MAXIMAL_UNKNOWNS)
    throw new Unsupported(`with an operator that is a function, on more than ${MAXIMAL_UNKNOWNS} unknowns`);
  const columns = Array.from({ length: n }, (_, index) => {
    const unit = constantOperand(use, shape, new Float64Array(n).fill(1, index, index + 1), dtype);
    const [image] = use.inline(operator, [...constants, unit]);
    if (image === undefined) throw new InputError("the operator gives nothing");
    return use.emit("reshape", [image], { shape: [n, 1] });
  });
  const [only] = columns;
  return columns.length === 1 && only !== undefined
    ? only
    : use.emit("concatenate", columns, { dimension: 1 });
}

/** The matrix that a product was made with, looked for behind what only orders its dims. */
function matrixProduct(use: ControlUse, product: Operand, unknown: Operand): MatrixProduct | undefined {
  const equation = use.definitionOf(product);
  const [first, second] = equation?.operands ?? [];
  if (equation === undefined || first === undefined) return undefined;
  if (
    equation.primitive === "copy" ||
    (equation.primitive === "reduce_sum" && equation.parameters.axes.length === 0)
  )
    return matrixProduct(use, first, unknown);
  if (equation.primitive === "transpose") {
    const inner = matrixProduct(use, first, unknown);
    return (
      inner && {
        ...inner,
        product: equation.parameters.permutation.flatMap((dim) => inner.product[dim] ?? []),
      }
    );
  }
  if (equation.primitive !== "dot_general" || second === undefined) return undefined;
  const turned = isSame(first, unknown);
  if (!turned && !isSame(second, unknown)) return undefined;
  const own = turned ? 1 : 0;
  const matrix = turned ? second : first;
  const { contracting, batch } = equation.parameters;
  const [along] = contracting[own];
  const [acted] = contracting[1 - own] ?? [];
  const rank = use.typeOf(matrix).shape.length;
  const rows = Array.from({ length: rank }, (_, dim) => dim).filter(
    (dim) => !contracting[own].includes(dim) && !batch[own].includes(dim),
  );
  const [row] = rows;
  if (contracting[own].length !== 1 || rows.length !== 1 || along === undefined || row === undefined)
    return undefined;
  let columns = 0;
  const array = use.typeOf(unknown).shape.map((_, dim): Label => {
    const pair = (batch[1 - own] ?? []).indexOf(dim);
    if (pair >= 0) return `batch ${pair}`;
    return dim === acted ? "row" : `column ${columns++}`;
  });
  const free = array.filter((label) => label.startsWith("column"));
  const shared = batch[own].map((_, pair): Label => `batch ${pair}`);
  const result: Label[] = turned ? [...shared, ...free, "row"] : [...shared, "row", ...free];
  return { matrix, dims: [...batch[own], row, along], array, product: result };
}

function isSame(a: Operand, b: Operand): boolean {
  return a.kind === "variable" && b.kind === "variable" && a.variable === b.variable;
}

function solution(use: ControlUse, { matrix, dims, array, product }: MatrixProduct, side: Operand): Operand {
  const kinds = ["batch", "row", "column"];
  const order = array.toSorted(
    (a, b) => kinds.indexOf(a.split(" ")[0] ?? "") - kinds.indexOf(b.split(" ")[0] ?? "") || (a < b ? -1 : 1),
  );
  const turned = use.emit("transpose", [side], { permutation: order.map((label) => product.indexOf(label)) });
  const { shape } = use.typeOf(turned);
  const stack = shape.slice(0, order.indexOf("row"));
  const [rows = 0, ...columns] = shape.slice(stack.length);
  const a = use.emit("transpose", [matrix], { permutation: dims });
  const b = use.emit("reshape", [turned], { shape: [...stack, rows, sizeOf(columns)] });
  const x = use.emit("reshape", [solved(use, a, b)], { shape });
  return use.emit("transpose", [x], { permutation: array.map((label) => order.indexOf(label)) });
}

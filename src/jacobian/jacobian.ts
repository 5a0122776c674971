/**
 * jacobian: a Program and an elimination order give the Program of the Jacobian.
 *
 * What Graphax's `jacve` does at run time is done here symbolically: the order is executed once on numbered values, and the products and sums that the
 * remaining entries need become equations. The result is a Program like any other: it simplifies, compiles and can be differentiated again.
 */

import {
  type ComputationalGraph,
  type Elimination,
  type EliminationOrder,
  intermediates,
} from "../graph/graph.ts";
import { accumulate } from "../graph/operations.ts";
import { literal } from "../program/builder.ts";
import { type Output, type Program, type Signature, signatureOf, type Tree } from "../program/program.ts";
import { liveEquations, withoutDeadEquations } from "../program/simplify.ts";
import { mapTree, pruneTree } from "../program/tree.ts";
import { emitBlock, emitNodes } from "./emission.ts";
import { type JacobianScope, type Linearization, linearize } from "./linearize.ts";

/** What to compute and in which order. */
export interface JacobianOptions extends JacobianScope {
  /**
   * Equation numbers from 1, a permutation of the intermediates, or finer steps; by default reverse if there are at most as many outputs as
   * inputs, else forward.
   */
  readonly order?: Elimination;
  /** Whether the function's own outputs come first among the outputs; by default they are left out. */
  readonly values?: boolean;
}

/**
 * The program that computes the Jacobian.
 *
 * Its outputs are the function's outputs (if `values`), then the blocks d output / d input, row by row: all inputs for the first output,
 * and so on; a block has the output's dims, then the input's. A block that is structurally zero is the constant 0. Its signature nests the
 * results as `jacobian[output][input]`; with `values`, as one record `{ values, jacobian }`.
 *
 * @throws InputError if the order does not eliminate the intermediates, or the scope names what does not exist
 */
export function jacobian(program: Program, options: JacobianOptions = {}): Program {
  return jacobianInParts(program, options).program;
}

/** A Jacobian program and where its parts begin: its equations are the function's, the local partials', and the accumulation's. */
export interface JacobianParts {
  readonly program: Program;
  /** Index of the first equation of the local partials. */
  readonly partials: number;
  /** Index of the first equation of the accumulation: from here on it has as many multiplications and additions as `operations` counts. */
  readonly accumulation: number;
}

/** `jacobian`, and where the parts of the result begin. Throws as it does. */
export function jacobianInParts(program: Program, options: JacobianOptions = {}): JacobianParts {
  const linearization = linearize(program, options);
  return emitJacobian(
    program,
    linearization,
    options.order ?? defaultOrder(linearization.graph),
    options.values ?? false,
  );
}

/**
 * The program of the second derivatives: the Jacobian of the Jacobian. Its outputs are the blocks d^2 output / d input d input.
 *
 * @param order the order for the inner Jacobian
 */
export function hessian(program: Program, options: JacobianOptions = {}): Program {
  return jacobian(
    jacobian(program, { ...options, values: false }),
    options.wrt === undefined ? {} : { wrt: options.wrt },
  );
}

/** Reverse if there are at most as many outputs as inputs, else forward. */
export function defaultOrder(graph: ComputationalGraph): EliminationOrder {
  const forward = intermediates(graph).map(
    (node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0,
  );
  return graph.outputs.length <= graph.inputs.length ? forward.reverse() : forward;
}

function emitJacobian(
  program: Program,
  { graph, builder, values, outputs, wrt, wanted, functionEquations }: Linearization,
  order: Elimination,
  withValues: boolean,
): JacobianParts {
  const partialEquations = builder.equationCount;
  const accumulation = accumulate(graph, order);
  const emitted = emitNodes(graph, accumulation, values, builder);
  const blocks = graph.outputs.flatMap((to, row): Output[] =>
    graph.inputs.map((input, column) => {
      const output = outputs[row];
      const { dtype, shape } = builder.typeOf(output?.operand ?? literal(0));
      const name = `d${output?.name}_d${input.name}`;
      const terms = to === null ? [] : accumulation.terms(to, column);
      const operand = emitBlock(terms, [...shape, ...input.shape], emitted, builder, dtype);
      builder.name(operand, name);
      return { name, operand };
    }),
  );
  const signature = jacobianSignature(signatureOf(program), wanted, wrt, withValues);
  const results = withValues ? [...outputs, ...blocks] : blocks;
  const whole = builder.build(`${program.name}_jacobian`, results, signature);
  const live = liveEquations(
    whole,
    results.map(({ operand }) => operand),
  );
  const liveBefore = (equation: number) => live.slice(0, equation).filter((isLive) => isLive).length;
  return {
    program: withoutDeadEquations(whole),
    partials: liveBefore(functionEquations),
    accumulation: liveBefore(partialEquations),
  };
}

/** The nesting of the blocks: `jacobian[output][input]`, each in the shape of the output's tree with the input's tree at its leaves. */
function jacobianSignature(
  signature: Signature,
  rows: readonly number[],
  columns: readonly number[],
  withValues: boolean,
): Signature {
  const first = withValues ? rows.length : 0;
  const rowOf = new Map(rows.map((output, row) => [output, row]));
  const columnOf = new Map(columns.map((input, column) => [input, column]));
  const kept = (trees: readonly Tree[], renumber: ReadonlyMap<number, number>): Tree[] =>
    trees.map((tree) => pruneTree(tree, (leaf) => renumber.get(leaf))).filter((tree) => tree !== undefined);
  const results = kept(signature.outputs, rowOf);
  const parameters = kept(signature.inputs, columnOf);
  const blocks = results.map((result) =>
    parameters.map((parameter) =>
      mapTree(result, (row) => mapTree(parameter, (column) => first + row * columns.length + column)),
    ),
  );
  return { inputs: signature.inputs, outputs: withValues ? [{ values: results, jacobian: blocks }] : blocks };
}

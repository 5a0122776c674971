/** The drop-in: `jacobian` of an ordinary function is a function again. And the same verb for Programs, so that there is one. */

import { InputError } from "./errors.ts";
import { isCheaperScalarised } from "./form.ts";
import { type Shape, type TraceOptions, trace } from "./frontends/typescript/index.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "./graph/graph.ts";
import { defaultOrder, type JacobianOptions, jacobian as jacobianOfProgram } from "./jacobian/jacobian.ts";
import { linearize } from "./jacobian/linearize.ts";
import { instantiateJavaScript } from "./kernels/javascript/instantiate.ts";
import { type Kernel, scatter } from "./kernels/kernel.ts";
import { operandType, type Program, signatureOf, type Tree } from "./program/program.ts";
import { scalarise } from "./program/scalarise.ts";
import { simplify } from "./program/simplify.ts";
import { isList, type Nested, nestedResults, nestedTensor, tensorsOf } from "./program/tree.ts";
import { costsAtAnyScale } from "./search/large/costs.ts";
import { forward, markowitz, reverse } from "./search/orders.ts";

/** The shape of P with a number wherever P has one. */
type Numbers<P> = P extends number ? number : { [K in keyof P]: Numbers<P[K]> };

/** The derivative of a result R by a parameter P: P's shape for every number of R. */
type Derivative<R, P> = R extends number ? Numbers<P> : { [K in keyof R]: Derivative<R[K], P> };

/** The derivatives of a result by each parameter. */
type Row<R, Parameters extends readonly unknown[]> = {
  -readonly [K in keyof Parameters]: Derivative<R, Parameters[K]>;
};

/**
 * What the Jacobian of a function looks like: of a function that returns a list, one row per element; otherwise one row. A row has the
 * derivatives by each parameter.
 */
export type JacobianOf<R, Parameters extends readonly unknown[]> = R extends readonly unknown[]
  ? { -readonly [I in keyof R]: Row<R[I], Parameters> }
  : Row<R, Parameters>;

/** A compiled Jacobian: takes what the function takes. */
export interface JacobianFunction<Parameters extends readonly unknown[], R> {
  (...parameters: Parameters): JacobianOf<R, Parameters>;
  /** What it calls, for loops that should not make lists: the planes hold the dense blocks, row by row. */
  readonly kernel: Kernel;
}

export interface JacobianFunctionOptions extends TraceOptions {
  /** Shapes of the parameters, one each, where the source does not say them (`[]` a number, `[3]` a list of three). */
  readonly shapes?: readonly (Shape | undefined)[];
}

/** What `jacobian` can compile. */
type Numeric = number | readonly Numeric[] | { readonly [key: string]: Numeric };

/**
 * The Jacobian of a program, as a program (see `jacobian/jacobian.ts`).
 *
 * @throws InputError if the order does not eliminate the intermediates, or the scope names what does not exist
 */
export function jacobian(program: Program, options?: JacobianOptions): Program;
/**
 * The Jacobian of an ordinary numeric function, as a function: `jacobian((x, y) => [x * y, Math.sin(x)])(2, 3)` is
 * `[[3, 2], [Math.cos(2), 0]]`, one row per element of the returned list, in it one derivative per parameter. If the function returns a number,
 * there is that one row. Where a parameter is a list, so is the derivative by it.
 *
 * The function is traced, simplified, differentiated in the cheapest of the classical orders and compiled to JavaScript, all at once and
 * without a search; where it matters, `optimize` and `compileJacobian` find a better order and a faster target. It is called once at a point of ones, to see what it
 * returns.
 *
 * @throws InputError for whatever cannot be traced, with line, column and remedy
 */
export function jacobian<Parameters extends number[], R extends Numeric>(
  fn: (...parameters: Parameters) => R,
  options?: JacobianFunctionOptions,
): JacobianFunction<Parameters, R>;
export function jacobian<Parameters extends readonly Numeric[], R extends Numeric>(
  fn: (...parameters: Parameters) => R,
  options?: JacobianFunctionOptions,
): JacobianFunction<Parameters, R>;
export function jacobian(
  source: Program | ((...parameters: never[]) => unknown),
  options: JacobianOptions | JacobianFunctionOptions = {},
): unknown {
  if (typeof source === "function") return jacobianFunction(source, options as JacobianFunctionOptions);
  if (typeof source !== "object" || source === null)
    throw new InputError(
      `jacobian takes a function or a Program, got ${source === null ? "null" : typeof source}`,
    );
  return jacobianOfProgram(source, options as JacobianOptions);
}

function jacobianFunction(
  fn: (...parameters: never[]) => unknown,
  { shapes = [], ...options }: JacobianFunctionOptions,
) {
  const traced = trace(fn, shapes, options);
  const program = simplify(isCheaperScalarised(traced, "operations") ? scalarise(traced) : traced);
  const derivatives = jacobianOfProgram(program, { order: cheapestClassical(linearize(program).graph) });
  const kernel = instantiateJavaScript(derivatives, "float64");
  const nest = nesting(traced, Array.isArray(fn(...(pointOfOnes(traced) as never[]))));
  const inputs = new Float64Array(kernel.inputCount);
  const outputs = new Float64Array(kernel.entries.length);
  const evaluate = (...parameters: readonly unknown[]): Nested => {
    let next = 0;
    for (const { data } of tensorsOf(traced, parameters)) {
      inputs.set(data, next);
      next += data.length;
    }
    kernel.run(inputs, outputs);
    const blocks = scatter(kernel, outputs).map((data, output) => {
      const { operand } = derivatives.outputs[output] as Program["outputs"][number];
      return { shape: operandType(derivatives, operand).shape, data };
    });
    return nest(nestedResults(derivatives, blocks) as Nested[][]);
  };
  return Object.assign(evaluate, { kernel });
}

/** From `jacobian[output][input]` to the shape that the function's own result has. */
function nesting(program: Program, returnsList: boolean): (jacobian: Nested[][]) => Nested {
  if (!returnsList) return ([row]) => row ?? [];
  const [result] = signatureOf(program).outputs;
  const { operand } = program.outputs[0] ?? {};
  const isWhole =
    typeof result === "number" && operand !== undefined && operandType(program, operand).shape.length > 0;
  if (!isWhole || signatureOf(program).outputs.length > 1) return (rows) => rows;
  // One array was returned as a whole: its first dim says which row.
  return ([row = []]) =>
    ((row[0] ?? []) as readonly Nested[]).map((_, index) =>
      row.map((block) => (block as readonly Nested[])[index] ?? []),
    );
}

/** Arguments of the function that are all ones. */
function pointOfOnes(program: Program): Nested[] {
  const ones = (input: number): Nested => {
    const shape = program.inputs[input]?.type.shape ?? [];
    return nestedTensor({
      shape,
      data: new Float64Array(shape.reduce((size, extent) => size * extent, 1)).fill(1),
    });
  };
  const nest = (tree: Tree): Nested =>
    typeof tree === "number"
      ? ones(tree)
      : isList(tree)
        ? tree.map(nest)
        : Object.fromEntries(Object.entries(tree).map(([key, child]) => [key, nest(child)]));
  return signatureOf(program).inputs.map(nest);
}

/** Above so many vertices the orders are not compared: counting would take longer than the difference is worth at once. */
const LARGEST_COMPARED = 2000;

/** The order of fewest operations (of multiplications, on arrays) among forward, reverse and Markowitz. */
export function cheapestClassical(graph: ComputationalGraph): EliminationOrder {
  if (intermediates(graph).length > LARGEST_COMPARED) return defaultOrder(graph);
  const orders = [
    reverse(graph),
    forward(graph),
    markowitz(graph, { ties: "last" }),
    markowitz(graph, { ties: "first" }),
  ];
  const costs = orders.map((order) => {
    const { multiplications, operations } = costsAtAnyScale(graph, order);
    return operations === null ? multiplications : operations.multiplications + operations.additions;
  });
  return orders[costs.indexOf(Math.min(...costs))] ?? defaultOrder(graph);
}

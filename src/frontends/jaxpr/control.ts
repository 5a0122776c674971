/**
 * Loops and branches: scan and while are unrolled, cond becomes the branch that is taken.
 *
 * A Program has no control flow, so the number of steps must be known: that of a scan is printed, that of a while is found by evaluating its
 * condition, which may depend on counters only. A choice that depends on the inputs computes all branches and selects among their
 * results, as JAX's own vmap does.
 */

import { InputError } from "../../errors.ts";
import { literal } from "../../program/builder.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand } from "../../program/program.ts";
import type { TensorType } from "../../program/type.ts";
import { literalOfConstant } from "./constants.ts";
import { linearSolve } from "./linearSolve.ts";
import { flag, integer, integers, sequence } from "./parameters.ts";
import { type ControlRule, type ControlUse, Unsupported, type Use } from "./rule.ts";

/** The rows, by the name that JAX prints. */
export const controlRules: readonly (readonly [string, ControlRule])[] = [
  ["scan", scan],
  ["while", whileLoop],
  ["cond", cond],
  ["custom_linear_solve", linearSolve],
  ["platform_index", platformIndex],
  ["reduce", reduce],
];

/** Operands: constants, carried values, arrays of which each step gets one row. Results: carried values, arrays of what the steps give. */
function scan(use: ControlUse): readonly (Operand | undefined)[] {
  const { operands, parameters, results } = use;
  const body = use.jaxprOf(parameters.get("jaxpr"), "jaxpr");
  const length = integer(parameters, "length");
  const constants = integer(parameters, "num_consts");
  const carried = integer(parameters, "num_carry");
  const reverse = flag(parameters, "reverse");
  const rows = operands.slice(constants + carried);
  if (rows.some((row) => use.typeOf(row).shape[0] !== length))
    throw new InputError(`expected arrays of ${length} rows after the carried values`);
  let carry = known(use, operands.slice(constants, constants + carried));
  const given: (Operand | undefined)[][] = body.outputs.slice(carried).map(() => []);
  for (let step = 0; step < length; step++) {
    const index = reverse ? length - 1 - step : step;
    const outputs = use.inline(body, [
      ...operands.slice(0, constants),
      ...carry,
      ...rows.map((row) => rowOf(use, row, index)),
    ]);
    carry = known(use, outputs.slice(0, carried));
    given.forEach((list, k) => {
      list[index] = outputs[carried + k];
    });
  }
  return [...carry, ...given.map((list, k) => stacked(use, list, results[carried + k]))];
}

/** Operands: constants of the condition, constants of the body, carried values, which are also the results. */
function whileLoop(use: ControlUse): readonly Operand[] {
  const { operands, parameters } = use;
  const condition = use.jaxprOf(parameters.get("cond_jaxpr"), "cond_jaxpr");
  const body = use.jaxprOf(parameters.get("body_jaxpr"), "body_jaxpr");
  const ofCondition = integer(parameters, "cond_nconsts");
  const carriedFrom = ofCondition + integer(parameters, "body_nconsts");
  let carry = known(use, operands.slice(carriedFrom));
  for (;;) {
    const [goesOn] = use.inline(condition, [...operands.slice(0, ofCondition), ...carry]);
    const value = goesOn && use.constant(goesOn);
    if (value === undefined)
      throw new Unsupported("with a number of steps that depends on the inputs (use lax.scan or fori_loop)");
    if (value.data[0] === 0) return carry;
    carry = known(use, use.inline(body, [...operands.slice(ofCondition, carriedFrom), ...carry]));
  }
}

/** Operands: the number of the branch, then its operands. */
function cond(use: ControlUse): readonly Operand[] {
  const [choice, ...operands] = use.operands;
  const branches = sequence(use.parameters, "branches").map((branch) => use.jaxprOf(branch, "branches"));
  if (choice === undefined) throw new InputError("expected the number of a branch");
  const taken = use.constant(choice)?.data[0];
  if (taken !== undefined) {
    const branch = branches[Math.max(0, Math.min(taken, branches.length - 1))];
    if (branch === undefined) throw new InputError("there are no branches");
    return known(use, use.inline(branch, operands));
  }
  const [first, ...others] = branches.map((branch) => known(use, use.inline(branch, operands)));
  if (first === undefined) throw new InputError("there are no branches");
  const { dtype } = use.typeOf(choice);
  return others.reduce((otherwise, values, index) => {
    const number = literal(index + 1, dtype);
    const last = index + 2 === branches.length;
    const condition = dtype === "bool" ? choice : use.emit(last ? "ge" : "eq", [choice, number]);
    return values.map((value, k) => selected(use, condition, otherwise[k] ?? value, value));
  }, first);
}

function selected(use: ControlUse, condition: Operand, whenFalse: Operand, whenTrue: Operand): Operand {
  const same =
    whenFalse.kind === "variable" && whenTrue.kind === "variable" && whenFalse.variable === whenTrue.variable;
  return same ? whenTrue : use.emit("select", [condition, whenFalse, whenTrue]);
}

/** A reduction by a function that is one of our primitives. Operands: an array, what the reduction begins with. */
function reduce(use: ControlUse): readonly Operand[] {
  const [array, start, ...more] = use.operands;
  if (array === undefined || start === undefined) throw new InputError("expected an array and a start");
  if (more.length > 0) throw new Unsupported("of several arrays at once");
  const { inputs, equations, outputs } = use.jaxprOf(use.parameters.get("jaxpr"), "jaxpr");
  const [equation, ...others] = equations;
  const [output] = outputs;
  const names = new Set(equation?.operands.map((operand) => (operand.kind === "name" ? operand.name : "")));
  const found = REDUCTIONS.get(equation?.primitive ?? "");
  const isPlain =
    others.length === 0 &&
    inputs.every(({ name }) => names.has(name)) &&
    output?.kind === "name" &&
    output.name === equation?.results[0]?.name;
  if (found === undefined || !isPlain)
    throw new Unsupported("by a function that is not a sum, a product, max or min");
  const [reduction, combine] = found;
  const reduced = use.emit(reduction, [array], { axes: integers(use.parameters, "dimensions") });
  return [use.emit(combine, [start, reduced])];
}

const REDUCTIONS: ReadonlyMap<string, readonly [Reduction, PrimitiveName]> = new Map([
  ["add", ["reduce_sum", "add"]],
  ["mul", ["reduce_prod", "mul"]],
  ["max", ["reduce_max", "max"]],
  ["min", ["reduce_min", "min"]],
  ["or", ["reduce_max", "or"]],
  ["and", ["reduce_min", "and"]],
]);

type Reduction = "reduce_sum" | "reduce_prod" | "reduce_max" | "reduce_min";

/** Which branch of a following cond is for the machine at hand: the CPU's, or the one for all others. */
function platformIndex(use: Use): readonly Operand[] {
  const platforms = sequence(use.parameters, "platforms");
  const index = platforms.findIndex(
    (names) =>
      names.kind !== "sequence" || names.items.some((name) => name.kind === "string" && name.text === "cpu"),
  );
  if (index < 0) throw new Unsupported("without a branch for CPUs");
  return [literal(index, "int32")];
}

/** The values that a jaxpr gives, numbers that are known as literals. Throws an InputError if one was dropped. */
function known(use: ControlUse, values: readonly (Operand | undefined)[]): readonly Operand[] {
  return values.map((value) => {
    if (value === undefined) throw new InputError("a result that is needed was dropped by the called jaxpr");
    return literalOfConstant(value, use, use.constant);
  });
}

/** One row of an array; a literal if that is a number that is known. */
function rowOf(use: ControlUse, array: Operand, index: number): Operand {
  const { shape, dtype } = use.typeOf(array);
  const rest = shape.slice(1);
  const value = rest.length === 0 ? use.constant(array)?.data[index] : undefined;
  if (value !== undefined) return literal(value, dtype);
  const row = use.emit("slice", [array], {
    start: [index, ...rest.map(() => 0)],
    limit: [index + 1, ...rest],
    strides: shape.map(() => 1),
  });
  return use.emit("reshape", [row], { shape: rest });
}

/** An array of rows; undefined if the rows were dropped. */
function stacked(
  use: ControlUse,
  given: readonly (Operand | undefined)[],
  printed: TensorType | undefined,
): Operand | undefined {
  const rows = given.filter((row) => row !== undefined);
  if (rows.length < given.length) return undefined;
  const [first] = rows;
  if (first === undefined) {
    if (printed === undefined) throw new InputError("the types of the results of 0 steps are not printed");
    return use.emit("broadcast", [literal(0, printed.dtype)], { shape: printed.shape, dimensions: [] });
  }
  const shape = [1, ...use.typeOf(first).shape];
  const parts = rows.map((row) => use.emit("reshape", [row], { shape }));
  const [part] = parts;
  return parts.length === 1 && part !== undefined ? part : use.emit("concatenate", parts, { dimension: 0 });
}

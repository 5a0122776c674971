/**
 * A Program on arrays as a list of nests, the fewest that need storage between them.
 *
 * Views (transposes, slices, broadcasts, reshapes, ...) are read where they come from. An elementwise value that is read once, and at most as often as it
 * has elements, is computed where it is read. What remains is stored.
 */

import { type Body, isCopy, type Nest, nestsOf, type Source } from "../../program/loops.ts";
import type { Operand, Program } from "../../program/program.ts";
import { liveEquations } from "../../program/simplify.ts";
import { sizeOf } from "../../program/type.ts";
import { rowMajorStrides } from "../../structure/dense.ts";
import { composed } from "./compose.ts";

/** A nest that stores into the array of a variable. */
export interface Stage {
  readonly variable: number;
  readonly nest: Nest;
}

/** Bodies grow by fusion up to this many sources. */
const MOST_SOURCES = 12;

/**
 * The nests that compute the given variables, in order. Inputs and the variables that stages store into need an array each.
 *
 * @param wanted variables that must be stored
 */
export function stagesOf(program: Program, wanted: readonly number[]): Stage[] {
  const inputs = program.inputs.length;
  const roots = wanted.map((variable): Operand => ({ kind: "variable", variable }));
  const live = liveEquations(program, roots);
  const uses = countUses(program, live, wanted);
  const makers = new Map<number, Nest>();
  const stages: Stage[] = [];
  program.equations.forEach((equation, index) => {
    if (!live[index]) return;
    const variable = inputs + index;
    const nests = nestsOf(program, equation).map((nest) => fused(nest, makers, uses));
    const [nest] = nests;
    if (nest !== undefined && nests.length === 1 && makesWhole(nest, equation.type.shape))
      makers.set(variable, nest);
    for (const own of nests) stages.push({ variable, nest: own });
  });
  return needed(stages, wanted);
}

/** How often live equations read each variable, and whether it is wanted. */
function countUses(
  program: Program,
  live: readonly boolean[],
  wanted: readonly number[],
): Map<number, number> {
  const uses = new Map<number, number>(wanted.map((variable) => [variable, 1]));
  program.equations.forEach(({ operands }, index) => {
    if (!live[index]) return;
    for (const operand of operands)
      if (operand.kind === "variable") uses.set(operand.variable, (uses.get(operand.variable) ?? 0) + 1);
  });
  return uses;
}

/** Whether a nest stores every element of the result once, in order, from other values alone. */
function makesWhole({ extents, target, sources, fold }: Nest, shape: readonly number[]): boolean {
  const rows = rowMajorStrides(extents);
  return (
    fold === null &&
    target.table === undefined &&
    target.base === 0 &&
    sizeOf(extents) === sizeOf(shape) &&
    target.strides.every((stride, loop) => stride === rows[loop]) &&
    sources.every(({ kind }) => kind !== "result")
  );
}

/** A nest with the values that it need not read from storage put in. */
function fused(nest: Nest, makers: ReadonlyMap<number, Nest>, uses: ReadonlyMap<number, number>): Nest {
  let current = nest;
  for (let position = 0; position < current.sources.length; ) {
    const source = current.sources[position];
    const maker = source?.kind === "element" ? makers.get(source.variable) : undefined;
    const next =
      source?.kind === "element" && maker !== undefined
        ? inlined(current, position, source, maker, uses)
        : null;
    if (next === null) position++;
    else {
      // What came in is already fused.
      position += maker?.sources.length ?? 0;
      current = next;
    }
  }
  return current;
}

function inlined(
  nest: Nest,
  position: number,
  { variable, access }: Extract<Source, { kind: "element" }>,
  maker: Nest,
  uses: ReadonlyMap<number, number>,
): Nest | null {
  const worthwhile =
    isCopy(maker) ||
    (uses.get(variable) === 1 &&
      sizeOf(nest.extents) <= sizeOf(maker.extents) &&
      nest.sources.length + maker.sources.length <= MOST_SOURCES);
  const sources = worthwhile ? composed(maker, { access, extents: nest.extents }) : null;
  if (sources === null) return null;
  const body = isCopy(maker) ? nest.body : through(nest.body, position, maker);
  return { ...nest, sources: nest.sources.toSpliced(position, 1, ...sources), body };
}

/** The body with one of its values computed by a maker from values in its place. */
function through(body: Body, position: number, { body: make, sources }: Nest): Body {
  return (emitter, values) =>
    body(
      emitter,
      values.toSpliced(
        position,
        sources.length,
        ...make(emitter, values.slice(position, position + sources.length)),
      ),
    );
}

/** The stages that lead to what is wanted. */
function needed(stages: readonly Stage[], wanted: readonly number[]): Stage[] {
  const read = new Set(wanted);
  const kept = stages.toReversed().filter(({ variable, nest }) => {
    if (!read.has(variable)) return false;
    for (const source of nest.sources) if (source.kind === "element") read.add(source.variable);
    return true;
  });
  return kept.reverse();
}

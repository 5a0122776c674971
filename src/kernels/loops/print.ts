/** One nest as loops of JavaScript or C over arrays, what does not change within a loop read before it. */

import { literal, ProgramBuilder } from "../../program/builder.ts";
import { type Access, type Body, isCopy, type Source } from "../../program/loops.ts";
import type { Literal } from "../../program/program.ts";
import type { Names } from "../straightline/names.ts";
import { type Language, statementsOf } from "../straightline/statements.ts";
import type { ArrangedNest } from "./arrange.ts";

/** What differs between languages. */
export interface LoopSyntax {
  readonly language: Language;
  /** The head of a loop that counts from 0, with its opening brace. */
  loop(index: string, extent: number): string;
  /** A declaration of a number, or of a condition, that does not change. */
  constant(name: string, value: string, boolean: boolean): string;
  /** A declaration of a number that changes. */
  variable(name: string, value: string): string;
  /** A statement that sets all elements of an array; null if there is none. */
  fill(array: string, value: string): string | null;
}

/** What the code around a nest calls things. */
export interface NestScope {
  readonly syntax: LoopSyntax;
  readonly names: Names;
  /** The array of a variable. */
  array(variable: number): string;
  /** The index of a loop by its depth. */
  index(depth: number): string;
  /** Arrays of the module. */
  table(positions: readonly number[]): string;
  constants(values: readonly number[]): string;
}

/** The lines of a nest that stores into the array `result` of `size` elements, indented by `indent`. */
export function nestLines(
  nest: ArrangedNest,
  { result, size, indent }: { readonly result: string; readonly size: number; readonly indent: string },
  scope: NestScope,
): string[] {
  const { extents, target, sources, fold, outer } = nest;
  if (extents.slice(0, outer).includes(0)) return [];
  const { syntax } = scope;
  const filling = fillLine(nest, result, size, syntax);
  if (filling !== null) return [indent + filling];
  const lines: string[] = [];
  const write = (depth: number, text: string) => lines.push(`${indent}${"  ".repeat(depth)}${text}`);
  const values = sources.map((source): string | Literal => {
    if (source.kind === "literal") return source.literal;
    return source.kind === "index"
      ? scope.index(source.loop)
      : `${arrayText(source, result, scope)}[${positionText(source.access, scope)}]`;
  });
  /** Reads what changes in the loops outside of this depth only. */
  const hoist = (depth: number) => {
    sources.forEach((source, position) => {
      const value = values[position];
      if (source.kind !== "element" || depthOf(source.access) !== depth || typeof value !== "string") return;
      const place = depth === 0 ? source.access.base : scope.index(depth - 1);
      const name = scope.names.take(`${scope.array(source.variable)}_${place}`);
      write(depth, syntax.constant(name, value, false));
      values[position] = name;
    });
  };
  const open = (depth: number) => {
    hoist(depth);
    const index = scope.index(depth);
    write(depth, syntax.loop(index, extents[depth] ?? 0));
  };
  const close = (depth: number) => write(depth, "}");

  for (let depth = 0; depth < outer; depth++) open(depth);
  const element = `${result}[${positionText(target, scope)}]`;
  if (fold === null) {
    for (const line of bodyLines(nest.body, values, [element], scope)) write(outer, line);
  } else {
    const sums = fold.units.map((unit, index) => {
      const name = scope.names.take(index === 0 ? "result" : "leader");
      write(outer, syntax.variable(name, syntax.language.literal(unit).text));
      return name;
    });
    for (let depth = outer; depth < extents.length; depth++) open(depth);
    const combined: Body = (emitter, all) =>
      fold.combine(emitter, all.slice(0, sums.length), nest.body(emitter, all.slice(sums.length)));
    for (const line of bodyLines(combined, [...sums, ...values], sums, scope)) write(extents.length, line);
    for (let depth = extents.length - 1; depth >= outer; depth--) close(depth);
    write(outer, `${element} = ${sums[0]};`);
  }
  for (let depth = outer - 1; depth >= 0; depth--) close(depth);
  return lines;
}

/** The whole array at once, where a nest does no more than that. */
function fillLine(nest: ArrangedNest, result: string, size: number, syntax: LoopSyntax): string | null {
  const { extents, target, sources } = nest;
  const [source] = sources;
  const whole = extents.length === 1 && extents[0] === size && target.base === 0 && target.strides[0] === 1;
  if (!isCopy(nest) || source?.kind !== "literal" || target.table !== undefined || !whole) return null;
  return syntax.fill(result, syntax.language.literal(source.literal).text);
}

/** The lines that compute a body and assign its results. */
function bodyLines(
  body: Body,
  values: readonly (string | Literal)[],
  targets: readonly string[],
  scope: NestScope,
): string[] {
  const builder = new ProgramBuilder();
  const inputs = values.filter((value) => typeof value === "string");
  const variables = inputs.map(() => builder.input(""));
  let next = 0;
  const operands = values.map((value) =>
    typeof value === "string" ? (variables[next++] ?? literal(NaN)) : value,
  );
  const results = body(builder, operands).map((operand, plane) => ({ operand, plane, name: "" }));
  const assignments: string[] = [];
  const lines = statementsOf(builder.build("", results), {
    language: scope.syntax.language,
    names: scope.names,
    results,
    inputs,
  }).flatMap((statement) => {
    if (statement.kind === "const")
      return [scope.syntax.constant(statement.name, statement.value.text, statement.value.boolean)];
    if (statement.kind !== "output") return [];
    const target = targets[statement.plane] ?? "";
    if (results.length === 1) return [`${target} = ${statement.value.text};`];
    // All are computed before any is assigned.
    const name = scope.names.take(`next_${target}`);
    assignments.push(`${target} = ${name};`);
    return [scope.syntax.constant(name, statement.value.text, false)];
  });
  return [...lines, ...assignments];
}

function arrayText(
  source: Exclude<Source, { kind: "literal" | "index" }>,
  result: string,
  scope: NestScope,
): string {
  if (source.kind === "constant") return scope.constants(source.values);
  return source.kind === "result" ? result : scope.array(source.variable);
}

/** The number of loops within which a position is known. */
function depthOf({ strides }: Access): number {
  return strides.findLastIndex((stride) => stride !== 0) + 1;
}

function positionText({ base, strides, table }: Access, scope: NestScope): string {
  let text = base === 0 ? "" : `${base}`;
  strides.forEach((stride, depth) => {
    if (stride === 0) return;
    const term = Math.abs(stride) === 1 ? scope.index(depth) : `${Math.abs(stride)} * ${scope.index(depth)}`;
    if (text === "") text = stride < 0 ? `-${term}` : term;
    else text = `${text} ${stride < 0 ? "-" : "+"} ${term}`;
  });
  const position = text === "" ? "0" : text;
  return table === undefined ? position : `${scope.table(table)}[${position}]`;
}

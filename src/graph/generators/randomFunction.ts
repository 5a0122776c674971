/**
 * Random functions for learning, in the shapes that programs come in. None is meant to be evaluated: what counts is the graph, so primitives are
 * drawn from all of one and of two operands, whatever their domains.
 */

import { literal, ProgramBuilder } from "../../program/builder.ts";
import type { Operand, Program } from "../../program/program.ts";
import type { Random } from "../../random.ts";

const UNARY = [
  "sin",
  "cos",
  "tan",
  "exp",
  "log",
  "tanh",
  "sqrt",
  "square",
  "atan",
  "asinh",
  "logistic",
] as const;
const BINARY = ["add", "sub", "mul", "div", "pow", "atan2", "add", "sub", "mul", "mul"] as const;

/** One of some things, each with the same chance. */
export function oneOf<Thing>(things: readonly Thing[], random: Random): Thing {
  return things[random.below(things.length)] as Thing;
}

/** An integer from `low` to `high`, both included. */
export function between(low: number, high: number, random: Random): number {
  return low + random.below(high - low + 1);
}

/** Emits a random primitive of these operands, and if there is but one perhaps of a constant besides. */
function applied(builder: ProgramBuilder, operands: readonly Operand[], random: Random): Operand {
  const [left, right] = operands;
  if (left === undefined) return literal(1);
  if (right !== undefined && right !== left) return builder.emit(oneOf(BINARY, random), [left, right]);
  if (right !== undefined) return builder.emit("mul", [left, right]);
  if (random.unit() < 0.1) return builder.emit(oneOf(BINARY, random), [literal(2), left]);
  return builder.emit(oneOf(UNARY, random), [left]);
}

/** All values that nothing uses, inputs excepted, as outputs. */
function withOpenEnds(builder: ProgramBuilder, name: string, ends: readonly Operand[]): Program {
  return builder.build(
    name,
    [...new Set(ends)].map((operand, index) => ({ name: `y${index}`, operand })),
  );
}

export interface RandomFunctionOptions {
  readonly inputs: number;
  readonly equations: number;
  /** The chance that an operand is any value at all; else it is one of the last few. The paper's f and g have 1. */
  readonly mixing: number;
  /** The part of the equations that have one operand. */
  readonly unary: number;
}

/** A function like the paper's random f and g: every equation takes values from anywhere, what is left over is returned. */
export function randomFunction(options: RandomFunctionOptions, random: Random): Program {
  const { inputs, equations, mixing, unary } = options;
  const builder = new ProgramBuilder();
  const values: Operand[] = Array.from({ length: inputs }, (_, input) => builder.input(`x${input}`));
  const used = new Set<Operand>();
  const operand = () => {
    const reach = random.unit() < mixing ? values.length : Math.min(8, values.length);
    const value = values[values.length - 1 - random.below(reach)] as Operand;
    used.add(value);
    return value;
  };
  for (let equation = 0; equation < equations; equation++)
    values.push(applied(builder, random.unit() < unary ? [operand()] : [operand(), operand()], random));
  return withOpenEnds(
    builder,
    "randomFunction",
    values.slice(inputs).filter((value) => !used.has(value)),
  );
}

export interface RandomBlocksOptions {
  /** Values that are handed from block to block. */
  readonly state: number;
  /** Values that every block uses. */
  readonly parameters: number;
  readonly blocks: number;
  /** Equations of a block, at least `state`. */
  readonly equations: number;
}

/** A random function of state and parameters, applied again and again: layers, recurrences, integrators. The last state is returned. */
export function randomBlocks(options: RandomBlocksOptions, random: Random): Program {
  const { state, parameters, blocks, equations } = options;
  const builder = new ProgramBuilder();
  const fixed = Array.from({ length: parameters }, (_, input) => builder.input(`p${input}`));
  let current: Operand[] = Array.from({ length: state }, (_, input) => builder.input(`x${input}`));
  // The block's equations: places of the operands among parameters, state and earlier results. Which primitives they are, may differ.
  const block = Array.from({ length: equations }, (_, equation) => {
    const places = parameters + state + equation;
    const recent = () => places - 1 - random.below(Math.min(places, state + 4));
    const right = random.unit() < 0.35 ? [] : [random.unit() < 0.3 ? random.below(places) : recent()];
    // The first equations take one component of the state each, so that none is lost.
    const left = equation < state ? parameters + equation : recent();
    return [left, ...right];
  });
  for (let index = 0; index < blocks; index++) {
    const values: Operand[] = [...fixed, ...current];
    for (const places of block)
      values.push(
        applied(
          builder,
          places.map((place) => values[place] as Operand),
          random,
        ),
      );
    current = values.slice(-state);
  }
  return withOpenEnds(builder, "randomBlocks", current);
}

export interface RandomStencilOptions {
  readonly cells: number;
  readonly steps: number;
  /** Equations of the update of a cell, beyond the two that join it with its neighbours. */
  readonly equations: number;
  readonly isPeriodic: boolean;
}

/** A random update of every cell of a line from itself and its two neighbours, step by step. */
export function randomStencil(options: RandomStencilOptions, random: Random): Program {
  const { cells, steps, equations, isPeriodic } = options;
  const builder = new ProgramBuilder();
  let current: Operand[] = Array.from({ length: cells }, (_, cell) => builder.input(`u${cell}`));
  const wrap = (cell: number) =>
    isPeriodic ? (cell + cells) % cells : Math.min(cells - 1, Math.max(0, cell));
  const recipe = Array.from({ length: equations }, () => ({
    isUnary: random.unit() < 0.4,
    back: random.below(3),
  }));
  for (let step = 0; step < steps; step++)
    current = current.map((own, cell) => {
      const [left, right] = [current[wrap(cell - 1)] ?? own, current[wrap(cell + 1)] ?? own];
      const values = [own, applied(builder, [left, right], random)];
      values.push(applied(builder, [own, values[1] ?? own], random));
      for (const { isUnary, back } of recipe) {
        const last = values.at(-1) ?? own;
        values.push(applied(builder, isUnary ? [last] : [last, values.at(-2 - back) ?? own], random));
      }
      return values.at(-1) ?? own;
    });
  return withOpenEnds(builder, "randomStencil", current);
}

export interface RandomTreeOptions {
  readonly inputs: number;
  /** Leaves of all trees together, at least as many as trees. */
  readonly leaves: number;
  /** How many results there are. */
  readonly trees: number;
  /** The chance that a function of one operand stands between two of two. */
  readonly unary: number;
  /** The chance that a value is used once more, less than 1/2: then a tree is one no more. */
  readonly sharing: number;
}

/** Random expressions: trees whose leaves are inputs, many of them the same ones, with common subexpressions. */
export function randomTrees(options: RandomTreeOptions, random: Random): Program {
  const { inputs, leaves, trees, unary, sharing } = options;
  const builder = new ProgramBuilder();
  const leaf: Operand[] = Array.from({ length: inputs }, (_, input) => builder.input(`x${input}`));
  const results = Array.from({ length: trees }, () => {
    const waiting = Array.from({ length: Math.max(2, Math.round(leaves / trees)) }, () =>
      oneOf(leaf, random),
    );
    while (waiting.length > 1) {
      const take = () => {
        const place = random.below(Math.min(waiting.length, 6));
        const keeps = random.unit() < sharing;
        return (keeps ? waiting[place] : waiting.splice(place, 1)[0]) as Operand;
      };
      const joined = applied(builder, [take(), take()], random);
      waiting.push(random.unit() < unary ? applied(builder, [joined], random) : joined);
    }
    return waiting[0] as Operand;
  });
  return withOpenEnds(builder, "randomTrees", results);
}

/**
 * One point in vectors: calls that do not depend on one another go into the lanes of one vector (Larsen & Amarasinghe, Exploiting Superword Level Parallelism, 2000). RobotArm_6DOF's six sines
 * and cosines in float64 are three evaluations instead of six.
 */

import type { Operand, Program } from "../../program/program.ts";
import type { Node } from "./graph.ts";
import type { Lanes } from "./lanes.ts";
import { isVectorFunction, type VectorFunctionName } from "./math/index.ts";

/** Equations by their index: calls that do not depend on one another, then what can be computed once they are known. */
export interface Layer {
  readonly calls: readonly number[];
  readonly others: readonly number[];
}

/** A function at some operands. */
export interface Call {
  readonly name: VectorFunctionName;
  readonly operands: readonly Node[];
}

/** Where a call is computed: in a lane of these operands, or in all lanes if it is alone. */
interface Place {
  readonly operands: readonly Node[];
  readonly lane: number | null;
}

/** The equations that are needed, by depth: the most calls on a path from an input to them. */
export function layersOf(program: Program, isNeeded: (equation: number) => boolean): Layer[] {
  const inputs = program.inputs.length;
  const depths: number[] = [];
  const depthOf = (operand: Operand) =>
    operand.kind === "variable" ? (depths[operand.variable - inputs] ?? 0) : 0;
  const layers: { readonly calls: number[]; readonly others: number[] }[] = [];
  program.equations.forEach(({ primitive, operands }, index) => {
    const isCall = isVectorFunction(primitive);
    const depth = operands.reduce((most, operand) => Math.max(most, depthOf(operand)), 0) + (isCall ? 1 : 0);
    depths.push(depth);
    while (layers.length <= depth) layers.push({ calls: [], others: [] });
    if (isNeeded(index)) layers[depth]?.[isCall ? "calls" : "others"].push(index);
  });
  return layers;
}

/**
 * The values of calls, all lanes of each the same as those of its operands are.
 *
 * @param evaluate writes a function
 */
export function packedCalls(
  l: Lanes,
  calls: readonly Call[],
  evaluate: (l: Lanes, name: VectorFunctionName, operands: readonly Node[]) => Node,
): Node[] {
  const keyOf = ({ name, operands }: Call) => `${familyOf(name)} ${operands.map(({ id }) => id).join(" ")}`;
  const places = new Map<string, Place>();
  for (const family of new Set(calls.map(({ name }) => familyOf(name)))) {
    const members = calls.filter(({ name }) => familyOf(name) === family);
    const distinct = [...new Map(members.map((call) => [keyOf(call), call.operands])).entries()];
    for (let first = 0; first < distinct.length; first += l.lanes) {
      const pack = distinct.slice(first, first + l.lanes);
      const operands = (pack[0]?.[1] ?? []).map((_, operand) =>
        l.pack(pack.map(([, own]) => own[operand] as Node)),
      );
      pack.forEach(([key], lane) => {
        places.set(key, { operands, lane: pack.length === 1 ? null : lane });
      });
    }
  }
  const differing = l.differing();
  return calls.map((call) => {
    const { operands, lane } = places.get(keyOf(call)) ?? { operands: call.operands, lane: null };
    return lane === null
      ? evaluate(l, call.name, operands)
      : l.lane(evaluate(differing, call.name, operands), lane);
  });
}

/** Sines, cosines and tangents of one argument share its reduction, so they are packed alike. */
function familyOf(name: VectorFunctionName): string {
  return name === "sin" || name === "cos" || name === "tan" ? "circular" : name;
}

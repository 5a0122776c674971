/**
 * Vector code as a graph of values, before it is put in order: every value is a v128, equal values are one node.
 *
 * Because equal nodes are merged, functions that are written one by one share what they have in common: sin x and cos x reduce their argument
 * once.
 */

import type { Instruction } from "../../wasm/encoder.ts";

/** What a node computes. */
export type Operation =
  | { readonly kind: "instruction"; readonly instruction: Instruction }
  | { readonly kind: "shift"; readonly instruction: Instruction; readonly amount: number }
  | { readonly kind: "shuffle"; readonly bytes: readonly number[] }
  | { readonly kind: "constant"; readonly low: bigint; readonly high: bigint }
  /** The value of a plane at the points in hand. */
  | { readonly kind: "input"; readonly plane: number }
  /** A function of the module, by its name there. */
  | { readonly kind: "call"; readonly target: string };

export interface Node {
  /** Position in order of creation; operands have smaller ones. */
  readonly id: number;
  readonly operation: Operation;
  readonly operands: readonly Node[];
}

/** Makes nodes, each only once. */
export class VectorGraph {
  readonly #known = new Map<string, Node>();

  node(operation: Operation, operands: readonly Node[] = []): Node {
    let key = operationKey(operation);
    for (const { id } of operands) key += ` ${id}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const node = { id: this.#known.size, operation, operands };
    this.#known.set(key, node);
    return node;
  }
}

function operationKey(operation: Operation): string {
  switch (operation.kind) {
    case "instruction":
      return operation.instruction;
    case "shift":
      return `${operation.instruction}#${operation.amount}`;
    case "shuffle":
      return `shuffle#${operation.bytes}`;
    case "constant":
      return `constant#${operation.low},${operation.high}`;
    case "input":
      return `input#${operation.plane}`;
    case "call":
      return `call#${operation.target}`;
  }
}

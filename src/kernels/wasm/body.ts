/**
 * A graph put in order: instructions of a stack machine, with locals for what is needed more than once.
 *
 * Every value is computed right before its first use (depth first from the roots in turn) and stays on the stack if that is its only one. Since the code is straight-line, a local is
 * free again after the last use of its value, and is given to the next: liveness and reuse in one pass.
 */

import type { Code } from "../../wasm/encoder.ts";
import type { Node } from "./graph.ts";

/** What the code around a body provides. */
export interface Surroundings {
  readonly code: Code;
  /** Pushes the value of an input plane. */
  load(plane: number): void;
  /** Index of a function of the module. */
  resolve(target: string): number;
  /** Address in memory of a constant. */
  constantAddress(low: bigint, high: bigint): number;
  /** Whether a product that is used once, in a sum or as what is subtracted, may be fused with it. */
  readonly fused: boolean;
}

/** A value that must be computed: what comes before it on the stack, and what is done with it. */
export interface Root {
  readonly node: Node;
  before?(): void;
  after(): void;
}

/** Writes the code of all roots, in their order. */
export function writeBody(surroundings: Surroundings, roots: readonly Root[]): void {
  const writer = new BodyWriter(surroundings, countUses(roots));
  for (const { node, before, after } of roots) {
    before?.();
    writer.push(node);
    after();
  }
}

/** How many operands and roots each node is, by its id. */
function countUses(roots: readonly Root[]): Uint32Array {
  const uses = new Uint32Array(Math.max(0, ...roots.map(({ node }) => node.id + 1)));
  const stack = roots.map(({ node }) => node);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const before = uses[node.id] ?? 0;
    uses[node.id] = before + 1;
    if (before === 0) for (const operand of node.operands) stack.push(operand);
  }
  return uses;
}

/** Sums and differences that one instruction does together with a product. */
interface Fusion {
  readonly instruction:
    | "f64x2.relaxed_madd"
    | "f64x2.relaxed_nmadd"
    | "f32x4.relaxed_madd"
    | "f32x4.relaxed_nmadd";
  /** The factors, and what the product is added to or subtracted from. */
  readonly operands: readonly Node[];
}

class BodyWriter {
  readonly #around: Surroundings;
  /** Uses to come of each node, by its id. */
  readonly #uses: Uint32Array;
  readonly #locals = new Map<number, number>();
  readonly #free: number[] = [];

  constructor(surroundings: Surroundings, uses: Uint32Array) {
    this.#around = surroundings;
    this.#uses = uses;
  }

  /** Pushes a value. No recursion: graphs are deeper than the stack of JavaScript. */
  push(root: Node): void {
    // Nodes whose value is wanted; those whose operands are on their way have a mark: how they are fused, or null.
    const nodes: Node[] = [root];
    const begun: (Fusion | null | undefined)[] = [undefined];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const mark = begun.pop();
      if (mark !== undefined) {
        this.#finish(node, mark);
        continue;
      }
      if (this.#pushKnown(node)) continue;
      const fused = this.#around.fused ? this.#fusion(node) : null;
      nodes.push(node);
      begun.push(fused);
      const operands = fused?.operands ?? node.operands;
      for (let index = operands.length - 1; index >= 0; index--) {
        nodes.push(operands[index] as Node);
        begun.push(undefined);
      }
    }
  }

  /** Pushes a constant, or a value that has a local; says whether it was one. */
  #pushKnown(node: Node): boolean {
    const { code } = this.#around;
    const { operation } = node;
    if (operation.kind === "constant") {
      code.i32(0);
      code.memory("v128.load", this.#around.constantAddress(operation.low, operation.high));
      return true;
    }
    const local = this.#locals.get(node.id);
    if (local === undefined) return false;
    code.localGet(local);
    this.#used(node, local);
    return true;
  }

  #finish(node: Node, fused: Fusion | null): void {
    if (fused !== null) this.#around.code.plain(fused.instruction);
    else this.#compute(node);
    if ((this.#uses[node.id] ?? 0) <= 1) return;
    const local = this.#free.pop() ?? this.#around.code.local("v128");
    this.#locals.set(node.id, local);
    this.#around.code.localTee(local);
    this.#used(node, local);
  }

  #compute({ operation }: Node): void {
    const { code } = this.#around;
    switch (operation.kind) {
      case "instruction":
        code.plain(operation.instruction);
        break;
      case "shift":
        code.i32(operation.amount);
        code.plain(operation.instruction);
        break;
      case "shuffle":
        code.shuffle(operation.bytes);
        break;
      case "constant":
        break;
      case "input":
        this.#around.load(operation.plane);
        break;
      case "call":
        code.call(this.#around.resolve(operation.target));
        break;
    }
  }

  #used(node: Node, local: number): void {
    const left = (this.#uses[node.id] ?? 1) - 1;
    this.#uses[node.id] = left;
    if (left > 0) return;
    this.#locals.delete(node.id);
    this.#free.push(local);
  }

  /**
   * a * b + c and c - a * b, where the product has no other use. One that had others has a local; what was computed from its rounded value, such as its rounding
   * error, must meet that again.
   */
  #fusion({ operation, operands: [x, y] }: Node): Fusion | null {
    if (operation.kind !== "instruction" || x === undefined || y === undefined) return null;
    const [type, name] = operation.instruction.split(".");
    if ((type !== "f64x2" && type !== "f32x4") || (name !== "add" && name !== "sub")) return null;
    const factors = (node: Node) =>
      node.operation.kind === "instruction" &&
      node.operation.instruction === `${type}.mul` &&
      this.#uses[node.id] === 1 &&
      !this.#locals.has(node.id)
        ? node.operands
        : null;
    const right = factors(y);
    if (right !== null)
      return { instruction: `${type}.relaxed_${name === "add" ? "madd" : "nmadd"}`, operands: [...right, x] };
    const left = name === "add" ? factors(x) : null;
    return left === null ? null : { instruction: `${type}.relaxed_madd`, operands: [...left, y] };
  }
}

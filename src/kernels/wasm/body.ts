/**
 * A graph put in order: instructions of a stack machine, with locals for what is needed more than once.
 *
 * Every value is computed right before its first use (depth first from the roots in turn) and stays on the stack if that is its only one. Since the code is straight-line, a local is
 * free again after the last use of its value, and is given to the next: liveness and reuse in one pass.
 *
 * Engines put straight-line code in an order of their own; V8's goes through a long block breadth first, so that most values wait in memory for their use. So long
 * code is cut into segments, each the usual case of a condition: a value that leaves one does so through a local that has another value in the other case, and cannot be moved.
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
  /** Pushes a constant. */
  constant(low: bigint, high: bigint): void;
  /** Pushes a condition that never holds, another one for each index, in a way that no compiler can know. */
  never(index: number): void;
  /** Whether a product that is used once, in a sum or as what is subtracted, may be fused with it. */
  readonly fused: boolean;
}

/** A value that must be computed: what comes before it on the stack, and what is done with it. */
export interface Root {
  readonly node: Node;
  before?(): void;
  after(): void;
}

/** About how many values a segment computes: DoublePendulum's Jacobian takes 197 ns in one block, 141 ns in segments of 150, 138 ns in shorter ones; RoeFlux_1d's 25 ns and 28 ns. */
export const SEGMENT = 150;

/** Writes the code of all roots, in their order, in segments of about so many values. */
export function writeBody(surroundings: Surroundings, roots: readonly Root[], segment: number): void {
  const schedule = new Schedule(roots, surroundings.fused, segment);
  const writer = new BodyWriter(surroundings, schedule);
  const { segments } = schedule;
  segments.forEach((segment, index) => {
    if (segments.length === 1) writer.write(segment);
    else writer.guarded(segment, index);
  });
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

/** Some values, in order, and the roots that are done with as soon as these are known. */
interface Segment {
  readonly nodes: Node[];
  readonly roots: Root[];
}

/** All values in the order of their computation, cut into segments. */
class Schedule {
  readonly segments: Segment[] = [{ nodes: [], roots: [] }];
  /** How many operands and roots each node is, by its id. */
  readonly uses: Uint32Array;
  readonly #fused: boolean;
  readonly #segment: number;
  /** The segment in which a node is computed, from 1, and the last that needs it, by its id. */
  readonly #made: Uint32Array;
  readonly #needed: Uint32Array;

  constructor(roots: readonly Root[], fused: boolean, segment: number) {
    this.#fused = fused;
    this.#segment = segment;
    this.uses = countUses(roots);
    this.#made = new Uint32Array(this.uses.length);
    this.#needed = new Uint32Array(this.uses.length);
    for (const root of roots) {
      this.#add(root.node);
      this.#needed[root.node.id] = this.segments.length;
      this.segments.at(-1)?.roots.push(root);
    }
  }

  /** Whether a later segment than its own needs a value. */
  isKept({ id }: Node): boolean {
    return (this.#needed[id] ?? 0) > (this.#made[id] ?? 0);
  }

  /** What a node is computed from, by its own instruction or by one that does a product as well. */
  operandsOf(node: Node): readonly Node[] {
    return this.fusion(node)?.operands ?? node.operands;
  }

  /**
   * a * b + c and c - a * b, where the product has no other use. One that had others has a local; what was computed from its rounded value, such as its rounding
   * error, must meet that again.
   */
  fusion({ operation, operands: [x, y] }: Node): Fusion | null {
    if (!this.#fused || operation.kind !== "instruction" || x === undefined || y === undefined) return null;
    const [type, name] = operation.instruction.split(".");
    if ((type !== "f64x2" && type !== "f32x4") || (name !== "add" && name !== "sub")) return null;
    const factors = (node: Node) =>
      node.operation.kind === "instruction" &&
      node.operation.instruction === `${type}.mul` &&
      this.uses[node.id] === 1
        ? node.operands
        : null;
    const right = factors(y);
    if (right !== null)
      return { instruction: `${type}.relaxed_${name === "add" ? "madd" : "nmadd"}`, operands: [...right, x] };
    const left = name === "add" ? factors(x) : null;
    return left === null ? null : { instruction: `${type}.relaxed_madd`, operands: [...left, y] };
  }

  /** Depth first, without recursion: graphs are deeper than the stack of JavaScript. */
  #add(root: Node): void {
    const nodes: Node[] = [root];
    const begun: boolean[] = [false];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const isBegun = begun.pop() === true;
      if (node.operation.kind === "constant" || this.#made[node.id] !== 0) continue;
      const operands = this.operandsOf(node);
      if (isBegun) {
        this.#append(node, operands);
        continue;
      }
      nodes.push(node);
      begun.push(true);
      for (let index = operands.length - 1; index >= 0; index--) {
        nodes.push(operands[index] as Node);
        begun.push(false);
      }
    }
  }

  #append(node: Node, operands: readonly Node[]): void {
    if ((this.segments.at(-1)?.nodes.length ?? 0) >= this.#segment)
      this.segments.push({ nodes: [], roots: [] });
    this.segments.at(-1)?.nodes.push(node);
    this.#made[node.id] = this.segments.length;
    for (const { id } of operands) this.#needed[id] = this.segments.length;
  }
}

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

class BodyWriter {
  readonly #around: Surroundings;
  readonly #schedule: Schedule;
  /** Uses to come of each node, by its id. */
  readonly #left: Uint32Array;
  readonly #locals = new Map<number, number>();
  readonly #free: number[] = [];
  /** The locals of values that leave the segment in hand. */
  #reserved: ReadonlyMap<number, number> = new Map();
  /** A local that stays 0. */
  #zero: number | null = null;

  constructor(surroundings: Surroundings, schedule: Schedule) {
    this.#around = surroundings;
    this.#schedule = schedule;
    this.#left = schedule.uses.slice();
  }

  /** A segment as the other case of a condition that never holds. */
  guarded(segment: Segment, index: number): void {
    const { code, never } = this.#around;
    const kept = segment.nodes.filter((node) => this.#schedule.isKept(node));
    this.#reserved = new Map(kept.map(({ id }) => [id, this.#takeLocal()]));
    this.#zero ??= code.local("v128");
    never(index);
    code.if();
    for (const local of this.#reserved.values()) {
      code.localGet(this.#zero);
      code.localSet(local);
    }
    code.else();
    for (const node of kept) if (!this.#locals.has(node.id)) this.#push(node, "keep");
    this.write(segment);
    code.end();
  }

  /** The roots of a segment, and what they need. */
  write({ roots }: Segment): void {
    for (const { node, before, after } of roots) {
      before?.();
      this.#push(node, "use");
      after();
    }
  }

  /** Computes a value and pushes it, or only keeps it in its local. No recursion here either. */
  #push(root: Node, purpose: "use" | "keep"): void {
    const nodes: Node[] = [root];
    const begun: boolean[] = [false];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      if (begun.pop() === true) {
        this.#compute(node);
        this.#store(node, nodes.length === 0 ? purpose : "use");
        continue;
      }
      if (this.#pushKnown(node)) continue;
      nodes.push(node);
      begun.push(true);
      const operands = this.#schedule.operandsOf(node);
      for (let index = operands.length - 1; index >= 0; index--) {
        nodes.push(operands[index] as Node);
        begun.push(false);
      }
    }
  }

  /** Pushes a constant, or a value that has a local; says whether it was one. */
  #pushKnown(node: Node): boolean {
    const { operation } = node;
    if (operation.kind === "constant") {
      this.#around.constant(operation.low, operation.high);
      return true;
    }
    const local = this.#locals.get(node.id);
    if (local === undefined) return false;
    this.#around.code.localGet(local);
    this.#used(node, local);
    return true;
  }

  /** Puts the value on the stack into a local if there are uses to come. */
  #store(node: Node, purpose: "use" | "keep"): void {
    const { code } = this.#around;
    if (purpose === "use" && (this.#left[node.id] ?? 0) <= 1) return;
    const local = this.#reserved.get(node.id) ?? this.#takeLocal();
    this.#locals.set(node.id, local);
    if (purpose === "keep") code.localSet(local);
    else {
      code.localTee(local);
      this.#used(node, local);
    }
  }

  #compute(node: Node): void {
    const { code, load, resolve } = this.#around;
    const { operation } = node;
    const fusion = this.#schedule.fusion(node);
    if (fusion !== null) {
      code.plain(fusion.instruction);
      return;
    }
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
        load(operation.plane);
        break;
      case "call":
        code.call(resolve(operation.target));
        break;
    }
  }

  #takeLocal(): number {
    return this.#free.pop() ?? this.#around.code.local("v128");
  }

  #used(node: Node, local: number): void {
    const left = (this.#left[node.id] ?? 1) - 1;
    this.#left[node.id] = left;
    if (left > 0) return;
    this.#locals.delete(node.id);
    this.#free.push(local);
  }
}

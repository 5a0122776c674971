/**
 * Value numbering as `graph/values.ts` defines it, on integers.
 *
 * A value is one integer, its *code*: 2 * number + sign, where numbers are those of the graph's values, then those of the products and sums
 * that the elimination creates, and from `CONSTANT` on those of constants (by magnitude). The code 0 is the constant zero. What is
 * created is found again by a hash table with open addressing; entries are removed in the reverse of the order in which they came, so undoing
 * leaves no holes in its chains.
 */

import type { ComputationalGraph, TermValue } from "../graph/graph.ts";
import type { Operations } from "../graph/operations.ts";
import { constantValue } from "../graph/values.ts";

/** Code of the first constant; constants are far above all nodes and still fit a key of the table. */
export const CONSTANT = 2 ** 28;
/** Code of the constant zero. */
export const ZERO = 0;
/** Codes of the constants 1 and 2. */
export const ONE = CONSTANT;
export const TWO = CONSTANT + 2;

/** Kinds of nodes, as in the low bits of a key: products, and sums of operands of the same sign (of different signs: one more). */
const PRODUCT = 0;
export const SUM = 1;

/** The nodes of an elimination: like `ValueTable`, with undo. */
export class NodeTable {
  /** Nodes created; their numbers are `base`, `base` + 1, ... */
  created = 0;
  readonly base: number;
  /** Slots of [first operand's number * 4 + kind, second operand's number, resulting code, -]; a first word of 0 is empty. */
  #slots: Int32Array;
  /** For each created node its slot. */
  #slotOf: Int32Array;
  readonly #known: [key: number, other: number, code: number][] = [];
  /** Magnitudes by number less `CONSTANT / 2`, and their codes. */
  readonly #constants: number[] = [];
  readonly #codeOfMagnitude = new Map<number, number>();

  /** @param expected how many nodes there is to be room for at once; the table grows where there are more */
  constructor(graph: ComputationalGraph, expected = 0) {
    this.base = graph.valueCount + 1;
    this.#constant(1);
    this.#constant(2);
    this.#slots = new Int32Array(0);
    this.#slotOf = new Int32Array(0);
    const keys = new Set<string>();
    for (const { kind, left, right, result } of graph.known) {
      const a = this.code(left);
      const b = this.code(right);
      this.#remember(kind, a, kind === "difference" ? b ^ 1 : b, this.code(result), keys);
    }
    this.#resize(2 ** Math.max(10, Math.ceil(Math.log2(2 * expected + 2))));
  }

  /** What the function computes anyway: key, second operand's number, code. */
  get known(): readonly (readonly [key: number, other: number, code: number])[] {
    return this.#known;
  }

  /** Magnitudes of the constants met so far, in the order of their codes. */
  get constants(): readonly number[] {
    return this.#constants;
  }

  /** Enters what the function computes anyway. Zero has no key: its products and sums are never looked for. */
  #remember(
    kind: "product" | "sum" | "difference",
    a: number,
    b: number,
    result: number,
    keys: Set<string>,
  ): void {
    if (a >> 1 === ZERO || b >> 1 === ZERO) return;
    const ordered = a >> 1 <= b >> 1;
    const first = ordered ? a : b;
    const second = ordered ? b : a;
    const relative = (a ^ b) & 1;
    const sign = kind === "product" ? relative : first & 1;
    const key = ((first >> 1) << 2) | (kind === "product" ? PRODUCT : SUM + relative);
    const name = `${key} ${second >> 1}`;
    if (keys.has(name)) return;
    keys.add(name);
    this.#known.push([key, second >> 1, result ^ (result === ZERO ? 0 : sign)]);
  }

  /** The code of a value of the graph. */
  code(value: TermValue): number {
    return value.kind === "constant"
      ? this.#constant(value.constant)
      : ((value.value + 1) << 1) | (value.negative ? 1 : 0);
  }

  /** The value of a code; products and sums that were created count on after the graph's own values. */
  valueOf(code: number): TermValue {
    if (code === ZERO) return constantValue(0);
    if (code >= CONSTANT) return constantValue(this.#constantOf(code));
    return { kind: "value", value: (code >> 1) - 1, negative: (code & 1) === 1 };
  }

  #constant(constant: number): number {
    const magnitude = Math.abs(constant);
    if (magnitude === 0) return ZERO;
    let code = this.#codeOfMagnitude.get(magnitude);
    if (code === undefined) {
      code = CONSTANT + 2 * this.#constants.push(magnitude) - 2;
      this.#codeOfMagnitude.set(magnitude, code);
    }
    return constant < 0 ? code + 1 : code;
  }

  #constantOf(code: number): number {
    const magnitude = this.#constants[(code - CONSTANT) >> 1] ?? 0;
    return (code & 1) === 1 ? -magnitude : magnitude;
  }

  /** Of two values that are not zero. */
  product(a: number, b: number): number {
    if (a >= CONSTANT || b >= CONSTANT) return this.#scaled(a, b);
    const x = a >> 1;
    const y = b >> 1;
    const first = x < y ? x : y;
    return this.#find(first << 2, x ^ y ^ first, (a ^ b) & 1);
  }

  #scaled(a: number, b: number): number {
    if (a >> 1 === ONE >> 1) return b ^ (a & 1);
    if (b >> 1 === ONE >> 1) return a ^ (b & 1);
    if (a >= CONSTANT && b >= CONSTANT) return this.#constant(this.#constantOf(a) * this.#constantOf(b));
    const constant = a >= CONSTANT ? a : b;
    const value = a >= CONSTANT ? b : a;
    return this.#find((value >> 1) << 2, constant >> 1, (a ^ b) & 1);
  }

  sum(a: number, b: number): number {
    const x = a >> 1;
    const y = b >> 1;
    if (x === y || a < 2 || b < 2 || (a >= CONSTANT && b >= CONSTANT)) return this.#simpleSum(a, b);
    const first = x < y ? x : y;
    return this.#find((first << 2) + SUM + ((a ^ b) & 1), x ^ y ^ first, (x < y ? a : b) & 1);
  }

  /** Of zero, of two constants, or of values that are the same up to their sign. */
  #simpleSum(a: number, b: number): number {
    if (a === ZERO) return b;
    if (b === ZERO) return a;
    if (a >= CONSTANT && b >= CONSTANT) return this.#constant(this.#constantOf(a) + this.#constantOf(b));
    return a === b ? this.#scaled(TWO, a) : ZERO;
  }

  /** The code, with this sign, of the node with this key, created if it is new. */
  #find(key: number, other: number, sign: number): number {
    const slots = this.#slots;
    const end = slots.length - 1;
    let slot = (near(key, other) << 2) & end;
    let probes = 0;
    let found = slots[slot] as number;
    while (found !== 0) {
      if (found === key && slots[slot + 1] === other) {
        const code = slots[slot + 2] as number;
        return code === ZERO ? ZERO : code ^ sign;
      }
      slot = (++probes === NEAR_PROBES ? hash(key, other) << 2 : slot + 4) & end;
      found = slots[slot] as number;
    }
    const node = this.created++;
    const code = (this.base + node) << 1;
    slots[slot] = key;
    slots[slot + 1] = other;
    slots[slot + 2] = code;
    this.#slotOf[node] = slot;
    if (this.created === this.#slotOf.length) this.#resize(slots.length >> 1);
    return code ^ sign;
  }

  /** Removes the last nodes until `created` of them are left. */
  removeDownTo(created: number): void {
    const slots = this.#slots;
    for (let node = this.created - 1; node >= created; node--) slots[this.#slotOf[node] as number] = 0;
    this.created = created;
  }

  #resize(capacity: number): void {
    const old = this.#slots;
    const oldSlotOf = this.#slotOf;
    while (capacity < 4 * this.#known.length) capacity *= 2;
    this.#slots = new Int32Array(4 * capacity);
    this.#slotOf = new Int32Array(capacity >> 1);
    for (const [key, other, code] of this.#known) this.#insert(key, other, code);
    for (let node = 0; node < this.created; node++) {
      const slot = oldSlotOf[node] as number;
      this.#slotOf[node] = this.#insert(
        old[slot] as number,
        old[slot + 1] as number,
        old[slot + 2] as number,
      );
    }
  }

  #insert(key: number, other: number, code: number): number {
    const end = this.#slots.length - 1;
    let slot = (near(key, other) << 2) & end;
    for (let probes = 1; this.#slots[slot] !== 0; probes++)
      slot = (probes === NEAR_PROBES ? hash(key, other) << 2 : slot + 4) & end;
    this.#slots[slot] = key;
    this.#slots[slot + 1] = other;
    this.#slots[slot + 2] = code;
    return slot;
  }

  /** How many of the created nodes are needed to compute these values. */
  live(codes: Iterable<number>): number {
    const { multiplications, additions } = this.liveOperations(codes);
    return multiplications + additions;
  }

  /** How many of the created products and sums are needed to compute these values. */
  liveOperations(codes: Iterable<number>): Operations {
    return liveOperations(codes, this.base, this.#slots, this.#slotOf.subarray(0, this.created));
  }
}

/**
 * How many products and sums are needed to compute values.
 *
 * @param codes the values
 * @param base the number of the first node
 * @param slots [first operand's number * 4 + kind, second operand's number] of each node, from its place on
 * @param places of the nodes, in the order of their creation
 */
export function liveOperations(
  codes: Iterable<number>,
  base: number,
  slots: Int32Array,
  places: Int32Array,
): Operations {
  const needed = new Uint8Array(places.length);
  const mark = (number: number) => {
    if (number >= base && number < CONSTANT >> 1) needed[number - base] = 1;
  };
  for (const code of codes) mark(code >> 1);
  const counts = [0, 0];
  for (let node = places.length - 1; node >= 0; node--) {
    if (needed[node] === 0) continue;
    const place = places[node] as number;
    const key = slots[place] as number;
    const kind = (key & 3) === PRODUCT ? 0 : 1;
    counts[kind] = (counts[kind] ?? 0) + 1;
    mark(key >> 2);
    mark(slots[place + 1] as number);
  }
  const [multiplications = 0, additions = 0] = counts;
  return { multiplications, additions };
}

/**
 * Where a node is looked for first: near others that have an operand of about the same number, for what is computed together is looked for together, and a
 * table of millions of nodes is far larger than the caches (stencils of 50,000 equations in half the time).
 */
function near(key: number, other: number): number {
  const recent = other < CONSTANT >> 1 ? other : key >> 2;
  return 2 * recent + (hash(key, other) & 1023);
}

/** So many places are tried there, then one anywhere and those after it: an operand of a hundred thousand nodes must not make a chain of them. */
const NEAR_PROBES = 16;

function hash(key: number, other: number): number {
  const mixed = Math.imul(key, 0x9e3779b1) ^ Math.imul(other, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/**
 * The objective `operations` on scalar graphs: value numbering as `graph/values.ts` defines it, on integers.
 *
 * A value is one integer, its *code*: 2 * number + sign, where numbers are those of the graph's values, then those of the products and sums
 * that the elimination creates, and from `CONSTANT` on those of constants (by magnitude). The code 0 is the constant zero and, in
 * the matrix of edges, an absent edge. What is created is found again by a hash table with open addressing; entries are removed in the
 * reverse of the order in which they came, so undoing leaves no holes in its chains.
 */

import type { ComputationalGraph, TermValue } from "../graph/graph.ts";
import { requireScalar } from "../graph/operations.ts";
import { columnsOf } from "./columns.ts";
import type { Engine } from "./engine.ts";

/** Code of the first constant; constants are far above all nodes and still fit a key of the table. */
const CONSTANT = 2 ** 28;
const ZERO = 0;
const ONE = CONSTANT;
const TWO = CONSTANT + 2;

/** @throws InputError if the graph has array-valued vertices: operations are defined on scalar graphs only so far */
export function operationsEngine(graph: ComputationalGraph): Engine {
  requireScalar(graph);
  return new ValueEngine(graph);
}

/** Kinds of nodes, as in the low bits of a key. */
const PRODUCT = 0;
const SUM = 1;

/** The nodes of an elimination: like `ValueTable`, with undo. */
class NodeTable {
  /** Nodes created; their numbers are base, base + 1, ... */
  created = 0;
  readonly #base: number;
  /** Slots of [first operand's number * 4 + kind, second operand's number, resulting code, -]; a first word of 0 is empty. */
  #slots: Int32Array;
  #mask: number;
  /** For each created node its slot. */
  #slotOf: Int32Array;
  readonly #known: [number, number, number][] = [];
  /** Magnitudes by number less `CONSTANT / 2`, and their codes. */
  readonly #constants: number[] = [];
  readonly #codeOfMagnitude = new Map<number, number>();

  constructor(graph: ComputationalGraph) {
    this.#base = graph.valueCount + 1;
    this.#constant(1);
    this.#constant(2);
    this.#slots = new Int32Array(4 * 1024);
    this.#mask = 1023;
    this.#slotOf = new Int32Array(256);
    for (const { kind, left, right, result } of graph.known) {
      const a = this.code(left);
      const b = this.code(right);
      this.#remember(kind, a, kind === "difference" ? b ^ 1 : b, this.code(result));
    }
    this.#resize(1024);
  }

  /** Enters what the function computes anyway. Zero has no key: its products and sums are never looked for. */
  #remember(kind: "product" | "sum" | "difference", a: number, b: number, result: number): void {
    if (a >> 1 === ZERO || b >> 1 === ZERO) return;
    const ordered = a >> 1 <= b >> 1;
    const first = ordered ? a : b;
    const second = ordered ? b : a;
    const relative = (a ^ b) & 1;
    const sign = kind === "product" ? relative : first & 1;
    const key = ((first >> 1) << 2) | (kind === "product" ? PRODUCT : SUM + relative);
    if (this.#known.every(([k, other]) => k !== key || other !== second >> 1))
      this.#known.push([key, second >> 1, result ^ (result === ZERO ? 0 : sign)]);
  }

  /** The code of a value of the graph. */
  code(value: TermValue): number {
    return value.kind === "constant"
      ? this.#constant(value.constant)
      : ((value.value + 1) << 1) | (value.negative ? 1 : 0);
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
    return this.#find(x < y ? x << 2 : y << 2, x < y ? y : x, (a ^ b) & 1);
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
    if (a === ZERO) return b;
    if (b === ZERO) return a;
    if (a >= CONSTANT && b >= CONSTANT) return this.#constant(this.#constantOf(a) + this.#constantOf(b));
    if (a === b) return this.#scaled(TWO, a);
    const x = a >> 1;
    const y = b >> 1;
    if (x === y) return ZERO;
    const kind = SUM + ((a ^ b) & 1);
    return x < y ? this.#find((x << 2) | kind, y, a & 1) : this.#find((y << 2) | kind, x, b & 1);
  }

  /** The code, with this sign, of the node with this key, created if it is new. */
  #find(key: number, other: number, sign: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let place = hash(key, other) & mask;
    for (;;) {
      const slot = place << 2;
      const found = slots[slot] as number;
      if (found === key && slots[slot + 1] === other) {
        const code = slots[slot + 2] as number;
        return code === ZERO ? ZERO : code ^ sign;
      }
      if (found === 0) break;
      place = (place + 1) & mask;
    }
    return this.#create(place << 2, key, other) ^ sign;
  }

  #create(slot: number, key: number, other: number): number {
    const slots = this.#slots;
    const node = this.created++;
    const code = (this.#base + node) << 1;
    slots[slot] = key;
    slots[slot + 1] = other;
    slots[slot + 2] = code;
    this.#slotOf[node] = slot;
    if (this.created === this.#slotOf.length) this.#resize(2 * (this.#mask + 1));
    return code;
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
    this.#mask = capacity - 1;
    this.#slotOf = new Int32Array(capacity >> 2);
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
    let place = hash(key, other) & this.#mask;
    while (this.#slots[place << 2] !== 0) place = (place + 1) & this.#mask;
    this.#slots.set([key, other, code], place << 2);
    return place << 2;
  }

  /** How many of the created nodes are needed to compute these values. */
  live(codes: Iterable<number>): number {
    const seen = new Set<number>();
    const pending = [...codes].map((code) => code >> 1);
    for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
      const slot = this.#slotOf[number - this.#base];
      if (number < this.#base || number >= CONSTANT >> 1 || slot === undefined || seen.has(number)) continue;
      seen.add(number);
      pending.push((this.#slots[slot] as number) >> 2, this.#slots[slot + 1] as number);
    }
    return seen.size;
  }
}

function hash(key: number, other: number): number {
  const mixed = Math.imul(key, 0x9e3779b1) ^ Math.imul(other, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

class ValueEngine implements Engine {
  readonly size: number;
  readonly local = false;
  readonly #columns: number;
  readonly #words: number;
  /** The code of the edge from u to w is at u * columns + w. */
  readonly #edges: Int32Array;
  /** Bit rows: row i the predecessors of intermediate i, row size + i its successors; and what they are at the start. */
  readonly #rows: Int32Array;
  readonly #initialRows: Int32Array;
  readonly #table: NodeTable;
  /** How many edges, products and sums were zero: only then can nodes be dead. */
  #vanished = 0;
  readonly #initiallyVanished: number;
  /** Places and old codes of changed edges. */
  #log = new Int32Array(1024);
  #top = 0;
  /** The eliminated indices, and before each the log's top, the nodes created and the zeros met. */
  readonly #stack: Int32Array;
  #depth = 0;
  readonly #predecessors: Int32Array;
  readonly #successors: Int32Array;

  constructor(graph: ComputationalGraph) {
    const { size, count, of: column } = columnsOf(graph);
    this.size = size;
    this.#columns = count;
    this.#words = Math.ceil(this.#columns / 32);
    this.#table = new NodeTable(graph);
    this.#edges = new Int32Array(this.#columns * this.#columns);
    this.#rows = new Int32Array(2 * this.size * this.#words);
    for (const { from, to, terms } of graph.edges) {
      const code = this.#table.code(terms[0]?.value ?? { kind: "constant", constant: 0 });
      this.#edges[(column.get(from) ?? 0) * this.#columns + (column.get(to) ?? 0)] = code;
      if (code === ZERO) this.#vanished++;
      else this.#flip(column.get(from) ?? 0, column.get(to) ?? 0);
    }
    this.#initialRows = this.#rows.slice();
    this.#initiallyVanished = this.#vanished;
    this.#stack = new Int32Array(4 * this.size);
    this.#predecessors = new Int32Array(this.#columns);
    this.#successors = new Int32Array(this.#columns);
  }

  /** An edge comes or goes: changes its bits in the rows of its intermediates. */
  #flip(from: number, to: number): void {
    const { size } = this;
    const rows = this.#rows;
    const words = this.#words;
    if (from < size)
      rows[(size + from) * words + (to >> 5)] =
        (rows[(size + from) * words + (to >> 5)] as number) ^ (1 << (to & 31));
    if (to < size)
      rows[to * words + (from >> 5)] = (rows[to * words + (from >> 5)] as number) ^ (1 << (from & 31));
  }

  restart(): void {
    if (this.#depth === 0) return;
    const edges = this.#edges;
    const log = this.#log;
    for (let top = this.#top - 2; top >= 0; top -= 2) edges[log[top] as number] = log[top + 1] as number;
    this.#rows.set(this.#initialRows);
    this.#table.removeDownTo(0);
    this.#vanished = this.#initiallyVanished;
    this.#top = 0;
    this.#depth = 0;
  }

  eliminate(index: number): number {
    const table = this.#table;
    const created = table.created;
    const frame = 4 * this.#depth++;
    this.#stack[frame] = index;
    this.#stack[frame + 1] = this.#top;
    this.#stack[frame + 2] = created;
    this.#stack[frame + 3] = this.#vanished;
    this.#accumulate(index);
    return table.created - created;
  }

  #accumulate(index: number): void {
    const edges = this.#edges;
    const table = this.#table;
    const columns = this.#columns;
    const predecessors = this.#predecessors;
    const successors = this.#successors;
    const inDegree = this.#list(index, predecessors);
    const outDegree = this.#list(this.size + index, successors);
    if (this.#top + 2 * inDegree * outDegree > this.#log.length) this.#growLog(2 * inDegree * outDegree);
    const log = this.#log;
    let top = this.#top;
    for (let p = 0; p < inDegree; p++) {
      const from = predecessors[p] as number;
      const inner = edges[from * columns + index] as number;
      for (let s = 0; s < outDegree; s++) {
        const to = successors[s] as number;
        const place = from * columns + to;
        const old = edges[place] as number;
        const product = table.product(edges[index * columns + to] as number, inner);
        const value = old === ZERO ? product : table.sum(old, product);
        log[top++] = place;
        log[top++] = old;
        edges[place] = value;
        if (product === ZERO || value === ZERO) this.#vanished++;
        if ((old === ZERO) !== (value === ZERO)) this.#flip(from, to);
      }
    }
    this.#top = top;
    this.#detach(index, inDegree, outDegree);
  }

  /** Lists the columns in a bit row, ascending, and returns how many they are. */
  #list(row: number, into: Int32Array): number {
    const rows = this.#rows;
    const words = this.#words;
    let count = 0;
    for (let word = 0; word < words; word++)
      for (let bits = rows[row * words + word] as number; bits !== 0; ) {
        const low = bits & -bits;
        bits ^= low;
        into[count++] = (word << 5) + 31 - Math.clz32(low);
      }
    return count;
  }

  /** Takes an intermediate out of the rows of its neighbours, or back into them; its own rows stay. */
  #detach(index: number, inDegree: number, outDegree: number): void {
    const { size } = this;
    const rows = this.#rows;
    const words = this.#words;
    const bit = 1 << (index & 31);
    const offset = index >> 5;
    for (let p = 0; p < inDegree; p++) {
      const from = this.#predecessors[p] as number;
      if (from >= size) break;
      rows[(size + from) * words + offset] = (rows[(size + from) * words + offset] as number) ^ bit;
    }
    for (let s = 0; s < outDegree; s++) {
      const to = this.#successors[s] as number;
      if (to >= size) break;
      rows[to * words + offset] = (rows[to * words + offset] as number) ^ bit;
    }
  }

  undo(count: number): void {
    if (count === 0) return;
    for (let left = count; left > 0; left--) {
      const index = this.#stack[4 * --this.#depth] as number;
      this.#detach(
        index,
        this.#list(index, this.#predecessors),
        this.#list(this.size + index, this.#successors),
      );
      this.#revertEdges(this.#stack[4 * this.#depth + 1] as number);
    }
    this.#table.removeDownTo(this.#stack[4 * this.#depth + 2] as number);
    this.#vanished = this.#stack[4 * this.#depth + 3] as number;
  }

  #revertEdges(bottom: number): void {
    const edges = this.#edges;
    const log = this.#log;
    const columns = this.#columns;
    for (let top = this.#top - 2; top >= bottom; top -= 2) {
      const place = log[top] as number;
      const old = log[top + 1] as number;
      if ((old === ZERO) !== (edges[place] === ZERO))
        this.#flip(Math.floor(place / columns), place % columns);
      edges[place] = old;
    }
    this.#top = bottom;
  }

  total(): number {
    return this.#vanished === 0 ? this.#table.created : this.#table.live(this.#present());
  }

  /** The codes of all edges that are left. */
  *#present(): Generator<number> {
    const eliminated = new Set(Array.from({ length: this.#depth }, (_, depth) => this.#stack[4 * depth]));
    for (let from = 0; from < this.#columns; from++)
      for (let to = 0; to < this.#columns; to++)
        if (!eliminated.has(from) && !eliminated.has(to))
          yield this.#edges[from * this.#columns + to] as number;
  }

  degree(index: number): number {
    const cost = this.eliminate(index);
    this.undo(1);
    return cost;
  }

  neighbours(index: number, into: Int32Array): number {
    const inDegree = this.#list(index, this.#predecessors);
    const outDegree = this.#list(this.size + index, this.#successors);
    let count = 0;
    for (let p = 0; p < inDegree && (this.#predecessors[p] as number) < this.size; p++)
      into[count++] = this.#predecessors[p] as number;
    for (let s = 0; s < outDegree && (this.#successors[s] as number) < this.size; s++)
      into[count++] = this.#successors[s] as number;
    return count;
  }

  cost(order: Int32Array): number {
    this.restart();
    for (let position = 0; position < order.length; position++) this.eliminate(order[position] as number);
    const total = this.total();
    this.restart();
    return total;
  }

  #growLog(room: number): void {
    const log = new Int32Array(2 * this.#log.length + room);
    log.set(this.#log);
    this.#log = log;
  }
}

/**
 * A scalar graph in the course of its elimination, for graphs too large for bit rows: a pool of edges, each linked into the list of its
 * source and of its target, and found by a hash of the two.
 *
 * An elimination takes time proportional to the products that it makes, whatever the degrees of its neighbours (an input that a hundred
 * thousand vertices use costs no more than another). Memory is linear in edges plus fill-in: 36 to 52 bytes an edge. Nothing is undone here:
 * searches at this scale sweep from the front of an order to its back.
 */

import type { ComputationalGraph } from "../../graph/graph.ts";
import { intermediates } from "../../graph/graph.ts";
import type { Arithmetic } from "./arithmetic.ts";

const NONE = -1;

/** Adjacency and degrees; mutable. Nodes are those of the ComputationalGraph. */
export class SparseGraph {
  readonly arithmetic: Arithmetic;
  /** Whether a node is an intermediate that is not eliminated yet. */
  readonly open: Uint8Array;
  /** How many counted edges come in, and go out. */
  readonly #inDegree: Int32Array;
  readonly #outDegree: Int32Array;
  readonly #firstIn: Int32Array;
  readonly #firstOut: Int32Array;
  #from: Int32Array;
  #to: Int32Array;
  #code: Int32Array;
  /** The lists of in-edges and out-edges, doubly linked; `nextIn` also links the edges that are free. */
  #nextIn: Int32Array;
  #previousIn: Int32Array;
  #nextOut: Int32Array;
  #previousOut: Int32Array;
  #free = NONE;
  #top = 0;
  /** Edges there are. */
  #count = 0;
  /** Open addressing, linear probing: edge + 1, or 0 where empty. */
  #slots: Int32Array;
  #mask: number;
  /** The edges of the vertex that is being eliminated. */
  #incoming: number[] = [];
  #outgoing: number[] = [];
  /** Products and sums of zero that were met: only then can work have been done in vain. */
  vanished = 0;
  /** Products made, and looked up. */
  work = 0;

  /** @param graph scalar, unless the arithmetic is of lists of terms */
  constructor(graph: ComputationalGraph, arithmetic: Arithmetic) {
    this.arithmetic = arithmetic;
    const nodes = graph.inputs.length + graph.vertices.length;
    this.open = new Uint8Array(nodes);
    for (const node of intermediates(graph)) this.open[node] = 1;
    this.#inDegree = new Int32Array(nodes);
    this.#outDegree = new Int32Array(nodes);
    this.#firstIn = new Int32Array(nodes).fill(NONE);
    this.#firstOut = new Int32Array(nodes).fill(NONE);
    const capacity = Math.max(16, Math.ceil(1.5 * graph.edges.length));
    const column = () => new Int32Array(capacity);
    this.#from = column();
    this.#to = column();
    this.#code = column();
    this.#nextIn = column();
    this.#previousIn = column();
    this.#nextOut = column();
    this.#previousOut = column();
    this.#mask = 2 ** Math.ceil(Math.log2(2 * capacity)) - 1;
    this.#slots = new Int32Array(this.#mask + 1);
    for (const { from, to, terms } of graph.edges) {
      const code = arithmetic.code(terms);
      if (code === 0) this.vanished++;
      else this.#add(from, to, code, this.#slotOf(from, to));
    }
  }

  /** How many edges there are now. */
  get edgeCount(): number {
    return this.#count;
  }

  /** What eliminating a node costs now: counted in-edges times counted out-edges, the Markowitz degree, or what the arithmetic says that the products cost. */
  degree(node: number): number {
    const pairs = (this.#inDegree[node] as number) * (this.#outDegree[node] as number);
    if (this.arithmetic.cost === undefined) return pairs;
    this.work += pairs;
    let cost = 0;
    for (let into = this.#firstIn[node] as number; into !== NONE; into = this.#nextIn[into] as number)
      for (let out = this.#firstOut[node] as number; out !== NONE; out = this.#nextOut[out] as number)
        cost += this.arithmetic.cost(this.#code[out] as number, this.#code[into] as number);
    return cost;
  }

  /** The sources of a node's in-edges, in no particular order. */
  predecessors(node: number): number[] {
    const found: number[] = [];
    for (let edge = this.#firstIn[node] as number; edge !== NONE; edge = this.#nextIn[edge] as number)
      found.push(this.#from[edge] as number);
    return found;
  }

  /** The targets of a node's out-edges, in no particular order. */
  successors(node: number): number[] {
    const found: number[] = [];
    for (let edge = this.#firstOut[node] as number; edge !== NONE; edge = this.#nextOut[edge] as number)
      found.push(this.#to[edge] as number);
    return found;
  }

  /** The code of the edge, or 0 where there is none. */
  code(from: number, to: number): number {
    const edge = (this.#slots[this.#slotOf(from, to)] as number) - 1;
    return edge < 0 ? 0 : (this.#code[edge] as number);
  }

  /** Eliminates an open node; returns its degree. */
  eliminate(node: number): number {
    const { arithmetic } = this;
    const cost = this.degree(node);
    const incoming = this.#incoming;
    const outgoing = this.#outgoing;
    incoming.length = outgoing.length = 0;
    for (let edge = this.#firstIn[node] as number; edge !== NONE; edge = this.#nextIn[edge] as number)
      incoming.push(edge);
    for (let edge = this.#firstOut[node] as number; edge !== NONE; edge = this.#nextOut[edge] as number)
      outgoing.push(edge);
    this.work += incoming.length * outgoing.length;
    for (let i = 0; i < incoming.length; i++) {
      const from = this.#from[incoming[i] as number] as number;
      const inner = this.#code[incoming[i] as number] as number;
      for (let o = 0; o < outgoing.length; o++) {
        const to = this.#to[outgoing[o] as number] as number;
        const product = arithmetic.product(this.#code[outgoing[o] as number] as number, inner);
        if (product === 0) this.vanished++;
        else this.#join(from, to, product);
      }
    }
    for (let i = 0; i < incoming.length; i++) this.#remove(incoming[i] as number);
    for (let o = 0; o < outgoing.length; o++) this.#remove(outgoing[o] as number);
    this.open[node] = 0;
    return cost;
  }

  /** The codes of all edges there are. */
  *codes(): Generator<number> {
    for (const slot of this.#slots) if (slot !== 0) yield this.#code[slot - 1] as number;
  }

  #join(from: number, to: number, product: number): void {
    const slot = this.#slotOf(from, to);
    const edge = (this.#slots[slot] as number) - 1;
    if (edge < 0) {
      const alone = this.arithmetic.sum(0, product);
      if (alone === 0) this.vanished++;
      else this.#add(from, to, alone, slot);
      return;
    }
    const old = this.#code[edge] as number;
    const sum = this.arithmetic.sum(old, product);
    if (sum === 0) {
      this.vanished++;
      this.#remove(edge);
    } else if (sum !== old) {
      this.#code[edge] = sum;
      this.#countEdge(from, to, this.#counts(sum) - this.#counts(old));
    }
  }

  #counts(code: number): number {
    return this.arithmetic.isCounted(code) ? 1 : 0;
  }

  #countEdge(from: number, to: number, change: number): void {
    this.#outDegree[from] = (this.#outDegree[from] as number) + change;
    this.#inDegree[to] = (this.#inDegree[to] as number) + change;
  }

  /** The slot that holds the edge, or the empty one where it belongs. */
  #slotOf(from: number, to: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash(from, to) & mask;
    for (;;) {
      const edge = (slots[slot] as number) - 1;
      if (edge < 0 || (this.#from[edge] === from && this.#to[edge] === to)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #add(from: number, to: number, code: number, slot: number): void {
    let edge = this.#free;
    if (edge === NONE) {
      if (this.#top === this.#from.length) this.#growPool();
      edge = this.#top++;
    } else this.#free = this.#nextIn[edge] as number;
    this.#from[edge] = from;
    this.#to[edge] = to;
    this.#code[edge] = code;
    const nextIn = this.#firstIn[to] as number;
    const nextOut = this.#firstOut[from] as number;
    this.#nextIn[edge] = nextIn;
    this.#nextOut[edge] = nextOut;
    this.#previousIn[edge] = this.#previousOut[edge] = NONE;
    if (nextIn !== NONE) this.#previousIn[nextIn] = edge;
    if (nextOut !== NONE) this.#previousOut[nextOut] = edge;
    this.#firstIn[to] = this.#firstOut[from] = edge;
    this.#slots[slot] = edge + 1;
    this.#countEdge(from, to, this.#counts(code));
    if (2 * ++this.#count > this.#mask) this.#growSlots();
  }

  #remove(edge: number): void {
    const from = this.#from[edge] as number;
    const to = this.#to[edge] as number;
    this.#countEdge(from, to, -this.#counts(this.#code[edge] as number));
    this.#empty(this.#slotOf(from, to));
    const nextIn = this.#nextIn[edge] as number;
    const previousIn = this.#previousIn[edge] as number;
    if (nextIn !== NONE) this.#previousIn[nextIn] = previousIn;
    if (previousIn !== NONE) this.#nextIn[previousIn] = nextIn;
    else this.#firstIn[to] = nextIn;
    const nextOut = this.#nextOut[edge] as number;
    const previousOut = this.#previousOut[edge] as number;
    if (nextOut !== NONE) this.#previousOut[nextOut] = previousOut;
    if (previousOut !== NONE) this.#nextOut[previousOut] = nextOut;
    else this.#firstOut[from] = nextOut;
    this.#nextIn[edge] = this.#free;
    this.#free = edge;
    this.#count--;
  }

  /** Empties a slot and moves later ones of its chain up, so that none is cut off (Knuth 1973, 6.4, algorithm R). */
  #empty(start: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let hole = start;
    for (let slot = (hole + 1) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const edge = (slots[slot] as number) - 1;
      const home = hash(this.#from[edge] as number, this.#to[edge] as number) & mask;
      // It may move to the hole unless its home lies after the hole.
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = edge + 1;
      hole = slot;
    }
    slots[hole] = 0;
  }

  #growPool(): void {
    const grown = (column: Int32Array) => {
      const larger = new Int32Array(Math.ceil(1.5 * column.length));
      larger.set(column);
      return larger;
    };
    this.#from = grown(this.#from);
    this.#to = grown(this.#to);
    this.#code = grown(this.#code);
    this.#nextIn = grown(this.#nextIn);
    this.#previousIn = grown(this.#previousIn);
    this.#nextOut = grown(this.#nextOut);
    this.#previousOut = grown(this.#previousOut);
  }

  #growSlots(): void {
    const old = this.#slots;
    this.#mask = 2 * this.#mask + 1;
    this.#slots = new Int32Array(this.#mask + 1);
    for (const slot of old)
      if (slot !== 0)
        this.#slots[this.#slotOf(this.#from[slot - 1] as number, this.#to[slot - 1] as number)] = slot;
  }
}

function hash(from: number, to: number): number {
  let mixed = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

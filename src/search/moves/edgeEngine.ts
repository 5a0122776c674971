/**
 * Vertex and edge elimination, fast: a matrix of the values of all edges, bit rows that say which there are, and a log of what changed, to undo it.
 */

import type { NodeStep } from "../../graph/faces.ts";
import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { isScalarGraph, requireScalar } from "../../graph/operations.ts";
import { hasOnlyCopies } from "../engine.ts";
import { ZERO } from "../nodeTable.ts";
import type { Objective } from "../strategy.ts";
import { type EdgeValues, listValues, numberedValues, weightValues } from "./edgeValues.ts";
import type { StepEngine } from "./step.ts";

/** The engine of vertices and edges. Throws an InputError for `operations` of a graph that has array-valued vertices. */
export function edgeEngine(graph: ComputationalGraph, objective: Objective): StepEngine {
  if (objective === "operations") {
    requireScalar(graph);
    return new EdgeEngine(graph, numberedValues(graph));
  }
  return new EdgeEngine(graph, isScalarGraph(graph) && hasOnlyCopies(graph) ? weightValues() : listValues());
}

class EdgeEngine implements StepEngine {
  readonly #nodes: number;
  readonly #words: number;
  readonly #values: EdgeValues;
  /** The code of the edge u -> w is at u * nodes + w. */
  readonly #edges: Int32Array;
  /** Bit rows: row u the successors of u, row nodes + u its predecessors. */
  readonly #rows: Int32Array;
  /** The place of each changed edge and what was there; for each step how long the log was, and what was made. */
  #log = new Int32Array(4096);
  #top = 0;
  readonly #tops: number[] = [];
  readonly #mades: number[] = [];
  /** How many edges, products and sums were zero: only then may something made not be needed. */
  #vanished = 0;
  readonly #vanishings: number[] = [];
  /** Two sums, over all edges, of a hash of place and code. */
  #hash = 0;
  #otherHash = 0;
  /** Neighbours listed before their rows change. */
  readonly #sources: Int32Array;
  readonly #targets: Int32Array;
  /** What is between inputs and outputs in the end. */
  readonly #ends: readonly number[];

  constructor(graph: ComputationalGraph, values: EdgeValues) {
    const inputs = graph.inputs.length;
    this.#nodes = inputs + graph.vertices.length;
    this.#words = Math.ceil(this.#nodes / 32);
    this.#values = values;
    this.#edges = new Int32Array(this.#nodes * this.#nodes);
    this.#rows = new Int32Array(2 * this.#nodes * this.#words);
    this.#sources = new Int32Array(this.#nodes);
    this.#targets = new Int32Array(this.#nodes);
    for (const { from, to, terms } of graph.edges) {
      const code = values.code(terms);
      if (code === ZERO) this.#vanished++;
      this.#set(from, to, code);
    }
    const inner = new Set(intermediates(graph));
    const outputs = graph.vertices.map((_, vertex) => inputs + vertex).filter((node) => !inner.has(node));
    this.#ends = graph.inputs.flatMap((_, input) => outputs.map((output) => input * this.#nodes + output));
  }

  restart(): void {
    this.undo(this.#tops.length);
  }

  take(step: NodeStep): number {
    const before = this.#values.made();
    this.#tops.push(this.#top);
    this.#mades.push(before);
    this.#vanishings.push(this.#vanished);
    switch (step.kind) {
      case "vertex":
        this.#vertex(step.via);
        break;
      case "front":
        this.#front(step.from, step.via);
        break;
      case "back":
        this.#back(step.via, step.to);
        break;
      case "face":
        throw new Error("faces are for the engine of faces");
    }
    return this.#values.made() - before;
  }

  undo(count: number): void {
    const depth = this.#tops.length - count;
    const bottom = this.#tops[depth];
    if (bottom === undefined) return;
    while (this.#top > bottom) {
      this.#top -= 2;
      const place = this.#log[this.#top] as number;
      const from = Math.floor(place / this.#nodes);
      this.#set(from, place - from * this.#nodes, this.#log[this.#top + 1] as number);
    }
    this.#values.unmake(this.#mades[depth] as number);
    this.#vanished = this.#vanishings[depth] as number;
    this.#tops.length = this.#mades.length = this.#vanishings.length = depth;
  }

  total(): number {
    return this.#vanished === 0 ? this.#values.made() : this.#values.needed(this.#remaining());
  }

  fingerprint(): number {
    return this.#values.isLocal ? (this.#hash >>> 11) * 2 ** 32 + (this.#otherHash >>> 0) : Number.NaN;
  }

  neighbours(node: number) {
    return {
      predecessors: [...this.#sources.subarray(0, this.#list(this.#nodes + node, this.#sources))],
      successors: [...this.#targets.subarray(0, this.#list(node, this.#targets))],
    };
  }

  *#remaining(): Generator<number> {
    for (const place of this.#ends) yield this.#edges[place] as number;
  }

  #vertex(via: number): void {
    const count = this.#list(this.#nodes + via, this.#sources);
    const others = this.#list(via, this.#targets);
    for (let s = 0; s < count; s++)
      for (let t = 0; t < others; t++)
        this.#face(this.#sources[s] as number, via, this.#targets[t] as number);
    for (let s = 0; s < count; s++) this.#put(this.#sources[s] as number, via, ZERO);
    for (let t = 0; t < others; t++) this.#put(via, this.#targets[t] as number, ZERO);
  }

  #front(from: number, via: number): void {
    if (this.#edges[from * this.#nodes + via] === ZERO) return;
    const count = this.#list(via, this.#targets);
    for (let t = 0; t < count; t++) this.#face(from, via, this.#targets[t] as number);
    this.#put(from, via, ZERO);
    if (this.#isEmpty(this.#nodes + via))
      for (let t = 0; t < count; t++) this.#put(via, this.#targets[t] as number, ZERO);
  }

  #back(via: number, to: number): void {
    if (this.#edges[via * this.#nodes + to] === ZERO) return;
    const count = this.#list(this.#nodes + via, this.#sources);
    for (let s = 0; s < count; s++) this.#face(this.#sources[s] as number, via, to);
    this.#put(via, to, ZERO);
    if (this.#isEmpty(via)) for (let s = 0; s < count; s++) this.#put(this.#sources[s] as number, via, ZERO);
  }

  #face(from: number, via: number, to: number): void {
    const edges = this.#edges;
    const nodes = this.#nodes;
    const product = this.#values.product(
      edges[via * nodes + to] as number,
      edges[from * nodes + via] as number,
    );
    const present = edges[from * nodes + to] as number;
    const value = product === ZERO ? present : this.#values.sum(present, product);
    if (product === ZERO || value === ZERO) this.#vanished++;
    if (value !== present) this.#put(from, to, value);
  }

  /** Sets an edge, and notes what was there. */
  #put(from: number, to: number, code: number): void {
    if (this.#top === this.#log.length) this.#growLog();
    const place = from * this.#nodes + to;
    this.#log[this.#top++] = place;
    this.#log[this.#top++] = this.#edges[place] as number;
    this.#set(from, to, code);
  }

  #set(from: number, to: number, code: number): void {
    const place = from * this.#nodes + to;
    const before = this.#edges[place] as number;
    const rows = this.#rows;
    if ((before === ZERO) !== (code === ZERO)) {
      const ahead = from * this.#words + (to >> 5);
      const behind = (this.#nodes + to) * this.#words + (from >> 5);
      rows[ahead] = (rows[ahead] as number) ^ (1 << (to & 31));
      rows[behind] = (rows[behind] as number) ^ (1 << (from & 31));
    }
    if (this.#values.isLocal) {
      const now = mixed(place, code);
      const then = mixed(place, before);
      this.#hash = (this.#hash + now - then) | 0;
      this.#otherHash = (this.#otherHash + remixed(place, now) - remixed(place, then)) | 0;
    }
    this.#edges[place] = code;
  }

  #isEmpty(row: number): boolean {
    const start = row * this.#words;
    for (let word = start; word < start + this.#words; word++) if (this.#rows[word] !== 0) return false;
    return true;
  }

  /** Writes the nodes of a row, ascending; returns how many. */
  #list(row: number, into: Int32Array): number {
    const start = row * this.#words;
    let count = 0;
    for (let word = 0; word < this.#words; word++)
      for (let bits = this.#rows[start + word] as number; bits !== 0; bits &= bits - 1)
        into[count++] = 32 * word + 31 - Math.clz32(bits & -bits);
    return count;
  }

  #growLog(): void {
    const log = new Int32Array(2 * this.#log.length);
    log.set(this.#log);
    this.#log = log;
  }
}

/** A hash of an edge; no edge gives 0. */
function mixed(place: number, code: number): number {
  let hash = Math.imul(place ^ Math.imul(code, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return code === ZERO ? 0 : hash ^ (hash >>> 16);
}

/** Another one. */
function remixed(place: number, hash: number): number {
  return hash === 0 ? 0 : Math.imul(hash ^ Math.imul(place, 0x27d4eb2f), 0x165667b1);
}

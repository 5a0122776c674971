/**
 * Vertex and edge elimination of scalar graphs, fast, under either objective: a matrix of the values of all edges, and bit rows that say which
 * there are. What values are and what making them costs is the cost model's business.
 */

import type { NodeStep } from "../../graph/faces.ts";
import { type ComputationalGraph, intermediates, type TermValue } from "../../graph/graph.ts";
import { requireScalar } from "../../graph/operations.ts";
import { NodeTable, ZERO } from "../nodeTable.ts";
import type { Objective } from "../strategy.ts";
import type { StepEngine } from "./step.ts";

/** Values of edges as integers; 0 is no edge. */
interface Values {
  /** Of an original edge. */
  code(counted: boolean, value: TermValue): number;
  /** Of two edges. */
  product(a: number, b: number): number;
  sum(a: number, b: number): number;
  /** What all products and sums cost. */
  made(): number;
  /** What those cost that these codes need. */
  needed(left: Iterable<number>): number;
  restart(): void;
}

/** The engine of vertices and edges. Throws an InputError if the graph has array-valued vertices. */
export function edgeEngine(graph: ComputationalGraph, objective: Objective): StepEngine {
  requireScalar(graph);
  return new EdgeEngine(graph, objective === "operations" ? numberedValues(graph) : weights());
}

const STRUCTURE = 1;
const COUNTED = 2;

/** `multiplications`: products of two counted edges cost. */
function weights(): Values {
  let products = 0;
  return {
    code: (counted) => (counted ? COUNTED : STRUCTURE),
    product(a, b) {
      products += a & b & COUNTED ? 1 : 0;
      return a | b;
    },
    sum: (a, b) => a | b,
    made: () => products,
    needed: () => products,
    restart() {
      products = 0;
    },
  };
}

/** `operations`: numbered values. */
function numberedValues(graph: ComputationalGraph): Values {
  const table = new NodeTable(graph);
  return {
    code: (_, value) => table.code(value),
    product: (a, b) => (a === ZERO || b === ZERO ? ZERO : table.product(a, b)),
    sum: (a, b) => table.sum(a, b),
    made: () => table.created,
    needed: (left) => table.live(left),
    restart: () => {
      table.removeDownTo(0);
    },
  };
}

class EdgeEngine implements StepEngine {
  readonly #nodes: number;
  readonly #words: number;
  readonly #values: Values;
  /** The code of the edge u -> w is at u * nodes + w. */
  readonly #edges: Int32Array;
  readonly #initialEdges: Int32Array;
  /** Bit rows: row u the successors of u, row nodes + u its predecessors. */
  readonly #rows: Int32Array;
  readonly #initialRows: Int32Array;
  /** How many edges, products and sums were zero: only then may something made not be needed. */
  #vanished = 0;
  readonly #initiallyVanished: number;
  /** The first so many of these steps were taken. */
  #taken: readonly NodeStep[] = [];
  #count = 0;
  /** Neighbours listed before their rows change. */
  readonly #sources: Int32Array;
  readonly #targets: Int32Array;
  /** What is between inputs and outputs in the end. */
  readonly #ends: readonly number[];

  constructor(graph: ComputationalGraph, values: Values) {
    const inputs = graph.inputs.length;
    this.#nodes = inputs + graph.vertices.length;
    this.#words = Math.ceil(this.#nodes / 32);
    this.#values = values;
    this.#edges = new Int32Array(this.#nodes * this.#nodes);
    this.#rows = new Int32Array(2 * this.#nodes * this.#words);
    this.#sources = new Int32Array(this.#nodes);
    this.#targets = new Int32Array(this.#nodes);
    for (const { from, to, terms } of graph.edges) {
      const [term] = terms;
      const code = term === undefined ? ZERO : values.code(term.counted !== null, term.value);
      if (code === ZERO) this.#vanished++;
      this.#put(from, to, code);
    }
    this.#initiallyVanished = this.#vanished;
    this.#initialEdges = this.#edges.slice();
    this.#initialRows = this.#rows.slice();
    const inner = new Set(intermediates(graph));
    const outputs = graph.vertices.map((_, vertex) => inputs + vertex).filter((node) => !inner.has(node));
    this.#ends = graph.inputs.flatMap((_, input) => outputs.map((output) => input * this.#nodes + output));
  }

  cost(steps: readonly NodeStep[]): number {
    this.#take(steps, steps.length);
    return this.#vanished === 0 ? this.#values.made() : this.#values.needed(this.#remaining());
  }

  neighbours(steps: readonly NodeStep[], count: number, node: number) {
    this.#take(steps, count);
    return {
      predecessors: [...this.#sources.subarray(0, this.#list(this.#nodes + node, this.#sources))],
      successors: [...this.#targets.subarray(0, this.#list(node, this.#targets))],
    };
  }

  *#remaining(): Generator<number> {
    for (const place of this.#ends) yield this.#edges[place] as number;
  }

  /** Goes to where the first `count` steps lead: on from where it is if these begin with those that were taken, as after `neighbours`. */
  #take(steps: readonly NodeStep[], count: number): void {
    let start = 0;
    while (start < this.#count && start < count && steps[start] === this.#taken[start]) start++;
    if (start < this.#count) {
      this.#restart();
      start = 0;
    }
    for (let index = start; index < count; index++) this.#step(steps[index] as NodeStep);
    this.#taken = steps;
    this.#count = count;
  }

  #restart(): void {
    this.#edges.set(this.#initialEdges);
    this.#rows.set(this.#initialRows);
    this.#values.restart();
    this.#vanished = this.#initiallyVanished;
  }

  /** Takes one step, if it is there. */
  #step(step: NodeStep): void {
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
    const value = present === ZERO ? product : this.#values.sum(present, product);
    if (product === ZERO || value === ZERO) this.#vanished++;
    this.#put(from, to, value);
  }

  #put(from: number, to: number, code: number): void {
    const place = from * this.#nodes + to;
    const rows = this.#rows;
    if ((this.#edges[place] === ZERO) !== (code === ZERO)) {
      const ahead = from * this.#words + (to >> 5);
      const behind = (this.#nodes + to) * this.#words + (from >> 5);
      rows[ahead] = (rows[ahead] as number) ^ (1 << (to & 31));
      rows[behind] = (rows[behind] as number) ^ (1 << (from & 31));
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
}

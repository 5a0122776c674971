/**
 * The objective `multiplications` on scalar graphs whose edges are all counted, by the generated module of `bitRowModule.ts`: four times as many
 * orders a second as typed arrays give (RoeFlux_1d: 0.7 million, against 0.2).
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { type BitRowFunctions, type BitRowLayout, bitRowLayout, bitRowModule } from "./bitRowModule.ts";
import { columnsOf } from "./columns.ts";
import type { LocalEngine } from "./engine.ts";

/** Columns of a vector, and the most vectors of a row: modules for wider rows have more than 4 KB, which some browsers do not compile at once. */
const VECTOR = 128;
const MOST_VECTORS = 8;

/** Compiled modules by the vectors of their rows: the same for all graphs, and faster the longer they have run. */
const modules = new Map<number, WebAssembly.Module>();

/**
 * @param graph scalar, all its edges counted
 * @returns null if the graph is too wide, or WebAssembly with vectors is not to be had
 */
export function bitRowEngine(graph: ComputationalGraph): LocalEngine | null {
  const vectors = Math.max(1, Math.ceil(columnsOf(graph).count / VECTOR));
  if (vectors > MOST_VECTORS) return null;
  const layout = bitRowLayout(vectors);
  try {
    return new BitRowEngine(graph, layout);
  } catch {
    // No WebAssembly here, not allowed by the page, without vectors, or no room for another memory.
    return null;
  }
}

class BitRowEngine implements LocalEngine {
  readonly size: number;
  readonly local = true;
  readonly #layout: BitRowLayout;
  readonly #memory: WebAssembly.Memory;
  readonly #functions: BitRowFunctions;
  /** The memory as words; see `#view`. */
  #words: Int32Array;
  #total = 0;

  constructor(graph: ComputationalGraph, layout: BitRowLayout) {
    this.#layout = layout;
    this.#memory = new WebAssembly.Memory({ initial: layout.pages });
    const instance = new WebAssembly.Instance(moduleOf(layout), { kernel: { memory: this.#memory } });
    this.#functions = instance.exports as unknown as BitRowFunctions;
    this.#words = new Int32Array(this.#memory.buffer);
    const { size, of: column } = columnsOf(graph);
    this.size = size;
    const { row, initial, intermediates } = layout;
    const successors = initial + layout.columns * row;
    for (const { from, to } of graph.edges) {
      const [source, target] = [column.get(from) ?? 0, column.get(to) ?? 0];
      if (target < size) this.#set(initial + target * row, source);
      if (source < size) this.#set(successors + source * row, target);
    }
    for (let index = 0; index < size; index++) this.#set(intermediates, index);
    this.restart();
  }

  #set(start: number, bit: number): void {
    const word = (start >> 2) + (bit >> 5);
    this.#words[word] = (this.#words[word] as number) | (1 << (bit & 31));
  }

  /** The memory as words: a new view once the log has grown. */
  #view(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.#memory.buffer);
    return this.#words;
  }

  restart(): void {
    this.#functions.restart();
    this.#total = 0;
  }

  eliminate(index: number): number {
    const cost = this.#functions.eliminate(index);
    this.#total += cost;
    return cost;
  }

  undo(count: number): void {
    this.#total -= this.#functions.undo(count);
  }

  total(): number {
    return this.#total;
  }

  degree(index: number): number {
    return this.#functions.degree(index);
  }

  neighbours(index: number, into: Int32Array): number {
    const { predecessors, successors, row } = this.#layout;
    return this.#list(successors + index * row, into, this.#list(predecessors + index * row, into, 0));
  }

  /** Writes the open intermediates of a row from place `count` on; returns the place after them. */
  #list(start: number, into: Int32Array, count: number): number {
    const words = this.#view();
    const { open, intermediates, row } = this.#layout;
    let next = count;
    for (let word = 0; 4 * word < row; word++) {
      const wanted = (words[(open >> 2) + word] as number) & (words[(intermediates >> 2) + word] as number);
      for (let bits = (words[(start >> 2) + word] as number) & wanted; bits !== 0; bits &= bits - 1)
        into[next++] = 32 * word + 31 - Math.clz32(bits & -bits);
    }
    return next;
  }

  cost(order: Int32Array): number {
    this.#pass(order, 0, order.length);
    const total = this.#functions.cost(order.length);
    this.restart();
    return total;
  }

  attempt(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): number {
    this.#pass(order, start, end);
    const total = this.#functions.attempt(end - start, limit);
    if (total === Infinity) return total;
    const words = this.#view();
    const first = (this.#layout.costs >> 2) - start;
    for (let position = start; position < end; position++)
      costs[position] = words[first + position] as number;
    return total;
  }

  connected(order: Int32Array, start: number, end: number, ends: number, into: Int32Array): number {
    this.#pass(order, start, end);
    const count = this.#functions.connected(end - start, ends);
    const words = this.#view();
    const first = this.#layout.list >> 2;
    for (let place = 0; place < count; place++) into[place] = words[first + place] as number;
    return count;
  }

  /** Puts a part of an order into the module's list. */
  #pass(order: Int32Array, start: number, end: number): void {
    const words = this.#view();
    const first = (this.#layout.list >> 2) - start;
    // Mostly a few: a loop is faster than `set`.
    for (let position = start; position < end; position++)
      words[first + position] = order[position] as number;
  }
}

function moduleOf(layout: BitRowLayout): WebAssembly.Module {
  let module = modules.get(layout.vectors);
  if (module === undefined) {
    module = new WebAssembly.Module(bitRowModule(layout));
    modules.set(layout.vectors, module);
  }
  return module;
}

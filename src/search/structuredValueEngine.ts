/**
 * The objective `operations` on graphs of any structure: an edge is the number of its form (see `recipes.ts`) and the codes of its values, an elimination is recipes
 * carried out on numbered values.
 *
 * What is counted is always what the edges that are there need, so an elimination that makes earlier work superfluous may cost less than nothing: where
 * arrays are cut into slices that is common.
 */

import type { ComputationalGraph } from "../graph/graph.ts";
import { attemptInTurn } from "./attempt.ts";
import type { Engine } from "./engine.ts";
import { NeighbourRows } from "./neighbourRows.ts";
import { NO_TERMS, Recipes } from "./recipes.ts";
import { StructuredValues } from "./structuredValues.ts";

/** Any graph, scalar or not; counts `operations`. */
export function structuredValueEngine(graph: ComputationalGraph): Engine {
  return new StructuredValueEngine(graph);
}

/** Integers of a frame on the stack of eliminations: the vertex, and what the log, the values' codes and the nodes were before it. */
const FRAME = 4;
/** Integers of a log's entry: the place of an edge, its form and where its codes were. */
const ENTRY = 3;

class StructuredValueEngine implements Engine {
  readonly size: number;
  readonly local = false;
  readonly #values: StructuredValues;
  readonly #recipes: Recipes;
  readonly #rows: NeighbourRows;
  readonly #columns: number;
  /** At target * #columns + source the form of the edge, and where its codes begin. */
  readonly #forms: Int32Array;
  readonly #places: Int32Array;
  #codes = new Int32Array(4096);
  #codesEnd = 0;
  #log = new Int32Array(4096);
  #logEnd = 0;
  readonly #frames: Int32Array;
  #depth = 0;
  readonly #predecessors: Int32Array;
  readonly #successors: Int32Array;

  constructor(graph: ComputationalGraph) {
    this.#values = new StructuredValues(graph);
    this.#recipes = new Recipes(this.#values);
    const rows = new NeighbourRows(graph);
    this.#rows = rows;
    this.#columns = rows.columns;
    this.size = rows.size;
    this.#forms = new Int32Array(rows.columns ** 2);
    this.#places = new Int32Array(rows.columns ** 2);
    for (const { from, to, terms } of graph.edges) {
      const cell = rows.column(to) * rows.columns + rows.column(from);
      const { form, codes } = this.#recipes.original(terms);
      this.#forms[cell] = form;
      this.#places[cell] = this.#codesEnd;
      this.#makeRoom(codes.length, 0);
      this.#codes.set(codes, this.#codesEnd);
      this.#codesEnd += codes.length;
    }
    this.#frames = new Int32Array(FRAME * rows.size);
    this.#predecessors = new Int32Array(rows.columns);
    this.#successors = new Int32Array(rows.columns);
  }

  restart(): void {
    this.undo(this.#depth);
  }

  eliminate(index: number): number {
    const before = this.#values.held;
    const frame = FRAME * this.#depth++;
    this.#frames[frame] = index;
    this.#frames[frame + 1] = this.#logEnd;
    this.#frames[frame + 2] = this.#codesEnd;
    this.#frames[frame + 3] = this.#values.created;
    const inDegree = this.#rows.predecessors(index, this.#predecessors);
    const outDegree = this.#rows.successors(index, this.#successors);
    this.#makeRoom(0, ENTRY * inDegree * outDegree);
    for (let i = 0; i < inDegree; i++) {
      const predecessor = this.#predecessors[i] as number;
      for (let j = 0; j < outDegree; j++) this.#bypass(predecessor, index, this.#successors[j] as number);
    }
    for (let i = 0; i < inDegree; i++) {
      const predecessor = this.#predecessors[i] as number;
      this.#rows.partSuccessor(predecessor, index);
      this.#release(index * this.#columns + predecessor);
    }
    for (let j = 0; j < outDegree; j++) {
      const successor = this.#successors[j] as number;
      this.#rows.partPredecessor(index, successor);
      this.#release(successor * this.#columns + index);
    }
    return this.#values.held - before;
  }

  /** Adds the product of a vertex's out-edge by its in-edge to the edge that bypasses it. */
  #bypass(predecessor: number, index: number, successor: number): void {
    const recipes = this.#recipes;
    const forms = this.#forms;
    const incoming = index * this.#columns + predecessor;
    const outgoing = successor * this.#columns + index;
    const cell = successor * this.#columns + predecessor;
    const present = forms[cell] as number;
    let start = recipes.find(present, forms[outgoing] as number, forms[incoming] as number);
    if (!recipes.changes(start)) return;
    this.#load(incoming, this.#load(outgoing, this.#load(cell, 0)));
    start = recipes.run(start);
    const form = recipes.result(start);
    const count = recipes.count(form);
    this.#makeRoom(count, 0);
    const place = this.#codesEnd;
    recipes.read(start, this.#codes, place);
    this.#codesEnd += count;
    for (let code = place; code < this.#codesEnd; code++)
      this.#values.hold((this.#codes[code] as number) >> 1);
    this.#release(cell);
    const log = this.#log;
    log[this.#logEnd] = cell;
    log[this.#logEnd + 1] = present;
    log[this.#logEnd + 2] = this.#places[cell] as number;
    this.#logEnd += ENTRY;
    forms[cell] = form;
    this.#places[cell] = place;
    if (present === NO_TERMS) this.#rows.join(predecessor, successor);
    else if (form === NO_TERMS) this.#rows.part(predecessor, successor);
  }

  /** Loads the codes of an edge into the recipes' registers from one on; the register after them. */
  #load(cell: number, register: number): number {
    const { registers } = this.#recipes;
    const count = this.#recipes.count(this.#forms[cell] as number);
    const place = this.#places[cell] as number;
    for (let value = 0; value < count; value++)
      registers[register + value] = this.#codes[place + value] as number;
    return register + count;
  }

  #hold(cell: number): void {
    const place = this.#places[cell] as number;
    const end = place + this.#recipes.count(this.#forms[cell] as number);
    for (let code = place; code < end; code++) this.#values.hold((this.#codes[code] as number) >> 1);
  }

  #release(cell: number): void {
    this.#releaseCodes(this.#places[cell] as number, this.#forms[cell] as number);
  }

  /** Releases the values of an edge of a form whose codes begin at a place. */
  #releaseCodes(place: number, form: number): void {
    const end = place + this.#recipes.count(form);
    for (let code = place; code < end; code++) this.#values.release((this.#codes[code] as number) >> 1);
  }

  undo(count: number): void {
    for (let left = count; left > 0; left--) {
      const frame = FRAME * --this.#depth;
      const index = this.#frames[frame] as number;
      const inDegree = this.#rows.predecessors(index, this.#predecessors);
      const outDegree = this.#rows.successors(index, this.#successors);
      for (let i = 0; i < inDegree; i++) {
        const predecessor = this.#predecessors[i] as number;
        this.#rows.joinSuccessor(predecessor, index);
        this.#hold(index * this.#columns + predecessor);
      }
      for (let j = 0; j < outDegree; j++) {
        const successor = this.#successors[j] as number;
        this.#rows.joinPredecessor(index, successor);
        this.#hold(successor * this.#columns + index);
      }
      this.#revert(this.#frames[frame + 1] as number);
      this.#codesEnd = this.#frames[frame + 2] as number;
      this.#values.removeDownTo(this.#frames[frame + 3] as number);
    }
  }

  /** Puts back the edges that were logged from an entry on. */
  #revert(bottom: number): void {
    const log = this.#log;
    const columns = this.#columns;
    while (this.#logEnd > bottom) {
      this.#logEnd -= ENTRY;
      const cell = log[this.#logEnd] as number;
      const before = log[this.#logEnd + 1] as number;
      const form = this.#forms[cell] as number;
      const place = this.#places[cell] as number;
      this.#forms[cell] = before;
      this.#places[cell] = log[this.#logEnd + 2] as number;
      this.#hold(cell);
      this.#releaseCodes(place, form);
      if ((before === NO_TERMS) === (form === NO_TERMS)) continue;
      const successor = Math.floor(cell / columns);
      const predecessor = cell - successor * columns;
      if (before === NO_TERMS) this.#rows.part(predecessor, successor);
      else this.#rows.join(predecessor, successor);
    }
  }

  total(): number {
    return this.#values.held;
  }

  degree(index: number): number {
    const cost = this.eliminate(index);
    this.undo(1);
    return cost;
  }

  neighbours(index: number, into: Int32Array): number {
    return this.#rows.intermediates(index, into);
  }

  attempt(order: Int32Array, start: number, end: number, limit: number, costs: Float64Array): number {
    return attemptInTurn(this, order, start, end, limit, costs);
  }

  cost(order: Int32Array): number {
    this.restart();
    for (let position = 0; position < order.length; position++) this.eliminate(order[position] as number);
    const total = this.total();
    this.restart();
    return total;
  }

  #makeRoom(codes: number, entries: number): void {
    if (this.#codesEnd + codes > this.#codes.length) this.#codes = grown(this.#codes, codes);
    if (this.#logEnd + entries > this.#log.length) this.#log = grown(this.#log, entries);
  }
}

function grown(array: Int32Array, room: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * (array.length + room));
  larger.set(array);
  return larger;
}

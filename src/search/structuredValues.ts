/**
 * Value numbering of arrays as `graph/values.ts` defines it, on integers.
 *
 * Values are codes as in `nodeTable.ts`. A node is found again by its operands and its *kind*: an elementwise product or sum, or a contraction or a
 * rearrangement, which are numbered as they are met. What is counted is what is *held*: nodes that an edge of the graph needs, by itself or as an operand of
 * what it needs. Nodes are removed in the reverse of the order in which they came.
 */

import type { ComputationalGraph, TermValue } from "../graph/graph.ts";
import { atomShapes, contractionOperations, sizeOf, sumsOf } from "../graph/operations.ts";
import type { Contraction } from "../graph/terms.ts";
import { axesKey } from "../graph/values.ts";
import { type Structure, structureKey } from "../structure/structure.ts";
import { CONSTANT, NodeTable, TWO, ZERO } from "./nodeTable.ts";
import { TripleTable } from "./tripleTable.ts";

/** Numbers from here on are those of constants. */
const FIRST_CONSTANT = CONSTANT >> 1;

/** Elementwise kinds, as in `NodeTable`: products, sums of operands of the same sign, of different signs. */
const PRODUCT = 0;
const SUM = 1;
/** Kinds from here on have a size and a cost of their own. */
const STRUCTURED = 3;

/** Whether a code is that of a constant. */
export function isConstantCode(code: number): boolean {
  return code >= CONSTANT || code < 2;
}

/** The nodes of an elimination. */
export class StructuredValues {
  /** What the nodes that are held take, in multiplications and additions. */
  held = 0;
  readonly #names: NodeTable;
  readonly #base: number;
  readonly #table = new TripleTable();
  /** How many entries of the table are what the function computes anyway. */
  readonly #known: number;
  /** By number: entries of the value, what it takes, the numbers of its operands, and how many edges and held nodes need it. */
  #sizes: Float64Array;
  #costs: Float64Array;
  #lefts: Int32Array;
  #rights: Int32Array;
  #uses: Int32Array;
  /** By kind, from `STRUCTURED` on. */
  readonly #kinds = new Map<string, number>();
  readonly #kindSizes = [0, 0, 0];
  readonly #kindCosts = [0, 0, 0];

  constructor(graph: ComputationalGraph) {
    this.#names = new NodeTable(graph);
    this.#base = this.#names.base;
    const capacity = this.#base + 1024;
    this.#sizes = new Float64Array(capacity).fill(1, 0, this.#base);
    this.#costs = new Float64Array(capacity);
    this.#lefts = new Int32Array(capacity);
    this.#rights = new Int32Array(capacity);
    this.#uses = new Int32Array(capacity);
    for (const [atom, shape] of atomShapes(graph)) this.#sizes[atom + 1] = sizeOf(shape);
    for (const [key, other, code] of this.#names.known) {
      if (this.#table.get(key >> 2, other, key & 3) < 0) this.#table.add(key >> 2, other, key & 3, code);
    }
    this.#known = this.#table.size;
  }

  /** The code of a value of the graph, or of a constant. */
  code(value: TermValue): number {
    return this.#names.code(value);
  }

  /** The constant of a code of one. */
  constantOf(code: number): number {
    const value = this.#names.valueOf(code);
    return value.kind === "constant" ? value.constant : NaN;
  }

  /** The kind of a contraction, whose classes are numbered by first appearance. */
  contractionKind(contraction: Contraction): number {
    const { result, extents } = contraction;
    const { multiplications, additions } = contractionOperations(contraction);
    const size = sizeOf(result.map((group) => extents[group] ?? 1));
    return this.#kind(`${axesKey(contraction)}@${extents.join()}`, size, multiplications + additions);
  }

  /** The kind of a rearrangement by a structure in its one form. */
  rearrangementKind(structure: Structure): number {
    return this.#kind(
      structureKey(structure),
      sizeOf(structure.out.map(({ size }) => size)),
      sumsOf(structure),
    );
  }

  #kind(key: string, size: number, cost: number): number {
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      kind = this.#kindSizes.push(size) - 1;
      this.#kindCosts.push(cost);
      this.#kinds.set(key, kind);
    }
    return kind;
  }

  /** Nodes created. */
  get created(): number {
    return this.#table.size - this.#known;
  }

  /** Removes the last nodes, which nothing needs any more, until `created` of them are left. */
  removeDownTo(created: number): void {
    this.#table.shrinkTo(this.#known + created);
  }

  /** Elementwise, of two values of which at most one is a constant, and that is not 0, 1 or -1. */
  product(a: number, b: number): number {
    const x = a >> 1;
    const y = b >> 1;
    const found = x < y ? this.#find(x, y, PRODUCT, a) : this.#find(y, x, PRODUCT, a >= CONSTANT ? b : a);
    return found === ZERO ? ZERO : found ^ ((a ^ b) & 1);
  }

  /** Elementwise, of two values of which at most one is a constant, and that is not 0. */
  sum(a: number, b: number): number {
    const x = a >> 1;
    const y = b >> 1;
    if (x === y) return a === b ? this.product(a, TWO) : ZERO;
    const kind = SUM + ((a ^ b) & 1);
    const found = x < y ? this.#find(x, y, kind, a) : this.#find(y, x, kind, a >= CONSTANT ? b : a);
    return found === ZERO ? ZERO : found ^ ((x < y ? a : b) & 1);
  }

  /** @param straight the kind with the operands as given, @param turned with the second one first */
  contraction(a: number, b: number, straight: number, turned: number): number {
    const x = a >> 1;
    const y = b >> 1;
    const inOrder = x < y || (x === y && straight < turned);
    const found = inOrder ? this.#find(x, y, straight, 0) : this.#find(y, x, turned, 0);
    return found ^ ((a ^ b) & 1);
  }

  /** Of a value or a constant. */
  rearrangement(a: number, kind: number): number {
    return this.#find(a >> 1, ZERO, kind, 0) ^ (a & 1);
  }

  /** The code of the node, created if it is new; an elementwise one has the size of the value `like`. */
  #find(first: number, second: number, kind: number, like: number): number {
    const found = this.#table.get(first, second, kind);
    if (found >= 0) return found;
    const number = this.#base + this.created;
    if (number === this.#sizes.length) this.#grow();
    const isElementwise = kind < STRUCTURED;
    const size = isElementwise ? (this.#sizes[like >> 1] as number) : (this.#kindSizes[kind] as number);
    this.#sizes[number] = size;
    this.#costs[number] = isElementwise ? size : (this.#kindCosts[kind] as number);
    this.#lefts[number] = first;
    this.#rights[number] = second;
    this.#uses[number] = 0;
    this.#table.add(first, second, kind, 2 * number);
    return 2 * number;
  }

  /** An edge, or what it needs, now needs the value of this number. */
  hold(number: number): void {
    if (number < this.#base || number >= FIRST_CONSTANT) return;
    const uses = this.#uses[number] as number;
    this.#uses[number] = uses + 1;
    if (uses > 0) return;
    this.held += this.#costs[number] as number;
    this.hold(this.#lefts[number] as number);
    this.hold(this.#rights[number] as number);
  }

  /** Takes back one `hold`. */
  release(number: number): void {
    if (number < this.#base || number >= FIRST_CONSTANT) return;
    const uses = (this.#uses[number] as number) - 1;
    this.#uses[number] = uses;
    if (uses > 0) return;
    this.held -= this.#costs[number] as number;
    this.release(this.#lefts[number] as number);
    this.release(this.#rights[number] as number);
  }

  #grow(): void {
    const capacity = 2 * this.#sizes.length;
    const larger = <Numbers extends Float64Array | Int32Array>(before: Numbers, after: Numbers): Numbers => {
      after.set(before);
      return after;
    };
    this.#sizes = larger(this.#sizes, new Float64Array(capacity));
    this.#costs = larger(this.#costs, new Float64Array(capacity));
    this.#lefts = larger(this.#lefts, new Int32Array(capacity));
    this.#rights = larger(this.#rights, new Int32Array(capacity));
    this.#uses = larger(this.#uses, new Int32Array(capacity));
  }
}

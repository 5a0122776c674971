/**
 * Edge and face elimination: finer steps than vertex elimination, which can be cheaper than any order of vertices.
 *
 * Stands on the dual graph, whose vertices are the edges of the computational graph (here: *strands*, since two of them may come to join the
 * same two nodes) and whose edges are its *faces*: pairs of a strand into a node and a strand out of it. Eliminating a face multiplies its two
 * values once, into a strand past the node; eliminating all faces of an edge or a node is edge or vertex elimination. Two strands between the
 * same nodes with the same faces are added into one; a strand without a face on the side of an intermediate reaches nothing and goes.
 * Naumann 2004, "Optimal accumulation of Jacobian matrices by elimination methods on the dual computational graph", Mathematical
 * Programming 99.
 */

import { InputError } from "../errors.ts";
import { type EdgeAlgebra, type EliminationState, eliminateAll } from "./elimination.ts";
import {
  type ComputationalGraph,
  type Elimination,
  type EliminationStep,
  intermediates,
  isVertexOrder,
  nodeOfVertex,
} from "./graph.ts";

/** A sum of products of local partials along paths between two nodes, and what it is still to be multiplied with. */
interface Strand<Term> {
  readonly from: number;
  readonly to: number;
  terms: readonly Term[];
  /** The strands into `from` with which it shares a face, and those out of `to`. */
  readonly before: Set<Strand<Term>>;
  readonly after: Set<Strand<Term>>;
}

/** An elimination step between nodes. */
export type NodeStep =
  | { readonly kind: "vertex"; readonly via: number }
  | { readonly kind: "front"; readonly from: number; readonly via: number }
  | { readonly kind: "back"; readonly via: number; readonly to: number }
  | { readonly kind: "face"; readonly from: number; readonly via: number; readonly to: number };

/** The dual graph in the course of its elimination. */
export class FaceElimination<Term> {
  readonly #algebra: EdgeAlgebra<Term>;
  readonly #into: Set<Strand<Term>>[];
  readonly #outOf: Set<Strand<Term>>[];
  /** For each node whether it is never eliminated: strands may begin or end there. */
  readonly #isEnd: boolean[];

  constructor(graph: ComputationalGraph, algebra: EdgeAlgebra<Term>) {
    const nodes = graph.inputs.length + graph.vertices.length;
    this.#algebra = algebra;
    this.#into = Array.from({ length: nodes }, () => new Set());
    this.#outOf = Array.from({ length: nodes }, () => new Set());
    this.#isEnd = new Array<boolean>(nodes).fill(true);
    for (const node of intermediates(graph)) this.#isEnd[node] = false;
    for (const { from, to, terms } of graph.edges) {
      const before = new Set(this.#isEnd[from] === true ? [] : this.#into[from]);
      this.#add({ from, to, terms: terms.map((term) => algebra.term(term)), before, after: new Set() });
    }
  }

  /** The strands between two nodes; at the start the edge if there is one. */
  strands(from: number, to: number): Strand<Term>[] {
    return [...(this.#outOf[from] ?? [])].filter((strand) => strand.to === to);
  }

  /** The nodes from which strands lead to this one, ascending, and those to which they lead from it. */
  predecessors(node: number): number[] {
    return ascending([...(this.#into[node] ?? [])].map(({ from }) => from));
  }

  successors(node: number): number[] {
    return ascending([...(this.#outOf[node] ?? [])].map(({ to }) => to));
  }

  /** Eliminates all faces at a node: in-edges ascending, for each the out-edges ascending. */
  eliminateVertex(node: number): void {
    for (const from of this.predecessors(node)) this.eliminateFront(from, node);
  }

  /** Eliminates all faces that begin with the edge from -> to: front elimination. Returns how many there were. */
  eliminateFront(from: number, to: number): number {
    return this.#eliminate(this.strands(from, to).flatMap((first) => faces(first, [...first.after])));
  }

  /** Eliminates all faces that end with the edge from -> to: back elimination. Returns how many there were. */
  eliminateBack(from: number, to: number): number {
    return this.#eliminate(
      this.strands(from, to).flatMap((second) =>
        [...second.before].sort((a, b) => a.from - b.from).map((first) => [first, second] as const),
      ),
    );
  }

  /** Eliminates the faces of the edges from -> via and via -> to. Returns how many there were. */
  eliminateFace(from: number, via: number, to: number): number {
    return this.#eliminate(this.strands(from, via).flatMap((first) => faces(first, this.strands(via, to))));
  }

  /** Takes one step; whether it was there. */
  take(step: NodeStep): boolean {
    switch (step.kind) {
      case "vertex": {
        const isOpen = this.isOpen(step.via);
        this.eliminateVertex(step.via);
        return isOpen;
      }
      case "front":
        return this.eliminateFront(step.from, step.via) > 0;
      case "back":
        return this.eliminateBack(step.via, step.to) > 0;
      case "face":
        return this.eliminateFace(step.from, step.via, step.to) > 0;
    }
  }

  /** The edges that are left, as vertex elimination leaves them. */
  get state(): EliminationState<Term> {
    const incoming = this.#into.map((strands) => {
      const edges = new Map<number, readonly Term[]>();
      for (const { from, terms } of strands) edges.set(from, terms);
      return edges;
    });
    return {
      algebra: this.#algebra,
      incoming,
      outgoing: this.#outOf.map((strands) => new Set([...strands].map(({ to }) => to))),
    };
  }

  /** Whether a node has strands that must still be multiplied. */
  isOpen(node: number): boolean {
    return this.#isEnd[node] === false && (this.#into[node]?.size ?? 0) + (this.#outOf[node]?.size ?? 0) > 0;
  }

  /** Eliminating one face may merge strands of the next ones: those are then faces no more. */
  #eliminate(listed: readonly (readonly [Strand<Term>, Strand<Term>])[]): number {
    let count = 0;
    for (const [first, second] of listed)
      if (first.after.has(second)) {
        this.#eliminateOne(first, second);
        count++;
      }
    return count;
  }

  #eliminateOne(first: Strand<Term>, second: Strand<Term>): void {
    const { from } = first;
    const { to } = second;
    const { before } = first;
    const { after } = second;
    const present = this.strands(from, to).find(
      (strand) => isEqual(strand.before, before) && isEqual(strand.after, after),
    );
    let terms = present?.terms ?? [];
    for (const outer of second.terms)
      for (const inner of first.terms) {
        const product = this.#algebra.product(outer, inner);
        if (product !== null) terms = this.#algebra.sum(terms, product);
      }
    first.after.delete(second);
    second.before.delete(first);
    if (terms.length > 0) {
      if (present === undefined)
        this.#add({ from, to, terms, before: new Set(before), after: new Set(after) });
      else present.terms = terms;
      this.#algebra.changed?.(from, to, terms);
    } else if (present !== undefined) this.#remove(present);
    this.#settle(first);
    this.#settle(second);
  }

  /** After a change of its faces: a strand that reaches nothing goes, one that equals another is added to it. */
  #settle(strand: Strand<Term>): void {
    const { from, to, before, after } = strand;
    if (this.#outOf[from]?.has(strand) !== true) return;
    if (
      (before.size === 0 && this.#isEnd[from] === false) ||
      (after.size === 0 && this.#isEnd[to] === false)
    ) {
      this.#remove(strand);
      return;
    }
    const twin = this.strands(from, to).find(
      (other) => other !== strand && isEqual(other.before, before) && isEqual(other.after, after),
    );
    if (twin === undefined) return;
    let { terms } = twin;
    for (const term of strand.terms) terms = this.#algebra.sum(terms, term);
    twin.terms = terms;
    this.#remove(strand);
    if (terms.length === 0) this.#remove(twin);
    else this.#algebra.changed?.(from, to, terms);
  }

  #add(strand: Strand<Term>): void {
    this.#into[strand.to]?.add(strand);
    this.#outOf[strand.from]?.add(strand);
    for (const first of strand.before) first.after.add(strand);
    for (const second of strand.after) second.before.add(strand);
  }

  #remove(strand: Strand<Term>): void {
    this.#into[strand.to]?.delete(strand);
    this.#outOf[strand.from]?.delete(strand);
    for (const first of strand.before) first.after.delete(strand);
    for (const second of strand.after) second.before.delete(strand);
    const touched = [...strand.before, ...strand.after];
    for (const other of touched) this.#settle(other);
  }
}

/**
 * Eliminates all intermediates by steps; what remains are the edges from inputs to outputs. An order of vertices is done by vertex elimination,
 * which comes to the same.
 *
 * @throws InputError if a step names what is not there when its turn comes, or an intermediate is left in the end
 */
export function eliminateSteps<Term>(
  graph: ComputationalGraph,
  steps: Elimination,
  algebra: EdgeAlgebra<Term>,
): EliminationState<Term> {
  if (!Array.isArray(steps))
    throw new InputError(
      `order: expected a list of equation numbers, as optimize gives it, got ${JSON.stringify(steps)}`,
    );
  if (isVertexOrder(steps)) return eliminateAll(graph, steps, algebra);
  const nodeSteps = checkedSteps(graph, steps);
  const elimination = new FaceElimination(graph, algebra);
  // What is there does not depend on values: a sum that cancels may take an edge away before its step comes.
  for (const step of nodeSteps) elimination.take(step);
  return elimination.state;
}

/** Nothing but which strands there are: no sum cancels. */
const STRUCTURE: EdgeAlgebra<true> = { term: () => true, product: () => true, sum: () => [true] };

/** The dual graph with no values on it. */
export function structuralElimination(graph: ComputationalGraph): FaceElimination<true> {
  return new FaceElimination(graph, STRUCTURE);
}

/** The steps between nodes, each of which eliminates something, and all of them together every intermediate. */
function checkedSteps(graph: ComputationalGraph, steps: Elimination): NodeStep[] {
  const elimination = structuralElimination(graph);
  const nodeOf = referencedNodes(graph);
  const inner = intermediates(graph);
  const nodeSteps = steps.map((step, index) => {
    const nodeStep = resolve(step, nodeOf, new Set(inner), `order: entry ${index + 1}`);
    if (!elimination.take(nodeStep) && typeof step !== "number")
      throw new InputError(
        `order: entry ${index + 1} eliminates ${JSON.stringify(step)}, which is not there (any more)`,
      );
    return nodeStep;
  });
  const left = inner.filter((node) => elimination.isOpen(node)).length;
  if (left > 0)
    throw new InputError(
      `order: ${left} of the ${inner.length} intermediates of ${graph.name} are not eliminated by any step`,
    );
  return nodeSteps;
}

function resolve(
  step: EliminationStep,
  nodeOf: ReadonlyMap<number, number>,
  inner: ReadonlySet<number>,
  where: string,
): NodeStep {
  const node = (reference: number): number => {
    const found = nodeOf.get(reference);
    if (found !== undefined) return found;
    throw new InputError(
      reference < 0
        ? `${where} names input ${-reference}, which is none that an output depends on`
        : `${where} names equation ${reference}, which is none between an input and an output`,
    );
  };
  const eliminated = (reference: number): number => {
    const found = node(reference);
    if (inner.has(found)) return found;
    throw new InputError(
      `${where} would eliminate at ${reference}, which is an ${reference < 0 ? "input" : "output"}: only intermediates are eliminated`,
    );
  };
  if (typeof step === "number") return { kind: "vertex", via: eliminated(step) };
  if ("front" in step) return { kind: "front", from: node(step.front[0]), via: eliminated(step.front[1]) };
  if ("back" in step) return { kind: "back", via: eliminated(step.back[0]), to: node(step.back[1]) };
  const [from, via, to] = step.face;
  return { kind: "face", from: node(from), via: eliminated(via), to: node(to) };
}

/** The node behind each number that a step may name: equations from 1, inputs from -1 down. */
export function referencedNodes(graph: ComputationalGraph): Map<number, number> {
  const nodeOf = new Map<number, number>();
  for (const input of graph.inputs.keys()) nodeOf.set(-1 - input, input);
  graph.vertices.forEach(({ equation }, vertex) => {
    if (equation !== null) nodeOf.set(equation, nodeOfVertex(graph, vertex));
  });
  return nodeOf;
}

function faces<Term>(
  first: Strand<Term>,
  seconds: readonly Strand<Term>[],
): (readonly [Strand<Term>, Strand<Term>])[] {
  return [...seconds].sort((a, b) => a.to - b.to).map((second) => [first, second] as const);
}

function isEqual<Item>(left: ReadonlySet<Item>, right: ReadonlySet<Item>): boolean {
  if (left.size !== right.size) return false;
  for (const item of left) if (!right.has(item)) return false;
  return true;
}

function ascending(nodes: readonly number[]): number[] {
  return [...new Set(nodes)].sort((a, b) => a - b);
}

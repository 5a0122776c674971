/**
 * The paper's observation (Lohoff & Neftci 2024): the graph as a tensor of integers [5, I + V + 1, V], for I inputs and V vertices, outputs among them.
 *
 * Channels: the sparsity type of an edge (`sparsity.ts`), the sizes of the two dims of its result, those of its operand. Column v is vertex v. Row 0 is the header:
 *
 * - channel 0: I, V and the number of outputs, in the first three columns
 * - channel 1: 1 for each vertex that is eliminated
 * - channel 2: 1 for each output
 * - channel 3: the order so far, as numbers of vertices from 1
 *
 * Row 1 + i describes the edges from input i, row 1 + I + u those from vertex u.
 */

import { InputError } from "../../errors.ts";
import { type EliminationState, eliminate, startElimination } from "../../graph/elimination.ts";
import { type ComputationalGraph, intermediates } from "../../graph/graph.ts";
import { type Weight, weightAlgebra } from "../../graph/weights.ts";
import type { GameState } from "../game.ts";
import { type ColumnObservation, columnHeight, type Frame, PAPER_CHANNELS } from "../observation.ts";
import { Trail } from "../trail.ts";
import { edgeCode } from "./sparsity.ts";

const HEADER = { counts: 0, eliminated: 1, outputs: 2, order: 3 } as const;

/** The tensor, row-major: entry (channel, row, column) at `(channel * rows + row) * frame.vertices + column`. */
export interface PaperObservation {
  /** [5, frame.inputs + frame.vertices + 1, frame.vertices] */
  readonly data: Int32Array;
  readonly frame: Frame;
  /** The column of each action. */
  readonly columns: Int32Array;
}

/** Observes the states of honest games on one graph. */
export class PaperObserver {
  readonly #frame: Frame;
  readonly #columns: Int32Array;
  readonly #board: Board;
  #trail: Trail<GameState> | null = null;

  /**
   * @param frame how large the tensor shall be, for joint training on several graphs; as large as the graph by default. What the graph does not fill
   *   counts as eliminated
   * @throws InputError if an array has more than two dims, or if the graph does not fit into the frame
   */
  constructor(graph: ComputationalGraph, frame: Frame = frameOf([graph])) {
    const [inputs, vertices] = [graph.inputs.length, graph.vertices.length];
    if (inputs > frame.inputs || vertices > frame.vertices)
      throw new InputError(
        `${graph.name} has ${inputs} inputs and ${vertices} vertices, more than the ${frame.inputs} and ${frame.vertices} of the frame`,
      );
    this.#frame = frame;
    this.#columns = Int32Array.from(intermediates(graph), (node) => node - inputs);
    this.#board = new Board(graph, frame);
  }

  /** What the paper's agents see of a state of `VertexGame`. */
  observe(state: GameState): PaperObservation {
    this.#goTo(state);
    return { data: this.#board.data.slice(), frame: this.#frame, columns: this.#columns };
  }

  /**
   * The same without zeros and without the columns of what is eliminated.
   *
   * @param legal the actions of the state, ascending
   */
  observeColumns(state: GameState, legal: Int32Array): ColumnObservation {
    this.#goTo(state);
    const { data } = this.#board;
    const frame = this.#frame;
    const isEliminated = (vertex: number) => data[this.#at(HEADER.eliminated, vertex)] !== 0;
    const vertices = Int32Array.from({ length: frame.vertices }, (_, vertex) => vertex).filter(
      (vertex) => !isEliminated(vertex),
    );
    const offsets = [0];
    const places: number[] = [];
    const values: number[] = [];
    const rows = columnHeight(frame) / PAPER_CHANNELS;
    const read = (place: number, vertex: number) => {
      const entry = data[place * frame.vertices + vertex] as number;
      if (entry === 0) return;
      places.push(place);
      values.push(Math.sign(entry) * Math.log2(1 + Math.abs(entry)));
    };
    for (const vertex of vertices) {
      for (let row = 0; row < rows; row++) {
        // Where there is no edge all channels are zero.
        if (row > 0 && data[row * frame.vertices + vertex] === 0) continue;
        for (let channel = 0; channel < PAPER_CHANNELS; channel++) read(channel * rows + row, vertex);
      }
      offsets.push(places.length);
    }
    return {
      frame,
      vertices,
      offsets: Int32Array.from(offsets),
      places: Int32Array.from(places),
      values: Float32Array.from(values),
      ofActions: legal.map((action) => vertices.indexOf(this.#columns[action] as number)),
    };
  }

  /** Where the header says something of a vertex. */
  #at(channel: number, vertex: number): number {
    return ((channel * columnHeight(this.#frame)) / PAPER_CHANNELS) * this.#frame.vertices + vertex;
  }

  #goTo(state: GameState): void {
    this.#trail ??= new Trail(
      {
        advance: ({ action }) => this.#board.eliminate(this.#columns[action] ?? 0),
        retreat: () => this.#board.undo(),
      },
      rootOf(state),
    );
    this.#trail.goTo(state);
  }
}

/** The smallest frame that holds all of some graphs, and the header. */
export function frameOf(graphs: readonly ComputationalGraph[]): Frame {
  return {
    inputs: Math.max(0, ...graphs.map(({ inputs }) => inputs.length)),
    vertices: Math.max(3, ...graphs.map(({ vertices }) => vertices.length)),
  };
}

function rootOf(state: GameState): GameState {
  let root = state;
  while (root.previous !== null) root = root.previous;
  return root;
}

/** What an elimination changed, as it was. */
interface Change {
  readonly node: number;
  readonly incoming: readonly (readonly [node: number, edges: ReadonlyMap<number, readonly Weight[]>])[];
  readonly outgoing: readonly (readonly [node: number, edges: ReadonlySet<number>])[];
}

/** The tensor in the course of the elimination, with undo. */
class Board {
  readonly data: Int32Array;
  readonly #frame: Frame;
  readonly #inputs: number;
  readonly #state: EliminationState<Weight>;
  readonly #changes: Change[] = [];

  constructor(graph: ComputationalGraph, frame: Frame) {
    this.#frame = frame;
    this.#inputs = graph.inputs.length;
    this.#state = startElimination(graph, weightAlgebra("multiplications", { products: 0, constants: 0 }));
    this.data = new Int32Array(columnHeight(frame) * frame.vertices);
    const outputs = new Set(graph.outputs.filter((node) => node !== null));
    for (const [column, count] of [graph.inputs.length, graph.vertices.length, outputs.size].entries())
      this.#set(HEADER.counts, 0, column, count);
    for (let column = 0; column < frame.vertices; column++) {
      if (column >= graph.vertices.length) this.#set(HEADER.eliminated, 0, column, 1);
      if (outputs.has(this.#inputs + column)) this.#set(HEADER.outputs, 0, column, 1);
    }
    for (const { from, to } of graph.edges) this.#write(from, to);
  }

  eliminate(column: number): void {
    const node = this.#inputs + column;
    const { incoming, outgoing } = this.#state;
    const predecessors = [...(incoming[node]?.keys() ?? [])];
    const successors = [...(outgoing[node] ?? [])];
    this.#changes.push({
      node,
      incoming: [node, ...successors].map((changed) => [changed, new Map(incoming[changed])]),
      outgoing: [node, ...predecessors].map((changed) => [changed, new Set(outgoing[changed])]),
    });
    eliminate(this.#state, node);
    this.#set(HEADER.eliminated, 0, column, 1);
    this.#set(HEADER.order, 0, this.#changes.length - 1, column + 1);
    this.#rewrite(node, predecessors, successors);
  }

  undo(): void {
    const change = this.#changes.pop();
    if (change === undefined) return;
    const { node, incoming, outgoing } = change;
    for (const [changed, edges] of incoming) this.#state.incoming[changed] = edges;
    for (const [changed, edges] of outgoing) this.#state.outgoing[changed] = edges;
    this.#set(HEADER.eliminated, 0, node - this.#inputs, 0);
    this.#set(HEADER.order, 0, this.#changes.length, 0);
    this.#rewrite(
      node,
      outgoing.slice(1).map(([predecessor]) => predecessor),
      incoming.slice(1).map(([successor]) => successor),
    );
  }

  /** Writes all edges that an elimination changes, or its being taken back. */
  #rewrite(node: number, predecessors: readonly number[], successors: readonly number[]): void {
    for (const from of predecessors) {
      this.#write(from, node);
      for (const to of successors) this.#write(from, to);
    }
    for (const to of successors) this.#write(node, to);
  }

  #write(from: number, to: number): void {
    const terms = this.#state.incoming[to]?.get(from) ?? [];
    const row = 1 + (from < this.#inputs ? from : this.#frame.inputs + from - this.#inputs);
    const code = edgeCode(
      terms.map(({ structure, labels, value }) => ({
        structure,
        labels: value.kind === "values" ? labels : null,
      })),
    );
    for (const [channel, entry] of code.entries()) this.#set(channel, row, to - this.#inputs, entry);
  }

  #set(channel: number, row: number, column: number, value: number): void {
    const { inputs, vertices } = this.#frame;
    this.data[(channel * (inputs + vertices + 1) + row) * vertices + column] = value;
  }
}

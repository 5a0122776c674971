/** Several observations as one large graph: the rows one after the other, so that graphs of different sizes need no padding. */

import type { ColumnObservation, Frame, GraphObservation } from "../../game/observation.ts";
import { GLOBAL_FEATURES, VERTEX_FEATURES } from "../../game/observation.ts";

/** For every row the rows next to it: those of row i are `rows[offsets[i]]` to `rows[offsets[i + 1] - 1]`. */
export interface Adjacency {
  readonly offsets: Int32Array;
  readonly rows: Int32Array;
}

/** A batch of G observations with N rows together. */
export interface Batch {
  /** N. */
  readonly size: number;
  /** G. */
  readonly graphs: number;
  /** The rows of graph g are `starts[g]` to `starts[g + 1] - 1`; no graph is empty. [G + 1] */
  readonly starts: Int32Array;
  /** Where each row stands among all actions of its game. [N] */
  readonly positions: Int32Array;
  /** Row-major features. [N, VERTEX_FEATURES] */
  readonly vertices: Float32Array;
  /** [G, GLOBAL_FEATURES] */
  readonly globals: Float32Array;
  readonly predecessors: Adjacency;
  readonly successors: Adjacency;
  /** The paper's columns; null if an observation is without. */
  readonly columns: ColumnBatch | null;
}

/** The paper's columns of all observations, M together. See `ColumnObservation`. */
export interface ColumnBatch {
  readonly frame: Frame;
  /** The columns of graph g are `starts[g]` to `starts[g + 1] - 1`. [G + 1] */
  readonly starts: Int32Array;
  /** [M] */
  readonly vertices: Int32Array;
  /** [M + 1] */
  readonly offsets: Int32Array;
  readonly places: Int32Array;
  readonly values: Float32Array;
  /** The column of each row. [N] */
  readonly ofRows: Int32Array;
}

/** The rows of all observations, in their order. Observations without rows have nothing to evaluate and must not be among them. */
export function createBatch(observations: readonly GraphObservation[]): Batch {
  const graphs = observations.length;
  const starts = new Int32Array(graphs + 1);
  let edges = 0;
  observations.forEach(({ size, sources }, graph) => {
    starts[graph + 1] = (starts[graph] as number) + size;
    edges += sources.length;
  });
  const size = starts[graphs] as number;
  const positions = new Int32Array(size);
  const vertices = new Float32Array(size * VERTEX_FEATURES);
  const globals = new Float32Array(graphs * GLOBAL_FEATURES);
  const offsets = new Int32Array(size + 1);
  const rows = new Int32Array(edges);
  let edge = 0;
  observations.forEach((observation, graph) => {
    const start = starts[graph] as number;
    positions.set(observation.actions, start);
    vertices.set(observation.vertices, start * VERTEX_FEATURES);
    globals.set(observation.globals, graph * GLOBAL_FEATURES);
    for (let row = 0; row <= observation.size; row++)
      offsets[start + row] = edge + (observation.offsets[row] as number);
    for (const source of observation.sources) rows[edge++] = start + source;
  });
  const predecessors = { offsets, rows };
  return {
    size,
    graphs,
    starts,
    positions,
    vertices,
    globals,
    predecessors,
    successors: transpose(predecessors, size),
    columns: columnsOf(observations, size),
  };
}

function columnsOf(observations: readonly GraphObservation[], rows: number): ColumnBatch | null {
  const all = observations.flatMap(({ columns }) => columns ?? []);
  const [first] = all;
  if (first === undefined || all.length < observations.length) return null;
  const starts = new Int32Array(all.length + 1);
  const total = (count: (columns: ColumnObservation) => number) =>
    all.reduce((sum, columns) => sum + count(columns), 0);
  const size = total(({ vertices }) => vertices.length);
  const entries = total(({ places }) => places.length);
  const vertices = new Int32Array(size);
  const offsets = new Int32Array(size + 1);
  const places = new Int32Array(entries);
  const values = new Float32Array(entries);
  const ofRows = new Int32Array(rows);
  let [row, entry] = [0, 0];
  all.forEach((columns, graph) => {
    const start = starts[graph] as number;
    starts[graph + 1] = start + columns.vertices.length;
    vertices.set(columns.vertices, start);
    columns.offsets.forEach((offset, column) => {
      offsets[start + column] = entry + offset;
    });
    places.set(columns.places, entry);
    values.set(columns.values, entry);
    for (const column of columns.ofActions) ofRows[row++] = start + column;
    entry += columns.places.length;
  });
  return { frame: first.frame, starts, vertices, offsets, places, values, ofRows };
}

function transpose({ offsets, rows }: Adjacency, size: number): Adjacency {
  const counts = new Int32Array(size + 1);
  for (const row of rows) counts[row + 1] = (counts[row + 1] as number) + 1;
  for (let row = 0; row < size; row++)
    counts[row + 1] = (counts[row + 1] as number) + (counts[row] as number);
  const next = counts.slice();
  const transposed = new Int32Array(rows.length);
  for (let row = 0; row < size; row++)
    for (let edge = offsets[row] as number; edge < (offsets[row + 1] as number); edge++) {
      const source = rows[edge] as number;
      const at = next[source] as number;
      transposed[at] = row;
      next[source] = at + 1;
    }
  return { offsets: counts, rows: transposed };
}

/** Several observations as one large graph: the rows one after the other, so that graphs of different sizes need no padding. */

import type { GraphObservation } from "../../game/observation.ts";
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
  };
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

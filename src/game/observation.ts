/** What an agent sees of a state of the game: a graph of any size, as rows of features and adjacency lists. */

/** What an agent sees of a state: features per vertex that can be eliminated, and which of them are adjacent. All arrays share one buffer. Of a state that is not done. */
export interface GraphObservation {
  /** How many vertices can be eliminated, n. */
  readonly size: number;
  /** The actions of the rows: indices of intermediates, ascending. [n] */
  readonly actions: Int32Array;
  /** Row-major features. [n, VERTEX_FEATURES] */
  readonly vertices: Float32Array;
  /** Features of the whole state. [GLOBAL_FEATURES] */
  readonly globals: Float32Array;
  /** Row i's intermediate predecessors are `sources[offsets[i]]` to `sources[offsets[i + 1] - 1]`, as rows, ascending. [n + 1] */
  readonly offsets: Int32Array;
  /** [edges between intermediates] */
  readonly sources: Int32Array;
  /** What the remaining eliminations cost at least. */
  readonly lowerBound: number;
  /** What the remaining eliminations cost by a greedy completion: the optimal value lies between. */
  readonly upperBound: number;
}

/** Features of a vertex; the list is `vertexFeatures`. */
export const VERTEX_FEATURES = 24;

/** Features of a state; the list is `globalFeatures`. */
export const GLOBAL_FEATURES = 8;

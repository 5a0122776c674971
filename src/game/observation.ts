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
  /** The paper's observation of the same state, where the game shows it (`PaperGame`). */
  readonly columns?: ColumnObservation;
}

/** How many inputs and vertices the paper's observation has room for. */
export interface Frame {
  readonly inputs: number;
  readonly vertices: number;
}

/**
 * The paper's observation (`paper/observation.ts`) as far as it is not zero: one column of [5, I + V + 1] for each vertex that is not eliminated, outputs
 * among them. Entries are sign(x) log2(1 + |x|) of the tensor's, since sizes of arrays span orders of magnitude.
 */
export interface ColumnObservation {
  readonly frame: Frame;
  /** The vertices of the columns, ascending; c of them. [c] */
  readonly vertices: Int32Array;
  /** The entries of column i are those from `offsets[i]` to `offsets[i + 1] - 1`. [c + 1] */
  readonly offsets: Int32Array;
  /** Where they stand in the column: channel * (I + V + 1) + row. [entries] */
  readonly places: Int32Array;
  /** [entries] */
  readonly values: Float32Array;
  /** The column of each vertex that can be eliminated. [n] */
  readonly ofActions: Int32Array;
}

/** The height of a column: channels times rows. */
export function columnHeight({ inputs, vertices }: Frame): number {
  return PAPER_CHANNELS * (inputs + vertices + 1);
}

/** Channels of the paper's observation. */
export const PAPER_CHANNELS = 5;

/** Features of a vertex; the list is `vertexFeatures`. */
export const VERTEX_FEATURES = 24;

/** Features of a state; the list is `globalFeatures`. */
export const GLOBAL_FEATURES = 8;

/** Where things stand in the memory of the module of `valueModule.ts`. */

/** Where things stand in the memory of a module, in bytes. */
export interface ValueLayout {
  /** Columns of the matrix and of a bit row: a multiple of 32; intermediates have the first. */
  readonly columns: number;
  /** Bytes of a bit row. */
  readonly row: number;
  /** Bit rows of predecessors and of successors. */
  readonly predecessors: number;
  readonly successors: number;
  /** The bit set of columns that are not eliminated. */
  readonly open: number;
  /** The code of the edge from u to w is at (u * columns + w). */
  readonly edges: number;
  /** A list of vertices (int32), and what each of them costs (int32). */
  readonly list: number;
  readonly costs: number;
  /** For the successors of a vertex: four times the column, and the code of the edge to it. */
  readonly outgoing: number;
  /** Frames of eliminations. */
  readonly frames: number;
  /** Slots of the table: key (int64: its low word the first operand's number * 4 + kind, its high word the second operand's number), code. */
  readonly table: number;
}

/** Cells (int32). */
export const CELLS = {
  /** Where the next frame goes. */
  frame: 0,
  /** Where the log's next entry goes, and where it must end. */
  top: 4,
  logEnd: 8,
  /** Where the slot of the next node goes. */
  created: 12,
  /** The code of a node is half the place of its slot plus this. */
  codeOffset: 16,
  /** Magnitudes of constants (float64): where they begin and end. */
  constants: 20,
  constantsEnd: 24,
  /** How many edges, products and sums were zero: only then can nodes be dead. */
  vanished: 28,
  /** A slot's offset has these bits of its key's hash: first shifted to the right, then masked. */
  shift: 32,
  mask: 36,
} as const;
const CELL_BYTES = 48;

/** What a frame says: the vertex, and the cells as they were. */
export const FRAME = { vertex: 0, top: 4, created: 8, vanished: 12, constantsEnd: 16, bytes: 20 } as const;
/** The cells that a frame has. */
export const SAVED = ["top", "created", "vanished", "constantsEnd"] as const;

/** Bytes of a slot, and where its code is. */
export const SLOT = 16;
export const CODE_OF_SLOT = 8;
/** Bytes of an entry of the log: row * 2^16 + four times the column, old code. */
export const LOG_ENTRY = 8;
/** Fibonacci hashing: 2^64 over the golden ratio. */
export const MULTIPLIER = 0x9e3779b97f4a7c15n;

/** @param columns a multiple of 32, at most 1024 */
export function valueLayout(columns: number): ValueLayout {
  const row = 8 * Math.ceil(columns / 64);
  let end = CELL_BYTES;
  const take = (bytes: number) => {
    const start = end;
    end += bytes + (-bytes & 15);
    return start;
  };
  return {
    columns,
    row,
    predecessors: take(columns * row),
    successors: take(columns * row),
    open: take(row),
    edges: take(4 * columns * columns),
    list: take(4 * columns),
    costs: take(4 * columns),
    outgoing: take(8 * columns),
    frames: take(FRAME.bytes * columns),
    table: take(0),
  };
}

/** Attention of the vertices of a graph to one another. */

import { TILE_COLUMNS, TILE_ROWS } from "./kernels.ts";
import type { Matrix, Tape } from "./tape.ts";

/** The rows of one graph, for one head. */
interface Block {
  readonly start: number;
  readonly count: number;
  readonly head: number;
  /** The count, rounded up to whole tiles. */
  readonly padded: number;
  /** What each row pays attention to. [count, padded] */
  readonly shares: Float32Array;
}

const PARTS = { query: 0, key: 1, value: 2 } as const;

/**
 * Scaled dot-product attention with several heads (Vaswani et al. 2017, section 3.2) of the rows of each graph to one another. The eliminated
 * vertices, which the paper masks, are not among the rows.
 *
 * @param x queries, keys and values beside each other: [N, 3 C], C a multiple of the number of heads, with 8 numbers per head or a multiple of that
 * @param starts the rows of graph g are `starts[g]` to `starts[g + 1] - 1` [G + 1]
 * @returns [N, C]
 */
export function attention(tape: Tape, x: Matrix, starts: Int32Array, heads: number): Matrix {
  const { kernels } = tape;
  const wide = x.columns;
  const columns = wide / 3;
  const width = columns / heads;
  const factor = 1 / Math.sqrt(width);
  const result = tape.result(x.rows, columns, "zeros");
  const blocks = createBlocks(tape, starts, heads);
  const most = blocks.reduce((largest, { padded }) => Math.max(largest, padded), 0);
  // The kernels want their second operand and their result dense: one block's at a time.
  const dense = tape.scratch(most * width);
  const transposed = tape.scratch(width * most);
  const sums = tape.scratch(most * width);
  const slopes = tape.scratch((most + TILE_ROWS) * most);
  const part = ({ start, head }: Block, kind: keyof typeof PARTS) =>
    start * wide + PARTS[kind] * columns + head * width;
  const own = ({ start, head }: Block) => start * columns + head * width;

  for (const block of blocks) {
    const { count, padded, shares } = block;
    transpose(x.values, part(block, "key"), wide, transposed, count, width, padded);
    blank(shares, count, padded);
    const query = x.values.byteOffset + 4 * part(block, "query");
    kernels.product(query, 4 * wide, 4, transposed.byteOffset, shares.byteOffset, count, width, padded);
    kernels.toShares(shares.byteOffset, count, padded, factor);
    pack(x.values, part(block, "value"), wide, dense, count, width);
    sums.fill(0);
    kernels.product(shares.byteOffset, 4 * padded, 4, dense.byteOffset, sums.byteOffset, count, count, width);
    unpack(sums, result.values, own(block), columns, count, width);
  }

  tape.record(() => {
    for (const block of blocks) {
      const { count, padded, shares } = block;
      /** x's gradient += matrix, or its transpose, times what is dense. */
      const add = (kind: keyof typeof PARTS, matrix: Float32Array, isTransposed: boolean) => {
        const [rowStride, innerStride] = isTransposed ? [4, 4 * padded] : [4 * padded, 4];
        sums.fill(0);
        kernels.product(
          matrix.byteOffset,
          rowStride as number,
          innerStride as number,
          dense.byteOffset,
          sums.byteOffset,
          count,
          count,
          width,
        );
        unpack(sums, x.gradient, part(block, kind), wide, count, width);
      };
      pack(result.gradient, own(block), columns, dense, count, width);
      add("value", shares, true);
      transpose(x.values, part(block, "value"), wide, transposed, count, width, padded);
      slopes.fill(0, 0, count * padded);
      kernels.product(
        result.gradient.byteOffset + 4 * own(block),
        4 * columns,
        4,
        transposed.byteOffset,
        slopes.byteOffset,
        count,
        width,
        padded,
      );
      kernels.toSharesBackward(shares.byteOffset, slopes.byteOffset, count, padded, factor);
      pack(x.values, part(block, "key"), wide, dense, count, width);
      add("query", slopes, false);
      pack(x.values, part(block, "query"), wide, dense, count, width);
      add("key", slopes, true);
    }
  });
  return result;
}

function createBlocks(tape: Tape, starts: Int32Array, heads: number): Block[] {
  const blocks: Block[] = [];
  for (let graph = 0; graph + 1 < starts.length; graph++)
    for (let head = 0; head < heads; head++) {
      const start = starts[graph] as number;
      const count = (starts[graph + 1] as number) - start;
      const padded = Math.ceil(count / TILE_COLUMNS) * TILE_COLUMNS;
      blocks.push({ start, count, head, padded, shares: tape.scratch((count + TILE_ROWS) * padded) });
    }
  return blocks;
}

/** Zeros in the columns that count, and in those that pad what has no share. */
function blank(shares: Float32Array, count: number, padded: number): void {
  shares.fill(0, 0, count * padded);
  for (let row = 0; row < count && padded > count; row++)
    shares.fill(-Infinity, row * padded + count, (row + 1) * padded);
}

/** Copies rows of a wide matrix into a dense one. [count, width] */
function pack(
  from: Float32Array,
  at: number,
  stride: number,
  to: Float32Array,
  count: number,
  width: number,
): void {
  for (let row = 0; row < count; row++)
    for (let column = 0; column < width; column++)
      to[row * width + column] = from[at + row * stride + column] as number;
}

/** Adds the rows of a dense matrix to those of a wide one. */
function unpack(
  from: Float32Array,
  to: Float32Array,
  at: number,
  stride: number,
  count: number,
  width: number,
): void {
  for (let row = 0; row < count; row++)
    for (let column = 0; column < width; column++) {
      const target = at + row * stride + column;
      to[target] = (to[target] as number) + (from[row * width + column] as number);
    }
}

/** Copies rows of a wide matrix into the columns of a dense one, with zeros for padding. [width, padded] */
function transpose(
  from: Float32Array,
  at: number,
  stride: number,
  to: Float32Array,
  count: number,
  width: number,
  padded: number,
): void {
  for (let column = 0; column < width; column++) {
    for (let row = 0; row < count; row++)
      to[column * padded + row] = from[at + row * stride + column] as number;
    to.fill(0, column * padded + count, (column + 1) * padded);
  }
}

/** The operations that know which rows belong together: neighbours, whole graphs. `tape.ts` says how they are differentiated. */

import type { Batch } from "./batch.ts";
import type { Matrix, Tape } from "./tape.ts";

/** Which row is added to which block of `neighbourhood`, in the tape's memory: valid as long as what the tape computes with it. */
export interface Links {
  readonly columns: number;
  readonly count: number;
  /** Addresses of lists: factors; addresses in the vertices and in the result, each from its start. */
  readonly factors: number;
  readonly from: number;
  readonly to: number;
}

/** The links of a batch for vertices of so many columns. */
export function linksOf(tape: Tape, { predecessors, successors }: Batch, columns: number): Links {
  const count = predecessors.rows.length + successors.rows.length;
  const factors = tape.scratch(count);
  const [froms, tos] = [tape.scratch(count), tape.scratch(count)];
  const from = new Int32Array(froms.buffer, froms.byteOffset, count);
  const to = new Int32Array(tos.buffer, tos.byteOffset, count);
  const width = 4 * columns;
  let next = 0;
  for (const [block, { offsets, rows }] of [predecessors, successors].entries())
    for (let row = 0; row + 1 < offsets.length; row++) {
      const [start, end] = [offsets[row] as number, offsets[row + 1] as number];
      const factor = 1 / Math.sqrt(end - start);
      for (let edge = start; edge < end; edge++) {
        factors[next] = factor;
        from[next] = (rows[edge] as number) * width;
        to[next++] = (3 * row + 1 + block) * width;
      }
    }
  return {
    columns,
    count,
    factors: factors.byteOffset,
    from: from.byteOffset,
    to: to.byteOffset,
  };
}

/** [own, sum over predecessors / sqrt(their number), sum over successors / sqrt(their number)]: [N, C] to [N, 3 C]. */
export function neighbourhood(tape: Tape, x: Matrix, { columns, count, factors, from, to }: Links): Matrix {
  const { kernels } = tape;
  const { rows } = x;
  const result = tape.result(rows, 3 * columns, "zeros");
  const width = 4 * columns;
  const [inner, outer] = [x.values.byteOffset, result.values.byteOffset];
  kernels.addRows(1, inner, width, outer, 3 * width, rows, columns);
  kernels.addTerms(factors, from, to, count, inner, outer, columns);
  tape.record(() => {
    const [inner, outer] = [x.gradient.byteOffset, result.gradient.byteOffset];
    kernels.addRows(1, outer, 3 * width, inner, width, rows, columns);
    kernels.addTerms(factors, to, from, count, outer, inner, columns);
  });
  return result;
}

/** [mean, maximum] over the rows of each graph: [N, C] to [G, 2 C]. */
export function pool(tape: Tape, x: Matrix, batch: Batch): Matrix {
  const { kernels } = tape;
  const { columns } = x;
  const { graphs, starts } = batch;
  const result = tape.result(graphs, 2 * columns, "zeros");
  const largest = new Int32Array(graphs * columns);
  const width = 4 * columns;
  /** Visits each graph: its first row, how many there are, and where its mean stands. */
  const forGraphs = (visit: (start: number, count: number, mean: number) => void) => {
    for (let graph = 0; graph < graphs; graph++) {
      const start = starts[graph] as number;
      visit(start * width, (starts[graph + 1] as number) - start, 2 * graph * width);
    }
  };
  const [from, to] = [x.values.byteOffset, result.values.byteOffset];
  forGraphs((start, count, mean) => {
    kernels.addRows(1 / count, from + start, width, to + mean, 0, count, columns);
  });
  for (let graph = 0; graph < graphs; graph++)
    for (let column = 0; column < columns; column++) {
      let best = (starts[graph] as number) * columns + column;
      const end = (starts[graph + 1] as number) * columns;
      for (let at = best + columns; at < end; at += columns)
        if ((x.values[at] as number) > (x.values[best] as number)) best = at;
      largest[graph * columns + column] = best;
      result.values[(2 * graph + 1) * columns + column] = x.values[best] as number;
    }
  tape.record(() => {
    const [inner, outer] = [x.gradient.byteOffset, result.gradient.byteOffset];
    forGraphs((start, count, mean) => {
      kernels.addRows(1 / count, outer + mean, 0, inner + start, width, count, columns);
    });
    for (let graph = 0; graph < graphs; graph++)
      for (let column = 0; column < columns; column++) {
        const best = largest[graph * columns + column] as number;
        const slope = result.gradient[(2 * graph + 1) * columns + column] as number;
        x.gradient[best] = (x.gradient[best] as number) + slope;
      }
  });
  return result;
}

/** To every row of x what its graph has: x [N, C] plus y [G, C]. */
export function sumWithGraph(tape: Tape, x: Matrix, y: Matrix, batch: Batch): Matrix {
  const { kernels } = tape;
  const { rows, columns } = x;
  const { graphs, starts } = batch;
  const width = 4 * columns;
  const result = tape.result(rows, columns, "anything");
  result.values.set(x.values);
  /** Visits each graph: its first row, how many there are, and where what it has stands. */
  const forGraphs = (visit: (start: number, count: number, graph: number) => void) => {
    for (let graph = 0; graph < graphs; graph++) {
      const start = starts[graph] as number;
      visit(start * width, (starts[graph + 1] as number) - start, graph * width);
    }
  };
  const [ofGraph, to] = [y.values.byteOffset, result.values.byteOffset];
  forGraphs((start, count, graph) => {
    kernels.addRows(1, ofGraph + graph, 0, to + start, width, count, columns);
  });
  tape.record(() => {
    const outer = result.gradient.byteOffset;
    kernels.addScaled(1, outer, x.gradient.byteOffset, rows * columns);
    forGraphs((start, count, graph) => {
      kernels.addRows(1, outer + start, width, y.gradient.byteOffset + graph, 0, count, columns);
    });
  });
  return result;
}

/** The operations that know which rows belong together: neighbours, whole graphs. `tape.ts` says how they are differentiated. */

import type { Adjacency, Batch } from "./batch.ts";
import type { Matrix, Tape } from "./tape.ts";

/** [own, sum over predecessors / sqrt(their number), sum over successors / sqrt(their number)]: [N, C] to [N, 3 C]. */
export function neighbourhood(tape: Tape, x: Matrix, batch: Batch): Matrix {
  const { rows, columns } = x;
  const width = 4 * columns;
  const result = tape.result(rows, 3 * columns, "zeros");
  /** Visits each block of the result, and each row that is added to it with a factor; addresses from the start of either matrix. */
  const forTerms = (visit: (factor: number, from: number, to: number) => void) => {
    for (let row = 0; row < rows; row++) visit(1, row * width, 3 * row * width);
    forEdges(batch.predecessors, (row, neighbour, factor) => {
      visit(factor, neighbour * width, (3 * row + 1) * width);
    });
    forEdges(batch.successors, (row, neighbour, factor) => {
      visit(factor, neighbour * width, (3 * row + 2) * width);
    });
  };
  const { kernels } = tape;
  const [from, to] = [x.values.byteOffset, result.values.byteOffset];
  forTerms((factor, source, target) => {
    kernels.addScaled(factor, from + source, to + target, columns);
  });
  tape.record(() => {
    const [inner, outer] = [x.gradient.byteOffset, result.gradient.byteOffset];
    forTerms((factor, source, target) => {
      kernels.addScaled(factor, outer + target, inner + source, columns);
    });
  });
  return result;
}

function forEdges(
  { offsets, rows }: Adjacency,
  visit: (row: number, neighbour: number, factor: number) => void,
): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    const factor = 1 / Math.sqrt(end - start);
    for (let edge = start; edge < end; edge++) visit(row, rows[edge] as number, factor);
  }
}

/** [mean, maximum] over the rows of each graph: [N, C] to [G, 2 C]. */
export function pool(tape: Tape, x: Matrix, batch: Batch): Matrix {
  const { kernels } = tape;
  const { columns } = x;
  const { graphs, starts } = batch;
  const result = tape.result(graphs, 2 * columns, "zeros");
  const largest = new Int32Array(graphs * columns);
  const forRows = (visit: (row: number, factor: number, graph: number) => void) => {
    for (let graph = 0; graph < graphs; graph++) {
      const [start, end] = [starts[graph] as number, starts[graph + 1] as number];
      for (let row = start; row < end; row++) visit(row, 1 / (end - start), graph);
    }
  };
  const width = 4 * columns;
  const [from, to] = [x.values.byteOffset, result.values.byteOffset];
  forRows((row, factor, graph) => {
    kernels.addScaled(factor, from + row * width, to + 2 * graph * width, columns);
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
    forRows((row, factor, graph) => {
      kernels.addScaled(factor, outer + 2 * graph * width, inner + row * width, columns);
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
  const forRows = (visit: (row: number, graph: number) => void) => {
    for (let graph = 0; graph < graphs; graph++)
      for (let row = starts[graph] as number; row < (starts[graph + 1] as number); row++)
        visit(row * width, graph * width);
  };
  const [ofGraph, to] = [y.values.byteOffset, result.values.byteOffset];
  forRows((row, graph) => {
    kernels.addScaled(1, ofGraph + graph, to + row, columns);
  });
  tape.record(() => {
    const outer = result.gradient.byteOffset;
    kernels.addScaled(1, outer, x.gradient.byteOffset, rows * columns);
    forRows((row, graph) => {
      kernels.addScaled(1, outer + row, y.gradient.byteOffset + graph, columns);
    });
  });
  return result;
}

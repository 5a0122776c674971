/**
 * The inner loop of `operations` as a generated WebAssembly module: the matrix of edges, bit rows, the table of numbered values and the log in one
 * memory. What values are, how they fold, and their codes are as in `nodeTable.ts`.
 *
 * One module serves all graphs whose rows have the same width; what grows with the orders evaluated stands at the end of the memory and is placed, and
 * placed anew when it gets too small, by `valueEngine.ts`.
 */

import { Code, encodeModule } from "../wasm/encoder.ts";
import {
  bitOf,
  flip,
  forEachBit,
  increase,
  load,
  loadAt,
  scale,
  storeAt,
  type,
  whileLoop,
  wordOf,
} from "./moduleCode.ts";
import { scratch, valueFunctions, writeProduct, writeSum } from "./valueCode.ts";
import { CELLS, FRAME, LOG_ENTRY, SAVED, type ValueLayout } from "./valueLayout.ts";

/** What a module exports. Vertices are columns; lists are passed at `layout.list`. */
export interface ValueFunctions {
  /**
   * Eliminates the list, the costs to `layout.costs`, until more than `bound` bytes of slots of nodes are taken.
   *
   * @returns `DONE`, or `BEYOND` the bound, or `NO_ROOM` for the next elimination
   */
  run(count: number, bound: number): number;
  /** Takes back the last eliminations. */
  undo(count: number): void;
}

export const DONE = 0;
export const BEYOND = 1;
export const NO_ROOM = 2;

/** The bytes of the module: below 4 KB, which every browser compiles without waiting. */
export function valueModule(layout: ValueLayout): Uint8Array<ArrayBuffer> {
  const values = valueFunctions(layout);
  return encodeModule({
    pages: 1,
    functions: [...values, run(layout), undo(layout)],
    exports: { run: values.length, undo: values.length + 1 },
    data: [],
  });
}

function run(layout: ValueLayout): Code {
  const { columns, row, predecessors, successors, open, edges, list, costs, outgoing } = layout;
  const code = new Code(type(["i32", "i32"], ["i32"]));
  const [count, bound] = [0, 1];
  const int = () => code.local("i32");
  const [position, vertex, vertexRow, frame, top, created] = [int(), int(), int(), int(), int(), int()];
  const [word, end, from, fromRow, fromKey, next] = [int(), int(), int(), int(), int(), int(), int()];
  const [inner, outer, to, place, old, product, value] = [int(), int(), int(), int(), int(), int(), int()];
  const bits = code.local("i64");
  const locals = scratch(code);
  loadAt(code, "i32.load", CELLS.top);
  code.localSet(top);
  code.localGet(count);
  code.i32(2);
  code.plain("i32.shl");
  code.localSet(count);
  whileLoop(
    code,
    () => {
      code.localGet(position);
      code.localGet(count);
      code.plain("i32.lt_u");
    },
    () => {
      load(code, position, "i32.load", list);
      code.localSet(vertex);
      scale(code, vertex, 4 * columns);
      code.localSet(vertexRow);
      writeFrame();
      flip(code, open, vertex);
      listSuccessors();
      forEachNeighbour(predecessors, () => {
        code.localSet(from);
        eliminateFrom();
      });
      storeAt(code, CELLS.top, () => code.localGet(top));
      code.localGet(position);
      loadAt(code, "i32.load", CELLS.created);
      code.localGet(created);
      code.plain("i32.sub");
      code.i32(2);
      code.plain("i32.shr_u");
      code.memory("i32.store", costs);
      loadAt(code, "i32.load", CELLS.created);
      code.localGet(bound);
      code.plain("i32.gt_u");
      code.if();
      code.i32(BEYOND);
      code.plain("return");
      code.end();
      increase(code, position, 4);
    },
  );
  code.i32(DONE);
  return code;

  function writeFrame(): void {
    loadAt(code, "i32.load", CELLS.frame);
    code.localSet(frame);
    code.localGet(frame);
    code.localGet(vertex);
    code.memory("i32.store", FRAME.vertex);
    for (const name of SAVED) {
      code.localGet(frame);
      loadAt(code, "i32.load", CELLS[name]);
      if (name === "created") code.localTee(created);
      code.memory("i32.store", FRAME[name]);
    }
    storeAt(code, CELLS.frame, () => {
      code.localGet(frame);
      code.i32(FRAME.bytes);
      code.plain("i32.add");
    });
  }

  /** The body finds the column of each open neighbour on the stack. */
  function forEachNeighbour(rows: number, body: () => void): void {
    code.i32(0);
    code.localSet(word);
    code.loop();
    scale(code, vertex, row);
    code.localGet(word);
    code.plain("i32.add");
    code.memory("i64.load", rows);
    load(code, word, "i64.load", open);
    code.plain("i64.and");
    forEachBit(code, bits, word, body);
    increase(code, word, 8);
    code.localGet(word);
    code.i32(row);
    code.plain("i32.lt_u");
    code.branchIf(0);
    code.end();
  }

  function listSuccessors(): void {
    code.i32(0);
    code.localSet(end);
    forEachNeighbour(successors, () => {
      code.i32(2);
      code.plain("i32.shl");
      code.localSet(to);
      code.localGet(end);
      code.localGet(to);
      code.memory("i32.store", outgoing);
      code.localGet(end);
      code.localGet(vertexRow);
      code.localGet(to);
      code.plain("i32.add");
      code.memory("i32.load", edges);
      code.memory("i32.store", outgoing + 4);
      increase(code, end, 8);
    });
  }

  function eliminateFrom(): void {
    scale(code, from, 4 * columns);
    code.localTee(fromRow);
    code.localGet(vertex);
    code.i32(2);
    code.plain("i32.shl");
    code.plain("i32.add");
    code.memory("i32.load", edges);
    code.localSet(inner);
    code.localGet(from);
    code.i32(16);
    code.plain("i32.shl");
    code.localSet(fromKey);
    // The log may end here: each successor has an entry of eight bytes in it, as in the list of successors.
    code.localGet(top);
    code.localGet(end);
    code.plain("i32.add");
    loadAt(code, "i32.load", CELLS.logEnd);
    code.plain("i32.gt_u");
    code.if();
    storeAt(code, CELLS.top, () => code.localGet(top));
    code.i32(NO_ROOM);
    code.plain("return");
    code.end();
    code.i32(0);
    code.localSet(next);
    whileLoop(
      code,
      () => {
        code.localGet(next);
        code.localGet(end);
        code.plain("i32.lt_u");
      },
      () => {
        load(code, next, "i32.load", outgoing);
        code.localSet(to);
        load(code, next, "i32.load", outgoing + 4);
        code.localSet(outer);
        increase(code, next, 8);
        code.localGet(fromRow);
        code.localGet(to);
        code.plain("i32.add");
        code.localSet(place);
        eliminateFace();
      },
    );
  }

  function eliminateFace(): void {
    writeProduct(code, layout, locals, { a: outer, b: inner, result: product });
    load(code, place, "i32.load", edges);
    code.localTee(old);
    code.if();
    writeSum(code, layout, locals, { a: old, b: product, result: value });
    code.else();
    code.localGet(product);
    code.localSet(value);
    code.end();
    code.localGet(place);
    code.localGet(value);
    code.memory("i32.store", edges);
    code.localGet(top);
    code.localGet(fromKey);
    code.localGet(to);
    code.plain("i32.add");
    code.memory("i32.store");
    code.localGet(top);
    code.localGet(old);
    code.memory("i32.store", 4);
    increase(code, top, LOG_ENTRY);
    // A zero, which is rare, or an edge that was not there.
    code.localGet(product);
    code.plain("i32.eqz");
    code.localGet(value);
    code.plain("i32.eqz");
    code.plain("i32.or");
    code.if();
    storeAt(code, CELLS.vanished, () => {
      loadAt(code, "i32.load", CELLS.vanished);
      code.i32(1);
      code.plain("i32.add");
    });
    code.end();
    writeFlipIfChanged(code, layout, { from, to, old, value });
  }
}

/** Changes the bits of an edge that comes or goes. @param edge `to` is four times the column; it becomes the column */
function writeFlipIfChanged(
  code: Code,
  { row, predecessors, successors }: ValueLayout,
  { from, to, old, value }: { from: number; to: number; old: number; value: number },
): void {
  code.localGet(old);
  code.plain("i32.eqz");
  code.localGet(value);
  code.plain("i32.eqz");
  code.plain("i32.ne");
  code.if();
  code.localGet(to);
  code.i32(2);
  code.plain("i32.shr_u");
  code.localSet(to);
  for (const [rows, own, other] of [
    [successors, from, to],
    [predecessors, to, from],
  ] as const) {
    for (const _ of [0, 1]) {
      scale(code, own, row);
      wordOf(code, other);
      code.plain("i32.add");
    }
    code.memory("i64.load", rows);
    bitOf(code, other);
    code.plain("i64.xor");
    code.memory("i64.store", rows);
  }
  code.end();
}

function undo(layout: ValueLayout): Code {
  const { columns, open, edges, table } = layout;
  const code = new Code(type(["i32"], []));
  const count = 0;
  const int = () => code.local("i32");
  const [frame, vertex, top, start, from, to, place, old, value] = [
    int(),
    int(),
    int(),
    int(),
    int(),
    int(),
    int(),
    int(),
    int(),
  ];
  code.localGet(count);
  code.plain("i32.eqz");
  code.if();
  code.plain("return");
  code.end();
  loadAt(code, "i32.load", CELLS.frame);
  code.localSet(frame);
  whileLoop(
    code,
    () => code.localGet(count),
    () => {
      increase(code, count, -1);
      increase(code, frame, -FRAME.bytes);
      load(code, frame, "i32.load", FRAME.vertex);
      code.localSet(vertex);
      flip(code, open, vertex);
    },
  );
  storeAt(code, CELLS.frame, () => code.localGet(frame));
  backTo("top", LOG_ENTRY, () => {
    load(code, top, "i32.load", 0);
    code.i32(16);
    code.plain("i32.shr_u");
    code.localSet(from);
    load(code, top, "i32.load", 0);
    code.i32(0xffff);
    code.plain("i32.and");
    code.localSet(to);
    load(code, top, "i32.load", 4);
    code.localSet(old);
    scale(code, from, 4 * columns);
    code.localGet(to);
    code.plain("i32.add");
    code.localTee(place);
    code.memory("i32.load", edges);
    code.localSet(value);
    code.localGet(place);
    code.localGet(old);
    code.memory("i32.store", edges);
    writeFlipIfChanged(code, layout, { from, to, old, value });
  });
  backTo("created", 4, () => {
    load(code, top, "i32.load", 0);
    code.i64(0n);
    code.memory("i64.store", table);
  });
  for (const name of SAVED) storeAt(code, CELLS[name], () => load(code, frame, "i32.load", FRAME[name]));
  return code;

  /** The body, for each entry from the end of a list back to what the frame says; `top` is its place. */
  function backTo(name: "top" | "created", bytes: number, body: () => void): void {
    loadAt(code, "i32.load", CELLS[name]);
    code.localSet(top);
    load(code, frame, "i32.load", FRAME[name]);
    code.localSet(start);
    whileLoop(
      code,
      () => {
        code.localGet(top);
        code.localGet(start);
        code.plain("i32.gt_u");
      },
      () => {
        increase(code, top, -bytes);
        body();
      },
    );
  }
}

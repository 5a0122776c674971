/**
 * The inner loop of `multiplications` as a generated WebAssembly module: bit rows of any width, a row as vectors of 128 bits.
 *
 * One module serves all graphs whose rows have the same number of vectors; where things stand in its memory depends on that number alone. Eliminating v
 * joins the row of its predecessors to that of every successor, and the other way round. The bits of eliminated vertices stay where they
 * are and are masked out when a row is read.
 */

import { Code, encodeModule, PAGE } from "../wasm/encoder.ts";
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

/** Bits of a vector. */
const VECTOR = 128;
/** Bytes of a vector. */
const BYTES = 16;

/** Where things stand in the memory of a module, in bytes. */
export interface BitRowLayout {
  /** Vectors and bytes of a row, and the columns that it holds; intermediates have the first columns. */
  readonly vectors: number;
  readonly row: number;
  readonly columns: number;
  /** Rows of predecessors, of successors, and both as they are at the start. */
  readonly predecessors: number;
  readonly successors: number;
  readonly initial: number;
  /** Bit sets: what is not eliminated, the intermediates, and the set that a function works on. */
  readonly open: number;
  readonly intermediates: number;
  readonly set: number;
  /** A list of vertices (int32) that goes in and out, and what each of them costs (int32). */
  readonly list: number;
  readonly costs: number;
  /** A queue of vertices, and a cell with the end of the log. */
  readonly queue: number;
  readonly top: number;
  /** The log: changed rows as they were, each with its place, and after the rows of an elimination its frame (see `eliminate`). */
  readonly log: number;
  /** Bytes of one changed row in the log. */
  readonly entry: number;
  /** Pages of memory at the start, with room for a little of the log. */
  readonly pages: number;
}

/** Bytes of a frame: where the elimination's part of the log begins, the vertex, its cost. */
const FRAME = 16;

/** @param vectors at least 1 */
export function bitRowLayout(vectors: number): BitRowLayout {
  const row = vectors * BYTES;
  const columns = vectors * VECTOR;
  let end = 0;
  const take = (bytes: number) => {
    const start = end;
    end += bytes;
    return start;
  };
  return {
    vectors,
    row,
    columns,
    predecessors: take(columns * row),
    successors: take(columns * row),
    initial: take(2 * columns * row),
    open: take(row),
    intermediates: take(row),
    set: take(row),
    list: take(4 * columns),
    costs: take(4 * columns),
    queue: take(4 * columns),
    top: take(BYTES),
    log: end,
    entry: row + BYTES,
    pages: Math.ceil(end / PAGE) + 1,
  };
}

/** What a module exports. Vertices are columns; lists are passed at `layout.list`. */
export interface BitRowFunctions {
  /** Back to the rows at `layout.initial`. */
  restart(): void;
  /** Markowitz degree. */
  degree(vertex: number): number;
  /** Eliminates, logs what changes, and returns the degree. */
  eliminate(vertex: number): number;
  /** Takes the last eliminations back and returns what they cost together. */
  undo(count: number): number;
  /** What the list costs from the start; leaves the rows as they are after it, without a log. */
  cost(count: number): number;
  /** What the list costs now, each vertex at `layout.costs`, or Infinity as soon as that exceeds the limit. Takes it all back. */
  attempt(count: number, limit: number): number;
  /**
   * Keeps, in place, those of the list that are connected with its first vertex (`ends` has bit 0) or its last (bit 1) through the list; returns how many.
   * The first and the last are not the same.
   */
  connected(count: number, ends: number): number;
}

/** The bytes of the module: below 4 KB, which every browser compiles without waiting. */
export function bitRowModule(layout: BitRowLayout): Uint8Array<ArrayBuffer> {
  const functions = { restart, degree, eliminate, undo, cost, attempt, connected };
  const names = Object.keys(functions) as (keyof typeof functions)[];
  const calls = { degree: 1, eliminate: 2, undo: 3 };
  return encodeModule({
    pages: layout.pages,
    functions: names.map((name) => functions[name](layout, calls)),
    exports: Object.fromEntries(names.map((name, index) => [name, index])),
    data: [],
  });
}

/** Indices of the functions that others call. */
interface Calls {
  readonly degree: number;
  readonly eliminate: number;
  readonly undo: number;
}

function restart(layout: BitRowLayout): Code {
  const code = new Code(type([], []));
  writeRestart(code, layout);
  return code;
}

function writeRestart(code: Code, { initial, predecessors, open, vectors, top, log }: BitRowLayout): void {
  code.i32(predecessors);
  code.i32(initial);
  code.i32(open - initial);
  code.memoryCopy();
  for (let vector = 0; vector < vectors; vector++) {
    code.i32(0);
    code.v128(-1n, -1n);
    code.memory("v128.store", open + vector * BYTES);
  }
  storeAt(code, top, () => code.i32(log));
}

function degree(layout: BitRowLayout): Code {
  const code = new Code(type(["i32"], ["i32"]));
  const own = code.local("i32");
  scale(code, 0, layout.row);
  code.localSet(own);
  for (const base of [layout.predecessors, layout.successors]) {
    for (let place = 0; place < layout.row; place += 8) {
      load(code, own, "i64.load", base + place);
      loadAt(code, "i64.load", layout.open + place);
      code.plain("i64.and");
      code.plain("i64.popcnt");
      if (place > 0) code.plain("i64.add");
    }
    code.plain("i32.wrap_i64");
  }
  code.plain("i32.mul");
  return code;
}

function eliminate(layout: BitRowLayout): Code {
  const code = new Code(type(["i32"], ["i32"]));
  const result = code.local("i32");
  const top = code.local("i32");
  const start = code.local("i32");
  // Room for all rows that can change.
  const room = 2 * layout.columns * layout.entry + FRAME;
  loadAt(code, "i32.load", layout.top);
  code.localTee(top);
  code.localTee(start);
  code.i32(room);
  code.plain("i32.add");
  code.memorySize();
  code.i32(16);
  code.plain("i32.shl");
  code.plain("i32.gt_u");
  code.if();
  code.memorySize();
  code.i32(Math.ceil(room / PAGE));
  code.plain("i32.add");
  code.memoryGrow();
  code.plain("drop");
  code.end();
  writeJoin(code, layout, { vertex: 0, result, top });
  for (const [place, value] of [start, 0, result].entries()) {
    code.localGet(top);
    code.localGet(value);
    code.memory("i32.store", 4 * place);
  }
  storeAt(code, layout.top, () => {
    code.localGet(top);
    code.i32(FRAME);
    code.plain("i32.add");
  });
  code.localGet(result);
  return code;
}

/** Joins the rows of the vertex's neighbours, and takes it out of what is open; its degree goes to `result`. Logs at `top` if there is one. */
function writeJoin(
  code: Code,
  layout: BitRowLayout,
  { vertex, result, top }: { vertex: number; result: number; top: number | null },
): void {
  const { predecessors, successors, row } = layout;
  const own = code.local("i32");
  const count = code.local("i32");
  scale(code, vertex, row);
  code.localSet(own);
  flipOpen(code, layout, vertex);
  code.i32(0);
  code.localSet(result);
  writeJoinSide(code, layout, { own, scanned: predecessors, joined: successors, count: result, top });
  code.i32(0);
  code.localSet(count);
  writeJoinSide(code, layout, { own, scanned: successors, joined: predecessors, count, top });
  code.localGet(result);
  code.localGet(count);
  code.plain("i32.mul");
  code.localSet(result);
}

interface Side {
  /** Where the vertex's rows begin, from `scanned` or `joined` on. */
  readonly own: number;
  /** The neighbours are the bits of the one row; the other is joined to their rows. */
  readonly scanned: number;
  readonly joined: number;
  /** The local to which the number of neighbours is added. */
  readonly count: number;
  readonly top: number | null;
}

function writeJoinSide(code: Code, layout: BitRowLayout, { own, scanned, joined, count, top }: Side): void {
  const { row, vectors, open, intermediates, entry } = layout;
  const bits = code.local("i64");
  const place = code.local("i32");
  const neighbour = code.local("i32");
  const old = code.local("v128");
  const added = Array.from({ length: vectors }, () => code.local("v128"));
  added.forEach((local, vector) => {
    load(code, own, "v128.load", joined + vector * BYTES);
    code.localSet(local);
  });
  code.i32(0);
  code.localSet(place);
  code.loop();
  code.localGet(own);
  code.localGet(place);
  code.plain("i32.add");
  code.memory("i64.load", scanned);
  load(code, place, "i64.load", open);
  code.plain("i64.and");
  code.localTee(bits);
  code.plain("i64.popcnt");
  code.plain("i32.wrap_i64");
  code.localGet(count);
  code.plain("i32.add");
  code.localSet(count);
  code.localGet(bits);
  load(code, place, "i64.load", intermediates);
  code.plain("i64.and");
  forEachBit(code, bits, place, () => {
    code.i32(row);
    code.plain("i32.mul");
    code.localSet(neighbour);
    added.forEach((local, vector) => {
      const offset = vector * BYTES;
      load(code, neighbour, "v128.load", joined + offset);
      code.localSet(old);
      if (top !== null) {
        code.localGet(top);
        code.localGet(old);
        code.memory("v128.store", offset);
      }
      code.localGet(neighbour);
      code.localGet(old);
      code.localGet(local);
      code.plain("v128.or");
      code.memory("v128.store", joined + offset);
    });
    if (top === null) return;
    code.localGet(top);
    code.localGet(neighbour);
    code.i32(joined);
    code.plain("i32.add");
    code.memory("i32.store", row);
    increase(code, top, entry);
  });
  increase(code, place, 8);
  code.localGet(place);
  code.i32(row);
  code.plain("i32.lt_u");
  code.branchIf(0);
  code.end();
}

function undo(layout: BitRowLayout): Code {
  const code = new Code(type(["i32"], ["f64"]));
  const frame = code.local("i32");
  const start = code.local("i32");
  const top = code.local("i32");
  const vertex = code.local("i32");
  const sum = code.local("f64");
  const count = 0;
  loadAt(code, "i32.load", layout.top);
  code.localSet(top);
  whileLoop(
    code,
    () => code.localGet(count),
    () => {
      increase(code, count, -1);
      code.localGet(top);
      code.i32(FRAME);
      code.plain("i32.sub");
      code.localTee(frame);
      code.localSet(top);
      load(code, frame, "i32.load", 0);
      code.localSet(start);
      load(code, frame, "i32.load", 4);
      code.localSet(vertex);
      flipOpen(code, layout, vertex);
      code.localGet(sum);
      load(code, frame, "i32.load", 8);
      code.plain("f64.convert_i32_s");
      code.plain("f64.add");
      code.localSet(sum);
      // No row changes twice in one elimination, so the rows come back in any order.
      whileLoop(
        code,
        () => {
          code.localGet(top);
          code.localGet(start);
          code.plain("i32.gt_u");
        },
        () => {
          increase(code, top, -layout.entry);
          for (let offset = 0; offset < layout.row; offset += BYTES) {
            load(code, top, "i32.load", layout.row);
            load(code, top, "v128.load", offset);
            code.memory("v128.store", offset);
          }
        },
      );
    },
  );
  storeAt(code, layout.top, () => code.localGet(top));
  code.localGet(sum);
  return code;
}

function cost(layout: BitRowLayout): Code {
  const code = new Code(type(["i32"], ["f64"]));
  const result = code.local("i32");
  const vertex = code.local("i32");
  const place = code.local("i32");
  const sum = code.local("f64");
  writeRestart(code, layout);
  forEachOfList(code, layout, { count: 0, place, vertex }, () => {
    writeJoin(code, layout, { vertex, result, top: null });
    code.localGet(sum);
    code.localGet(result);
    code.plain("f64.convert_i32_s");
    code.plain("f64.add");
    code.localSet(sum);
  });
  code.localGet(sum);
  return code;
}

function attempt(layout: BitRowLayout, calls: Calls): Code {
  const code = new Code(type(["i32", "f64"], ["f64"]));
  const [count, limit] = [0, 1];
  const vertex = code.local("i32");
  const place = code.local("i32");
  const result = code.local("i32");
  const sum = code.local("f64");
  code.block();
  forEachOfList(code, layout, { count, place, vertex }, () => {
    code.localGet(vertex);
    code.call(calls.eliminate);
    code.localSet(result);
    code.localGet(place);
    code.localGet(result);
    code.memory("i32.store", layout.costs);
    code.localGet(sum);
    code.localGet(result);
    code.plain("f64.convert_i32_s");
    code.plain("f64.add");
    code.localTee(sum);
    code.localGet(limit);
    code.plain("f64.gt");
    code.if();
    code.f64(Infinity);
    code.localSet(sum);
    increase(code, place, 4);
    // Out of the conditional, the loop, and the block around it, to the end of the outer block.
    code.branch(3);
    code.end();
  });
  code.end();
  code.localGet(place);
  code.i32(2);
  code.plain("i32.shr_u");
  code.call(calls.undo);
  code.plain("drop");
  code.localGet(sum);
  return code;
}

function connected(layout: BitRowLayout): Code {
  const code = new Code(type(["i32", "i32"], ["i32"]));
  const [count, ends] = [0, 1];
  const vertex = code.local("i32");
  const place = code.local("i32");
  const own = code.local("i32");
  const [head, tail, kept] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const bits = code.local("i64");
  const { set, list, queue, row, predecessors, successors } = layout;
  // The set holds what is in the list and not in the queue yet.
  for (let offset = 0; offset < row; offset += 8) {
    code.i32(0);
    code.i64(0n);
    code.memory("i64.store", set + offset);
  }
  forEachOfList(code, layout, { count, place, vertex }, () => flip(code, set, vertex));
  const enqueue = () => {
    code.localGet(tail);
    code.localGet(vertex);
    code.memory("i32.store", queue);
    increase(code, tail, 4);
    flip(code, set, vertex);
  };
  for (const end of [0, 1]) {
    code.localGet(ends);
    code.i32(1 << end);
    code.plain("i32.and");
    code.if();
    if (end === 0) code.i32(0);
    else {
      code.localGet(count);
      code.i32(1);
      code.plain("i32.sub");
      code.i32(2);
      code.plain("i32.shl");
    }
    code.memory("i32.load", list);
    code.localSet(vertex);
    enqueue();
    code.end();
  }
  whileLoop(
    code,
    () => {
      code.localGet(head);
      code.localGet(tail);
      code.plain("i32.lt_u");
    },
    () => {
      load(code, head, "i32.load", queue);
      code.localSet(own);
      increase(code, head, 4);
      scale(code, own, row);
      code.localSet(own);
      code.i32(0);
      code.localSet(place);
      code.loop();
      for (const rows of [predecessors, successors]) {
        code.localGet(own);
        code.localGet(place);
        code.plain("i32.add");
        code.memory("i64.load", rows);
      }
      code.plain("i64.or");
      load(code, place, "i64.load", set);
      code.plain("i64.and");
      forEachBit(code, bits, place, () => {
        code.localSet(vertex);
        enqueue();
      });
      increase(code, place, 8);
      code.localGet(place);
      code.i32(row);
      code.plain("i32.lt_u");
      code.branchIf(0);
      code.end();
    },
  );
  // Most often one vertex meets nothing on its way.
  code.localGet(tail);
  code.i32(4);
  code.plain("i32.eq");
  code.if();
  code.i32(0);
  loadAt(code, "i32.load", queue);
  code.memory("i32.store", list);
  code.i32(1);
  code.plain("return");
  code.end();
  forEachOfList(code, layout, { count, place, vertex }, () => {
    wordOf(code, vertex);
    code.memory("i64.load", set);
    bitOf(code, vertex);
    code.plain("i64.and");
    code.plain("i64.eqz");
    code.if();
    code.localGet(kept);
    code.localGet(vertex);
    code.memory("i32.store", list);
    increase(code, kept, 4);
    code.end();
  });
  code.localGet(kept);
  code.i32(2);
  code.plain("i32.shr_u");
  return code;
}

function flipOpen(code: Code, { open }: BitRowLayout, vertex: number): void {
  flip(code, open, vertex);
}

/** The body, for each of the first `count` vertices of the list; `place` is the vertex's in bytes, and at the end that after the last. */
function forEachOfList(
  code: Code,
  { list }: BitRowLayout,
  { count, place, vertex }: { count: number; place: number; vertex: number },
  body: () => void,
): void {
  code.i32(0);
  code.localSet(place);
  whileLoop(
    code,
    () => {
      code.localGet(place);
      code.localGet(count);
      code.i32(2);
      code.plain("i32.shl");
      code.plain("i32.lt_u");
    },
    () => {
      load(code, place, "i32.load", list);
      code.localSet(vertex);
      body();
      increase(code, place, 4);
    },
  );
}

/**
 * One nest as loops over vectors, one vector for each element of an array: as many points as there are lanes.
 *
 * Every access has a pointer that is moved by a constant after each step of a loop; those that move alike share one. What does not change in the inner loops is read
 * before them.
 */

import { ProgramBuilder } from "../../program/builder.ts";
import type { Access, Source } from "../../program/loops.ts";
import type { Literal, Operand } from "../../program/program.ts";
import type { Code } from "../../wasm/encoder.ts";
import { accessOf } from "../loops/arrange.ts";
import type { JammedNest } from "../loops/sideBySide.ts";
import type { Root } from "./body.ts";
import { nodesOf } from "./evaluation.ts";
import { type Node, VectorGraph } from "./graph.ts";
import { Lanes } from "./lanes.ts";
import { increase } from "./loop.ts";
import type { ModuleWriter } from "./module.ts";

/** Where things are in memory. */
export interface NestScope {
  readonly module: ModuleWriter;
  /** The array of a variable: 16 bytes for each element. */
  array(variable: number): number;
  /** Positions times a number of bytes, 4 bytes each. */
  table(positions: readonly number[], scale: number): number;
  /** Numbers in the format of the module. */
  constants(values: readonly number[]): number;
}

/** Bytes of the vector of an element. */
export const ELEMENT = 16;

/** Writes the loops of a nest that stores into an array. */
export function writeNest(code: Code, nest: JammedNest, result: number, scope: NestScope): void {
  if (nest.extents.slice(0, nest.outer).includes(0)) return;
  new NestWriter(code, nest, result, scope).write();
}

/** A place in memory that moves with the loops: `pointer` + `offset`, or what a table holds there, + `base`. */
interface Place {
  readonly pointer: number;
  readonly offset: number;
  /** Bytes from one copy to the next. */
  readonly step: number;
  readonly base: number | null;
}

/** A pointer, and how far each loop moves it. */
interface Pointer {
  readonly local: number;
  readonly start: number;
  readonly strides: readonly number[];
}

/** A value that a body reads. */
interface Read {
  readonly source: Exclude<Source, { kind: "literal" }>;
  readonly copy: number;
  readonly place: Place | null;
  /** The local that holds it, once it is read before the loops in which it is the same. */
  local: number | null;
}

class NestWriter {
  readonly #code: Code;
  readonly #nest: JammedNest;
  readonly #scope: NestScope;
  readonly #result: number;
  /** Of the loops as they run: the jammed one in fewer steps. */
  readonly #extents: readonly number[];
  readonly #pointers = new Map<string, Pointer>();
  readonly #counters: readonly number[];
  readonly #reads: Read[] = [];
  readonly #target: Place;

  constructor(code: Code, nest: JammedNest, result: number, scope: NestScope) {
    this.#code = code;
    this.#nest = nest;
    this.#scope = scope;
    this.#result = result;
    const { extents, copies, jammed } = nest;
    this.#extents = extents.map((extent, loop) => (loop === jammed ? extent / copies : extent));
    this.#counters = extents.map(() => code.local("i32"));
    this.#target = this.#place(nest.target, result, ELEMENT);
  }

  write(): void {
    const { fold, outer } = this.#nest;
    const code = this.#code;
    const l = new Lanes(new VectorGraph(), this.#scope.module.type, { careful: false, single: false });
    const { values, sums } = this.#nodes(l);
    const prelude = this.#scope.module.prelude(code, values);
    for (const { local, start } of this.#pointers.values()) {
      code.i32(start);
      code.localSet(local);
    }
    const depth = this.#extents.length;
    const body = (roots: readonly Root[]) =>
      this.#scope.module.body(
        code,
        { roots, requirements: [], load: (plane) => this.#load(plane, sums) },
        prelude,
      );
    this.#loops(0, outer, () => {
      if (fold === null) body(values.map((node, copy) => this.#stored(node, copy)));
      else
        this.#folded(
          l,
          sums,
          () => this.#loops(outer, depth, () => body(this.#summed(values, sums))),
          prelude,
        );
    });
  }

  /** What is stored or put to the sums, for every copy; and the locals of the sums. */
  #nodes(l: Lanes): { values: Node[]; sums: number[] } {
    const { sources, body, fold, copies, jammed } = this.#nest;
    const builder = new ProgramBuilder();
    const inputs: Node[] = [];
    const input = (): Operand => {
      inputs.push(l.input(inputs.length));
      return builder.input("");
    };
    const places = sources.map((source) => this.#placeOf(source));
    const readers = sources.map((source, position): ((copy: number) => Operand | Literal) => {
      if (source.kind === "literal") return () => source.literal;
      const own = Array.from({ length: accessOf(source)?.strides[jammed] ? copies : 1 }, (_, copy) => {
        this.#reads.push({ source, copy, place: places[position] ?? null, local: null });
        return input();
      });
      return (copy) => own[copy] ?? (own[0] as Operand);
    });
    const count = fold === null ? 0 : Math.max(copies, fold.units.length);
    const sums = Array.from({ length: count }, () => this.#code.local("v128"));
    const sofar = sums.map(input);
    const results = Array.from({ length: copies }, (_, copy) => {
      const term = body(
        builder,
        readers.map((read) => read(copy)),
      );
      if (fold === null) return term.slice(0, 1);
      return fold.combine(builder, fold.units.length === 1 ? sofar.slice(copy, copy + 1) : sofar, term);
    }).flat();
    const program = builder.build(
      "",
      results.map((operand) => ({ name: "", operand })),
    );
    const read = nodesOf(program, l, inputs, "called");
    return { values: results.map(read), sums };
  }

  #placeOf(source: Source): Place | null {
    const scope = this.#scope;
    switch (source.kind) {
      case "element":
        return this.#place(source.access, scope.array(source.variable), ELEMENT);
      case "result":
        return this.#place(source.access, this.#result, ELEMENT);
      case "constant":
        return this.#place(
          source.access,
          scope.constants(source.values),
          scope.module.type === "f64x2" ? 8 : 4,
        );
      default:
        return null;
    }
  }

  #place({ base, strides, table }: Access, address: number, size: number): Place {
    const { extents, copies, jammed } = this.#nest;
    const scale = table === undefined ? size : 4;
    // The pointer is never negative: its least value stands in the offset.
    const least = strides.reduce(
      (sum, stride, loop) => sum + Math.min(0, stride * ((extents[loop] ?? 1) - 1)),
      base,
    );
    const start = (base - least) * scale;
    const moved = strides.map((stride, loop) => stride * scale * (loop === jammed ? copies : 1));
    const key = `${start}:${moved}`;
    const pointer = this.#pointers.get(key) ?? { local: this.#code.local("i32"), start, strides: moved };
    this.#pointers.set(key, pointer);
    const from = table === undefined ? address : this.#scope.table(table, size);
    return {
      pointer: pointer.local,
      offset: from + least * scale,
      step: (strides[jammed] ?? 0) * scale,
      base: table === undefined ? null : address,
    };
  }

  /** Pushes an address without the part that `offsetOf` gives. */
  #pushAddress({ pointer, offset, step, base }: Place, copy: number): void {
    this.#code.localGet(pointer);
    if (base !== null) this.#code.memory("i32.load", offset + copy * step);
  }

  #offsetOf({ offset, step, base }: Place, copy: number): number {
    return base ?? offset + copy * step;
  }

  /** Runs the loops from one depth to another around what `inner` writes. */
  #loops(depth: number, end: number, inner: () => void): void {
    this.#readBefore(depth);
    const [extent, counter] = [this.#extents[depth], this.#counters[depth]];
    if (depth >= end || extent === undefined || counter === undefined) {
      inner();
      return;
    }
    if (extent === 0) return;
    const code = this.#code;
    code.i32(0);
    code.localSet(counter);
    code.loop();
    this.#loops(depth + 1, end, inner);
    for (const { local, strides } of this.#pointers.values()) {
      const back =
        depth + 1 < this.#extents.length ? (this.#extents[depth + 1] ?? 0) * (strides[depth + 1] ?? 0) : 0;
      const step = (strides[depth] ?? 0) - back;
      if (step !== 0) increase(code, local, step);
    }
    increase(code, counter, 1);
    code.localGet(counter);
    code.i32(extent);
    code.plain("i32.lt_u");
    code.branchIf(0);
    code.end();
  }

  /** Reads what stays the same from this depth on, but not what only the innermost loops see anyway. */
  #readBefore(depth: number): void {
    if (depth >= this.#extents.length) return;
    for (const read of this.#reads) {
      if (read.source.kind === "result" || depthOf(read.source) !== depth || read.local !== null) continue;
      const local = this.#code.local("v128");
      this.#read(read);
      this.#code.localSet(local);
      read.local = local;
    }
  }

  #load(plane: number, sums: readonly number[]): void {
    const read = this.#reads[plane];
    if (read === undefined) this.#code.localGet(sums[plane - this.#reads.length] ?? 0);
    else if (read.local !== null) this.#code.localGet(read.local);
    else this.#read(read);
  }

  #read({ source, copy, place }: Read): void {
    const code = this.#code;
    const wide = this.#scope.module.type === "f64x2";
    if (place !== null) {
      this.#pushAddress(place, copy);
      const splat = wide ? "v128.load64_splat" : "v128.load32_splat";
      code.memory(source.kind === "constant" ? splat : "v128.load", this.#offsetOf(place, copy));
      return;
    }
    code.localGet(source.kind === "index" ? (this.#counters[source.loop] ?? 0) : 0);
    code.plain("f64.convert_i32_s");
    if (!wide) code.plain("f32.demote_f64");
    code.plain(wide ? "f64x2.splat" : "f32x4.splat");
  }

  #stored(node: Node, copy: number): Root {
    return {
      node,
      before: () => this.#pushAddress(this.#target, copy),
      after: () => this.#code.memory("v128.store", this.#offsetOf(this.#target, copy)),
    };
  }

  /** Sums are known to each other as they were before this step. */
  #summed(values: readonly Node[], sums: readonly number[]): Root[] {
    const next = values.map((_, index) =>
      this.#nest.copies === 1 && values.length > 1 ? this.#code.local("v128") : (sums[index] ?? 0),
    );
    return values.map((node, index) => ({
      node,
      after: () => {
        this.#code.localSet(next[index] ?? 0);
        if (index < values.length - 1) return;
        next.forEach((local, position) => {
          if (local === sums[position]) return;
          this.#code.localGet(local);
          this.#code.localSet(sums[position] ?? 0);
        });
      },
    }));
  }

  /** The sums at their start, what puts terms to them, and the first of each copy stored. */
  #folded(
    l: Lanes,
    sums: readonly number[],
    terms: () => void,
    prelude: { constant(low: bigint, high: bigint): void },
  ): void {
    const { fold, copies } = this.#nest;
    const units = fold?.units ?? [];
    sums.forEach((local, index) => {
      const { operation } = l.constant((units[index] ?? units[0])?.value ?? 0);
      if (operation.kind === "constant") prelude.constant(operation.low, operation.high);
      this.#code.localSet(local);
    });
    terms();
    for (let copy = 0; copy < copies; copy++) {
      this.#pushAddress(this.#target, copy);
      this.#code.localGet(sums[copy] ?? 0);
      this.#code.memory("v128.store", this.#offsetOf(this.#target, copy));
    }
  }
}

/** The number of loops within which a source changes. */
function depthOf(source: Exclude<Source, { kind: "literal" }>): number {
  return source.kind === "index"
    ? source.loop + 1
    : source.access.strides.findLastIndex((stride) => stride !== 0) + 1;
}

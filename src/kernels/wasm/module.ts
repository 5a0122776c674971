/**
 * A module in the making: its functions by name, written when something needs them; its memory; its constants.
 *
 * Memory begins with a table of `helpers.ts`; everything else of the module's own follows as it is asked for, then come the planes of batches.
 */

import { InputError } from "../../errors.ts";
import { Code, encodeModule, PAGE } from "../../wasm/encoder.ts";
import type { KernelDType } from "../kernel.ts";
import { type Root, SEGMENT, writeBody } from "./body.ts";
import { type Node, VectorGraph } from "./graph.ts";
import { helperCode, TABLE_OFFSET, tableBytes } from "./helpers.ts";
import { Lanes, type LaneType } from "./lanes.ts";
import { evaluate, isVectorFunction, type VectorFunctionName, vectorFunctions } from "./math/index.ts";

export interface WasmOptions {
  readonly dtype: KernelDType;
  /** Whether the engine has fused multiply-add (relaxed SIMD). Results differ in their last bits. */
  readonly fused: boolean;
  /** Programs on arrays are unrolled up to so many operations and entries, longer ones become loops; 12,000 by default. */
  readonly longestUnrolled?: number;
  /** For a module that shares its memory with others of the same program: where its own part begins, in bytes, a multiple of 16. */
  readonly sharedFrom?: number;
}

/** What a body takes from before it, outside of its loop if it is in one. */
export interface Prelude {
  /** Pushes a constant. */
  constant(low: bigint, high: bigint): void;
  /** Pushes a condition that never holds; see `body.ts`. */
  never(index: number): void;
}

/** Values to be computed, and the masks that must hold for them to be right. */
export interface Body {
  readonly roots: readonly Root[];
  readonly requirements: readonly Node[];
  /** Whether it computes one point and not many: such code waits for its longest chain of operations, which engines order best if they see it whole. */
  readonly single?: boolean;
  /** Pushes the value of an input. */
  load(plane: number): void;
}

/** A module may keep this much memory for itself: half of what WebAssembly addresses, the rest is for planes. */
const MOST_MEMORY = 2 ** 31;

export class ModuleWriter {
  readonly type: LaneType;
  readonly #name: string;
  readonly #fused: boolean;
  readonly #shared: boolean;
  readonly #own = new Map<string, () => Code>();
  readonly #functions = new Map<string, number>();
  readonly #constants = new Map<string, number>();
  readonly #data: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  #free = 0;

  constructor(name: string, { dtype, fused, sharedFrom }: WasmOptions) {
    this.#name = name;
    this.#shared = sharedFrom !== undefined;
    this.type = dtype === "float64" ? "f64x2" : "f32x4";
    this.#fused = fused;
    const table = this.place(tableBytes());
    if (table !== TABLE_OFFSET) throw new RangeError("the table stands first");
    // The table is the same in all modules, and only read.
    this.#free = Math.max(this.#free, sharedFrom ?? 0);
  }

  /** Says how to write a function, in case that it is needed. */
  define(name: string, write: () => Code): void {
    this.#own.set(name, write);
  }

  /** The index of a function; its code is written by `finish`. */
  function(name: string): number {
    const index = this.#functions.get(name) ?? this.#functions.size;
    this.#functions.set(name, index);
    return index;
  }

  /** The address of memory of its own, a multiple of 16. */
  reserve(bytes: number): number {
    const address = this.#free;
    this.#free += 16 * Math.ceil(bytes / 16);
    if (this.#free > MOST_MEMORY)
      throw new InputError(
        `${this.#name}: its arrays need more than ${MOST_MEMORY / 2 ** 30} GiB, which WebAssembly does not have beside its batches; use the target js`,
      );
    return address;
  }

  /** The address of bytes that are there from the start. */
  place(bytes: Uint8Array): number {
    const offset = this.reserve(bytes.length);
    this.#data.push({ offset, bytes });
    return offset;
  }

  /** The module with these functions exported, and the first byte of memory that it does not use itself. */
  finish(exported: readonly string[]): { bytes: Uint8Array<ArrayBuffer>; free: number } {
    const exports = Object.fromEntries(exported.map((name) => [name, this.function(name)]));
    const functions: Code[] = [];
    // Functions that are asked for meanwhile come after.
    for (const name of this.#functions.keys()) functions.push(this.#write(name));
    const pages = Math.ceil(this.#free / PAGE);
    return {
      bytes: encodeModule({ pages, shared: this.#shared, functions, exports, data: this.#data }),
      free: this.#free,
    };
  }

  /** Reads what nodes need that does not change from one run of a body to the next. */
  prelude(code: Code, nodes: readonly Node[]): Prelude {
    const nothing = code.local("i32");
    // The first word of the table is 0, which no compiler knows.
    code.i32(0);
    code.memory("i32.load", TABLE_OFFSET);
    code.localSet(nothing);
    const locals = new Map<bigint, number>();
    for (const { operation } of reachable(nodes)) {
      if (operation.kind !== "constant") continue;
      const local = code.local("v128");
      this.#loadConstant(code, operation.low, operation.high);
      code.localSet(local);
      locals.set(key(operation.low, operation.high), local);
    }
    return {
      constant: (low, high) => {
        const local = locals.get(key(low, high));
        if (local === undefined) this.#loadConstant(code, low, high);
        else code.localGet(local);
      },
      never(index) {
        code.localGet(nothing);
        code.i32(index + 1);
        code.plain("i32.eq");
      },
    };
  }

  /** Writes a body. Gives the local with the mask of lanes that are right; null if all are. */
  body(
    code: Code,
    { roots, requirements, single = false, load }: Body,
    prelude: Prelude = this.prelude(code, []),
  ): number | null {
    const right = requirements.length === 0 ? null : code.local("v128");
    const guards = right === null ? [] : guardsOf(code, requirements, right);
    // Nodes are numbered in the order of the program, so by their numbers is the order in which it knows its results.
    const ordered = single
      ? [...roots, ...guards]
      : [...guards, ...roots].sort((a, b) => a.node.id - b.node.id);
    const resolve = (target: string) => this.function(target);
    const surroundings = { ...prelude, code, load, resolve, fused: this.#fused };
    writeBody(surroundings, ordered, single ? Number.POSITIVE_INFINITY : SEGMENT);
    return right;
  }

  #loadConstant(code: Code, low: bigint, high: bigint): void {
    const known = this.#constants.get(`${low},${high}`);
    const address = known ?? this.place(new Uint8Array(BigUint64Array.of(low, high).buffer));
    this.#constants.set(`${low},${high}`, address);
    code.i32(0);
    code.memory("v128.load", address);
  }

  #write(name: string): Code {
    const own = this.#own.get(name);
    if (own !== undefined) return own();
    const [careful, math = careful, type] = name.startsWith("careful ")
      ? name.split(" ")
      : ["", ...name.split(" ")];
    if (math !== undefined && isVectorFunction(math))
      return this.#vectorFunction(math, type === "f64x2" ? "f64x2" : "f32x4", careful === "careful");
    const helper = helperCode(name, (target) => this.function(target));
    if (helper === undefined) throw new RangeError(`there is no function ${name}`);
    return helper;
  }

  /** A function of the vector mathematics for all arguments: its fast form and, where a lane needs it, the careful one. */
  #vectorFunction(name: VectorFunctionName, type: LaneType, careful: boolean): Code {
    const { arity } = vectorFunctions[name];
    const code = new Code({ parameters: arity === 1 ? ["v128"] : ["v128", "v128"], results: ["v128"] });
    const l = new Lanes(new VectorGraph(), type, { careful, single: false });
    const operands = Array.from({ length: arity }, (_, index) => l.input(index));
    const node = evaluate(l, name, operands);
    const result = code.local("v128");
    const right = this.body(code, {
      roots: [{ node, after: () => code.localSet(result) }],
      requirements: l.requirements,
      load: (plane) => code.localGet(plane),
    });
    if (right !== null) {
      code.localGet(right);
      code.plain("v128.not");
      code.plain("v128.any_true");
      code.if();
      code.localGet(result);
      operands.forEach((_, index) => {
        code.localGet(index);
      });
      code.call(this.function(`careful ${name} ${type}`));
      code.localGet(right);
      code.plain("v128.bitselect");
      code.localSet(result);
      code.end();
    }
    code.localGet(result);
    return code;
  }
}

function key(low: bigint, high: bigint): bigint {
  return (high << 64n) | low;
}

function reachable(roots: readonly Node[]): Set<Node> {
  const found = new Set<Node>();
  const stack = [...roots];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    stack.push(...node.operands);
  }
  return found;
}

/** Roots that collect requirements in a local. */
function guardsOf(code: Code, requirements: readonly Node[], right: number): Root[] {
  const masks = requirements.toSorted((a, b) => a.id - b.id);
  return masks.map((node, index) => ({
    node,
    before() {
      if (index > 0) code.localGet(right);
    },
    after() {
      if (index > 0) code.plain("v128.and");
      code.localSet(right);
    },
  }));
}

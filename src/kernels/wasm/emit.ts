/**
 * A Program as a WebAssembly module.
 *
 * The module imports its memory and exports
 * - `run()`: one point, in float64 whatever the kernel's dtype, at a fixed place in memory: inputs from `runInputs`, outputs from `runOutputs`;
 * - `batch(count, inputs, inputStride, outputs, outputStride)`: points 0 to count - 1, as many at a time as a vector has lanes, the rest one by one (by `point`).
 *   All are addresses and distances in bytes; plane k of a side begins at k times its stride.
 *
 * Both do the same arithmetic, so their results are equal to the bit. They take the fast form of every function and note the points at which one's requirements fail; those
 * are computed again by `careful`.
 */

import type { Program } from "../../program/program.ts";
import { Code, encodeModule, type Instruction, PAGE } from "../../wasm/encoder.ts";
import { entriesOf, type KernelDType } from "../kernel.ts";
import { checkScalars } from "../straightline/planes.ts";
import { type Root, type Surroundings, writeBody } from "./body.ts";
import { type Evaluation, evaluationOf } from "./evaluation.ts";
import { type Node, VectorGraph } from "./graph.ts";
import { helperCode, TABLE_BYTES, TABLE_OFFSET, tableBytes } from "./helpers.ts";
import { Lanes, type LaneType } from "./lanes.ts";
import { evaluate, isVectorFunction, type VectorFunctionName, vectorFunctions } from "./math/index.ts";

export interface WasmOptions {
  readonly dtype: KernelDType;
  /** Whether the engine has fused multiply-add (relaxed SIMD). Results differ in their last bits. */
  readonly fused: boolean;
}

export interface WasmModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Addresses of the values of `run`, multiples of 16. */
  readonly runInputs: number;
  readonly runOutputs: number;
  /** The first byte of memory that the module does not use itself. */
  readonly free: number;
}

/**
 * Emits the module of a program.
 *
 * @throws InputError if a value has more than one element
 */
export function emitWasm(program: Program, options: WasmOptions): WasmModule {
  checkScalars(program, "WebAssembly");
  const writer = new ModuleWriter(program, options);
  const exports = { run: writer.function("run"), batch: writer.function("batch") };
  writer.finish();
  const { runInputs, runOutputs, constants: offset } = writer.layout;
  const constants = writer.constantBytes;
  const free = offset + constants.length;
  const bytes = encodeModule({
    pages: Math.ceil(free / PAGE),
    functions: writer.functions,
    exports,
    data: [
      { offset: TABLE_OFFSET, bytes: tableBytes() },
      { offset, bytes: constants },
    ],
  });
  return { bytes, runInputs, runOutputs, free };
}

/** From so many equations on, one copy of the code less counts more than the time of a call. */
const LONG = 2000;

/** Parameters of the functions on planes. */
const POINT = { inputs: 0, inputStride: 1, outputs: 2, outputStride: 3 } as const;
const BATCH = { count: 0, inputs: 1, inputStride: 2, outputs: 3, outputStride: 4 } as const;

/** How a body reads and writes planes. */
interface PlaneAccess {
  /** Pushes the value of an input. */
  load(plane: number): void;
  /** Pushes what `store` needs below the value of an output. */
  prepare(plane: number): void;
  store(plane: number): void;
}

/** What differs between float64 and float32. */
const WIDTHS = {
  f64x2: {
    lanes: 2,
    size: 8,
    bitmask: "i64x2.bitmask",
    splat: "v128.load64_splat",
    store: "v128.store64_lane",
  },
  f32x4: {
    lanes: 4,
    size: 4,
    bitmask: "i32x4.bitmask",
    splat: "v128.load32_splat",
    store: "v128.store32_lane",
  },
} as const;

class ModuleWriter {
  /** Where in memory what is that the module keeps for itself. */
  readonly layout: { readonly runInputs: number; readonly runOutputs: number; readonly constants: number };
  readonly #program: Program;
  readonly #fused: boolean;
  readonly #type: LaneType;
  readonly #inputs: number;
  readonly #outputs: number;
  readonly #functions = new Map<string, number>();
  readonly #codes: Code[] = [];
  readonly #evaluations = new Map<string, Evaluation>();
  readonly #constants = new Map<
    string,
    { readonly address: number; readonly low: bigint; readonly high: bigint }
  >();

  constructor(program: Program, { dtype, fused }: WasmOptions) {
    this.#program = program;
    this.#fused = fused;
    this.#type = dtype === "float64" ? "f64x2" : "f32x4";
    this.#inputs = program.inputs.length;
    this.#outputs = entriesOf(program).length;
    const runInputs = Math.ceil((TABLE_OFFSET + TABLE_BYTES) / 16) * 16;
    const runOutputs = runInputs + 16 * Math.ceil(this.#inputs / 2);
    this.layout = { runInputs, runOutputs, constants: runOutputs + 16 * Math.ceil(this.#outputs / 2) };
  }

  /** The index of a function; its code is written by `finish`. */
  function(name: string): number {
    const index = this.#functions.get(name) ?? this.#functions.size;
    this.#functions.set(name, index);
    return index;
  }

  /** Writes all functions that are needed, also by each other. */
  finish(): void {
    for (const name of this.#functions.keys()) this.#codes.push(this.#write(name));
  }

  get functions(): readonly Code[] {
    return this.#codes;
  }

  get constantBytes(): Uint8Array {
    const words = [...this.#constants.values()].flatMap(({ low, high }) => [low, high]);
    return new Uint8Array(BigUint64Array.from(words).buffer);
  }

  #write(name: string): Code {
    if (name === "run") return this.#run();
    if (name === "batch") return this.#batch();
    if (name === "point") return this.#point(false);
    if (name === "careful") return this.#point(true);
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
    const root = { node, after: () => code.localSet(result) };
    const load = (plane: number) => code.localGet(plane);
    const right = this.#body(code, load, [root], l.requirements);
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

  /** Writes roots and requirements. Gives the local with the mask of lanes that are right; null if all are. */
  #body(
    code: Code,
    load: (plane: number) => void,
    roots: readonly Root[],
    requirements: readonly Node[],
  ): number | null {
    const right = requirements.length === 0 ? null : code.local("v128");
    const guards = right === null ? [] : guardsOf(code, requirements, right);
    // Nodes are numbered in the order of the program, so this is the order in which it knows its results.
    const ordered = [...guards, ...roots].sort((a, b) => a.node.id - b.node.id);
    const surroundings: Surroundings = {
      code,
      load,
      fused: this.#fused,
      resolve: (target) => this.function(target),
      constantAddress: (low, high) => this.#constantAddress(low, high),
    };
    writeBody(surroundings, ordered);
    return right;
  }

  #constantAddress(low: bigint, high: bigint): number {
    const key = `${low},${high}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known.address;
    const address = this.layout.constants + 16 * this.#constants.size;
    this.#constants.set(key, { address, low, high });
    return address;
  }

  /** Writes the program's arithmetic, from loads to stores; gives what `body` does. */
  #evaluation(code: Code, access: PlaneAccess, form: "careful" | "point" | "batch"): number | null {
    // Only in float32 does the code for a single point differ from that for all lanes.
    const single = form !== "batch" && (this.#type === "f32x4" || form === "careful");
    const key = `${form === "careful"} ${single}`;
    const evaluation =
      this.#evaluations.get(key) ??
      evaluationOf(this.#program, this.#type, { careful: form === "careful", single });
    this.#evaluations.set(key, evaluation);
    const roots = evaluation.outputs.map(
      (node, plane): Root => ({
        node,
        before: () => access.prepare(plane),
        after: () => access.store(plane),
      }),
    );
    return this.#body(code, (plane) => access.load(plane), roots, evaluation.requirements);
  }

  /** One point of planes. */
  #point(careful: boolean): Code {
    const code = new Code({ parameters: ["i32", "i32", "i32", "i32"], results: [] });
    const { splat, store } = WIDTHS[this.#type];
    const address = (base: number, stride: number, plane: number) => {
      code.localGet(base);
      code.localGet(stride);
      code.i32(plane);
      code.plain("i32.mul");
      code.plain("i32.add");
    };
    const access: PlaneAccess = {
      load(plane) {
        address(POINT.inputs, POINT.inputStride, plane);
        code.memory(splat);
      },
      prepare: (plane) => address(POINT.outputs, POINT.outputStride, plane),
      store: () => code.memoryLane(store, 0),
    };
    const right = this.#evaluation(code, access, careful ? "careful" : "point");
    if (right !== null)
      this.#ifWrong(code, right, () => {
        for (const parameter of Object.values(POINT)) code.localGet(parameter);
        code.call(this.function("careful"));
      });
    return code;
  }

  /** One point in float64 at its fixed place; a long program's by way of planes, to have its code once less. */
  #run(): Code {
    const code = new Code({ parameters: [], results: [] });
    if (this.#program.equations.length > LONG) this.#callAtFixedPlace(code, "point");
    else this.#runDirectly(code);
    return code;
  }

  #runDirectly(code: Code): void {
    const { runInputs, runOutputs } = this.layout;
    const narrow = this.#type === "f32x4";
    const access: PlaneAccess = {
      load(plane) {
        code.i32(0);
        code.memory("v128.load64_splat", runInputs + 8 * plane);
        if (narrow) narrowed(code);
      },
      prepare: () => code.i32(0),
      store(plane) {
        if (narrow) code.plain("f64x2.promote_low_f32x4");
        code.memoryLane("v128.store64_lane", 0, runOutputs + 8 * plane);
      },
    };
    const right = this.#evaluation(code, access, "point");
    if (right !== null) this.#ifWrong(code, right, () => this.#callAtFixedPlace(code, "careful"));
  }

  /** Calls a function on planes for the values of `run`. In float32 these are converted where they stand, each into the front half of its place. */
  #callAtFixedPlace(code: Code, name: "point" | "careful"): void {
    const { runInputs, runOutputs } = this.layout;
    const narrow = this.#type === "f32x4";
    for (let plane = 0; narrow && plane < this.#inputs; plane++) {
      code.i32(0);
      code.i32(0);
      code.memory("f64.load", runInputs + 8 * plane);
      code.plain("f32.demote_f64");
      code.memory("f32.store", runInputs + 8 * plane);
    }
    for (const constant of [runInputs, 8, runOutputs, 8]) code.i32(constant);
    code.call(this.function(name));
    for (let plane = 0; narrow && plane < this.#outputs; plane++) {
      code.i32(0);
      code.i32(0);
      code.memory("f32.load", runOutputs + 8 * plane);
      code.plain("f64.promote_f32");
      code.memory("f64.store", runOutputs + 8 * plane);
    }
  }

  /** Does something if the first lane is not right. */
  #ifWrong(code: Code, right: number, then: () => void): void {
    code.localGet(right);
    code.plain(WIDTHS[this.#type].bitmask);
    code.i32(1);
    code.plain("i32.and");
    code.plain("i32.eqz");
    code.if();
    then();
    code.end();
  }

  #batch(): Code {
    const code = new Code({ parameters: ["i32", "i32", "i32", "i32", "i32"], results: [] });
    const { lanes, size } = WIDTHS[this.#type];
    const { count, inputs, outputs, inputStride, outputStride } = BATCH;
    const inputDistances = distances(code, inputStride, this.#inputs);
    const outputDistances = distances(code, outputStride, this.#outputs);
    const address = (base: number, distance: number | undefined) => {
      code.localGet(base);
      if (distance === undefined) return;
      code.localGet(distance);
      code.plain("i32.add");
    };
    const access: PlaneAccess = {
      load(plane) {
        address(inputs, inputDistances[plane]);
        code.memory("v128.load");
      },
      prepare: (plane) => address(outputs, outputDistances[plane]),
      store: () => code.memory("v128.store"),
    };
    const advance = (points: number) => {
      increase(code, inputs, points * size);
      increase(code, outputs, points * size);
      increase(code, count, -points);
    };
    whileAtLeast(code, count, lanes, () => {
      const right = this.#evaluation(code, access, "batch");
      if (right !== null) this.#repair(code, right);
      advance(lanes);
    });
    whileAtLeast(code, count, 1, () => {
      for (const parameter of [inputs, inputStride, outputs, outputStride]) code.localGet(parameter);
      code.call(this.function("point"));
      advance(1);
    });
    return code;
  }

  /** Calls `careful` for every lane that is not right. */
  #repair(code: Code, right: number): void {
    const { lanes, size, bitmask } = WIDTHS[this.#type];
    const wrong = code.local("i32");
    const lane = (base: number) => {
      code.localGet(base);
      code.localGet(wrong);
      code.plain("i32.ctz");
      code.i32(size);
      code.plain("i32.mul");
      code.plain("i32.add");
    };
    code.localGet(right);
    code.plain(bitmask);
    code.i32(2 ** lanes - 1);
    code.plain("i32.xor");
    code.localTee(wrong);
    code.if();
    code.loop();
    lane(BATCH.inputs);
    code.localGet(BATCH.inputStride);
    lane(BATCH.outputs);
    code.localGet(BATCH.outputStride);
    code.call(this.function("careful"));
    // Clear the lowest bit.
    code.localGet(wrong);
    code.localGet(wrong);
    code.i32(1);
    code.plain("i32.sub");
    code.plain("i32.and");
    code.localTee(wrong);
    code.branchIf(0);
    code.end();
    code.end();
  }
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

/** The float64 on top, in all lanes, becomes float32 in the lanes that count. */
function narrowed(code: Code): void {
  const demote: Instruction = "f32x4.demote_f64x2_zero";
  code.plain(demote);
  const copy = code.local("v128");
  code.localTee(copy);
  code.localGet(copy);
  code.shuffle([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
}

/** Locals with the distance of every plane from the first, which has none; computed here, that is once. */
function distances(code: Code, stride: number, planes: number): (number | undefined)[] {
  return Array.from({ length: planes }, (_, plane) => {
    if (plane <= 1) return plane === 0 ? undefined : stride;
    const local = code.local("i32");
    code.localGet(stride);
    code.i32(plane);
    code.plain("i32.mul");
    code.localSet(local);
    return local;
  });
}

function increase(code: Code, local: number, amount: number): void {
  code.localGet(local);
  code.i32(amount);
  code.plain("i32.add");
  code.localSet(local);
}

/** Repeats a body as long as a local is at least `least`, unsigned. */
function whileAtLeast(code: Code, local: number, least: number, body: () => void): void {
  code.block();
  code.loop();
  code.localGet(local);
  code.i32(least);
  code.plain("i32.lt_u");
  code.branchIf(1);
  body();
  code.branch(0);
  code.end();
  code.end();
}

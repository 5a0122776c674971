/**
 * A Program as a WebAssembly module.
 *
 * The module imports its memory and exports
 * - `run(inputs, outputs)`: one point, inputs and outputs one after the other in float64 whatever the kernel's dtype;
 * - `batch(count, inputs, inputStride, outputs, outputStride)`: points 0 to count - 1, as many at a time as a vector has lanes, the rest one by one.
 * All are addresses and distances in bytes; plane k of a side begins at k times its stride.
 *
 * Both go by the same arithmetic (the rest of a batch, and `run`, by `point`), so their results are equal to the bit. They take the fast form of every function and note the points at which one's requirements
 * fail; `careful`, a third form of the program, then computes those again.
 *
 * This is the seam for tensors: an equation on more than one element would become a loop in `valuesOf`.
 */

import { InputError } from "../../errors.ts";
import type { Equation, Operand, Program } from "../../program/program.ts";
import { sizeOf, typeText } from "../../program/type.ts";
import { entriesOf, type KernelDType } from "../kernel.ts";
import { type Root, type Surroundings, writeBody } from "./body.ts";
import { Code, encodeModule, PAGE } from "./encoder.ts";
import { VectorGraph } from "./graph.ts";
import { helperCode, TABLE_BYTES, TABLE_OFFSET, tableBytes } from "./helpers.ts";
import { Lanes, type LanesOptions, type LaneType } from "./lanes.ts";
import { evaluate, isVectorFunction, type VectorFunctionName, vectorFunctions } from "./math/index.ts";
import { numeric, type Operands, type RuleContext, type Value, wasmRules } from "./primitives.ts";

export interface WasmOptions {
  readonly dtype: KernelDType;
  /** Whether the engine has fused multiply-add (relaxed SIMD). Results differ in their last bits. */
  readonly fused: boolean;
}

export interface WasmModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The first byte of memory that the module does not use itself, a multiple of 64. */
  readonly free: number;
}

/** Functions are inlined into programs with at most so many; longer ones call the careful form, which costs speed but keeps them short. */
const MOST_INLINED = 200;

/**
 * Emits the module of a program.
 *
 * @throws InputError if a value has more than one element
 */
export function emitWasm(program: Program, options: WasmOptions): WasmModule {
  checkScalars(program);
  const writer = new ModuleWriter(program, options);
  const exports = { run: writer.function("run"), batch: writer.function("batch") };
  writer.finish();
  const constants = writer.constantBytes;
  const free = Math.ceil((CONSTANTS_OFFSET + constants.length) / 64) * 64;
  const bytes = encodeModule({
    pages: Math.ceil(free / PAGE),
    functions: writer.functions,
    exports,
    data: [
      { offset: TABLE_OFFSET, bytes: tableBytes() },
      { offset: CONSTANTS_OFFSET, bytes: constants },
    ],
  });
  return { bytes, free };
}

const CONSTANTS_OFFSET = Math.ceil((TABLE_OFFSET + TABLE_BYTES) / 16) * 16;

function checkScalars(program: Program): void {
  const named = [
    ...program.inputs.map(({ name, type }) => ({ what: `input ${name}`, type })),
    ...program.equations.map(({ primitive, type }, index) => ({
      what: `equation ${index + 1} (${primitive})`,
      type,
    })),
  ];
  for (const { what, type } of named)
    if (sizeOf(type.shape) !== 1)
      throw new InputError(
        `${program.name}: ${what} is ${typeText(type)}: WebAssembly kernels hold scalars and one-element arrays only, arrays are not supported yet; write the function with scalars`,
      );
}

/** Parameters of the program's functions. */
const POINT = { inputs: 0, inputStride: 1, outputs: 2, outputStride: 3 } as const;
const BATCH = { count: 0, inputs: 1, inputStride: 2, outputs: 3, outputStride: 4 } as const;

/** Where a body finds its planes: locals with the addresses of the first planes, and how to push the distance of a plane from the first. */
interface PlaneAccess {
  readonly inputs: number;
  readonly outputs: number;
  inputOffset(plane: number): void;
  outputOffset(plane: number): void;
}

class ModuleWriter {
  readonly #program: Program;
  readonly #options: WasmOptions;
  readonly #type: LaneType;
  readonly #names: string[] = [];
  readonly #codes: Code[] = [];
  readonly #constants = new Map<
    string,
    { readonly address: number; readonly low: bigint; readonly high: bigint }
  >();

  constructor(program: Program, options: WasmOptions) {
    this.#program = program;
    this.#options = options;
    this.#type = options.dtype === "float64" ? "f64x2" : "f32x4";
  }

  /** The index of a function; its code is written by `finish`, if it is not yet. */
  function(name: string): number {
    const known = this.#names.indexOf(name);
    return known >= 0 ? known : this.#names.push(name) - 1;
  }

  /** Writes all functions that are needed. */
  finish(): void {
    for (let index = this.#codes.length; index < this.#names.length; index++)
      this.#codes.push(this.#write(this.#names[index] ?? ""));
  }

  get functions(): readonly Code[] {
    return this.#codes;
  }

  get constantBytes(): Uint8Array {
    const words = [...this.#constants.values()].flatMap(({ low, high }) => [low, high]);
    return new Uint8Array(BigUint64Array.from(words).buffer);
  }

  #write(name: string): Code {
    if (name === "point" || name === "careful") return this.#point(name === "careful");
    if (name === "batch") return this.#batch();
    if (name === "run") return this.#run();
    const [math = "", type] = name.split(" ");
    if (isVectorFunction(math)) return this.#vectorFunction(math, type === "f64x2" ? "f64x2" : "f32x4");
    const helper = helperCode(name, (target) => this.function(target));
    if (helper === undefined) throw new RangeError(`there is no function ${name}`);
    return helper;
  }

  /** A function of the vector mathematics in its careful form. */
  #vectorFunction(name: VectorFunctionName, type: LaneType): Code {
    const { arity } = vectorFunctions[name];
    const code = new Code({ parameters: arity === 1 ? ["v128"] : ["v128", "v128"], results: ["v128"] });
    const l = new Lanes(new VectorGraph(), type, { careful: true, single: false });
    const operands = Array.from({ length: arity }, (_, index) => l.input(index));
    const node = evaluate(l, name, operands);
    writeBody(
      this.#surroundings(code, (plane) => code.localGet(plane)),
      [{ node, after() {} }],
    );
    return code;
  }

  #surroundings(code: Code, load: (plane: number) => void): Surroundings {
    return {
      code,
      load,
      fused: this.#options.fused,
      resolve: (target) => this.function(target),
      constantAddress: (low, high) => {
        const key = `${low},${high}`;
        const known = this.#constants.get(key);
        if (known !== undefined) return known.address;
        const address = CONSTANTS_OFFSET + 16 * this.#constants.size;
        this.#constants.set(key, { address, low, high });
        return address;
      },
    };
  }

  #point(careful: boolean): Code {
    const code = new Code({ parameters: ["i32", "i32", "i32", "i32"], results: [] });
    const offset = (stride: number) => (plane: number) => {
      code.localGet(stride);
      code.i32(plane);
      code.plain("i32.mul");
    };
    const access = {
      inputs: POINT.inputs,
      outputs: POINT.outputs,
      inputOffset: offset(POINT.inputStride),
      outputOffset: offset(POINT.outputStride),
    };
    const right = this.#evaluation(code, access, { careful, single: true });
    if (right === null) return code;
    code.localGet(right);
    code.plain(this.#type === "f64x2" ? "i64x2.bitmask" : "i32x4.bitmask");
    code.i32(1);
    code.plain("i32.and");
    code.plain("i32.eqz");
    code.if();
    for (const parameter of Object.values(POINT)) code.localGet(parameter);
    code.call(this.function("careful"));
    code.end();
    return code;
  }

  /** A point in float64. In a kernel of float32 its values are converted where they stand, each into the front half of its place. */
  #run(): Code {
    const code = new Code({ parameters: ["i32", "i32"], results: [] });
    const [inputs, outputs] = [0, 1];
    const narrow = this.#type === "f32x4";
    const each = (base: number, planes: number, body: () => void) => {
      if (!narrow || planes === 0) return;
      const [address, end] = [code.local("i32"), code.local("i32")];
      code.localGet(base);
      code.localTee(address);
      code.i32(8 * planes);
      code.plain("i32.add");
      code.localSet(end);
      code.loop();
      code.localGet(address);
      code.localGet(address);
      body();
      code.localGet(address);
      code.i32(8);
      code.plain("i32.add");
      code.localTee(address);
      code.localGet(end);
      code.plain("i32.ne");
      code.branchIf(0);
      code.end();
    };
    each(inputs, this.#program.inputs.length, () => {
      code.memory("f64.load");
      code.plain("f32.demote_f64");
      code.memory("f32.store");
    });
    for (const base of [inputs, outputs]) {
      code.localGet(base);
      code.i32(8);
    }
    code.call(this.function("point"));
    each(outputs, entriesOf(this.#program).length, () => {
      code.memory("f32.load");
      code.plain("f64.promote_f32");
      code.memory("f64.store");
    });
    return code;
  }

  #batch(): Code {
    const code = new Code({ parameters: ["i32", "i32", "i32", "i32", "i32"], results: [] });
    const lanes = this.#type === "f64x2" ? 2 : 4;
    const size = 16 / lanes;
    const { count, inputs, outputs, inputStride, outputStride } = BATCH;
    // Distances of the planes are computed once, before the loop.
    const distances = (stride: number, planes: number) =>
      Array.from({ length: planes }, (_, plane) => {
        if (plane === 0) return -1;
        if (plane === 1) return stride;
        const local = code.local("i32");
        code.localGet(stride);
        code.i32(plane);
        code.plain("i32.mul");
        code.localSet(local);
        return local;
      });
    const offset = (locals: readonly number[]) => (plane: number) => code.localGet(locals[plane] ?? 0);
    const access = {
      inputs,
      outputs,
      inputOffset: offset(distances(inputStride, this.#program.inputs.length)),
      outputOffset: offset(distances(outputStride, entriesOf(this.#program).length)),
    };
    const advance = (bytes: number, points: number) => {
      for (const local of [inputs, outputs]) {
        code.localGet(local);
        code.i32(bytes);
        code.plain("i32.add");
        code.localSet(local);
      }
      code.localGet(count);
      code.i32(points);
      code.plain("i32.sub");
      code.localSet(count);
    };
    const whileAtLeast = (points: number, body: () => void) => {
      code.block();
      code.loop();
      code.localGet(count);
      code.i32(points);
      code.plain("i32.lt_u");
      code.branchIf(1);
      body();
      code.branch(0);
      code.end();
      code.end();
    };
    whileAtLeast(lanes, () => {
      const right = this.#evaluation(code, access, { careful: false, single: false });
      if (right !== null) this.#repair(code, right, size);
      advance(16, lanes);
    });
    whileAtLeast(1, () => {
      for (const parameter of [inputs, inputStride, outputs, outputStride]) code.localGet(parameter);
      code.call(this.function("point"));
      advance(size, 1);
    });
    return code;
  }

  /** Calls `careful` for every lane that is not right. */
  #repair(code: Code, right: number, size: number): void {
    const wrong = code.local("i32");
    code.localGet(right);
    code.plain(this.#type === "f64x2" ? "i64x2.bitmask" : "i32x4.bitmask");
    code.i32(2 ** (16 / size) - 1);
    code.plain("i32.xor");
    code.localTee(wrong);
    code.if();
    code.loop();
    const lane = (base: number) => {
      code.localGet(base);
      code.localGet(wrong);
      code.plain("i32.ctz");
      code.i32(size);
      code.plain("i32.mul");
      code.plain("i32.add");
    };
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

  /** Writes the program's arithmetic, from loads to stores. Gives the local with the mask of lanes that are right; null if all are. */
  #evaluation(code: Code, access: PlaneAccess, options: LanesOptions): number | null {
    const l = new Lanes(new VectorGraph(), this.#type, options);
    const values = valuesOf(this.#program, l);
    const address = (base: number, offset: (plane: number) => void, plane: number) => {
      code.localGet(base);
      if (plane === 0) return;
      offset(plane);
      code.plain("i32.add");
    };
    const wide = this.#type === "f64x2";
    const load = (plane: number) => {
      address(access.inputs, access.inputOffset, plane);
      if (options.single) code.memory(wide ? "v128.load64_splat" : "v128.load32_splat");
      else code.memory("v128.load");
    };
    const stores = entriesOf(this.#program).map(({ output }, plane): Root => {
      const operand = this.#program.outputs[output]?.operand;
      if (operand === undefined) throw new RangeError(`there is no output ${output}`);
      return {
        node: numeric(l, values.read(operand)),
        before: () => address(access.outputs, access.outputOffset, plane),
        after() {
          if (!options.single) code.memory("v128.store");
          else code.memoryLane(wide ? "v128.store64_lane" : "v128.store32_lane", 0);
        },
      };
    });
    const right = l.requirements.length === 0 ? null : code.local("v128");
    const guards = right === null ? [] : guardsOf(code, l, right);
    const roots = [...guards, ...stores].sort((a, b) => a.node.id - b.node.id);
    writeBody(this.#surroundings(code, load), roots);
    return right;
  }
}

/** The requirements, collected in a local. */
function guardsOf(code: Code, l: Lanes, right: number): Root[] {
  const masks = [...new Set(l.requirements)].sort((a, b) => a.id - b.id);
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

/** The values of a program's variables in the graph; dead ones have none. */
function valuesOf(program: Program, l: Lanes): { read(operand: Operand): Value } {
  const live = liveVariables(program);
  const calls = program.equations.filter(({ primitive }) => isVectorFunction(primitive)).length;
  const inlined = !l.options.careful && calls <= MOST_INLINED;
  const context: RuleContext = {
    l,
    call: (name, ...operands) =>
      inlined ? evaluate(l, name, operands) : l.call(`${name} ${l.type}`, ...operands),
  };
  const values = new Map<number, Value>();
  const read = (operand: Operand): Value => {
    if (operand.kind === "literal") return { node: l.constant(operand.value), mask: false };
    const value = values.get(operand.variable);
    if (value === undefined)
      throw new RangeError(`variable ${operand.variable} is used before it is defined`);
    return value;
  };
  program.inputs.forEach((_, plane) => {
    values.set(plane, { node: l.input(plane), mask: false });
  });
  program.equations.forEach((equation, index) => {
    const variable = program.inputs.length + index;
    if (live[variable]) values.set(variable, applyRule(context, equation, equation.operands.map(read)));
  });
  return { read };
}

/** Which variables an output needs. */
function liveVariables(program: Program): Uint8Array {
  const live = new Uint8Array(program.inputs.length + program.equations.length);
  const mark = (operand: Operand) => {
    if (operand.kind === "variable") live[operand.variable] = 1;
  };
  for (const { operand } of program.outputs) mark(operand);
  for (let index = program.equations.length - 1; index >= 0; index--)
    if (live[program.inputs.length + index]) program.equations[index]?.operands.forEach(mark);
  return live;
}

function applyRule(context: RuleContext, equation: Equation, operands: readonly Value[]): Value {
  const missing = { node: context.l.constant(NaN), mask: false };
  const [x = missing, y = missing, z = missing] = operands;
  // The union of equations pairs each primitive with its own parameters; TypeScript cannot follow that through the table.
  const rule = wasmRules[equation.primitive] as (
    context: RuleContext,
    operands: Operands,
    parameters: unknown,
  ) => Value;
  return rule(context, { x, y, z }, equation.parameters);
}

/**
 * Programs on arrays as loops.
 *
 * The module keeps an array of vectors for each value that must be stored: one vector for each element, its lanes as many points. `evaluate` computes all of them from those of the inputs;
 * `batch` and `run` bring inputs there and outputs to their planes. For a single point all lanes hold the same.
 */

import { operandType, type Program } from "../../program/program.ts";
import { sizeOf } from "../../program/type.ts";
import { Code, type MemoryInstruction } from "../../wasm/encoder.ts";
import { inputCountOf } from "../kernel.ts";
import type { Stage } from "../loops/fuse.ts";
import { loopPlan, type StoredOutput } from "../loops/plan.ts";
import { sideBySide } from "../loops/sideBySide.ts";
import { increase, whileAtLeast } from "./loop.ts";
import type { ModuleWriter } from "./module.ts";
import { ELEMENT, type NestScope, writeNest } from "./nest.ts";
import type { RunPlaces } from "./straightLine.ts";

/** Nests per function: engines optimise functions one by one. */
const LONGEST_PART = 40;

/** Adds the functions of a program on arrays to a module. */
export function defineArrays(module: ModuleWriter, program: Program, places: RunPlaces): void {
  const { stages, outputs } = loopPlan(program);
  const scope = new ArrayScope(module, program);
  const parts = Array.from({ length: Math.ceil(stages.length / LONGEST_PART) }, (_, part) =>
    stages.slice(part * LONGEST_PART, (part + 1) * LONGEST_PART),
  );
  parts.forEach((part, index) => {
    module.define(`evaluate ${index}`, () => evaluation(part, scope));
  });
  const writer = new TransferWriter(module, inputCountOf(program), scope, outputs, parts.length);
  module.define("run", () => writer.run(places));
  module.define("batch", () => writer.batch());
}

function evaluation(stages: readonly Stage[], scope: NestScope): Code {
  const code = new Code({ parameters: [], results: [] });
  for (const { variable, nest } of stages) writeNest(code, sideBySide(nest), scope.array(variable), scope);
  return code;
}

/** Arrays, tables and constants in the memory of a module, each once. */
class ArrayScope implements NestScope {
  readonly module: ModuleWriter;
  /** The vectors of all inputs, one after the other. */
  readonly inputs: number;
  readonly #program: Program;
  readonly #arrays = new Map<number, number>();
  readonly #lists = new Map<readonly number[], Map<number, number>>();

  constructor(module: ModuleWriter, program: Program) {
    this.module = module;
    this.#program = program;
    this.inputs = module.reserve(ELEMENT * inputCountOf(program));
    let address = this.inputs;
    program.inputs.forEach(({ type }, input) => {
      this.#arrays.set(input, address);
      address += ELEMENT * sizeOf(type.shape);
    });
  }

  array(variable: number): number {
    const { shape } = operandType(this.#program, { kind: "variable", variable });
    const address = this.#arrays.get(variable) ?? this.module.reserve(ELEMENT * sizeOf(shape));
    this.#arrays.set(variable, address);
    return address;
  }

  table(positions: readonly number[], scale: number): number {
    return this.#list(positions, scale, () => Int32Array.from(positions, (position) => scale * position));
  }

  constants(values: readonly number[]): number {
    return this.#list(values, 0, () =>
      this.module.type === "f64x2" ? Float64Array.from(values) : Float32Array.from(values),
    );
  }

  #list(
    list: readonly number[],
    scale: number,
    numbers: () => Int32Array | Float64Array | Float32Array,
  ): number {
    const known = this.#lists.get(list) ?? new Map<number, number>();
    this.#lists.set(list, known);
    const address = known.get(scale) ?? this.module.place(new Uint8Array(numbers().buffer));
    known.set(scale, address);
    return address;
  }
}

/** How the numbers of a plane are read into vectors and written from them. */
interface Transfer {
  readonly load: (code: Code) => void;
  readonly store: (code: Code) => void;
}

const BATCH = { count: 0, inputs: 1, inputStride: 2, outputs: 3, outputStride: 4 } as const;

class TransferWriter {
  readonly #module: ModuleWriter;
  readonly #inputCount: number;
  readonly #scope: ArrayScope;
  readonly #outputs: readonly StoredOutput[];
  readonly #parts: number;

  constructor(
    module: ModuleWriter,
    inputCount: number,
    scope: ArrayScope,
    outputs: readonly StoredOutput[],
    parts: number,
  ) {
    this.#module = module;
    this.#inputCount = inputCount;
    this.#scope = scope;
    this.#outputs = outputs;
    this.#parts = parts;
  }

  run({ runInputs, runOutputs }: RunPlaces): Code {
    const code = new Code({ parameters: [], results: [] });
    const wide = this.#module.type === "f64x2";
    const transfer: Transfer = {
      load(own) {
        own.memory(wide ? "v128.load64_splat" : "f64.load");
        if (wide) return;
        own.plain("f32.demote_f64");
        own.plain("f32x4.splat");
      },
      store(own) {
        if (!wide) own.plain("f64x2.promote_low_f32x4");
        own.memoryLane("v128.store64_lane", 0);
      },
    };
    const constant = (value: number) => {
      const local = code.local("i32");
      code.i32(value);
      code.localSet(local);
      return local;
    };
    const eight = constant(8);
    this.#point(code, constant(runInputs), eight, constant(runOutputs), eight, transfer);
    return code;
  }

  batch(): Code {
    const code = new Code({ parameters: ["i32", "i32", "i32", "i32", "i32"], results: [] });
    const { count, inputs, inputStride, outputs, outputStride } = BATCH;
    const wide = this.#module.type === "f64x2";
    const [lanes, size] = wide ? [2, 8] : [4, 4];
    const plain = (instruction: MemoryInstruction) => (own: Code) => own.memory(instruction);
    const single: Transfer = {
      load: plain(wide ? "v128.load64_splat" : "v128.load32_splat"),
      store: (own) => own.memoryLane(wide ? "v128.store64_lane" : "v128.store32_lane", 0),
    };
    const steps = [
      [lanes, { load: plain("v128.load"), store: plain("v128.store") }],
      [1, single],
    ] as const;
    for (const [points, transfer] of steps)
      whileAtLeast(code, count, points, () => {
        this.#point(code, inputs, inputStride, outputs, outputStride, transfer);
        increase(code, inputs, points * size);
        increase(code, outputs, points * size);
        increase(code, count, -points);
      });
    return code;
  }

  /** From planes to arrays, all that is computed, and back. Takes locals with addresses and distances. */
  #point(
    code: Code,
    inputs: number,
    inputStride: number,
    outputs: number,
    outputStride: number,
    { load, store }: Transfer,
  ): void {
    const [plane, element] = [code.local("i32"), code.local("i32")];
    const start = (base: number, stride: number, first: number, address: number) => {
      code.localGet(stride);
      code.i32(first);
      code.plain("i32.mul");
      code.localGet(base);
      code.plain("i32.add");
      code.localSet(plane);
      code.i32(address);
      code.localSet(element);
    };
    const each = (size: number, stride: number, address: number, move: () => void) => {
      if (size === 0) return;
      code.loop();
      move();
      code.localGet(plane);
      code.localGet(stride);
      code.plain("i32.add");
      code.localSet(plane);
      increase(code, element, ELEMENT);
      code.localGet(element);
      code.i32(address + ELEMENT * size);
      code.plain("i32.ne");
      code.branchIf(0);
      code.end();
    };
    start(inputs, inputStride, 0, this.#scope.inputs);
    each(this.#inputCount, inputStride, this.#scope.inputs, () => {
      code.localGet(element);
      code.localGet(plane);
      load(code);
      code.memory("v128.store");
    });
    for (let part = 0; part < this.#parts; part++) code.call(this.#module.function(`evaluate ${part}`));
    for (const { operand, plane: first, size } of this.#outputs) {
      const address =
        operand.kind === "literal" ? this.#literal(operand.value) : this.#scope.array(operand.variable);
      start(outputs, outputStride, first, address);
      each(size, outputStride, address, () => {
        code.localGet(plane);
        code.localGet(element);
        code.memory("v128.load");
        store(code);
      });
    }
  }

  /** A vector of one number. */
  #literal(value: number): number {
    const values = this.#module.type === "f64x2" ? new Float64Array(2) : new Float32Array(4);
    return this.#module.place(new Uint8Array(values.fill(value).buffer));
  }
}

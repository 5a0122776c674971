/**
 * Straight-line programs: `point` and `careful` compute one point of planes, `batch` as many points at a time as a vector has lanes and the rest by `point`, `run` one point at
 * its fixed place.
 *
 * All do the same arithmetic, so their results are equal to the bit. They take the fast form of every function and note the points at which one's requirements fail; those
 * are computed again by `careful`.
 */

import { Code, type Instruction } from "../../wasm/encoder.ts";
import type { ScalarCode } from "../straightline/unroll.ts";
import type { Root } from "./body.ts";
import { type Evaluation, evaluationOf } from "./evaluation.ts";
import { increase, whileAtLeast } from "./loop.ts";
import { isVectorFunction } from "./math/index.ts";
import type { ModuleWriter, Prelude } from "./module.ts";

/** Adds the functions of a program of scalars to a module. */
export function defineStraightLine(module: ModuleWriter, scalars: ScalarCode, places: RunPlaces): void {
  const writer = new StraightLineWriter(module, scalars, places);
  module.define("run", () => writer.run());
  module.define("batch", () => writer.batch());
  module.define("point", () => writer.point(false));
  module.define("careful", () => writer.point(true));
}

/** Addresses of the values of `run`. */
export interface RunPlaces {
  readonly runInputs: number;
  readonly runOutputs: number;
}

/** From so many equations on, one copy of the code less counts more than the time of a call, and a single block takes V8 longer than segments (Encoder: 5.2 us instead of 4.8). */
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

class StraightLineWriter {
  readonly #module: ModuleWriter;
  readonly #scalars: ScalarCode;
  readonly #places: RunPlaces;
  readonly #inputs: number;
  readonly #outputs: number;
  readonly #isLong: boolean;
  /** Without, the code for a single point is that for all lanes. */
  readonly #hasFunctions: boolean;
  readonly #evaluations = new Map<string, Evaluation>();

  constructor(module: ModuleWriter, scalars: ScalarCode, places: RunPlaces) {
    this.#module = module;
    this.#scalars = scalars;
    this.#places = places;
    this.#inputs = scalars.program.inputs.length;
    this.#outputs = scalars.results.length;
    this.#isLong = scalars.program.equations.length > LONG;
    this.#hasFunctions = scalars.program.equations.some(
      ({ primitive }) => primitive === "rem" || isVectorFunction(primitive),
    );
  }

  #evaluation(form: "careful" | "point" | "batch"): Evaluation {
    const options = { careful: form === "careful", single: form !== "batch" && this.#hasFunctions };
    const key = `${options.careful} ${options.single}`;
    const evaluation = this.#evaluations.get(key) ?? evaluationOf(this.#scalars, this.#module.type, options);
    this.#evaluations.set(key, evaluation);
    return evaluation;
  }

  /** Writes the program's arithmetic, from loads to stores; gives what `ModuleWriter.body` does. */
  #evaluate(
    code: Code,
    access: PlaneAccess,
    form: "careful" | "point" | "batch",
    prelude?: Prelude,
  ): number | null {
    const { outputs, requirements } = this.#evaluation(form);
    const roots = outputs.map(
      (node, plane): Root => ({
        node,
        before: () => access.prepare(plane),
        after: () => access.store(plane),
      }),
    );
    const load = (plane: number) => access.load(plane);
    const single = form === "point" && !this.#isLong;
    return this.#module.body(code, { roots, requirements, single, load }, prelude);
  }

  /** One point of planes. */
  point(careful: boolean): Code {
    const code = new Code({ parameters: ["i32", "i32", "i32", "i32"], results: [] });
    const { splat, store } = WIDTHS[this.#module.type];
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
    const right = this.#evaluate(code, access, careful ? "careful" : "point");
    if (right !== null)
      this.#ifWrong(code, right, () => {
        for (const parameter of Object.values(POINT)) code.localGet(parameter);
        code.call(this.#module.function("careful"));
      });
    return code;
  }

  /** One point in float64 at its fixed place; a long program's by way of planes, to have its code once less. */
  run(): Code {
    const code = new Code({ parameters: [], results: [] });
    if (this.#isLong) this.#callAtFixedPlace(code, "point");
    else this.#runDirectly(code);
    return code;
  }

  #runDirectly(code: Code): void {
    const { runInputs, runOutputs } = this.#places;
    const narrow = this.#module.type === "f32x4";
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
    const right = this.#evaluate(code, access, "point");
    if (right !== null) this.#ifWrong(code, right, () => this.#callAtFixedPlace(code, "careful"));
  }

  /** Calls a function on planes for the values of `run`. In float32 these are converted where they stand, each into the front half of its place. */
  #callAtFixedPlace(code: Code, name: "point" | "careful"): void {
    const { runInputs, runOutputs } = this.#places;
    const narrow = this.#module.type === "f32x4";
    for (let plane = 0; narrow && plane < this.#inputs; plane++) {
      code.i32(0);
      code.i32(0);
      code.memory("f64.load", runInputs + 8 * plane);
      code.plain("f32.demote_f64");
      code.memory("f32.store", runInputs + 8 * plane);
    }
    for (const constant of [runInputs, 8, runOutputs, 8]) code.i32(constant);
    code.call(this.#module.function(name));
    for (let plane = 0; narrow && plane < this.#outputs; plane++) {
      code.i32(0);
      code.i32(0);
      code.memory("f32.load", runOutputs + 8 * plane);
      code.plain("f64.promote_f32");
      code.memory("f64.store", runOutputs + 8 * plane);
    }
  }

  /** Does something if a lane is not right: each may be of another function. */
  #ifWrong(code: Code, right: number, then: () => void): void {
    code.localGet(right);
    code.plain("v128.not");
    code.plain("v128.any_true");
    code.if();
    then();
    code.end();
  }

  batch(): Code {
    const code = new Code({ parameters: ["i32", "i32", "i32", "i32", "i32"], results: [] });
    const { lanes, size } = WIDTHS[this.#module.type];
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
    const { outputs: values, requirements } = this.#evaluation("batch");
    const prelude = this.#module.prelude(code, [...values, ...requirements]);
    whileAtLeast(code, count, lanes, () => {
      const right = this.#evaluate(code, access, "batch", prelude);
      if (right !== null) this.#repair(code, right);
      advance(lanes);
    });
    whileAtLeast(code, count, 1, () => {
      for (const parameter of [inputs, inputStride, outputs, outputStride]) code.localGet(parameter);
      code.call(this.#module.function("point"));
      advance(1);
    });
    return code;
  }

  /** Calls `careful` for every lane that is not right. */
  #repair(code: Code, right: number): void {
    const { lanes, size, bitmask } = WIDTHS[this.#module.type];
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
    code.call(this.#module.function("careful"));
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

/** The float64 on top, in all lanes, becomes float32 in all lanes. */
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

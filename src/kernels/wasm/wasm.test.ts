import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { derivatives, type ElementwiseName } from "../../../test/dualNumbers.ts";
import { randomPrograms, smoothPrograms } from "../../../test/randomProgram.ts";
import { InputError } from "../../errors.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { evaluateEquation, literal, ProgramBuilder } from "../../program/builder.ts";
import { interpretScalars, scalar } from "../../program/interpreter.ts";
import type { Equation, Operand, Program } from "../../program/program.ts";
import { simplify } from "../../program/simplify.ts";
import { Random } from "../../random.ts";
import { programOf, referencePoints, tasks } from "../../tasks/index.ts";
import { compile } from "../compile.ts";
import { KERNEL_DTYPES, type Kernel, type KernelDType } from "../kernel.ts";
import { verify } from "../verify.ts";
import { emitWasm } from "./emit.ts";
import { isVectorFunction } from "./math/index.ts";

const wasm = (program: Program, dtype: KernelDType) => compile(program, { target: "wasm", dtype });

function runPoint(kernel: Kernel, point: readonly number[]): number[] {
  const outputs = new Float64Array(kernel.entries.length);
  kernel.run(Float64Array.from(point), outputs);
  return [...outputs];
}

/** Outputs of all points by `runBatch`, over planes of the kernel's own. */
function runPoints(kernel: Kernel, points: readonly (readonly number[])[]): number[][] {
  const { inputs, outputs, stride } = kernel.planes(points.length);
  points.forEach((point, index) => {
    point.forEach((value, plane) => {
      inputs[plane * stride + index] = value;
    });
  });
  kernel.runBatch(points.length, inputs, outputs);
  return points.map((_, index) => kernel.entries.map((__, plane) => outputs[plane * stride + index]!));
}

function one(primitive: Equation["primitive"], arity: number, parameters: object = {}): Program {
  const builder = new ProgramBuilder();
  const operands = Array.from({ length: arity }, (_, index) => builder.input(`x${index}`));
  const equation = { primitive, parameters } as Pick<Equation, "primitive" | "parameters">;
  return builder.build(primitive, [{ name: "y", operand: builder.append(equation, operands) }]);
}

const SPECIAL = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  0.5,
  -0.5,
  1,
  -1,
  2.5,
  -3,
  1e-310,
  1e300,
  2 ** 53 + 2,
  0.49999999999999994,
];

const numbers = fc.oneof(
  fc.double({ min: -4, max: 4, noNaN: true }),
  fc.constantFrom(...SPECIAL),
  fc.double(),
);

describe("against the interpreter", () => {
  const exact = (Object.keys(derivatives) as ElementwiseName[]).filter((name) => !isVectorFunction(name));

  test.each(exact)("%s is right to the bit in float64, at special numbers too", async (primitive) => {
    const arity = derivatives[primitive].partials(1, 1, 1, 1).length;
    for (const exponent of primitive === "integer_pow" ? [-5, -2, -1, 0, 1, 2, 3, 6, 15, 31] : [0]) {
      const program = one(primitive, arity, primitive === "integer_pow" ? { exponent } : {});
      const kernel = await wasm(program, "float64");
      const points = SPECIAL.flatMap((x, first) =>
        SPECIAL.map((y, second) => [x, y, SPECIAL[(first + second) % SPECIAL.length]!].slice(0, arity)),
      );
      const batch = runPoints(kernel, points);
      points.forEach((point, index) => {
        const expected = evaluateEquation(program.equations[0]!, point.map(scalar)).data[0]!;
        expect(runPoint(kernel, point), `${primitive} of ${point}`).toEqual([expected]);
        expect(batch[index], `${primitive} of ${point}`).toEqual([expected]);
      });
    }
  });

  test("remainders of numbers of any size are exact", async () => {
    const kernel = await wasm(one("rem", 2), "float64");
    fc.assert(
      fc.property(fc.double(), fc.double(), (x, y) => {
        expect(runPoint(kernel, [x, y])).toEqual([x % y]);
      }),
      { numRuns: 500 },
    );
  });

  test("halves are rounded away from zero in float32 as well", async () => {
    const kernel = await wasm(one("round", 1), "float32");
    const points = [0.5, -0.5, 1.5, 0.49999997, 8388609, -2.5, Infinity, NaN, -0].map((x) => [
      Math.fround(x),
    ]);
    expect(runPoints(kernel, points)).toEqual([1, -1, 2, 0, 8388609, -3, Infinity, NaN, -0].map((y) => [y]));
  });

  test("random programs and their Jacobians where they are smooth, to 1e-9 of the larger of 1 and the value", async () => {
    await fc.assert(
      fc.asyncProperty(smoothPrograms(), async ({ program, point }) => {
        for (const compiled of [program, jacobian(program, { values: true })]) {
          const kernel = await wasm(compiled, "float64");
          const all = interpretScalars(compiled, point);
          const expected = kernel.entries.map(({ output }) => all[output]!);
          runPoint(kernel, point).forEach((value, plane) => {
            const scale = Math.max(1, Math.abs(expected[plane]!));
            expect(Math.abs(value - expected[plane]!) / scale).toBeLessThan(1e-9);
          });
        }
      }),
      { numRuns: 80 },
    );
  });

  test("random programs without vector mathematics: to the bit, at any numbers", async () => {
    const arithmetic = randomPrograms().filter(({ equations }) =>
      equations.every(({ primitive }) => !isVectorFunction(primitive)),
    );
    const long = arithmetic.chain((program) =>
      fc.tuple(
        fc.constant(program),
        fc.array(fc.tuple(...program.inputs.map(() => numbers)), { minLength: 1, maxLength: 5 }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(long, async ([program, points]) => {
        const kernel = await wasm(program, "float64");
        const batch = runPoints(kernel, points);
        points.forEach((point, index) => {
          const all = interpretScalars(program, point);
          expect(batch[index]).toEqual(kernel.entries.map(({ output }) => all[output]!));
        });
      }),
      { numRuns: 100 },
    );
  });

  test.each(tasks.map(({ name }) => name))("the Jacobian of %s", async (name) => {
    const task = tasks.find((other) => other.name === name)!;
    const program = jacobian(simplify(programOf(task)));
    if (program.inputs.some(({ type }) => type.shape.some((extent) => extent !== 1))) return;
    const around = task.reference === undefined ? undefined : referencePoints(task)[0]!.inputs;
    for (const dtype of around === undefined ? (["float64"] as const) : KERNEL_DTYPES) {
      const kernel = await wasm(program, dtype);
      const found = verify(kernel, {
        random: Random.seeded(1),
        points: 20,
        ...(around === undefined ? {} : { around }),
      });
      // In float32 differences of large terms keep few digits (RoeFlux_1d).
      expect(found.maximumRelativeError).toBeLessThan(dtype === "float64" ? 1e-11 : 0.1);
    }
  });
});

describe("run, runBatch and tails", () => {
  test("do the same arithmetic, to the bit, for 1 to 9 points in both dtypes, rare arguments among them", async () => {
    const programs = randomPrograms({ maxEquations: 12 }).chain((program) =>
      fc.tuple(
        fc.constant(program),
        fc.array(fc.tuple(...program.inputs.map(() => numbers)), { minLength: 1, maxLength: 9 }),
        fc.constantFrom(...KERNEL_DTYPES),
      ),
    );
    await fc.assert(
      fc.asyncProperty(programs, async ([program, points, dtype]) => {
        const kernel = await wasm(program, dtype);
        const batch = runPoints(kernel, points);
        points.forEach((point, index) => {
          expect(batch[index]).toEqual(runPoint(kernel, point));
        });
      }),
      { numRuns: 120 },
    );
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])("%i points are written and no more", async (count) => {
    for (const dtype of KERNEL_DTYPES) {
      const kernel = await wasm(one("sin", 1), dtype);
      const { inputs, outputs } = kernel.planes(12);
      inputs.fill(0.5);
      outputs.fill(-1);
      kernel.runBatch(count, inputs, outputs);
      const sine = runPoint(kernel, [0.5])[0]!;
      expect([...outputs.subarray(0, 12)]).toEqual(
        Array.from({ length: 12 }, (_, index) => (index < count ? sine : -1)),
      );
    }
  });

  test("one huge angle in a batch leaves the other points as they are", async () => {
    for (const dtype of KERNEL_DTYPES) {
      const kernel = await wasm(one("cos", 1), dtype);
      const points = Array.from({ length: 9 }, (_, index) => [index / 3]);
      const before = runPoints(kernel, points);
      points[6] = [1e22];
      const after = runPoints(kernel, points);
      expect(after[6]![0]).toBeCloseTo(
        Math.cos(Math.fround(1e22) === 1e22 ? 1e22 : dtype === "float32" ? Math.fround(1e22) : 1e22),
        6,
      );
      expect(after.toSpliced(6, 1)).toEqual(before.toSpliced(6, 1));
    }
  });
});

test("pages whose policy forbids code from text run single points all the same", async () => {
  const builder = new ProgramBuilder();
  const inputs = Array.from({ length: 15 }, (_, index) => builder.input(`x${index}`));
  const few = builder.build("few", [{ name: "y", operand: builder.emit("mul", inputs.slice(0, 2)) }]);
  const many = builder.build(
    "many",
    inputs.map((x, index) => ({ name: `y${index}`, operand: builder.emit("mul", [x, x]) })),
  );
  vi.stubGlobal("Function", function forbidden() {
    throw new EvalError("unsafe-eval");
  });
  try {
    const point = inputs.map((_, index) => index + 2);
    expect(runPoint(await wasm(few, "float64"), point)).toEqual([6]);
    expect(runPoint(await wasm(many, "float32"), point)).toEqual(point.map((x) => x * x));
  } finally {
    vi.unstubAllGlobals();
  }
});

describe("planes", () => {
  /** x + y and x * y. */
  function pair(): Program {
    const builder = new ProgramBuilder();
    const [x, y] = [builder.input("x"), builder.input("y")];
    const outputs = [builder.emit("add", [x, y]), literal(0), builder.emit("mul", [x, y])];
    return builder.build(
      "pair",
      outputs.map((operand, index) => ({ name: `out${index}`, operand })),
    );
  }

  test("of the kernel, of another one and of one's own give the same; later planes leave earlier ones alone", async () => {
    for (const dtype of KERNEL_DTYPES) {
      const [kernel, other] = [await wasm(pair(), dtype), await wasm(pair(), dtype)];
      const own = kernel.planes(5);
      own.inputs.set([1, 2, 3, 4, 5], 0);
      own.inputs.set([10, 20, 30, 40, 50], own.stride);
      const large = kernel.planes(300_000);
      kernel.runBatch(5, own.inputs, own.outputs);
      const expected = [11, 22, 33, 44, 55];
      expect([...own.outputs.subarray(0, 5)]).toEqual(expected);
      expect([...own.outputs.subarray(own.stride, own.stride + 5)]).toEqual([10, 40, 90, 160, 250]);
      expect(large.inputs.every((value) => value === 0)).toBe(true);
      const foreign = other.planes(5);
      kernel.runBatch(5, own.inputs, foreign.outputs);
      expect([...foreign.outputs.subarray(0, 5)]).toEqual(expected);
      const plain = dtype === "float64" ? new Float64Array(10) : new Float32Array(10);
      kernel.runBatch(5, Object.assign(plain.slice(), own.inputs.slice(0, 5)).fill(1, 5), plain);
      expect([...plain]).toEqual([2, 3, 4, 5, 6, 1, 2, 3, 4, 5]);
    }
  });

  test("of many batches do not overlap and begin at whole cache lines", async () => {
    const kernel = await wasm(pair(), "float32");
    const all = Array.from({ length: 50 }, (_, index) => kernel.planes(index + 1));
    all.forEach(({ inputs, outputs }, index) => {
      inputs.fill(index);
      outputs.fill(-index);
      expect([inputs.byteOffset % 64, outputs.byteOffset % 64]).toEqual([0, 0]);
    });
    all.forEach(({ inputs, outputs }, index) => {
      expect(inputs.every((value) => value === index)).toBe(true);
      expect(outputs.every((value) => value === -index)).toBe(true);
    });
  });

  test("too large for WebAssembly are refused, as are bad counts, dtypes and lengths", async () => {
    const kernel = await wasm(pair(), "float64");
    expect(() => kernel.planes(2 ** 28)).toThrow(InputError);
    expect(() => kernel.planes(2 ** 28)).toThrow(/8\.00 GiB.*smaller batches/);
    for (const count of [0, -1, 1.5, NaN]) expect(() => kernel.planes(count)).toThrow(InputError);
    const { inputs, outputs } = kernel.planes(4);
    expect(() => kernel.runBatch(9, inputs, outputs)).toThrow(/kernel\.planes/);
    expect(() => kernel.runBatch(2, new Float32Array(16), outputs)).toThrow(/Float64Array/);
    expect(() => kernel.run(new Float64Array(3), new Float64Array(2))).toThrow(
      /2 inputs and 2 outputs, got 3 and 2/,
    );
  });

  test("programs without inputs, without entries, with outputs that are inputs", async () => {
    const build = (operands: Operand[], builder = new ProgramBuilder()) =>
      builder.build(
        "f",
        operands.map((operand, index) => ({ name: `y${index}`, operand })),
      );
    const constant = await wasm(build([literal(2), literal(2), literal(NaN)]), "float32");
    expect(runPoint(constant, [])).toEqual([2, 2, NaN]);
    expect(runPoints(constant, [[], [], []])).toEqual([
      [2, 2, NaN],
      [2, 2, NaN],
      [2, 2, NaN],
    ]);
    const nothing = await wasm(build([literal(0)]), "float64");
    expect(runPoints(nothing, [[], []])).toEqual([[], []]);
    const builder = new ProgramBuilder();
    const x = builder.input("x");
    const same = await wasm(build([x, x], builder), "float64");
    expect(runPoints(same, [[1], [2], [3]])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
  });
});

describe("long programs", () => {
  /** sin(sin(... x)), beyond what is inlined, and deeper than a recursion could go. */
  function chain(length: number, primitive: "sin" | "cos"): Program {
    const builder = new ProgramBuilder();
    let value: Operand = builder.input("x");
    for (let index = 0; index < length; index++) value = builder.emit(primitive, [value]);
    for (let index = 0; index < 20_000; index++) value = builder.emit("add", [value, literal(1)]);
    return builder.build("chain", [{ name: "y", operand: value }]);
  }

  test("call the mathematics, which still holds for all arguments", async () => {
    const program = chain(300, "cos");
    for (const dtype of KERNEL_DTYPES) {
      const kernel = await wasm(program, dtype);
      const points = [0.5, 1e22, NaN, Infinity, -3, 1e5].map((x) => [
        dtype === "float32" ? Math.fround(x) : x,
      ]);
      const batch = runPoints(kernel, points);
      points.forEach((point, index) => {
        const [expected] = interpretScalars(program, point);
        expect(batch[index]).toEqual(runPoint(kernel, point));
        if (Number.isNaN(expected)) expect(batch[index]).toEqual([NaN]);
        else expect(batch[index]![0]).toBeCloseTo(expected!, dtype === "float64" ? 9 : 1);
      });
    }
  });
});

test("shared work is done once: sin and cos of one angle cost less than two angles", () => {
  const bytes = (second: "same" | "other") => {
    const builder = new ProgramBuilder();
    const [x, y] = [builder.input("x"), builder.input("y")];
    const outputs = [builder.emit("sin", [x]), builder.emit("cos", [second === "same" ? x : y])];
    const program = builder.build(
      "f",
      outputs.map((operand, index) => ({ name: `y${index}`, operand })),
    );
    return emitWasm(program, { dtype: "float64", fused: false }).bytes.length;
  };
  // In the code for batches; that for single points has both angles in one vector.
  expect(bytes("same")).toBeLessThan(0.94 * bytes("other"));
});

test("dead values need nothing", () => {
  const builder = new ProgramBuilder();
  const [x, unused] = [builder.input("x"), builder.input("unused")];
  builder.emit("log", [unused]);
  const lean = builder.build("f", [{ name: "y", operand: x }]);
  const module = new WebAssembly.Module(emitWasm(lean, { dtype: "float64", fused: false }).bytes);
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual(["run", "batch"]);
  expect(emitWasm(lean, { dtype: "float64", fused: false }).bytes.length).toBeLessThan(600);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { randomPrograms } from "../../../test/randomProgram.ts";
import { ProgramBuilder } from "../../program/builder.ts";
import type { Operand } from "../../program/program.ts";
import { compile } from "../compile.ts";
import { KERNEL_DTYPES } from "../kernel.ts";
import { type Node, VectorGraph } from "./graph.ts";
import { Lanes } from "./lanes.ts";
import { isVectorFunction, type VectorFunctionName } from "./math/index.ts";
import { type Call, layersOf, packedCalls } from "./packing.ts";

test("layers have every equation that is needed once, after its operands, and calls of one do not depend on one another", () => {
  fc.assert(
    fc.property(randomPrograms({ maxEquations: 60 }), fc.infiniteStream(fc.boolean()), (program, needed) => {
      const isNeeded = program.equations.map(() => needed.next().value === true);
      const everything = layersOf(program, () => true);
      const known = new Set(program.inputs.map((_, input) => input));
      const check = (equation: number) => {
        for (const operand of program.equations[equation]!.operands)
          if (operand.kind === "variable") expect(known).toContain(operand.variable);
      };
      for (const { calls, others } of everything) {
        for (const equation of calls) {
          expect(isVectorFunction(program.equations[equation]!.primitive)).toBe(true);
          check(equation);
        }
        for (const equation of calls) known.add(program.inputs.length + equation);
        for (const equation of others) {
          check(equation);
          known.add(program.inputs.length + equation);
        }
      }
      expect(known.size).toBe(program.inputs.length + program.equations.length);
      const some = layersOf(program, (equation) => isNeeded[equation]!);
      expect(some.flatMap(({ calls, others }) => [...calls, ...others])).toEqual(
        everything
          .flatMap(({ calls, others }) => [...calls, ...others])
          .filter((equation) => isNeeded[equation]),
      );
    }),
  );
});

/** Up to three layers of functions of two inputs, some of which take what others give. */
const functions = fc.array(
  fc.record({
    name: fc.constantFrom<VectorFunctionName>(
      "sin",
      "cos",
      "tan",
      "exp",
      "log",
      "pow",
      "atan2",
      "tanh",
      "asinh",
    ),
    operands: fc.tuple(fc.nat(), fc.nat()),
  }),
  { minLength: 2, maxLength: 12 },
);

const RARE = [0.5, -0.7, 2.5, 1e6, 1e300, -1e300, 1e-310, -0, 0, NaN, Infinity, -Infinity, Math.PI];

test.each(KERNEL_DTYPES)(
  "%s: a single point is what it is in a batch, to the bit, whatever shares its vectors",
  async (dtype) => {
    await fc.assert(
      fc.asyncProperty(functions, async (calls) => {
        const builder = new ProgramBuilder();
        const values: Operand[] = [builder.input("x"), builder.input("y"), builder.input("z")];
        for (const { name, operands } of calls) {
          const [x, y] = operands.map((index) => values[index % values.length]!);
          values.push(builder.emit(name, name === "pow" || name === "atan2" ? [x!, y!] : [x!]));
        }
        const outputs = values.slice(3).map((operand, index) => ({ name: `y${index}`, operand }));
        const kernel = await compile(builder.build("f", outputs), { target: "wasm", dtype });
        const { inputs, outputs: batch, stride } = kernel.planes(RARE.length);
        const coordinate = (point: number, input: number) => {
          const value = RARE[(point * (2 * input + 1) + 3 * input) % RARE.length]!;
          return dtype === "float32" ? Math.fround(value) : value;
        };
        RARE.forEach((_, point) => {
          for (const input of [0, 1, 2]) inputs[input * stride + point] = coordinate(point, input);
        });
        kernel.runBatch(RARE.length, inputs, batch);
        const alone = new Float64Array(outputs.length);
        RARE.forEach((_, point) => {
          kernel.run(
            Float64Array.from([0, 1, 2], (input) => coordinate(point, input)),
            alone,
          );
          expect([...alone]).toEqual(outputs.map((_, plane) => batch[plane * stride + point]));
        });
      }),
      { numRuns: 40 },
    );
  },
);

test("six sines and cosines are three vectors of float64, two of float32; a call without company stays alone", () => {
  for (const [type, evaluations] of [
    ["f64x2", 6],
    ["f32x4", 4],
  ] as const) {
    const l = new Lanes(new VectorGraph(), type, { careful: false, single: true });
    const calls = [0, 1, 2, 3, 4, 5].flatMap((input): Call[] => [
      { name: "sin", operands: [l.input(input)] },
      { name: "cos", operands: [l.input(input)] },
    ]);
    const evaluated = new Set<Node>();
    const values = packedCalls(
      l,
      [...calls, { name: "exp", operands: [l.input(0)] }],
      (_, name, operands) => {
        const node = l.call(name, ...operands);
        evaluated.add(node);
        return node;
      },
    );
    expect(evaluated.size).toBe(evaluations + 1);
    expect(new Set(values).size).toBe(13);
    expect(values.at(-1)).toBe(l.call("exp", l.input(0)));
  }
});

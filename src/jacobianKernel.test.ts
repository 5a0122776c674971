import fc from "fast-check";
import { expect, test } from "vitest";
import { tensorPrograms } from "../test/randomTensorProgram.ts";
import { startThread } from "./cluster/kernels.ts";
import { InputError } from "./errors.ts";
import { jacobian } from "./jacobian/jacobian.ts";
import { type CompileJacobianOptions, compileJacobian, matrixOf } from "./jacobianKernel.ts";
import { interpret } from "./program/interpreter.ts";
import { operandType } from "./program/program.ts";
import { sizeOf, type Tensor } from "./program/type.ts";
import { findTask, programOf } from "./tasks/index.ts";

/** The dense blocks of the interpreter, put together to one matrix. */
function matrix(program: Parameters<typeof jacobian>[0], inputs: readonly Tensor[]): number[] {
  const blocks = interpret(jacobian(program), inputs);
  const widths = inputs.map(({ data }) => data.length);
  return program.outputs.flatMap(({ operand }, row) => {
    const height = sizeOf(operandType(program, operand).shape);
    return Array.from({ length: height }, (_, r) =>
      widths.flatMap((width, column) =>
        Array.from(blocks[row * widths.length + column]!.data.slice(r * width, (r + 1) * width)),
      ),
    ).flat();
  });
}

const close = (values: Iterable<number>) =>
  Array.from(values, (x) =>
    Number.isFinite(x) ? expect.closeTo(x, 8 - Math.log10(1 + Math.abs(x))) : expect.anything(),
  );

test("matrix and values of random programs, at a point and in a batch", async () => {
  await fc.assert(
    fc.asyncProperty(tensorPrograms, async ({ program, inputs }) => {
      const kernel = await compileJacobian(program, { target: "js", outputs: "value and jacobian" });
      const outputs = new Float64Array(kernel.entries.length);
      const point = inputs.flatMap(({ data }) => [...data]);
      kernel.run(Float64Array.from(point), outputs);
      const expected = close(matrix(program, inputs));
      expect([...matrixOf(kernel, outputs)]).toEqual(expected);
      const values = Array.from(kernel.layout.values!, (plane) => (plane < 0 ? 0 : outputs[plane]!));
      expect(values).toEqual(close(interpret(program, inputs).flatMap(({ data }) => [...data])));

      const planes = kernel.planes(3);
      for (const [plane, value] of point.entries())
        planes.inputs.fill(value, plane * planes.stride, plane * planes.stride + 3);
      kernel.runBatch(3, planes.inputs, planes.outputs);
      expect([...matrixOf(kernel, planes.outputs, { point: 2, stride: planes.stride })]).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("only nonzeros have planes; scope, target and threads are passed on", async () => {
  const program = programOf(findTask("RobotArm_6DOF")!);
  const kernel = await compileJacobian(program, {
    target: "wasm",
    dtype: "float32",
    threads: 2,
    startThread,
    wrt: [0, 1],
    of: [0],
  });
  expect(kernel.layout).toMatchObject({ shape: [1, 2], values: null });
  expect(kernel.layout.rows).toHaveLength(kernel.entries.length);
  expect([kernel.threads, kernel.dtype]).toEqual([2, "float32"]);
  kernel.close();
});

test("unknown outputs are refused", async () => {
  const options = { target: "js", outputs: "hessian" } as unknown as CompileJacobianOptions;
  await expect(compileJacobian(programOf(findTask("RoeFlux_1d")!), options)).rejects.toThrow(InputError);
});

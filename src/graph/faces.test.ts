import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dualJacobian } from "../../test/dualNumbers.ts";
import { randomGraphs } from "../../test/randomGraph.ts";
import { smoothPrograms } from "../../test/randomProgram.ts";
import { randomSteps } from "../../test/randomSteps.ts";
import { InputError } from "../errors.ts";
import { jacobian, jacobianInParts } from "../jacobian/jacobian.ts";
import { linearize } from "../jacobian/linearize.ts";
import { ProgramBuilder } from "../program/builder.ts";
import { interpretScalars } from "../program/interpreter.ts";
import { toElimination } from "../search/moves/step.ts";
import { eliminateAll } from "./elimination.ts";
import { FaceElimination, referencedNodes } from "./faces.ts";
import { type EliminationOrder, intermediates } from "./graph.ts";
import { accumulate, operationsOf } from "./operations.ts";
import { weightAlgebra } from "./weights.ts";

describe("face elimination", () => {
  it("of all faces at the vertices in turn is vertex elimination", () => {
    fc.assert(
      fc.property(randomGraphs(), fc.infiniteStream(fc.nat()), (graph, keys) => {
        const order: EliminationOrder = intermediates(graph)
          .map((node) => ({
            equation: graph.vertices[node - graph.inputs.length]!.equation!,
            key: keys.next().value!,
          }))
          .sort((a, b) => a.key - b.key)
          .map(({ equation }) => equation);
        const nodeOf = referencedNodes(graph);
        const [byVertex, byFace] = [0, 1].map(() => ({ products: 0, constants: 0 })) as [Count, Count];
        const expected = eliminateAll(graph, order, weightAlgebra("nontrivial", byVertex));
        const elimination = new FaceElimination(graph, weightAlgebra("nontrivial", byFace));
        for (const equation of order) elimination.eliminateVertex(nodeOf.get(equation)!);
        expect(byFace).toEqual(byVertex);
        expect(elimination.state.incoming.map((edges) => [...edges.keys()].sort())).toEqual(
          expected.incoming.map((edges) => [...edges.keys()].sort()),
        );
      }),
      { numRuns: 300 },
    );
  });

  it("by any steps gives the Jacobian of dual numbers, with the operations that are counted", () => {
    fc.assert(
      fc.property(smoothPrograms(), fc.integer(), ({ program, point }, seed) => {
        const { graph } = linearize(program);
        const order = toElimination(graph, randomSteps(graph, seed));
        const { jacobian: expected } = dualJacobian(program, point);
        interpretScalars(jacobian(program, { order }), point).forEach((value, index) => {
          const reference = expected.flat()[index]!;
          expect(Math.abs(value - reference)).toBeLessThanOrEqual(1e-8 * (1 + Math.abs(reference)));
        });
        const parts = jacobianInParts(program, { order });
        const emitted = parts.program.equations.slice(parts.accumulation);
        const count = (...names: string[]) =>
          emitted.filter(({ primitive }) => names.includes(primitive)).length;
        expect(operationsOf(accumulate(graph, order))).toEqual({
          multiplications: count("mul", "square"),
          additions: count("add", "sub"),
        });
      }),
      { numRuns: 300 },
    );
  });

  it("says which step is wrong", () => {
    const builder = new ProgramBuilder();
    const [x, y] = [builder.input("x"), builder.input("y")];
    const product = builder.emit("mul", [x, y]);
    const sine = builder.emit("sin", [product]);
    const program = builder.build("f", [{ name: "out", operand: builder.emit("mul", [sine, product]) }]);
    expect(jacobian(program, { order: [{ front: [-1, 1] }, 1, 2] }).outputs).toHaveLength(2);
    const message = (order: Parameters<typeof jacobian>[1]) => () => jacobian(program, order);
    expect(message({ order: [{ front: [-1, 1] }, { front: [-1, 1] }, 1, 2] })).toThrow(
      /entry 2 eliminates {"front":\[-1,1\]}, which is not there/,
    );
    expect(message({ order: [{ back: [2, 9] }, 1, 2] })).toThrow(/entry 1 names equation 9/);
    expect(message({ order: [{ face: [-7, 1, 2] }, 1, 2] })).toThrow(/entry 1 names input 7/);
    expect(message({ order: [{ front: [1, 3] }, 1, 2] })).toThrow(
      /entry 1 would eliminate at 3, which is an output/,
    );
    expect(message({ order: [{ front: [-1, 1] }, 2] })).toThrow(InputError);
    expect(message({ order: [{ front: [-1, 1] }, 2] })).toThrow(
      /1 of the 2 intermediates of f are not eliminated/,
    );
  });
});

interface Count {
  products: number;
  constants: number;
}

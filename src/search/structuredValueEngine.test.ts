import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraphs } from "../../test/randomGraph.ts";
import { tensorPrograms } from "../../test/randomTensorProgram.ts";
import { shuffled } from "../../test/shuffled.ts";
import type { ComputationalGraph } from "../graph/graph.ts";
import { accumulate, isScalarGraph, operationsOf } from "../graph/operations.ts";
import { linearize } from "../jacobian/linearize.ts";
import { simplify } from "../program/simplify.ts";
import { Random } from "../random.ts";
import { programOf, tasks } from "../tasks/index.ts";
import { createEngine, toPublicOrder } from "./engine.ts";
import { structuredValueEngine } from "./structuredValueEngine.ts";

/** What the reference counts, from which code is emitted. */
function referenceCost(graph: ComputationalGraph, order: Int32Array): number {
  const { multiplications, additions } = operationsOf(accumulate(graph, toPublicOrder(graph, order)));
  return multiplications + additions;
}

/** Graphs of programs on arrays, as written and simplified. */
const tensorGraphs = fc
  .tuple(tensorPrograms, fc.boolean())
  .map(([{ program }, isSimplified]) => linearize(isSimplified ? simplify(program) : program).graph);

describe.each([
  ["programs on arrays", tensorGraphs],
  ["scalar graphs with constants and values that cancel", randomGraphs()],
] as const)("%s", (_, graphs) => {
  test("the count is the reference's, one order after the other", () => {
    fc.assert(
      fc.property(graphs, fc.integer(), (graph, seed) => {
        const engine = structuredValueEngine(graph);
        for (const next of [seed, seed + 1, seed]) {
          const order = shuffled(engine.size, Random.seeded(next));
          expect(engine.cost(order)).toBe(referenceCost(graph, order));
        }
      }),
      { numRuns: 80 },
    );
  });

  test("undoing takes back exactly what was done", () => {
    const steps = fc.array(fc.nat(6), { maxLength: 20 });
    fc.assert(
      fc.property(graphs, fc.integer(), steps, (graph, seed, steps) => {
        const engine = structuredValueEngine(graph);
        const order = shuffled(engine.size, Random.seeded(seed));
        const look = (depth: number) => {
          const neighbours = new Int32Array(2 * engine.size);
          return Array.from(order.subarray(depth), (index) => [
            engine.degree(index),
            ...neighbours.subarray(0, engine.neighbours(index, neighbours)),
          ]);
        };
        const seen = [{ total: engine.total(), around: look(0) }];
        let sum = 0;
        for (const index of order) {
          sum += engine.eliminate(index);
          expect(engine.total()).toBe(sum);
          seen.push({ total: sum, around: look(seen.length) });
        }
        let depth = engine.size;
        for (const step of steps) {
          const target = Math.min(step, engine.size);
          if (target <= depth) engine.undo(depth - target);
          else for (const index of order.subarray(depth, target)) engine.eliminate(index);
          depth = target;
          expect({ total: engine.total(), around: look(depth) }).toEqual(seen[depth]);
        }
        engine.restart();
        expect(engine.total()).toBe(0);
        expect(engine.cost(order)).toBe(sum);
      }),
      { numRuns: 30 },
    );
  });

  test("an attempt is what the eliminations add, and leaves no trace", () => {
    fc.assert(
      fc.property(graphs, fc.integer(), fc.nat(20), (graph, seed, first) => {
        const engine = structuredValueEngine(graph);
        const order = shuffled(engine.size, Random.seeded(seed));
        const start = Math.min(first, engine.size);
        for (const index of order.subarray(0, start)) engine.eliminate(index);
        const before = engine.total();
        const costs = new Float64Array(engine.size);
        const added = engine.attempt(order, start, engine.size, Infinity, costs);
        expect(before + added).toBe(referenceCost(graph, order));
        expect(engine.attempt(order, start, engine.size, added - 1, costs)).toBe(Infinity);
        expect(engine.total()).toBe(before);
        expect(engine.cost(order)).toBe(before + added);
      }),
      { numRuns: 30 },
    );
  });
});

const arrayTasks = tasks.flatMap((task) => {
  const { graph } = linearize(simplify(programOf(task)));
  return isScalarGraph(graph) ? [] : [[task.name, graph] as const];
});

describe.each(arrayTasks)("%s", (_, graph) => {
  test("the count is the reference's, in the engine that is taken", () => {
    const engine = createEngine(graph, "operations");
    const program = Int32Array.from({ length: engine.size }, (_, index) => index);
    for (const order of [program, program.toReversed(), shuffled(engine.size, Random.seeded(1))])
      expect(engine.cost(order)).toBe(referenceCost(graph, order));
  });
});

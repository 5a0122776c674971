import { describe, expect, it } from "vitest";
import { optimum, randomGraph } from "../../test/bruteForce.ts";
import { linearize } from "../jacobian/linearize.ts";
import { Random } from "../random.ts";
import { findTask, programOf } from "../tasks/index.ts";
import { portfolio } from "./portfolio.ts";
import type { Run } from "./strategy.ts";

const graphOf = (task: string) => linearize(programOf(findTask(task)!)).graph;

/** A run that notes the costs it is told of. */
function watched(seed: number): { readonly run: Run; readonly costs: number[] } {
  const costs: number[] = [];
  const run = {
    random: Random.seeded(seed),
    now: () => performance.now(),
    onImprovement: (_: unknown, cost: number) => costs.push(cost),
  };
  return { run, costs };
}

describe("portfolio", () => {
  it("proves the optimum of small graphs, and its bound never exceeds it", async () => {
    const random = Random.seeded(4);
    for (let trial = 0; trial < 40; trial++) {
      const graph = randomGraph(random, { inputs: 2, intermediates: 6, outputs: 2, operands: 3 });
      const { best, proof } = await portfolio(
        graph,
        { objective: "multiplications", budget: { iterations: 3000 } },
        watched(trial).run,
      );
      expect(best.cost).toBe(optimum(graph));
      expect(proof?.lowerBound).toBe(best.cost);
    }
  });

  it("tells of falling costs only, once each, and its history is what it told", async () => {
    const { run, costs } = watched(1);
    const { best, history } = await portfolio(
      graphOf("g"),
      { objective: "multiplications", budget: { iterations: 20_000 } },
      run,
    );
    expect(costs.length).toBeGreaterThan(3);
    expect(costs).toEqual([...new Set(costs)].toSorted((a, b) => b - a));
    expect(history.map(({ cost }) => cost)).toEqual(costs);
    expect(history.map(({ seconds }) => seconds)).toEqual(
      history.map(({ seconds }) => seconds).toSorted((a, b) => a - b),
    );
    expect(best.cost).toBe(costs.at(-1));
  });

  it("ends with the classical orders where their best is proved", async () => {
    const { methods, proof } = await portfolio(
      graphOf("RobotArm_6DOF"),
      { objective: "multiplications", budget: { iterations: 20_000 } },
      watched(1).run,
    );
    expect(proof?.lowerBound).toBe(221);
    expect(methods.map(({ method }) => method)).not.toContain("annealing");
  });
});

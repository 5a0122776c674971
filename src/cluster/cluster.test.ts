/** The pool runs the built worker, as users do. */

import type { Worker } from "node:worker_threads";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { optimum, randomGraph } from "../../test/bruteForce.ts";
import { buildCommand } from "../../test/buildCommand.ts";
import type { ComputationalGraph } from "../graph/graph.ts";
import { linearize } from "../jacobian/linearize.ts";
import { optimizeGraph } from "../optimize.ts";
import { simplify } from "../program/simplify.ts";
import { Random } from "../random.ts";
import { createEngine, fromPublicOrder } from "../search/engine.ts";
import type { Member, TeamWatch } from "../search/executor.ts";
import { forward } from "../search/orders.ts";
import type { Objective } from "../search/strategy.ts";
import { findTask, programOf } from "../tasks/index.ts";
import { type Workers, workers } from "./index.ts";
import { SharedCost } from "./sharedCost.ts";

beforeAll(buildCommand, 120_000);

let pool: Workers | undefined;
/** The threads that were started last. */
let started: Worker[] = [];
const note = (worker: Worker) => started.push(worker);

function open(threads: number): Workers {
  process.on("worker", note);
  pool = workers({ threads, worker: new URL("../../dist/cluster/worker.js", import.meta.url) });
  return pool;
}

afterEach(async () => {
  process.off("worker", note);
  started = [];
  await pool?.close();
  pool = undefined;
});

const graphOf = (task: string) => linearize(simplify(programOf(findTask(task)!))).graph;

function costOf(graph: ComputationalGraph, order: readonly number[], objective: Objective): number {
  return createEngine(graph, objective).cost(fromPublicOrder(graph, order));
}

const member = (method: Member["method"], budget: Member["budget"], seed: number): Member => ({
  method,
  budget,
  random: Random.seeded(seed).state,
});

const silent = { onImprovement: () => {}, onBound: () => {}, onProgress: () => {} };

describe("the pool", () => {
  test("runs members of every kind at once, tells of falling costs and of bounds, and shares the best", async () => {
    const graph = randomGraph(Random.seeded(3), { inputs: 2, intermediates: 7, outputs: 2, operands: 3 });
    const objective = "multiplications";
    const start = { order: forward(graph), cost: costOf(graph, forward(graph), objective) };
    const costs: number[] = [start.cost];
    const bounds: number[] = [];
    const watch: TeamWatch = {
      ...silent,
      signal: new AbortController().signal,
      onImprovement: (_, order, cost) => {
        expect(costOf(graph, order, objective)).toBe(cost);
        expect(cost).toBeLessThan(costs.at(-1)!);
        costs.push(cost);
      },
      onBound: (_, bound) => bounds.push(bound),
    };
    const members = [
      member("exact", { iterations: 1e9 }, 1),
      member("annealing", { iterations: 3000 }, 2),
      member("neighbourhoods", { iterations: 50 }, 3),
    ];
    const outcomes = await open(2).run({ graph, objective, start, members }, watch);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["ended", "ended", "ended"]);
    expect(outcomes[0]).toMatchObject({ proof: { lowerBound: optimum(graph), optimal: true } });
    expect(bounds.at(-1)).toBe(optimum(graph));
    expect(started).toHaveLength(2);
  });

  test.each([
    ["RobotArm_6DOF", "operations"],
    ["RobotArm_6DOF", "multiplications"],
    ["SoftmaxAttention", "multiplications"],
    ["SoftmaxAttention", "operations"],
  ] as const)("searches %s for %s", async (task, objective) => {
    const graph = graphOf(task);
    const { best, methods } = await optimizeGraph(graph, { objective, iterations: 400, executor: open(2) });
    expect(best.cost).toBeLessThanOrEqual(Math.min(...methods.slice(0, 3).map(({ cost }) => cost)));
  });

  test("a thread that is killed loses nothing that was found; the others go on", async () => {
    const graph = graphOf("RobotArm_6DOF");
    const abort = new AbortController();
    let atDeath = Infinity;
    let improvements = 0;
    const { best, skipped, certificate } = await optimizeGraph(graph, {
      objective: "operations",
      seconds: 20,
      signal: abort.signal,
      executor: open(2),
      onImprovement: (_, cost) => {
        if (started.length < 2) return;
        improvements++;
        if (improvements === 3) {
          atDeath = cost;
          void started[0]!.terminate();
        }
      },
      onProgress: () => {
        if (atDeath < Infinity && improvements > 6) abort.abort();
      },
    });
    expect(skipped).toEqual([
      {
        method: "thread 1, annealing",
        why: expect.stringMatching(/^it ended early: .*what it had found counts/),
      },
    ]);
    expect(best.cost).toBeLessThanOrEqual(atDeath);
    expect(certificate.order).toEqual(best.order);
  });

  test("an abort ends all members with the best so far", async () => {
    const abort = new AbortController();
    let last = Infinity;
    const { best } = await optimizeGraph(graphOf("RobotArm_6DOF"), {
      objective: "operations",
      seconds: 1000,
      signal: abort.signal,
      executor: open(2),
      onImprovement: (_, cost) => {
        last = cost;
        if (started.length === 2) abort.abort();
      },
    });
    expect(best.cost).toBe(last);
  });

  test("refuses an odd number of threads", () => {
    expect(() => workers({ threads: 0 })).toThrow(/whole number from 1, got 0/);
  });
});

test("a shared cost only falls, and of equal ones the first counts", () => {
  const cost = SharedCost.of(100);
  const other = new SharedCost(cost.memory);
  expect([other.lower(90), cost.lower(90), cost.lower(95), cost.value]).toEqual([true, false, false, 90]);
});

/**
 * The search's engines: full orders a second by the fast engine (the generated module), by its counterpart in typed arrays and by the plain reference, and moves
 * a second of annealing.
 *
 * All on one thread. Each order is evaluated from the start to the end; annealing re-uses what a move leaves as it was.
 */

import { availableParallelism, cpus } from "node:os";
import { Bench } from "tinybench";
import type { ComputationalGraph } from "../src/graph/graph.ts";
import { accumulate, isScalarGraph, operationsOf } from "../src/graph/operations.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { simplify } from "../src/program/simplify.ts";
import { Random } from "../src/random.ts";
import { simulatedAnnealing } from "../src/search/annealing.ts";
import { createEngine, fromPublicOrder } from "../src/search/engine.ts";
import { rowEngine } from "../src/search/multiplicationsEngine.ts";
import { tableEngine } from "../src/search/operationsEngine.ts";
import { markowitz, reverse } from "../src/search/orders.ts";
import { plainEngine } from "../src/search/plainEngine.ts";
import type { Objective } from "../src/search/strategy.ts";
import { programOf, tasks } from "../src/tasks/index.ts";

const MILLISECONDS = 400;

/** Prints one table: `multiplications` on the programs as written, `operations` on the simplified ones. */
export async function main(): Promise<void> {
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}.`,
  );
  print("Orders: reverse. Annealing: one second, seed 1.\n");
  print(
    "| task | objective | intermediates | orders/s | in typed arrays | plain orders/s | ratio | annealing moves/s | best |",
  );
  print("|---|---|---|---|---|---|---|---|---|");
  for (const task of tasks) {
    const program = programOf(task);
    const { graph } = linearize(program);
    if (!isScalarGraph(graph)) continue;
    await printRow(task.name, graph, "multiplications");
    await printRow(task.name, linearize(simplify(program)).graph, "operations");
  }
  await printStructured();
}

/** Array-valued graphs, whose terms the engine has interned after the first order: full orders a second. */
async function printStructured(): Promise<void> {
  print("\nGraphs on arrays: full orders evaluated from the start, the same order again and again.\n");
  print(
    "| task | objective | intermediates | forward/s | reverse/s | Markowitz/s | plain reverse/s | ratio | annealing moves/s | best |",
  );
  print("|---|---|---|---|---|---|---|---|---|---|");
  for (const task of tasks) {
    const program = programOf(task);
    const { graph } = linearize(program);
    if (isScalarGraph(graph)) continue;
    await printStructuredRow(task.name, graph, "multiplications");
    await printStructuredRow(task.name, linearize(simplify(program)).graph, "operations");
  }
}

async function printStructuredRow(
  task: string,
  graph: ComputationalGraph,
  objective: Objective,
): Promise<void> {
  const engine = createEngine(graph, objective);
  const last = fromPublicOrder(graph, reverse(graph));
  const cheapest = fromPublicOrder(graph, markowitz(graph, { ties: "first" }));
  const plain = plainCost(graph, objective, last);
  if (plain() !== engine.cost(last)) throw new Error(`${task}: the engine disagrees with the reference`);
  const forwards = await perSecond(() => engine.cost(last.toReversed()));
  const backwards = await perSecond(() => engine.cost(last));
  const greedily = await perSecond(() => engine.cost(cheapest));
  const slow = await perSecond(plain);
  const { moves, best } = await anneal(graph, objective);
  const rates = [forwards, backwards, greedily, slow].map((rate) => rate.toFixed(0));
  print(
    `| ${task} | ${objective} | ${engine.size} | ${rates.join(" | ")} | ${(backwards / slow).toFixed(0)}x | ${moves.toFixed(0)} | ${best} |`,
  );
}

async function printRow(task: string, graph: ComputationalGraph, objective: Objective): Promise<void> {
  const engine = createEngine(graph, objective);
  const order = fromPublicOrder(graph, reverse(graph));
  const plain = plainCost(graph, objective, order);
  if (plain() !== engine.cost(order)) throw new Error(`${task}: the engine disagrees with the reference`);
  const arrays = objective === "operations" ? tableEngine(graph) : rowEngine(graph);
  const fast = await perSecond(() => engine.cost(order));
  const typed = await perSecond(() => arrays.cost(order));
  const slow = await perSecond(plain);
  const { moves, best } = await anneal(graph, objective);
  const rates = [fast, typed, slow].map((rate) => rate.toFixed(0));
  print(
    `| ${task} | ${objective} | ${engine.size} | ${rates.join(" | ")} | ${(fast / slow).toFixed(0)}x | ${moves.toFixed(0)} | ${best} |`,
  );
}

function plainCost(graph: ComputationalGraph, objective: Objective, order: Int32Array): () => number {
  if (objective === "multiplications") {
    const engine = plainEngine(graph);
    return () => engine.cost(order);
  }
  return () => {
    const { multiplications, additions } = operationsOf(accumulate(graph, reverse(graph)));
    return multiplications + additions;
  };
}

async function perSecond(work: () => unknown): Promise<number> {
  const bench = new Bench({ time: MILLISECONDS, warmupTime: 100 });
  bench.add("work", () => {
    work();
  });
  const [task] = await bench.run();
  const result = task?.result;
  if (result === undefined || !("latency" in result)) throw new Error("nothing was measured");
  return 1000 / result.latency.p50;
}

async function anneal(
  graph: ComputationalGraph,
  objective: Objective,
): Promise<{ moves: number; best: number }> {
  let moves = 0;
  let best = 0;
  await simulatedAnnealing(
    graph,
    { objective, budget: { seconds: 1 } },
    {
      random: Random.seeded(1),
      now: () => performance.now(),
      onImprovement: (_, cost) => {
        best = cost;
      },
      onProgress: ({ iterations, seconds }) => {
        moves = iterations / seconds;
      },
    },
  );
  return { moves, best };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What each heuristic finds on the tasks, in `multiplications` on the programs as written; strategies with a budget get one second. */

import type { ComputationalGraph, EliminationOrder } from "../src/graph/graph.ts";
import { isScalarGraph } from "../src/graph/operations.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { Random } from "../src/random.ts";
import { simulatedAnnealing } from "../src/search/annealing.ts";
import { createEngine, fromPublicOrder } from "../src/search/engine.ts";
import { beamSearch } from "../src/search/heuristics/beam.ts";
import { lowestMarkowitzMinimalDamage, maximalMarkowitzReduction } from "../src/search/heuristics/damage.ts";
import { lowestFillIn } from "../src/search/heuristics/fillIn.ts";
import { largeNeighbourhoodSearch } from "../src/search/heuristics/largeNeighbourhood.ts";
import { maximalPathLengthReduction } from "../src/search/heuristics/pathLength.ts";
import { lowestRelativeMarkowitz } from "../src/search/heuristics/relativeMarkowitz.ts";
import { markowitzRestarts } from "../src/search/heuristics/restarts.ts";
import { forward, type MarkowitzOptions, markowitz, reverse } from "../src/search/orders.ts";
import type { Objective, Run } from "../src/search/strategy.ts";
import { programOf, tasks } from "../src/tasks/index.ts";

type Find = (graph: ComputationalGraph) => EliminationOrder | Promise<EliminationOrder>;

const objective: Objective = "multiplications";
const budget = { seconds: 1 };
const run = (): Run => ({ random: Random.seeded(1), now: () => performance.now() });

const greedy: readonly [
  string,
  (graph: ComputationalGraph, options: MarkowitzOptions) => EliminationOrder,
][] = [
  ["Markowitz", markowitz],
  ["relative Markowitz", lowestRelativeMarkowitz],
  ["fill-in", lowestFillIn],
  ["LMMD", lowestMarkowitzMinimalDamage],
  ["MOMR", maximalMarkowitzReduction],
  ["MOPLR", maximalPathLengthReduction],
];

const methods: readonly [string, Find][] = [
  ["forward", forward],
  ["reverse", reverse],
  ...greedy.flatMap(([name, find]) =>
    (["first", "last"] as const).map((ties): [string, Find] => [
      `${name}, ties ${ties}`,
      (graph) => find(graph, { ties }),
    ]),
  ),
  ["Markowitz, random ties, 1 s", (graph) => markowitzRestarts(graph, { objective, budget }, run())],
  ["beam, up to 1 s", (graph) => beamSearch(graph, { objective, budget }, run())],
  ["large neighbourhoods, 1 s", (graph) => largeNeighbourhoodSearch(graph, { objective, budget }, run())],
  ["annealing, 1 s", (graph) => simulatedAnnealing(graph, { objective, budget }, run())],
];

/** Prints one table. */
export async function main(): Promise<void> {
  const graphs = tasks.map((task) => ({ name: task.name, graph: linearize(programOf(task)).graph }));
  const scalar = graphs.filter(({ graph }) => isScalarGraph(graph));
  print(`| method | ${scalar.map(({ name }) => name).join(" | ")} |`);
  print(`|---|${scalar.map(() => "---|").join("")}`);
  for (const [method, find] of methods) {
    const cells: string[] = [];
    for (const { graph } of scalar) {
      const order = await find(graph);
      cells.push(`${createEngine(graph, objective).cost(fromPublicOrder(graph, order))}`);
    }
    print(`| ${method} | ${cells.join(" | ")} |`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * The policy that comes with the package, on functions that it never saw: random programs that were held out, the tasks on scalars, and graphs far larger than what it was
 * trained on; beside the same search with an untrained network, the usual orders and annealing.
 *
 * Times are those of the processor, games set up included, so that other load on the machine matters little. `POLICY=FILE` measures another policy,
 * `POLICY_ANNEALING=6000000` compares with longer annealing (600,000 moves: about a second).
 */

import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import {
  createNetwork,
  DEFAULT_GUMBEL,
  GameShelf,
  initialWeights,
  Player,
  type PlayMode,
  policyStrategy,
  readNetwork,
  solve,
} from "../src/agents/index.ts";
import { packageFile } from "../src/cli/packageFiles.ts";
import { randomGraph } from "../src/cli/training/randomTasks.ts";
import { createGame } from "../src/game/index.ts";
import { generatedGraph } from "../src/graph/generators/index.ts";
import { randomTrainingGraph } from "../src/graph/generators/trainingGraph.ts";
import { type ComputationalGraph, intermediates } from "../src/graph/graph.ts";
import { isScalarGraph } from "../src/graph/operations.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { Random } from "../src/random.ts";
import { simulatedAnnealing } from "../src/search/annealing.ts";
import { search as searchPlainly } from "../src/search/auto.ts";
import { createEngine, fromPublicOrder } from "../src/search/engine.ts";
import { windowSearch } from "../src/search/large/windows.ts";
import { forward, markowitz, reverse } from "../src/search/orders.ts";
import type { Run } from "../src/search/strategy.ts";
import { programOf, tasks } from "../src/tasks/index.ts";

const environment: { readonly POLICY?: string; readonly POLICY_ANNEALING?: string } = process.env;

const GRAPHS = 50;
/** Moves of annealing that everything is compared with. */
const MOVES = Number(environment.POLICY_ANNEALING ?? 600_000);
/** Moves of annealing that take about as long as playing. */
const FEW_MOVES = [1_000, 10_000, 100_000];
/** Vertices of the large graphs, and how many random programs of each size. */
const SIZES = [1_000, 3_000, 10_000];
const PROGRAMS = 4;
const OBJECTIVE = "multiplications";

/** What is compared on a graph, by name. */
type Costs = ReadonlyMap<string, number>;

interface Contestant {
  readonly name: string;
  cost(graph: ComputationalGraph): number | Promise<number>;
}

const seconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** A run whose clock is the processor's. */
const newRun = (): Run => ({ random: Random.seeded(1), now: () => 1000 * seconds() });

/** Prints the tables of docs/learning.md. */
export async function main(): Promise<void> {
  const path = environment.POLICY ?? packageFile("policies/random.safetensors");
  if (path === null) throw new Error("there is no policy to measure");
  const { architecture, weights } = readNetwork(readFileSync(path), path);
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}.`,
  );
  print(`Policy: ${weights.length} weights. Annealing: ${MOVES} moves, seed 1. Times in processor time.\n`);
  const network = createNetwork(architecture);
  const trained = new Player(network, weights);
  const untrained = new Player(network, initialWeights(network.layout, Random.seeded(1)));
  const players = playersOf(trained, untrained);
  const few = FEW_MOVES.map((moves) => annealing(moves));
  const all = [...usual, ...players, ...few, annealing(MOVES)];
  // Compiles what is to be measured.
  for (const { cost } of [...players, ...few]) await cost(randomGraph("validation", 0, 1));
  await measurePrograms(all);
  await measureTasks([...usual, ...players, annealing(MOVES)]);
  await measureLargeGraphs(architecture, weights);
}

const orderCost = (graph: ComputationalGraph, order: readonly number[]) =>
  createEngine(graph, OBJECTIVE).cost(fromPublicOrder(graph, order));

const USUAL = "cheapest of forward, reverse, Markowitz";

const usual: readonly Contestant[] = [
  {
    name: USUAL,
    cost: (graph) =>
      Math.min(
        ...[forward(graph), reverse(graph), markowitz(graph, { ties: "first" })].map((order) =>
          orderCost(graph, order),
        ),
      ),
  },
  {
    name: "safe eliminations and Markowitz",
    cost(graph) {
      const game = createGame(graph);
      const root = game.root();
      return (game.isDone(root) ? 0 : game.observe(root).upperBound) - game.rootReward;
    },
  },
];

function playersOf(trained: Player, untrained: Player): Contestant[] {
  const search: PlayMode = { kind: "search", search: DEFAULT_GUMBEL };
  const contestant = (name: string, player: Player, mode: PlayMode): Contestant => ({
    name,
    cost: (graph) => {
      const task = { name: graph.name, createGame: () => createGame(graph) };
      return solve(player, task, mode, new GameShelf(), Random.seeded(1)).cost;
    },
  });
  return [
    contestant("untrained, 16 simulations", untrained, search),
    contestant("policy, most probable moves", trained, { kind: "greedy" }),
    contestant("policy, best of 32 samples", trained, { kind: "sample", samples: 32 }),
    contestant("policy, 16 simulations", trained, search),
  ];
}

function annealing(iterations: number): Contestant {
  return {
    name: `annealing, ${iterations} moves`,
    async cost(graph) {
      const options = { objective: OBJECTIVE, budget: { iterations } } as const;
      return orderCost(graph, await simulatedAnnealing(graph, options, newRun()));
    },
  };
}

/** The costs of a graph by all contestants; adds the seconds that each takes to `times`. */
async function costsOf(
  graph: ComputationalGraph,
  contestants: readonly Contestant[],
  times?: Map<string, number>,
): Promise<Costs> {
  const costs = new Map<string, number>();
  for (const { name, cost } of contestants) {
    const start = seconds();
    costs.set(name, await cost(graph));
    times?.set(name, (times.get(name) ?? 0) + seconds() - start);
  }
  return costs;
}

async function measurePrograms(contestants: readonly Contestant[]): Promise<void> {
  const times = new Map<string, number>();
  const all: Costs[] = [];
  for (let number = 0; number < GRAPHS; number++)
    all.push(await costsOf(randomGraph("test", number, 1), contestants, times));
  const reference = contestants.at(-1)?.name ?? "";
  const of = (costs: Costs, name: string) => costs.get(name) ?? Infinity;
  print(`${GRAPHS} random programs, held out:\n`);
  print(
    `| | mean ratio to ${reference} | median | worst | <= cheapest of forward, reverse, Markowitz | ms per order |`,
  );
  print("|---|--:|--:|--:|--:|--:|");
  for (const { name } of contestants) {
    const ratios = all.map((costs) => of(costs, name) / of(costs, reference)).sort((a, b) => a - b);
    const mean = ratios.reduce((total, ratio) => total + ratio, 0) / ratios.length;
    const wins = all.filter((costs) => of(costs, name) <= of(costs, USUAL)).length;
    const time = (1000 * (times.get(name) ?? 0)) / GRAPHS;
    const numbers = [mean, median(ratios), ratios.at(-1) ?? 0].map((ratio) => ratio.toFixed(4));
    print(`| ${[name, ...numbers, wins, time.toFixed(time < 10 ? 1 : 0)].join(" | ")} |`);
  }
}

async function measureTasks(contestants: readonly Contestant[]): Promise<void> {
  const names = contestants.map(({ name }) => name);
  print("\nTasks on scalars, as written:\n");
  print(`| task | ${names.join(" | ")} |`);
  print(`|---|${"--:|".repeat(names.length)}`);
  for (const task of tasks) {
    const { graph } = linearize(programOf(task));
    if (!isScalarGraph(graph)) continue;
    const costs = await costsOf(graph, contestants);
    print(`| ${[task.name, ...names.map((name) => costs.get(name))].join(" | ")} |`);
  }
}

/** The policy within ten times the time that the heuristics of `auto` take together, and annealing by windows within the same time as the policy. */
async function measureLargeGraphs(...policy: Parameters<typeof policyStrategy>): Promise<void> {
  const strategy = policyStrategy(...policy);
  print("\nGraphs of 1,000 to 10,000 vertices, window by window, within ten times the heuristics' time:\n");
  print(
    "| graph | vertices | cheapest heuristic | cost | seconds | policy | seconds | ratio | ratio of annealing by windows in the same time |",
  );
  print("|---|--:|---|--:|--:|--:|--:|--:|--:|");
  const ratios: number[] = [];
  const annealed: number[] = [];
  for (const [name, graph] of largeGraphs()) {
    const begin = seconds();
    const { best } = await searchPlainly(
      graph,
      { objective: OBJECTIVE, budget: { iterations: 0 } },
      newRun(),
    );
    const heuristics = seconds() - begin;
    const within = async (
      budget: number,
      search: (options: { start: readonly number[]; budget: { seconds: number } }, run: Run) => unknown,
    ) => {
      let cost = best.cost;
      const start = seconds();
      const improve = (_: unknown, better: number) => {
        cost = better;
      };
      await search(
        { start: best.order, budget: { seconds: budget } },
        { ...newRun(), onImprovement: improve },
      );
      return { cost, time: seconds() - start };
    };
    const played = await within(10 * heuristics, (options, run) =>
      strategy(graph, { objective: OBJECTIVE, ...options }, run),
    );
    const control = await within(played.time, (options, run) =>
      windowSearch(graph, { objective: OBJECTIVE, ...options }, run),
    );
    ratios.push(played.cost / best.cost);
    annealed.push(control.cost / best.cost);
    const cells = [name, intermediates(graph).length, best.method, best.cost, heuristics.toFixed(2)];
    const found = [played.cost, played.time.toFixed(2)];
    print(`| ${[...cells, ...found, ratios.at(-1)?.toFixed(3), annealed.at(-1)?.toFixed(3)].join(" | ")} |`);
  }
  const cheaper = ratios.filter((ratio) => ratio < 1).length;
  print(
    `\nMedian ratio ${median(ratios).toFixed(3)}, of annealing by windows ${median(annealed).toFixed(3)}; cheaper than every heuristic on ${cheaper} of ${ratios.length}.`,
  );
}

/** Programs by rule, and random ones of the families that training draws from, of other seeds. */
function* largeGraphs(): Generator<readonly [string, ComputationalGraph]> {
  for (const size of SIZES) {
    for (const name of ["integrator", "kinematicChain", "stencil1d", "stencil2d", "random"] as const)
      yield [name, generatedGraph(name, size)];
    for (let seed = 0; seed < PROGRAMS; seed++) {
      const options = { least: 0.9 * size, most: 1.1 * size };
      const graph = randomTrainingGraph(Random.seeded(size + seed), options);
      yield [graph.name, graph];
    }
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return ((low ?? 0) + (high ?? 0)) / 2;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

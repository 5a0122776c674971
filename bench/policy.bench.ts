/**
 * The policy that comes with the package, on functions that it never saw: random programs that were held out, and the tasks on scalars; beside the same search
 * with an untrained network, the usual orders and annealing.
 *
 * Milliseconds are those of the processor, games set up included, so that other load on the machine matters little.
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
  readNetwork,
  solve,
} from "../src/agents/index.ts";
import { packageFile } from "../src/cli/packageFiles.ts";
import { randomGraph } from "../src/cli/training/randomTasks.ts";
import { createGame } from "../src/game/index.ts";
import type { ComputationalGraph } from "../src/graph/graph.ts";
import { isScalarGraph } from "../src/graph/operations.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { Random } from "../src/random.ts";
import { simulatedAnnealing } from "../src/search/annealing.ts";
import { createEngine, fromPublicOrder } from "../src/search/engine.ts";
import { forward, markowitz, reverse } from "../src/search/orders.ts";
import { programOf, tasks } from "../src/tasks/index.ts";

const GRAPHS = 50;
/** Moves of annealing: a second or so of a core of its own. */
const ITERATIONS = 600_000;
const OBJECTIVE = "multiplications";

interface Row {
  readonly name: string;
  /** The cheapest of forward, reverse and Markowitz. */
  readonly usual: number;
  /** Markowitz after safe eliminations, with safe eliminations after each move. */
  readonly greedyPlayer: number;
  readonly annealing: number;
  /** By the names of the players. */
  readonly costs: ReadonlyMap<string, number>;
}

/** Prints a table of the tasks, and a summary of the random programs. */
export async function main(): Promise<void> {
  const path = process.env.ALPHAGRAD_POLICY ?? packageFile("policies/random.safetensors");
  if (path === null) throw new Error("there is no policy to measure");
  const { architecture, weights } = readNetwork(readFileSync(path), path);
  const network = createNetwork(architecture);
  const trained = new Player(network, weights);
  const untrained = new Player(network, initialWeights(network.layout, Random.seeded(1)));
  const search: PlayMode = { kind: "search", search: DEFAULT_GUMBEL };
  const players: readonly [string, Player, PlayMode][] = [
    ["untrained, 16 simulations", untrained, search],
    ["policy, most probable moves", trained, { kind: "greedy" }],
    ["policy, best of 32 samples", trained, { kind: "sample", samples: 32 }],
    ["policy, 16 simulations", trained, search],
  ];
  const milliseconds = new Map<string, number>();
  const measure = async (name: string, graph: ComputationalGraph): Promise<Row> => {
    const engine = createEngine(graph, OBJECTIVE);
    const costOf = (order: readonly number[]) => engine.cost(fromPublicOrder(graph, order));
    const task = { name, createGame: () => createGame(graph) };
    const costs = players.map(([title, player, mode]) => {
      const start = process.cpuUsage();
      const { cost } = solve(player, task, mode, new GameShelf(), Random.seeded(1));
      const { user, system } = process.cpuUsage(start);
      milliseconds.set(title, (milliseconds.get(title) ?? 0) + (user + system) / 1000);
      return [title, cost] as const;
    });
    const game = createGame(graph);
    const root = game.root();
    const left = game.isDone(root) ? 0 : game.observe(root).upperBound;
    const run = { random: Random.seeded(1), now: () => performance.now() };
    const budget = { iterations: ITERATIONS };
    return {
      name,
      usual: Math.min(
        costOf(forward(graph)),
        costOf(reverse(graph)),
        costOf(markowitz(graph, { ties: "first" })),
      ),
      greedyPlayer: left - game.rootReward,
      annealing: costOf(await simulatedAnnealing(graph, { objective: OBJECTIVE, budget }, run)),
      costs: new Map(costs),
    };
  };

  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}.`,
  );
  print(`Policy: ${weights.length} weights. Annealing: ${ITERATIONS} moves, seed 1.\n`);
  const random: Row[] = [];
  for (let number = 0; number < GRAPHS; number++)
    random.push(await measure(`random ${number + 1}`, randomGraph("test", number, 1)));
  const perOrder = new Map([...milliseconds].map(([title, total]) => [title, total / GRAPHS]));
  print(`${GRAPHS} random programs, held out:\n`);
  print(
    "| | mean ratio to annealing | median | worst | <= cheapest of forward, reverse, Markowitz | ms per order |",
  );
  print("|---|--:|--:|--:|--:|--:|");
  const summarise = (title: string, cost: (row: Row) => number) => {
    const ratios = random.map((row) => cost(row) / row.annealing).sort((a, b) => a - b);
    const mean = ratios.reduce((total, ratio) => total + ratio, 0) / ratios.length;
    const wins = random.filter((row) => cost(row) <= row.usual).length;
    const time = perOrder.get(title)?.toFixed(0) ?? "";
    const [median, worst] = [ratios[Math.floor(ratios.length / 2)], ratios.at(-1)];
    print(
      `| ${title} | ${mean.toFixed(3)} | ${median?.toFixed(3)} | ${worst?.toFixed(3)} | ${wins} | ${time} |`,
    );
  };
  summarise("cheapest of forward, reverse, Markowitz", ({ usual }) => usual);
  summarise("safe eliminations and Markowitz", ({ greedyPlayer }) => greedyPlayer);
  for (const [title] of players) summarise(title, ({ costs }) => costs.get(title) ?? Infinity);

  const titles = players.map(([title]) => title);
  print("\nTasks on scalars, as written:\n");
  print(`| task | forward, reverse, Markowitz | safe, Markowitz | ${titles.join(" | ")} | annealing |`);
  print(`|---|${"--:|".repeat(titles.length + 3)}`);
  for (const task of tasks) {
    const { graph } = linearize(programOf(task));
    if (!isScalarGraph(graph)) continue;
    const { name, usual, greedyPlayer, annealing, costs } = await measure(task.name, graph);
    print(
      `| ${[name, usual, greedyPlayer, ...titles.map((title) => costs.get(title)), annealing].join(" | ")} |`,
    );
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Random programs to train on, and others of the same kind that are held out. */

import type { Task } from "../../agents/index.ts";
import { createGame } from "../../game/index.ts";
import { randomTrainingGraph, type TrainingGraphOptions } from "../../graph/generators/trainingGraph.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import { Random } from "../../random.ts";

/** Which sets of random programs there are: each is drawn from seeds that no other one uses. */
export const RANDOM_SETS = { training: 0, validation: 1, test: 2 } as const;
export type RandomSet = keyof typeof RANDOM_SETS;

/** Seeds of a set: more than any set has members. */
const STRIDE = 1_000_000;

/** The graph with this number in a set: the first drawn from its seed that leaves something to decide after safe elimination. */
export function randomGraph(
  set: RandomSet,
  number: number,
  seed: number,
  options: TrainingGraphOptions = {},
): ComputationalGraph {
  const random = Random.seeded((3 * seed + RANDOM_SETS[set]) * STRIDE + number);
  for (;;) {
    const graph = randomTrainingGraph(random, options);
    const game = createGame(graph);
    if (!game.isDone(game.root())) return graph;
  }
}

/** So many random programs of a set, each drawn when it is first played. */
export function randomTasks(
  set: RandomSet,
  count: number,
  seed: number,
  options: TrainingGraphOptions = {},
): Task[] {
  return Array.from({ length: count }, (_, number) => {
    let known: ComputationalGraph | undefined;
    const graph = () => {
      known ??= randomGraph(set, number, seed, options);
      return known;
    };
    const name = `random ${number + 1}`;
    return {
      name,
      createGame: () => createGame(graph()),
      describe: () => ({ name, graph: graph(), game: {} }),
    };
  });
}

/** A warm start: annealing finds orders, and the network learns to imitate them before it plays itself. */

import { type Checkpoint, type Example, imitate } from "../../agents/index.ts";
import { createGame } from "../../game/index.ts";
import { Random } from "../../random.ts";
import { simulatedAnnealing } from "../../search/annealing.ts";
import { fromPublicOrder } from "../../search/engine.ts";
import type { Configuration } from "./configuration.ts";
import { randomGraph } from "./randomTasks.ts";
import type { TrainingSource } from "./sources.ts";

/** Random programs whose orders are imitated, if there are random programs at all. */
const RANDOM_EXAMPLES = 100;
/** Moves of annealing for each example. */
const ITERATIONS = 50_000;
const STEPS = 200;

/** Where training begins. The result depends on the configuration alone. */
export async function warmStart(
  sources: readonly TrainingSource[],
  { objective, network, seed, random: count, least, most }: Configuration,
  tell: (text: string) => void,
): Promise<Checkpoint> {
  const random = Random.seeded(seed);
  const searched = objective === "runtime" ? "multiplications" : objective;
  const all = [
    ...sources.map((task) => ({ task, graph: task.graph })),
    ...Array.from({ length: Math.min(count, RANDOM_EXAMPLES) }, (_, number) => {
      const graph = randomGraph("training", number, seed, { least, most });
      return { task: { name: `random ${number + 1}`, createGame: () => createGame(graph) }, graph };
    }),
  ];
  const examples: Example[] = [];
  for (const { task, graph } of all) {
    tell(`warm start: annealing ${task.name} …`);
    const run = { random, now: () => performance.now() };
    const order = await simulatedAnnealing(
      graph,
      { objective: searched, budget: { iterations: ITERATIONS } },
      run,
    );
    examples.push({ task, order: fromPublicOrder(graph, order) });
  }
  tell("warm start: imitating …");
  const options = { architecture: network, seed, steps: STEPS, batch: 128, learningRate: 2e-3 };
  const learning = imitate(examples, options);
  for (let step = learning.next(); ; step = learning.next()) {
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

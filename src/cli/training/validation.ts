/** How well weights play programs that were never trained on. */

import { type Checkpoint, createNetwork, GameShelf, Player, solve, type Task } from "../../agents/index.ts";
import { Random } from "../../random.ts";
import type { Configuration } from "./configuration.ts";
import { randomTasks } from "./randomTasks.ts";

/** Programs that are held out. */
const COUNT = 64;

/** Plays programs that are held out; keeps their games. */
export class Validation {
  readonly #tasks: readonly Task[];
  readonly #shelf = new GameShelf();
  readonly #baselines: number[] = [];

  constructor({ seed, least, most }: Configuration) {
    this.#tasks = randomTasks("validation", COUNT, seed, { least, most });
  }

  /** Mean ratio of the costs by the most probable moves to those of a greedy player. */
  ratio({ architecture, weights }: Pick<Checkpoint, "architecture" | "weights">): number {
    const player = new Player(createNetwork(architecture), weights);
    const ratios = this.#tasks.map((task, index) => {
      const { cost } = solve(player, task, { kind: "greedy" }, this.#shelf, Random.seeded(1));
      this.#baselines[index] ??= this.#baseline(task);
      return cost / (this.#baselines[index] as number);
    });
    return ratios.reduce((total, ratio) => total + ratio, 0) / ratios.length;
  }

  #baseline(task: Task): number {
    const game = this.#shelf.take(task);
    const root = game.root();
    const { upperBound } = game.observe(root);
    this.#shelf.putBack(task, game);
    return upperBound - game.rootReward;
  }
}

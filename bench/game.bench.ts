/**
 * The games: how many states a second an agent can visit on one thread, without and with what it sees of them.
 *
 * Seconds are those of the processor, so that other load on the machine matters little. Episodes at random. *Bare*: reward and legal moves of the honest game. *Reduced*: what each step takes of safe eliminations, bound and two greedy
 * completions, without and with features.
 */

import { availableParallelism, cpus } from "node:os";
import { type Game, type GameState, ReducedGame, VertexGame } from "../src/game/index.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { Random } from "../src/random.ts";
import { findTask, programOf } from "../src/tasks/index.ts";

const MILLISECONDS = 1000;
const ROUNDS = 5;

/** Prints one table. */
export async function main(): Promise<void> {
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}.`,
  );
  print(`Best of ${ROUNDS} rounds of ${MILLISECONDS / 1000} s of processor time.\n`);
  print(
    "| task | moves, honest | steps/s, bare | with features | moves, reduced | steps/s | with features |",
  );
  print("|---|---|---|---|---|---|---|");
  for (const name of ["RoeFlux_1d", "g"]) {
    const task = findTask(name);
    if (task === undefined) continue;
    const { graph } = linearize(programOf(task));
    const honest = new VertexGame(graph);
    const reduced = new ReducedGame(graph);
    const rates = [honest, reduced].flatMap((game: Game) => {
      const bare = play(game, false);
      return [bare.moves.toFixed(0), bare.rate.toFixed(0), play(game, true).rate.toFixed(0)];
    });
    print(`| ${name} | ${rates.join(" | ")} |`);
  }
}

/** Plays at random; steps a second and moves of an episode. */
function play<State extends GameState>(
  game: Game<State>,
  observes: boolean,
): { rate: number; moves: number } {
  const random = Random.seeded(1);
  let [best, steps, episodes] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const start = processorTime();
    let own = 0;
    while (processorTime() - start < MILLISECONDS) {
      episodes++;
      for (let state = game.root(), done = game.isDone(state); !done; own++) {
        const legal = game.legalActions(state);
        if (observes) game.observe(state);
        const step = game.step(state, legal[random.below(legal.length)] ?? 0);
        state = step.state;
        done = step.done;
      }
    }
    best = Math.max(best, (1000 * own) / (processorTime() - start));
    steps += own;
  }
  return { rate: best, moves: steps / episodes };
}

/** Milliseconds of processor time that this process has used. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

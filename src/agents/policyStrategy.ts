/** What was learned, as a search strategy: orders of functions never seen, without any training on them. */

import { createGame } from "../game/index.ts";
import { type EliminationOrder, intermediates } from "../graph/graph.ts";
import { toPublicOrder } from "../search/engine.ts";
import { isSparseCountable } from "../search/large/windows.ts";
import { forward } from "../search/orders.ts";
import type { Budget, Objective, Strategy } from "../search/strategy.ts";
import { GameShelf } from "./episodes.ts";
import { type Architecture, createNetwork } from "./network/network.ts";
import { Player } from "./player.ts";
import { windowPlay } from "./policyWindows.ts";
import { DEFAULT_GUMBEL } from "./search/gumbel.ts";
import { type PlayMode, type Solution, solve } from "./solve.ts";

/** What a policy is asked for. */
export interface PolicyOptions {
  readonly objective: Objective;
  /** Modes of play that would take longer are left out; the first is always played. An iteration is an episode. */
  readonly budget?: Budget;
  /** What it is to improve where it plays window by window; program order by default. */
  readonly start?: EliminationOrder;
}

/** From so many vertices on, `multiplications` of scalar graphs are played window by window: policies learn on fewer, and the whole game takes quadratic time. */
const WINDOWS_FROM = 300;

const GREEDY: PlayMode = { kind: "greedy" };

/** The modes, and how long each takes in episodes by the policy alone. */
const MODES: readonly { readonly mode: PlayMode; readonly episodes: number }[] = [
  { mode: GREEDY, episodes: 1 },
  { mode: { kind: "search", search: DEFAULT_GUMBEL }, episodes: DEFAULT_GUMBEL.simulations + 1 },
  { mode: { kind: "sample", samples: 32 }, episodes: 32 },
];

/**
 * The strategy of a network: its most probable moves, then a search of 16 simulations a move, then the best of samples; whichever order is cheapest. Large
 * graphs it plays window by window, from a known order (`windowPlay`).
 *
 * It was trained on `multiplications` of scalar graphs, where the reduced game is played. Elsewhere (`operations`, arrays) it plays the honest game of that cost,
 * which it has not seen: any order is valid, none is promised to be good.
 */
export function policyStrategy(architecture: Architecture, weights: Float32Array): Strategy<PolicyOptions> {
  return async (graph, { objective, budget = {}, start: known }, run) => {
    const player = new Player(createNetwork(architecture), weights);
    const { length } = intermediates(graph);
    if (objective === "multiplications" && length >= WINDOWS_FROM && isSparseCountable(graph))
      return windowPlay(player)(graph, { budget, start: known ?? forward(graph) }, run);
    const task = { name: graph.name, createGame: () => createGame(graph, { cost: objective }) };
    const shelf = new GameShelf();
    const start = run.now();
    /** How long an episode takes: what it runs was compiled by the one before it. */
    const secondsPerEpisode = () => {
      const before = run.now();
      solve(player, task, GREEDY, shelf, run.random);
      return (run.now() - before) / 1000;
    };
    let best: Solution | null = null;
    let perEpisode = 0;
    for (const { mode, episodes } of MODES) {
      const left = (budget.seconds ?? Infinity) - (run.now() - start) / 1000;
      const isAffordable = perEpisode * episodes <= left && episodes <= (budget.iterations ?? Infinity);
      if (best !== null && (run.signal?.aborted === true || !isAffordable)) break;
      const solution = solve(player, task, mode, shelf, run.random);
      if (best === null && budget.seconds !== undefined) perEpisode = secondsPerEpisode();
      if (best === null || solution.cost < best.cost) {
        best = solution;
        run.onImprovement?.(toPublicOrder(graph, solution.order), solution.cost);
      }
      await new Promise((resolve) => setTimeout(resolve));
    }
    return best === null ? [] : toPublicOrder(graph, best.order);
  };
}

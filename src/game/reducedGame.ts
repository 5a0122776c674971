/**
 * The reduced game: only what is worth a decision. Safe eliminations are made before the first move and after each one; the game knows what the rest must
 * cost (Menger's bound) and can cost (greedy completion), and ends as soon as both are the same.
 *
 * Its optimum is that of the graph, and any of its episodes is an order of all intermediates. For `multiplications` on scalar graphs: for no other
 * cost safe eliminations are known.
 */

import { InputError } from "../errors.ts";
import { type ComputationalGraph, type EliminationOrder, intermediates } from "../graph/graph.ts";
import { isSupported } from "../search/exact/state.ts";
import { GreedyCompletion } from "./completion.ts";
import { type Bounds, Observer } from "./features.ts";
import { type Game, type GameState, illegalAction, type Step, unfinishedEpisode } from "./game.ts";
import { IntegerPool } from "./integerPool.ts";
import type { GraphObservation } from "./observation.ts";
import { Position } from "./position.ts";
import { preeliminate } from "./preeliminate.ts";
import { eliminateSafely } from "./safe.ts";
import { Trail } from "./trail.ts";

/** A state of the reduced game. */
export interface ReducedState extends GameState {
  readonly previous: ReducedState | null;
  /** What can be eliminated, ascending; nothing if the state is done. */
  readonly legal: Int32Array;
  /** The last move and what was safe after it, as rows of the reduced graph. */
  readonly moves: Int32Array;
  /** What the order up to here costs, of a done state the whole order. */
  readonly total: number;
  readonly bounds: Bounds;
  /** How a done state is completed, as rows of the reduced graph; null if it is not done. */
  readonly completion: Int32Array | null;
}

/** The reduced game on a graph. */
export class ReducedGame implements Game<ReducedState> {
  readonly actions: number;
  readonly rootReward: number;
  readonly #root: ReducedState;
  readonly #position: Position;
  readonly #completions: GreedyCompletion;
  readonly #observer: Observer;
  readonly #trail: Trail<ReducedState>;
  /** What was safe before the first move, as indices; and what that costs. */
  readonly #settled: Int32Array;
  readonly #settledCost: number;
  /** The index of each row of the reduced graph, and back (-1 for what is settled). */
  readonly #indices: Int32Array;
  readonly #rows: Int32Array;
  readonly #pool = new IntegerPool();
  /** Scratch: safe eliminations, and what is open. */
  readonly #safe: Int32Array;
  readonly #open: Int32Array;

  /** @throws InputError if the graph is not one of scalars: no safe eliminations are known then */
  constructor(graph: ComputationalGraph) {
    if (!isSupported(graph))
      throw new InputError(
        `${graph.name} has array-valued vertices: the reduced game is known for scalar programs only`,
      );
    const { graph: reduced, eliminated, cost } = preeliminate(graph);
    const equations = equationsOf(graph);
    const indexOf = new Map(equations.map((equation, index) => [equation, index]));
    this.actions = equations.length;
    this.#settled = Int32Array.from(eliminated, (equation) => indexOf.get(equation) ?? 0);
    this.#settledCost = cost;
    this.#indices = Int32Array.from(equationsOf(reduced), (equation) => indexOf.get(equation) ?? 0);
    this.#rows = new Int32Array(this.actions).fill(-1);
    for (const [row, index] of this.#indices.entries()) this.#rows[index] = row;
    const position = new Position(reduced, true);
    this.#position = position;
    this.#safe = new Int32Array(position.size);
    this.#open = new Int32Array(position.size);
    this.#completions = new GreedyCompletion(position);
    this.#observer = new Observer(reduced);
    this.#root = this.#stateHere(null, -1, new Int32Array(0));
    this.rootReward = 0 - this.#root.total;
    this.#trail = new Trail<ReducedState>(
      {
        advance({ moves }) {
          for (let place = 0; place < moves.length; place++) position.eliminate(moves[place] as number);
        },
        retreat: ({ moves }) => position.undo(moves.length),
      },
      this.#root,
    );
  }

  root(): ReducedState {
    return this.#root;
  }

  isDone(state: ReducedState): boolean {
    return state.completion !== null;
  }

  legalActions(state: ReducedState): Int32Array {
    return state.legal;
  }

  step(state: ReducedState, action: number): Step<ReducedState> {
    const row = this.#rows[action] ?? -1;
    this.#trail.goTo(state);
    if (row < 0 || state.completion !== null || !this.#position.isOpen(row))
      throw illegalAction(action, state.legal.length);
    this.#position.eliminate(row);
    const safe = eliminateSafely(this.#position, this.#safe, this.#open);
    const moves = this.#pool.take(1 + safe);
    moves[0] = row;
    for (let place = 0; place < safe; place++) moves[place + 1] = this.#safe[place] as number;
    const next = this.#stateHere(state, action, moves);
    this.#trail.moved(next);
    return { state: next, reward: state.total - next.total, done: next.completion !== null };
  }

  observe(state: ReducedState): GraphObservation {
    const position = this.#position;
    this.#trail.goTo(state);
    return this.#observer.observe(position, {
      bounds: state.bounds,
      cost: (row) => position.cost(row),
      last: state.moves[0] ?? -1,
      actions: this.#indices,
    });
  }

  order(state: ReducedState): Int32Array {
    if (state.completion === null) throw unfinishedEpisode(state.legal.length);
    return this.#orderOf(state, state.completion);
  }

  completed(state: ReducedState): Int32Array {
    this.#trail.goTo(state);
    return this.#orderOf(state, this.#completions.complete(this.#position).order);
  }

  /** What was safe at first, the moves that led to a state, and the rows that follow, as indices. */
  #orderOf(state: ReducedState, rest: Int32Array): Int32Array {
    const parts: Int32Array[] = [rest];
    for (let at: ReducedState | null = state; at !== null; at = at.previous) parts.push(at.moves);
    const rows = parts.toReversed().flatMap((part) => [...part]);
    return Int32Array.from([...this.#settled, ...rows.map((row) => this.#indices[row] ?? 0)]);
  }

  /** The state in which the position is. */
  #stateHere(previous: ReducedState | null, action: number, moves: Int32Array): ReducedState {
    const position = this.#position;
    const open = this.#open;
    const left = position.listOpen(open);
    const { lowerBound, upperBound, order } = this.#completions.complete(position);
    const isDone = lowerBound === upperBound;
    const total = this.#settledCost + position.total + (isDone ? upperBound : 0);
    const legal = this.#pool.take(isDone ? 0 : left);
    for (let place = 0; place < legal.length; place++)
      legal[place] = this.#indices[open[place] as number] as number;
    return {
      previous,
      action,
      depth: previous === null ? 0 : previous.depth + 1,
      legal,
      moves,
      total,
      bounds: { lowerBound, upperBound },
      completion: isDone ? order.slice() : null,
    };
  }
}

/** The equations of a graph's intermediates, in program order. */
function equationsOf(graph: ComputationalGraph): EliminationOrder {
  return intermediates(graph).map((node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0);
}

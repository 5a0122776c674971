/**
 * VertexGame: the game as the paper plays it (Lohoff & Neftci 2024). Every intermediate is eliminated by a move; nothing is settled in advance, nothing is known
 * of what the rest must cost.
 *
 * Any graph and any cost model: the counts by the search's engines, or a runtime that is measured when the episode ends.
 */

import type { ComputationalGraph, EliminationOrder } from "../graph/graph.ts";
import { createEngine, type Engine, toPublicOrder } from "../search/engine.ts";
import type { Objective } from "../search/strategy.ts";
import { Observer } from "./features.ts";
import { type Game, type GameState, illegalAction, movesOf, type Step, unfinishedEpisode } from "./game.ts";
import { IntegerPool } from "./integerPool.ts";
import type { GraphObservation } from "./observation.ts";
import { Position } from "./position.ts";
import { Trail } from "./trail.ts";

/** A cost that is measured, such as the runtime of the code that an order gives. */
export interface MeasuredCost {
  measure(order: EliminationOrder): number;
  /** What some known order costs, reverse mode for example: the scale on which agents see values. */
  readonly baseline: number;
}

/** What an order costs: counted, move by move, or measured, all of it with the last move. */
export type GameCost = Objective | MeasuredCost;

/** A state of the honest game. */
export interface VertexState extends GameState {
  readonly previous: VertexState | null;
  /** What can be eliminated, ascending. */
  readonly legal: Int32Array;
  /** What the engine has counted so far. */
  readonly total: number;
}

/** The honest game on a graph. */
export class VertexGame implements Game<VertexState> {
  readonly actions: number;
  readonly rootReward = 0;
  readonly #graph: ComputationalGraph;
  readonly #measured: MeasuredCost | null;
  readonly #engine: Engine;
  readonly #root: VertexState;
  readonly #trail: Trail<VertexState>;
  readonly #pool = new IntegerPool();
  /** Made when the first state is observed. */
  #eyes: Eyes | null = null;

  /**
   * @param cost what rewards are minus; one that is measured is asked for the whole order when an episode ends, and rewards are 0 until then
   * @throws InputError if the cost is not defined on the graph
   */
  constructor(graph: ComputationalGraph, cost: GameCost = "multiplications") {
    this.#graph = graph;
    this.#measured = typeof cost === "string" ? null : cost;
    const engine = createEngine(graph, typeof cost === "string" ? cost : "multiplications");
    this.#engine = engine;
    this.actions = engine.size;
    const legal = Int32Array.from({ length: engine.size }, (_, index) => index);
    this.#root = { previous: null, action: -1, depth: 0, legal, total: engine.total() };
    this.#trail = new Trail(
      { advance: ({ action }) => engine.eliminate(action), retreat: () => engine.undo(1) },
      this.#root,
    );
  }

  root(): VertexState {
    return this.#root;
  }

  isDone(state: VertexState): boolean {
    return state.legal.length === 0;
  }

  legalActions(state: VertexState): Int32Array {
    return state.legal;
  }

  step(state: VertexState, action: number): Step<VertexState> {
    const legal = this.#without(state.legal, action);
    this.#trail.goTo(state);
    this.#engine.eliminate(action);
    const total = this.#engine.total();
    const next = { previous: state, action, depth: state.depth + 1, legal, total };
    this.#trail.moved(next);
    const done = legal.length === 0;
    if (this.#measured === null) return { state: next, reward: state.total - total, done };
    const reward = done ? -this.#measured.measure(toPublicOrder(this.#graph, this.order(next))) : 0;
    return { state: next, reward, done };
  }

  /** The lower bound is 0, the upper bound what it costs to complete in reverse mode (the baseline, if the cost is measured): a scale, no more. */
  observe(state: VertexState): GraphObservation {
    this.#eyes ??= createEyes(this.#graph, this.#root);
    const { position, trail, observer } = this.#eyes;
    trail.goTo(state);
    this.#trail.goTo(state);
    const engine = this.#engine;
    return observer.observe(position, {
      bounds: { lowerBound: 0, upperBound: this.#upperBound(state) },
      cost: (index) => engine.degree(index),
      last: state.action,
      actions: null,
    });
  }

  order(state: VertexState): Int32Array {
    if (!this.isDone(state)) throw unfinishedEpisode(state.legal.length);
    const order = new Int32Array(state.depth);
    for (let at = state; at.previous !== null; at = at.previous) order[at.depth - 1] = at.action;
    return order;
  }

  completed(state: VertexState): Int32Array | null {
    if (this.#measured !== null) return null;
    return Int32Array.from([...movesOf(state), ...state.legal.toReversed()]);
  }

  /** The legal actions without one of them. Throws an InputError if it is not among them. */
  #without(legal: Int32Array, action: number): Int32Array {
    const place = legal.indexOf(action);
    if (place < 0) throw illegalAction(action, legal.length);
    const rest = this.#pool.take(legal.length - 1);
    for (let kept = 0; kept < place; kept++) rest[kept] = legal[kept] as number;
    for (let kept = place; kept < rest.length; kept++) rest[kept] = legal[kept + 1] as number;
    return rest;
  }

  #upperBound({ legal, total }: VertexState): number {
    if (this.#measured !== null) return this.#measured.baseline;
    for (let place = legal.length - 1; place >= 0; place--) this.#engine.eliminate(legal[place] as number);
    const cost = this.#engine.total() - total;
    this.#engine.undo(legal.length);
    return cost;
  }
}

/** What observing takes. */
interface Eyes {
  readonly position: Position;
  readonly trail: Trail<VertexState>;
  readonly observer: Observer;
}

function createEyes(graph: ComputationalGraph, root: VertexState): Eyes {
  const position = new Position(graph, false);
  const trail = new Trail<VertexState>(
    { advance: ({ action }) => position.eliminate(action), retreat: () => position.undo(1) },
    root,
  );
  return { position, trail, observer: new Observer(graph) };
}

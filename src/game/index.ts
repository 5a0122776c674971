/** Games on graphs: what agents play. */

import type { ComputationalGraph } from "../graph/graph.ts";
import { isSupported } from "../search/exact/state.ts";
import type { Game } from "./game.ts";
import type { Frame } from "./observation.ts";
import { PaperGame } from "./paper/paperGame.ts";
import { ReducedGame } from "./reducedGame.ts";
import { type GameCost, VertexGame } from "./vertexGame.ts";

export { type BatchStep, GameBatch } from "./batch.ts";
export { globalFeatures, vertexFeatures } from "./features.ts";
export { type Game, type GameState, movesOf, replay, type Step } from "./game.ts";
export {
  type ColumnObservation,
  columnHeight,
  type Frame,
  GLOBAL_FEATURES,
  type GraphObservation,
  VERTEX_FEATURES,
} from "./observation.ts";
export { frameOf, type PaperObservation, PaperObserver } from "./paper/observation.ts";
export { PaperGame } from "./paper/paperGame.ts";
export { ReducedGame } from "./reducedGame.ts";
export { type GameCost, type MeasuredCost, VertexGame } from "./vertexGame.ts";

export interface GameOptions {
  /** What rewards are minus; `multiplications` by default. */
  readonly cost?: GameCost;
  /** Whether every vertex is to be eliminated by a move, without safe eliminations and bounds, as the paper plays it; false by default. */
  readonly honest?: boolean;
  /** The paper's observation is shown beside the features, in this frame: the game is the honest one then. */
  readonly frame?: Frame;
}

/**
 * A game on a graph: the reduced one where safe eliminations and bounds are known (`multiplications` on scalar graphs), else the honest one.
 *
 * @throws InputError if the cost is not defined on the graph
 */
export function createGame(graph: ComputationalGraph, options: GameOptions = {}): Game {
  const { cost = "multiplications", honest = false, frame } = options;
  if (frame !== undefined) return new PaperGame(graph, cost, frame);
  if (honest || cost !== "multiplications" || !isSupported(graph)) return new VertexGame(graph, cost);
  return new ReducedGame(graph);
}

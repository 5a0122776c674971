/** The honest game, shown as the paper shows it. */

import type { ComputationalGraph } from "../../graph/graph.ts";
import type { Frame, GraphObservation } from "../observation.ts";
import { type GameCost, VertexGame, type VertexState } from "../vertexGame.ts";
import { frameOf, PaperObserver } from "./observation.ts";

/** `VertexGame` with the columns of the paper's observation beside what else is seen. */
export class PaperGame extends VertexGame {
  readonly #observer: PaperObserver;

  /**
   * @param cost as in `VertexGame`
   * @param frame as in `PaperObserver`
   * @throws InputError if the cost is not defined on the graph, an array has more than two dims, or the graph does not fit into the frame
   */
  constructor(
    graph: ComputationalGraph,
    cost: GameCost = "multiplications",
    frame: Frame = frameOf([graph]),
  ) {
    super(graph, cost);
    this.#observer = new PaperObserver(graph, frame);
  }

  override observe(state: VertexState): GraphObservation {
    return { ...super.observe(state), columns: this.#observer.observeColumns(state, state.legal) };
  }
}

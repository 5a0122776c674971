/** What a sequence of eliminations would cost, by doing and undoing them one by one: for engines that have nothing faster. */

import type { Engine } from "./engine.ts";

/** `Engine.attempt` by `eliminate`, `total` and `undo`. */
export function attemptInTurn(
  engine: Pick<Engine, "eliminate" | "undo" | "total">,
  order: Int32Array,
  start: number,
  end: number,
  limit: number,
  costs: Float64Array,
): number {
  const before = engine.total();
  let sum = 0;
  let position = start;
  while (position < end && sum <= limit) {
    const cost = engine.eliminate(order[position] as number);
    costs[position++] = cost;
    sum += cost;
  }
  const total = sum <= limit ? engine.total() - before : Infinity;
  engine.undo(position - start);
  return total <= limit ? total : Infinity;
}

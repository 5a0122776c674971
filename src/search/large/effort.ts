/** How far one pass over a large graph may go: until the run is aborted, its work is used up, or its result can no longer be the best. */

import type { Pace } from "../pace.ts";

/** Why a pass ended early. */
export type Cut = "too much work" | "no better than the best" | "no time left";

/**
 * Products that one pass may make by default: some twenty seconds, and a few hundred million bytes at worst. In work, not seconds, so that what is
 * skipped does not depend on the machine.
 */
export const WORK_LIMIT = 4e8;

/** The same where every product and sum is kept in a table: 32 to 64 bytes each. */
export const TABLE_LIMIT = 2e7;

/**
 * Seconds of the search after which passes end that are not needed, if its budget is in seconds: the classical orders may take longer than a short budget, but
 * not much.
 */
export const PATIENCE = 30;

/** The watch over one pass. */
export class Effort {
  readonly #pace: Pace;
  readonly #deadline: number;
  readonly #limit: number;
  readonly #bound: number;
  readonly #isNeeded: boolean;
  /** Work of the pass between two looks at the clock. */
  #untilLook = 0;

  /**
   * @param bound a pass whose cost reaches this is of no use
   * @param deadline seconds of the search after which the pass ends
   * @param isNeeded whether the pass goes on even when the run is aborted or it is late, because without it there is no order
   */
  constructor(
    pace: Pace,
    {
      limit = WORK_LIMIT,
      bound = Infinity,
      deadline = Infinity,
      isNeeded = false,
    }: {
      readonly limit?: number;
      readonly bound?: number;
      readonly deadline?: number;
      readonly isNeeded?: boolean;
    } = {},
  ) {
    this.#pace = pace;
    this.#limit = limit;
    this.#bound = bound;
    this.#deadline = deadline;
    this.#isNeeded = isNeeded;
  }

  /** Whether to stop, given the work done and the cost met so far; lets the event loop turn now and then. */
  async cut(work: number, cost: number): Promise<Cut | null> {
    if (cost >= this.#bound) return "no better than the best";
    if (work > this.#limit) return "too much work";
    if (work < this.#untilLook) return null;
    this.#untilLook = work + 1e5;
    const isLate = this.#pace.isAborted || this.#pace.seconds >= this.#deadline;
    if (isLate && !this.#isNeeded) return "no time left";
    if (this.#pace.isDue()) await this.#pace.breathe(0, this.#bound);
    return null;
  }
}

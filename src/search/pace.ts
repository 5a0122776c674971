/** Keeping to a budget: how much of it is used, when to stop, and a breath for the event loop now and then. */

import type { Budget, Run } from "./strategy.ts";

/** Seconds that a search may take if its budget names neither seconds nor iterations. */
export const DEFAULT_SECONDS = 10;

/** Milliseconds between breaths. */
const BREATH = 50;

/** What a watch needs of a run. */
type Watched = Pick<Run, "now" | "signal" | "onProgress">;

/** The watch over one search. */
export class Pace {
  readonly #run: Watched;
  readonly #budget: Budget;
  readonly #start: number;
  #breath: number;

  /** @param used seconds of the budget that were used before */
  constructor(budget: Budget, run: Watched, used = 0) {
    this.#run = run;
    this.#budget =
      budget.seconds === undefined && budget.iterations === undefined ? { seconds: DEFAULT_SECONDS } : budget;
    this.#breath = run.now();
    this.#start = this.#breath - 1000 * used;
  }

  /** Seconds since the start. */
  get seconds(): number {
    return (this.#run.now() - this.#start) / 1000;
  }

  /**
   * The part of the budget that is used, for schedules: of the iterations if they are limited, so that a schedule does not depend on the
   * machine's speed, else of the time. May exceed 1.
   */
  fraction(iterations: number): number {
    const { seconds = 0, iterations: limit } = this.#budget;
    const [used, whole] = limit === undefined ? [this.seconds, seconds] : [iterations, limit];
    return whole > 0 ? used / whole : 1;
  }

  /** Whether whoever runs the search wants it to end. */
  get isAborted(): boolean {
    return this.#run.signal?.aborted === true;
  }

  /** Whether to stop: the budget is used up or the run aborted. */
  isOver(iterations: number): boolean {
    const { seconds } = this.#budget;
    if (this.isAborted || this.fraction(iterations) >= 1) return true;
    return seconds !== undefined && this.seconds >= seconds;
  }

  /** Whether the event loop has waited long enough for `breathe`. */
  isDue(): boolean {
    return this.#run.now() - this.#breath >= BREATH;
  }

  /** Tells of the progress and lets the event loop turn. */
  async breathe(iterations: number, cost: number): Promise<void> {
    const fraction = Math.min(1, this.fraction(iterations));
    this.#run.onProgress?.({ seconds: this.seconds, iterations, fraction, cost });
    await new Promise((resolve) => setTimeout(resolve));
    this.#breath = this.#run.now();
  }
}

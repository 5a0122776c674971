/** A search as the command line runs it: under a live line, on worker threads, with its state in a file, ended by Ctrl-C. */

import { availableParallelism } from "node:os";
import pc from "picocolors";
import { InputError } from "../errors.ts";
import type { Optimized, OptimizeOptions } from "../optimize.ts";
import type { SearchMethod } from "../search/methods.ts";
import type { Moves } from "../search/moves/step.ts";
import type { SearchState } from "../search/state.ts";
import type { Objective, Progress } from "../search/strategy.ts";
import { usefulThreads } from "../search/team.ts";
import type { LiveLine } from "./live.ts";
import { SearchStateWriter } from "./searchState.ts";
import type { Subject } from "./subject.ts";

export interface SearchOptions {
  readonly objective: Objective;
  readonly method: SearchMethod | "policy";
  readonly moves: Moves;
  readonly seconds: number;
  readonly iterations?: number;
  readonly seed: number;
  /** As many as are useful by default; one with `iterations`, so that the result depends on the seed alone. */
  readonly threads?: number;
}

/** A search that has ended. */
export interface Searched<Result extends Optimized = Optimized> {
  readonly result: Result;
  /** The file with its state, if there is one. */
  readonly stateFile: string | null;
  readonly isInterrupted: boolean;
}

/** How many threads a search uses. Throws an InputError if it is to be resumed and was begun otherwise. */
export function threadsFor(
  { graph }: Subject,
  { method, seconds, iterations, threads }: SearchOptions,
  resume: SearchState | null,
): number {
  if (resume !== null) {
    const isTeam = resume.plan.some(({ kind }) => kind === "team");
    if (threads !== undefined && threads > 1 !== isTeam)
      throw new InputError(
        `--threads: the search to resume was begun on ${isTeam ? "several threads" : "one thread"}, not ${threads}`,
      );
    return isTeam ? Math.max(2, threads ?? availableParallelism()) : 1;
  }
  if (method !== "auto") return 1;
  const wanted = threads ?? (iterations === undefined ? availableParallelism() : 1);
  return usefulThreads(graph, iterations === undefined ? { seconds } : {}, wanted);
}

/** Runs a search with options from the command line; the first Ctrl-C ends it with the best so far, the second ends the program. */
export async function runSearch<Result extends Optimized>(
  { form }: Subject,
  options: SearchOptions & { readonly threads: number },
  {
    directory,
    resume,
    line,
  }: {
    /** Where the state is written; null for nowhere. */
    readonly directory: string | null;
    readonly resume: SearchState | null;
    readonly line: LiveLine;
  },
  search: (options: OptimizeOptions) => Promise<Result>,
): Promise<Searched<Result>> {
  const { objective, method, moves, seconds, iterations, seed, threads } = options;
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort();
    line.show("ending with the best so far; Ctrl-C again ends at once, without results");
  };
  process.on("SIGINT", interrupt);
  const status = new Status(objective);
  let writer: SearchStateWriter | null = null;
  const executor = threads > 1 ? (await import("../cluster/index.ts")).workers({ threads }) : null;
  try {
    const result = await search({
      objective,
      method: method === "policy" ? await (await import("./policy.ts")).shippedPolicy() : method,
      moves,
      ...(iterations === undefined ? { seconds } : { iterations }),
      seed,
      form,
      signal: abort.signal,
      ...(executor === null ? {} : { executor }),
      ...(resume === null ? {} : { resume }),
      onState: (capture) => {
        if (directory !== null) writer = new SearchStateWriter(directory, capture);
      },
      onImprovement: (_, cost) => status.improve(cost),
      onBound: (bound) => status.bound(bound),
      onProgress: (progress) => {
        if (!abort.signal.aborted) line.show(status.text(progress));
      },
    });
    // Assigned in a callback, which the compiler does not see.
    const stateFile = await (writer as SearchStateWriter | null)?.end();
    return { result, stateFile: stateFile ?? null, isInterrupted: abort.signal.aborted };
  } finally {
    line.clear();
    process.off("SIGINT", interrupt);
    await executor?.close();
  }
}

/** What the live line says of a search. */
class Status {
  readonly #objective: Objective;
  #best: number | null = null;
  #bound = 0;

  constructor(objective: Objective) {
    this.#objective = objective;
  }

  improve(cost: number): void {
    this.#best = cost;
  }

  bound(bound: number): void {
    this.#bound = bound;
  }

  text({
    seconds,
    fraction,
    iterations,
    method,
    perSecond = iterations / Math.max(1e-3, seconds),
  }: Progress): string {
    const best = this.#best === null ? "searching" : pc.bold(`best ${this.#best} ${this.#objective}`);
    const bound = this.#bound > 0 ? `at least ${this.#bound}` : null;
    const speed =
      method === "proof" ? "proving" : perSecond > 0 ? `${rateText(perSecond)} moves/s` : (method ?? null);
    return [duration(seconds), bar(fraction), best, bound, speed].filter((part) => part !== null).join("  ");
  }
}

function rateText(perSecond: number): string {
  return perSecond >= 9500 ? `${Math.round(perSecond / 1000)} k` : `${Math.round(perSecond)}`;
}

function bar(fraction: number): string {
  const full = Math.round(20 * Math.min(1, fraction));
  return "█".repeat(full) + "░".repeat(20 - full);
}

/** A time as people say it: "12.3 s", "12 min 05 s", "1 h 03 min". */
export function duration(seconds: number): string {
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const [whole, minutes] = [Math.round(seconds), Math.floor(Math.round(seconds) / 60)];
  const two = (value: number) => `${value}`.padStart(2, "0");
  return minutes < 60
    ? `${minutes} min ${two(whole % 60)} s`
    : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

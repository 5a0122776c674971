/** optimize: a Program in, the best order that a search finds and its certificate out. */

import { InputError } from "./errors.ts";
import { type ComputationalGraph, type Elimination, intermediates } from "./graph/graph.ts";
import { graphHash } from "./graph/json.ts";
import { linearize } from "./jacobian/linearize.ts";
import type { Program } from "./program/program.ts";
import { Random } from "./random.ts";
import type { AutoResult } from "./search/auto.ts";
import { type Certificate, certify, type ProgramForm } from "./search/certificate.ts";
import { LARGE } from "./search/large/search.ts";
import { type NamedSearch, type SearchMethod, searches } from "./search/methods.ts";
import { type RefiningState, refineResult } from "./search/moves/refining.ts";
import type { Moves } from "./search/moves/step.ts";
import { type Standing, share, withDefault } from "./search/stages.ts";
import { checkIdentity, type SearchState, searchState, secondsOf } from "./search/state.ts";
import type { Budget, Objective, Run } from "./search/strategy.ts";
import { VERSION } from "./version.ts";

export interface OptimizeOptions
  extends Budget,
    Partial<Pick<Run, "now" | "signal" | "onImprovement" | "onBound" | "onProgress" | "executor">> {
  /** What to minimise; `operations` by default. */
  readonly objective?: Objective;
  /** The name of a search, or one that is given; `auto` by default. */
  readonly method?: SearchMethod | NamedSearch;
  /**
   * What may be eliminated: `vertex` by default; with `edge` or `face` the best order of vertices is refined by finer steps, with the last part of
   * the budget.
   */
  readonly moves?: Moves;
  /** Of every random choice; 1 by default. */
  readonly seed?: number;
  /** For the certificate: whether the program was simplified before; "as written" by default. */
  readonly form?: ProgramForm;
  /** Where a search with the same options stood (`parseSearchState` reads it): it goes on from there. The budget may be larger than it was. */
  readonly resume?: SearchState;
  /** Called once with a function that says at any time where the search stands; not for methods that cannot be resumed. */
  readonly onState?: (capture: () => SearchState) => void;
}

export interface Optimized extends AutoResult<Elimination> {
  readonly graph: ComputationalGraph;
  /** The best order found: equation numbers of the given program, and finer steps if they were asked for. */
  readonly order: Elimination;
  readonly certificate: Certificate;
}

/**
 * Searches for the cheapest elimination order of a program, 10 seconds by default.
 *
 * The order numbers the equations of the program as given: `simplify` it first unless its own graph is wanted, since merging equal equations
 * lowers the optimum itself. With `iterations` instead of `seconds`, and no executor, the result depends on the seed alone.
 *
 * @throws InputError if the objective is not defined on the program
 */
export async function optimize(program: Program, options: OptimizeOptions = {}): Promise<Optimized> {
  return optimizeGraph(linearize(program).graph, options);
}

/** Share of the budget, at most, for orders of vertices where they are refined by finer moves. */
const VERTEX_SHARE = 0.3;

/** `optimize` for a bare graph. */
export async function optimizeGraph(
  graph: ComputationalGraph,
  options: OptimizeOptions = {},
): Promise<Optimized> {
  const {
    objective = "operations",
    method: wanted = "auto",
    moves = "vertex",
    seed = 1,
    form = "as written",
  } = options;
  const { name: method, search: searchBy } =
    typeof wanted === "string" ? { name: wanted, search: searches[wanted] } : wanted;
  const { now = () => performance.now(), resume, onState } = options;
  const start = now();
  const run: Run = {
    random: Random.seeded(seed),
    now,
    ...given(options, ["signal", "onImprovement", "onBound", "onProgress", "executor"]),
  };
  if (moves !== "vertex") requireFine(graph, moves);
  const isResumable = method === "auto" || method === "annealing";
  const hash = once(() => graphHash(graph));
  const identity = once(() => ({
    name: graph.name,
    graph: hash(),
    objective,
    // Others have no state.
    method: method === "annealing" ? ("annealing" as const) : ("auto" as const),
    seed,
    program: form,
    ...(moves === "vertex" ? {} : { moves }),
  }));
  if (resume !== undefined) {
    if (!isResumable) throw new InputError(`method ${method} cannot be resumed; auto and annealing can`);
    checkIdentity(resume, identity());
  }
  const budget = withDefault(given(options, ["seconds", "iterations"]));
  let standing: (() => Standing) | null = null;
  let refining: (() => RefiningState) | null = null;
  const byVertices = await searchBy(
    graph,
    {
      objective,
      budget: moves === "vertex" ? budget : (endedBudget(resume) ?? share(budget, VERTEX_SHARE)),
      ...given(options, ["resume"]),
      onState: (capture) => {
        standing = capture;
        if (isResumable)
          onState?.(() => searchState(identity(), (standing ?? capture)(), refining?.() ?? null));
      },
    },
    run,
  );
  let result: AutoResult<Elimination> = byVertices;
  if (moves !== "vertex" && run.signal?.aborted !== true) {
    // From now on the search by vertices stands still.
    const reached = (standing as (() => Standing) | null)?.();
    if (reached !== undefined) standing = () => reached;
    const past = reached?.seconds ?? (now() - start) / 1000;
    result = await refineResult(
      graph,
      byVertices,
      {
        objective,
        moves,
        budget: restOf(budget, past),
        past,
        ...(resume?.refining === undefined ? {} : { resume: resume.refining }),
        onState: (capture) => {
          refining = capture;
        },
      },
      run as Run<Elimination>,
    );
  }
  const { order } = result.best;
  const facts = {
    program: form,
    objective,
    method: result.best.method,
    seed,
    seconds: Math.round(now() - start + (resume === undefined ? 0 : 1000 * secondsOf(resume))) / 1000,
    alphagrad: VERSION,
    hash: hash(),
  };
  const certificate = certify(graph, order, facts, result.proof);
  return { ...result, graph, order, certificate };
}

/** The budget of orders of vertices in a search that has gone on to finer moves. */
function endedBudget(resume: SearchState | undefined): Budget | undefined {
  return resume?.refining === undefined ? undefined : resume.budget;
}

/** What finer moves have: the seconds that are left, and their share of the iterations. */
function restOf({ seconds, iterations }: Budget, past: number): Budget {
  return {
    ...(seconds === undefined ? {} : { seconds: Math.max(0, seconds - past) }),
    ...(iterations === undefined ? {} : share({ iterations }, 1 - VERTEX_SHARE)),
  };
}

/** Throws an InputError if the graph is too large for finer moves: they keep a square table of edges. */
function requireFine(graph: ComputationalGraph, moves: Moves): void {
  const { length } = intermediates(graph);
  if (length >= LARGE)
    throw new InputError(
      `moves by ${moves}s are for graphs of less than ${LARGE} vertices to eliminate, ${graph.name} has ${length}; leave out --moves, vertices are eliminated in graphs of any size`,
    );
}

/** A value that is worked out when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Those of the fields that are there. */
function given<T extends object, K extends keyof T>(
  options: T,
  fields: readonly K[],
): { readonly [key in K]?: Exclude<T[key], undefined> } {
  return Object.fromEntries(
    fields.flatMap((field) => (options[field] === undefined ? [] : [[field, options[field]]])),
  ) as { readonly [key in K]?: Exclude<T[key], undefined> };
}

/** optimize: a Program in, the best order that a search finds and its certificate out. */

import { InputError } from "./errors.ts";
import type { ComputationalGraph, Elimination } from "./graph/graph.ts";
import { graphHash } from "./graph/json.ts";
import { linearize } from "./jacobian/linearize.ts";
import type { Program } from "./program/program.ts";
import { Random } from "./random.ts";
import type { AutoOptions, AutoResult } from "./search/auto.ts";
import { type Certificate, certify, type ProgramForm } from "./search/certificate.ts";
import { type NamedSearch, type SearchMethod, searches } from "./search/methods.ts";
import { refineResult } from "./search/moves/index.ts";
import type { Moves } from "./search/moves/step.ts";
import { share, withDefault } from "./search/stages.ts";
import { checkIdentity, type SearchIdentity, type SearchState, searchState } from "./search/state.ts";
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
   * What may be eliminated: `vertex` by default; with `edge` or `face` the best order of vertices is refined by finer steps, on one thread, with the
   * last part of the budget.
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

/** Share of the budget for orders of vertices where they are refined by finer moves. */
const VERTEX_SHARE = 0.6;

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
  const hasState = method === "auto" || method === "annealing";
  const isResumable = hasState && moves === "vertex";
  if (resume !== undefined) {
    if (!isResumable)
      throw new InputError(
        hasState
          ? `a search by ${moves}s cannot be resumed, one by vertices can`
          : `method ${method} cannot be resumed; auto and annealing can`,
      );
    checkIdentity(resume, identityOf(graph, { objective, method, seed, program: form }));
  }
  const budget = withDefault(given(options, ["seconds", "iterations"]));
  const search: AutoOptions = {
    objective,
    budget: moves === "vertex" ? budget : share(budget, VERTEX_SHARE),
    ...given(options, ["resume"]),
    onState: (capture) => {
      if (!isResumable || onState === undefined) return;
      const identity = identityOf(graph, { objective, method, seed, program: form });
      onState(() => searchState(identity, capture()));
    },
  };
  const byVertices = await searchBy(graph, search, run);
  const result: AutoResult<Elimination> =
    moves === "vertex"
      ? byVertices
      : await refineResult(
          graph,
          byVertices,
          { objective, moves, budget: share(budget, 1 - VERTEX_SHARE) },
          run,
          start,
        );
  const { order } = result.best;
  const facts = {
    program: form,
    objective,
    method: result.best.method,
    seed,
    seconds: Math.round(now() - start + 1000 * (resume?.seconds ?? 0)) / 1000,
    alphagrad: VERSION,
  };
  const certificate = certify(graph, order, facts, result.proof);
  return { ...result, graph, order, certificate };
}

function identityOf(
  graph: ComputationalGraph,
  options: Omit<SearchIdentity, "name" | "graph">,
): SearchIdentity {
  return { ...options, name: graph.name, graph: graphHash(graph) };
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

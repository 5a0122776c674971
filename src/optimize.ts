/** optimize: a Program in, the best order that a search finds and its certificate out. */

import type { ComputationalGraph, EliminationOrder } from "./graph/graph.ts";
import { linearize } from "./jacobian/linearize.ts";
import type { Program } from "./program/program.ts";
import { Random } from "./random.ts";
import type { AutoResult } from "./search/auto.ts";
import { type Certificate, certify, type ProgramForm } from "./search/certificate.ts";
import { type SearchMethod, searches } from "./search/methods.ts";
import type { Budget, Objective, Run } from "./search/strategy.ts";
import { VERSION } from "./version.ts";

export interface OptimizeOptions
  extends Budget,
    Partial<Pick<Run, "now" | "signal" | "onImprovement" | "onProgress">> {
  /** What to minimise; `operations` by default. */
  readonly objective?: Objective;
  readonly method?: SearchMethod;
  /** Of every random choice; 1 by default. */
  readonly seed?: number;
  /** For the certificate: whether the program was simplified before; "as written" by default. */
  readonly form?: ProgramForm;
}

export interface Optimized extends AutoResult {
  readonly graph: ComputationalGraph;
  /** The best order found: equation numbers of the given program. */
  readonly order: EliminationOrder;
  readonly certificate: Certificate;
}

/**
 * Searches for the cheapest elimination order of a program, 10 seconds by default.
 *
 * The order numbers the equations of the program as given: `simplify` it first unless its own graph is wanted, since merging equal equations
 * lowers the optimum itself. With `iterations` instead of `seconds` the result depends on the seed alone.
 *
 * @throws InputError if the objective is not defined on the program
 */
export async function optimize(program: Program, options: OptimizeOptions = {}): Promise<Optimized> {
  return optimizeGraph(linearize(program).graph, options);
}

/** `optimize` for a bare graph. */
export async function optimizeGraph(
  graph: ComputationalGraph,
  options: OptimizeOptions = {},
): Promise<Optimized> {
  const {
    objective = "operations",
    method = "auto",
    seed = 1,
    form = "as written",
    seconds,
    iterations,
  } = options;
  const { now = () => performance.now(), signal, onImprovement, onProgress } = options;
  const start = now();
  const run: Run = {
    random: Random.seeded(seed),
    now,
    ...(signal === undefined ? {} : { signal }),
    ...(onImprovement === undefined ? {} : { onImprovement }),
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  const budget = {
    ...(seconds === undefined ? {} : { seconds }),
    ...(iterations === undefined ? {} : { iterations }),
  };
  const result = await searches[method](graph, { objective, budget }, run);
  const { order } = result.best;
  const facts = {
    program: form,
    objective,
    method: result.best.method,
    seed,
    seconds: Math.round(now() - start) / 1000,
    alphagrad: VERSION,
  };
  const certificate = certify(graph, order, facts, result.proof);
  return { ...result, graph, order, certificate };
}

/**
 * optimizeRuntime: the order whose compiled Jacobian runs fastest.
 *
 * Counts decide nearly all, and a count is a million times cheaper than a measurement. So searches by `operations` and by `multiplications`, from several seeds, propose orders; those
 * with different code are compiled and measured side by side, and the fastest wins.
 */

import type { Elimination } from "./graph/graph.ts";
import { intermediates } from "./graph/graph.ts";
import { jacobian } from "./jacobian/jacobian.ts";
import { linearize } from "./jacobian/linearize.ts";
import type { Target } from "./kernels/compile.ts";
import type { KernelDType } from "./kernels/kernel.ts";
import type { Timing } from "./kernels/measure.ts";
import { type Optimized, type OptimizeOptions, optimizeGraph } from "./optimize.ts";
import type { Program } from "./program/program.ts";
import { printProgram } from "./program/text.ts";
import { measurePrograms, type RuntimeOptions } from "./runtime.ts";
import type { MethodResult } from "./search/auto.ts";
import { type Certificate, certify } from "./search/certificate.ts";
import { costsAtAnyScale } from "./search/large/costs.ts";
import { share, withDefault } from "./search/stages.ts";

export interface OptimizeRuntimeOptions
  extends Omit<OptimizeOptions, "objective" | "resume" | "onState">,
    Omit<RuntimeOptions, "now" | "signal"> {
  /** Called when the searches are over and the measurement begins. */
  readonly onMeasure?: () => void;
}

/** Code that was measured. */
export interface Measured {
  /** Who found an order with this code, the one of fewest operations first. */
  readonly methods: readonly string[];
  readonly timing: Omit<Timing, "name">;
}

/** What was measured, and what was found. */
export interface RuntimeSelection {
  readonly target: Target;
  readonly dtype: KernelDType;
  readonly batch: number;
  /** Fastest first. */
  readonly measured: readonly Measured[];
}

export interface OptimizedRuntime extends Optimized {
  /** `best`, `order` and `certificate` are those of the fastest order; costs are in `operations`. */
  readonly runtime: RuntimeSelection;
}

/** A search that proposes orders, and its share of the budget. */
interface Proposal {
  readonly name: (method: string) => string;
  readonly options: Pick<OptimizeOptions, "objective" | "method" | "seed">;
  readonly share: number;
}

/** Share of the budget for the search by operations; the other proposals share the rest. */
const MAIN_SHARE = 0.6;
/** Measured at most, those of fewest operations. */
const MOST_CANDIDATES = 12;
/** For each of them. */
const MILLISECONDS = 300;
/** Longer code is not compiled just to be measured: it would take minutes. */
const LONGEST_CODE = 20_000;

/**
 * Searches for the order whose code is the fastest on this machine; 10 seconds of search by default, and about 0.3 s for each candidate.
 *
 * The certificate is that of any order, with the measurement beside the costs. Which of nearly equal orders wins depends on the machine and the moment.
 *
 * @throws InputError if the objective `operations` is not defined on the program, or the options of the measurement are wrong
 */
export async function optimizeRuntime(
  program: Program,
  options: OptimizeRuntimeOptions = {},
): Promise<OptimizedRuntime> {
  const {
    target = "js",
    dtype = "float64",
    batch = 1,
    point,
    milliseconds = MILLISECONDS,
    onMeasure,
    ...search
  } = options;
  const { graph } = linearize(program);
  const budget = withDefault({
    ...(search.seconds === undefined ? {} : { seconds: search.seconds }),
    ...(search.iterations === undefined ? {} : { iterations: search.iterations }),
  });
  const { seconds: _, iterations: __, ...rest } = search;
  const found = await optimizeGraph(graph, {
    ...rest,
    ...share(budget, MAIN_SHARE),
    objective: "operations",
  });
  const candidates = [...found.methods];
  // Where there is nothing to choose, and after an abort, what is there must do.
  const others = intermediates(graph).length < 2 ? [] : proposals(search.seed ?? 1);
  for (const { name, options: own, share: part } of others) {
    if (search.signal?.aborted) break;
    const { signal, now, form } = rest;
    const given = { ...(signal && { signal }), ...(now && { now }), ...(form && { form }) };
    const { best } = await optimizeGraph(graph, { ...given, ...own, ...share(budget, part) });
    candidates.push(counted(found, { ...best, method: name(best.method) }));
  }
  onMeasure?.();
  const measured = await race(distinctCode(program, candidates), {
    ...{ target, dtype, batch, milliseconds },
    ...(point && { point }),
    ...(rest.now && { now: rest.now }),
  });
  const runtime = { target, dtype, batch, measured };
  const [fastest] = measured;
  const best = candidates.find(({ method }) => method === fastest?.methods[0]);
  if (fastest === undefined || best === undefined) return { ...found, runtime };
  const certificate = certified(found, best, fastest, { target, dtype, batch });
  return { ...found, best, order: best.order, methods: candidates, certificate, runtime };
}

function proposals(seed: number): Proposal[] {
  const part = (1 - MAIN_SHARE) / 4;
  return [
    {
      name: (method) => `${method}, fewest multiplications`,
      options: { objective: "multiplications", method: "auto", seed },
      share: 2 * part,
    },
    ...[seed + 1, seed + 2].map(
      (other): Proposal => ({
        name: (method) => `${method}, seed ${other}`,
        options: { objective: "operations", method: "annealing", seed: other },
        share: part,
      }),
    ),
  ];
}

/** A candidate with its cost in operations, be it found by them or not. */
function counted({ graph }: Optimized, candidate: MethodResult<Elimination>): MethodResult<Elimination> {
  if (candidate.cost > LONGEST_CODE) return candidate;
  const { operations } = costsAtAnyScale(graph, candidate.order);
  return operations === null
    ? candidate
    : { ...candidate, cost: operations.multiplications + operations.additions };
}

/** Code to measure. */
interface Candidate {
  readonly methods: readonly string[];
  readonly jacobian: Program;
}

/** The codes of the candidates, those of fewest operations first. Orders that differ may have the same. */
function distinctCode(program: Program, candidates: readonly MethodResult<Elimination>[]): Candidate[] {
  const byText = new Map<string, { methods: string[]; jacobian: Program }>();
  const short = candidates.filter(({ cost }) => program.equations.length + cost <= LONGEST_CODE);
  for (const { method, order } of short.toSorted((a, b) => a.cost - b.cost)) {
    const own = jacobian(program, { order });
    const text = printProgram(own);
    const known = byText.get(text);
    if (known === undefined) byText.set(text, { methods: [method], jacobian: own });
    else known.methods.push(method);
  }
  return [...byText.values()].slice(0, MOST_CANDIDATES);
}

/** Measures all side by side, so that whatever else the machine does hits them alike. Fastest first. */
async function race(candidates: readonly Candidate[], options: RuntimeOptions): Promise<Measured[]> {
  const timings = await measurePrograms(
    candidates.map(({ jacobian }) => jacobian),
    options,
  );
  return candidates
    .map(({ methods }, index): Measured => {
      const { name: _, ...timing } = timings[index] as Timing;
      return { methods, timing };
    })
    .sort((a, b) => a.timing.median - b.timing.median);
}

/** The certificate of the fastest order; a lower bound that was proved holds for it as well. */
function certified(
  { graph, certificate }: Optimized,
  { method, order }: MethodResult<Elimination>,
  { timing }: Measured,
  what: Omit<RuntimeSelection, "measured">,
): Certificate {
  const { program, objective, seed, seconds, alphagrad, lowerBound, evidence } = certificate;
  const facts = { program, objective, method, seed, seconds, alphagrad };
  const bound = { lowerBound: lowerBound[objective], evidence: evidence ?? null };
  const { median, low, high, samples } = timing;
  return {
    ...certify(graph, order, facts, bound),
    runtime: { ...what, nanoseconds: median, lowerQuartile: low, upperQuartile: high, samples },
  };
}

/**
 * A search in stages: a plan of what is done after what, each with its budget, that can be captured at any time and goes on from there.
 *
 * With iterations as the budget and one thread a search that was interrupted and resumed ends as if it had not been. Proofs begin again when they are resumed; the
 * bound they had is kept.
 */

import { InputError } from "../errors.ts";
import type { ComputationalGraph } from "../graph/graph.ts";
import type { RandomState } from "../random.ts";
import { type AnnealingState, simulatedAnnealing } from "./annealing.ts";
import type { AutoOptions, AutoResult, MethodResult, Skipped } from "./auto.ts";
import { quickMethods } from "./classical.ts";
import { proveIn } from "./exact/index.ts";
import { Findings, type FindingsState } from "./findings.ts";
import { isSparseCountable, type WindowState, windowSearch } from "./large/windows.ts";
import { DEFAULT_SECONDS, Pace } from "./pace.ts";
import type { Budget, Progress, Run } from "./strategy.ts";
import { lineUp, runTeam } from "./team.ts";

/** What is done, within a budget of its own; a stage never takes more seconds than the search has left. */
export type Stage =
  | { readonly kind: "classical" }
  /** A proof before anything is searched for, or after. */
  | ({ readonly kind: "glance" | "proof" } & Budget)
  /** `again` if it is not the first time. */
  | ({ readonly kind: "annealing"; readonly again?: true } & Budget)
  /** Annealing, neighbourhoods and a proof at once, on the threads of the executor. */
  | ({ readonly kind: "team" } & Budget);

/** Where a search stands, as JSON. */
export interface Standing extends FindingsState {
  /** Of the whole search. */
  readonly budget: Budget;
  readonly plan: readonly Stage[];
  /** The stage that it is in, or the length of the plan. */
  readonly stage: number;
  /** Used so far. */
  readonly seconds: number;
  /** The generator when the stage began. */
  readonly random: RandomState;
  /** The cheapest order met, of the stage that it is in too; null at the start. */
  readonly incumbent: MethodResult | null;
  /** How far the stage has come, if it can go on from there. */
  readonly work: AnnealingState | WindowState | null;
  /** Orders on the way of a search for something else (see structuredOperations.ts). */
  readonly met?: readonly Met[];
}

/** An order that was the best for a while, from some second on. */
export interface Met {
  readonly order: readonly number[];
  readonly seconds: number;
}

/** The budget with its default made explicit, so that it can be divided. */
export function withDefault(budget: Budget): Budget {
  return budget.seconds === undefined && budget.iterations === undefined
    ? { seconds: DEFAULT_SECONDS }
    : budget;
}

/** A part of a budget. */
export function share({ seconds, iterations }: Budget, part: number): Budget {
  return {
    ...(seconds === undefined ? {} : { seconds: seconds * part }),
    ...(iterations === undefined ? {} : { iterations: Math.floor(iterations * part) }),
  };
}

/** From so many intermediates on, annealing by windows finds more in `multiplications` than annealing the whole order, which adds nothing after it. */
const WINDOWS_FROM = 200;

/** Whether annealing goes by windows. */
export function isWindowed(
  graph: ComputationalGraph,
  { objective, size }: Pick<AutoOptions, "objective"> & { readonly size: number },
): boolean {
  return objective === "multiplications" && size >= WINDOWS_FROM && isSparseCountable(graph);
}

/**
 * Goes through a plan until it is done, the best order is proved optimal, or the run is aborted.
 *
 * @param plan not looked at if the search is resumed
 * @throws InputError if the objective is not defined on the graph, or the search to resume was begun with a larger budget or on another graph
 */
export function runStages(
  graph: ComputationalGraph,
  plan: readonly Stage[],
  options: AutoOptions,
  run: Run,
): Promise<AutoResult> {
  return new StagedSearch(graph, plan, options, run).run();
}

class StagedSearch {
  readonly #graph: ComputationalGraph;
  readonly #options: AutoOptions;
  readonly #run: Run;
  readonly #findings: Findings;
  readonly #plan: Stage[];
  #stage = 0;
  /** What is certain when the stage that runs begins: a stage that is interrupted starts from there, or from its own work. */
  #begun: Pick<Standing, "methods" | "random">;
  #resumed: Standing["work"] = null;
  #work: (() => Standing["work"]) | null = null;
  readonly #lost: Skipped[] = [];

  constructor(graph: ComputationalGraph, plan: readonly Stage[], options: AutoOptions, run: Run) {
    const { objective, budget, resume } = options;
    this.#graph = graph;
    this.#options = options;
    this.#run = run;
    const pace = new Pace(budget, run, resume?.seconds);
    this.#findings = new Findings(graph, objective, { pace, resume }, run);
    this.#plan = resume === undefined ? [...plan] : extended(resume, budget);
    if (resume !== undefined) {
      const { incumbent } = resume;
      this.#stage = resume.stage;
      this.#resumed = resume.work;
      run.random.state = resume.random;
      if (resume.work === null && incumbent !== null && resume.methods.length > 0)
        this.#findings.addIfCheaper(incumbent.method, incumbent.order, pace.seconds - incumbent.seconds);
    }
    this.#begun = this.#settled();
  }

  async run(): Promise<AutoResult> {
    this.#options.onState?.(() => this.#capture());
    for (let stage = this.#next(); stage !== undefined; stage = this.#next()) {
      await this.#perform(stage);
      if (this.#findings.pace.isAborted) break;
      this.#stage++;
      this.#work = null;
      this.#begun = this.#settled();
    }
    const lost = this.#lost;
    return { ...this.#findings.result, ...(lost.length > 0 ? { skipped: lost } : {}) };
  }

  #settled(): Pick<Standing, "methods" | "random"> {
    return { methods: this.#findings.state.methods, random: this.#run.random.state };
  }

  #capture(): Standing {
    return {
      ...this.#findings.state,
      ...this.#begun,
      budget: this.#options.budget,
      plan: [...this.#plan],
      stage: this.#stage,
      seconds: this.#findings.pace.seconds,
      incumbent: this.#findings.incumbent,
      work: this.#work?.() ?? null,
    };
  }

  /** The stage that is due, with no more seconds than are left; undefined if nothing is, or nothing would help. */
  #next(): Stage | undefined {
    const stage = this.#plan[this.#stage];
    if (stage === undefined || stage.kind === "classical" || this.#resumed !== null) return stage;
    if (stage.kind === "glance" ? this.#findings.isProved : !this.#findings.isOpen) return undefined;
    const left = (this.#options.budget.seconds ?? Infinity) - this.#findings.pace.seconds;
    const capped =
      stage.seconds === undefined ? stage : { ...stage, seconds: Math.max(0, Math.min(stage.seconds, left)) };
    this.#plan[this.#stage] = capped;
    return capped;
  }

  async #perform(stage: Stage): Promise<void> {
    switch (stage.kind) {
      case "classical":
        return this.#begin();
      case "glance":
      case "proof":
        return this.#prove(stage);
      case "annealing":
        return this.#anneal(stage);
      case "team":
        return this.#gather(stage);
    }
  }

  async #begin(): Promise<void> {
    const { pace, size } = this.#findings;
    for (const [method, find] of quickMethods(this.#options.objective, size)) {
      const before = pace.seconds;
      this.#findings.add(method, find(this.#graph), before);
      if (pace.isDue()) await pace.breathe(0, this.#findings.cost);
    }
  }

  async #prove(stage: Stage & Budget): Promise<void> {
    const before = this.#findings.pace.seconds;
    const incumbent = this.#findings.best.order;
    const options = { budget: budgetOf(stage), incumbent };
    const proof = await proveIn(this.#options.objective, this.#graph, options, this.#watched("proof"));
    this.#findings.prove(proof);
    if (proof.order !== null) this.#findings.addIfCheaper("exact", proof.order, before);
  }

  async #anneal(stage: Stage & Budget & { readonly again?: true }): Promise<void> {
    const { pace, size } = this.#findings;
    const { objective } = this.#options;
    const resume = this.#resumed;
    this.#resumed = null;
    const isByWindows = isWindowed(this.#graph, { objective, size });
    const method = `${isByWindows ? "windows" : "annealing"}${stage.again ? ", again" : ""}`;
    const before = pace.seconds - (resume?.seconds ?? 0);
    const options = {
      objective,
      budget: budgetOf(stage),
      start: this.#findings.best.order,
      onState: (capture: () => AnnealingState | WindowState) => {
        this.#work = capture;
      },
    };
    const run = this.#watched(method);
    const order = isByWindows
      ? await windowSearch(this.#graph, resume?.kind === "windows" ? { ...options, resume } : options, run)
      : await simulatedAnnealing(
          this.#graph,
          resume?.kind === "annealing" ? { ...options, resume } : options,
          run,
        );
    this.#findings.add(method, order, before);
  }

  async #gather(stage: Stage & Budget): Promise<void> {
    const { executor } = this.#run;
    if (executor === undefined)
      throw new InputError("this search was begun with worker threads: go on with several threads");
    const { objective } = this.#options;
    const members = lineUp(this.#graph, {
      objective,
      threads: executor.threads,
      budget: budgetOf(stage),
      random: this.#run.random,
      isByWindows: isWindowed(this.#graph, { objective, size: this.#findings.size }),
    });
    const team = { graph: this.#graph, objective, members };
    const outcomes = await runTeam(team, this.#findings, executor, this.#watched("team"));
    for (const [index, outcome] of outcomes.entries())
      if (outcome.kind === "lost")
        this.#lost.push({
          method: `thread ${index + 1}, ${members[index]?.method}`,
          why: `it ended early: ${outcome.why}; what it had found counts`,
        });
  }

  /** The run as a stage sees it: what it finds is noted, and its progress is that of the whole search. */
  #watched(method: string): Run {
    const run = this.#run;
    const { budget } = this.#options;
    const past = this.#plan
      .slice(0, this.#stage)
      .reduce((sum, stage) => sum + (stage.kind === "classical" ? 0 : (stage.iterations ?? 0)), 0);
    const stage = this.#plan[this.#stage];
    const own = stage === undefined || stage.kind === "classical" ? 0 : (stage.iterations ?? 0);
    const onProgress = (progress: Progress) => {
      const { seconds } = this.#findings.pace;
      const fraction =
        budget.iterations === undefined
          ? seconds / (budget.seconds ?? DEFAULT_SECONDS)
          : (past + own * progress.fraction) / Math.max(1, budget.iterations);
      const perSecond = progress.perSecond ?? progress.iterations / Math.max(1e-3, progress.seconds);
      run.onProgress?.({
        seconds,
        iterations: progress.iterations,
        fraction: Math.min(1, fraction),
        cost: this.#findings.cost,
        method,
        perSecond,
      });
    };
    return {
      ...run,
      now: () => run.now(),
      onImprovement: (order, cost) => this.#findings.improve(method, order, cost),
      onBound: (bound) => this.#findings.bound(bound),
      onProgress,
    };
  }
}

function budgetOf({ seconds, iterations }: Budget): Budget {
  return {
    ...(seconds === undefined ? {} : { seconds }),
    ...(iterations === undefined ? {} : { iterations }),
  };
}

/** The plan of a search that is resumed; with a larger budget than it had, its last stage follows once more. */
function extended({ plan, budget: before }: Standing, budget: Budget): Stage[] {
  const last = plan.at(-1);
  const more = {
    ...addition("seconds", before.seconds, budget.seconds),
    ...addition("iterations", before.iterations, budget.iterations),
  };
  if (last === undefined || last.kind === "classical" || Object.keys(more).length === 0) return [...plan];
  return [
    ...plan,
    last.kind === "team" ? { kind: "team", ...more } : { kind: "annealing", again: true, ...more },
  ];
}

function addition(
  unit: "seconds" | "iterations",
  before: number | undefined,
  now: number | undefined,
): Budget {
  if (before === now) return {};
  if (before === undefined || now === undefined || now < before)
    throw new InputError(
      `the search was begun with ${before === undefined ? `no limit of ${unit}` : `${before} ${unit}`}: give the same, or more of the same, to go on with it`,
    );
  return { [unit]: now - before };
}

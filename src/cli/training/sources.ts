/** What a run trains on: the graphs of its sources, and what other orders of them cost. */

import { type Task, taskOf } from "../../agents/index.ts";
import { createGame, type GameOptions } from "../../game/index.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import { runtimeCost } from "../../runtime.ts";
import type { ProgramForm } from "../../search/certificate.ts";
import { createEngine, fromPublicOrder, toPublicOrder } from "../../search/engine.ts";
import { forward, markowitz, reverse } from "../../search/orders.ts";
import type { Objective } from "../../search/strategy.ts";
import { published } from "../../tasks/published.ts";
import type { SourceOptions } from "../source.ts";
import { formOfOptions, loadSubject, requireProgram, type Subject } from "../subject.ts";
import { bestKnown } from "./bestKnown.ts";
import type { Configuration } from "./configuration.ts";

/** A cost to compare with. */
export interface Reference {
  readonly name: string;
  readonly cost: number;
}

/** A cost as text: a count, or a runtime in units of reverse mode's. */
export function costText(cost: number): string {
  return Number.isInteger(cost) ? `${cost}` : cost.toFixed(3);
}

/** A source as agents play it. */
export interface TrainingSource extends Task {
  readonly graph: ComputationalGraph;
  readonly form: ProgramForm;
  readonly references: readonly Reference[];
}

/**
 * Loads the sources of a configuration.
 *
 * @param measured how runtimes are measured, for tests
 * @throws InputError if one is not understood, or the objective is not defined on it
 */
export function loadSources(
  configuration: Configuration,
  options: SourceOptions = {},
  measured: MeasuredCosts = (program, reference) =>
    runtimeCost(program, reference, { milliseconds: MILLISECONDS }),
): Promise<TrainingSource[]> {
  const { objective, honest, network } = configuration;
  const frame = network.kind === "transformer" && network.frame !== undefined ? { frame: network.frame } : {};
  return Promise.all(
    configuration.sources.map(async (source) => {
      const subject = await loadSubject(source, options, formOfOptions(configuration));
      if (objective === "runtime") return measuredSource(subject, frame, measured);
      const { name, form, graph } = subject;
      const task = taskOf({ name, graph, game: { cost: objective, honest, ...frame } });
      task.createGame();
      return { ...task, form, graph, references: referencesOf(name, graph, objective, form) };
    }),
  );
}

/** The runtime of orders of a program, in units of that of a reference order. */
export type MeasuredCosts = typeof runtimeCost;

/** For each of the two orders that a measurement compares. */
const MILLISECONDS = 20;

/** The runtime game: the honest one, where nothing is paid before the end, and then how long the code takes, compared with reverse mode's. */
async function measuredSource(
  subject: Subject,
  frame: Pick<GameOptions, "frame">,
  measured: MeasuredCosts,
): Promise<TrainingSource> {
  const { name, form, graph } = subject;
  const costOf = measured(requireProgram(subject), reverse(graph));
  return {
    name,
    form,
    graph,
    createGame: () => createGame(graph, { cost: { measure: () => 0, baseline: 1 }, ...frame }),
    measure: (order) => costOf(toPublicOrder(graph, order)),
    references: [
      { name: "forward", cost: await costOf(forward(graph)) },
      { name: "reverse", cost: 1 },
      {
        name: "Markowitz",
        cost: await costOf(markowitz(graph, { ties: "first", objective: "multiplications" })),
      },
    ],
  };
}

/** What the classical orders cost; and of tasks as written, in the paper's count, what is published and the best that is known. */
function referencesOf(
  name: string,
  graph: ComputationalGraph,
  objective: Objective,
  form: ProgramForm,
): Reference[] {
  const engine = createEngine(graph, objective);
  const costOf = (order: readonly number[]) => engine.cost(fromPublicOrder(graph, order));
  const references = [
    { name: "forward", cost: costOf(forward(graph)) },
    { name: "reverse", cost: costOf(reverse(graph)) },
    { name: "Markowitz", cost: costOf(markowitz(graph, { ties: "first", objective })) },
  ];
  if (objective !== "multiplications" || form !== "as written") return references;
  const known = { published: published[name]?.best, "best known": bestKnown[name] };
  return [
    ...references,
    ...Object.entries(known).flatMap(([title, cost]) => (cost === undefined ? [] : [{ name: title, cost }])),
  ];
}

/** What a run trains on: the graphs of its sources, and what other orders of them cost. */

import type { Task } from "../../agents/index.ts";
import { createGame } from "../../game/index.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import type { ProgramForm } from "../../search/certificate.ts";
import { createEngine, fromPublicOrder } from "../../search/engine.ts";
import { forward, markowitz, reverse } from "../../search/orders.ts";
import type { Objective } from "../../search/strategy.ts";
import { published } from "../../tasks/published.ts";
import type { SourceOptions } from "../source.ts";
import { formOfOptions, loadSubject } from "../subject.ts";
import { bestKnown } from "./bestKnown.ts";
import type { Configuration } from "./configuration.ts";

/** A cost to compare with. */
export interface Reference {
  readonly name: string;
  readonly cost: number;
}

/** A source as agents play it. */
export interface TrainingSource extends Task {
  readonly graph: ComputationalGraph;
  readonly form: ProgramForm;
  readonly references: readonly Reference[];
}

/** Loads the sources of a configuration. Throws an InputError if one is not understood or the objective is not defined on it. */
export function loadSources(
  configuration: Configuration,
  options: SourceOptions = {},
): Promise<TrainingSource[]> {
  const { objective, honest, network } = configuration;
  const frame = network.kind === "transformer" ? network.frame : undefined;
  const game = { cost: objective, honest, ...(frame === undefined ? {} : { frame }) };
  return Promise.all(
    configuration.sources.map(async (source) => {
      const { name, form, graph } = await loadSubject(source, options, formOfOptions(configuration));
      const task = { name, createGame: () => createGame(graph, game) };
      task.createGame();
      return { ...task, form, graph, references: referencesOf(name, graph, objective, form) };
    }),
  );
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

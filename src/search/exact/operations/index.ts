/**
 * Proofs in `operations` on scalar graphs: a lower bound that holds for every order of vertices, and an optimal order where the search ends.
 *
 * Landmarks first (landmarks.ts) among all values that orders can compute (values.ts); then, on small graphs, an exact search (exhaustion.ts). For steps finer than vertices
 * nothing is claimed: they can compute other values.
 */

import type { ComputationalGraph, EliminationOrder } from "../../../graph/graph.ts";
import { intermediates } from "../../../graph/graph.ts";
import { isScalarGraph } from "../../../graph/operations.ts";
import { createEngine, fromPublicOrder } from "../../engine.ts";
import type { OperationsEvidence } from "../../evidence.ts";
import { Pace } from "../../pace.ts";
import type { Run } from "../../strategy.ts";
import type { Proof, ProveOptions } from "../index.ts";
import { Exhaustion, MOST_INTERMEDIATES } from "./exhaustion.ts";
import { landmarks } from "./landmarks.ts";
import { type ValueSpace, valueSpace } from "./values.ts";

/** Useful sets of a pair of nodes, from round to round: more see more and take longer. */
const ROUNDS = [8, 40, 200] as const;

/** Derivations of the largest space that is followed by a larger one. */
const MOST_DERIVATIONS = 5000;

/** So many derivations count as an iteration, as does a state of the exact search. */
const DERIVATIONS = 100;

/** Ties are broken at random so often, or until as many derivations were gone through. */
const MOST_TRIES = 10;
const TRIED_DERIVATIONS = 20_000;

/** Whether a scalar graph is small enough for the exact search. */
export function isExhaustible(graph: ComputationalGraph): boolean {
  return isScalarGraph(graph) && intermediates(graph).length <= MOST_INTERMEDIATES;
}

interface Bound {
  readonly space: ValueSpace;
  readonly landmarks: readonly (readonly number[])[];
}

/**
 * Proves a lower bound on the `operations` of every order of a scalar graph.
 *
 * @throws InputError if the incumbent is no order of the graph
 */
export async function proveOperations(
  graph: ComputationalGraph,
  { budget, incumbent }: ProveOptions,
  run: Run,
): Promise<Proof> {
  const pace = new Pace(budget, run);
  const engine = createEngine(graph, "operations");
  const costOf = (order: EliminationOrder) => engine.cost(fromPublicOrder(graph, order));
  const known = incumbent === undefined ? Number.POSITIVE_INFINITY : costOf(incumbent);
  let best: Bound | null = null;
  let [told, work] = [-1, 0];
  const tell = (bound: number) => {
    if (bound <= told) return;
    told = bound;
    run.onBound?.(bound);
  };
  for (const sets of ROUNDS) {
    const space = isScalarGraph(graph) ? valueSpace(graph, sets, run.random) : null;
    if (space === null) return { lowerBound: null, order: incumbent ?? null, optimal: false, evidence: null };
    best ??= { space, landmarks: entryLandmarks(space) };
    tell(best.landmarks.length);
    const derivations = space.derivations.length / 3;
    const tries = Math.max(1, Math.min(MOST_TRIES, Math.floor(TRIED_DERIVATIONS / derivations)));
    for (let left = tries; left > 0 && (left === tries || (told < known && !pace.isOver(work))); left--) {
      const found: (readonly number[])[] = [];
      for (const landmark of landmarks(space, run.random)) {
        found.push(landmark);
        if (pace.isOver(work)) break;
        if (pace.isDue()) await pace.breathe(0, Math.max(told, found.length));
      }
      if (found.length >= best.landmarks.length) best = { space, landmarks: found };
      tell(found.length);
      work += derivations / DERIVATIONS;
    }
    await pace.breathe(0, told);
    if (told >= known || space.vague === 0 || derivations > MOST_DERIVATIONS || pace.isOver(work)) break;
  }
  if (best === null) return { lowerBound: null, order: incumbent ?? null, optimal: false, evidence: null };
  const searched = await searchAll(graph, best, known, pace, tell);
  const lowerBound = Math.max(best.landmarks.length, searched.bound);
  const order = searched.order ?? incumbent ?? null;
  return {
    lowerBound,
    order,
    optimal: order !== null && costOf(order) === lowerBound,
    evidence: evidenceOf(best, lowerBound, searched.expanded),
  };
}

/** Every entry that has to be computed, each a landmark of its own: what is known before anything is cut. */
function entryLandmarks({ entries, free, named }: ValueSpace): readonly number[][] {
  return entries.filter((entry) => !free[entry] && entry < named).map((entry) => [entry]);
}

interface Searched {
  readonly bound: number;
  readonly order: EliminationOrder | null;
  readonly expanded: number;
}

/** Raises the bound round by round by exact search, where that is possible. */
async function searchAll(
  graph: ComputationalGraph,
  { space, landmarks }: Bound,
  known: number,
  pace: Pace,
  tell: (bound: number) => void,
): Promise<Searched> {
  let bound = landmarks.length;
  if (!space.isSolid || bound >= known || !isExhaustible(graph)) return { bound, order: null, expanded: 0 };
  const search = new Exhaustion(graph, space, landmarks);
  while (bound < known) {
    const steps = search.round(bound);
    let step = steps.next();
    for (; !step.done && !pace.isOver(search.expanded); step = steps.next())
      if (pace.isDue()) await pace.breathe(search.expanded, bound);
    if (!step.done) break;
    const round = step.value;
    if (round.kind === "open") break;
    if (round.kind === "found") {
      const order = round.order.map((node) => graph.vertices[node - graph.inputs.length]?.equation ?? 0);
      return { bound, order, expanded: search.expanded };
    }
    bound++;
    tell(bound);
    await pace.breathe(search.expanded, bound);
  }
  return { bound, order: null, expanded: search.expanded };
}

function evidenceOf({ space, landmarks }: Bound, lowerBound: number, expanded: number): OperationsEvidence {
  return {
    sets: space.sets,
    landmarks: landmarks.map((values) =>
      values.map((value) => {
        const { from, to, through, via } = space.name(value);
        // As JSON: paths, and the node at which two of them meet if it is a product.
        return via === null ? [from, to, [...through]] : [from, to, [...through], via];
      }),
    ),
    bound: lowerBound,
    expanded: lowerBound > landmarks.length ? expanded : null,
  };
}

/**
 * Proofs in `multiplications` (in `operations`: operations/). On scalar graphs: a lower bound that holds for every order, with evidence; and an optimal order if the search ends. On
 * array-valued graphs: a bound that is far from tight (`arrays.ts`).
 *
 * Safe eliminations first, then each component on its own: block bounds, exact search. It can be stopped at any time and then has the best
 * bound so far.
 */

import { costsOf } from "../../graph/costs.ts";
import { nodesOfOrder } from "../../graph/elimination.ts";
import type { ComputationalGraph, EliminationOrder } from "../../graph/graph.ts";
import { simulatedAnnealing } from "../annealing.ts";
import { type BoundEvidence, boundOf, type Evidence } from "../evidence.ts";
import { Pace } from "../pace.ts";
import type { Budget, Objective, Run, Strategy } from "../strategy.ts";
import { arrayBound } from "./arrays.ts";
import { componentOf } from "./component.ts";
import { isExhaustible, proveOperations } from "./operations/index.ts";
import { ComponentProver } from "./prover.ts";
import { components, eliminateSafely, type SafeElimination } from "./safe.ts";
import { EliminationState, isSupported } from "./state.ts";

export type { BoundEvidence } from "../evidence.ts";

export interface ProveOptions {
  /** Sets expanded, and moves of vertices between blocks tried, count as iterations. */
  readonly budget: Budget;
  /** The best order known: a proof that nothing is cheaper ends the search. */
  readonly incumbent?: EliminationOrder;
  /** What the memos of the search may take together; 256 MB by default. */
  readonly bytes?: number;
}

/** What was proved. */
export interface Proof {
  /** No order costs less; null if nothing is known. */
  readonly lowerBound: number | null;
  /** The cheapest order known: an optimal one if the search found it, else made from the incumbent, than which it is never dearer. */
  readonly order: EliminationOrder | null;
  /** Whether the order costs no more than the lower bound. */
  readonly optimal: boolean;
  readonly evidence: Evidence | null;
}

/** Vertices that one flow of the safe eliminations may visit. */
const VISITS = 20_000;

const DEFAULT_BYTES = 2 ** 28;

/** A component's prover, and the best order of its vertices known. */
interface Task {
  readonly prover: ComponentProver;
  readonly order: readonly number[] | null;
  readonly cost: number;
}

/**
 * Proves a lower bound on the `multiplications` of every order.
 *
 * @throws InputError if the incumbent is no order of the graph
 */
export async function prove(
  graph: ComputationalGraph,
  { budget, incumbent, bytes = DEFAULT_BYTES }: ProveOptions,
  run: Run,
): Promise<Proof> {
  const known = incumbent === undefined ? null : nodesOfOrder(graph, incumbent);
  if (!isSupported(graph)) return proofOfArrays(graph, incumbent ?? null, run);
  const pace = new Pace(budget, run);
  const state = new EliminationState(graph);
  const safe = eliminateSafely(state, { visits: VISITS, stop: () => pace.isOver(0) });
  const parts = components(state);
  const scratch = new EliminationState(state);
  const tasks = parts.map((nodes): Task => {
    const members = new Set(nodes);
    const order = known?.filter((node) => members.has(node)) ?? null;
    const share = (bytes * nodes.length) / parts.reduce((sum, part) => sum + part.length, 0);
    const prover = new ComponentProver(componentOf(state, nodes), run.random, share);
    return { prover, order, cost: order === null ? Infinity : costOf(scratch, order) };
  });
  const spent = safe.reduce((sum, { cost }) => sum + cost, 0);
  await work(tasks, pace, (bound) => run.onBound?.(spent + bound));
  return proofOf(graph, safe, tasks);
}

/** Whether a proof is more than a bound, worth a share of the time: there is an exact search for it. */
export function canSearch(objective: Objective, graph: ComputationalGraph): boolean {
  return objective === "operations" ? isExhaustible(graph) : isSupported(graph);
}

/** `prove` in the objective. */
export function proveIn(
  objective: Objective,
  graph: ComputationalGraph,
  options: ProveOptions,
  run: Run,
): Promise<Proof> {
  return (objective === "operations" ? proveOperations : prove)(graph, options, run);
}

/** Menger's bound of an array-valued graph, without evidence: the verifier works it out anew. */
function proofOfArrays(graph: ComputationalGraph, order: EliminationOrder | null, run: Run): Proof {
  const lowerBound = arrayBound(graph);
  if (lowerBound !== null) run.onBound?.(lowerBound);
  const optimal = order !== null && costsOf(graph, order).multiplications === lowerBound;
  return { lowerBound, order, optimal, evidence: null };
}

/** Works on all components in turn until they are done or the time is over; tells of the bound of them together when it rises. */
async function work(tasks: readonly Task[], pace: Pace, onBound: (bound: number) => void): Promise<void> {
  const iterations = () => tasks.reduce((sum, { prover }) => sum + prover.iterations, 0);
  const bound = () => tasks.reduce((sum, { prover }) => sum + prover.bound, 0);
  let told = bound();
  onBound(told);
  const isDone = ({ prover, cost }: Task) => prover.isSolved || prover.bound >= cost;
  for (
    let open = tasks.filter((task) => !isDone(task));
    open.length > 0;
    open = open.filter((task) => !isDone(task))
  )
    for (const { prover, cost } of open) {
      if (pace.isOver(iterations())) return;
      prover.step(cost);
      if (bound() > told) {
        told = bound();
        onBound(told);
      }
      if (pace.isDue()) await pace.breathe(iterations(), bound());
    }
}

function proofOf(graph: ComputationalGraph, safe: readonly SafeElimination[], tasks: readonly Task[]): Proof {
  const equation = (node: number) => graph.vertices[node - graph.inputs.length]?.equation ?? 0;
  const orders = tasks.map(({ prover, order }) =>
    prover.isSolved ? prover.order().map((index) => prover.component.nodes[index] ?? 0) : order,
  );
  const evidence: BoundEvidence = {
    safe: safe.map(({ node, cost }) => ({ equation: equation(node), cost })),
    components: tasks.map(({ prover }) => {
      const number = (indices: readonly number[]) =>
        indices.map((index) => equation(prover.component.nodes[index] ?? 0));
      const blocks = prover.blocks.best.map((block) => ({
        equations: number(block.vertices),
        bound: block.bound,
      }));
      return {
        equations: prover.component.nodes.map(equation),
        blocks,
        bound: prover.bound,
        expanded: prover.bound > prover.blocks.bound ? prover.expanded : null,
      };
    }),
  };
  const lowerBound = boundOf(evidence);
  const isComplete = orders.every((order) => order !== null);
  const order = isComplete
    ? [...safe.map(({ node }) => node), ...orders.flatMap((part) => part ?? [])].map(equation)
    : null;
  const optimal = order !== null && costsOf(graph, order).multiplications === lowerBound;
  return { lowerBound, order, optimal, evidence };
}

/** What eliminating these nodes in this order costs; they are eliminated in the state. */
function costOf(state: EliminationState, order: readonly number[]): number {
  return order.reduce((sum, node) => sum + state.eliminate(node), 0);
}

export interface ExactOptions {
  /** As in `ProveOptions`; a tenth of it, at most a second, is spent on annealing first. */
  readonly budget: Budget;
}

/**
 * The exact search as a strategy, for `multiplications`: anneals a little for a good order, then searches until it is proved or the budget is used up.
 *
 * @returns an optimal order if it was found in time, else the best one met
 */
export const exact: Strategy<ExactOptions> = async (graph, { budget }, run) => {
  const { seconds, iterations } = budget;
  const share = {
    ...(seconds === undefined ? {} : { seconds: Math.min(1, seconds / 10) }),
    ...(iterations === undefined ? {} : { iterations: Math.ceil(iterations / 10) }),
  };
  const start = run.now();
  const incumbent = await simulatedAnnealing(graph, { objective: "multiplications", budget: share }, run);
  const rest = seconds === undefined ? budget : { ...budget, seconds: seconds - (run.now() - start) / 1000 };
  const { order } = await prove(graph, { budget: rest, incumbent }, run);
  if (order === null) return incumbent;
  const cost = (candidate: EliminationOrder) => costsOf(graph, candidate).multiplications;
  if (cost(order) < cost(incumbent)) run.onImprovement?.(order, cost(order));
  return order;
};

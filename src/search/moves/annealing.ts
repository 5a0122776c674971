/**
 * Simulated annealing on elimination steps: an order of vertices with edges or faces eliminated in between.
 *
 * A whole order stays in the list, so that whatever is put between its vertices, all intermediates are eliminated in the end; steps that are not
 * there when their turn comes do nothing. A move takes a step out and inserts it elsewhere, puts an edge or face that is there at some place
 * into it, or takes one out.
 */

import type { NodeStep } from "../../graph/faces.ts";
import type { Random } from "../../random.ts";
import { Pace } from "../pace.ts";
import type { Budget, Run } from "../strategy.ts";
import type { StepEngine } from "./step.ts";

/** Costs are integers; the order to start from is good already, so it is not heated as far as one from scratch. */
const HOTTEST = 1.5;
const COLDEST = 0.2;
/** The budget is divided into so many cycles of cooling, each from the best steps so far. */
const CYCLES = 3;
/** Share of moves that only move a step, and of those that put a new one in; the others take one out. */
const MOVED = 0.5;
const INSERTED = 0.35;

/** What annealing needs to know of a graph. */
export interface StepAnnealingOptions {
  /** To draw edges and faces at. */
  readonly intermediates: readonly number[];
  /** Whether a step can name a node. */
  readonly isNamed: (node: number) => boolean;
  readonly faces: boolean;
  readonly budget: Budget;
}

/**
 * Anneals over the whole budget; an iteration is a move tried.
 *
 * @param start steps that eliminate all, each vertex among them
 * @returns the cheapest steps met, the start included
 */
export async function annealSteps(
  engine: StepEngine,
  start: readonly NodeStep[],
  { intermediates, isNamed, faces, budget }: StepAnnealingOptions,
  run: Run,
  onImprovement: (steps: readonly NodeStep[], cost: number) => void,
): Promise<readonly NodeStep[]> {
  const { random } = run;
  const pace = new Pace(budget, run);
  let best = start;
  let bestCost = engine.cost(start);
  let [current, currentCost] = [best, bestCost];
  let cycle = 0;
  const propose = (): NodeStep[] | null => {
    const kind = random.unit();
    if (kind < MOVED) return moved(current, random);
    if (kind >= MOVED + INSERTED) return without(current, random);
    const place = random.below(current.length + 1);
    const via = intermediates[random.below(intermediates.length)] ?? 0;
    const { predecessors, successors } = engine.neighbours(current, place, via);
    const step = draw(via, predecessors.filter(isNamed), successors.filter(isNamed), faces, random);
    return step === null ? null : current.toSpliced(place, 0, step);
  };
  for (let moves = 0; bestCost > 0 && intermediates.length > 0 && !pace.isOver(moves); moves++) {
    const fraction = pace.fraction(moves) * CYCLES;
    if (Math.floor(fraction) > cycle) {
      cycle = Math.floor(fraction);
      [current, currentCost] = [best, bestCost];
    }
    const temperature = HOTTEST * (COLDEST / HOTTEST) ** (fraction % 1);
    const proposal = propose();
    if (proposal !== null) {
      const cost = engine.cost(proposal);
      if (cost <= currentCost - temperature * Math.log(random.unit() + 2 ** -33)) {
        [current, currentCost] = [proposal, cost];
        if (cost < bestCost) {
          [best, bestCost] = [proposal, cost];
          onImprovement(best, bestCost);
        }
      }
    }
    if (pace.isDue()) await pace.breathe(moves, bestCost);
  }
  return best;
}

/** Takes one step out and inserts it elsewhere, mostly near: the distance is log-uniform. */
function moved(steps: readonly NodeStep[], random: Random): NodeStep[] {
  const from = random.below(steps.length);
  const distance = Math.floor(steps.length ** random.unit());
  const to = Math.min(steps.length - 1, Math.max(0, from + (random.bits() & 1 ? distance : -distance)));
  const step = steps[from] as NodeStep;
  return steps.toSpliced(from, 1).toSpliced(to, 0, step);
}

/** Takes out one step that is no vertex; null if there is none. */
function without(steps: readonly NodeStep[], random: Random): NodeStep[] | null {
  const fine = steps.flatMap(({ kind }, index) => (kind === "vertex" ? [] : [index]));
  return fine.length === 0 ? null : steps.toSpliced(fine[random.below(fine.length)] as number, 1);
}

/** An edge or face at a node; null where eliminating it would be eliminating the node. */
function draw(
  via: number,
  predecessors: readonly number[],
  successors: readonly number[],
  faces: boolean,
  random: Random,
): NodeStep | null {
  const from = predecessors[random.below(Math.max(1, predecessors.length))];
  const to = successors[random.below(Math.max(1, successors.length))];
  if (from === undefined || to === undefined || predecessors.length + successors.length < 3) return null;
  if (faces && random.unit() < 0.5) return { kind: "face", from, via, to };
  const isFront = successors.length === 1 || (predecessors.length > 1 && (random.bits() & 1) === 0);
  return isFront ? { kind: "front", from, via } : { kind: "back", via, to };
}

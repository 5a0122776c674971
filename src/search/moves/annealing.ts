/** Simulated annealing on elimination steps, within a budget, that can be interrupted and goes on. */

import type { NodeStep } from "../../graph/faces.ts";
import type { RandomState } from "../../random.ts";
import { cyclesOf } from "../annealing.ts";
import { Pace } from "../pace.ts";
import type { Budget, Run } from "../strategy.ts";
import { type AnnealerStanding, type Insertions, StepAnnealer } from "./annealer.ts";
import type { StepEngine } from "./step.ts";

/** Costs are integers. */
const HOTTEST = 3;
const COLDEST = 0.15;
/** Lists with faces take a hundred times as long, and save little beside edges: they begin when this part of the budget is used. */
const FACES_FROM = 0.5;
/** Moves between two looks at the clock. */
const CHUNK = 32;

/** How annealing goes on. */
export interface StepAnnealingOptions extends Insertions {
  /** Whether faces are eliminated too. */
  readonly faces: boolean;
  /** An iteration is a move tried. */
  readonly budget: Budget;
  /** The highest temperature is this many times the usual one; 1 by default. */
  readonly heat?: number;
  /** Where to go on, with the budget of then; the start is not looked at. */
  readonly resume?: StepAnnealingState;
  /** Called once, with a function that says at any time where the annealing stands. */
  readonly onState?: (capture: () => StepAnnealingState) => void;
  /** What others have found that search the same graph at the same time. */
  readonly incumbent?: () => { readonly steps: readonly NodeStep[]; readonly cost: number } | undefined;
}

/** Where annealing stands between two moves: with it the same moves follow as without the interruption. */
export interface StepAnnealingState extends AnnealerStanding {
  /** Used so far. */
  readonly seconds: number;
  readonly random: RandomState;
  readonly best: readonly NodeStep[];
  /** Of cooling. */
  readonly cycle: number;
}

/**
 * Anneals over the whole budget, in cycles that each cool geometrically from hot to cold and start from the best steps so far.
 *
 * @param start steps that eliminate all, each vertex among them
 * @returns the cheapest steps met, the start included
 */
export async function annealSteps(
  engine: StepEngine,
  start: readonly NodeStep[],
  { faces, budget, heat = 1, resume, onState, incumbent, ...insertions }: StepAnnealingOptions,
  run: Pick<Run, "random" | "now" | "signal" | "onProgress">,
  onImprovement: (steps: readonly NodeStep[], cost: number) => void,
): Promise<readonly NodeStep[]> {
  const pace = new Pace(budget, run, resume?.seconds);
  const annealer = new StepAnnealer(engine, resume?.best ?? start, insertions, run.random);
  const cycles = cyclesOf(budget);
  const hottest = HOTTEST * heat;
  let cycle = 0;
  if (resume !== undefined) {
    ({ cycle } = resume);
    run.random.state = resume.random;
    annealer.restore(resume);
  }
  onState?.(() => ({
    ...annealer.standing,
    seconds: pace.seconds,
    random: run.random.state,
    best: annealer.best,
    cycle,
  }));
  const startCycle = () => {
    cycle++;
    const others = incumbent?.();
    if (others !== undefined && others.cost < annealer.bestCost) annealer.adopt(others.steps);
    else annealer.returnToBest();
  };
  while (start.length > 0 && annealer.bestCost > 0 && !pace.isOver(annealer.moves)) {
    const fraction = pace.fraction(annealer.moves);
    const [begin, end] = [cycles[cycle - 1] ?? 0, cycles[cycle] ?? 1];
    if (fraction >= end) {
      startCycle();
      continue;
    }
    const before = annealer.bestCost;
    const temperature = hottest * (COLDEST / hottest) ** Math.max(0, (fraction - begin) / (end - begin));
    annealer.anneal(CHUNK, temperature, faces && fraction >= FACES_FROM);
    if (annealer.bestCost < before) onImprovement(annealer.best, annealer.bestCost);
    if (pace.isDue()) await pace.breathe(annealer.moves, annealer.bestCost);
  }
  return annealer.best;
}

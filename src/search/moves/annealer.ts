/**
 * Elimination steps in the course of annealing: an order of vertices with edges or faces eliminated in between.
 *
 * A whole order stays in the list, so that whatever is put between its vertices, all intermediates are eliminated in the end; steps that are not
 * there when their turn comes do nothing. As orders of vertices are (`../annealing.ts`), the list is swept from its front to its back: the engine holds the graph
 * with all before the sweep's position eliminated, and a move changes what comes from there on. It is tried by taking the steps from there to where the edges are the
 * same as before: once the vertices that it concerns are gone, they mostly are.
 */

import type { NodeStep } from "../../graph/faces.ts";
import type { Random } from "../../random.ts";
import type { StepEngine } from "./step.ts";

/** Moves tried at each position of a sweep. */
const TRIES = 2;
/** Share of moves that put a new step in; of the others at an edge or a face, the share that takes it out. */
const INSERTED = 0.2;
const REMOVED = 0.6;
/** Where edges alone do not tell what comes, what later steps may save again of what the changed ones cost more: more than this they hardly ever do. */
const HOPE = 3;
/** The list is at most so many times as long as the order of vertices. */
const LONGEST = 3;

/** What may be put in. */
export interface Insertions {
  /** Whether a step can name a node. */
  readonly isNamed: (node: number) => boolean;
}

/** A list under change and how far its annealing has come. */
export interface AnnealerStanding {
  readonly steps: readonly NodeStep[];
  readonly position: number;
  readonly triesLeft: number;
  readonly moves: number;
}

export class StepAnnealer {
  /** The best list met and its cost. */
  best: readonly NodeStep[];
  bestCost: number;
  /** Moves tried. */
  moves = 0;
  readonly #engine: StepEngine;
  readonly #random: Random;
  readonly #insertions: Insertions;
  readonly #longest: number;
  #faces = false;
  /** The list under change and its cost; for each step what it costs, and the engine's fingerprint after it. */
  readonly #steps: NodeStep[] = [];
  #cost = 0;
  readonly #costs: number[] = [];
  readonly #prints: number[] = [];
  /** The sum of the costs, and of those before the sweep's position. */
  #made = 0;
  #taken = 0;
  /** The same from the sweep's position on, of a list under trial. */
  readonly #trialCosts: number[] = [];
  readonly #trialPrints: number[] = [];
  /** Where the sweep is: the engine has taken all before it. */
  #position = 0;
  #triesLeft = TRIES;

  /** @param start steps that eliminate all, each vertex among them */
  constructor(engine: StepEngine, start: readonly NodeStep[], insertions: Insertions, random: Random) {
    this.#engine = engine;
    this.#random = random;
    this.#insertions = insertions;
    this.#longest = LONGEST * start.length + 8;
    this.best = start;
    this.#begin(start);
    this.bestCost = this.#cost;
  }

  /** Where the sweep stands. */
  get standing(): AnnealerStanding {
    const { moves } = this;
    return { steps: [...this.#steps], moves, position: this.#position, triesLeft: this.#triesLeft };
  }

  /** Goes on from the best list, with a new sweep. */
  returnToBest(): void {
    this.#begin(this.best);
  }

  /** Goes on from a list that is better than the best, with a new sweep. */
  adopt(steps: readonly NodeStep[]): void {
    this.best = steps;
    this.#begin(steps);
    this.bestCost = this.#cost;
  }

  /** Goes on where another annealer with the same best list stood. */
  restore({ steps, position, triesLeft, moves }: AnnealerStanding): void {
    this.#begin(steps);
    while (this.#position < position) this.#take();
    this.#triesLeft = triesLeft;
    this.moves = moves;
  }

  #begin(steps: readonly NodeStep[]): void {
    const engine = this.#engine;
    engine.restart();
    this.#steps.splice(0, Infinity, ...steps);
    this.#costs.length = this.#prints.length = steps.length;
    this.#made = 0;
    for (const [index, step] of steps.entries()) {
      const cost = engine.take(step);
      this.#costs[index] = cost;
      this.#prints[index] = engine.fingerprint();
      this.#made += cost;
    }
    this.#cost = engine.total();
    this.#return();
  }

  /** To the front of the list. */
  #return(): void {
    this.#engine.restart();
    this.#position = 0;
    this.#taken = 0;
    this.#triesLeft = TRIES;
  }

  /** To the next position. */
  #take(): void {
    this.#taken += this.#engine.take(this.#steps[this.#position++] as NodeStep);
  }

  /** Tries so many moves, going on with the sweep; faces are put in only if they are wanted. The list is not empty. */
  anneal(moves: number, temperature: number, faces: boolean): void {
    this.#faces = faces;
    for (let left = moves; left > 0; left--) {
      this.#move(temperature);
      if (--this.#triesLeft > 0 && this.#position < this.#steps.length) continue;
      this.#triesLeft = TRIES;
      if (this.#position + 1 < this.#steps.length) this.#take();
      else this.#return();
    }
    this.moves += moves;
  }

  /** Tries to put an edge or a face in, to take one out, to swap two steps, or to take one out and insert it elsewhere. */
  #move(temperature: number): void {
    const start = this.#position;
    const random = this.#random;
    const steps = this.#steps;
    // Metropolis' rule with the random number drawn first: a rise up to this is accepted.
    const rise = -temperature * Math.log(random.unit() + 2 ** -33);
    const kind = random.unit();
    if (kind < INSERTED) {
      const step = this.#drawn(start);
      if (step === null) return;
      steps.splice(start, 0, step);
      if (!this.#accept(start, start + 1, 1, rise)) steps.splice(start, 1);
      return;
    }
    const first = steps[start] as NodeStep;
    if (first.kind !== "vertex" && kind < INSERTED + (1 - INSERTED) * REMOVED) {
      steps.splice(start, 1);
      if (!this.#accept(start, start, -1, rise)) steps.splice(start, 0, first);
      return;
    }
    const end = start + this.#distance(start);
    if (end >= steps.length || end === start) return;
    const last = steps[end] as NodeStep;
    switch (random.bits() & 3) {
      case 0:
        [steps[start], steps[end]] = [last, first];
        if (!this.#accept(start, end + 1, 0, rise)) [steps[start], steps[end]] = [first, last];
        return;
      case 1:
        moveStep(steps, start, end);
        if (!this.#accept(start, end + 1, 0, rise)) moveStep(steps, end, start);
        return;
      default:
        moveStep(steps, end, start);
        if (!this.#accept(start, end + 1, 0, rise)) moveStep(steps, start, end);
    }
  }

  /** How far ahead: mostly near, log-uniform. */
  #distance(start: number): number {
    return Math.floor((this.#steps.length - start) ** this.#random.unit());
  }

  /** An edge or a face that is there now, at a vertex that goes soon; null if there is no use in it. */
  #drawn(start: number): NodeStep | null {
    if (this.#steps.length >= this.#longest) return null;
    const soon = this.#steps[start + this.#distance(start) - 1];
    if (soon === undefined) return null;
    const { isNamed } = this.#insertions;
    const { predecessors, successors } = this.#engine.neighbours(soon.via);
    return draw(
      soon.via,
      predecessors.filter(isNamed),
      successors.filter(isNamed),
      this.#faces,
      this.#random,
    );
  }

  /**
   * Whether the changed list costs at most `rise` more than before; if so it is taken over.
   *
   * @param start the sweep's position: all before it is as it was
   * @param end all from here on is as it was, `shift` places further on
   */
  #accept(start: number, end: number, shift: number, rise: number): boolean {
    const engine = this.#engine;
    const steps = this.#steps;
    const limit = this.#made - this.#taken + rise;
    let made = 0;
    let before = shift < 0 ? (this.#costs[start] as number) : 0;
    let position = start;
    let isSame = false;
    let isHopeless = false;
    while (position < steps.length && !isSame && !isHopeless) {
      const cost = engine.take(steps[position] as NodeStep);
      const print = engine.fingerprint();
      this.#trialCosts[position] = cost;
      this.#trialPrints[position] = print;
      made += cost;
      const old = position - shift;
      if (old >= start) before += this.#costs[old] as number;
      position++;
      const isPast = position >= end;
      isSame = isPast && print === this.#prints[old];
      isHopeless = made > limit || (isPast && Number.isNaN(print) && made - before > rise + HOPE);
    }
    const cost = isSame ? this.#cost + made - before : isHopeless ? Infinity : engine.total();
    engine.undo(position - start);
    if (cost > this.#cost + rise) return false;
    if (shift > 0) {
      this.#costs.splice(start, 0, 0);
      this.#prints.splice(start, 0, 0);
    } else if (shift < 0) {
      this.#costs.splice(start, 1);
      this.#prints.splice(start, 1);
    }
    for (let place = start; place < position; place++) {
      this.#costs[place] = this.#trialCosts[place] as number;
      this.#prints[place] = this.#trialPrints[place] as number;
    }
    this.#made += made - before;
    this.#cost = cost;
    if (cost < this.bestCost) {
      this.bestCost = cost;
      this.best = [...steps];
    }
    return true;
  }
}

/** Takes one step out and inserts it elsewhere. */
function moveStep(steps: NodeStep[], from: number, to: number): void {
  const step = steps[from] as NodeStep;
  if (from < to) steps.copyWithin(from, from + 1, to + 1);
  else steps.copyWithin(to + 1, to, from);
  steps[to] = step;
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

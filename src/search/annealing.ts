/**
 * Simulated annealing on elimination orders (Kirkpatrick, Gelatt & Vecchi 1983).
 *
 * The order is swept from its front to its back. The engine holds the graph with all before the sweep's position eliminated, so that a move
 * whose first change is at this position is tried by eliminating from there on, and undone. Where costs are *local* (see `Engine`)
 * only the vertices of the window that are connected with the moved ones are eliminated again: 1.4 million moves a second on RoeFlux_1d in `multiplications`.
 */

import type { EliminationOrder } from "../graph/graph.ts";
import type { Random, RandomState } from "../random.ts";
import {
  createEngine,
  type Engine,
  fromPublicOrder,
  isLocal,
  type LocalEngine,
  toPublicOrder,
} from "./engine.ts";
import { forward, markowitz, reverse } from "./orders.ts";
import { Pace } from "./pace.ts";
import type { Budget, Objective, Strategy } from "./strategy.ts";

/** What annealing minimises and for how long; an iteration is a move tried. */
export interface AnnealingOptions {
  readonly objective: Objective;
  readonly budget: Budget;
  /** Where to start; by default from the best of forward, reverse and Markowitz. */
  readonly start?: EliminationOrder;
  /** Where to go on, with the budget and objective of then; instead of a start. */
  readonly resume?: AnnealingState;
  /** The highest temperature is this many times the usual one; 1 by default. */
  readonly heat?: number;
  /** Called once, with a function that says at any time where the annealing stands. */
  readonly onState?: (capture: () => AnnealingState) => void;
}

/** Where annealing stands between two moves, as JSON: with it the same moves follow as without the interruption. */
export interface AnnealingState {
  readonly kind: "annealing";
  /** Used so far. */
  readonly seconds: number;
  readonly random: RandomState;
  /** The order under change, and the best one. */
  readonly order: EliminationOrder;
  readonly best: EliminationOrder;
  /** Of the sweep. */
  readonly position: number;
  readonly triesLeft: number;
  readonly moves: number;
  readonly accepted: number;
  /** The highest temperature, and the cycle of cooling; -1 while that temperature is sought. */
  readonly hottest: number;
  readonly cycle: number;
  /** What was tried and accepted when this temperature was first taken. */
  readonly sampled: { readonly moves: number; readonly accepted: number };
}

/** Costs are integers: at the lowest temperature a rise by 1 is accepted once in 150 times, at the highest (of scalar graphs) mostly. */
const COLDEST = 0.2;
const HOTTEST = 2;
/** Graphs of larger costs are heated until this share of moves is accepted. */
const HOT_SHARE = 0.7;
/** Moves between two looks at the clock, and for taking the temperature. */
const CHUNK = 32;
const SAMPLE = 256;
/** Cycles of cooling; with a long time more, so that the first one takes about a second. */
const CYCLES = 4;
/** Moves tried at each position of a sweep. */
const TRIES = 2;

/**
 * Anneals over the whole budget, in cycles that each cool geometrically from hot to cold and start from the best order so far.
 *
 * @returns the best order met, the start included
 * @throws InputError if the objective is not defined on the graph, or `start` is not an order of it
 */
export const simulatedAnnealing: Strategy<AnnealingOptions> = async (
  graph,
  { objective, budget, start, resume, heat = 1, onState },
  run,
) => {
  const pace = new Pace(budget, run, resume?.seconds);
  const engine = createEngine(graph, objective);
  const given = resume?.best ?? start;
  const starts = given === undefined ? [...classicalStarts(graph)] : [given];
  const annealer = new Annealer(
    engine,
    cheapestOf(
      engine,
      starts.map((order) => fromPublicOrder(graph, order)),
    ),
    run.random,
  );
  const cycles = cyclesOf(budget);
  let hottest = HOTTEST * heat;
  let cycle = -1;
  let sampled = { moves: 0, accepted: 0 };
  if (resume !== undefined) {
    ({ hottest, cycle, sampled } = resume);
    run.random.state = resume.random;
    annealer.restore({ ...resume, order: fromPublicOrder(graph, resume.order) });
  }
  onState?.(() => ({
    kind: "annealing",
    seconds: pace.seconds,
    random: run.random.state,
    ...annealer.counters,
    order: toPublicOrder(graph, annealer.order),
    best: toPublicOrder(graph, annealer.best),
    hottest,
    cycle,
    sampled,
  }));
  const report = () => run.onImprovement?.(toPublicOrder(graph, annealer.best), annealer.bestCost);
  report();

  const advance = async (temperature: number) => {
    const before = annealer.bestCost;
    annealer.anneal(CHUNK, temperature);
    if (annealer.bestCost < before) report();
    if (pace.isDue()) await pace.breathe(annealer.moves, annealer.bestCost);
  };
  /** Heats until enough moves of a sample are accepted. */
  const heatUp = async () => {
    await advance(hottest);
    const { moves, accepted } = annealer;
    if (moves - sampled.moves < SAMPLE) return;
    if (accepted - sampled.accepted >= HOT_SHARE * SAMPLE) startCycle();
    else hottest *= 2;
    sampled = { moves, accepted };
  };
  const startCycle = () => {
    cycle++;
    const others = run.incumbent?.best;
    if (others !== undefined && others.cost < annealer.bestCost)
      annealer.adopt(fromPublicOrder(graph, others.order));
    else annealer.returnToBest();
  };
  // One intermediate or none leaves nothing to choose, and nothing is cheaper than free.
  while (engine.size >= 2 && annealer.bestCost > 0 && !pace.isOver(annealer.moves)) {
    const fraction = pace.fraction(annealer.moves);
    const [begin, end] = [cycles[cycle - 1] ?? 0, cycles[cycle] ?? 1];
    if (cycle < 0) await heatUp();
    else if (fraction >= end) startCycle();
    else await advance(hottest * (COLDEST / hottest) ** Math.max(0, (fraction - begin) / (end - begin)));
  }
  return toPublicOrder(graph, annealer.best);
};

/** Where in the budget each cycle of cooling ends: each is twice as long as the one before, so that a good order comes early. */
export function cyclesOf({ seconds = 0, iterations }: Budget): number[] {
  const count =
    iterations === undefined ? Math.max(CYCLES, Math.round(Math.log2(1.5 * seconds + 1))) : CYCLES;
  return Array.from({ length: count }, (_, cycle) => (2 ** (cycle + 1) - 1) / (2 ** count - 1));
}

function* classicalStarts(graph: Parameters<typeof forward>[0]): Generator<EliminationOrder> {
  yield forward(graph);
  yield reverse(graph);
  yield markowitz(graph, { ties: "first" });
  yield markowitz(graph, { ties: "last" });
}

function cheapestOf(engine: Engine, orders: readonly Int32Array[]): Int32Array {
  const costs = orders.map((order) => engine.cost(order));
  return orders[costs.indexOf(Math.min(...costs))] ?? new Int32Array(0);
}

/** An order under change and how far its annealing has come. */
interface Standing {
  readonly order: Int32Array;
  readonly position: number;
  readonly triesLeft: number;
  readonly moves: number;
  readonly accepted: number;
}

/** An order in the course of annealing. */
class Annealer {
  /** The best order met and its cost. */
  readonly best: Int32Array;
  bestCost: number;
  /** Moves tried, and accepted. */
  moves = 0;
  accepted = 0;
  readonly #engine: Engine;
  readonly #random: Random;
  /** The order under change. */
  readonly order: Int32Array;
  #cost = 0;
  /** What the elimination of each vertex costs where the order has it, and by position what those under trial would. */
  readonly #costs: Float64Array;
  readonly #trial: Float64Array;
  /** Vertices whose costs a move may change. */
  readonly #connected: Int32Array;
  /** Where the sweep is: the engine has eliminated all before it. */
  #position = 0;
  #triesLeft = TRIES;

  constructor(engine: Engine, start: Int32Array, random: Random) {
    this.#engine = engine;
    this.#random = random;
    this.best = start.slice();
    this.order = start.slice();
    this.#costs = new Float64Array(start.length);
    this.#trial = new Float64Array(start.length);
    this.#connected = new Int32Array(start.length);
    this.returnToBest();
    this.bestCost = this.#cost;
  }

  /** Where the sweep stands, and what was tried. */
  get counters() {
    const { moves, accepted } = this;
    return { moves, accepted, position: this.#position, triesLeft: this.#triesLeft };
  }

  /** Goes on from the best order, with a new sweep. */
  returnToBest(): void {
    this.#start(this.best);
  }

  /** Goes on from an order that is better than the best, with a new sweep. */
  adopt(order: Int32Array): void {
    this.best.set(order);
    this.#start(order);
    this.bestCost = this.#cost;
  }

  /** Goes on where another annealer with the same best order stood. */
  restore({ order, position, triesLeft, moves, accepted }: Standing): void {
    this.#start(order);
    while (this.#position < position) this.#engine.eliminate(this.order[this.#position++] as number);
    this.#triesLeft = triesLeft;
    this.moves = moves;
    this.accepted = accepted;
  }

  #start(order: Int32Array): void {
    const engine = this.#engine;
    this.order.set(order);
    engine.restart();
    for (const index of order) this.#costs[index] = engine.eliminate(index);
    this.#cost = engine.total();
    engine.restart();
    this.#position = 0;
    this.#triesLeft = TRIES;
  }

  /** Tries so many moves, going on with the sweep. The order has at least two entries. */
  anneal(moves: number, temperature: number): void {
    for (let left = moves; left > 0; left--) {
      this.#move(this.#position, temperature);
      if (--this.#triesLeft === 0) this.#step();
    }
    this.moves += moves;
  }

  #step(): void {
    this.#triesLeft = TRIES;
    if (this.#position + 2 < this.order.length) {
      this.#engine.eliminate(this.order[this.#position++] as number);
    } else {
      this.#engine.restart();
      this.#position = 0;
    }
  }

  /** Tries to swap two entries, or to take one out and insert it elsewhere; mostly near: the distance is log-uniform. */
  #move(start: number, temperature: number): void {
    const random = this.#random;
    const { order } = this;
    const distance = Math.max(1, Math.floor((order.length - start) ** random.unit()));
    const end = start + distance;
    const kind = random.bits() & 3;
    if (kind === 0) swap(order, start, end);
    else if (kind === 1) moveBack(order, start, end);
    else moveFront(order, start, end);
    // Metropolis' rule with the random number drawn first: a rise up to this is accepted.
    // A swap moves both ends of the window, an insertion one.
    const moved = kind === 0 ? 3 : kind === 1 ? 2 : 1;
    if (this.#accept(start, end, moved, -temperature * Math.log(random.unit() + 2 ** -33))) return;
    if (kind === 0) swap(order, start, end);
    else if (kind === 1) moveFront(order, start, end);
    else moveBack(order, start, end);
  }

  /** Whether the changed order costs at most `rise` more than before; if so it is taken over. */
  #accept(start: number, end: number, moved: number, rise: number): boolean {
    const change = isLocal(this.#engine)
      ? this.#changeWithin(this.#engine, start, end, moved, rise)
      : this.#changeFrom(start, rise);
    if (change === Infinity) return false;
    this.accepted++;
    this.#cost += change;
    if (this.#cost < this.bestCost) {
      this.bestCost = this.#cost;
      this.best.set(this.order);
    }
    return true;
  }

  /** By how much the cost changes, or Infinity if that is more than `rise`, where only the vertices connected with the moved ones can cost something else. */
  #changeWithin(engine: LocalEngine, start: number, end: number, moved: number, rise: number): number {
    const costs = this.#costs;
    const trial = this.#trial;
    const connected = this.#connected;
    const count = engine.connected(this.order, start, end + 1, moved, connected);
    // Half of all moves: the vertex meets nothing on its way.
    if (count === 1) return 0;
    let before = 0;
    for (let place = 0; place < count; place++) before += costs[connected[place] as number] as number;
    const after = engine.attempt(connected, 0, count, before + rise, trial);
    if (after === Infinity) return Infinity;
    for (let place = 0; place < count; place++) costs[connected[place] as number] = trial[place] as number;
    return after - before;
  }

  /** The same where all that comes after the first change can cost something else. */
  #changeFrom(start: number, rise: number): number {
    const { order } = this;
    const before = this.#cost - this.#engine.total();
    return this.#engine.attempt(order, start, order.length, before + rise, this.#trial) - before;
  }
}

function swap(order: Int32Array, i: number, j: number): void {
  const held = order[i] as number;
  order[i] = order[j] as number;
  order[j] = held;
}

/** Takes what is at i out and inserts it at j > i. */
function moveBack(order: Int32Array, i: number, j: number): void {
  const held = order[i] as number;
  for (let position = i; position < j; position++) order[position] = order[position + 1] as number;
  order[j] = held;
}

/** Takes what is at j out and inserts it at i < j. */
function moveFront(order: Int32Array, i: number, j: number): void {
  const held = order[j] as number;
  for (let position = j; position > i; position--) order[position] = order[position - 1] as number;
  order[i] = held;
}

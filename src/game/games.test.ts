import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { optima, optimum, randomGraph } from "../../test/bruteForce.ts";
import { randomGraphs } from "../../test/randomGraph.ts";
import { InputError } from "../errors.ts";
import { costsOf } from "../graph/costs.ts";
import { type ComputationalGraph, intermediates } from "../graph/graph.ts";
import { linearize } from "../jacobian/linearize.ts";
import { Random } from "../random.ts";
import { createEngine, toPublicOrder } from "../search/engine.ts";
import { OBJECTIVES } from "../search/strategy.ts";
import { findTask, programOf } from "../tasks/index.ts";
import { type Game, type GameState, movesOf, replay } from "./game.ts";
import { createGame, ReducedGame, VertexGame } from "./index.ts";

const graphOf = (task: string) => linearize(programOf(findTask(task)!)).graph;

/** Graphs as the reduced game takes them: with edges of pure structure or without. */
const graphs = (structure: number) =>
  fc.integer().map((seed) => {
    const random = Random.seeded(seed);
    return randomGraph(random, {
      inputs: 1 + random.below(4),
      intermediates: 1 + random.below(9),
      outputs: 1 + random.below(3),
      operands: 1 + random.below(3),
      window: 3 + random.below(5),
      structure,
    });
  });

/** Plays at random; the states from the root to the end, and the sum of all rewards. */
function playAtRandom<State extends GameState>(game: Game<State>, random: Random) {
  const states = [game.root()];
  let reward = game.rootReward;
  for (let state = game.root(); !game.isDone(state); ) {
    const legal = game.legalActions(state);
    const step = game.step(state, legal[random.below(legal.length)]!);
    expect(step.done).toBe(game.isDone(step.state));
    state = step.state;
    reward += step.reward;
    states.push(state);
  }
  return { states, last: states.at(-1)!, reward };
}

/** The best sum of rewards from a state, by trying all moves. */
function best<State extends GameState>(game: Game<State>, state: State): number {
  if (game.isDone(state)) return 0;
  return Math.max(
    ...[...game.legalActions(state)].map((action) => {
      const step = game.step(state, action);
      return step.reward + best(game, step.state);
    }),
  );
}

describe("rewards add up to minus the cost of the order", () => {
  test.each(OBJECTIVES)("honest game, %s", (objective) => {
    fc.assert(
      fc.property(randomGraphs(), fc.integer(), (graph, seed) => {
        const game = new VertexGame(graph, objective);
        const { last, reward } = playAtRandom(game, Random.seeded(seed));
        expect(reward).toBe(-createEngine(graph, objective).cost(game.order(last)) || 0);
      }),
      { numRuns: 60 },
    );
  });

  test.each([0, 0.3])("reduced game, %d of pure structure", (structure) => {
    fc.assert(
      fc.property(graphs(structure), fc.integer(), (graph, seed) => {
        const game = new ReducedGame(graph);
        const { last, reward } = playAtRandom(game, Random.seeded(seed));
        const { multiplications } = costsOf(graph, toPublicOrder(graph, game.order(last)));
        expect(reward).toBe(-multiplications || 0);
      }),
    );
  });

  test.each(["RoeFlux_1d", "Perceptron", "SpikingLayer"])("%s", (task) => {
    const graph = graphOf(task);
    const game = createGame(graph);
    const { last, reward } = playAtRandom(game, Random.seeded(1));
    const { multiplications } = costsOf(graph, toPublicOrder(graph, game.order(last)));
    expect(reward).toBe(-multiplications);
  });

  test("a measured cost comes with the last move", () => {
    const graph = graphOf("BlackScholes");
    const orders: (readonly number[])[] = [];
    const measure = (order: readonly number[]) => orders.push(order) + 41;
    const game = new VertexGame(graph, { measure, baseline: 100 });
    const { last, states, reward } = playAtRandom(game, Random.seeded(3));
    expect(reward).toBe(-42);
    expect(orders).toEqual([toPublicOrder(graph, game.order(last))]);
    expect(game.observe(states[3]!).upperBound).toBe(100);
  });
});

describe("the reduced game", () => {
  test.each([0, 0.3])("has the optimum of the graph, %d of pure structure", (structure) => {
    fc.assert(
      fc.property(graphs(structure), (graph) => {
        const game = new ReducedGame(graph);
        expect(game.rootReward + best(game, game.root())).toBe(-optimum(graph) || 0);
      }),
      { numRuns: 60 },
    );
  });

  test("bounds what is left from both sides", () => {
    fc.assert(
      fc.property(graphs(0.1), fc.integer(), (graph, seed) => {
        const left = bestCompletions(graph);
        const game = new ReducedGame(graph);
        for (const state of playAtRandom(game, Random.seeded(seed)).states) {
          if (game.isDone(state)) continue;
          const { lowerBound, upperBound, actions } = game.observe(state);
          const optimal = left(actions);
          expect(lowerBound).toBeLessThanOrEqual(optimal);
          expect(upperBound).toBeGreaterThanOrEqual(optimal);
        }
      }),
    );
  });

  test("settles what is proved at once", () => {
    const game = new ReducedGame(graphOf("HumanHeartDipole"));
    expect(game.isDone(game.root())).toBe(true);
    expect(game.rootReward).toBe(-148);
    expect(game.legalActions(game.root())).toHaveLength(0);
    expect(new Set(game.order(game.root())).size).toBe(game.actions);
  });

  test("is not known for arrays, where the honest one is played", () => {
    const graph = graphOf("Perceptron");
    expect(() => new ReducedGame(graph)).toThrow(InputError);
    expect(createGame(graph)).toBeInstanceOf(VertexGame);
    expect(createGame(graphOf("g"), { cost: "operations" })).toBeInstanceOf(VertexGame);
    expect(createGame(graphOf("g"))).toBeInstanceOf(ReducedGame);
    expect(createGame(graphOf("g"), { honest: true })).toBeInstanceOf(VertexGame);
  });
});

describe.each([
  ["honest", (graph: ComputationalGraph) => new VertexGame(graph) as Game],
  ["reduced", (graph: ComputationalGraph) => new ReducedGame(graph) as Game],
])("states of the %s game", (_, create) => {
  test("can be returned to in any order", () => {
    fc.assert(
      fc.property(graphs(0.1), fc.integer(), (graph, seed) => {
        const random = Random.seeded(seed);
        const game = create(graph);
        const states = [0, 1, 2].flatMap(() => playAtRandom(game, random).states);
        const seen = states.map((state) => game.observe(state));
        for (let visit = 0; visit < 10; visit++) {
          const place = random.below(states.length);
          const state = states[place]!;
          expect(game.observe(state)).toEqual(seen[place]);
          expect(game.observe(replay(game, movesOf(state)))).toEqual(seen[place]);
        }
      }),
      { numRuns: 25 },
    );
  });

  test("are their moves", () => {
    const game = create(graphOf("RoeFlux_1d"));
    const { last, reward } = playAtRandom(game, Random.seeded(5));
    const moves = JSON.parse(JSON.stringify(movesOf(last))) as number[];
    const again = create(graphOf("RoeFlux_1d"));
    expect([...again.order(replay(again, moves))]).toEqual([...game.order(last)]);
    expect(reward).toBeLessThan(0);
  });

  test("allow what is left, once", () => {
    const game = create(graphOf("RoeFlux_1d"));
    const action = game.legalActions(game.root())[3]!;
    const { state } = game.step(game.root(), action);
    expect(game.legalActions(state)).not.toContain(action);
    expect(() => game.step(state, action)).toThrow(InputError);
    expect(() => game.step(state, -1)).toThrow(InputError);
    expect(() => game.step(state, game.actions)).toThrow(InputError);
    expect(() => game.order(state)).toThrow("unfinished");
  });
});

test("no action is an input or an output", () => {
  fc.assert(
    fc.property(randomGraphs(), (graph) => {
      const game = new VertexGame(graph);
      expect(game.actions).toBe(intermediates(graph).length);
      expect([...game.legalActions(game.root())]).toEqual([...intermediates(graph).keys()]);
    }),
  );
});

/** The least cost of eliminating the intermediates with given indices after all others, in `multiplications`. */
function bestCompletions(graph: ComputationalGraph): (left: Int32Array) => number {
  const least = optima(graph);
  const all = least.length - 1;
  const engine = createEngine(graph, "multiplications");
  const memo = new Map<number, number>([[all, 0]]);
  const after = (set: number): number => {
    const known = memo.get(set);
    if (known !== undefined) return known;
    let result = Infinity;
    for (let index = 0; index < engine.size; index++) {
      if ((set >> index) & 1) continue;
      engine.restart();
      for (let other = 0; other < engine.size; other++) if ((set >> other) & 1) engine.eliminate(other);
      result = Math.min(result, engine.eliminate(index) + after(set | (1 << index)));
    }
    memo.set(set, result);
    return result;
  };
  return (left) => after([...left].reduce((set, index) => set & ~(1 << index), all));
}

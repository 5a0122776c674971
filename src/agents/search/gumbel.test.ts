import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Game, GameState } from "../../game/game.ts";
import { Random } from "../../random.ts";
import { completedValues, MCTX_SCALING } from "./completedValues.ts";
import { DEFAULT_GUMBEL, gumbelNoise, gumbelSearch, type Position } from "./gumbel.ts";
import { consideredVisits } from "./sequentialHalving.ts";

/** What mctx found; `data/reference.py` made it. */
const reference = JSON.parse(readFileSync(new URL("../data/reference.json", import.meta.url), "utf8")) as {
  sequences: { considered: number; simulations: number; visits: number[] }[];
  completed: {
    logits: number[];
    rawValue: number;
    values: number[];
    visits: number[];
    completed: number[];
  }[];
  searches: {
    simulations: number;
    considered: number;
    next: number[][];
    reward: number[][];
    logits: number[][];
    value: number[];
    roots: number[];
    gumbel: number[][];
    action: number[];
    policy: number[][];
    visits: number[][];
    rootValue: number[];
  }[];
};

interface TableState extends GameState {
  readonly place: number;
}

/** A game given as tables; it ends in the places that have no row. */
function tableGame(
  next: readonly (readonly number[])[],
  reward: readonly (readonly number[])[],
): Game<TableState> {
  const isDone = ({ place }: TableState) => (next[place]?.length ?? 0) === 0;
  const none = () => {
    throw new Error("not asked for");
  };
  return {
    actions: next[0]!.length,
    rootReward: 0,
    root: () => at(0),
    isDone,
    legalActions: ({ place }) => Int32Array.from(next[place] ?? [], (_, action) => action),
    step: (state, action) => {
      const target = {
        previous: state,
        action,
        depth: state.depth + 1,
        place: next[state.place]![action]!,
      };
      return { state: target, reward: reward[state.place]![action]!, done: isDone(target) };
    },
    observe: none,
    order: none,
    completed: none,
  };
}

const at = (place: number): TableState => ({ previous: null, action: -1, depth: 0, place });

test.each(reference.sequences)(
  "$considered considered actions share $simulations simulations as in mctx",
  ({ considered, simulations, visits }) => {
    expect([...consideredVisits(considered, simulations)]).toEqual(visits);
  },
);

test("completed values are mctx's", () => {
  for (const { completed, logits, rawValue, values, visits } of reference.completed) {
    const own = completedValues(
      {
        logits: Float32Array.from(logits),
        rawValue,
        values: Float64Array.from(values),
        visits: Int32Array.from(visits),
      },
      MCTX_SCALING,
    );
    own.forEach((value, action) => {
      expect(value).toBeCloseTo(completed[action]!, 5);
    });
  }
});

describe.each(reference.searches)(
  "a search with $simulations simulations",
  ({ simulations, considered, next, reward, logits, value, roots, gumbel, ...found }) => {
    const game = tableGame(next, reward);
    const evaluation = (place: number) => ({
      logits: Float32Array.from(logits[place]!),
      value: value[place]!,
    });
    const results = gumbelSearch(
      roots.map((place) => ({ game, state: at(place), evaluation: evaluation(place) })),
      (positions) => positions.map(({ state }) => evaluation(state.place)),
      gumbel.map((noise) => Float64Array.from(noise)),
      { simulations, considered, scaling: MCTX_SCALING },
    );

    test("visits, chooses and improves as mctx does", () => {
      results.forEach((result, root) => {
        expect([...result.visits]).toEqual(found.visits[root]);
        expect(result.action).toBe(found.action[root]);
        expect(result.value).toBeCloseTo(found.rootValue[root]!, 5);
        result.policy.forEach((share, action) => {
          expect(Math.abs(share - found.policy[root]![action]!)).toBeLessThan(1e-5);
        });
      });
    });
  },
);

/** 0 -> 1 or 2, both -> the end (3), which has no actions; the best episode is 0, 2, 3 with 9 + 0. */
const small = tableGame([[1, 2], [3, 3], [3, 3, 3], []], [[10, 9], [-9, -8], [-5, -3, 0], []]);
const indifferent = (positions: readonly Position<TableState>[]) =>
  positions.map(({ game, state }) => ({
    logits: new Float32Array(game.legalActions(state).length),
    value: 0,
  }));

const rootAt = (place: number) => {
  const position = { game: small, state: at(place) };
  return { ...position, evaluation: indifferent([position])[0]! };
};

test("a search without noise sees what a greedy player does not, and counts the end as worth nothing", () => {
  const [found] = gumbelSearch([rootAt(0)], indifferent, [new Float64Array(2)], {
    ...DEFAULT_GUMBEL,
    simulations: 40,
  });
  expect(found!.action).toBe(1);
  expect(found!.visits.reduce((total, visit) => total + visit)).toBe(40);
  expect(found!.policy[1]).toBeGreaterThan(0.9);
});

test("positions searched together find what each finds alone", () => {
  const noise = [gumbelNoise(2, Random.seeded(1)), gumbelNoise(3, Random.seeded(2))];
  const positions = [0, 2].map(rootAt);
  const together = gumbelSearch(positions, indifferent, noise, DEFAULT_GUMBEL);
  const alone = positions.map(
    (position, index) => gumbelSearch([position], indifferent, [noise[index]!], DEFAULT_GUMBEL)[0],
  );
  expect(together).toEqual(alone);
});

test("the largest of logits plus Gumbel noise is a sample of the policy", () => {
  const random = Random.seeded(3);
  const counts = [0, 0];
  for (let sample = 0; sample < 4000; sample++) {
    const [first, second] = gumbelNoise(2, random) as unknown as [number, number];
    counts[first + Math.log(3) > second ? 0 : 1]!++;
  }
  expect(counts[0]! / 4000).toBeCloseTo(0.75, 1);
});

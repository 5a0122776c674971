import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomGraphs } from "../../test/randomGraph.ts";
import { costsOf } from "../graph/costs.ts";
import { generatedGraph } from "../graph/generators/index.ts";
import { stencil } from "../graph/generators/stencil.ts";
import type { ComputationalGraph, Elimination } from "../graph/graph.ts";
import { linearize } from "../jacobian/linearize.ts";
import { type OptimizeOptions, optimizeGraph } from "../optimize.ts";
import { simplify } from "../program/simplify.ts";
import { Random } from "../random.ts";
import { findTask, programOf } from "../tasks/index.ts";
import type { Executor, Outcome, Team, TeamWatch } from "./executor.ts";
import { isFinished, parseSearchState, type SearchState } from "./state.ts";
import type { Progress } from "./strategy.ts";
import { runMember } from "./team.ts";

function graphOf(name: string): ComputationalGraph {
  return linearize(simplify(programOf(findTask(name)!))).graph;
}

/** What a search found, but for the times, and its state at the end. */
async function outcomeOf(graph: ComputationalGraph, options: OptimizeOptions) {
  let capture: (() => SearchState) | undefined;
  const { best, methods, history, certificate } = await optimizeGraph(graph, {
    ...options,
    onState: (given) => {
      capture = given;
    },
  });
  return {
    found: {
      order: best.order,
      cost: best.cost,
      lowerBound: certificate.lowerBound,
      methods: methods.map(({ method, order, cost }) => ({ method, order, cost })),
      history: history.map(({ method, cost }) => ({ method, cost })),
    },
    // As it comes back from a file.
    state: parseSearchState(JSON.parse(JSON.stringify(capture?.()))),
  };
}

/** The state of a search that is stopped at a breath, by its number or what it tells: the clock goes on by a breath whenever it is looked at. */
async function interrupted(
  graph: ComputationalGraph,
  options: OptimizeOptions,
  stop: number | ((progress: Progress) => boolean),
) {
  const abort = new AbortController();
  let time = 0;
  let breaths = 0;
  const { state } = await outcomeOf(graph, {
    ...options,
    signal: abort.signal,
    now: () => {
      time += 20;
      return time;
    },
    onProgress: (progress) => {
      breaths++;
      if (typeof stop === "number" ? breaths === stop : stop(progress)) abort.abort();
    },
  });
  return state;
}

describe("a search that is resumed", () => {
  test("ends as if it had not been interrupted, wherever that was", async () => {
    let unfinished = 0;
    await fc.assert(
      fc.asyncProperty(
        randomGraphs({ minVertices: 12, maxVertices: 25 }),
        fc.constantFrom("operations" as const, "multiplications" as const),
        fc.constantFrom("auto" as const, "annealing" as const),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(),
        async (graph, objective, method, breaths, seed) => {
          const options = { objective, method, iterations: 1500, seed };
          const whole = await outcomeOf(graph, options);
          expect(isFinished(whole.state)).toBe(true);
          let state = await interrupted(graph, options, breaths);
          if (!isFinished(state)) unfinished++;
          // Twice, the second time in the midst of what was resumed.
          if (!isFinished(state)) state = await interrupted(graph, { ...options, resume: state }, 5);
          expect((await outcomeOf(graph, { ...options, resume: state })).found).toEqual(whole.found);
        },
      ),
      { numRuns: 15 },
    );
    expect(unfinished).toBeGreaterThan(4);
  });

  test.each([
    ["arrays, operations by way of multiplications", () => graphOf("SoftmaxAttention"), "operations", 1200],
    ["arrays, multiplications", () => graphOf("SoftmaxAttention"), "multiplications", 1200],
    [
      "annealing by windows",
      () => linearize(stencil({ shape: [6], steps: 4 })).graph,
      "multiplications",
      60_000,
    ],
  ] as const)("%s", async (_, make, objective, iterations) => {
    const graph = make();
    const options = { objective, iterations, method: "annealing" } as const;
    const whole = await outcomeOf(graph, options);
    const state = await interrupted(graph, options, 10);
    expect(isFinished(state)).toBe(false);
    expect(state.work).not.toBeNull();
    expect((await outcomeOf(graph, { ...options, resume: state })).found).toEqual(whole.found);
  });

  test("of a large graph goes on with its windows", async () => {
    const graph = generatedGraph("integrator", 3200);
    const options = { objective: "multiplications", iterations: 100_000 } as const;
    const whole = await outcomeOf(graph, options);
    const state = await interrupted(graph, options, 15);
    expect(isFinished(state)).toBe(false);
    expect(state.work?.kind).toBe("windows");
    const { found } = await outcomeOf(graph, { ...options, resume: state });
    expect(found.cost).toBeLessThanOrEqual(whole.found.cost);
    expect(found.methods.map(({ method }) => method)).toEqual(
      whole.found.methods.map(({ method }) => method),
    );
  });

  test("goes on for longer with a larger budget, from what it had", async () => {
    const graph = graphOf("RobotArm_6DOF");
    const first = await outcomeOf(graph, { iterations: 300 });
    const more = await outcomeOf(graph, { iterations: 3000, resume: first.state });
    expect(more.found.cost).toBeLessThan(first.found.cost);
    expect(more.found.methods.at(-1)?.method).toBe("annealing, again");
    expect(isFinished(more.state)).toBe(true);
  });

  test("is refused for another graph, seed, objective or method, or a smaller budget", async () => {
    const graph = graphOf("PropaneCombustion");
    const { state: resume } = await outcomeOf(graph, { iterations: 100 });
    const options = { iterations: 100, resume };
    await expect(optimizeGraph(graphOf("g"), options)).rejects.toThrow(/another graph than that of g/);
    await expect(optimizeGraph(graph, { ...options, seed: 2 })).rejects.toThrow(/begun with seed 1, not 2/);
    await expect(optimizeGraph(graph, { ...options, objective: "multiplications" })).rejects.toThrow(
      /begun with objective operations/,
    );
    await expect(optimizeGraph(graph, { ...options, method: "beam" })).rejects.toThrow(
      /beam cannot be resumed/,
    );
    await expect(optimizeGraph(graph, { ...options, iterations: 50 })).rejects.toThrow(
      /begun with 100 iterations: give the same, or more/,
    );
  });

  test("by finer moves too", async () => {
    await fc.assert(
      fc.asyncProperty(
        randomGraphs({ minVertices: 8, maxVertices: 14 }),
        fc.constantFrom("operations" as const, "multiplications" as const),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (graph, objective, isLate, breath) => {
          const options = { objective, moves: "edge", iterations: 1000 } as const;
          const whole = await outcomeOf(graph, options);
          let breaths = 0;
          const stop = ({ method }: Progress) => (method === "edges") === isLate && ++breaths === breath;
          const state = await interrupted(graph, options, stop);
          if (isLate && whole.found.cost > 0) expect(state.refining?.ended).toBe(breaths < breath);
          else if (breaths === breath) expect(state.refining).toBeUndefined();
          expect((await outcomeOf(graph, { ...options, resume: state })).found).toEqual(whole.found);
        },
      ),
      { numRuns: 8 },
    );
    const { state } = await outcomeOf(graphOf("PropaneCombustion"), { moves: "edge", iterations: 200 });
    expect(isFinished(state)).toBe(true);
    await expect(
      optimizeGraph(graphOf("PropaneCombustion"), { iterations: 200, resume: state }),
    ).rejects.toThrow(/begun with moves edge, not vertex/);
    expect(() => parseSearchState({ ...state, refining: { ...state.refining, position: 1e9 } })).toThrow(
      /refining.*beyond the steps/,
    );
  });

  test("a state with any field missing or of another kind is refused with its name", async () => {
    const { state } = await outcomeOf(graphOf("PropaneCombustion"), { iterations: 100 });
    for (const field of Object.keys(state) as (keyof SearchState)[]) {
      const { [field]: _, ...rest } = state;
      expect(() => parseSearchState(rest, "s.json")).toThrow(new RegExp(`^s\\.json.*${field}`));
      expect(() => parseSearchState({ ...state, [field]: true }, "s.json")).toThrow(/^s\.json/);
    }
  });
});

/** Runs members one after the other's breath on this thread; those for which `isLost` holds are never heard of again after their first order. */
function executorOf(threads: number, isLost: (member: number) => boolean = () => false): Executor {
  return {
    threads,
    run: <Order extends Elimination>(team: Team<Order>, watch: TeamWatch<Order>) =>
      Promise.all(
        team.members.map(async (member, index): Promise<Outcome<Order>> => {
          let told = 0;
          const outcome = await runMember(team, member, {
            random: new Random(member.random),
            now: () => performance.now(),
            signal: watch.signal,
            onImprovement: (order, cost) => {
              if (!isLost(index) || told++ < 2) watch.onImprovement(index, order as Order, cost);
            },
            onBound: (bound) => watch.onBound(index, bound),
            onProgress: (progress) => watch.onProgress(index, progress),
          });
          return isLost(index) ? { kind: "lost", why: "killed" } : (outcome as Outcome<Order>);
        }),
      ),
  };
}

describe("a team", () => {
  test("refines by finer moves, and goes on from what it found", async () => {
    const graph = graphOf("BlackScholes_Jacobian");
    const options = { moves: "edge", iterations: 3000, executor: executorOf(2) } as const;
    const { found, state } = await outcomeOf(graph, options);
    const costs = found.methods.map(({ cost }) => cost);
    expect(found.cost).toBe(Math.min(...costs));
    expect(state.refining).toMatchObject({ ended: true });
    const more = await outcomeOf(graph, { ...options, iterations: 4000, resume: state });
    expect(more.found.cost).toBeLessThanOrEqual(found.cost);
    expect(costsOf(graph, more.found.order).operations).not.toBeNull();
  });

  test("ends when a bound meets the best order", async () => {
    const told: boolean[] = [];
    const executor: Executor = {
      threads: 2,
      run: async ({ start, members }, watch) => {
        for (const bound of [start.cost - 1, start.cost]) {
          watch.onBound(0, bound);
          told.push(watch.signal.aborted);
        }
        return members.map((): Outcome<never> => ({ kind: "ended", order: null, proof: null }));
      },
    };
    const { bounds, best } = await optimizeGraph(linearize(programOf(findTask("g")!)).graph, {
      objective: "multiplications",
      iterations: 100,
      executor,
    });
    expect(told).toEqual([false, true]);
    expect(bounds.slice(-2).map(({ bound }) => bound)).toEqual([best.cost - 1, best.cost]);
  });

  test("keeps what members found that were lost, and says so", async () => {
    const { best, methods, history, skipped } = await optimizeGraph(graphOf("RobotArm_6DOF"), {
      iterations: 2000,
      executor: executorOf(2, () => true),
    });
    expect(skipped?.map(({ method }) => method)).toEqual(["thread 1, annealing", "thread 2, annealing"]);
    expect(best).toMatchObject({ method: "annealing", cost: history.at(-1)?.cost });
    expect(best.cost).toBeLessThan(Math.min(...methods.slice(0, -1).map(({ cost }) => cost)));
  });

  test("that is interrupted goes on from the best order, on several threads only", async () => {
    const graph = graphOf("RobotArm_6DOF");
    // Members breathe by the real clock, and have far more to do than fits into a breath. The classical orders count no iterations.
    const options = { iterations: 5_000_000, executor: executorOf(2) };
    const isAtWork = ({ iterations }: Progress) => iterations > 0;
    const state = await interrupted(graph, options, isAtWork);
    expect(state.plan[state.stage]?.kind).toBe("team");
    const later = await interrupted(graph, { ...options, resume: state }, isAtWork);
    expect(later.incumbent!.cost).toBeLessThanOrEqual(state.incumbent!.cost);
    await expect(optimizeGraph(graph, { iterations: 5_000_000, resume: state })).rejects.toThrow(
      /several threads/,
    );
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { randomGraphs } from "../../test/randomGraph.ts";
import { costsOf } from "../graph/costs.ts";
import type { ComputationalGraph, EliminationOrder } from "../graph/graph.ts";
import { Random } from "../random.ts";
import { Findings } from "./findings.ts";
import { forward, markowitz, reverse } from "./orders.ts";
import { Pace } from "./pace.ts";
import { OBJECTIVES } from "./strategy.ts";

/** What an order costs in both objectives. */
function costs(graph: ComputationalGraph, order: EliminationOrder) {
  const { multiplications, operations } = costsOf(graph, order);
  return { multiplications, operations: operations!.multiplications + operations!.additions };
}

test.each(OBJECTIVES)(
  "of orders that cost the same in %s the best is cheaper in the other objective",
  (objective) => {
    const other = objective === "operations" ? "multiplications" : "operations";
    fc.assert(
      fc.property(randomGraphs(), (graph) => {
        const run = { random: Random.seeded(1), now: () => 0 };
        const findings = new Findings(graph, objective, { pace: new Pace({ iterations: 1 }, run) }, run);
        const orders = [forward(graph), reverse(graph), markowitz(graph, { ties: "last" })];
        for (const [place, order] of orders.entries()) findings.add(`method ${place}`, order, 0);
        const [first] = orders
          .map((order, place) => ({ place, ...costs(graph, order) }))
          .sort((a, b) => a[objective] - b[objective] || a[other] - b[other] || a.place - b.place);
        expect(findings.best.method).toBe(`method ${first!.place}`);
      }),
      { numRuns: 200 },
    );
  },
);

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { shuffled } from "../../test/shuffled.ts";
import { parseJaxpr } from "../frontends/jaxpr/index.ts";
import { linearize } from "../jacobian/linearize.ts";
import { Random } from "../random.ts";
import { plainEngine } from "./plainEngine.ts";
import { structuredEngine } from "./structuredEngine.ts";

const graphOf = (task: string) => {
  const text = readFileSync(new URL(`../tasks/data/${task}.jaxpr`, import.meta.url), "utf8");
  return linearize(parseJaxpr(text, { name: task })).graph;
};

describe.each(["RoeFlux_3d", "f", "Perceptron", "Encoder", "BlackScholes_Jacobian"])("%s", (task) => {
  const graph = graphOf(task);
  const fast = structuredEngine(graph);
  const plain = plainEngine(graph);

  it("costs of random orders equal the reference's", () => {
    const random = Random.seeded(5);
    for (let trial = 0; trial < 6; trial++) {
      const order = shuffled(fast.size, random);
      expect(fast.cost(order)).toBe(plain.cost(order));
    }
  });

  it("eliminations, degrees and neighbours equal the reference's, through undoing", () => {
    const random = Random.seeded(6);
    fast.restart();
    plain.restart();
    const order = shuffled(fast.size, random);
    const [own, expected] = [new Int32Array(4 * fast.size), new Int32Array(4 * fast.size)];
    for (let position = 0; position < order.length; position++) {
      const index = order[position]!;
      expect(fast.degree(index)).toBe(plain.degree(index));
      const neighbours = (into: Int32Array, count: number) =>
        [...into.subarray(0, count)].sort((a, b) => a - b);
      expect(neighbours(own, fast.neighbours(index, own))).toEqual(
        neighbours(expected, plain.neighbours(index, expected)),
      );
      expect(fast.eliminate(index)).toBe(plain.eliminate(index));
      // Now and then some steps back and others instead.
      if (random.below(6) === 0) {
        const back = 1 + random.below(Math.min(5, position + 1));
        fast.undo(back);
        plain.undo(back);
        position -= back;
        const rest = order.subarray(position + 1);
        rest.set([...rest].reverse());
      }
      expect(fast.total()).toBe(plain.total());
    }
    expect(fast.total()).toBe(plain.cost(order));
  });
});

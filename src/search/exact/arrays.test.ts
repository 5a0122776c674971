import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optimum, randomGraph } from "../../../test/bruteForce.ts";
import { tensorPrograms } from "../../../test/randomTensorProgram.ts";
import { intermediates } from "../../graph/graph.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { Random } from "../../random.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { certify } from "../certificate.ts";
import { plainEngine } from "../plainEngine.ts";
import { arrayBoundOf } from "../verify/arrays.ts";
import { verifyCertificate } from "../verify/index.ts";
import { arrayBound } from "./arrays.ts";

/** Random programs: more with the environment variable PROOF_RUNS. */
const RUNS = Number(process.env["PROOF_RUNS"] ?? 300);

function* permutations(items: readonly number[]): Generator<number[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries())
    for (const rest of permutations(items.toSpliced(index, 1))) yield [item, ...rest];
}

const FACTS = {
  program: "as written",
  objective: "multiplications",
  method: "reverse",
  seed: 1,
  seconds: 0,
  alphagrad: "0",
} as const;

describe("the bound of array-valued graphs", () => {
  it("never exceeds the cost of any order of a random program", () => {
    let tight = 0;
    let positive = 0;
    fc.assert(
      fc.property(tensorPrograms, ({ program }) => {
        const { graph } = linearize(program);
        const bound = arrayBound(graph);
        const size = intermediates(graph).length;
        expect(arrayBoundOf(graph)).toBe(bound);
        if (bound === null || size > 5) return;
        const engine = plainEngine(graph);
        let least = Infinity;
        for (const order of permutations([...Array(size).keys()]))
          least = Math.min(least, engine.cost(Int32Array.from(order)));
        expect(bound).toBeLessThanOrEqual(least);
        if (bound > 0) positive++;
        if (bound > 0 && bound === least) tight++;
      }),
      { numRuns: RUNS },
    );
    expect(positive).toBeGreaterThan(RUNS / 20);
    expect(tight).toBeGreaterThan(0);
  });

  it("never exceeds the optimum of scalar graphs", () => {
    const random = Random.seeded(8);
    for (let left = RUNS; left > 0; left--) {
      const graph = randomGraph(random, {
        inputs: 3,
        intermediates: 6,
        outputs: 2,
        operands: 3,
        structure: 0.2,
      });
      expect(arrayBound(graph)).toBeLessThanOrEqual(optimum(graph));
    }
  });

  it.each([
    ["Perceptron", 308],
    ["Encoder", 4335],
    ["RoeFlux_3d", 602],
  ] as const)("%s: below the best known, %i", (name, best) => {
    const bound = arrayBound(linearize(programOf(findTask(name)!)).graph)!;
    expect(bound).toBeGreaterThan(0);
    expect(bound).toBeLessThanOrEqual(best);
  });

  it("is established by the verifier, by its own computation", async () => {
    const { graph } = linearize(programOf(findTask("Perceptron")!));
    const order = intermediates(graph).map((node) => graph.vertices[node - graph.inputs.length]!.equation!);
    const proof = { lowerBound: arrayBound(graph), evidence: null };
    const certificate = certify(graph, order.toReversed(), FACTS, proof);
    expect(verifyCertificate(graph, certificate)).toMatchObject({
      valid: true,
      establishedBound: proof.lowerBound,
      optimality: "open",
    });
    const higher = certify(graph, order.toReversed(), FACTS, { ...proof, lowerBound: proof.lowerBound! + 1 });
    expect(verifyCertificate(graph, higher).valid).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { fewestOperations, valuedGraph } from "../../../../test/valuedGraph.ts";
import { InputError } from "../../../errors.ts";
import { type ComputationalGraph, intermediates } from "../../../graph/graph.ts";
import { accumulate, operationsOf } from "../../../graph/operations.ts";
import { linearize } from "../../../jacobian/linearize.ts";
import { simplify } from "../../../program/simplify.ts";
import { Random } from "../../../random.ts";
import { findTask, programOf } from "../../../tasks/index.ts";
import { certify, parseCertificate } from "../../certificate.ts";
import { markowitz } from "../../orders.ts";
import { verifyCertificate } from "../../verify/index.ts";
import { proveOperations } from "./index.ts";
import { landmarks } from "./landmarks.ts";
import { classesOf } from "./samples.ts";
import { valueSpace } from "./values.ts";

/** Random graphs: more with the environment variable PROOF_RUNS. */
const RUNS = Number(process.env["PROOF_RUNS"] ?? 60);

/** With constants, equal and opposite partials, copies and known values, of few intermediates. */
function* graphs(seed: number, count: number, most: number): Generator<ComputationalGraph> {
  const random = Random.seeded(seed);
  while (count > 0) {
    const graph = valuedGraph(random, {
      inputs: 1 + random.below(3),
      intermediates: 2 + random.below(most - 1),
      outputs: 1 + random.below(3),
      operands: 1 + random.below(3),
      values: 1 + random.below(8),
      constants: 0.7 * random.unit(),
      known: random.below(2) * random.below(6),
    });
    if (intermediates(graph).length > most) continue;
    count--;
    yield graph;
  }
}

const FACTS = {
  program: "simplified",
  objective: "operations",
  method: "exact",
  seed: 1,
  seconds: 0,
  alphagrad: "0",
} as const;

const run = (seed: number) => ({ random: Random.seeded(seed), now: () => 0 });
const operations = (graph: ComputationalGraph, order: readonly number[]) => {
  const counted = operationsOf(accumulate(graph, order));
  return counted.multiplications + counted.additions;
};

describe("landmarks", () => {
  it("are no more than the operations of any order, however many pairs are vague", () => {
    let tight = 0;
    let seed = 0;
    for (const graph of graphs(1, RUNS, 5)) {
      const fewest = fewestOperations(graph);
      for (const most of [1, 3, 1000]) {
        const space = valueSpace(graph, most, Random.seeded(seed++))!;
        const found = [...landmarks(space)];
        expect(found.length).toBeLessThanOrEqual(fewest);
        expect(new Set(found.flat()).size).toBe(found.flat().length);
        if (most === 1000 && fewest > 0 && found.length === fewest) tight++;
      }
    }
    expect(tight).toBeGreaterThan(RUNS / 2);
  });

  it("leave out graphs whose known values contradict themselves", () => {
    const [graph] = graphs(3, 1, 4);
    const value = (index: number) => ({ kind: "value", value: index, negative: false }) as const;
    const known = [
      { kind: "sum", left: value(0), right: value(1), result: value(2) },
      { kind: "product", left: value(0), right: value(1), result: value(2) },
    ] as const;
    expect(valueSpace({ ...graph!, valueCount: 9, known }, 10, Random.seeded(1))).toBeNull();
  });

  it.each([
    ["PropaneCombustion", 22, 23],
    ["HumanHeartDipole", 30, 58],
  ] as const)("%s: at least %i", (name, least, best) => {
    const { graph } = linearize(simplify(programOf(findTask(name)!)));
    const random = Random.seeded(1);
    const { length } = [...landmarks(valueSpace(graph, 40, random)!, random)];
    expect(length).toBeGreaterThanOrEqual(least);
    expect(length).toBeLessThanOrEqual(best);
  });
});

describe("classesOf", () => {
  it("finds equal samples whatever their sign, and no others", () => {
    const samples = [3, -3, 3 + 1e-14, 5, 0].map(
      (value) => [value, value, Math.abs(value), Math.abs(value)] as const,
    );
    const { classOf, count, find } = classesOf(samples);
    expect(count).toBe(3);
    expect(new Set([classOf[0], classOf[1], classOf[2]]).size).toBe(1);
    expect(find([-5, -5, 5, 5])).toBe(classOf[3]);
    expect(find([4, 4, 4, 4])).toBeNull();
  });
});

describe("proveOperations", () => {
  it("equals brute force where nothing cancels, and never exceeds it", async () => {
    let [proved, searched, seed] = [0, 0, 0];
    for (const graph of graphs(2, RUNS, 5)) {
      const fewest = fewestOperations(graph);
      const incumbent = markowitz(graph, { ties: "last", objective: "operations" });
      const proof = await proveOperations(graph, { budget: { iterations: 1e5 }, incumbent }, run(seed++));
      expect(proof.lowerBound).toBeLessThanOrEqual(fewest);
      expect(operations(graph, proof.order!)).toBeGreaterThanOrEqual(fewest);
      if (proof.optimal) expect(operations(graph, proof.order!)).toBe(fewest);
      if (proof.optimal) proved++;
      if (proof.evidence !== null && "landmarks" in proof.evidence && proof.evidence.expanded !== null)
        searched++;
    }
    expect(proved).toBeGreaterThan(0.9 * RUNS);
    expect(searched).toBeGreaterThan(0);
  });

  it("proves PropaneCombustion optimal, in a certificate that the verifier proves", async () => {
    const { graph } = linearize(simplify(programOf(findTask("PropaneCombustion")!)));
    const incumbent = markowitz(graph, { ties: "last", objective: "operations" });
    const proof = await proveOperations(graph, { budget: { iterations: 1000 }, incumbent }, run(1));
    expect(proof.lowerBound).toBe(23);
    const certificate = certify(graph, incumbent, FACTS, proof);
    expect(verifyCertificate(graph, certificate)).toMatchObject({
      optimality: "proved",
      establishedBound: 23,
    });
  });

  it("yields certificates that the verifier proves, and rejects if anything is altered", async () => {
    let [seed, proved, altered, accepted] = [0, 0, 0, 0];
    for (const graph of graphs(4, RUNS / 10, 5)) {
      const incumbent = markowitz(graph, { ties: "last", objective: "operations" });
      const proof = await proveOperations(graph, { budget: { iterations: 1e5 }, incumbent }, run(seed++));
      const certificate = certify(graph, proof.order!, FACTS, proof);
      const parsed = parseCertificate(JSON.parse(JSON.stringify(certificate)));
      const report = verifyCertificate(graph, parsed);
      expect(report.findings.filter(({ verdict }) => verdict === "refuted")).toEqual([]);
      expect(report.establishedBound).toBe(proof.lowerBound);
      if (report.optimality === "proved") proved++;
      for (const change of changes(parsed.evidence)) {
        altered++;
        if (isAccepted(graph, { ...parsed, evidence: change })) accepted++;
      }
      for (const bound of [proof.lowerBound! + 1, proof.lowerBound! - 1].filter((wrong) => wrong >= 0)) {
        const lowerBound = { multiplications: null, operations: bound };
        expect(verifyCertificate(graph, { ...parsed, lowerBound }).valid).toBe(false);
      }
      expect(verifyCertificate(graph, { ...parsed, objective: "multiplications" }).valid).toBe(false);
    }
    expect(proved).toBeGreaterThan(RUNS / 20);
    expect(altered).toBeGreaterThan(RUNS);
    // A value can have another name, and a landmark another value that does as well: these are proofs still.
    expect(accepted).toBeLessThan(altered / 10);
  });
});

function isAccepted(graph: ComputationalGraph, certificate: unknown): boolean {
  try {
    return verifyCertificate(graph, parseCertificate(certificate)).valid;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** Everything that differs in a number or by an entry left out; but for how much was searched, which cannot be checked. */
function* changes(value: unknown): Generator<unknown> {
  if (typeof value === "number") {
    yield value + 1;
    if (value > 0) yield value - 1;
  } else if (Array.isArray(value))
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1);
      for (const changed of changes(item)) yield value.with(index, changed);
    }
  else if (value !== null && typeof value === "object")
    for (const [key, item] of Object.entries(value)) {
      if (key === "expanded") continue;
      for (const changed of changes(item)) yield { ...value, [key]: changed };
    }
}

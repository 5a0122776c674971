import { describe, expect, it } from "vitest";
import { randomGraph } from "../../../test/bruteForce.ts";
import type { ComputationalGraph } from "../../graph/graph.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { Random } from "../../random.ts";
import { findTask, programOf } from "../../tasks/index.ts";
import { type Certificate, certify, parseCertificate } from "../certificate.ts";
import type { BoundEvidence } from "../evidence.ts";
import { prove } from "../exact/index.ts";
import { markowitz } from "../orders.ts";
import { verifyCertificate } from "./index.ts";

async function certificateOf(graph: ComputationalGraph, iterations = 1e6): Promise<Certificate> {
  const incumbent = markowitz(graph, { ties: "last" });
  const proof = await prove(
    graph,
    { budget: { iterations }, incumbent },
    { random: Random.seeded(1), now: () => 0 },
  );
  const facts = {
    program: "as written",
    objective: "multiplications",
    method: "exact",
    seed: 1,
    seconds: 0,
    alphagrad: "0",
  } as const;
  const certificate = certify(graph, proof.order!, facts, proof);
  return parseCertificate(JSON.parse(JSON.stringify(certificate)));
}

const taskGraph = (name: string) => linearize(programOf(findTask(name)!)).graph;

/** Every certificate that differs from one in a number, or by an entry of a list left out, of those parts that can be checked. */
function* alterations({
  graph,
  order,
  costs,
  lowerBound,
  evidence,
  ...facts
}: Certificate): Generator<Certificate> {
  const checked = { graph, order, costs, lowerBound, evidence };
  for (const altered of changes(checked)) yield { ...facts, ...(altered as typeof checked) } as Certificate;
}

function* changes(value: unknown): Generator<unknown> {
  if (typeof value === "number") {
    yield value + 1;
    if (value > 0) yield value - 1;
  } else if (typeof value === "string") yield value.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
  else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1);
      for (const changed of changes(item)) yield value.with(index, changed);
    }
  } else if (value !== null && typeof value === "object")
    for (const [key, item] of Object.entries(value)) {
      if (key === "expanded") continue;
      for (const changed of changes(item)) yield { ...value, [key]: changed };
    }
}

describe("verifyCertificate", () => {
  it("proves RobotArm_6DOF, and RoeFlux_1d but for what the search says", async () => {
    const robot = taskGraph("RobotArm_6DOF");
    expect(verifyCertificate(robot, await certificateOf(robot))).toMatchObject({
      valid: true,
      establishedBound: 221,
      optimality: "proved",
    });
    const roe = taskGraph("RoeFlux_1d");
    const report = verifyCertificate(roe, await certificateOf(roe, 600));
    expect(report.valid).toBe(true);
    expect(report.establishedBound!).toBeGreaterThan(250);
    expect(report.establishedBound!).toBeLessThanOrEqual(295);
  });

  it("rejects certificates with any altered number or missing entry", async () => {
    const random = Random.seeded(21);
    let rejected = 0;
    for (let left = 10; left > 0; left--) {
      const graph = randomGraph(random, {
        inputs: 4,
        intermediates: 10,
        outputs: 3,
        operands: 3,
        window: 6,
        structure: left % 3 === 0 ? 0.2 : 0,
      });
      const certificate = await certificateOf(graph);
      expect(verifyCertificate(graph, certificate).valid).toBe(true);
      for (const altered of alterations(certificate)) {
        const { valid, findings } = verifyCertificate(graph, altered);
        expect({ valid, altered, findings }).toMatchObject({ valid: false });
        rejected++;
      }
    }
    expect(rejected).toBeGreaterThan(300);
  });

  it("rejects eliminations that are not safe", async () => {
    const random = Random.seeded(22);
    let rejected = 0;
    for (let left = 60; left > 0; left--) {
      const graph = randomGraph(random, { inputs: 3, intermediates: 9, outputs: 3, operands: 3, window: 5 });
      const certificate = await certificateOf(graph);
      const { safe, components } = certificate.evidence as BoundEvidence;
      const [component] = components;
      if (component === undefined) continue;
      for (const equation of component.equations) {
        const forged: Certificate = {
          ...certificate,
          evidence: { safe: [...safe, { equation, cost: 0 }], components },
        };
        const { findings } = verifyCertificate(graph, forged);
        const because = findings.filter(
          ({ verdict, claim }) =>
            verdict === "refuted" && claim.startsWith(`safe elimination ${safe.length + 1}`),
        );
        expect(because.length).toBeGreaterThan(0);
        rejected++;
      }
    }
    expect(rejected).toBeGreaterThan(50);
  });

  it("says what it takes on trust", async () => {
    const graph = taskGraph("g");
    const certificate = await certificateOf(graph, 200);
    const { evidence: _, ...bare } = certificate;
    const claim = { ...bare, lowerBound: { multiplications: bare.costs.multiplications, operations: null } };
    const report = verifyCertificate(graph, claim);
    expect(report).toMatchObject({ valid: true, optimality: "trusted" });
    expect(
      report.findings.filter(({ verdict }) => verdict === "trusted").map(({ claim }) => claim),
    ).toContain("lowerBound");
    const none = { ...bare, lowerBound: { multiplications: null, operations: null } };
    expect(verifyCertificate(graph, none)).toMatchObject({
      valid: true,
      optimality: "open",
      establishedBound: null,
    });
  });
});

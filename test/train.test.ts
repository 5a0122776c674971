/** Training as users run it, on tiny graphs: files, resuming, damaged files, presets; and the learned policy as a search. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createNetwork,
  initialWeights,
  policyStrategy,
  readCheckpoint,
  readNetwork,
} from "../src/agents/index.ts";
import { trainCommand } from "../src/cli/commands/train.ts";
import { completed, methodOf, parseConfiguration } from "../src/cli/training/configuration.ts";
import { crc32c } from "../src/cli/training/eventFile.ts";
import { readLog } from "../src/cli/training/log.ts";
import { randomGraph, randomTasks } from "../src/cli/training/randomTasks.ts";
import { graphToJson } from "../src/graph/json.ts";
import { optimizeGraph } from "../src/optimize.ts";
import { Random } from "../src/random.ts";
import { simulatedAnnealing } from "../src/search/annealing.ts";
import { parseCertificate } from "../src/search/certificate.ts";
import { createEngine, fromPublicOrder } from "../src/search/engine.ts";
import { beside } from "../src/search/methods.ts";

const graph = randomGraph("test", 1, 5, { least: 20, most: 26 });
const configurations = fileURLToPath(new URL("../configurations/", import.meta.url));
let directory: string;
let source: string;
let config: string;
let said: string[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "alphagrad-train-"));
  source = join(directory, "small.json");
  config = join(directory, "tiny.yaml");
  writeFileSync(source, JSON.stringify(graphToJson(graph)));
  writeFileSync(
    config,
    "network: { kind: graph, width: 8, layers: 1 }\nevaluateEvery: 2\nppo: { environments: 4, moves: 32, batch: 32, epochs: 1 }\nleast: 20\nmost: 26\nalphazero: { simulations: 4, environments: 4, batch: 16 }\n",
  );
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
beforeEach(() => {
  said = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  return () => vi.restoreAllMocks();
});

const inDirectory = (...path: string[]) => join(directory, ...path);
const checkpointIn = (name: string) =>
  readCheckpoint(readFileSync(inDirectory(name, "checkpoint.safetensors")));
const trained = (out: string, options: Parameters<typeof trainCommand>[1], sources = [source]) =>
  trainCommand(sources, { config, out: inDirectory(out), ...options });

/** The scalars of an event file: a small reader of TFRecords and of the messages in them. */
function readEvents(bytes: Buffer): { step: number; scalars: Map<string, number> }[] {
  const events = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const [head, data] = [bytes.subarray(at, at + 8), bytes.subarray(at + 12, at + 12 + length)];
    for (const [part, sum] of [
      [head, bytes.readUInt32LE(at + 8)],
      [data, bytes.readUInt32LE(at + 12 + length)],
    ] as const) {
      const rotated = (sum - 0xa282ead8) >>> 0;
      expect(((rotated << 15) | (rotated >>> 17)) >>> 0).toBe(crc32c(part));
    }
    const fields = readMessage(data);
    const scalars = (fields.get(5) ?? []).flatMap((summary) =>
      (readMessage(summary as Buffer).get(1) ?? []).map((value) => {
        const parts = readMessage(value as Buffer);
        return [String(parts.get(1)?.[0]), (parts.get(2)![0] as Buffer).readFloatLE()] as const;
      }),
    );
    events.push({ step: Number(fields.get(2)?.[0] ?? 0), scalars: new Map(scalars) });
    at += 16 + length;
  }
  return events;
}

/** Fields of a protobuf message by number: numbers for varints, bytes for all else. */
function readMessage(bytes: Buffer): Map<number, (number | Buffer)[]> {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = () => {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const wire = key & 7;
    const size = wire === 0 ? 0 : wire === 1 ? 8 : wire === 5 ? 4 : varint();
    const value = wire === 0 ? varint() : bytes.subarray(at, at + size);
    at += size;
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

test("checksums are those of CRC-32C", () => {
  expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
});

describe("a training run", () => {
  test("writes certificates, curves, events and the policy", async () => {
    await trained("whole", { rounds: 4 });
    const { best, weights, architecture } = checkpointIn("whole");
    const [name] = Object.keys(best) as [string];
    const certificate = parseCertificate(
      JSON.parse(readFileSync(inDirectory("whole", name, "certificate.json"), "utf8")),
    );
    expect(certificate.costs.multiplications).toBe(best[name]!.cost);
    expect(certificate.method).toBe("ppo");
    expect(readNetwork(readFileSync(inDirectory("whole", "policy.safetensors")))).toEqual({
      architecture,
      weights,
    });
    expect(readFileSync(inDirectory("whole", "curve.svg"), "utf8")).toMatch(/^<svg.*Markowitz \d+/s);
    const rows = await readLog(inDirectory("whole"));
    expect(rows.map(({ rounds }) => rounds)).toEqual([1, 2, 3, 4]);
    expect(rows.map(({ greedy }) => greedy !== null)).toEqual([false, true, true, true]);
    const [file] = readdirSync(inDirectory("whole")).filter((entry) =>
      entry.startsWith("events.out.tfevents."),
    );
    const [version, ...events] = readEvents(readFileSync(inDirectory("whole", file!)));
    expect(version!.scalars.size).toBe(0);
    expect(events.map(({ step }) => step)).toEqual(rows.map(({ moves }) => moves));
    expect(events.map(({ scalars }) => scalars.get("cost/best"))).toEqual(rows.map(({ best: cost }) => cost));
  });

  test("resumed is the same as uninterrupted", async () => {
    await trained("parts", { rounds: 2 });
    await trained("parts", { rounds: 4, resume: true }, []);
    const { counters, ...parts } = checkpointIn("parts");
    const { counters: all, ...whole } = checkpointIn("whole");
    expect(parts).toEqual(whole);
    expect({ ...counters, seconds: 0 }).toEqual({ ...all, seconds: 0 });
    expect((await readLog(inDirectory("parts"))).map(({ rounds }) => rounds)).toEqual([1, 2, 3, 4]);
  });

  test("is not overwritten by another", async () => {
    await expect(trained("whole", { rounds: 1 })).rejects.toThrow(/there is a training run .*--resume/);
  });

  test("goes on from the checkpoint and configuration before damaged ones", async () => {
    await trained("damaged", { rounds: 2 });
    await trained("damaged", { rounds: 3, resume: true }, []);
    writeFileSync(inDirectory("damaged", "checkpoint.safetensors"), "broken");
    writeFileSync(inDirectory("damaged", "configuration.yaml"), "agent: [");
    await trained("damaged", { rounds: 4, resume: true }, []);
    expect(said.join("")).toMatch(/configuration\.yaml: not YAML.*going on from the one before it/);
    expect(said.join("")).toMatch(/checkpoint\.safetensors: .*going on from the one before it/);
    expect(checkpointIn("damaged").weights).toEqual(checkpointIn("whole").weights);
    for (const name of ["checkpoint.safetensors", "checkpoint.previous.safetensors"])
      writeFileSync(inDirectory("damaged", name), "broken");
    await expect(trained("damaged", { resume: true }, [])).rejects.toThrow(
      /^nothing to resume: .*nor can the one before/,
    );
  });

  test("by AlphaZero on random programs, from a warm start, beside a source", async () => {
    await trained("joint", { rounds: 1, agent: "alphazero", random: 2, warmStart: true });
    const annealed = await simulatedAnnealing(
      graph,
      { objective: "multiplications", budget: { iterations: 50_000 } },
      { random: Random.seeded(1), now: () => 0 },
    );
    const { best, counters } = checkpointIn("joint");
    expect(best[graph.name]!.cost).toBeLessThanOrEqual(
      createEngine(graph, "multiplications").cost(fromPublicOrder(graph, annealed)),
    );
    expect(counters.simulations).toBe(4 * counters.moves);
    expect((await readLog(inDirectory("joint")))[0]!.validation).toBeNull();
  });
});

test("random programs: the same again, others in other sets, all with something to decide", () => {
  const hash = (set: "training" | "test", number: number) =>
    JSON.stringify(graphToJson(randomGraph(set, number, 1, { most: 30 })));
  expect(hash("training", 3)).toBe(hash("training", 3));
  expect(hash("training", 3)).not.toBe(hash("test", 3));
  for (const { createGame } of randomTasks("training", 3, 1, { most: 30 })) {
    const game = createGame();
    expect(game.isDone(game.root())).toBe(false);
  }
});

describe("configurations", () => {
  test("all that come with the package can be read", () => {
    const files = readdirSync(configurations);
    expect(files).toContain("RoeFlux_1d.yaml");
    expect(files).toContain("paper.yaml");
    for (const file of files) {
      const given = parseConfiguration(readFileSync(join(configurations, file), "utf8"), file);
      const whole = completed({ sources: ["g"] }, given);
      expect(createNetwork(whole.network).layout.size).toBeGreaterThan(0);
      expect(methodOf(whole).kind).toBe(whole.agent);
    }
  });

  test("later parts win; minutes and rounds exclude each other", () => {
    const whole = completed(
      { sources: ["g"], rounds: 3, ppo: { clip: 0.1, adam: { clip: 2 } } },
      { minutes: 2, objective: "operations" },
    );
    expect(whole).toMatchObject({ minutes: 2, simplify: true });
    expect(whole.rounds).toBeUndefined();
    expect(methodOf(whole)).toMatchObject({
      options: { clip: 0.1, environments: 32, adam: { clip: 2, learningRate: 1e-3 } },
    });
  });

  test("what is wrong is named in one line", () => {
    expect(() => parseConfiguration("agent: [", "a.yaml")).toThrow(/^a\.yaml: not YAML: [^\n]*$/);
    expect(() => parseConfiguration("agent: dqn", "a.yaml")).toThrow(/^a\.yaml: \$\.agent: .*"alphazero"/);
    expect(() => parseConfiguration("ppo: { clipp: 1 }", "a.yaml")).toThrow(/clipp/);
    expect(() => completed({})).toThrow(/--random/);
  });
});

test("a policy is a search like any other: a valid order with a certificate, none worse for having searched", async () => {
  const architecture = { kind: "graph", width: 8, layers: 1 } as const;
  const strategy = policyStrategy(
    architecture,
    initialWeights(createNetwork(architecture).layout, Random.seeded(1)),
  );
  const costs: number[] = [];
  for (const iterations of [1, 100]) {
    const method = { name: "policy", search: beside("policy", strategy) };
    const { certificate, best } = await optimizeGraph(graph, {
      objective: "multiplications",
      method,
      iterations,
    });
    expect(certificate.method).toBe("policy");
    expect(certificate.costs.multiplications).toBe(best.cost);
    costs.push(best.cost);
  }
  expect(costs[1]).toBeLessThanOrEqual(costs[0]!);
});

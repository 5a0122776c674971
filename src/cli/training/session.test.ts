/** Training with its files where a command cannot show it: costs that are measured, restarts that are interrupted. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseCertificate } from "../../search/certificate.ts";
import { createEngine, fromPublicOrder } from "../../search/engine.ts";
import { completed, type PartialConfiguration } from "./configuration.ts";
import { readLog } from "./log.ts";
import { hasRestarts, runSession } from "./session.ts";
import { loadSources } from "./sources.ts";
import { hasRun, lastCheckpoint } from "./store.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "alphagrad-session-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const tiny: PartialConfiguration = {
  sources: ["BlackScholes"],
  honest: true,
  network: { kind: "graph", width: 8, layers: 0 },
  evaluateEvery: 2,
  ppo: { environments: 4, moves: 32, batch: 32, epochs: 1 },
};

const run = (place: string, signal = new AbortController().signal) => ({
  directory: place,
  signal,
  now: () => 0,
  onRound: () => {},
});

test("the runtime game: nothing is paid before the end, then what was measured", async () => {
  const configuration = completed(tiny, { objective: "runtime", rounds: 2 });
  expect(configuration.simplify).toBe(true);
  let asked = 0;
  // As if every operation took the same time.
  const [source] = await loadSources(configuration, {}, (program, reference) => async (order) => {
    asked++;
    expect(program.equations.length).toBeGreaterThan(0);
    return order.length === reference.length ? 1 + 0.01 * Number(order[0]) : Number.NaN;
  });
  expect(source!.references.map(({ name }) => name)).toEqual(["forward", "reverse", "Markowitz"]);
  const place = join(directory, "runtime");
  mkdirSync(place);
  const { best, counters } = await runSession([source!], configuration, run(place), null);
  expect(asked).toBeGreaterThanOrEqual(counters.episodes);
  const { order, cost } = best.BlackScholes!;
  const certificate = parseCertificate(
    JSON.parse(readFileSync(join(place, "BlackScholes", "certificate.json"), "utf8")),
  );
  expect(cost).toBe(1 + 0.01 * Number(certificate.order[0]));
  expect(order).toHaveLength(certificate.order.length);
  expect(certificate.method).toBe("ppo, by measured runtime");
  const counted = createEngine(source!.graph, "multiplications").cost(
    fromPublicOrder(source!.graph, certificate.order as number[]),
  );
  expect(certificate.costs.multiplications).toBe(counted);
});

test("what cannot be measured is refused in one line", async () => {
  const refuse = (other: PartialConfiguration, why: RegExp) =>
    expect(() => completed(tiny, { objective: "runtime" }, other)).toThrow(why);
  refuse({ agent: "alphazero" }, /choose the agent ppo$/);
  refuse({ random: 3 }, /no code to measure/);
  refuse({ threads: 2 }, /train with one/);
  refuse({ warmStart: true }, /another objective/);
  expect(() => completed(tiny, { warmStart: true, restarts: 2 })).toThrow(/one of the two$/);
});

test("restarts that are interrupted go on where they were, and end as if they had not been", async () => {
  const configuration = completed(tiny, { restarts: 2, rounds: 8 });
  const sources = await loadSources(configuration);
  const [whole, parts] = [join(directory, "whole"), join(directory, "parts")];
  mkdirSync(whole);
  mkdirSync(parts);
  const end = await runSession(sources, configuration, run(whole), null);
  expect((await readLog(whole)).map(({ rounds }) => rounds)).toEqual([1, 2, 3, 4, 5, 6]);

  /** Goes on until so many rounds more are played. */
  const interrupted = async (rounds: number) => {
    const abort = new AbortController();
    let left = rounds;
    const watched = { ...run(parts, abort.signal), onRound: () => --left === 0 && abort.abort() };
    const start = (await hasRun(parts)) ? (await lastCheckpoint(parts)).content : null;
    return runSession(sources, configuration, watched as ReturnType<typeof run>, start);
  };
  await interrupted(1);
  expect(await hasRestarts(parts)).toBe(true);
  expect(await hasRun(parts)).toBe(false);
  await interrupted(4);
  expect(await hasRun(parts)).toBe(true);
  expect(await interrupted(Infinity)).toEqual(end);
  expect((await readLog(parts)).map(({ best }) => best)).toEqual(
    (await readLog(whole)).map(({ best }) => best),
  );
});

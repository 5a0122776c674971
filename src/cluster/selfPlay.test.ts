/** Threads of self-play run the built worker, as users do. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { buildCommand } from "../../test/buildCommand.ts";
import { DEFAULT_PPO, taskOf, train } from "../agents/index.ts";
import { generatedGraph } from "../graph/generators/index.ts";
import { playThreads } from "./selfPlay.ts";

beforeAll(buildCommand, 120_000);

const module = new URL("../../dist/cluster/selfPlayWorker.js", import.meta.url);
const task = taskOf({ name: "small", graph: generatedGraph("random", 10, 3), game: { honest: true } });
const options = {
  method: { kind: "ppo", options: { ...DEFAULT_PPO, environments: 4, moves: 60, batch: 32 } },
  architecture: { kind: "graph", width: 8, layers: 1 },
  seed: 1,
  rounds: 3,
  evaluateEvery: 0,
} as const;

test("three threads learn together, the same way each time", async () => {
  const learned = async (count: number) => {
    const threads = playThreads(count, module);
    try {
      return await train([task], options, { now: () => 0, startThreads: threads.start });
    } finally {
      await threads.close();
    }
  };
  const found = await learned(2);
  expect(found.counters.episodes).toBeGreaterThan(3 * 3);
  expect(await learned(2)).toEqual(found);
  expect((await learned(1)).weights).not.toEqual(found.weights);
});

test("a thread that cannot start ends training with its error", async () => {
  const threads = playThreads(1, new URL("./missing.js", import.meta.url));
  await expect(train([task], options, { now: () => 0, startThreads: threads.start })).rejects.toThrow(
    /missing\.js/,
  );
  await threads.close();
});

test("alphagrad train --threads 2", () => {
  const directory = mkdtempSync(join(tmpdir(), "alphagrad-threads-"));
  try {
    const command = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
    const flags = ["--honest", "--rounds", "1", "--threads", "2", "--agent", "alphazero", "--out", directory];
    execFileSync(process.execPath, [command, "train", "BlackScholes", ...flags], { stdio: "pipe" });
    const [row] = readFileSync(join(directory, "log.jsonl"), "utf8").split("\n");
    expect(JSON.parse(row!)).toMatchObject({ rounds: 1, episodes: 8 });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

/** Long searches on the command line as users run them: interrupted, resumed, on threads; and the table of all methods. */

import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildCommand } from "./buildCommand.ts";

const command = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
let directory: string;

beforeAll(() => {
  buildCommand();
  directory = mkdtempSync(join(tmpdir(), "alphagrad-long-"));
}, 120_000);
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command; with Ctrl-C a while after it has said what it is going to do, if wanted. */
function run(args: readonly string[], interruptAfter?: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: directory };
    const child = execFile(process.execPath, [command, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
    if (interruptAfter !== undefined)
      child.stdout?.once("data", () => setTimeout(() => child.kill("SIGINT"), interruptAfter));
  });
}

const json = (...path: string[]) => JSON.parse(readFileSync(join(directory, ...path), "utf8"));

const BASE = ["optimize", "PropaneCombustion", "--iterations", "2000000"];

describe("a search that is interrupted", () => {
  it("leaves its state, and goes on with it; its files have both curves", async () => {
    const long = ["optimize", "RobotArm_6DOF", "--iterations", "2000000", "--out", "long"];
    const first = await run(long, 300);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/Interrupted after .*: the same command with --resume goes on\.\n$/);
    const before = json("long", "search-state.json");
    expect(before).toMatchObject({ format: "alphagrad-search", objective: "operations", seed: 1 });
    const second = await run([...long, "--resume"], 300);
    expect(second.stdout).toMatch(/Going on with the search that was [\d.]+ s old, best \d+\./);
    const after = json("long", "search-state.json");
    expect(after.seconds).toBeGreaterThan(before.seconds);
    expect(after.incumbent.cost).toBeLessThanOrEqual(before.incumbent.cost);
    expect(json("long", "search.json")).toMatchObject({
      name: "RobotArm_6DOF",
      best: expect.arrayContaining([expect.objectContaining({ cost: after.incumbent.cost })]),
      lowerBound: expect.arrayContaining([expect.objectContaining({ bound: expect.any(Number) })]),
    });
    // The same search begun anew does not overwrite it, and what is finished leaves no state.
    const anew = await run(["optimize", "RobotArm_6DOF", "--iterations", "100", "--out", "long"]);
    expect(anew.stdout).toContain(
      "An unfinished search was here: its state is now long/search-state.old.json",
    );
    expect(json("long", "search-state.old.json").seconds).toBe(after.seconds);
    expect(existsSync(join(directory, "long/search-state.json"))).toBe(false);
  });

  it("goes on threads too, and says how many", async () => {
    const args = ["optimize", "RobotArm_6DOF", "--seconds", "100", "--threads", "2", "--out", "threads"];
    const { code, stdout } = await run(args, 500);
    expect(code).toBe(0);
    expect(stdout).toContain("100 s, 2 threads, seed 1");
    const { plan, stage } = json("threads", "search-state.json");
    expect(plan.at(-1).kind).toBe("team");
    expect(stage).toBeLessThan(plan.length);
    const one = await run([...args.map((arg) => (arg === "2" ? "1" : arg)), "--resume"]);
    expect(one).toMatchObject({ code: 1, stderr: expect.stringMatching(/begun on several threads, not 1/) });
  });

  it.each([
    ["without a state", "none", null, /nothing to resume: there is no none\/search-state\.json/],
    ["with a state cut short", "cut", '{"format": "alphagrad-search", "ver', /is not JSON.*left as it is/],
    ["with something else", "other", '{"format": "alphagrad-graph"}', /search state: format.*left as it is/],
  ])("is refused %s in one line, and nothing is lost", async (_, name, content, message) => {
    mkdirSync(join(directory, name));
    const file = join(directory, name, "search-state.json");
    if (content !== null) writeFileSync(file, content);
    const { code, stderr } = await run([...BASE, "--out", name, "--resume"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^alphagrad: [^\n]*\n$/);
    expect(stderr).toMatch(message);
    if (content !== null) expect(readFileSync(file, "utf8")).toBe(content);
  });

  it("is refused for another function", async () => {
    mkdirSync(join(directory, "elsewhere"));
    copyFileSync(
      join(directory, "threads/search-state.json"),
      join(directory, "elsewhere/search-state.json"),
    );
    const { code, stderr } = await run([
      "optimize",
      "g",
      "--seconds",
      "100",
      "--out",
      "elsewhere",
      "--resume",
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^alphagrad: the search to resume is of another graph than that of g: .*\n$/);
  });
});

describe("compare", () => {
  it("has every method, the counts in both objectives, bound and proof", async () => {
    const { stdout, code } = await run([
      "compare",
      "PropaneCombustion",
      "--seconds",
      "0.1",
      "--format",
      "json",
    ]);
    expect(code).toBe(0);
    const [multiplications, operations] = JSON.parse(stdout);
    const costs = (row: { methods: { method: string; cost: number }[] }) =>
      Object.fromEntries(row.methods.map(({ method, cost }) => [method, cost]));
    expect(costs(multiplications)).toMatchObject({ forward: 151, reverse: 90, markowitz: 111, auto: 88 });
    expect(Object.keys(costs(multiplications))).toEqual([
      ...["forward", "reverse", "markowitz", "relative-markowitz", "fill-in", "lmmd", "momr", "moplr"],
      ...["beam", "annealing", "auto"],
    ]);
    expect(multiplications).toMatchObject({
      published: 88,
      best: { cost: 88 },
      lowerBound: 88,
      proved: true,
    });
    expect(operations).toMatchObject({ objective: "operations", program: "simplified", best: { cost: 23 } });
    expect(operations.lowerBound).toBeLessThanOrEqual(23);
  });

  it("prints Markdown and SVG, of some methods", async () => {
    const some = [
      "compare",
      "PropaneCombustion",
      "--methods",
      "reverse,auto",
      "--seconds",
      "0.05",
      "--format",
    ];
    const { stdout } = await run([...some, "markdown"]);
    expect(stdout).toContain(
      "| task | reverse | auto | published | s to published | best | s to best | lower bound |",
    );
    expect(stdout).toMatch(
      /\| PropaneCombustion \| 90 \| \*\*88\*\* \| 88 \| \d\.\d\d \| \*\*88\*\* \| \d\.\d\d \| 88, proved \|/,
    );
    expect((await run([...some, "svg"])).stdout).toMatch(/^<svg[^>]*xmlns[\s\S]*0\.98 proved/);
    const { code, stderr } = await run(["compare", "g", "--methods", "magic"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/there is no magic to compare; there are forward,/),
    ]);
  });
});

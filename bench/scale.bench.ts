/**
 * Large graphs: the time from a Program to its graph and hash, what the classical orders cost, and what the search finds in ten seconds.
 *
 * `SIZE=20000 OBJECTIVE=operations npm run bench scale` for other sizes and the other objective; 100,000 equations and `multiplications` by default.
 */

import { availableParallelism, cpus } from "node:os";
import { type GeneratorName, generators } from "../src/graph/generators/index.ts";
import { graphHash } from "../src/graph/json.ts";
import { linearize } from "../src/jacobian/linearize.ts";
import { Random } from "../src/random.ts";
import { searchLarge } from "../src/search/large/search.ts";
import type { Objective } from "../src/search/strategy.ts";

const SECONDS = 10;

const environment: { readonly SIZE?: string; readonly OBJECTIVE?: string } = process.env;

/** Prints one table. */
export async function main(): Promise<void> {
  const size = Number(environment.SIZE ?? 100_000);
  const objective: Objective = environment.OBJECTIVE === "operations" ? "operations" : "multiplications";
  print(
    `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}.`,
  );
  print(`About ${size} equations, ${objective}, ${SECONDS} s, seed 1, one thread.\n`);
  print(
    "| graph | vertices | edges | linearize s | hash s | search s | found by each method (s) | left out |",
  );
  print("|---|---|---|---|---|---|---|---|");
  for (const name of Object.keys(generators) as GeneratorName[]) {
    const program = generators[name](size, 1);
    const [{ graph }, linearizing] = await timed(() => linearize(program));
    const [, hashing] = await timed(() => graphHash(graph));
    const run = { random: Random.seeded(1), now: () => performance.now() };
    const [{ methods, skipped = [] }, searching] = await timed(() =>
      searchLarge(graph, { objective, budget: { seconds: SECONDS } }, run),
    );
    const found = methods.map(({ method, cost, seconds }) => `${method} ${cost} (${seconds.toFixed(1)})`);
    const left = skipped.map(({ method, why }) => `${method}: ${why}`);
    const times = [linearizing, hashing, searching].map((seconds) => seconds.toFixed(1));
    const cells = [
      name,
      graph.vertices.length,
      graph.edges.length,
      ...times,
      found.join(", "),
      left.join(", "),
    ];
    print(`| ${cells.join(" | ")} |`);
  }
}

async function timed<Result>(work: () => Result | Promise<Result>): Promise<[Result, number]> {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

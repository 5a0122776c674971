/** A benchmark as text: a table per dtype, batches as columns. */

import { markdownTable, table } from "../table.ts";
import { type Benchmark, distinct, fastest, rowOf } from "./result.ts";

/** What is printed. */
export function benchmarkText(benchmark: Benchmark, format: "text" | "markdown" = "text"): string {
  const { name, form, machine, orders, versions, notes } = benchmark;
  const write = format === "markdown" ? markdownTable : table;
  const costs = orders.map(({ name: order, multiplications, operations }) => [
    order,
    operations === null ? "–" : `${operations.multiplications} + ${operations.additions}`,
    `${multiplications}`,
  ]);
  const software = Object.entries(versions).map(([what, version]) => `${what} ${version}`);
  return [
    `${name}, ${form}. ${[machine, ...software].join(", ")}.`,
    write(["order", "multiplications + additions", "the paper's count"], costs),
    ...distinct(benchmark.cases.map(({ dtype }) => dtype)).map((dtype) => {
      const { header, rows } = rowsOf(benchmark, dtype);
      return `${dtype}, ns per Jacobian: median ± half the distance of the quartiles\n\n${write(header, rows)}`;
    }),
    ...(notes.length === 0 ? [] : [notes.map((note) => `note: ${note}`).join("\n")]),
  ].join("\n\n");
}

/** Rows of times; then, for the last order, which is ours as a rule, how many times as long each peer takes, by the fastest of its variants. */
function rowsOf(
  benchmark: Benchmark,
  dtype: Benchmark["cases"][number]["dtype"],
): { header: string[]; rows: string[][] } {
  const cases = benchmark.cases.filter((found) => found.dtype === dtype);
  const batches = distinct(cases.map(({ batch }) => batch)).sort((a, b) => a - b);
  const best = (row: string) =>
    batches.map((batch) => fastest(cases.filter((found) => found.batch === batch && rowOf(found) === row)));
  const threadsOf = (row: string) => cases.find((found) => rowOf(found) === row)?.threads;
  const peers = distinct(cases.filter(({ kind }) => kind === "peer").map(rowOf));
  const last = benchmark.orders.at(-1)?.name;
  const kernels = distinct(
    cases.filter((found) => found.kind === "kernel" && found.order === last).map(rowOf),
  );
  const times = distinct(cases.map(rowOf)).map((row) => [row, ...best(row).map(timeText)]);
  const variants = peers.flatMap((peer) => {
    const names = best(peer).map((found) => (found?.kind === "peer" && found.variant) || "–");
    return names.every((name) => name === "–") ? [] : [[`${peer}: fastest form`, ...names]];
  });
  const ratios = kernels.flatMap((kernel) => {
    const own = best(kernel);
    // Several threads are compared with as many.
    const rivals = peers.filter((peer) => threadsOf(kernel) === 1 || threadsOf(peer) === threadsOf(kernel));
    return rivals.map((peer) => [
      `${peer} / ${kernel}`,
      ...best(peer).map((found, column) => ratioText(found, own[column] ?? null)),
    ]);
  });
  return {
    header: ["", ...batches.map((batch) => `batch ${batch}`)],
    rows: [...times, ...variants, ...ratios],
  };
}

function timeText(timing: { median: number; low: number; high: number } | null): string {
  if (timing === null) return "–";
  const { median, low, high } = timing;
  return `${digits(median)} ± ${digits((high - low) / 2)}`;
}

function ratioText(peer: { median: number } | null, own: { median: number } | null): string {
  if (peer === null || own === null) return "–";
  const ratio = peer.median / own.median;
  return `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(2)}x`;
}

/** Three digits; large numbers whole. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value < 1 ? 1 : 3);
}

/** A benchmark as text: a table per dtype, batches as columns. */

import { markdownTable, table } from "../table.ts";
import { type Benchmark, bestPeer, casesAt, distinct, fastest, type PeerCase, rowOf } from "./result.ts";

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

function rowsOf(
  benchmark: Benchmark,
  dtype: Benchmark["cases"][number]["dtype"],
): { header: string[]; rows: string[][] } {
  const cases = benchmark.cases.filter((found) => found.dtype === dtype);
  const batches = distinct(cases.map(({ batch }) => batch)).sort((a, b) => a - b);
  const rows = distinct(cases.map(rowOf)).map((row) => [
    row,
    ...batches.map((batch) => timeText(fastest(casesAt(benchmark, row, dtype, batch)))),
  ]);
  const peers = batches.map((batch) => bestPeer(benchmark, dtype, batch));
  const kernels = distinct(cases.filter(({ kind }) => kind === "kernel").map(rowOf));
  const ratios = kernels.map((row) => [
    `best peer / ${row}`,
    ...batches.map((batch, column) =>
      ratioText(peers[column], fastest(casesAt(benchmark, row, dtype, batch))),
    ),
  ]);
  const best = ["best peer, one thread", ...peers.map((peer) => (peer === null ? "–" : peerText(peer)))];
  const hasPeers = peers.some((peer) => peer !== null);
  return {
    header: ["", ...batches.map((batch) => `batch ${batch}`)],
    rows: hasPeers ? [...rows, best, ...ratios] : rows,
  };
}

function peerText({ group, variant }: PeerCase): string {
  return variant === "" ? group : `${group} ${variant}`;
}

function timeText(timing: { median: number; low: number; high: number } | null): string {
  if (timing === null) return "–";
  const { median, low, high } = timing;
  return `${digits(median)} ± ${digits((high - low) / 2)}`;
}

function ratioText(peer: { median: number } | null | undefined, own: { median: number } | null): string {
  if (peer === null || peer === undefined || own === null) return "–";
  return `${(peer.median / own.median).toPrecision(peer.median >= 100 * own.median ? 3 : 2)}x`;
}

/** Three digits; large numbers whole. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(value < 1 ? 1 : 3);
}

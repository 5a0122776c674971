/** What a benchmark gives: times of kernels by our orders and of peers, for one function. */

import type { Elimination } from "../../graph/graph.ts";
import type { KernelDType } from "../../kernels/kernel.ts";

/** Nanoseconds per Jacobian: median and quartiles of interleaved samples. */
export interface CaseTiming {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

/** How a Jacobian was timed. */
interface CaseSetting extends CaseTiming {
  readonly dtype: KernelDType;
  /** Points per call. */
  readonly batch: number;
  readonly threads: number;
}

/** A kernel of ours. */
export interface KernelCase extends CaseSetting {
  readonly kind: "kernel";
  /** `forward`, `reverse`, `markowitz`, `ours`, or the file of a certificate. */
  readonly order: string;
  readonly target: BenchmarkTarget;
}

/** What somebody else's program needs. */
export interface PeerCase extends CaseSetting {
  readonly kind: "peer";
  /** The row that it belongs to, such as `JAX`: the best of its variants counts. */
  readonly group: string;
  /** One of the forms that the group is tried in, such as `jacrev packed`; may be empty. */
  readonly variant: string;
}

export type BenchmarkCase = KernelCase | PeerCase;

/** What our kernels are compiled to. */
export const BENCHMARK_TARGETS = ["js", "wasm", "c"] as const;
export type BenchmarkTarget = (typeof BENCHMARK_TARGETS)[number];

/** An order that was timed, and what its accumulation costs. */
export interface TimedOrder {
  readonly name: string;
  readonly order: Elimination;
  readonly multiplications: number;
  /** Null where they are not defined. */
  readonly operations: { readonly multiplications: number; readonly additions: number } | null;
}

/** All that was measured for one function. */
export interface Benchmark {
  readonly name: string;
  readonly form: string;
  readonly machine: string;
  readonly orders: readonly TimedOrder[];
  readonly cases: readonly BenchmarkCase[];
  /** Versions of what the peers run on. */
  readonly versions: Readonly<Record<string, string>>;
  /** What was left out and why, a line each. */
  readonly notes: readonly string[];
}

/** The row of a case in tables and pictures. */
export function rowOf(found: BenchmarkCase): string {
  return withThreads(found.kind === "kernel" ? `${found.order}, ${found.target}` : found.group, found);
}

/** The name of a row or a line, with the number of threads where there are several. */
export function withThreads(name: string, { threads }: CaseSetting): string {
  return threads === 1 ? name : `${name}, ${threads} threads`;
}

/** The fastest of some cases. */
export function fastest<Case extends CaseTiming>(cases: readonly Case[]): Case | null {
  return cases.reduce<Case | null>(
    (best, found) => (best === null || found.median < best.median ? found : best),
    null,
  );
}

/** The values that occur, each once, in the order of their first occurrence. */
export function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

/** A variant that is nowhere within this factor of the fastest is not worth further measurements. */
const CONTENDING = 1.5;

/** The variants of a peer that were anywhere near the fastest; null if there are no cases. */
export function contenders(cases: readonly PeerCase[]): string[] | null {
  const near = cases.filter(({ dtype, batch, median }) => {
    const rivals = cases.filter((other) => other.dtype === dtype && other.batch === batch);
    return median <= CONTENDING * (fastest(rivals)?.median ?? 0);
  });
  return near.length === 0 ? null : distinct(near.map(({ variant }) => variant));
}

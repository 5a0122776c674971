/** A benchmark from beginning to end: orders, our kernels, and the peers, one after the other. */

import { InputError } from "../../errors.ts";
import { costsOf } from "../../graph/costs.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { emitJax } from "../../kernels/jax/emit.ts";
import type { KernelDType } from "../../kernels/kernel.ts";
import { optimizeGraph } from "../../optimize.ts";
import { interpret } from "../../program/interpreter.ts";
import { programToJson } from "../../program/json.ts";
import type { Program } from "../../program/program.ts";
import { reassociate } from "../../program/reassociate/index.ts";
import { sizeOf } from "../../program/type.ts";
import { loadOrder, requireProgram, type Subject } from "../subject.ts";
import { timeCKernels } from "./cKernels.ts";
import { type NamedJacobian, tensorsAt, timeKernels } from "./kernels.ts";
import { askPeer, PEERS, type PeerName, type PeerSetting } from "./peers.ts";
import type { PeerPoint } from "./protocol.ts";
import {
  type Benchmark,
  type BenchmarkCase,
  type BenchmarkTarget,
  contenders,
  distinct,
  type PeerCase,
  type TimedOrder,
} from "./result.ts";

/** What is measured. */
export interface BenchmarkOptions extends PeerSetting {
  readonly batches: readonly number[];
  readonly dtypes: readonly KernelDType[];
  /** `ours` searches; others are as `--order` takes them. */
  readonly orders: readonly string[];
  readonly targets: readonly BenchmarkTarget[];
  readonly peers: readonly PeerName[];
  /** Numbers of threads, for our kernels and for peers that can use several. */
  readonly threads: readonly number[];
  readonly secondsPerCase: number;
  /** Whether our code shares more products by multiplying in another order (see program/reassociate/); false by default. */
  readonly reassociate?: boolean;
  /** Of the search for `ours`. */
  readonly seconds: number;
  readonly seed: number;
  /** The C compiler. */
  readonly cc: string;
  /** The point of a batch's first element: all numbers of all inputs. */
  readonly point: readonly number[];
  /** Described for the report: processor, versions. */
  readonly machine: string;
  readonly clock: () => number;
  /** What is being done. */
  readonly onProgress: (what: string) => void;
}

const REASSOCIATED =
  "Our code is reassociated: it takes fewer operations than counted here, and its results differ by rounding.";

/**
 * Measures.
 *
 * @throws InputError for a bare graph, orders that do not fit, and a point where the Jacobian is not finite
 */
export async function benchmark(subject: Subject, options: BenchmarkOptions): Promise<Benchmark> {
  const program = requireProgram(subject);
  const written = subject.asWritten ?? program;
  const points = checkPoints(written, options.point);
  const orders = await timedOrders(subject, options);
  const jacobians = orders.map(({ name, order }): NamedJacobian => {
    const emitted = jacobian(program, { order });
    return { order: name, jacobian: options.reassociate ? reassociate(emitted) : emitted };
  });
  const cases: BenchmarkCase[] = [];
  const notes: string[] = [];
  for (const dtype of options.dtypes) {
    const { batches, threads, secondsPerCase: seconds, point, clock, cc } = options;
    const setting = { batches, dtype, threads, seconds, point, clock };
    options.onProgress(`timing our kernels, ${dtype}`);
    const inProcess = options.targets.filter((target) => target !== "c");
    const found = [await timeKernels(jacobians, inProcess, setting)];
    if (options.targets.includes("c")) found.push(await timeCKernels(jacobians, setting, cc));
    for (const timed of found) {
      cases.push(...timed.cases);
      notes.push(...timed.notes);
    }
  }
  const peers = await askPeers(written, points, options);
  return {
    name: subject.name,
    form: subject.form,
    machine: options.machine,
    orders,
    cases: [...cases, ...peers.cases],
    versions: peers.versions,
    notes: distinct([...(options.reassociate ? [REASSOCIATED] : []), ...notes, ...peers.notes]),
  };
}

/** Asks the peers one after the other; with more threads those of their variants that did well with the first number of threads. */
async function askPeers(
  program: Program,
  points: readonly PeerPoint[],
  options: BenchmarkOptions,
): Promise<Pick<Benchmark, "cases" | "versions" | "notes">> {
  const cases: PeerCase[] = [];
  const notes: string[] = [];
  const versions: Record<string, string> = {};
  for (const name of options.peers) {
    const { title, threaded } = PEERS[name];
    let variants: readonly string[] | null = null;
    for (const threads of threaded ? options.threads : [1]) {
      options.onProgress(`timing ${title}${threads === 1 ? "" : `, ${threads} threads`}`);
      const answer = await askPeer(
        name,
        {
          program: programToJson(program),
          python: pythonOf(program),
          points,
          dtypes: options.dtypes,
          batches: options.batches,
          threads,
          seconds: options.secondsPerCase,
          cc: options.cc,
          variants,
        },
        options,
      );
      if (answer.kind !== "timed") {
        notes.push(answer.kind === "failed" ? answer.why : `${title} is left out: ${answer.install}`);
        break;
      }
      cases.push(...answer.cases);
      notes.push(...answer.notes);
      Object.assign(versions, answer.versions);
      variants ??= contenders(answer.cases);
    }
  }
  return { cases, notes, versions };
}

async function timedOrders(
  subject: Subject,
  { orders, seconds, seed, onProgress }: BenchmarkOptions,
): Promise<TimedOrder[]> {
  const found: TimedOrder[] = [];
  for (const name of orders) {
    if (name === "ours") onProgress(`searching for ${seconds} s`);
    const order =
      name === "ours"
        ? (await optimizeGraph(subject.graph, { objective: "operations", seconds, seed, form: subject.form }))
            .order
        : await loadOrder(name, subject);
    const { multiplications, operations } = costsOf(subject.graph, order);
    found.push({ name, order, multiplications, operations });
  }
  return found;
}

/** The point and two beside it, with the Jacobian of the function as written. */
function checkPoints(program: Program, point: readonly number[]): PeerPoint[] {
  const derivative = jacobian(program);
  return [0, 1, 2]
    .map((step) => {
      const inputs = point.map((value) => value * (1 + step / 100));
      const rows = rowsOf(program, derivative, inputs);
      if (step === 0 && rows.some((row) => row.some((value) => !Number.isFinite(value))))
        throw new InputError(
          `the Jacobian of ${program.name} is not finite at [${inputs.join(", ")}]; give another point with --at FILE`,
        );
      return { inputs, jacobian: rows };
    })
    .filter(({ jacobian: rows }) => rows.every((row) => row.every(Number.isFinite)));
}

/** The dense Jacobian: a row per output element, a column per input element. */
function rowsOf(program: Program, derivative: Program, point: readonly number[]): number[][] {
  const blocks = interpret(derivative, tensorsAt(program, point));
  const widths = program.inputs.map(({ type }) => sizeOf(type.shape));
  return program.outputs.flatMap((_, output) => {
    const own = blocks.slice(output * widths.length, (output + 1) * widths.length);
    const height = (own[0]?.data.length ?? 0) / (widths[0] ?? 1);
    return Array.from({ length: height }, (__, row) =>
      own.flatMap(({ data }, input) => {
        const width = widths[input] ?? 0;
        return Array.from(data.subarray(row * width, (row + 1) * width));
      }),
    );
  });
}

/** The function itself for JAX: an argument per input, a tuple of outputs. */
function pythonOf({ signature: _, ...program }: Program): string {
  return emitJax({ ...program, name: "function" }).source;
}

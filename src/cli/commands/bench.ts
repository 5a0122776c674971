/** `alphagrad bench`: the time of a Jacobian by our orders and by others' programs, as a table and a picture. */

import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { InputError } from "../../errors.ts";
import { formOf, isCheaperScalarised } from "../../form.ts";
import { inputCountOf, type KernelDType } from "../../kernels/kernel.ts";
import { tensorsOf } from "../../program/tree.ts";
import { Random } from "../../random.ts";
import { findTask, referencePoints } from "../../tasks/index.ts";
import { benchmark } from "../benchmark/benchmark.ts";
import { PEERS, type PeerName, peersFolder } from "../benchmark/peers.ts";
import { benchmarkPicture } from "../benchmark/picture.ts";
import type { BenchmarkTarget } from "../benchmark/result.ts";
import { benchmarkText } from "../benchmark/table.ts";
import { prepareDirectory, writeText } from "../files.ts";
import { LiveLine } from "../live.ts";
import type { SourceOptions } from "../source.ts";
import { loadSubject, requireProgram, type Subject } from "../subject.ts";
import { readPoint } from "./evaluate.ts";

interface BenchCommandOptions extends SourceOptions {
  readonly batch: readonly number[];
  readonly dtype: readonly KernelDType[];
  readonly orders: readonly string[];
  readonly targets: readonly BenchmarkTarget[];
  readonly peers: readonly string[];
  readonly threads: readonly number[];
  readonly secondsPerCase: number;
  readonly seconds: number;
  readonly seed: number;
  readonly at?: string;
  readonly python?: string;
  readonly cc?: string;
  readonly asWritten?: boolean;
  readonly scalarise?: boolean;
  readonly reassociate?: boolean;
  readonly format: "text" | "markdown";
  readonly json?: boolean;
  /** A directory for table, picture and numbers; none by default. */
  readonly out?: string;
}

export async function benchCommand(source: string, options: BenchCommandOptions): Promise<void> {
  const peers = options.peers.map(peerNamed);
  const folder = peers.length === 0 ? "" : peersFolder();
  const subject = await loadSubject(source, options, (program) =>
    formOf({
      scalarised: options.scalarise ?? (!options.asWritten && isCheaperScalarised(program, "operations")),
      simplified: !options.asWritten,
    }),
  );
  const point = await pointOf(subject, options.at);
  if (options.out !== undefined) await prepareDirectory(options.out);
  const line = new LiveLine(process.stderr);
  const { batch: batches, dtype: dtypes, python, cc, ...rest } = options;
  const result = await benchmark(subject, {
    ...rest,
    batches,
    dtypes,
    peers,
    folder,
    point,
    python: python ?? process.env.ALPHAGRAD_PYTHON ?? "python3",
    cc: cc ?? process.env.CC ?? "cc",
    machine: `${cpus()[0]?.model ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.version}`,
    clock: () => performance.now(),
    onProgress: (what) => line.show(`${subject.name}: ${what} …`),
  });
  line.clear();
  const json = JSON.stringify(result);
  process.stdout.write(options.json ? `${json}\n` : `${benchmarkText(result, options.format)}\n`);
  if (options.out === undefined) return;
  const target = options.targets.find((name) => name === "wasm") ?? options.targets[0] ?? "js";
  const files = {
    "benchmark.svg": await benchmarkPicture(result, target),
    "benchmark.md": `${benchmarkText(result, "markdown")}\n`,
    "benchmark.json": `${json}\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeText(join(options.out, name), text);
  if (!options.json)
    process.stdout.write(
      `\n${Object.keys(files)
        .map((name) => join(options.out ?? "", name))
        .join("\n")}\n`,
    );
}

/** What else people call them. */
const PEER_ALIASES: Readonly<Record<string, PeerName>> = { pytorch: "torch", "jax-js": "jaxjs" };

function peerNamed(name: string): PeerName {
  const found = Object.hasOwn(PEER_ALIASES, name) ? PEER_ALIASES[name] : undefined;
  if (found !== undefined) return found;
  if (Object.hasOwn(PEERS, name)) return name as PeerName;
  throw new InputError(`--peers: there is no ${name}; there are ${Object.keys(PEERS).join(", ")}`);
}

/** All numbers of all inputs: those of a file, a task's own reference point, otherwise numbers between 0.5 and 1.5. */
async function pointOf(subject: Subject, at: string | undefined): Promise<number[]> {
  const program = requireProgram(subject);
  const written = subject.asWritten ?? program;
  if (at !== undefined) return tensorsOf(written, await readPoint(at)).flatMap(({ data }) => [...data]);
  const task = findTask(subject.name);
  const known = task?.reference === undefined ? undefined : referencePoints(task)[0]?.inputs;
  if (known?.length === inputCountOf(written)) return [...known];
  const random = Random.seeded(1);
  return Array.from({ length: inputCountOf(written) }, () => 0.5 + random.unit());
}

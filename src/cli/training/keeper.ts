/** What a training run leaves behind: checkpoints, the policy, certificates of the best orders, the learning curve. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Checkpoint, writeNetwork } from "../../agents/index.ts";
import { graphToJson } from "../../graph/json.ts";
import { certify } from "../../search/certificate.ts";
import { toPublicOrder } from "../../search/engine.ts";
import { VERSION } from "../../version.ts";
import { writeText } from "../files.ts";
import type { Configuration } from "./configuration.ts";
import { readLog } from "./log.ts";
import { drawLearning } from "./picture.ts";
import type { TrainingSource } from "./sources.ts";
import { keepCheckpoint } from "./store.ts";

/** What a run is called. */
export function titleOf(sources: readonly TrainingSource[], { random }: Configuration): string {
  const names = sources.map(({ name }) => name);
  return [...names, ...(random > 0 ? [`${random} random programs`] : [])].join(", ");
}

/** Writes what is to be kept, one write after the other; a failure is told at the end, since training itself goes on. */
export class Keeper {
  readonly #directory: string;
  readonly #sources: readonly TrainingSource[];
  readonly #configuration: Configuration;
  readonly #certified = new Map<string, number>();
  /** The weights that did best on what is held out, unless they are written; and how well that was. */
  #policy: Checkpoint | null = null;
  #ratio: number;
  #writing: Promise<void> = Promise.resolve();
  #error: unknown = null;

  constructor(
    directory: string,
    sources: readonly TrainingSource[],
    configuration: Configuration,
    ratio: number,
  ) {
    this.#directory = directory;
    this.#sources = sources;
    this.#configuration = configuration;
    this.#ratio = ratio;
  }

  /** How well weights play what is held out: the best are the policy. */
  validated(checkpoint: Checkpoint, ratio: number): void {
    if (ratio >= this.#ratio) return;
    this.#policy = checkpoint;
    this.#ratio = ratio;
  }

  keep(checkpoint: Checkpoint): void {
    this.#writing = this.#writing
      .then(() => this.#write(checkpoint))
      .catch((error: unknown) => {
        this.#error ??= error;
      });
  }

  async end(): Promise<void> {
    await this.#writing;
    if (this.#error !== null) throw this.#error;
  }

  async #write(checkpoint: Checkpoint): Promise<void> {
    await keepCheckpoint(this.#directory, checkpoint);
    const policy = this.#ratio === Infinity ? checkpoint : this.#policy;
    this.#policy = null;
    if (policy !== null) await this.#writePolicy(policy);
    for (const source of this.#sources) await this.#certify(source, checkpoint);
    await writeText(
      join(this.#directory, "curve.svg"),
      await drawLearning({
        title: titleOf(this.#sources, this.#configuration),
        points: thinned(await readLog(this.#directory)),
        sources: this.#sources,
      }),
    );
  }

  async #writePolicy({ architecture, weights, counters }: Checkpoint): Promise<void> {
    const { agent, objective, seed, random } = this.#configuration;
    const metadata = {
      alphagrad: VERSION,
      training: JSON.stringify({
        agent,
        objective,
        seed,
        random,
        rounds: counters.rounds,
        moves: counters.moves,
      }),
    };
    await writeText(
      join(this.#directory, "policy.safetensors"),
      writeNetwork(architecture, weights, metadata),
    );
  }

  /** The certificate of a source's best order, beside the graph that it is for. */
  async #certify({ name, graph, form }: TrainingSource, { best, counters }: Checkpoint): Promise<void> {
    const found = best[name];
    if (found === undefined || this.#certified.get(name) === found.cost) return;
    const { agent, objective, seed } = this.#configuration;
    const order = toPublicOrder(graph, Int32Array.from(found.order));
    // A certificate names what can be counted; that it was chosen by measurement its method says.
    const isMeasured = objective === "runtime";
    const facts = {
      program: form,
      objective: isMeasured ? "multiplications" : objective,
      method: isMeasured ? `${agent}, by measured runtime` : agent,
      seed,
      seconds: counters.seconds,
      alphagrad: VERSION,
    } as const;
    const directory = join(this.#directory, name.replaceAll(/[^\w.-]/g, "_"));
    await mkdir(directory, { recursive: true });
    await writeText(join(directory, "graph.json"), `${JSON.stringify(graphToJson(graph))}\n`);
    const certificate = certify(graph, order, facts);
    await writeText(join(directory, "certificate.json"), `${JSON.stringify(certificate, null, 2)}\n`);
    this.#certified.set(name, found.cost);
  }
}

/** Points enough for a picture. */
const MOST_POINTS = 600;

/** Some of the points; those that were evaluated are all among them. */
function thinned<Point extends { readonly greedy: number | null; readonly validation: number | null }>(
  points: readonly Point[],
): Point[] {
  const step = Math.ceil(points.length / MOST_POINTS);
  return points.filter(
    ({ validation }, index) => index % step === 0 || index === points.length - 1 || validation !== null,
  );
}

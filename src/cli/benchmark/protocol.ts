/** What we ask a peer's script and what it answers: JSON on its standard input and output. See bench/peers/peer.py. */

import { z } from "zod";
import { readJson } from "../../json.ts";
import type { KernelDType } from "../../kernels/kernel.ts";
import { KERNEL_DTYPES } from "../../kernels/kernel.ts";
import type { ProgramJson } from "../../program/json.ts";
import { parseJson } from "../files.ts";
import type { PeerCase } from "./result.ts";

/** A point at which a peer's Jacobian must be ours. */
export interface PeerPoint {
  /** All numbers of all inputs. */
  readonly inputs: readonly number[];
  /** [rows][columns]: an output element's derivatives by all input elements. */
  readonly jacobian: readonly (readonly number[])[];
}

/** What a script reads. */
export interface PeerRequest {
  /** The function, as written. */
  readonly program: ProgramJson;
  /** The same as a Python module of `jax.numpy` calls: `function(*inputs)` gives a tuple of outputs. */
  readonly python: string;
  readonly points: readonly PeerPoint[];
  readonly dtypes: readonly KernelDType[];
  readonly batches: readonly number[];
  readonly threads: number;
  /** Time for each case. */
  readonly seconds: number;
  /** The C compiler. */
  readonly cc: string;
  /** Those of its variants that it is to try; null for all. */
  readonly variants: readonly string[] | null;
}

/** What a script answers: times, or how to install what it needs. */
export type PeerAnswer =
  | { readonly kind: "missing"; readonly install: string }
  | {
      readonly kind: "timed";
      readonly cases: readonly PeerCase[];
      readonly versions: Readonly<Record<string, string>>;
      readonly notes: readonly string[];
    };

const time = z.number().positive();
const answerSchema = z.union([
  z.object({ peer: z.string(), missing: z.string() }),
  z.object({
    peer: z.string(),
    versions: z.record(z.string(), z.string()),
    notes: z.array(z.string()),
    cases: z.array(
      z.object({
        group: z.string(),
        variant: z.string(),
        dtype: z.enum(KERNEL_DTYPES),
        batch: z.int().positive(),
        threads: z.int().positive(),
        median: time,
        low: time,
        high: time,
        samples: z.int().positive(),
      }),
    ),
  }),
]);

/**
 * Reads a script's output: the last line that is not empty is the answer, what stands before it is talk of libraries.
 *
 * @param source the script's name, for errors
 * @throws InputError if that is not an answer
 */
export function parsePeerAnswer(output: string, source: string): PeerAnswer {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  const answer = readJson(answerSchema, parseJson(line, source), "peer's answer", source);
  if ("missing" in answer) return { kind: "missing", install: answer.missing };
  const { versions, notes } = answer;
  return {
    kind: "timed",
    versions,
    notes,
    cases: answer.cases.map((found) => ({ kind: "peer", ...found })),
  };
}

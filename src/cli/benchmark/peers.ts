/** The peers: others' programs for Jacobians, each behind a script in bench/peers. */

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "../../errors.ts";
import { type PeerAnswer, type PeerRequest, parsePeerAnswer } from "./protocol.ts";

interface Peer {
  readonly title: string;
  /** In bench/peers. */
  readonly script: string;
  readonly language: "Python" | "Node";
  /** Whether it can use more than one thread. */
  readonly threaded: boolean;
}

/** The peers by the names that `--peers` knows. */
export const PEERS = {
  jax: { title: "JAX", script: "jax_peer.py", language: "Python", threaded: true },
  casadi: { title: "CasADi", script: "casadi_peer.py", language: "Python", threaded: false },
  torch: { title: "PyTorch", script: "pytorch_peer.py", language: "Python", threaded: true },
  jaxjs: { title: "jax-js", script: "jaxjs_peer.mjs", language: "Node", threaded: false },
} as const satisfies { readonly [name: string]: Peer };

export type PeerName = keyof typeof PEERS;

/** Where scripts are and what runs them. */
export interface PeerSetting {
  readonly python: string;
  /** The folder of the scripts; see `peersFolder`. */
  readonly folder: string;
}

/**
 * Asks a peer. Its processes end with ours.
 *
 * @returns its answer, or in one line why there is none
 */
export async function askPeer(
  name: PeerName,
  request: PeerRequest,
  { python, folder }: PeerSetting,
): Promise<PeerAnswer | { readonly kind: "failed"; readonly why: string }> {
  const { title, script, language } = PEERS[name];
  const command = language === "Python" ? python : process.execPath;
  const flags = language === "Python" ? ["-B"] : [];
  const outcome = await run(command, [...flags, join(folder, script)], JSON.stringify(request));
  if (outcome.kind === "not started")
    return {
      kind: "failed",
      why: `${title} is left out: there is no ${language} at ${command}; --python or ALPHAGRAD_PYTHON names one`,
    };
  if (outcome.code !== 0)
    return { kind: "failed", why: `${title} is left out, its script failed: ${lastLine(outcome.stderr)}` };
  try {
    return parsePeerAnswer(outcome.stdout, script);
  } catch (error) {
    if (error instanceof InputError) return { kind: "failed", why: `${title} is left out: ${error.message}` };
    throw error;
  }
}

/** The folder of the scripts: bench/peers of this package, above this file wherever the build has put it. Throws an InputError if it is not there. */
export function peersFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const found = join(folder, "bench", "peers");
    if (existsSync(found)) return found;
    const above = dirname(folder);
    if (above === folder)
      throw new InputError("--peers: the folder bench/peers is not there; it comes with the repository");
    folder = above;
  }
}

type Outcome =
  | { readonly kind: "not started" }
  | { readonly kind: "ended"; readonly code: number; readonly stdout: string; readonly stderr: string };

function run(command: string, args: readonly string[], input: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "pipe" });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", () => resolve({ kind: "not started" }));
    child.on("close", (code, signal) =>
      resolve({
        kind: "ended",
        code: code ?? 1,
        stdout,
        stderr: signal === null ? stderr : `it was ended by ${signal}`,
      }),
    );
    // A script that ends before it has read everything says why by its exit code.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)?.trim() || "it said nothing";
}

/** What the verifier says. */

import type { Objective } from "../strategy.ts";

/** One thing that a certificate claims, and what came of it. */
export interface Finding {
  /** `checked`: found right by the verifier's own computation. `trusted`: it could not check it. `refuted`: it is wrong. */
  readonly verdict: "checked" | "trusted" | "refuted";
  /** What is claimed: a field of the certificate, or a part of the evidence. */
  readonly claim: string;
  readonly detail: string;
}

export interface VerificationReport {
  /** Whether nothing was refuted. */
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  /** What is counted: what the order was searched for. */
  readonly objective: Objective;
  /** What the certificate says that the order costs; null if that was not counted. */
  readonly cost: number | null;
  /** The lower bound that is claimed, and the one that the verifier established by itself; null if there is none. */
  readonly claimedBound: number | null;
  readonly establishedBound: number | null;
  /**
   * Whether no order is cheaper: `proved` by the verifier's own computation alone, `trusted` if parts of the proof are, `open` if the bound is below the cost.
   */
  readonly optimality: "proved" | "trusted" | "open";
}

/** A claim that is wrong. */
export function refuted(claim: string, detail: string): Finding {
  return { verdict: "refuted", claim, detail };
}

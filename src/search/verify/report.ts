/** What the verifier says. */

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
  readonly cost: number;
  /** The lower bound in `multiplications` that is claimed, and the one that the verifier established by itself; null if there is none. */
  readonly claimedBound: number | null;
  readonly establishedBound: number | null;
  /**
   * Whether no order is cheaper in `multiplications`: `proved` by the verifier's own computation alone, `trusted` if parts of the proof are, `open` if the bound is below the cost.
   */
  readonly optimality: "proved" | "trusted" | "open";
}

/** A claim that is wrong. */
export function refuted(claim: string, detail: string): Finding {
  return { verdict: "refuted", claim, detail };
}

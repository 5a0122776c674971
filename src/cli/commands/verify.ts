/** `alphagrad verify`: checks a certificate by other means than those that made it. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import pc from "picocolors";
import { InputError } from "../../errors.ts";
import { parseCertificate } from "../../search/certificate.ts";
import { type VerificationReport, verifyCertificate } from "../../search/verify/index.ts";
import { readJson } from "../files.ts";
import type { SourceOptions } from "../source.ts";
import { loadSubject } from "../subject.ts";

interface VerifyCommandOptions extends SourceOptions {
  readonly json?: boolean;
}

export async function verifyCommand(
  path: string,
  source: string | undefined,
  options: VerifyCommandOptions,
): Promise<void> {
  const certificate = parseCertificate(await readJson(path), path);
  const given = source ?? besideCertificate(path);
  // What optimize writes beside a certificate is the program in the certificate's own form already; simplifying it again changes nothing.
  const { graph } = await loadSubject(given, options, certificate.program);
  const report = verifyCertificate(graph, certificate);
  process.stdout.write(`${options.json ? JSON.stringify(report) : text(path, given, report)}\n`);
  if (!report.valid) throw new InputError(`${path} is refuted: it does not hold for ${given}`);
}

function besideCertificate(path: string): string {
  const found = ["program.json", "graph.json"]
    .map((name) => join(dirname(path), name))
    .find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new InputError(
    `there is no program.json or graph.json beside ${path}: name the source that it is for`,
  );
}

const MARKS = { checked: pc.green("✓"), trusted: pc.yellow("?"), refuted: pc.red("✗") } as const;

function text(
  path: string,
  source: string,
  { findings, valid, objective, cost, establishedBound, claimedBound, optimality }: VerificationReport,
): string {
  const lines = findings.map(
    ({ verdict, claim, detail }) => `${MARKS[verdict]} ${verdict.padEnd(7)}  ${claim}: ${detail}`,
  );
  const bound =
    establishedBound === null ? "no bound established" : `no order can cost less than ${establishedBound}`;
  const conclusions = {
    proved: `Optimal: ${bound}, and this one costs ${cost}.`,
    trusted: `Optimal if the search is trusted: it claims ${claimedBound}; established here: ${bound}.`,
    open: `This order costs ${cost ?? "an unknown number of"} ${objective}; ${bound}.`,
  } as const;
  return [
    `${path}, for ${source}`,
    "",
    ...lines,
    "",
    valid ? conclusions[optimality] : "The certificate does not hold.",
  ].join("\n");
}

/** `alphagrad compile`: writes the Jacobian code of an order. */

import { basename } from "node:path";
import { certify } from "../../search/certificate.ts";
import { VERSION } from "../../version.ts";
import { prepareFile, writeText } from "../files.ts";
import { jacobianModule } from "../kernelFiles.ts";
import type { SourceOptions } from "../source.ts";
import { loadOrder, loadSubject, requireProgram } from "../subject.ts";

interface CompileCommandOptions extends SourceOptions {
  readonly order: string;
  readonly target: "js";
  readonly out: string;
  readonly values?: boolean;
  readonly asWritten?: boolean;
}

export async function compileCommand(source: string, options: CompileCommandOptions): Promise<void> {
  const subject = await loadSubject(source, options, options.asWritten ? "as written" : "simplified");
  const program = requireProgram(subject);
  const order = await loadOrder(options.order, subject);
  const method = ["forward", "reverse", "markowitz"].includes(options.order)
    ? options.order
    : basename(options.order);
  const certificate = certify(subject.graph, order, {
    program: subject.form,
    objective: "operations",
    method,
    seed: 0,
    seconds: 0,
    alphagrad: VERSION,
  });
  const { code, declarations } = jacobianModule(program, certificate, options.values ?? false);
  await prepareFile(options.out);
  await writeText(declarationsPath(options.out), declarations);
  await writeText(options.out, code);
  process.stdout.write(
    `${options.out}: ${code.split("\n").length} lines, declarations in ${declarationsPath(options.out)}\n`,
  );
}

/** `kernel.js` has `kernel.d.ts`, `kernel.mjs` has `kernel.d.mts`. */
function declarationsPath(path: string): string {
  return /\.[cm]?js$/.test(path) ? path.replace(/js$/, "").replace(/\.([cm]?)$/, ".d.$1ts") : `${path}.d.ts`;
}

/** `alphagrad compile`: writes the Jacobian code of an order. */

import { basename } from "node:path";
import type { KernelDType } from "../../kernels/kernel.ts";
import { certify } from "../../search/certificate.ts";
import { VERSION } from "../../version.ts";
import { prepareFile, writeText } from "../files.ts";
import { checkKernelPath, kernelFiles } from "../kernelFiles.ts";
import type { SourceOptions } from "../source.ts";
import { formOfOptions, loadOrder, loadSubject, requireProgram } from "../subject.ts";
import type { FileTarget } from "../targets.ts";

interface CompileCommandOptions extends SourceOptions {
  readonly order: string;
  readonly target: FileTarget;
  readonly dtype: KernelDType;
  readonly out: string;
  readonly values?: boolean;
  readonly reassociate?: boolean;
  readonly asWritten?: boolean;
  readonly scalarise?: boolean;
}

export async function compileCommand(source: string, options: CompileCommandOptions): Promise<void> {
  checkKernelPath(options.target, options.out);
  const subject = await loadSubject(
    source,
    options,
    formOfOptions({ ...options, simplify: !options.asWritten }),
  );
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
  const { target, out, dtype, values = false, reassociate = false } = options;
  const files = kernelFiles(program, certificate, { target, path: out, values, dtype, reassociate });
  await prepareFile(out);
  // The main file last: it is there only if all are.
  for (const { path, text } of files.toReversed()) await writeText(path, text);
  const size = (text: string | Uint8Array) =>
    typeof text === "string" ? `${text.split("\n").length - 1} lines` : `${text.length} bytes`;
  const lines = files.map(({ path, what, text }) => `${path}: ${what}, ${size(text)}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

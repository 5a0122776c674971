/** `alphagrad show`: the Program as text or JSON, its graph as DOT. */

import { toDot } from "../../graph/dot.ts";
import { graphToJson } from "../../graph/json.ts";
import { programToJson } from "../../program/json.ts";
import { printProgram } from "../../program/text.ts";
import type { SourceOptions } from "../source.ts";
import { type FormOptions, formOfOptions, loadSubject, requireProgram } from "../subject.ts";

interface ShowOptions extends SourceOptions, FormOptions {
  readonly format: "text" | "dot" | "json";
}

export async function showCommand(source: string, options: ShowOptions): Promise<void> {
  const subject = await loadSubject(source, options, formOfOptions(options));
  process.stdout.write(`${text().trimEnd()}\n`);

  function text(): string {
    if (options.format === "dot") return toDot(subject.graph, subject.program ?? undefined);
    if (options.format === "json")
      return JSON.stringify(
        subject.program === null ? graphToJson(subject.graph) : programToJson(subject.program),
        null,
        2,
      );
    return printProgram(requireProgram(subject));
  }
}

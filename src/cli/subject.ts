/** What a command acts on: a program in one of its two forms, or a bare graph. */

import { InputError } from "../errors.ts";
import type { ComputationalGraph, EliminationOrder } from "../graph/graph.ts";
import { graphHash } from "../graph/json.ts";
import { linearize } from "../jacobian/linearize.ts";
import type { Program } from "../program/program.ts";
import { simplify } from "../program/simplify.ts";
import { type ProgramForm, parseCertificate } from "../search/certificate.ts";
import { forward, markowitz, reverse } from "../search/orders.ts";
import { readJson } from "./files.ts";
import { loadSource, type SourceOptions } from "./source.ts";

/** A source in the form that the command works on. */
export interface Subject {
  readonly name: string;
  readonly form: ProgramForm;
  /** Null for a source that is only a graph. */
  readonly program: Program | null;
  /** The program before simplification, to say so when an order was made for the other form. */
  readonly asWritten: Program | null;
  readonly graph: ComputationalGraph;
}

/** Loads a source in a form. Throws an InputError if it is not understood. */
export async function loadSubject(
  source: string,
  options: SourceOptions,
  form: ProgramForm,
): Promise<Subject> {
  const loaded = await loadSource(source, options);
  if (loaded.kind === "graph")
    return { name: loaded.name, form: "as written", program: null, asWritten: null, graph: loaded.graph };
  const program = form === "simplified" ? simplify(loaded.program) : loaded.program;
  return { name: loaded.name, form, program, asWritten: loaded.program, graph: linearize(program).graph };
}

/** The program of a subject. Throws an InputError for a bare graph, which has no code. */
export function requireProgram({ name, program }: Subject): Program {
  if (program === null)
    throw new InputError(
      `${name} is only a graph: it can be searched and counted, not evaluated or compiled`,
    );
  return program;
}

/** The order that `--order` names. Throws an InputError if it is none, or a certificate for another graph. */
export async function loadOrder(option: string, subject: Subject): Promise<EliminationOrder> {
  const { graph } = subject;
  if (option === "forward") return forward(graph);
  if (option === "reverse") return reverse(graph);
  if (option === "markowitz") return markowitz(graph, { ties: "first" });
  const json = await readJson(option);
  if (Array.isArray(json)) {
    const wrong = json.findIndex((entry) => !Number.isInteger(entry));
    if (wrong >= 0)
      throw new InputError(
        `${option}: entry ${wrong + 1} is ${JSON.stringify(json[wrong])}, expected an equation number`,
      );
    return json;
  }
  const certificate = parseCertificate(json, option);
  if (certificate.graph !== graphHash(graph))
    throw new InputError(mismatch(option, certificate.graph, certificate.program, subject));
  return certificate.order;
}

function mismatch(
  file: string,
  hash: string,
  form: ProgramForm,
  { name, form: own, asWritten }: Subject,
): string {
  const other = asWritten === null ? null : own === "simplified" ? asWritten : simplify(asWritten);
  if (other !== null && graphHash(linearize(other).graph) === hash)
    return `${file} is a certificate for ${name} ${form}, but this command acts on it ${own}: ${form === "simplified" ? "use --simplify (or leave out --as-written)" : "use --as-written (or leave out --simplify)"}`;
  return `${file} is a certificate for another graph than that of ${name}: the function has changed, or it belongs to another one`;
}

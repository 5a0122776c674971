/** What a command acts on: a program in one of its forms, or a bare graph. */

import { InputError } from "../errors.ts";
import { FORM_STEPS, formOf, inForm } from "../form.ts";
import type { ComputationalGraph, Elimination } from "../graph/graph.ts";
import { graphHash } from "../graph/json.ts";
import { linearize } from "../jacobian/linearize.ts";
import { beforeDerivative } from "../jacobian/nested.ts";
import { operandType, type Program } from "../program/program.ts";
import { type DType, isFloating } from "../program/type.ts";
import { type ProgramForm, parseCertificate, stepSchema } from "../search/certificate.ts";
import { forward, markowitz, reverse } from "../search/orders.ts";
import { readJson } from "./files.ts";
import { loadSource, type SourceOptions } from "./source.ts";

/** A source in the form that the command works on. */
export interface Subject {
  readonly name: string;
  readonly form: ProgramForm;
  /** Null for a source that is only a graph. */
  readonly program: Program | null;
  /** The program as it was loaded, or its Jacobian for a higher derivative, to say so when an order was made for another form. */
  readonly asWritten: Program | null;
  readonly graph: ComputationalGraph;
}

/** Flags of the commands that act on the program as written unless told otherwise. */
export interface FormOptions {
  readonly simplify?: boolean;
  readonly scalarise?: boolean;
}

/** The form that the flags mean. */
export function formOfOptions({ simplify = false, scalarise = false }: FormOptions): ProgramForm {
  return formOf({ simplified: simplify, scalarised: scalarise });
}

/**
 * Loads a source in a form.
 *
 * @param choice the form, or how to choose it from the program
 * @throws InputError if the source is not understood, or too large for the form
 */
export async function loadSubject(
  source: string,
  options: SourceOptions,
  choice: ProgramForm | ((program: Program) => ProgramForm),
): Promise<Subject> {
  const loaded = await loadSource(source, options);
  const { derivative = 1 } = options;
  if (loaded.kind === "graph") {
    if (derivative > 1)
      throw new InputError(`${loaded.name} is only a graph: --derivative needs the function itself`);
    return { name: loaded.name, form: "as written", program: null, asWritten: null, graph: loaded.graph };
  }
  checkReal(loaded.program);
  const asWritten = beforeDerivative(loaded.program, derivative);
  const form = typeof choice === "string" ? choice : choice(asWritten);
  const program = inForm(asWritten, form);
  const name = derivative > 1 ? asWritten.name : loaded.name;
  return { name, form, program, asWritten, graph: linearize(program).graph };
}

/** Throws an InputError if there is nothing to differentiate, or nothing to differentiate by. */
function checkReal(program: Program): void {
  const { name, inputs, outputs } = program;
  checkSome(
    name,
    "input",
    inputs.map(({ name, type }) => ({ name, dtype: type.dtype })),
  );
  checkSome(
    name,
    "output",
    outputs.map(({ name, operand }) => ({ name, dtype: operandType(program, operand).dtype })),
  );
}

/** Throws an InputError if there are values and none of them is a real number. */
function checkSome(
  program: string,
  what: string,
  values: readonly { readonly name: string; readonly dtype: DType }[],
): void {
  const [first] = values;
  if (first === undefined || values.some(({ dtype }) => isFloating(dtype))) return;
  throw new InputError(
    `${program}: no ${what} is a real number (${first.name} is ${first.dtype}): a Jacobian takes floating-point inputs and outputs`,
  );
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
export async function loadOrder(option: string, subject: Subject): Promise<Elimination> {
  const { graph } = subject;
  if (option === "forward") return forward(graph);
  if (option === "reverse") return reverse(graph);
  if (option === "markowitz") return markowitz(graph, { ties: "first" });
  const json = await readJson(option);
  if (Array.isArray(json)) {
    return json.map((entry, index) => {
      const step = stepSchema.safeParse(entry);
      if (step.success) return step.data;
      throw new InputError(
        `${option}: entry ${index + 1} is ${JSON.stringify(entry)}, expected an equation number, or an edge or a face such as {"front":[3,5]}`,
      );
    });
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
  if (asWritten !== null && form !== own && isGraphOf(hash, asWritten, form))
    return `${file} is a certificate for ${name} ${form}, but this command acts on it ${own}: ${remedies(form, own).join(" and ")}`;
  return `${file} is a certificate for another graph than that of ${name}: the function has changed, or it belongs to another one`;
}

function isGraphOf(hash: string, program: Program, form: ProgramForm): boolean {
  try {
    return graphHash(linearize(inForm(program, form)).graph) === hash;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** How to make a command act on one form instead of another. */
function remedies(wanted: ProgramForm, own: ProgramForm): string[] {
  const [to, from] = [FORM_STEPS[wanted], FORM_STEPS[own]];
  const lines: string[] = [];
  if (to.simplified !== from.simplified)
    lines.push(
      to.simplified
        ? "use --simplify (or leave out --as-written)"
        : "use --as-written (or leave out --simplify)",
    );
  if (to.scalarised !== from.scalarised)
    lines.push(to.scalarised ? "use --scalarise" : "leave out --scalarise");
  return lines;
}

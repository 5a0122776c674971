/** `alphagrad evaluate`: outputs and Jacobian at a point, by the generated program. */

import { InputError } from "../../errors.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { interpret } from "../../program/interpreter.ts";
import { argumentNames, type Nested, nestedResults, tensorsOf } from "../../program/tree.ts";
import { readJson } from "../files.ts";
import type { SourceOptions } from "../source.ts";
import { type FormOptions, formOfOptions, loadOrder, loadSubject, requireProgram } from "../subject.ts";

interface EvaluateOptions extends SourceOptions, FormOptions {
  readonly at: string;
  readonly order: string;
  readonly json?: boolean;
}

export async function evaluateCommand(source: string, options: EvaluateOptions): Promise<void> {
  const subject = await loadSubject(source, options, formOfOptions(options));
  const program = requireProgram(subject);
  const order = await loadOrder(options.order, subject);
  const derivative = jacobian(program, { order, values: true });
  const [result] = nestedResults(
    derivative,
    interpret(derivative, tensorsOf(program, await readPoint(options.at))),
  );
  const { values: outputs, jacobian: entries } = result as {
    readonly values: Nested;
    readonly jacobian: Nested;
  };
  const strange = [...notFinite(outputs, "outputs"), ...notFinite(entries, "jacobian")];
  if (strange.length > 0) {
    const written = options.json ? ", written as null" : "";
    process.stderr.write(
      `note: not finite at this point${written}: ${strange.slice(0, 8).join(", ")}${strange.length > 8 ? `, and ${strange.length - 8} more` : ""}\n`,
    );
  }
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ outputs, jacobian: entries })}\n`);
    return;
  }
  const names = program.outputs.map(({ name }) => name);
  const lines = [
    `outputs (${names.join(", ")})`,
    show(outputs),
    "",
    `jacobian[output][input], inputs ${argumentNames(program).join(", ")}`,
    show(entries),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** The arguments in a file of a point. Throws an InputError that says what is expected. */
export async function readPoint(path: string): Promise<readonly unknown[]> {
  const json = await readJson(path);
  const inputs = typeof json === "object" && json !== null && "inputs" in json ? json.inputs : undefined;
  if (!Array.isArray(inputs))
    throw new InputError(`${path}: expected {"inputs": [...]}, one entry per parameter`);
  return inputs;
}

/** The paths of the numbers that are NaN or infinite. */
function notFinite(value: Nested, path: string): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [`${path} = ${value}`];
  if (Array.isArray(value)) return value.flatMap((item, index) => notFinite(item, `${path}[${index}]`));
  return Object.entries(value).flatMap(([key, item]) => notFinite(item, `${path}.${key}`));
}

function show(value: Nested): string {
  if (!Array.isArray(value)) return `  ${inline(value)}`;
  return value.map((row) => `  ${inline(row)}`).join("\n");
}

function inline(value: Nested): string {
  if (typeof value === "number")
    return Number.isFinite(value) ? Number(value.toPrecision(12)).toString() : `${value}`;
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${inline(item)}`)
    .join(", ")} }`;
}

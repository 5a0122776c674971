/** What emitted ES modules say of a Program: names, and what each plane holds. */

import type { Program } from "../../program/program.ts";
import { entriesOf } from "../kernel.ts";
import { list } from "./pointCode.ts";

const INPUTS_DOC = "/** The inputs, one plane each, arrays one per element. */";
const OUTPUTS_DOC = "/** The outputs; those that are always 0 have no plane. */";
const ENTRIES_DOC = "/** What each output plane holds: an element of an output. */";

/** Types of `metadata`. */
export const METADATA_DECLARATIONS = `${INPUTS_DOC}
export declare const inputNames: readonly string[];
${OUTPUTS_DOC}
export declare const outputNames: readonly string[];
${ENTRIES_DOC}
export declare const entries: readonly { readonly output: number; readonly element: number }[];`;

/** The exports `inputNames`, `outputNames` and `entries`. */
export function metadata(program: Program): string {
  return [
    INPUTS_DOC,
    `export const inputNames = ${list(program.inputs.map(({ name }) => JSON.stringify(name)))};`,
    OUTPUTS_DOC,
    `export const outputNames = ${list(program.outputs.map(({ name }) => JSON.stringify(name)))};`,
    ENTRIES_DOC,
    `export const entries = ${entriesText(program)};`,
  ].join("\n");
}

/** The entries one by one, or where outputs are arrays, by their sizes. */
function entriesText(program: Program): string {
  const entries = entriesOf(program);
  if (entries.every(({ element }) => element === 0))
    return list(entries.map(({ output, element }) => `{ output: ${output}, element: ${element} }`));
  const sizes = new Map<number, number>();
  for (const { output } of entries) sizes.set(output, (sizes.get(output) ?? 0) + 1);
  return `${list([...sizes].map(([output, size]) => `[${output}, ${size}]`))}.flatMap(([output, size]) =>
  Array.from({ length: size }, (_, element) => ({ output, element })),
)`;
}

/** The code of one point, however it is made, and how lists are written. */

import type { Names } from "../straightline/names.ts";

/** Module-level declarations, and functions that are called one after the other with `point, inputs, inputStride, outputs, outputStride`. */
export interface PointCode {
  readonly declarations: readonly string[];
  readonly functions: readonly { readonly name: string; readonly code: string }[];
}

/** Bodies, each a list of lines or blocks, as functions of one point. */
export function functionsOf(bodies: readonly (readonly string[])[], names: Names): PointCode["functions"] {
  return bodies.map((body, index) => {
    const name = names.take(bodies.length === 1 ? "evaluate" : `evaluate${index + 1}`);
    return {
      name,
      code: [`function ${name}(point, inputs, inputStride, outputs, outputStride) {`, ...body, "}"].join(
        "\n",
      ),
    };
  });
}

/** An array literal, wrapped at 100 columns. */
export function list(items: readonly string[]): string {
  const rows: string[] = [];
  for (const item of items) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + item.length < 96) rows[rows.length - 1] = `${last} ${item},`;
    else rows.push(`  ${item},`);
  }
  return rows.length <= 1 ? `[${items.join(", ")}]` : `[\n${rows.join("\n")}\n]`;
}

/** Trees: one output that depends on each of many inputs along one path, the case where reverse mode is optimal. */

import { ProgramBuilder } from "../../program/builder.ts";
import type { Operand, Program } from "../../program/program.ts";

export interface TreeOptions {
  /** How many inputs there are, at least 2. */
  readonly leaves: number;
}

/** A balanced tree of products: `leaves` inputs, one output, leaves - 1 equations. */
export function tree({ leaves }: TreeOptions): Program {
  const builder = new ProgramBuilder();
  let level: Operand[] = Array.from({ length: leaves }, (_, leaf) => builder.input(`x${leaf}`));
  while (level.length > 1) {
    const next: Operand[] = [];
    for (let index = 0; index < level.length; index += 2) {
      const pair = level.slice(index, index + 2);
      next.push(...(pair.length === 2 ? [builder.emit("mul", pair)] : pair));
    }
    level = next;
  }
  return builder.build(
    "tree",
    level.map((operand) => ({ name: "y", operand })),
  );
}

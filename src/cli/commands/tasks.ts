/** `alphagrad tasks`: the functions that come with alphagrad. */

import { intermediates } from "../../graph/graph.ts";
import { linearize } from "../../jacobian/linearize.ts";
import { programOf, tasks } from "../../tasks/index.ts";
import { table } from "../table.ts";

export function tasksCommand(options: { readonly json?: boolean }): void {
  const rows = tasks.map((task) => {
    const program = programOf(task);
    const { graph } = linearize(program);
    return {
      name: task.name,
      kind: task.kind,
      inputs: program.inputs.length,
      outputs: program.outputs.length,
      equations: program.equations.length,
      intermediates: intermediates(graph).length,
      description: task.description,
    };
  });
  if (options.json) {
    process.stdout.write(`${JSON.stringify(rows)}\n`);
    return;
  }
  const text = table(
    ["task", "source", "inputs", "outputs", "equations", "to eliminate"],
    rows.map((row) => [
      row.name,
      row.kind,
      `${row.inputs}`,
      `${row.outputs}`,
      `${row.equations}`,
      `${row.intermediates}`,
    ]),
  );
  const descriptions = rows.map(({ name, description }) => `${name}: ${description}`);
  process.stdout.write(`${text}\n\n${descriptions.join("\n")}\n`);
}

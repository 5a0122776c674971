/** `alphagrad count`: what an order costs. */

import { InputError } from "../../errors.ts";
import { vertexCosts } from "../../graph/costs.ts";
import { isVertexOrder } from "../../graph/graph.ts";
import { costsAtAnyScale } from "../../search/large/costs.ts";
import type { SourceOptions } from "../source.ts";
import { type FormOptions, formOfOptions, loadOrder, loadSubject } from "../subject.ts";
import { table } from "../table.ts";

interface CountOptions extends SourceOptions, FormOptions {
  readonly order: string;
  readonly perVertex?: boolean;
  readonly json?: boolean;
}

export async function countCommand(source: string, options: CountOptions): Promise<void> {
  const subject = await loadSubject(source, options, formOfOptions(options));
  const { graph } = subject;
  const order = await loadOrder(options.order, subject);
  if (options.perVertex && !isVertexOrder(order))
    throw new InputError(`--per-vertex is for orders of vertices; ${options.order} has finer steps`);
  const costs = costsAtAnyScale(graph, order);
  const vertices = options.perVertex ? perVertex() : [];
  if (options.json) {
    process.stdout.write(`${JSON.stringify(options.perVertex ? { ...costs, vertices } : costs)}\n`);
    return;
  }
  const { multiplications, nontrivial, constants, operations } = costs;
  const lines = [
    `${subject.name}, ${subject.form}: ${order.length} eliminations in the order ${options.order}`,
    "",
    table(
      ["count", "value"],
      [
        ["multiplications", `${multiplications}`],
        ["nontrivial", `${nontrivial}`],
        ["  constants apart", `${constants}`],
        ["operations", operations === null ? "–" : `${operations.multiplications} + ${operations.additions}`],
      ],
    ),
  ];
  if (options.perVertex)
    lines.push(
      "",
      table(
        ["equation", "name", "multiplications", "nontrivial", "constants"],
        vertices.map((vertex) => [
          `${vertex.equation}`,
          vertex.name,
          `${vertex.multiplications}`,
          `${vertex.nontrivial}`,
          `${vertex.constants}`,
        ]),
      ),
    );
  process.stdout.write(`${lines.join("\n")}\n`);

  function perVertex() {
    if (!isVertexOrder(order)) return [];
    const nontrivial = vertexCosts(graph, order, "nontrivial");
    const names = new Map(graph.vertices.map(({ equation, name }) => [equation, name]));
    return vertexCosts(graph, order, "multiplications").map(({ equation, products }, index) => ({
      equation,
      name: names.get(equation) ?? "",
      multiplications: products,
      nontrivial: nontrivial[index]?.products ?? 0,
      constants: nontrivial[index]?.constants ?? 0,
    }));
  }
}

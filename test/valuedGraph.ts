/** Random scalar graphs with values: constants, equal and opposite partials, and products and sums that the function computes anyway. */

import type { ComputationalGraph, KnownValue, TermValue } from "../src/graph/graph.ts";
import { intermediates } from "../src/graph/graph.ts";
import type { Random } from "../src/random.ts";
import { createEngine } from "../src/search/engine.ts";
import { type RandomGraphOptions, randomGraph } from "./bruteForce.ts";

export interface ValuedGraphOptions extends RandomGraphOptions {
  /** How many different partials there are that are not derived from others. */
  readonly values: number;
  /** The probability that an edge is a constant, 1 mostly. */
  readonly constants: number;
  /** How many products, sums and differences are known. */
  readonly known: number;
}

const CONSTANTS = [1, 1, 1, -1, -1, 2, 0.5, -3];

/** A random graph whose edges have random values. */
export function valuedGraph(random: Random, options: ValuedGraphOptions): ComputationalGraph {
  const graph = randomGraph(random, options);
  const pick = (count: number): TermValue => ({
    kind: "value",
    value: random.below(count),
    negative: random.unit() < 0.2,
  });
  const constant = (): TermValue => ({
    kind: "constant",
    constant: CONSTANTS[random.below(CONSTANTS.length)]!,
  });
  const known: KnownValue[] = [];
  const kinds = ["product", "product", "sum", "difference"] as const;
  for (let left = options.known; left > 0; left--) {
    const count = options.values + known.length;
    const operands = [pick(count), random.unit() < 0.2 ? constant() : pick(count)] as const;
    known.push({
      kind: kinds[random.below(kinds.length)]!,
      left: operands[0],
      right: operands[1],
      result: { kind: "value", value: count, negative: random.unit() < 0.2 },
    });
  }
  const valueCount = options.values + known.length;
  return {
    ...graph,
    edges: graph.edges.map((edge) => ({
      ...edge,
      terms: edge.terms.map((term) => {
        const value = random.unit() < options.constants ? constant() : pick(valueCount);
        return { ...term, counted: [], value };
      }),
    })),
    valueCount,
    known,
  };
}

/** The fewest `operations` of any order, by trying all. */
export function fewestOperations(graph: ComputationalGraph): number {
  const engine = createEngine(graph, "operations");
  const size = intermediates(graph).length;
  let fewest = Number.POSITIVE_INFINITY;
  const order = Int32Array.from({ length: size }, (_, index) => index);
  const permute = (from: number): void => {
    if (from === size) {
      fewest = Math.min(fewest, engine.cost(order));
      return;
    }
    for (let place = from; place < size; place++) {
      [order[from], order[place]] = [order[place]!, order[from]!];
      permute(from + 1);
      [order[from], order[place]] = [order[place]!, order[from]!];
    }
  };
  permute(0);
  return fewest;
}

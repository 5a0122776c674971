/**
 * Random scalar computational graphs for property-based tests: few values, so that products and sums coincide; negative signs, constants with 0 and
 * +-1 among them, copies (pure structure), known products and sums. Not those of any program: an engine must not rely on that.
 */

import fc from "fast-check";
import type { ComputationalGraph, EdgeTerm, KnownValue, TermValue } from "../src/graph/graph.ts";

export interface RandomGraphOptions {
  /** At most so many vertices, outputs included; 10 by default. */
  readonly maxVertices?: number;
  /** At least so many; 1 by default. */
  readonly minVertices?: number;
  /** Whether edges of pure structure occur; true by default. */
  readonly copies?: boolean;
}

const ATOMS = 5;
const INPUTS = 3;
const CONSTANTS = [1, -1, 2, 0.5, -2, 0];
const SCALAR = { out: [], in: [], extents: [] };

const value: fc.Arbitrary<TermValue> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("value" as const),
      value: fc.nat(ATOMS - 1),
      negative: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("constant" as const), constant: fc.constantFrom(...CONSTANTS) }),
  },
);

const known: fc.Arbitrary<KnownValue> = fc.record({
  kind: fc.constantFrom("product", "sum", "difference"),
  left: value,
  right: value,
  result: value,
});

/** Every vertex has predecessors among the nodes before it; those without successors are the outputs. */
export function randomGraphs(options: RandomGraphOptions = {}): fc.Arbitrary<ComputationalGraph> {
  const { maxVertices = 10, minVertices = 1, copies = true } = options;
  const copy: fc.Arbitrary<Omit<EdgeTerm, "structure">> = fc.constant({
    counted: null,
    value: { kind: "constant", constant: 1 },
  });
  const counted = value.map((value) => ({ counted: [], value }));
  const term = copies ? fc.oneof({ weight: 5, arbitrary: counted }, { weight: 1, arbitrary: copy }) : counted;
  // How far back an operand is, so that graphs are deep more often than wide.
  const operand = fc.record({ back: fc.nat(9), term });
  const vertices = fc.array(fc.array(operand, { minLength: 1, maxLength: 3 }), {
    minLength: minVertices,
    maxLength: maxVertices,
    size: "max",
  });
  return fc.tuple(vertices, fc.array(known, { maxLength: 6 })).map(([recipe, known]) => {
    const edges = recipe.flatMap((operands, vertex) => {
      const to = INPUTS + vertex;
      const byNode = new Map(operands.map(({ back, term }) => [Math.max(0, to - 1 - back), term]));
      return [...byNode]
        .sort(([a], [b]) => a - b)
        .map(([from, term]) => ({ from, to, terms: [{ structure: SCALAR, ...term }] }));
    });
    const used = new Set(edges.map(({ from }) => from));
    return {
      name: "random",
      inputs: Array.from({ length: INPUTS }, (_, input) => ({ name: `x${input}`, shape: [] })),
      // Every second equation number is left out: those of equations that are not in the graph.
      vertices: recipe.map((_, vertex) => ({ equation: 2 * vertex + 1, name: `v${vertex}`, shape: [] })),
      edges,
      outputs: recipe.map((_, vertex) => INPUTS + vertex).filter((node) => !used.has(node)),
      valueCount: ATOMS,
      known,
    };
  });
}

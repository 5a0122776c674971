/**
 * A component of what safe eliminations left, in numbers of its own: index i is its i-th intermediate in program order. Everything outside it that
 * its vertices touch is an input or an output, so it is ordered independently of the other components.
 */

import { type EliminationState, SIDES, type Side } from "./state.ts";

/** The neighbours of each vertex on one side; numbers from `size` on are terminals, numbered on each side by themselves. */
export interface Neighbours {
  /** How many columns a bit row needs: intermediates and terminals. */
  readonly columns: number;
  readonly all: readonly (readonly number[])[];
  /** Those whose edge is counted, and those whose edge is pure structure. */
  readonly counted: readonly (readonly number[])[];
  readonly free: readonly (readonly number[])[];
}

export interface Component {
  readonly size: number;
  /** The node in the graph of each index, ascending: a topological order. */
  readonly nodes: readonly number[];
  /** Against and along the edges. */
  readonly sides: readonly [Neighbours, Neighbours];
}

/** @param nodes open intermediates, ascending, that have no edges to other open intermediates */
export function componentOf(state: EliminationState, nodes: readonly number[]): Component {
  const side = (side: Side): Neighbours => {
    const index = new Map(nodes.map((node, index) => [node, index]));
    const numbered = (node: number) => {
      const known = index.get(node) ?? index.size;
      index.set(node, known);
      return known;
    };
    const edges = nodes.map((node) =>
      [...state.edges(side, node)].map(([neighbour, counted]) => [numbered(neighbour), counted] as const),
    );
    const only = (wanted: boolean) =>
      edges.map((list) => list.flatMap(([neighbour, counted]) => (counted === wanted ? [neighbour] : [])));
    const counted = only(true);
    const free = only(false);
    return {
      columns: index.size,
      all: edges.map((list) => list.map(([neighbour]) => neighbour)),
      counted,
      free,
    };
  };
  const [incoming, outgoing] = SIDES;
  return { size: nodes.length, nodes, sides: [side(incoming), side(outgoing)] };
}

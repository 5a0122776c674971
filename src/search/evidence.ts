/**
 * The evidence for lower bounds: JSON, part of certificates, to be checked by others.
 *
 * In `multiplications` the bound is what the safe eliminations cost, plus the bounds of the components that remain. A component's bound is the sum of its blocks' bounds,
 * or more if a search went on from there: then it says how many sets the search expanded. In `operations` it is the number of landmarks, or more if a search went on.
 */

import { z } from "zod";

const count = z.int().nonnegative();
const equations = z.array(z.int().positive());

export const evidenceSchema = z.strictObject({
  /** Equations that were eliminated safely, in order, with what each cost. */
  safe: z.array(z.strictObject({ equation: z.int().positive(), cost: count })),
  /** The groups of intermediates that remain, without edges between them. */
  components: z.array(
    z.strictObject({
      equations,
      /** Disjoint groups that together are the component, and a lower bound of what each costs. */
      blocks: z.array(z.strictObject({ equations, bound: count })),
      /** Lower bound of what the component costs. */
      bound: count,
      /** How many sets the exact search expanded to raise the bound above that of the blocks; null if it was not needed. */
      expanded: count.nullable(),
    }),
  ),
});

/** Why no order costs less than a lower bound. */
export type BoundEvidence = z.infer<typeof evidenceSchema>;

/**
 * A value that eliminations can compute: the sum over all paths from a node to another that lead through some of the given nodes only, of the products of their
 * edges; or, with a fourth entry, the product of such a sum from the first node to that one and such a sum from there. Nodes are those of the graph: the inputs from 0, then the vertices.
 */
const namedValue = z.union([
  z.tuple([count, count, z.array(count)]),
  z.tuple([count, count, z.array(count), count]),
]);

export const operationsEvidenceSchema = z.strictObject({
  /** Landmarks: sets of values, no two of them with equal values, of each of which every order computes one. */
  landmarks: z.array(z.array(namedValue)),
  /** Between two nodes all sets of nodes were looked at that are unions of paths, where these are at most so many; for some pair they are as many. */
  sets: count,
  bound: count,
  /** How many states the exact search expanded to raise the bound above the number of landmarks; null if it was not needed. */
  expanded: count.nullable(),
});

/** Why no order of vertices takes fewer operations than a lower bound. */
export type OperationsEvidence = z.infer<typeof operationsEvidenceSchema>;

/** The evidence of a bound in one objective or the other. */
export type Evidence = BoundEvidence | OperationsEvidence;

/** The lower bound that the evidence stands for, in `multiplications`. */
export function boundOf({ safe, components }: BoundEvidence): number {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return sum(safe.map(({ cost }) => cost)) + sum(components.map(({ bound }) => bound));
}

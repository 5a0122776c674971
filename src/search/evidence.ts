/**
 * The evidence for a lower bound in `multiplications`: JSON, part of certificates, to be checked by others.
 *
 * The bound is what the safe eliminations cost, plus the bounds of the components that remain. A component's bound is the sum of its blocks' bounds,
 * or more if a search went on from there: then it says how many sets the search expanded.
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

/** The lower bound that the evidence stands for. */
export function boundOf({ safe, components }: BoundEvidence): number {
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return sum(safe.map(({ cost }) => cost)) + sum(components.map(({ bound }) => bound));
}

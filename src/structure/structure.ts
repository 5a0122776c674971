/**
 * The structure of a local Jacobian: where its entries are, on which indices they depend, and nothing of their values.
 *
 * A Jacobian block `d w / d u` has the dims of `w` ("out") and those of `u` ("in"). Each dim is indexed by a *label* that runs over
 * a window: index = offset + label, or just the offset if the dim has no label (extent 1). A label that occurs in both
 * out and in is a diagonal; one on which the values do not depend is a Kronecker delta (in both) or a replicated dim (in one).
 * Scalars are the special case without dims and labels.
 */

/** One dim of a block: the index along it is `offset + label`, or `offset` alone if `label` is null. */
export interface Dim {
  /** Extent of the whole dim. */
  readonly size: number;
  readonly offset: number;
  /** Index into `Structure.extents`, or null. */
  readonly label: number | null;
}

/** The structure of one term of an edge. */
export interface Structure {
  readonly out: readonly Dim[];
  readonly in: readonly Dim[];
  /** Extent of each label, numbered by first appearance in out, then in; every extent is at least 2 (or 0). */
  readonly extents: readonly number[];
}

/** The structure of a scalar partial. */
export const SCALAR: Structure = { out: [], in: [], extents: [] };

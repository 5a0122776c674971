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

/** A key that is equal for equal structures and different for different ones. */
export function structureKey({ out, in: inner, extents }: Structure): string {
  const dims = (list: readonly Dim[]) => list.map(({ size, offset, label }) => `${size}/${offset}/${label ?? "-"}`).join(",");
  return `${dims(out)}|${dims(inner)}|${extents.join(",")}`;
}

/**
 * How two structures meet in a product: which labels of the left and of the right run together, and which of them remain.
 *
 * *Classes* are the labels of the product before contraction: labels of either side, tied where they index the same dim of the middle.
 */
export interface Meeting {
  /** Structure of the product. */
  readonly structure: Structure;
  /** For each class its extent. */
  readonly extents: readonly number[];
  /** For each label of the left and of the right the class it belongs to, or null if its window shrank to one index. */
  readonly left: readonly (number | null)[];
  readonly right: readonly (number | null)[];
  /** For each label of the left and of the right the first index of its window that still takes part. */
  readonly leftStart: readonly number[];
  readonly rightStart: readonly number[];
  /** For each class its label in the product, or null if it is contracted. */
  readonly kept: readonly (number | null)[];
}

interface Window {
  start: number;
  extent: number;
}

/**
 * Composes `left = d w / d v` with `right = d v / d u`.
 *
 * @returns how they meet, or null if their windows on v have no index in common, so that the product is zero
 */
export function compose(left: Structure, right: Structure): Meeting | null {
  // A window per label of either side: the part of the label's range that takes part. Restricting one dim may restrict others.
  const windows = (extents: readonly number[]): Window[] => extents.map((extent) => ({ start: 0, extent }));
  const leftWindows = windows(left.extents);
  const rightWindows = windows(right.extents);
  const range = ({ offset, label }: Dim, of: readonly Window[]): Window => {
    const window = label === null ? undefined : of[label];
    return window === undefined ? { start: offset, extent: 1 } : { start: offset + window.start, extent: window.extent };
  };
  const restrict = ({ offset, label }: Dim, of: readonly Window[], start: number, extent: number): boolean => {
    const window = label === null ? undefined : of[label];
    if (window === undefined || (window.start === start - offset && window.extent === extent)) return false;
    window.start = start - offset;
    window.extent = extent;
    return true;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const [dim, outer] of left.in.entries()) {
      const inner = right.out[dim];
      if (inner === undefined) throw new RangeError("the ranks of the middle differ");
      const a = range(outer, leftWindows);
      const b = range(inner, rightWindows);
      const start = Math.max(a.start, b.start);
      const extent = Math.min(a.start + a.extent, b.start + b.extent) - start;
      if (extent <= 0) return null;
      if (restrict(outer, leftWindows, start, extent)) changed = true;
      if (restrict(inner, rightWindows, start, extent)) changed = true;
    }
  }

  // Union-find over the labels of both sides: left labels first.
  const parent = Array.from({ length: left.extents.length + right.extents.length }, (_, index) => index);
  const find = (label: number): number => {
    let root = label;
    while (parent[root] !== undefined && parent[root] !== root) root = parent[root] ?? root;
    return root;
  };
  left.in.forEach((outer, dim) => {
    const inner = right.out[dim]?.label ?? null;
    if (outer.label !== null && inner !== null) parent[find(outer.label)] = find(left.extents.length + inner);
  });

  const classOfRoot = new Map<number, number>();
  const extents: number[] = [];
  const classOf = (label: number, window: Window | undefined): number | null => {
    if (window === undefined || window.extent === 1) return null;
    const root = find(label);
    const known = classOfRoot.get(root);
    if (known !== undefined) return known;
    classOfRoot.set(root, extents.length);
    return extents.push(window.extent) - 1;
  };
  const leftClasses = left.extents.map((_, label) => classOf(label, leftWindows[label]));
  const rightClasses = right.extents.map((_, label) => classOf(left.extents.length + label, rightWindows[label]));

  const kept: (number | null)[] = extents.map(() => null);
  const keptExtents: number[] = [];
  const resultDim = (dim: Dim, classes: readonly (number | null)[], of: readonly Window[]): Dim => {
    const { start } = range(dim, of);
    const group = dim.label === null ? null : (classes[dim.label] ?? null);
    if (group === null) return { size: dim.size, offset: start, label: null };
    kept[group] ??= keptExtents.push(extents[group] ?? 1) - 1;
    return { size: dim.size, offset: start, label: kept[group] ?? null };
  };
  const out = left.out.map((dim) => resultDim(dim, leftClasses, leftWindows));
  const inner = right.in.map((dim) => resultDim(dim, rightClasses, rightWindows));
  return {
    structure: { out, in: inner, extents: keptExtents },
    extents,
    left: leftClasses,
    right: rightClasses,
    leftStart: leftWindows.map(({ start }) => start),
    rightStart: rightWindows.map(({ start }) => start),
    kept,
  };
}

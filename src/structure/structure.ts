/**
 * The structure of a local Jacobian: where its entries are, on which indices they depend, and nothing of their values.
 *
 * A Jacobian block `d w / d u` has the dims of `w` ("out") and those of `u` ("in"). Each dim is indexed by a *label* that runs over a
 * window: index = offset + stride * label, or just the offset if the dim has no label. A label that occurs both in
 * out and in is a diagonal; one on which the values do not depend is a Kronecker delta (in both) or a replicated dim (in one).
 * Scalars are the special case without dims and labels.
 *
 * Strides keep `x[::2]` and `x[::-1]` as cheap as `x[2:5]`: the index along a dim is an affine function of its label, affine
 * functions compose, and two of them that meet have their common values along a third.
 */

/** One dim of a block: the index along it is `offset + stride * label`, or `offset` alone if `label` is null. */
export interface Dim {
  /** Extent of the whole dim. */
  readonly size: number;
  readonly offset: number;
  /** Index into `Structure.extents`, or null. */
  readonly label: number | null;
  /** Not 0; absent: 1. A label's first dim, in the order of out, then in, has a positive stride. */
  readonly stride?: number;
}

/** The structure of one term of an edge. */
export interface Structure {
  readonly out: readonly Dim[];
  readonly in: readonly Dim[];
  /** Extent of each label, numbered by first appearance in out, then in; every extent is at least 2. */
  readonly extents: readonly number[];
}

/** A dim in the one form in which it is written: without label where only one index is left, without stride where it is 1. */
export function dim(size: number, offset: number, label: number | null, stride = 1): Dim {
  return label === null || stride === 1 ? { size, offset, label } : { size, offset, label, stride };
}

/** A key that is equal for equal structures and different for different ones. */
export function structureKey({ out, in: inner, extents }: Structure): string {
  const dims = (list: readonly Dim[]) =>
    list
      .map(
        ({ size, offset, label, stride = 1 }) =>
          `${size}/${offset}/${label ?? "-"}${stride === 1 ? "" : `*${stride}`}`,
      )
      .join(",");
  return `${dims(out)}|${dims(inner)}|${extents.join(",")}`;
}

/** The dims of a whole array, each with a label of its own unless its extent is 1. */
export function wholeDims(shape: readonly number[]): {
  readonly dims: readonly Dim[];
  readonly extents: readonly number[];
} {
  const extents: number[] = [];
  const dims = shape.map((size) => dim(size, 0, size === 1 ? null : extents.push(size) - 1));
  return { dims, extents };
}

/** The structure of the identity on arrays of a shape. */
export function identityStructure(shape: readonly number[]): Structure {
  const { dims, extents } = wholeDims(shape);
  return { out: dims, in: dims, extents };
}

/** A structure in the one form in which it is written, and what became of each label that it had. */
export interface Renumbering {
  readonly structure: Structure;
  /** The number of each old label now; null if it is not used or has a single index. */
  readonly labels: readonly (number | null)[];
  /** Whether each old label now runs backwards. */
  readonly flipped: readonly boolean[];
}

/** Brings a structure into its one form. Labels may come in any numbering, extents of 1 and strides of any sign. */
export function renumbered({ out, in: inner, extents }: Structure): Renumbering {
  const labels = new Array<number | null>(extents.length).fill(null);
  const flipped = new Array<boolean>(extents.length).fill(false);
  const kept: number[] = [];
  const rewritten = ({ size, offset, label, stride = 1 }: Dim): Dim => {
    const extent = label === null ? 1 : (extents[label] ?? 1);
    if (label === null || extent === 1) return dim(size, offset, null);
    let number = labels[label] ?? null;
    if (number === null) {
      number = kept.push(extent) - 1;
      labels[label] = number;
      flipped[label] = stride < 0;
    }
    return flipped[label]
      ? dim(size, offset + stride * (extent - 1), number, -stride)
      : dim(size, offset, number, stride);
  };
  return { structure: { out: out.map(rewritten), in: inner.map(rewritten), extents: kept }, labels, flipped };
}

/** Brings a structure into the one form in which it is written. Labels may come in any numbering, extents of 1 and strides of any sign. */
export function normalised(structure: Structure): Structure {
  return renumbered(structure).structure;
}

/** Whether a structure in its one form is the identity on arrays of some shape. */
export function isIdentity({ out, in: inner, extents }: Structure): boolean {
  return (
    out.length === inner.length &&
    out.every(({ size, offset, label, stride = 1 }, position) => {
      const other = inner[position];
      return (
        size === other?.size &&
        offset === 0 &&
        other.offset === 0 &&
        label === other.label &&
        stride === 1 &&
        other.stride === undefined &&
        (label === null ? size === 1 : extents[label] === size)
      );
    }) &&
    extents.length === out.filter(({ label }) => label !== null).length
  );
}

/** The structure of the transposed block: out and in change places. */
export function transposed({ out, in: inner, extents }: Structure): Structure {
  return normalised({ out: inner, in: out, extents });
}

/** Where a label of one side stands in a product: label = start + step * class, or just start if its class is null. */
export interface Placement {
  readonly class: number | null;
  readonly start: number;
  readonly step: number;
}

/**
 * How two structures meet in a product: which labels of the left and of the right run together, and which of them remain.
 *
 * *Classes* are the labels of the product before contraction: labels of either side, tied where they index the same dim of the middle.
 */
export interface Meeting {
  /** Structure of the product. */
  readonly structure: Structure;
  /** For each class its extent, at least 2. */
  readonly extents: readonly number[];
  /** For each label of the left and of the right where it stands. */
  readonly left: readonly Placement[];
  readonly right: readonly Placement[];
  /** For each class its label in the product, or null if it is contracted. */
  readonly kept: readonly (number | null)[];
}

/**
 * Composes `left = d w / d v` with `right = d v / d u`.
 *
 * @returns how they meet, or null if no index of v belongs to both, so that the product is zero
 */
export function compose(left: Structure, right: Structure): Meeting | null {
  const classes = meet(left.in, left.extents, right.out, right.extents);
  if (classes === null) return null;
  const shift = left.extents.length;
  const { placements, extents } = classes;
  const placed =
    (shift: number) =>
    (own: Dim): Dim => {
      const {
        class: group,
        start,
        step,
      } = (own.label === null ? undefined : placements[own.label + shift]) ?? FIXED;
      const { size, offset, stride = 1 } = own;
      return dim(size, offset + stride * start, group, stride * step);
    };
  const { structure, labels, flipped } = renumbered({
    out: left.out.map(placed(0)),
    in: right.in.map(placed(shift)),
    extents,
  });
  return numberedMeeting(structure, extents, placements, shift, labels, flipped);
}

/** Whether two structures of the same block have no entry in common. */
export function disjoint(a: Structure, b: Structure): boolean {
  return meet([...a.out, ...a.in], a.extents, [...b.out, ...b.in], b.extents) === null;
}

/** Ties two lists of dims one by one; null if no index is left. The labels of the first list come first in the classes. */
function meet(
  first: readonly Dim[],
  firstExtents: readonly number[],
  second: readonly Dim[],
  secondExtents: readonly number[],
): Classes | null {
  if (first.length !== second.length) throw new RangeError("the ranks of the middle differ");
  for (const [position, own] of first.entries()) {
    const other = second[position];
    if (other !== undefined && areApart(own, firstExtents, other, secondExtents)) return null;
  }
  const classes = new Classes([...firstExtents, ...secondExtents]);
  for (const [position, own] of first.entries()) {
    const other = second[position];
    if (other !== undefined && !classes.tie(own, other, firstExtents.length)) return null;
  }
  return classes;
}

/**
 * Whether the windows of two dims lie one after the other. Most terms of an irregular reshape are told apart by this alone, and cheaply: a product of two
 * such reshapes asks it of all pairs.
 */
function areApart(
  { offset: a, label: labelA, stride: strideA = 1 }: Dim,
  extentsA: readonly number[],
  { offset: b, label: labelB, stride: strideB = 1 }: Dim,
  extentsB: readonly number[],
): boolean {
  const lastA = labelA === null ? a : a + strideA * ((extentsA[labelA] ?? 1) - 1);
  const lastB = labelB === null ? b : b + strideB * ((extentsB[labelB] ?? 1) - 1);
  return Math.max(a, lastA) < Math.min(b, lastB) || Math.max(b, lastB) < Math.min(a, lastA);
}

const FIXED: Placement = { class: null, start: 0, step: 0 };

/** The meeting with its classes numbered by first appearance among the labels of the left, then of the right. */
function numberedMeeting(
  structure: Structure,
  allExtents: readonly number[],
  placements: readonly Placement[],
  shift: number,
  labels: readonly (number | null)[],
  flipped: readonly boolean[],
): Meeting {
  const numbers = new Map<number, number>();
  const extents: number[] = [];
  const kept: (number | null)[] = [];
  const numbered = placements.map(({ class: group, start, step }): Placement => {
    if (group === null) return { class: null, start, step };
    const extent = allExtents[group] ?? 1;
    let number = numbers.get(group);
    if (number === undefined) {
      number = extents.push(extent) - 1;
      kept.push(labels[group] ?? null);
      numbers.set(group, number);
    }
    return flipped[group]
      ? { class: number, start: start + step * (extent - 1), step: -step }
      : { class: number, start, step };
  });
  return { structure, extents, left: numbered.slice(0, shift), right: numbered.slice(shift), kept };
}

/**
 * Labels in the course of being tied: each is an affine function of the class that it belongs to, or fixed at one index. At first
 * every label is a class of its own.
 */
class Classes {
  readonly extents: number[];
  readonly placements: Placement[];

  constructor(extents: readonly number[]) {
    this.extents = [...extents];
    this.placements = extents.map((_, label) => ({ class: label, start: 0, step: 1 }));
  }

  /**
   * Ties two dims that index the same dim of an array: what remains of their classes is where the indices agree.
   *
   * @param shift what is added to the second dim's label to find it here
   * @returns whether any index is left
   */
  tie(first: Dim, second: Dim, shift: number): boolean {
    const a = this.#index(first, 0);
    const b = this.#index(second, shift);
    const distance = b.offset - a.offset;
    if (a.class === b.class) {
      // offset + stride * t on both sides: everywhere equal, or at one t.
      if (a.stride === b.stride) return distance === 0;
      return a.class !== null && this.#fix(a.class, distance / (a.stride - b.stride));
    }
    if (b.class === null) return a.class !== null && this.#fix(a.class, distance / a.stride);
    if (a.class === null) return this.#fix(b.class, -distance / b.stride);
    return this.#merge(a.class, b.class, a.stride, b.stride, distance);
  }

  /** The index along a dim as a function of its label's class. */
  #index(
    { offset, label, stride = 1 }: Dim,
    shift: number,
  ): { class: number | null; offset: number; stride: number } {
    const placement = (label === null ? undefined : this.placements[label + shift]) ?? FIXED;
    return {
      class: placement.class,
      offset: offset + stride * placement.start,
      stride: stride * placement.step,
    };
  }

  #fix(group: number, index: number): boolean {
    if (!Number.isInteger(index) || index < 0 || index >= (this.extents[group] ?? 0)) return false;
    this.#substitute(group, null, index, 0);
    return true;
  }

  /** Makes one class of a and b where strideA * a = strideB * b + distance. */
  #merge(a: number, b: number, strideA: number, strideB: number, distance: number): boolean {
    const extentA = this.extents[a] ?? 0;
    const extentB = this.extents[b] ?? 0;
    // The solutions a are spaced by `stepA`; the first one is found by trying.
    const stepA = Math.abs(strideB) / greatestCommonDivisor(strideA, strideB);
    let startA = 0;
    while (startA < stepA && (strideA * startA - distance) % strideB !== 0) startA++;
    if (startA === stepA) return false;
    const startB = (strideA * startA - distance) / strideB;
    const stepB = (strideA * stepA) / strideB;
    // t with 0 <= startA + stepA * t < extentA and the same for b.
    const [low, high] = [-startB / stepB, (extentB - 1 - startB) / stepB];
    const first = Math.max(0, Math.ceil(Math.min(low, high)));
    const last = Math.min(Math.floor((extentA - 1 - startA) / stepA), Math.floor(Math.max(low, high)));
    if (last < first) return false;
    const joint = last === first ? null : a;
    this.#substitute(a, joint, startA + stepA * first, stepA);
    this.#substitute(b, joint, startB + stepB * first, stepB);
    this.extents[a] = last - first + 1;
    return true;
  }

  /** Replaces a class: its index becomes start + step * the index of another class, or start if that is null. */
  #substitute(group: number, by: number | null, start: number, step: number): void {
    this.placements.forEach((placement, label) => {
      if (placement.class !== group) return;
      const moved = placement.start + placement.step * start;
      this.placements[label] = { class: by, start: moved, step: by === null ? 0 : placement.step * step };
    });
  }
}

/** The greatest common divisor of two integers of any sign; that of 0 and n is |n|. */
export function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

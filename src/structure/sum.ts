/**
 * The sum of two blocks of different structure whose entries overlap: both are embedded into one structure that bounds them.
 *
 * Along each dim the join covers the smallest arithmetic progression (a window, if strides are 1) that holds both. Two dims stay tied
 * only if they are tied in both terms along the same line, on which one of the terms may be a single point; where they are tied in one only, the
 * tied values become a diagonal among zeros.
 */

import { type Dim, dim, greatestCommonDivisor, type Structure } from "./structure.ts";

/** Two structures within one. */
export interface Join {
  readonly structure: Structure;
  readonly left: Embedding;
  readonly right: Embedding;
}

/**
 * How the values of a term stand among those of a join: entry `labels` of the term is at index offset + stride * label along each
 * label of the join (one dim of `out` each); everywhere else the term is zero.
 */
export interface Embedding {
  /** out: a dim for each label of the join, in: a whole dim for each label of the term. Not renumbered: labels are the term's own. */
  readonly structure: Structure;
  /** For each label of the join whether the embedded values depend on it whatever the term's own values are. */
  readonly depends: readonly boolean[];
}

/** A set of dims that are tied in both terms along one line, and where the terms are on it. */
interface Line {
  /** Positions among all dims, out dims first. */
  readonly dims: number[];
  /** Change of the index along each of the dims per step on the line. */
  readonly directions: readonly number[];
  /** Step of each term's label on the line, 0 for a single point; the left term starts at 0. */
  readonly leftStep: number;
  readonly rightStep: number;
  readonly rightStart: number;
}

/** Embeds two structures of blocks of the same shape into one. */
export function join(left: Structure, right: Structure): Join {
  const leftDims = [...left.out, ...left.in];
  const rightDims = [...right.out, ...right.in];
  const joined: Dim[] = [];
  const extents: number[] = [];
  const inLeft: Dim[] = [];
  const inRight: Dim[] = [];
  for (const line of linesOf(leftDims, rightDims)) {
    const first = line.dims[0] ?? 0;
    const [leftLabel, rightLabel] = [leftDims[first]?.label ?? null, rightDims[first]?.label ?? null];
    const end = (start: number, step: number, extent = 1) => start + step * (extent - 1);
    const leftEnd = end(0, line.leftStep, left.extents[leftLabel ?? -1]);
    const rightEnd = end(line.rightStart, line.rightStep, right.extents[rightLabel ?? -1]);
    const low = Math.min(0, leftEnd, line.rightStart, rightEnd);
    const high = Math.max(0, leftEnd, line.rightStart, rightEnd);
    const step = [line.leftStep, line.rightStep, line.rightStart].reduce(greatestCommonDivisor);
    const extent = step === 0 ? 1 : (high - low) / step + 1;
    const label = extent === 1 ? null : extents.push(extent) - 1;
    line.dims.forEach((position, index) => {
      const { size = 1, offset = 0 } = leftDims[position] ?? {};
      const direction = line.directions[index] ?? 1;
      joined[position] = dim(size, offset + direction * low, label, direction * step);
    });
    if (label === null) continue;
    inLeft.push(dim(extent, (0 - low) / step, leftLabel, line.leftStep / step));
    inRight.push(dim(extent, (line.rightStart - low) / step, rightLabel, line.rightStep / step));
  }
  const structure = { out: joined.slice(0, left.out.length), in: joined.slice(left.out.length), extents };
  return { structure, left: embedding(inLeft, left.extents), right: embedding(inRight, right.extents) };
}

function embedding(out: readonly Dim[], extents: readonly number[]): Embedding {
  const uses = extents.map((_, label) => out.filter((own) => own.label === label).length);
  const depends = out.map(
    ({ label, size }) => label === null || (uses[label] ?? 0) > 1 || (extents[label] ?? 1) < size,
  );
  return { structure: { out, in: extents.map((extent, label) => dim(extent, 0, label)), extents }, depends };
}

/** The dims of two terms, grouped into lines, in the order of their first dims. */
function linesOf(left: readonly Dim[], right: readonly Dim[]): Line[] {
  const lines: Line[] = [];
  const taken = new Set<number>();
  for (const [first, a] of left.entries()) {
    const b = right[first];
    if (b === undefined || taken.has(first)) continue;
    const dims = left.flatMap((_, position) =>
      position === first ||
      (position > first && !taken.has(position) && onOneLine(a, left[position], b, right[position]))
        ? [position]
        : [],
    );
    for (const position of dims) taken.add(position);
    lines.push(lineThrough(dims, a.label === null ? right : left, a, b));
  }
  return lines;
}

/** Whether two dims are tied in both terms, along the same line: a and a2 are the left term's, b and b2 the right one's. */
function onOneLine(a: Dim, a2: Dim | undefined, b: Dim, b2: Dim | undefined): boolean {
  if (a2 === undefined || b2 === undefined) return false;
  // A single point is on a line as well, but two points make none.
  if (a.label !== a2.label || b.label !== b2.label || (a.label === null && b.label === null)) return false;
  const [run, run2] = a.label === null ? [stride(b), stride(b2)] : [stride(a), stride(a2)];
  const sameDirection = stride(a) * stride(b2) === stride(a2) * stride(b);
  return sameDirection && (b2.offset - a2.offset) * run === (b.offset - a.offset) * run2;
}

/** @param runs the dims of a term that is no single point on the line */
function lineThrough(dims: number[], runs: readonly Dim[], a: Dim, b: Dim): Line {
  const distance = b.offset - a.offset;
  if (dims.length === 1)
    return { dims, directions: [1], leftStep: stride(a), rightStep: stride(b), rightStart: distance };
  const strides = dims.map((position) => stride(runs[position]));
  const unit = strides.reduce(greatestCommonDivisor) * Math.sign(strides[0] ?? 1);
  const directions = strides.map((own) => own / unit);
  const direction = directions[0] ?? 1;
  const [leftStep, rightStep, rightStart] = [stride(a), stride(b), distance].map((by) => by / direction);
  return {
    dims,
    directions,
    leftStep: leftStep ?? 0,
    rightStep: rightStep ?? 0,
    rightStart: rightStart ?? 0,
  };
}

/** The stride of a dim; 0 if it has a single index. */
function stride(own: Dim | undefined): number {
  return own === undefined || own.label === null ? 0 : (own.stride ?? 1);
}

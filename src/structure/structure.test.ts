import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { densify, positionsOfDims, positionsOfValues } from "./dense.ts";
import {
  compose,
  type Dim,
  dim,
  disjoint,
  normalised,
  type Placement,
  type Structure,
  structureKey,
} from "./structure.ts";
import { type Embedding, join } from "./sum.ts";

/** A dim before its size is known: its label, or none, its stride, and how much room is left before and after the window. */
const looseDim = fc.record({
  label: fc.integer({ min: -1, max: 3 }),
  stride: fc.constantFrom(1, 1, 1, -1, 2, -2, 3),
  before: fc.nat(2),
});
type Loose = { readonly label: number; readonly stride: number; readonly before: number };
const looseDims = (rank: number) => fc.array(looseDim, { minLength: rank, maxLength: rank });
const extentsOf = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 });

function reach({ label, stride }: Loose, extents: readonly number[]): number {
  return label < 0 ? 0 : Math.abs(stride) * (extents[label]! - 1);
}

function fitted(loose: Loose, extents: readonly number[], size: number): Dim {
  const { label, stride, before } = loose;
  const first = Math.min(before, size - 1 - reach(loose, extents));
  if (label < 0) return dim(size, first, null);
  return dim(size, stride < 0 ? first + reach(loose, extents) : first, label, stride);
}

/** Structures of the given ranks; `sizes` are the least sizes of the dims. */
function structureOf(
  out: readonly Loose[],
  inner: readonly Loose[],
  extents: number[],
  sizes: readonly number[],
): Structure {
  const all = [...out, ...inner].map((loose, position) => fitted(loose, extents, sizes[position]!));
  return normalised({ out: all.slice(0, out.length), in: all.slice(out.length), extents });
}

const ranks = fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2));

/** Two structures that can be multiplied. */
const composable = ranks.chain(([a, b, c]) =>
  fc
    .tuple(looseDims(a), looseDims(b), extentsOf, looseDims(b), looseDims(c), extentsOf, fc.nat(1))
    .map(([out, leftIn, leftExtents, rightOut, inner, rightExtents, slack]) => {
      const own = (dims: Loose[], extents: number[]) =>
        dims.map((loose) => loose.before + reach(loose, extents) + 1);
      const [wide, narrow] = [own(leftIn, leftExtents), own(rightOut, rightExtents)];
      const middle = wide.map((size, position) => Math.max(size, narrow[position]!) + slack);
      return [
        structureOf(out, leftIn, leftExtents, [...own(out, leftExtents), ...middle]),
        structureOf(rightOut, inner, rightExtents, [...middle, ...own(inner, rightExtents)]),
      ] as const;
    }),
);

/** Two structures of blocks of the same shape. */
const addable = ranks.chain(([a, b]) =>
  fc
    .tuple(looseDims(a + b), extentsOf, looseDims(a + b), extentsOf, fc.nat(1))
    .map(([first, extents, second, others, slack]) => {
      const sizes = first.map(
        (loose, position) =>
          Math.max(
            loose.before + reach(loose, extents),
            second[position]!.before + reach(second[position]!, others),
          ) +
          1 +
          slack,
      );
      return [
        structureOf(first.slice(0, a), first.slice(a), extents, sizes),
        structureOf(second.slice(0, a), second.slice(a), others, sizes),
      ] as const;
    }),
);

/** Values that tell entries apart. */
function valuesFor(structure: Structure, labels: readonly number[], seed: number): Float64Array {
  const size = labels.reduce((product, label) => product * structure.extents[label]!, 1);
  return Float64Array.from({ length: size }, (_, index) => seed + index);
}

const allLabels = ({ extents }: Structure) => extents.map((_, label) => label);
const dense = (structure: Structure, seed: number) =>
  densify(structure, allLabels(structure), valuesFor(structure, allLabels(structure), seed));
const sizeOfDims = (dims: readonly Dim[]) => dims.reduce((product, { size }) => product * size, 1);

function matrixProduct(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  middle: number,
  columns: number,
): Float64Array {
  const product = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < middle; k++)
      for (let j = 0; j < columns; j++) product[i * columns + j]! += a[i * middle + k]! * b[k * columns + j]!;
  return product;
}

/** The values of a side for every assignment of the classes. */
function valuesByClass(
  values: Float64Array,
  own: Structure,
  placements: readonly Placement[],
  extents: readonly number[],
): Float64Array {
  const dims = placements.map(({ class: group, start, step }, label) =>
    dim(own.extents[label]!, start, group, step),
  );
  return Float64Array.from(positionsOfDims(dims, extents), (position) => values[position]!);
}

describe("compose", () => {
  test("is the product of the dense blocks, for values over all labels", () => {
    fc.assert(
      fc.property(composable, ([left, right]) => {
        const [rows, middle, columns] = [sizeOfDims(left.out), sizeOfDims(left.in), sizeOfDims(right.in)];
        const wanted = matrixProduct(dense(left, 2), dense(right, 3), rows, middle, columns);
        const meeting = compose(left, right);
        if (meeting === null) {
          expect(wanted.every((entry) => entry === 0)).toBe(true);
          return;
        }
        const a = valuesByClass(valuesFor(left, allLabels(left), 2), left, meeting.left, meeting.extents);
        const b = valuesByClass(valuesFor(right, allLabels(right), 3), right, meeting.right, meeting.extents);
        const { structure, kept, extents } = meeting;
        const keptClasses = allLabels(structure).map((label) => kept.indexOf(label));
        const result = new Float64Array(structure.extents.reduce((x, y) => x * y, 1));
        positionsOfValues(keptClasses, extents).forEach((target, entry) => {
          result[target]! += a[entry]! * b[entry]!;
        });
        expect(densify(structure, allLabels(structure), result)).toEqual(wanted);
      }),
      { numRuns: 1000 },
    );
  });

  test("gives structures in their one form", () => {
    fc.assert(
      fc.property(composable, ([left, right]) => {
        const meeting = compose(left, right);
        if (meeting === null) return;
        expect(meeting.structure).toEqual(normalised(meeting.structure));
        expect(meeting.extents.every((extent) => extent >= 2)).toBe(true);
      }),
    );
  });

  test("two diagonals through one dim that cross meet in one entry", () => {
    const both = normalised({ out: [dim(5, 0, 0)], in: [dim(5, 0, 0), dim(5, 0, 0)], extents: [5] });
    const crossed = normalised({ out: [dim(5, 0, 0), dim(5, 4, 0, -1)], in: [dim(5, 0, 0)], extents: [5] });
    expect(compose(both, crossed)?.structure).toEqual({
      out: [dim(5, 2, null)],
      in: [dim(5, 2, null)],
      extents: [],
    });
  });

  test("every second index of every third is every sixth", () => {
    const third = { out: [dim(6, 0, 0)], in: [dim(16, 0, 0, 3)], extents: [6] };
    const second = { out: [dim(16, 0, 0, 2)], in: [dim(8, 0, 0)], extents: [8] };
    const { out, in: inner } = compose(third, second)!.structure;
    expect([out, inner]).toEqual([[dim(6, 0, 0, 2)], [dim(8, 0, 0, 3)]]);
  });
});

describe("sums", () => {
  test("disjoint says whether the dense blocks share an entry", () => {
    fc.assert(
      fc.property(addable, ([a, b]) => {
        const other = dense(b, 1);
        expect(disjoint(a, b)).toBe(dense(a, 1).every((entry, index) => entry === 0 || other[index] === 0));
      }),
      { numRuns: 500 },
    );
  });

  test("a join holds both terms, at the places that its embeddings say", () => {
    fc.assert(
      fc.property(addable, ([a, b]) => {
        const { structure, left, right } = join(a, b);
        expect(structure).toEqual(normalised(structure));
        for (const [term, { structure: embedding }] of [
          [a, left],
          [b, right],
        ] as const) {
          const values = valuesFor(term, allLabels(term), 1);
          const embedded = densify({ ...embedding, in: [] }, allLabels(term), values);
          expect(densify(structure, allLabels(structure), embedded)).toEqual(dense(term, 1));
        }
      }),
      { numRuns: 200 },
    );
  });

  test("a join is the same from both sides, and no wider than the terms", () => {
    fc.assert(
      fc.property(addable, ([a, b]) => {
        const { structure } = join(a, b);
        expect(join(b, a).structure).toEqual(structure);
        expect(join(a, a).structure).toEqual(a);
        expect(join(structure, a).structure).toEqual(structure);
      }),
    );
  });

  test("labels on which an embedded constant does not depend", () => {
    fc.assert(
      fc.property(addable, ([a, b]) => {
        const { structure, left } = join(a, b);
        const constant = densify({ ...left.structure, in: [] }, [], [1]);
        const varies = left.depends.map((depends: Embedding["depends"][number], label) => {
          const steps = positionsOfValues(
            allLabels(structure).filter((other) => other !== label),
            structure.extents,
          );
          const byRest = new Map<number, number>();
          const changes = [...steps].some((rest, entry) => {
            const known = byRest.get(rest);
            byRest.set(rest, constant[entry]!);
            return known !== undefined && known !== constant[entry];
          });
          return !depends && changes;
        });
        expect(varies.includes(true)).toBe(false);
      }),
    );
  });

  test("diagonals stay tied only along the same line", () => {
    const diagonal = (offset: number) => ({
      out: [dim(9, offset, 0)],
      in: [dim(9, offset, 0)],
      extents: [3],
    });
    expect(join(diagonal(0), diagonal(4)).structure).toEqual({
      out: [dim(9, 0, 0)],
      in: [dim(9, 0, 0)],
      extents: [7],
    });
    const shifted = { out: [dim(9, 1, 0)], in: [dim(9, 0, 0)], extents: [3] };
    expect(join(diagonal(0), shifted).structure).toEqual({
      out: [dim(9, 0, 0)],
      in: [dim(9, 0, 1)],
      extents: [4, 3],
    });
  });
});

test("structures have equal keys exactly if they are equal in their one form", () => {
  fc.assert(
    fc.property(addable, ([a, b]) => {
      expect(structureKey(a) === structureKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      expect(normalised(a)).toEqual(a);
    }),
  );
});

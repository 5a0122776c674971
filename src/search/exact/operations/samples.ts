/**
 * Values as numbers: what a value is at two random points, so that values that are equal as polynomials are seen as equal.
 *
 * A value of an accumulation is a polynomial in the numbered values of the graph, of which some are known products and sums of others. Two values that differ
 * as polynomials may by bad luck agree at the points, and values of different rounding count as equal: both can only make a lower bound smaller.
 */

import type { ComputationalGraph, TermValue } from "../../../graph/graph.ts";
import type { Random } from "../../../random.ts";

/** A value at two points, and at each the sum of the magnitudes of all its monomials, which rounding is measured by. */
export type Sample = readonly [first: number, second: number, firstSize: number, secondSize: number];

export const ZERO_SAMPLE: Sample = [0, 0, 0, 0];

/** What rounding may make of a sum of magnitudes of one: a thousand times what it is in long sums. */
const ROUNDING = 1e-12;

/** The samples of a graph's values. */
export interface GraphSamples {
  /** Of each numbered value. */
  readonly atoms: readonly Sample[];
  of(value: TermValue): Sample;
}

/** Draws the points. Null if what is known contradicts itself there: a value with two definitions, or used before it is defined. */
export function sampleGraph({ valueCount, known }: ComputationalGraph, random: Random): GraphSamples | null {
  const results = new Set(known.flatMap(({ result }) => (result.kind === "value" ? [result.value] : [])));
  const draw = () => (0.5 + random.unit()) * (random.unit() < 0.5 ? -1 : 1);
  const atoms: (Sample | undefined)[] = Array.from({ length: valueCount }, (_, value) => {
    if (results.has(value)) return undefined;
    const [first, second] = [draw(), draw()];
    return [first, second, Math.abs(first), Math.abs(second)];
  });
  const lookup = (value: TermValue): Sample | undefined => {
    if (value.kind === "constant") {
      const { constant } = value;
      return [constant, constant, Math.abs(constant), Math.abs(constant)];
    }
    const atom = atoms[value.value];
    return atom !== undefined && value.negative ? [-atom[0], -atom[1], atom[2], atom[3]] : atom;
  };
  for (const { kind, left, right, result } of known) {
    const [a, b] = [lookup(left), lookup(right)];
    if (a === undefined || b === undefined) return null;
    const value = kind === "product" ? times(a, b) : plus(a, kind === "sum" ? b : [-b[0], -b[1], b[2], b[3]]);
    const before = lookup(result);
    if (before !== undefined) {
      if (!areEqual(before, value)) return null;
    } else if (result.kind === "value")
      atoms[result.value] = result.negative ? [-value[0], -value[1], value[2], value[3]] : value;
  }
  if (!atoms.every((atom) => atom?.every(Number.isFinite) === true)) return null;
  return { atoms: atoms as Sample[], of: (value) => lookup(value) ?? ZERO_SAMPLE };
}

export function times(a: Sample, b: Sample): Sample {
  return [a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3]];
}

export function plus(a: Sample, b: Sample): Sample {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];
}

/** a - b where a is a sum that has b in it: the rounding of the whole sum remains. */
export function without(a: Sample, b: Sample): Sample {
  return [a[0] - b[0], a[1] - b[1], a[2], a[3]];
}

/** Whether it is a constant, zero included. */
export function isConstant([first, second, firstSize, secondSize]: Sample): boolean {
  return Math.abs(first - second) <= ROUNDING * (firstSize + secondSize);
}

/** Whether it is zero, or rounding may make it so. */
export function isZero([first, , size]: Sample): boolean {
  return Math.abs(first) <= ROUNDING * size;
}

function areEqual(a: Sample, b: Sample): boolean {
  return (
    Math.abs(a[0] - b[0]) <= ROUNDING * (a[2] + b[2]) && Math.abs(a[1] - b[1]) <= ROUNDING * (a[3] + b[3])
  );
}

/** Samples in classes. */
export interface Classes {
  /** The class of each sample. */
  readonly classOf: Int32Array;
  readonly count: number;
  /** The class that another sample belongs to; null if it is none of them. */
  find(sample: Sample): number | null;
}

/** Numbers classes of samples that are equal up to their sign: those of a chain of neighbours within rounding are one class. */
export function classesOf(samples: readonly Sample[]): Classes {
  const magnitudes = Float64Array.from(samples, ([first]) => Math.abs(first));
  const order = Uint32Array.from(samples.keys()).sort((a, b) => (magnitudes[a] ?? 0) - (magnitudes[b] ?? 0));
  const classOf = new Int32Array(samples.length);
  /** How far each class reaches, in ascending order. */
  const ends: number[] = [];
  for (const sample of order) {
    const magnitude = magnitudes[sample] ?? 0;
    const rounding = ROUNDING * (samples[sample]?.[2] ?? 0);
    const reach = ends.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (magnitude - rounding > reach) ends.push(magnitude + rounding);
    else ends[ends.length - 1] = Math.max(reach, magnitude + rounding);
    classOf[sample] = ends.length - 1;
  }
  const starts = new Float64Array(ends.length).fill(Number.POSITIVE_INFINITY);
  for (const [sample, place] of classOf.entries())
    starts[place] = Math.min(starts[place] ?? 0, magnitudes[sample] ?? 0);
  return {
    classOf,
    count: ends.length,
    find([first, , size]) {
      const magnitude = Math.abs(first);
      const rounding = ROUNDING * size;
      let [low, high] = [0, ends.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((ends[middle] ?? 0) < magnitude - rounding) low = middle + 1;
        else high = middle;
      }
      return low < ends.length && (starts[low] ?? 0) - rounding <= magnitude ? low : null;
    },
  };
}

/**
 * Nests for machines with many registers: sums stay in registers, and several neighbours are computed side by side, so that they share what they read and none waits for another's sum
 * ("unroll and jam": Allen & Cocke 1972, Callahan, Carr & Kennedy 1990). Every element is summed in its own order, so results are the same to the bit.
 */

import type { Nest } from "../../program/loops.ts";
import { type ArrangedNest, accessOf, collapsed, reordered } from "./arrange.ts";

/** A nest with its folded loops last. */
export interface JammedNest extends ArrangedNest {
  /** How many steps of the loop `jammed` are done at once; 1 if there is none. It divides the loop's extent. */
  readonly copies: number;
  readonly jammed: number;
}

/** Most accumulators, and most values that the copies of a body without a fold read. */
const MOST_SUMS = 8;
const MOST_READS = 24;

/** The nest with its loops in order, and with copies. */
export function sideBySide(nest: Nest): JammedNest {
  const short = collapsed(nest);
  const { extents, target, sources, fold } = short;
  const loops = [...extents.keys()];
  const moves = (loop: number) => fold === null || target.strides[loop] !== 0;
  const [kept, summed] = [loops.filter(moves), loops.filter((loop) => !moves(loop))];
  const most =
    fold === null ? Math.min(MOST_SUMS, Math.floor(MOST_READS / Math.max(1, sources.length))) : MOST_SUMS;
  const copiesOf = (loop: number) => (isIndependent(short, loop) ? divisor(extents[loop] ?? 1, most) : 1);
  const shared = (loop: number) => sources.filter((source) => !accessOf(source)?.strides[loop]).length;
  // Elements are best stored in order; sums by the loop along which most is shared.
  const candidates =
    fold === null
      ? kept.slice(-1)
      : kept.toSorted((a, b) => shared(a) - shared(b) || copiesOf(a) - copiesOf(b));
  const chosen = candidates.findLast((loop) => copiesOf(loop) > 1);
  const order = chosen === undefined ? kept : [...kept.filter((loop) => loop !== chosen), chosen];
  return {
    ...reordered(short, [...order, ...summed]),
    outer: kept.length,
    copies: chosen === undefined ? 1 : copiesOf(chosen),
    jammed: kept.length - 1,
  };
}

/** Whether steps of a loop can be done at once: none counts it, none reads what another stores, and there is one sum. */
function isIndependent({ sources, fold }: Nest, loop: number): boolean {
  const counted = sources.some((source) => source.kind === "index" && source.loop === loop);
  return !counted && sources.every(({ kind }) => kind !== "result") && (fold?.units.length ?? 1) === 1;
}

/** The largest divisor of an extent that is at most `most`. */
function divisor(extent: number, most: number): number {
  for (let candidate = Math.min(extent, most); candidate > 1; candidate--)
    if (extent % candidate === 0) return candidate;
  return 1;
}

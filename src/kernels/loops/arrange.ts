/** Nests made ready for printing: fewest loops, in the order that runs through memory best; results are the same to the bit. */

import { type Access, IDENTITY, type Nest, type Source } from "../../program/loops.ts";

/** A nest whose folded loops, if it has a fold, are its last ones: one accumulator each suffices. */
export interface ArrangedNest extends Nest {
  /** The number of loops that move the target; the others are folded. All of them without a fold. */
  readonly outer: number;
}

/** The nest in an order of loops that suits memory, as one nest, or as two where sums are kept in the result itself. */
export function arranged(nest: Nest): readonly ArrangedNest[] {
  const short = collapsed(nest);
  const { fold, extents, target } = short;
  if (fold === null) return [{ ...short, outer: extents.length }];
  const isKept = (loop: number) => target.strides[loop] !== 0;
  const loops = [...extents.keys()];
  const [kept, summed] = [loops.filter(isKept), loops.filter((loop) => !isKept(loop))];
  const [unit] = fold.units;
  const innermost = innermostLoop(short);
  if (
    innermost === undefined ||
    !isKept(innermost) ||
    fold.units.length > 1 ||
    unit === undefined ||
    summed.length === 0
  )
    return [{ ...reordered(short, [...kept, ...summed]), outer: kept.length }];
  const start: Nest = {
    ...reordered(short, kept),
    sources: [{ kind: "literal", literal: unit }],
    body: IDENTITY,
    fold: null,
  };
  const order = [...kept.filter((loop) => loop !== innermost), ...summed, innermost];
  const running: Nest = {
    ...short,
    sources: [{ kind: "result", access: target }, ...short.sources],
    body: (emitter, [sofar, ...values]) =>
      fold.combine(emitter, sofar === undefined ? [] : [sofar], short.body(emitter, values)),
    fold: null,
  };
  return [collapsed(start), reordered(running, order)].map((own) => ({ ...own, outer: own.extents.length }));
}

/** The loop that moves through memory in the smallest steps; storing counts twice, of equals the last. */
function innermostLoop({ extents, target, sources }: Nest): number | undefined {
  const cost = (stride = 0) => (stride === 0 ? 0 : Math.abs(stride) === 1 ? 1 : 3);
  const costs = extents.map((_, loop) =>
    sources.reduce(
      (sum, source) => sum + cost(accessOf(source)?.strides[loop]),
      2 * cost(target.strides[loop]),
    ),
  );
  const least = Math.min(...costs);
  const found = costs.lastIndexOf(least);
  return found < 0 ? undefined : found;
}

/** Where a source is read, if it stands in an array. */
export function accessOf(source: Source): Access | undefined {
  return source.kind === "literal" || source.kind === "index" ? undefined : source.access;
}

function withAccesses(
  nest: Nest,
  extents: readonly number[],
  change: (access: Access) => Access,
  loopOf: (loop: number) => number,
): Nest {
  return {
    ...nest,
    extents,
    target: change(nest.target),
    sources: nest.sources.map((source) => {
      if (source.kind === "literal") return source;
      return source.kind === "index"
        ? { ...source, loop: loopOf(source.loop) }
        : { ...source, access: change(source.access) };
    }),
  };
}

/** The nest with some of its loops, in the given order. */
export function reordered(nest: Nest, order: readonly number[]): Nest {
  const pick = (list: readonly number[]) => order.map((loop) => list[loop] ?? 0);
  return withAccesses(
    nest,
    pick(nest.extents),
    (access) => ({ ...access, strides: pick(access.strides) }),
    (loop) => order.indexOf(loop),
  );
}

/** The nest without loops of one step, and neighbours that run through memory as one loop made one. */
export function collapsed(nest: Nest): Nest {
  const counted = new Set(nest.sources.flatMap((source) => (source.kind === "index" ? [source.loop] : [])));
  const long = [...nest.extents.keys()].filter((loop) => nest.extents[loop] !== 1 || counted.has(loop));
  let current = reordered(nest, long);
  for (let loop = current.extents.length - 2; loop >= 0; loop--)
    if (mergeable(current, loop)) current = merged(current, loop);
  return current;
}

/** Whether a loop and the next one are one. */
function mergeable({ extents, target, sources }: Nest, loop: number): boolean {
  if (sources.some((source) => source.kind === "index" && (source.loop === loop || source.loop === loop + 1)))
    return false;
  const step = extents[loop + 1] ?? 1;
  return [target, ...sources.flatMap((source) => accessOf(source) ?? [])].every(
    ({ strides }) => strides[loop] === (strides[loop + 1] ?? 0) * step,
  );
}

function merged(nest: Nest, loop: number): Nest {
  const { extents } = nest;
  return withAccesses(
    nest,
    extents.toSpliced(loop, 2, (extents[loop] ?? 1) * (extents[loop + 1] ?? 1)),
    (access) => ({ ...access, strides: access.strides.toSpliced(loop, 1) }),
    (own) => (own > loop ? own - 1 : own),
  );
}

/**
 * The verifier's own cuts and block bounds: maximum flows on explicit split networks, and a plain dynamic program over all subsets.
 */

/** One direction of a graph: for each node the nodes behind it, and whether the edge is counted. */
export type Direction = readonly ReadonlyMap<number, boolean>[];

/** What is known of a node when a cut is asked for. */
export interface Situation {
  /** Whether the node is an intermediate that may or may not be there: paths pass through it, and it may be cut. */
  isFree(node: number): boolean;
  /** Whether it is eliminated: paths pass through it, and it can not be cut. All other nodes end paths. */
  isGone(node: number): boolean;
}

interface Arc {
  readonly to: number;
  room: number;
  readonly back: number;
}

/**
 * A lower bound on the counted edges of `node` in a direction, which holds whatever happens to the free nodes: the maximum flow from the node's
 * counted edges to the nodes that end paths, through nodes of capacity one (the eliminated ones: without limit). Counted edges of
 * eliminated nodes that pure structure joins to `node` are its own.
 */
export function smallestCut(direction: Direction, node: number, { isFree, isGone }: Situation): number {
  const SOURCE = 0;
  const SINK = 1;
  const arcs: Arc[][] = [[], []];
  const entries = new Map<number, number>();
  const pending: number[] = [];
  const connect = (from: number, to: number, room: number) => {
    const [forth, back] = [arcs[from] ?? [], arcs[to] ?? []];
    forth.push({ to, room, back: back.length });
    back.push({ to: from, room: 0, back: forth.length - 1 });
  };
  const entryOf = (inner: number): number => {
    const known = entries.get(inner);
    if (known !== undefined) return known;
    const entry = arcs.push([], []) - 2;
    entries.set(inner, entry);
    connect(entry, entry + 1, isGone(inner) ? Infinity : 1);
    pending.push(inner);
    return entry;
  };
  const joined = new Set([node]);
  for (const own of joined)
    for (const [behind, counted] of direction[own] ?? [])
      if (counted) connect(SOURCE, entryOf(behind), Infinity);
      else if (isGone(behind)) joined.add(behind);
  for (let inner = pending.pop(); inner !== undefined; inner = pending.pop()) {
    const exit = entryOf(inner) + 1;
    if (!isFree(inner) && !isGone(inner)) connect(exit, SINK, 1);
    else for (const behind of direction[inner]?.keys() ?? []) connect(exit, entryOf(behind), Infinity);
  }
  let flow = 0;
  const seen = new Set<number>();
  const push = (at: number): boolean => {
    if (at === SINK) return true;
    seen.add(at);
    for (const arc of arcs[at] ?? []) {
      if (arc.room === 0 || seen.has(arc.to) || !push(arc.to)) continue;
      arc.room -= 1;
      const back = arcs[arc.to]?.[arc.back];
      if (back !== undefined) back.room += 1;
      return true;
    }
    return false;
  };
  for (; push(SOURCE); seen.clear()) flow++;
  return flow;
}

/**
 * What the nodes of a block cost together at least, in every order: the least over the block's orders of the sum of inCut * outCut, where the
 * block's nodes eliminated before are gone, those that come later end paths, and the other intermediates are free.
 *
 * @param block at most 20 nodes, of which none is reached from itself
 */
export function blockBound(
  sources: Direction,
  targets: Direction,
  block: readonly number[],
  isIntermediate: (node: number) => boolean,
): number {
  const costs = block.map((node) => {
    const before = cutsBySubset(sources, block, node, isIntermediate);
    const behind = cutsBySubset(targets, block, node, isIntermediate);
    return before.map((cut, set) => cut * (behind[set] ?? 0));
  });
  const least = new Float64Array(2 ** block.length).fill(Infinity);
  least[0] = 0;
  for (let set = 1; set < least.length; set++)
    for (let place = 0; place < block.length; place++) {
      if (((set >> place) & 1) === 0) continue;
      const before = set ^ (1 << place);
      const cost = (least[before] ?? 0) + (costs[place]?.[before] ?? 0);
      if (cost < (least[set] ?? 0)) least[set] = cost;
    }
  return least.at(-1) ?? 0;
}

/** The cut of a node for every subset of the block that is gone, as bits. */
function cutsBySubset(
  direction: Direction,
  block: readonly number[],
  node: number,
  isIntermediate: (node: number) => boolean,
): Uint32Array {
  const cuts = new Uint32Array(2 ** block.length);
  const place = new Map(block.map((member, bit) => [member, bit]));
  const all = cuts.length - 1;
  // Decides of one block node after the other that is reached whether it is gone; those never reached do not matter.
  const decide = (gone: number, kept: number): void => {
    const has = (set: number, member: number) => ((set >> (place.get(member) ?? 31)) & 1) === 1;
    const isOpen = (member: number) => isIntermediate(member) && !has(kept, member);
    const reached = new Set([node]);
    for (const at of reached) {
      if (at !== node && !isOpen(at)) continue;
      const bit = at === node ? undefined : place.get(at);
      if (bit !== undefined && !has(gone, at)) {
        decide(gone, kept | (1 << bit));
        decide(gone | (1 << bit), kept);
        return;
      }
      for (const behind of direction[at]?.keys() ?? []) reached.add(behind);
    }
    const isGone = (member: number) => has(gone, member);
    const cut = smallestCut(direction, node, {
      isFree: (member) => isOpen(member) && !isGone(member),
      isGone,
    });
    const rest = all & ~gone & ~kept;
    for (let set = rest; ; set = (set - 1) & rest) {
      cuts[gone | set] = cut;
      if (set === 0) break;
    }
  };
  decide(0, 0);
  return cuts;
}

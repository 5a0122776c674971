/**
 * Safe eliminations: vertices that some optimal order eliminates first. They shrink a graph before anything is searched (RoeFlux_1d from 98
 * intermediates to 47, RobotArm_6DOF from 108 to 6), and what remains often falls apart.
 */

import { Menger } from "./menger.ts";
import { type EliminationState, opposite, SIDES, type Side } from "./state.ts";

/** An elimination and what it cost when its turn came. */
export interface SafeElimination {
  readonly node: number;
  readonly cost: number;
}

/** How much may be spent on finding safe eliminations. */
export interface SafeLimits {
  /** Vertices that one flow may visit. */
  readonly visits?: number;
  /** Asked now and then whether to stop; what was eliminated until then stands. */
  readonly stop?: () => boolean;
}

/**
 * Eliminates what may be eliminated safely, again and again until nothing is left that may; returns the eliminations in order.
 *
 * The rule. Open v may be eliminated at once if its cost is Menger-tight, and `isReplaced` holds on both sides. Then v pays the
 * least that it pays in any order; and in an order in which v comes later, eliminating v first instead lets no other vertex pay more:
 * whenever v was among the sources (or targets) of w, its own take its place, and by `isReplaced` all but at most one of them are there already.
 */
export function eliminateSafely(
  state: EliminationState,
  { visits, stop = () => false }: SafeLimits = {},
): SafeElimination[] {
  const menger = new Menger(state, visits);
  const eliminations: SafeElimination[] = [];
  let candidates = new Set(state.intermediates());
  for (;;) {
    const round = [...candidates].sort((a, b) => a - b);
    const before = eliminations.length;
    candidates = new Set();
    for (const node of round) {
      if (stop()) return eliminations;
      if (state.open[node] === 0) continue;
      if (!isReplaced(state, 0, node) || !isReplaced(state, 1, node)) continue;
      if (!menger.isTight(node)) {
        // Its cuts can grow by any elimination, its replacement only by near ones.
        candidates.add(node);
        continue;
      }
      const near = neighbourhood(state, node);
      eliminations.push({ node, cost: state.eliminate(node) });
      for (const other of near) candidates.add(other);
    }
    if (eliminations.length === before) break;
  }
  return eliminations;
}

/** The open intermediates whose conditions can change with the elimination of a node: its neighbours and theirs. */
function neighbourhood(state: EliminationState, node: number): Set<number> {
  const near = new Set<number>();
  for (const side of SIDES)
    for (const neighbour of state.neighbours(side, node)) {
      near.add(neighbour);
      for (const again of SIDES) for (const other of state.neighbours(again, neighbour)) near.add(other);
    }
  near.delete(node);
  for (const other of near) if (state.open[other] === 0) near.delete(other);
  return near;
}

/**
 * Whether v's neighbours on a side can take v's place with every w that has v among its own on that side, now or later, without growing in
 * number. Said for the side of the inputs, with j the open successor of v through which a path of eliminated vertices leads from v to w:
 * - If v -> j is counted, so is v -> w, and then every source u of v becomes a counted source of w. It already is one if u -> j is counted.
 *   One further input may be new: it takes the place of v. (An open vertex may not: its own sources could take its place in turn.)
 * - If v -> j is pure structure, then either the rest of the path is counted, so that all sources of j are counted at w, and again v makes room for
 *   one input more; or all of it is structure, and v is no counted source of w: then the counted sources of v must be counted sources of j.
 */
function isReplaced(state: EliminationState, side: Side, node: number): boolean {
  const sources = state.edges(side, node);
  for (const [next, counted] of state.edges(opposite(side), node)) {
    if (state.open[next] === 0) continue;
    const present = state.edges(side, next);
    let spare = 1;
    for (const [source, sourceCounted] of sources) {
      const there = present.get(source);
      if (there === true || (there === false && !counted && !sourceCounted)) continue;
      if ((!counted && sourceCounted) || state.open[source] === 1 || spare-- === 0) return false;
    }
  }
  return true;
}

/** The open intermediates, split into groups between which there are no edges; each ascending, the groups by their first nodes. */
export function components(state: EliminationState): number[][] {
  const seen = new Uint8Array(state.nodes);
  const groups: number[][] = [];
  for (const first of state.intermediates()) {
    if (seen[first] === 1) continue;
    const group = [first];
    seen[first] = 1;
    for (const node of group)
      for (const side of SIDES)
        for (const neighbour of state.neighbours(side, node))
          if (state.open[neighbour] === 1 && seen[neighbour] === 0) {
            seen[neighbour] = 1;
            group.push(neighbour);
          }
    groups.push(group.sort((a, b) => a - b));
  }
  return groups;
}

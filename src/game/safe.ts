/** The safe eliminations of `search/exact/safe.ts` (the rule and its proof are there), on the bit rows of a position, after each move of a game. */

import { population } from "../search/population.ts";
import type { Side } from "./bitGraph.ts";
import type { Position } from "./position.ts";

/**
 * Eliminates what may be eliminated safely until nothing is left that may.
 *
 * @param eliminated where the intermediates are written, in order, from the start
 * @param open scratch
 * @returns how many they are; the position's last ones
 */
export function eliminateSafely(position: Position, eliminated: Int32Array, open: Int32Array): number {
  let count = 0;
  for (let before = -1; before < count; ) {
    before = count;
    const size = position.listOpen(open);
    for (let place = 0; place < size; place++) {
      const index = open[place] as number;
      if (!isSafe(position, index)) continue;
      position.eliminate(index);
      eliminated[count++] = index;
    }
  }
  return count;
}

/** Whether some optimal order of what is left begins with this open intermediate, as far as the rule can tell. */
export function isSafe(position: Position, index: number): boolean {
  if (!isReplaced(position, 0, index) || !isReplaced(position, 1, index)) return false;
  if (position.cost(index) === 0) return true;
  return position.isTight(0, index) && position.isTight(1, index);
}

/** See `isReplaced` in `search/exact/safe.ts`. */
function isReplaced(position: Position, side: Side, index: number): boolean {
  const { blocks, words, terminals } = position;
  const other = (1 - side) as Side;
  const next = position.all(other, index);
  for (let word = 0; word < words; word++)
    for (
      let bits = (blocks[next + word] as number) & ~(terminals[word] as number);
      bits !== 0;
      bits &= bits - 1
    ) {
      const neighbour = 32 * word + 31 - Math.clz32(bits & -bits);
      if (!takesThePlace(position, side, index, neighbour)) return false;
    }
  return true;
}

/** Whether one neighbour has all of the vertex's own neighbours on a side, or all but one terminal. */
function takesThePlace(position: Position, side: Side, index: number, neighbour: number): boolean {
  const { blocks, words, terminals } = position;
  const own = position.all(side, index);
  const present = position.counted(side, neighbour);
  if (position.structural && !isCountedNeighbour(position, side, index, neighbour))
    return takesThePlaceUncounted(position, side, index, neighbour);
  let spare = 1;
  for (let word = 0; word < words; word++) {
    const missing = (blocks[own + word] as number) & ~(blocks[present + word] as number);
    if (missing === 0) continue;
    spare -= population(missing);
    if (spare < 0 || (missing & ~(terminals[word] as number)) !== 0) return false;
  }
  return true;
}

function isCountedNeighbour(position: Position, side: Side, index: number, neighbour: number): boolean {
  const row = position.counted((1 - side) as Side, index);
  return (((position.blocks[row + (neighbour >> 5)] as number) >> (neighbour & 31)) & 1) === 1;
}

/** The same where the edge to the neighbour is pure structure: what is counted at the vertex must be counted at the neighbour. */
function takesThePlaceUncounted(position: Position, side: Side, index: number, neighbour: number): boolean {
  const { blocks, words, terminals } = position;
  const own = position.all(side, index);
  const ownCounted = position.counted(side, index);
  const present = position.all(side, neighbour);
  const presentCounted = position.counted(side, neighbour);
  let spare = 1;
  for (let word = 0; word < words; word++) {
    const counted = blocks[ownCounted + word] as number;
    const there = (blocks[present + word] as number) & ~counted;
    const missing = (blocks[own + word] as number) & ~(blocks[presentCounted + word] as number) & ~there;
    if (missing === 0) continue;
    spare -= population(missing);
    if (spare < 0 || (missing & counted) !== 0 || (missing & ~(terminals[word] as number)) !== 0)
      return false;
  }
  return true;
}
